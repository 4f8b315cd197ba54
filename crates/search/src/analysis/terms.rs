//! The terms of whole texts, as the index gets them, and the tokenizers that take them apart again.
//!
//! Folding and stemming a word costs far more than looking it up, and a catalogue says the same words over
//! and over. So terms are made here, once for every field that wants them, by a memory that lives as long as
//! the writer. What the index's own tokenizers get is terms already.

use rustc_hash::FxHashMap;
use souk_base::Lang;
use tantivy::Index;
use tantivy::tokenizer::{Token, TokenStream, Tokenizer};

use super::split::spans;
use super::{fold, stem};

/// Words whose terms are remembered, for each language: a few megabytes.
const WORDS_MAX: usize = 40_000;
/// Bytes of the terms of each language at most: longer words than are remembered also leave theirs.
const TERM_BYTES_MAX: usize = 4_000_000;
/// Longest word, as it is written, whose terms are remembered.
const WORD_BYTES_MAX: usize = 64;
/// What stands behind each term: no term has it.
const SEPARATOR: char = ' ';

/// Name of the tokenizer of codes.
pub(crate) const CODES: &str = "codes";

/// Name of the tokenizer of terms.
pub(crate) const TERMS: &str = "terms";

/// Makes the tokenizers known to an index.
pub(crate) fn register(index: &Index) {
    index.tokenizers().register(TERMS, TermTokenizer);
    index.tokenizers().register(CODES, CodeTokenizer);
}

/// Makes terms of texts and remembers those of each word.
#[derive(Default)]
pub(crate) struct Analyzer {
    /// By [`Lang::index`].
    languages: [Words; 4],
}

/// The terms of words that came before.
#[derive(Default)]
struct Words {
    /// By the word as it is written.
    known: FxHashMap<Box<str>, Terms>,
    /// Each word in lower case and stemmed, one pair behind the other.
    terms: String,
}

/// Where both terms of a word lie; the stem is empty for one without letters and digits.
#[derive(Clone, Copy)]
struct Terms {
    start: usize,
    stem_start: usize,
    end: usize,
}

/// A word of a title.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct TitleWord<'t> {
    /// As it is written, in lower case.
    pub(crate) written: &'t str,
    /// Its stem; never empty.
    pub(crate) stem: &'t str,
    /// Byte offset behind it.
    pub(crate) end: usize,
}

impl Analyzer {
    /// Adds the stems of a text's words to `stems`.
    pub(crate) fn analyze(&mut self, lang: Lang, text: &str, stems: &mut String) {
        let known = &mut self.languages[lang.index()];
        for (start, end) in spans(text) {
            let place = known.place(&text[start..end], lang);
            push(stems, &known.terms[place.stem_start..place.end]);
        }
    }

    /// The words of a title in their order, those with letters or digits.
    pub(crate) fn title(&mut self, lang: Lang, text: &str, mut visit: impl FnMut(TitleWord<'_>)) {
        let known = &mut self.languages[lang.index()];
        for (start, end) in spans(text) {
            let place = known.place(&text[start..end], lang);
            let written = &known.terms[place.start..place.stem_start];
            let stem = &known.terms[place.stem_start..place.end];
            if !stem.is_empty() {
                visit(TitleWord { written, stem, end });
            }
        }
    }
}

fn push(terms: &mut String, term: &str) {
    if !term.is_empty() {
        terms.push_str(term);
        terms.push(SEPARATOR);
    }
}

impl Words {
    fn place(&mut self, word: &str, lang: Lang) -> Terms {
        if let Some(&place) = self.known.get(word) {
            return place;
        }
        if self.known.len() >= WORDS_MAX || self.terms.len() >= TERM_BYTES_MAX {
            self.known.clear();
            self.terms.clear();
        }
        let start = self.terms.len();
        self.terms.extend(word.chars().flat_map(char::to_lowercase));
        let stem_start = self.terms.len();
        self.terms.push_str(&stem(lang, &fold(word)));
        let place = Terms { start, stem_start, end: self.terms.len() };
        if word.len() <= WORD_BYTES_MAX {
            self.known.insert(word.into(), place);
        }
        place
    }
}

/// Yields terms that stand one behind the other.
#[derive(Clone)]
struct TermTokenizer;

struct TermStream<'t> {
    rest: &'t str,
    token: Token,
}

impl Tokenizer for TermTokenizer {
    type TokenStream<'t> = TermStream<'t>;

    fn token_stream<'t>(&'t mut self, text: &'t str) -> TermStream<'t> {
        TermStream { rest: text, token: Token::default() }
    }
}

impl TokenStream for TermStream<'_> {
    fn advance(&mut self) -> bool {
        let Some((term, rest)) = self.rest.split_once(SEPARATOR) else { return false };
        self.rest = rest;
        self.token.position = self.token.position.wrapping_add(1);
        self.token.text.clear();
        self.token.text.push_str(term);
        true
    }

    fn token(&self) -> &Token {
        &self.token
    }

    fn token_mut(&mut self) -> &mut Token {
        &mut self.token
    }
}

/// Yields a whole code as one token.
#[derive(Clone)]
struct CodeTokenizer;

struct CodeStream {
    token: Token,
    done: bool,
}

impl Tokenizer for CodeTokenizer {
    type TokenStream<'t> = CodeStream;

    fn token_stream<'t>(&'t mut self, text: &'t str) -> CodeStream {
        let code = fold(text);
        let done = code.is_empty();
        let token = Token { offset_to: text.len(), position: 0, text: code, ..Token::default() };
        CodeStream { token, done }
    }
}

impl TokenStream for CodeStream {
    fn advance(&mut self) -> bool {
        !std::mem::replace(&mut self.done, true)
    }

    fn token(&self) -> &Token {
        &self.token
    }

    fn token_mut(&mut self) -> &mut Token {
        &mut self.token
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::proptest;

    use super::*;
    use crate::analysis::words;

    fn terms(text: &str) -> Vec<String> {
        let (mut tokenizer, mut terms) = (TermTokenizer, Vec::new());
        tokenizer.token_stream(text).process(&mut |token| terms.push(token.text.clone()));
        terms
    }

    proptest! {
        #[test]
        fn the_index_gets_the_words_of_a_text_stemmed(texts in proptest::collection::vec("\\PC{0,40}", 1..6)) {
            let mut analyzer = Analyzer::default();
            for (text, lang) in texts.iter().zip(Lang::ALL.into_iter().cycle()) {
                let (mut stems, mut title) = (String::new(), Vec::new());
                analyzer.analyze(lang, text, &mut stems);
                analyzer.title(lang, text, |word| {
                    title.push((fold(word.written), word.stem.to_owned(), word.end));
                });

                let expected: Vec<_> = words(text)
                    .map(|word| (stem(lang, &word.folded), word.end))
                    .filter(|(stem, _)| !stem.is_empty())
                    .collect();
                let stems_of_title: Vec<_> = title.iter().map(|(_, stem, end)| (stem.clone(), *end)).collect();
                assert_eq!(stems_of_title, expected);
                let expected: Vec<String> = expected.into_iter().map(|(stem, _)| stem).collect();
                assert_eq!(terms(&stems), expected);
            }
        }
    }

    #[test]
    fn a_word_of_any_length_has_its_terms_each_time() {
        let mut analyzer = Analyzer::default();
        let long = "roses".repeat(20);
        for _ in 0..2 {
            let (mut stems, mut written) = (String::new(), Vec::new());
            let text = format!("Roses {long}");
            analyzer.analyze(Lang::En, &text, &mut stems);
            analyzer.title(Lang::En, &text, |word| written.push(word.written.to_owned()));

            assert_eq!(terms(&stems)[0], "rose");
            assert_eq!(written, ["roses", &long]);
        }
    }
}
