//! The words of a query against the words there are: corrections and completions.

use super::{Query, QueryWord};
use crate::Result;
use crate::analysis::is_stop_word;
use crate::vocabulary::Vocabulary;

/// Letters from which a word that nobody has may be the beginning of one, though nobody is typing any more.
const BEGINNING_LETTERS: usize = 3;

/// A query's words as they are searched.
pub(crate) struct Resolved {
    /// Each word once, in order.
    pub(crate) words: Vec<ResolvedWord>,
    /// The text that is searched instead of the one typed.
    pub(crate) corrected: Option<String>,
}

/// A word as it is searched.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct ResolvedWord {
    /// As it stands in the text.
    pub(crate) written: String,
    pub(crate) folded: String,
    /// Only the code counts, not the words it is made of.
    pub(crate) code: bool,
    /// What the unfinished last word may become; `None` for a finished word.
    pub(crate) completions: Option<Vec<String>>,
    /// How far it is from what was typed.
    pub(crate) cost: u8,
}

/// Looks every word up, corrects what nobody has and completes the last word of an unfinished text.
pub(crate) fn resolve(query: &Query, vocabulary: Vocabulary<'_>) -> Result<Resolved> {
    let mut resolved = Resolved { words: Vec::new(), corrected: None };
    // The corrected text so far, and how much of the text typed it stands for.
    let (mut corrected, mut copied) = (String::new(), 0);
    let mut code_end = 0;
    for (place, word) in query.words.iter().enumerate() {
        if word.start < code_end {
            continue;
        }
        let unfinished = query.prefix && place + 1 == query.words.len();
        if let Some((code, end)) = &word.code
            && vocabulary.has_code(code)?
        {
            code_end = *end;
            let written = query.text[word.start..*end].to_owned();
            resolved.push(ResolvedWord {
                written,
                folded: code.clone(),
                code: true,
                completions: None,
                cost: 0,
            });
            continue;
        }
        let looked_up = look_up(query, word, unfinished, vocabulary)?;
        if looked_up.folded != word.folded {
            corrected.push_str(&query.text[copied..word.start]);
            corrected.push_str(&looked_up.written);
            copied = word.end;
        }
        resolved.push(looked_up);
    }
    if copied > 0 {
        corrected.push_str(&query.text[copied..]);
        resolved.corrected = Some(corrected);
        resolved.without_stop_words();
    }
    Ok(resolved)
}

/// The word itself when the market has it, else what it begins, else what it was meant to be, else itself
/// again.
fn look_up(
    query: &Query,
    word: &QueryWord,
    unfinished: bool,
    vocabulary: Vocabulary<'_>,
) -> Result<ResolvedWord> {
    let mut as_typed = ResolvedWord {
        written: query.text[word.start..word.end].to_owned(),
        folded: word.folded.clone(),
        code: false,
        completions: completions(&word.folded, unfinished, vocabulary)?,
        cost: 0,
    };
    let is_begun = as_typed.completions.as_ref().is_some_and(|words| !words.is_empty());
    if is_begun || vocabulary.has(&word.folded)? {
        return Ok(as_typed);
    }
    if word.end == query.text.trim_end().len() && word.folded.chars().nth(BEGINNING_LETTERS - 1).is_some() {
        let begun = vocabulary.completions(&word.folded)?;
        if !begun.is_empty() {
            as_typed.completions = Some(begun);
            return Ok(as_typed);
        }
    }
    let meant = match vocabulary.meant(&word.folded, false)? {
        none if none.is_empty() && unfinished => vocabulary.meant(&word.folded, true)?,
        meant => meant,
    };
    let Some(meant) = meant.into_iter().next() else {
        return Ok(as_typed);
    };
    Ok(ResolvedWord {
        written: vocabulary.written(&meant.folded)?,
        completions: completions(&meant.folded, unfinished, vocabulary)?,
        folded: meant.folded,
        code: false,
        cost: meant.cost,
    })
}

fn completions(
    folded: &str,
    unfinished: bool,
    vocabulary: Vocabulary<'_>,
) -> Result<Option<Vec<String>>> {
    unfinished.then(|| vocabulary.completions(folded)).transpose()
}

impl Resolved {
    /// Adds a word unless it is there; the unfinished one always stays.
    fn push(&mut self, word: ResolvedWord) {
        self.words.retain(|before| before.folded != word.folded);
        self.words.push(word);
    }

    /// A word that turned out to be a stop word goes, as if it had been typed right.
    fn without_stop_words(&mut self) {
        let counts =
            |word: &ResolvedWord| word.completions.is_some() || !is_stop_word(&word.folded);
        if self.words.iter().any(counts) {
            self.words.retain(counts);
        }
    }
}

impl ResolvedWord {
    /// A finished word, as when a completion is taken.
    pub(crate) fn finished(folded: &str) -> ResolvedWord {
        ResolvedWord {
            written: folded.to_owned(),
            folded: folded.to_owned(),
            code: false,
            completions: None,
            cost: 0,
        }
    }
}
