//! The beginnings that visitors of the suggestion bench type.

use std::sync::Arc;

use super::catalog::Catalog;
use super::client::encoded;
use super::load::Question;
use super::mix::misspelt;
use super::words::{Tongue, hash};

/// What is asked, for people and programs.
pub(super) const TYPING: &str = "1 to 12 letters, as often each, of a title's first two words in English, Arabic or Russian, 15 % of those \
    with 5 letters or more with a slip; every market, its pages' languages; six requests a visitor";

/// Most letters that are typed.
const LETTERS_MAX: u64 = 12;
/// Letters from which some are misspelt.
const SLIP_LETTERS: usize = 5;
/// Keystrokes of a visitor.
const KEYSTROKES: u64 = 6;

/// Types the words of a shop.
#[derive(Debug)]
pub(super) struct Typing {
    /// The shop's texts.
    pub catalog: Arc<Catalog>,
    /// Its markets.
    pub markets: Vec<String>,
    /// Its products.
    pub products: u64,
}

impl Typing {
    /// What this request asks.
    pub(super) fn question(&self, number: u64) -> Question {
        let random = |salt: u64| hash(number, 300 + salt);
        let place = usize::try_from(random(0)).unwrap_or_default() % self.markets.len();
        let market = self.markets[place].as_str();
        // A Kazakh page of the bench's shop shows Russian titles.
        let (tongue, lang) = match (market, random(1) % 4) {
            ("KZ", 0 | 1) => (Tongue::Ru, "kk"),
            ("KZ", 2) => (Tongue::Ru, "ru"),
            ("KZ", _) | (_, 0 | 1) => (Tongue::En, "en"),
            _ => (Tongue::Ar, "ar"),
        };
        let text = self.typed(number, tongue);
        Question {
            path: format!("/v1/{market}/suggest?q={}&lang={lang}", encoded(&text)),
            visitor: format!("visitor-{}", number / KEYSTROKES),
        }
    }

    fn typed(&self, number: u64, tongue: Tongue) -> String {
        let random = |salt: u64| hash(number, 320 + salt);
        let title = self.catalog.title_words(1 + random(0) % self.products, tongue);
        let letters = usize::try_from(1 + random(1) % LETTERS_MAX).unwrap_or_default();
        let text: String = title[..2].join(" ").chars().take(letters).collect();
        let words: Vec<&str> = text.split(' ').collect();
        let last = words.last().map_or(0, |word| word.chars().count());
        if last >= SLIP_LETTERS && random(2) % 100 < 15 { misspelt(&words, tongue) } else { text }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn beginnings_have_one_to_twelve_letters_in_every_language() {
        let markets = vec!["KW".to_owned(), "KZ".to_owned()];
        let typing = Typing { catalog: Arc::new(Catalog::new()), markets, products: 1_000 };

        for number in 0..500 {
            let tongue = Tongue::ALL[usize::try_from(number % 3).unwrap()];
            let letters = typing.typed(number, tongue).chars().count();
            assert!((1..=13).contains(&letters), "{letters}");
        }
        for lang in ["en", "ar", "ru", "kk"] {
            let asked = |number| typing.question(number).path.ends_with(&format!("lang={lang}"));
            assert!((0..500).any(asked), "{lang}");
        }
    }
}
