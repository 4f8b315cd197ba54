//! Folding a word to the one spelling that all its spellings share.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::{decompose_canonical, is_combining_mark};

/// Longest word that is kept whole, in characters; what is longer is cut, the same way everywhere.
const WORD_LENGTH_MAX: usize = 64;

/// The word in compatibility form, lower case, without marks, in ASCII digits and with the letters
/// that shoppers type interchangeably made one. Only letters and digits remain: `AB-12/3` is `ab123`.
pub(crate) fn fold(word: &str) -> String {
    let mut folded = String::with_capacity(word.len());
    if word.is_ascii() {
        let letters = word.bytes().filter(u8::is_ascii_alphanumeric).take(WORD_LENGTH_MAX);
        letters.for_each(|byte| folded.push(char::from(byte.to_ascii_lowercase())));
        return folded;
    }
    if word.chars().all(is_composed) {
        word.chars().for_each(|character| push_folded(lower(character), &mut folded));
    } else {
        let composed = word.nfkc().flat_map(char::to_lowercase);
        composed.for_each(|character| push_folded(character, &mut folded));
    }
    match folded.char_indices().nth(WORD_LENGTH_MAX) {
        Some((end, _)) => folded[..end].to_owned(),
        None => folded,
    }
}

/// Whether this is a letter or digit of our languages that composing leaves as it is, whatever letter
/// of these stands beside it: nearly every word has no others, and composing takes ten times as long as
/// all the rest.
const fn is_composed(character: char) -> bool {
    matches!(
        character,
        'a'..='z' | 'A'..='Z' | '0'..='9' | 'ء'..='غ' | 'ف'..='ي' | '٠'..='٩'
            | 'А'..='я' | 'Ё' | 'ё' | 'Ә' | 'ә' | 'Ғ' | 'ғ' | 'Қ' | 'қ' | 'Ң' | 'ң' | 'Ө' | 'ө'
            | 'Ұ' | 'ұ' | 'Ү' | 'ү' | 'Һ' | 'һ' | 'І' | 'і'
    )
}

/// The lower case of a composed letter; it is always one letter.
fn lower(character: char) -> char {
    match character {
        'ء'..='ي' | 'а'..='я' => character,
        _ => character.to_lowercase().next().unwrap_or(character),
    }
}

fn push_folded(character: char, folded: &mut String) {
    match character {
        'a'..='z' | '0'..='9' => folded.push(character),
        // Tatweel stretches a word and means nothing; a bare hamza is left out as often as typed.
        'ـ' | 'ء' => {}
        'أ' | 'إ' | 'آ' | 'ٱ' => folded.push('ا'),
        'ى' | 'ئ' | 'ی' | 'ې' | 'ے' => folded.push('ي'),
        'ؤ' | 'ۆ' => folded.push('و'),
        'ة' | 'ۃ' | 'ۀ' | 'ہ' | 'ھ' | 'ە' => folded.push('ه'),
        'ک' | 'ڪ' | 'گ' => folded.push('ك'),
        // Letters of foreign sounds, and what is written where the keyboard lacks them.
        'پ' => folded.push('ب'),
        'چ' => folded.push('ج'),
        'ڤ' => folded.push('ف'),
        'ژ' => folded.push('ز'),
        'ں' => folded.push('ن'),
        '٠'..='٩' => push_digit(character, '٠', folded),
        '۰'..='۹' => push_digit(character, '۰', folded),
        'ا'..='غ' | 'ف'..='ي' | 'а'..='я' => folded.push(character),
        'ё' => folded.push('е'),
        'ß' => folded.push_str("ss"),
        'æ' => folded.push_str("ae"),
        'œ' => folded.push_str("oe"),
        'ø' => folded.push('o'),
        'đ' => folded.push('d'),
        'ł' => folded.push('l'),
        'ı' => folded.push('i'),
        '\u{c0}'..='\u{24f}' | '\u{1e00}'..='\u{1eff}' => {
            decompose_canonical(character, |part| push_plain(part, folded));
        }
        _ => push_plain(character, folded),
    }
}

/// Adds a letter or digit; marks and signs are dropped.
fn push_plain(character: char, folded: &mut String) {
    // U+02BC and U+02B9 are letters to Unicode but apostrophes to those who type them.
    let apostrophe = matches!(character, 'ʼ' | 'ʹ');
    if character.is_alphanumeric() && !is_combining_mark(character) && !apostrophe {
        folded.push(character);
    }
}

fn push_digit(character: char, zero: char, folded: &mut String) {
    folded.extend(char::from_digit(u32::from(character) - u32::from(zero), 10));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arabic_spellings_of_one_word_become_one() {
        for (written, folded) in [
            ("وَرْد", "ورد"),
            ("أحمر", "احمر"),
            ("ورـــدة", "ورده"),
            ("هدى", "هدي"),
            ("إهداء", "اهدا"),
            ("٢٥۷", "257"),
            ("ﻭﺭﺩ", "ورد"),
        ] {
            assert_eq!(fold(written), folded, "{written}");
        }
    }

    #[test]
    fn cyrillic_and_latin_spellings_of_one_word_become_one() {
        for (written, folded) in [
            ("Ёлка", "елка"),
            ("ро\u{301}за", "роза"),
            ("Йогурт", "йогурт"),
            ("CAFÉ", "cafe"),
            ("Straße", "strasse"),
            ("ＡＢ１", "ab1"),
            ("İstanbul", "istanbul"),
        ] {
            assert_eq!(fold(written), folded, "{written}");
        }
    }

    #[test]
    fn a_code_is_its_letters_and_digits() {
        assert_eq!(fold("AB-12/3 x"), "ab123x");
        assert_eq!(fold("٨٥١٢٣A"), "85123a");
    }

    #[test]
    fn words_of_composed_letters_need_no_composing() {
        let composed: Vec<char> = ('\0'..='\u{ffff}').filter(|&it| is_composed(it)).collect();
        for &one in &composed {
            for &other in &composed {
                assert!([one, other].into_iter().nfkc().eq([one, other]), "{one}{other}");
            }
            assert!(one.to_lowercase().eq([lower(one)]), "{one}");
        }
    }

    #[test]
    fn an_endless_word_is_cut() {
        assert_eq!(fold(&"ж".repeat(10_000)).chars().count(), 64);
        assert_eq!(fold(&"j".repeat(10_000)).len(), 64);
    }
}
