//! The analysis as tantivy's tokenizers, by the names that the schema refers to.

use souk_base::Lang;
use tantivy::Index;
use tantivy::tokenizer::{Token, TokenStream, Tokenizer};

use super::split::Words;
use super::{fold, stem, words};

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
    index.tokenizers().register(WORDS, WordTokenizer { stemmed: None });
    for lang in Lang::ALL {
        index.tokenizers().register(stems_name(lang), WordTokenizer { stemmed: Some(lang) });
    }
    index.tokenizers().register(CODES, CodeTokenizer);
}

/// Yields the words of a text, stemmed when a language is given.
#[derive(Clone)]
struct WordTokenizer {
    stemmed: Option<Lang>,
}

struct WordStream<'t> {
    words: Words<'t>,
    stemmed: Option<Lang>,
    token: Token,
}

impl Tokenizer for WordTokenizer {
    type TokenStream<'t> = WordStream<'t>;

    fn token_stream<'t>(&'t mut self, text: &'t str) -> WordStream<'t> {
        WordStream { words: words(text), stemmed: self.stemmed, token: Token::default() }
    }
}

impl TokenStream for WordStream<'_> {
    fn advance(&mut self) -> bool {
        let Some(word) = self.words.next() else {
            return false;
        };
        self.token.offset_from = word.start;
        self.token.offset_to = word.end;
        self.token.position = self.token.position.wrapping_add(1);
        self.token.text = match self.stemmed {
            Some(lang) => stem(lang, &word.folded),
            None => word.folded,
        };
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
