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
    /// Folded word and stem, one pair behind the other.
    terms: String,
}

/// Where both terms of a word lie; empty for one without letters and digits.
#[derive(Clone, Copy)]
struct Terms {
    start: usize,
    stem_start: usize,
    end: usize,
}

impl Analyzer {
    /// Adds the stems of a text's words to `stems`, and the folded words to `words` when they are wanted.
    pub(crate) fn analyze(
        &mut self,
        lang: Lang,
        text: &str,
        stems: &mut String,
        mut words: Option<&mut String>,
    ) {
        let known = &mut self.languages[lang.index()];
        for (start, end) in spans(text) {
            let place = known.place(&text[start..end], lang);
            push(stems, &known.terms[place.stem_start..place.end]);
            if let Some(words) = &mut words {
                push(words, &known.terms[place.start..place.stem_start]);
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
        let folded = fold(word);
        self.terms.push_str(&folded);
        let stem_start = self.terms.len();
        self.terms.push_str(&stem(lang, &folded));
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
        fn the_index_gets_the_words_of_a_text_folded_and_stemmed(texts in proptest::collection::vec("\\PC{0,40}", 1..6)) {
            let mut analyzer = Analyzer::default();
            for (text, lang) in texts.iter().zip(Lang::ALL.into_iter().cycle()) {
                let (mut stems, mut folded) = (String::new(), String::new());
                analyzer.analyze(lang, text, &mut stems, Some(&mut folded));

                let expected: Vec<String> = words(text).map(|word| word.folded).collect();
                assert_eq!(terms(&folded), expected);
                let expected: Vec<String> = expected.iter().map(|word| stem(lang, word)).collect();
                assert_eq!(terms(&stems), expected);
            }
        }
    }

    #[test]
    fn a_word_of_any_length_has_its_terms_each_time() {
        let mut analyzer = Analyzer::default();
        let long = "roses".repeat(20);
        for _ in 0..2 {
            let (mut stems, mut folded) = (String::new(), String::new());
            analyzer.analyze(Lang::En, &format!("Roses {long}"), &mut stems, Some(&mut folded));

            assert_eq!(terms(&stems)[0], "rose");
            assert_eq!(terms(&folded), ["roses", &long[..64]]);
        }
    }
}
