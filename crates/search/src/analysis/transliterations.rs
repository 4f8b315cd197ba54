//! Arabic, Russian and Kazakh words that were typed in Latin letters ("7abibi", "tsvety", "qyzyl gul"), and
//! Kazakh ones in the letters of a Russian keyboard.
//!
//! Everybody spells them differently, and vowels most of all, so spellings are not enumerated. A word has a
//! skeleton instead, its consonants by kind, which all its spellings share. How it is meant to be used, for a
//! typed word that the vocabulary does not know:
//! 1. the vocabulary keeps its words by their [`skeleton`];
//! 2. of the words under one of the [`skeletons`] of the typed word, the one with the least [`distance`] was
//!    meant, of equally near ones the most frequent.
//!
//! Words are folded, on both sides.

use std::sync::LazyLock;

use rustc_hash::FxHashMap;

static LETTERS: LazyLock<Letters> =
    LazyLock::new(|| Letters::read(include_str!("../../data/romanisation.tsv")));

/// Longest word that is compared, in bytes; distances take time in proportion to both lengths.
const WORD_BYTES_MAX: usize = 64;

/// Distance of a vowel that Arabic does not write.
const SHORT_VOWEL: u32 = 1;

/// Distance at most, of an Arabic word beside its vowels: with one more, every fifth English word would be a
/// spelling of some Arabic one.
const ARABIC_DISTANCE_MAX: u32 = 1;
const DISTANCE_MAX: u32 = 3;

/// The consonants of a word by kind; none for a word without any, and for one of another script.
pub(crate) fn skeleton(word: &str) -> Option<String> {
    let first = word.chars().next()?;
    let is_ours =
        matches!(first, 'ا'..='ي' | '\u{400}'..='\u{4ff}') && word.len() <= WORD_BYTES_MAX;
    is_ours.then(|| kinds(word, kind)).filter(|kinds| !kinds.is_empty())
}

/// The skeletons that a typed word may be a spelling of; none for a number.
pub(crate) fn skeletons(typed: &str) -> Vec<String> {
    if typed.len() > WORD_BYTES_MAX || !typed.contains(char::is_alphabetic) {
        return Vec::new();
    }
    let mut skeletons = vec![
        kinds(typed, kind),
        // ص and ق are both written 9, к and ц both c.
        kinds(typed, |letter| if letter == '9' { Some('k') } else { kind(letter) }),
        kinds(typed, |letter| if letter == 'c' { Some('k') } else { kind(letter) }),
        // й is also j.
        kinds(typed, |letter| if letter == 'j' { None } else { kind(letter) }),
        // زه is also zh.
        kinds(&typed.replace("zh", "z-h"), kind),
    ];
    // A last h is heard, or only tells of the vowel before it.
    skeletons.extend(typed.strip_suffix('h').map(|typed| kinds(typed, kind)));
    skeletons.retain(|kinds| !kinds.is_empty());
    skeletons.sort_unstable();
    skeletons.dedup();
    skeletons
}

/// How far a typed word is from a word as people spell it; none if it is no spelling of that word.
pub(crate) fn distance(typed: &str, word: &str) -> Option<u32> {
    if typed.len() > WORD_BYTES_MAX || word.len() > WORD_BYTES_MAX {
        return None;
    }
    let vowels = typed.chars().filter(|&letter| is_latin_vowel(letter)).count();
    let arabic = word.starts_with(is_arabic);
    let most = if arabic {
        ARABIC_DISTANCE_MAX + u32::try_from(vowels).ok()? * SHORT_VOWEL
    } else {
        DISTANCE_MAX
    };
    let mut row = vec![None; typed.len() + 1];
    row[0] = Some(0);
    skip_unwritten(typed, arabic, &mut row);
    for (place, letter) in word.char_indices() {
        let letter_ends = place + letter.len_utf8() == word.len();
        row = with_letter(typed, &row, letter, LETTERS.of(letter, place == 0, letter_ends));
        skip_unwritten(typed, arabic, &mut row);
    }
    row[typed.len()].filter(|&distance| distance <= most)
}

/// Distances of the typed word's beginnings from the word's beginning with one letter more.
fn with_letter(
    typed: &str,
    before: &[Option<u32>],
    letter: char,
    spelled: Option<&Letter>,
) -> Vec<Option<u32>> {
    let mut after = vec![None; before.len()];
    for (place, distance) in before.iter().enumerate() {
        let Some(distance) = *distance else { continue };
        let rest = &typed[place..];
        if rest.starts_with(letter) {
            nearer(&mut after[place + letter.len_utf8()], distance);
        }
        let Some(spelled) = spelled else { continue };
        for &(spelling, more) in &spelled.spellings {
            if rest.starts_with(spelling) {
                nearer(&mut after[place + spelling.len()], distance + more);
            }
        }
        if let Some(more) = spelled.silent {
            nearer(&mut after[place], distance + more);
        }
    }
    after
}

/// Passes over what is typed but not written: the second of two equal consonants, and short vowels of Arabic.
fn skip_unwritten(typed: &str, arabic: bool, row: &mut [Option<u32>]) {
    let mut before = None;
    for (place, letter) in typed.char_indices() {
        let doubled = before == Some(letter) && !is_latin_vowel(letter);
        let short = arabic && is_latin_vowel(letter);
        if let Some(distance) = row[place].filter(|_| doubled || short) {
            let more = if short { SHORT_VOWEL } else { 0 };
            nearer(&mut row[place + letter.len_utf8()], distance + more);
        }
        before = Some(letter);
    }
}

fn nearer(known: &mut Option<u32>, distance: u32) {
    *known = Some(known.map_or(distance, |known| known.min(distance)));
}

const fn is_latin_vowel(letter: char) -> bool {
    matches!(letter, 'a' | 'e' | 'i' | 'o' | 'u')
}

const fn is_arabic(letter: char) -> bool {
    matches!(letter, 'ا'..='ي')
}

/// The kinds of a word's consonants, none twice in a row.
fn kinds(word: &str, kind: impl Fn(char) -> Option<char>) -> String {
    let mut kinds = String::with_capacity(word.len());
    let mut before = ' ';
    let mut letters = word.chars().peekable();
    while let Some(letter) = letters.next() {
        let this = match (letter, letters.peek()) {
            // ж is typed j or zh.
            ('z', Some('h')) => Some('k'),
            ('c', Some('h')) => Some('t'),
            // The h of sh, kh and their like says more of the letter before it.
            ('h', _) if matches!(before, 's' | 'c' | 't' | 'd' | 'z' | 'k' | 'g') => None,
            // At the end it is a vowel.
            ('ه', None) => None,
            _ => kind(letter),
        };
        if let Some(this) = this.filter(|&this| !kinds.ends_with(this)) {
            kinds.push(this);
        }
        before = letter;
    }
    kinds
}

/// The kind of a consonant, wide enough that spellings do not leave it: ذ is typed d, z or th.
const fn kind(letter: char) -> Option<char> {
    Some(match letter {
        'b' | 'p' | 'f' | 'v' | 'ب' | 'ف' | 'б' | 'п' | 'ф' | 'в' => 'b',
        't' | 'd' | 's' | 'z' | 'c' | '4' | '6' | '9' => 't',
        'ت' | 'ث' | 'د' | 'ذ' | 'ز' | 'س' | 'ش' | 'ص' | 'ض' | 'ط' | 'ظ' => 't',
        'т' | 'д' | 'с' | 'з' | 'ц' | 'ч' | 'ш' | 'щ' => 't',
        'k' | 'q' | 'g' | 'h' | 'j' | 'x' | '5' | '7' | '8' => 'k',
        'ج' | 'ح' | 'خ' | 'غ' | 'ق' | 'ك' | 'ه' => 'k',
        'к' | 'қ' | 'г' | 'ғ' | 'х' | 'һ' | 'ж' => 'k',
        'l' | 'ل' | 'л' => 'l',
        'm' | 'م' | 'м' => 'm',
        'n' | 'ن' | 'н' | 'ң' => 'n',
        'r' | 'ر' | 'р' => 'r',
        _ => return None,
    })
}

/// How a letter is spelled.
struct Letter {
    /// Spellings and their distance.
    spellings: Vec<(&'static str, u32)>,
    /// Distance when it is left out.
    silent: Option<u32>,
}

/// Letters by the place in a word that they are spelled so in.
#[derive(Default)]
struct Letters {
    first: FxHashMap<char, Letter>,
    last: FxHashMap<char, Letter>,
    anywhere: FxHashMap<char, Letter>,
}

impl Letters {
    fn read(list: &'static str) -> Letters {
        let mut letters = Letters::default();
        for line in list.lines().filter(|line| !line.starts_with('#')) {
            letters.add(line);
        }
        letters
    }

    fn add(&mut self, line: &'static str) {
        let mut columns = line.split('\t');
        let mut column = || columns.next().unwrap_or_default();
        let (name, spellings, silent) = (column(), column(), column());
        let place = match name {
            _ if name.starts_with('^') => &mut self.first,
            _ if name.ends_with('$') => &mut self.last,
            _ => &mut self.anywhere,
        };
        let spelling = |spelling: &'static str| match spelling.split_once(':') {
            Some((spelling, distance)) => (spelling, distance.parse().unwrap_or_default()),
            None => (spelling, 0),
        };
        let spellings = spellings.split_whitespace().map(spelling).collect();
        if let Some(letter) = name.trim_matches(['^', '$']).chars().next() {
            place.insert(letter, Letter { spellings, silent: silent.parse().ok() });
        }
    }

    fn of(&self, letter: char, first: bool, last: bool) -> Option<&Letter> {
        let at_start = first.then(|| self.first.get(&letter)).flatten();
        let at_end = last.then(|| self.last.get(&letter)).flatten();
        at_start.or(at_end).or_else(|| self.anywhere.get(&letter))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{prop_assert, proptest};

    use super::*;

    #[test]
    fn the_spellings_of_a_word_share_its_skeleton() {
        for (word, spellings) in [
            ("هديه", &["hadiya", "hadiyah", "hdeya"][..]),
            ("حبيبي", &["7abibi", "habeebi"]),
            ("ذهب", &["thahab", "dahab", "zahab"]),
            ("قهوه", &["qahwa", "gahwa", "9ahwah", "8ahwa"]),
            ("цветы", &["tsvety", "cveti", "tzvety"]),
            ("желтые", &["zheltye", "jeltie"]),
            ("қызғалдақ", &["qyzgaldaq", "kyzgaldak", "кызгалдак"]),
        ] {
            let skeleton = skeleton(word).unwrap();
            for typed in spellings {
                assert!(skeletons(typed).contains(&skeleton), "{typed} for {word}");
                assert!(distance(typed, word).is_some(), "{typed} for {word}");
            }
        }
    }

    #[test]
    fn the_nearer_word_is_the_one_that_was_meant() {
        for (typed, meant, other) in [
            ("ward", "ورد", "وارد"),
            ("worood", "ورود", "ورد"),
            ("rozy", "розы", "роза"),
            ("gul", "гүл", "гөл"),
            ("roza", "роза", "рожа"),
        ] {
            let (near, far) = (distance(typed, meant), distance(typed, other));
            assert!(near.unwrap() <= far.unwrap_or(u32::MAX), "{typed}: {near:?}, {far:?}");
        }
    }

    #[test]
    fn numbers_and_words_of_no_sound_have_no_skeleton() {
        assert!(skeletons("2024").is_empty());
        assert!(skeletons("aeiou").is_empty());
        assert_eq!(skeleton("rose"), None);
        assert_eq!(distance("rose", "торт"), None);
    }

    proptest! {
        #[test]
        fn any_two_words_can_be_compared(typed in "\\PC{0,40}", word in "[ا-ي]{0,20}|[а-яәғқңөұүһі]{0,20}|\\PC{0,20}") {
            skeletons(&typed);
            skeleton(&word);
            distance(&typed, &word);
            prop_assert!(word.is_empty() || word.len() > WORD_BYTES_MAX || distance(&word, &word) == Some(0));
        }
    }
}
