//! The analysis as tantivy's tokenizers, by the names that the schema refers to.

use std::collections::HashMap;

use souk_base::Lang;
use tantivy::Index;
use tantivy::tokenizer::{Token, TokenStream, Tokenizer};

use super::split::{Spans, spans};
use super::{fold, stem};

/// Words whose terms are remembered, for each field: a few megabytes.
const TERMS_MAX: usize = 20_000;
/// Longest word, as it is written, whose term is remembered.
const TERM_BYTES_MAX: usize = 64;

/// Name of the tokenizer of codes.
pub(crate) const CODES: &str = "codes";

/// Name of the tokenizer that yields words as they are written.
pub(crate) const WORDS: &str = "words";

/// Name of the tokenizer that yields stems.
pub(crate) const fn stems_name(lang: Lang) -> &'static str {
    match lang {
        Lang::Ar => "stems_ar",
        Lang::En => "stems_en",
        Lang::Ru => "stems_ru",
        Lang::Kk => "stems_kk",
    }
}

/// Makes the tokenizers known to an index.
pub(crate) fn register(index: &Index) {
    index.tokenizers().register(WORDS, WordTokenizer::new(None));
    for lang in Lang::ALL {
        index.tokenizers().register(stems_name(lang), WordTokenizer::new(Some(lang)));
    }
    index.tokenizers().register(CODES, CodeTokenizer);
}

/// Yields the words of a text, stemmed when a language is given.
#[derive(Clone)]
struct WordTokenizer {
    stemmed: Option<Lang>,
    terms: Terms,
}

/// The terms of words that came before. Folding and stemming cost far more than looking a word up, and a
/// catalogue says the same words over and over.
#[derive(Clone, Default)]
struct Terms {
    known: HashMap<Box<str>, Box<str>>,
    /// The term of the last word that was too long to be remembered.
    long: String,
}

struct WordStream<'t> {
    text: &'t str,
    spans: Spans<'t>,
    stemmed: Option<Lang>,
    terms: &'t mut Terms,
    token: Token,
}

impl WordTokenizer {
    fn new(stemmed: Option<Lang>) -> Self {
        WordTokenizer { stemmed, terms: Terms::default() }
    }
}

impl Terms {
    /// The term of a word as it is written; empty for one without letters and digits.
    fn of(&mut self, word: &str, stemmed: Option<Lang>) -> &str {
        let term = || {
            let folded = fold(word);
            stemmed.map_or_else(|| folded.clone(), |lang| stem(lang, &folded))
        };
        if word.len() > TERM_BYTES_MAX {
            self.long = term();
            return &self.long;
        }
        if !self.known.contains_key(word) {
            if self.known.len() >= TERMS_MAX {
                self.known.clear();
            }
            self.known.insert(word.into(), term().into());
        }
        &self.known[word]
    }
}

impl Tokenizer for WordTokenizer {
    type TokenStream<'t> = WordStream<'t>;

    fn token_stream<'t>(&'t mut self, text: &'t str) -> WordStream<'t> {
        let WordTokenizer { stemmed, terms } = self;
        WordStream { text, spans: spans(text), stemmed: *stemmed, terms, token: Token::default() }
    }
}

impl TokenStream for WordStream<'_> {
    fn advance(&mut self) -> bool {
        for (start, end) in self.spans.by_ref() {
            let term = self.terms.of(&self.text[start..end], self.stemmed);
            if !term.is_empty() {
                self.token.offset_from = start;
                self.token.offset_to = end;
                self.token.position = self.token.position.wrapping_add(1);
                self.token.text.clear();
                self.token.text.push_str(term);
                return true;
            }
        }
        false
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
