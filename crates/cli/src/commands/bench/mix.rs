//! The questions of the search bench: a fixed mix, no two alike.

use std::sync::Arc;

use super::catalog::Catalog;
use super::client::encoded;
use super::data::CATEGORIES;
use super::words::{Tongue, hash};

/// What is asked, for people and programs.
pub(super) const MIX: &str = "30 % one frequent word, 35 % two or three words, 15 % with a typo, 10 % unfinished last word, \
    10 % empty with a category; 5 facets, 2 filters, highlights, 24 hits; every market, two languages each; no query twice";

/// Words that count as frequent.
const FREQUENT: u64 = 300;
/// Letters from which a word is misspelt or left unfinished.
const LETTERS_MIN: usize = 5;
/// Letters that an unfinished word keeps.
const LETTERS_LEFT: usize = 4;
/// What a word is misspelt with, by language.
const SLIPS: [(Tongue, char); 3] = [(Tongue::En, 'e'), (Tongue::Ar, 'و'), (Tongue::Ru, 'о')];

/// Asks about a shop.
#[derive(Debug)]
pub(super) struct Mix {
    /// The shop's texts.
    pub catalog: Arc<Catalog>,
    /// Its markets.
    pub markets: Vec<String>,
    /// Its products.
    pub products: u64,
}

impl Mix {
    /// The address of this search. The number is in the price filter, so that no two are alike.
    pub(super) fn path(&self, number: u64) -> String {
        let random = |salt: u64| hash(number, 100 + salt);
        let place = usize::try_from(random(0)).unwrap_or_default() % self.markets.len();
        let market = self.markets[place].as_str();
        let tongue = match (market, random(1) % 2) {
            ("KZ", 0) => Tongue::Ru,
            ("KZ", _) | (_, 0) => Tongue::En,
            _ => Tongue::Ar,
        };
        let question = match random(2) % 20 {
            0..=5 => self.catalog.vocabulary(tongue).word(random(3) % FREQUENT).to_owned(),
            6..=12 => self.words(number, tongue).join(" "),
            13..=15 => misspelt(&self.words(number, tongue), tongue),
            16..=17 => unfinished(&self.words(number, tongue)),
            _ => String::new(),
        };
        let about = match question.is_empty() {
            true => format!("category=c{}", 1 + random(4) % CATEGORIES.unsigned_abs()),
            false => format!("q={}", encoded(&question)),
        };
        let other = match random(5) % 2 {
            0 => "in_stock:true".to_owned(),
            _ => format!("colour:colour-{}", 1 + random(6) % 16),
        };
        format!(
            "/v1/{market}/search?{about}&lang={lang}&filter={other}&filter=price:{from}..{to}\
             &facets=category,brand,seller,colour,material",
            lang = tongue.code(),
            from = 500 + random(7) % 2_000,
            to = 1_000_000 + number,
        )
    }

    /// Two or three words that stand beside each other in a title, one of them long.
    fn words(&self, number: u64, tongue: Tongue) -> Vec<&str> {
        let count = 2 + usize::from(hash(number, 120).is_multiple_of(2));
        let candidates = (0..).map(|attempt| 1 + hash(number, 130 + attempt) % self.products);
        let titles = candidates.map(|product| self.catalog.title_words(product, tongue));
        let mut cut = titles.filter(|title| title.len() >= count).map(|mut title| {
            title.truncate(count);
            title
        });
        let is_long = |word: &str| word.chars().count() >= LETTERS_MIN;
        cut.find(|words| words.last().is_some_and(|word| is_long(word)))
            .expect("some title of a shop has a long word, and there is no end of attempts")
    }
}

/// One letter in the middle of the last word is another, missing, or there twice.
pub(super) fn misspelt(words: &[&str], tongue: Tongue) -> String {
    let mut letters: Vec<char> = words.last().unwrap_or(&"").chars().collect();
    let middle = letters.len() / 2;
    let slip = SLIPS.iter().find(|(of, _)| *of == tongue).map_or('a', |&(_, letter)| letter);
    match letters.len() % 3 {
        0 => drop(letters.remove(middle)),
        1 => letters.insert(middle, letters[middle]),
        _ if letters[middle] == slip => letters.swap(middle, middle - 1),
        _ => letters[middle] = slip,
    }
    with_last(words, &String::from_iter(letters))
}

fn unfinished(words: &[&str]) -> String {
    let beginning: String = words.last().unwrap_or(&"").chars().take(LETTERS_LEFT).collect();
    with_last(words, &beginning)
}

fn with_last(words: &[&str], last: &str) -> String {
    let before = words.len().saturating_sub(1);
    words[..before].iter().copied().chain([last]).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn no_question_comes_twice() {
        let markets = vec!["KW".to_owned(), "KZ".to_owned()];
        let mix = Mix { catalog: Arc::new(Catalog::new()), markets, products: 1_000 };

        let paths: HashSet<String> = (0..2_000).map(|number| mix.path(number)).collect();

        assert_eq!(paths.len(), 2_000);
        let empty = paths.iter().filter(|path| path.contains("category=c")).count();
        assert!((150..250).contains(&empty), "{empty}");
    }

    #[test]
    fn a_misspelt_word_keeps_its_beginning() {
        for word in ["bouquet", "chocolate", "anniversaries", "roses"] {
            let wrong = misspelt(&["red", word], Tongue::En);
            assert_ne!(wrong, format!("red {word}"));
            assert!(wrong.starts_with(&format!("red {}", &word[..1])), "{wrong}");
        }
        assert_eq!(unfinished(&["red", "bouquet"]), "red bouq");
    }
}
