//! Splitting text into words, with their places in the text.

use std::iter::Peekable;
use std::str::CharIndices;

use unicode_normalization::char::is_combining_mark;

use super::fold::fold;

/// A word of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Word {
    /// Its folded spelling; never empty among [`words`].
    pub(crate) folded: String,
    /// Byte offset of its first character in the text.
    pub(crate) start: usize,
    /// Byte offset behind its last character.
    pub(crate) end: usize,
}

/// Scripts that are told apart; everything else, Latin included, is one.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Script {
    Arabic,
    Cyrillic,
    Other,
}

/// The words of a text, in its order.
pub(crate) fn words(text: &str) -> impl Iterator<Item = Word> {
    let word = |(start, end)| Word::of(text, start, end);
    spans(text).map(word).filter(|word| !word.folded.is_empty())
}

impl Word {
    /// The word between these offsets, which are those of a span.
    pub(crate) fn of(text: &str, start: usize, end: usize) -> Word {
        Word { folded: fold(&text[start..end]), start, end }
    }
}

/// Where the words of a text begin and end, in bytes; some of them may be nothing when folded.
pub(crate) fn spans(text: &str) -> Spans<'_> {
    Spans { text, characters: text.char_indices().peekable() }
}

/// Iterator of [`spans`].
pub(crate) struct Spans<'t> {
    text: &'t str,
    characters: Peekable<CharIndices<'t>>,
}

impl Iterator for Spans<'_> {
    type Item = (usize, usize);

    fn next(&mut self) -> Option<(usize, usize)> {
        let start = self.skip_to_word()?;
        Some((start, self.word_end()))
    }
}

impl Spans<'_> {
    /// Moves to the next letter or digit.
    fn skip_to_word(&mut self) -> Option<usize> {
        while self.characters.next_if(|&(_, character)| !is_letter_or_digit(character)).is_some() {}
        self.characters.peek().map(|&(place, _)| place)
    }

    /// Moves behind the word that begins here: at a space, a sign, or where the script changes.
    fn word_end(&mut self) -> usize {
        let mut script = None;
        while let Some(&(place, character)) = self.characters.peek() {
            if is_letter_or_digit(character) {
                let own = script_of(character);
                if own.is_some() && script.is_some() && own != script {
                    return place;
                }
                script = own.or(script);
            } else if !is_ignored(character) && !self.is_inner_apostrophe(place, character) {
                return place;
            }
            self.characters.next();
        }
        self.text.len()
    }

    /// Whether this is the apostrophe of `mother's`, between two letters.
    fn is_inner_apostrophe(&self, place: usize, character: char) -> bool {
        let behind = self.text[place..].chars().nth(1);
        matches!(character, '\'' | '’' | '‘' | '`' | '´' | '＇')
            && behind.is_some_and(char::is_alphanumeric)
    }
}

/// As [`char::is_alphanumeric`], which looks the letters of our languages up in a table.
fn is_letter_or_digit(character: char) -> bool {
    match character {
        '\0'..='\x7f' => character.is_ascii_alphanumeric(),
        'ء'..='ي' | 'А'..='я' => true,
        _ => character.is_alphanumeric(),
    }
}

/// Marks and invisible joiners belong to the word they stand in and mean nothing.
fn is_ignored(character: char) -> bool {
    is_combining_mark(character)
        || matches!(character, '\u{ad}' | '\u{200c}' | '\u{200d}' | '\u{200e}' | '\u{200f}')
}

/// The script of a letter; digits and marks go with any.
fn script_of(character: char) -> Option<Script> {
    match character {
        'a'..='z' | 'A'..='Z' => return Some(Script::Other),
        'ء'..='ي' => return Some(Script::Arabic),
        'А'..='я' => return Some(Script::Cyrillic),
        _ => {}
    }
    if !character.is_alphabetic() || is_combining_mark(character) {
        return None;
    }
    Some(match character {
        '\u{600}'..='\u{6ff}' | '\u{750}'..='\u{77f}' | '\u{8a0}'..='\u{8ff}' => Script::Arabic,
        '\u{fb50}'..='\u{fdff}' | '\u{fe70}'..='\u{feff}' => Script::Arabic,
        '\u{400}'..='\u{52f}' | '\u{1c80}'..='\u{1c8f}' => Script::Cyrillic,
        '\u{2de0}'..='\u{2dff}' | '\u{a640}'..='\u{a69f}' => Script::Cyrillic,
        _ => Script::Other,
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::proptest;

    use super::*;

    fn folded(text: &str) -> Vec<String> {
        words(text).map(|word| word.folded).collect()
    }

    #[test]
    fn words_end_at_signs_and_where_the_script_changes() {
        assert_eq!(folded("Red/white roses, 25cm!"), ["red", "white", "roses", "25cm"]);
        assert_eq!(folded("Nokiaтелефон85123A"), ["nokia", "телефон85123", "a"]);
        assert_eq!(folded("usb-c  (2x)"), ["usb", "c", "2x"]);
        assert_eq!(folded("… 💐 —"), [""; 0]);
    }

    #[test]
    fn an_apostrophe_inside_a_word_is_dropped_and_one_around_it_ends_it() {
        assert_eq!(
            folded("mother's mother’s mothers 'quoted'"),
            ["mothers", "mothers", "mothers", "quoted"]
        );
    }

    #[test]
    fn offsets_point_at_the_word_as_written() {
        let text = "«وَرْد» أحمر";

        let written: Vec<_> = words(text).map(|word| &text[word.start..word.end]).collect();

        assert_eq!(written, ["وَرْد", "أحمر"]);
    }

    #[test]
    fn letters_that_are_known_without_a_table_are_what_the_table_says() {
        for character in '\0'..=char::MAX {
            let expected = character.is_alphanumeric();
            assert_eq!(is_letter_or_digit(character), expected, "{character:?}");
            assert!(script_of(character).is_none() || character.is_alphabetic(), "{character:?}");
        }
    }

    proptest! {
        #[test]
        fn any_text_splits_into_words_in_order_without_overlap(text in "\\PC{0,200}") {
            let mut behind = 0;
            for word in words(&text) {
                assert!(behind <= word.start && word.start < word.end && word.end <= text.len());
                assert!(!word.folded.is_empty() && text.get(word.start..word.end).is_some());
                behind = word.end;
            }
        }
    }
}
