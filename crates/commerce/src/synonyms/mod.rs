//! Synonyms: words that are searched along with others, by market and language.
//!
//! Table owned: `synonyms`.

mod ops;
mod sql;
#[cfg(test)]
mod tests;

pub use ops::{create, find, get, list, lock, remove, update};
use serde::{Deserialize, Serialize};
use souk_base::{Lang, MarketCode, Synonym, SynonymKind};

use crate::{Error, Result};

/// Most words of a synonym.
pub const WORDS_MAX: usize = 50;
/// Longest of them, in characters; it may be several words.
pub const WORD_LENGTH_MAX: usize = 100;

/// A synonym as it is written: all of it but its key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewSynonym {
    /// The market it is for; none for all.
    #[serde(default)]
    pub market: Option<MarketCode>,
    /// The language it is for; none for all.
    #[serde(default)]
    pub lang: Option<Lang>,
    /// Which of the words mean which.
    pub kind: SynonymKind,
    /// At least two, of one or more words each.
    pub words: Vec<String>,
}

impl From<Synonym> for NewSynonym {
    fn from(synonym: Synonym) -> NewSynonym {
        let Synonym { market, lang, kind, words, .. } = synonym;
        NewSynonym { market, lang, kind, words }
    }
}

/// Which synonyms a list shows; what is none does not narrow it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Filter {
    /// A part of one of the words.
    pub text: Option<String>,
    /// Those for this market, and those for all.
    pub market: Option<MarketCode>,
    /// Those for this language, and those for all.
    pub lang: Option<Lang>,
}

/// Refuses a synonym that could not be saved.
///
/// # Errors
/// [`Error::Invalid`] for words that mean nothing, too few and too many.
pub fn check(new: &NewSynonym) -> Result<()> {
    check_words("words", &new.words, WORDS_MAX)
}

/// Refuses words that mean nothing, too few and too many.
pub(crate) fn check_words(field: &'static str, words: &[String], max: usize) -> Result<()> {
    if !(2..=max).contains(&words.len()) {
        let reason = format!("a synonym has from 2 to {max} words, not {}", words.len());
        return Err(Error::invalid(field, reason));
    }
    for (place, word) in words.iter().enumerate() {
        if !word.chars().any(char::is_alphanumeric) {
            return Err(Error::invalid(field, format!("\"{word}\" has no letter and no digit")));
        }
        if word.chars().count() > WORD_LENGTH_MAX {
            let reason = format!("a word must have at most {WORD_LENGTH_MAX} characters");
            return Err(Error::invalid(field, reason));
        }
        if words[..place].contains(word) {
            return Err(Error::invalid(field, format!("\"{word}\" comes twice")));
        }
    }
    Ok(())
}
