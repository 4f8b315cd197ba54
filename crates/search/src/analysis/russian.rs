//! A stemmer for Russian nouns and adjectives: Snowball's, until nothing is left to strip, without the
//! vowels that come and go (подарок, подарки), and with the words that change otherwise.
//!
//! Snowball alone takes the end of many words for an ending (тюльпан, but тюльпаны) and keeps fleeting vowels.

use std::sync::LazyLock;

use frostem::{Algorithm, Stemmer};

use super::lexicon::Lexicon;

static IRREGULAR: LazyLock<Lexicon> =
    LazyLock::new(|| Lexicon::read(&[include_str!("../../data/russian-forms.tsv")]));

/// Letters that must remain of a word.
const LETTERS_MIN: usize = 3;

/// Letters that must remain of an adjective.
const ADJECTIVE_LETTERS_MIN: usize = 4;

/// Endings of adjectives.
const ADJECTIVE_ENDINGS: [&str; 11] =
    ["ый", "ая", "ое", "ые", "ого", "ому", "ым", "ых", "ую", "ой", "ыми"];

/// The stem of a folded Russian word.
pub(super) fn stem(folded: &str) -> String {
    let mut word = folded.to_owned();
    loop {
        if let Some(stem) = IRREGULAR.stem(&word) {
            return stem.to_owned();
        }
        if let Some(adjective) = adjective(&word) {
            return adjective;
        }
        let shorter = without_fleeting_vowel(&without_ending(&word));
        if shorter == word || shorter.chars().count() < LETTERS_MIN {
            return word;
        }
        word = shorter;
    }
}

fn without_ending(word: &str) -> String {
    Stemmer::new(Algorithm::Russian).stem(word).into_owned()
}

/// An adjective like розовый in its first form, or its last letters would be taken for those of many roses.
fn adjective(word: &str) -> Option<String> {
    let trunk = ADJECTIVE_ENDINGS.iter().find_map(|ending| word.strip_suffix(ending))?;
    let derived = trunk.ends_with("ов") || trunk.ends_with("ев");
    (derived && trunk.chars().count() >= ADJECTIVE_LETTERS_MIN).then(|| format!("{trunk}ый"))
}

/// Drops the vowel before a last к or ц that other forms do not have, and the soft sign that takes its place:
/// чашек is чашк, колец and кольц are колц; батареек is батарейк.
fn without_fleeting_vowel(word: &str) -> String {
    let mut letters: Vec<char> = word.chars().collect();
    if let [_, .., before, vowel, last] = letters[..] {
        let fleeting = match last {
            'к' => matches!(vowel, 'о' | 'е' | 'ь'),
            'ц' => matches!(vowel, 'е' | 'ь'),
            _ => false,
        };
        let place = letters.len() - 2;
        if fleeting && vowel == 'е' && before == 'е' {
            letters[place] = 'й';
        } else if fleeting {
            letters.remove(place);
        }
    }
    letters.into_iter().collect()
}
