//! A stemmer for the nouns and adjectives of a shop in Russian: endings go until none is left, then the vowel
//! that comes and goes (подарок, подарки); words that change otherwise are looked up (`data/russian-forms.tsv`).
//!
//! Snowball's also takes off the endings of verbs, which a shop hardly has: it makes бокал and бок, ваниль and
//! ванна one, and leaves тюльпан and тюльпаны two.

use std::borrow::Cow;
use std::sync::LazyLock;

use super::lexicon::Lexicon;

static IRREGULAR: LazyLock<Lexicon> =
    LazyLock::new(|| Lexicon::read(&[include_str!("../../data/russian-forms.tsv")]));

/// Endings of nouns and adjectives, the longer first.
const ENDINGS: [&str; 60] = [
    "иями", "ьями", "ого", "его", "ому", "ему", "ыми", "ими", "ами", "ями", "ием", "иям", "иях",
    "ьем", "ьям", "ьях", "ьев", "ый", "ий", "ой", "ая", "яя", "ое", "ее", "ые", "ие", "ым", "им",
    "ых", "их", "ую", "юю", "ам", "ям", "ах", "ях", "ом", "ем", "ов", "ев", "ей", "ою", "ею", "ия",
    "ии", "ию", "ье", "ья", "ью", "ьи", "а", "я", "о", "е", "ы", "и", "у", "ю", "ь", "й",
];

/// Endings of adjectives.
const ADJECTIVE_ENDINGS: [&str; 11] =
    ["ый", "ая", "ое", "ые", "ого", "ому", "ым", "ых", "ую", "ой", "ыми"];

/// Letters that must remain of a word.
const LETTERS_MIN: usize = 3;

/// Letters of an irregular word at least, for an ending that is not listed to be taken off it.
const KNOWN_LETTERS_MIN: usize = 5;

/// Letters that must remain of an adjective.
const ADJECTIVE_LETTERS_MIN: usize = 4;

/// Whether the word changes otherwise than at its end, so that it may not even begin as its stem.
pub(crate) fn is_irregular(folded: &str) -> bool {
    IRREGULAR.stem(folded).is_some()
}

/// The stem of a folded Russian word.
pub(super) fn stem(folded: &str) -> Cow<'_, str> {
    if let Some(stem) = IRREGULAR.stem(folded) {
        return Cow::Borrowed(stem);
    }
    if let Some(adjective) = adjective(folded) {
        return Cow::Owned(adjective);
    }
    let mut word = Cow::Borrowed(folded);
    // A word and its stem must have the same stem, so stripping goes on until nothing is left to strip.
    while let Some(shorter) = shorter(&word) {
        match IRREGULAR.stem(&shorter) {
            None => word = Cow::Owned(shorter),
            Some(stem) if stem == shorter && letters(stem) >= KNOWN_LETTERS_MIN => {
                return Cow::Borrowed(stem);
            }
            // Another word: летом is no form of лет.
            Some(_) => break,
        }
    }
    word
}

/// An adjective like розовый in its first form, or its last letters would be taken for those of many roses.
fn adjective(word: &str) -> Option<String> {
    let trunk = ADJECTIVE_ENDINGS.iter().find_map(|ending| word.strip_suffix(ending))?;
    let derived = trunk.ends_with("ов") || trunk.ends_with("ев");
    (derived && letters(trunk) >= ADJECTIVE_LETTERS_MIN).then(|| format!("{trunk}ый"))
}

fn shorter(word: &str) -> Option<String> {
    let rest = ENDINGS
        .iter()
        .find_map(|ending| word.strip_suffix(ending))
        .filter(|rest| letters(rest) >= LETTERS_MIN && rest.contains(is_vowel));
    rest.map(str::to_owned).or_else(|| without_fleeting_vowel(word))
}

/// Drops the vowel before a last к or ц that other forms do not have, and the soft sign that takes its place:
/// чашек is чашк, колец and кольц are колц; батареек is батарейк.
fn without_fleeting_vowel(word: &str) -> Option<String> {
    let last = word.chars().next_back().filter(|last| matches!(last, 'к' | 'ц'))?;
    let before = word.strip_suffix(last)?;
    let trunk = match last {
        'к' => before.strip_suffix(['о', 'е', 'ь'])?,
        _ => before.strip_suffix(['е', 'ь'])?,
    };
    let glide = if trunk.ends_with('е') && before.ends_with('е') { "й" } else { "" };
    (letters(trunk) >= 2).then(|| format!("{trunk}{glide}{last}"))
}

fn letters(word: &str) -> usize {
    word.chars().count()
}

const fn is_vowel(letter: char) -> bool {
    matches!(letter, 'а' | 'е' | 'и' | 'о' | 'у' | 'ы' | 'э' | 'ю' | 'я')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_with_and_without_the_fleeting_vowel_meet() {
        for forms in [
            &["чашка", "чашек", "чашки"][..],
            &["кольцо", "колец", "кольца"],
            &["батарейка", "батареек"],
            &["подарок", "подарки", "подарков"],
            &["тюльпан", "тюльпаны", "тюльпанов"],
        ] {
            assert!(forms.iter().all(|form| stem(form) == stem(forms[0])), "{forms:?}");
        }
    }

    #[test]
    fn an_adjective_is_not_its_noun() {
        assert_eq!(stem("розовая"), stem("розовых"));
        assert_ne!(stem("розовая"), stem("розы"));
        assert_ne!(stem("ваниль"), stem("ванна"));
    }
}
