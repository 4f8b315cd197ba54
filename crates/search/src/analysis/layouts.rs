//! What a text would have been with another keyboard layout: English for Russian, Kazakh or Arabic and back.
//!
//! Meant for a text that finds nothing as it is: each candidate is looked up in the market's vocabulary, and
//! the first of which all words are known is what was meant. The text is taken as it was typed, since the key
//! of a letter in one layout is that of a comma in another.

use std::sync::LazyLock;

/// A key: the sign that it writes in English, and what it writes in the other layouts.
struct Key {
    english: char,
    russian: Option<char>,
    kazakh: Option<char>,
    /// One key writes two letters.
    arabic: Option<&'static str>,
}

static KEYS: LazyLock<Vec<Key>> = LazyLock::new(|| {
    let lines = include_str!("../../data/layouts.tsv").lines();
    lines.filter(|line| !line.starts_with('#')).filter_map(Key::read).collect()
});

impl Key {
    fn read(line: &'static str) -> Option<Key> {
        let mut columns = line.split('\t');
        let english = columns.next()?.chars().next()?;
        let mut column = || columns.next().filter(|&column| column != "-");
        let letter = |column: &str| column.chars().next();
        let (russian, kazakh) = (column().and_then(letter), column().and_then(letter));
        Some(Key { english, russian, kazakh, arabic: column() })
    }

    /// The key that writes this sign in English.
    fn of_english(sign: char) -> Option<&'static Key> {
        KEYS.iter().find(|key| key.english == sign)
    }
}

/// The text as the same keys would have written it with other layouts, the likelier first.
pub(crate) fn other_layouts(text: &str) -> impl Iterator<Item = String> {
    let texts = match text.chars().find(|letter| letter.is_alphabetic()) {
        Some('a'..='z' | 'A'..='Z') => from_english(text),
        Some('\u{400}'..='\u{4ff}') => from_cyrillic(text),
        // One key writes both letters of لا; whoever typed "gh" wrote them one after the other.
        Some('\u{600}'..='\u{6ff}') => {
            vec![from_arabic(&text.replace("لا", "b")), from_arabic(text)]
        }
        _ => Vec::new(),
    };
    let mut seen = vec![text.to_lowercase()];
    texts.into_iter().filter(move |text| {
        let new = !seen.contains(text);
        seen.push(text.clone());
        new
    })
}

fn from_english(text: &str) -> Vec<String> {
    let lower = text.to_lowercase();
    let cyrillic = |column: fn(&Key) -> Option<char>| {
        let letter = |sign| Key::of_english(sign).and_then(column).unwrap_or(sign);
        lower.chars().map(letter).collect()
    };
    let mut arabic = String::with_capacity(text.len() * 2);
    for sign in text.chars() {
        // Some Arabic letters need shift; whoever holds it by accident means the letter without.
        let key = Key::of_english(sign).or_else(|| Key::of_english(sign.to_ascii_lowercase()));
        match key.and_then(|key| key.arabic) {
            Some(letters) => arabic.push_str(letters),
            None => arabic.push(sign),
        }
    }
    vec![cyrillic(|key| key.russian), cyrillic(|key| key.kazakh), arabic]
}

fn from_cyrillic(text: &str) -> Vec<String> {
    let lower = text.to_lowercase();
    let english = |letter| {
        let key = KEYS.iter().find(|key| [key.russian, key.kazakh].contains(&Some(letter)));
        key.map_or(letter, |key| key.english)
    };
    // The keys of the Kazakh letters write digits in Russian.
    let kazakh = |sign| {
        let key = KEYS.iter().find(|key| key.english == sign && key.russian.is_none());
        key.and_then(|key| key.kazakh).unwrap_or(sign)
    };
    vec![lower.chars().map(english).collect(), lower.chars().map(kazakh).collect()]
}

fn from_arabic(text: &str) -> String {
    let english = |letter: char| {
        let mut utf8 = [0; 4];
        let letter_str: &str = letter.encode_utf8(&mut utf8);
        let key = KEYS.iter().find(|key| key.arabic == Some(letter_str));
        key.map_or(letter, |key| key.english.to_ascii_lowercase())
    };
    text.chars().map(english).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn others(text: &str) -> Vec<String> {
        other_layouts(text).collect()
    }

    #[test]
    fn russian_typed_in_english_is_read_back() {
        assert_eq!(others("Hjps")[0], "розы");
        assert_eq!(others(",ertn")[0], "букет");
        assert_eq!(others("кщыуы"), ["roses"]);
    }

    #[test]
    fn kazakh_letters_are_where_others_have_digits() {
        assert!(others("u8k").contains(&"гүл".to_owned()));
        assert!(others("г8л").contains(&"гүл".to_owned()));
    }

    #[test]
    fn arabic_is_read_back_with_its_key_of_two_letters() {
        assert!(others(",v]m").contains(&"وردة".to_owned()));
        assert!(others("Hplv").contains(&"أحمر".to_owned()));
        assert_eq!(others("لاخء"), ["box", "ghox"]);
    }

    #[test]
    fn what_no_layout_changes_has_no_other() {
        assert!(others("25 %").is_empty());
        assert!(others("").is_empty());
    }
}
