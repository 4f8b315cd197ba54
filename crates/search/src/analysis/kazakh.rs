//! A stemmer for Kazakh, where a word takes a plural, a possessive and a case, in this order, and the first
//! letter of each depends on the letter before it, its vowel on the vowels of the word.
//!
//! Of all ways to take a form apart, the one that leaves the longest known word wins (`data/kazakh-words.txt`).
//! Of a word that it does not know, endings go one by one as long as they could be endings there.

use std::borrow::Cow;
use std::sync::LazyLock;

use super::lexicon::Lexicon;

static KNOWN: LazyLock<Lexicon> =
    LazyLock::new(|| Lexicon::read(&[include_str!("../../data/kazakh-words.txt")]));

/// What an ending may stand behind.
#[derive(Clone, Copy, PartialEq, Eq)]
enum After {
    Vowel,
    Consonant,
    /// A consonant after which endings begin with т, қ or п.
    Hard,
    /// A vowel, or a consonant that is not hard.
    Soft,
    /// A consonant that is not hard.
    SoftConsonant,
    /// A vowel, м, н or ң.
    VowelOrNasal,
    /// The м or ң of a possessive.
    Possessive,
    /// The ы or і of a possessive of the third person.
    OwnedByAnother,
    Any,
}

type Endings = &'static [(After, &'static [&'static str])];

const PLURALS: Endings = &[
    (After::Soft, &["лар", "лер"]),
    (After::SoftConsonant, &["дар", "дер"]),
    (After::Hard, &["тар", "тер"]),
];

const POSSESSIVES: Endings = &[
    (After::Consonant, &["ымыз", "іміз", "ыңыз", "іңіз"]),
    (After::Vowel, &["мыз", "міз", "ңыз", "ңіз", "сы", "сі", "м", "ң"]),
    (After::Consonant, &["ым", "ім", "ың", "ің", "ы", "і"]),
];

const CASES: Endings = &[
    (After::Any, &["ндағы", "ндегі", "мен", "бен", "пен"]),
    (After::Soft, &["дағы", "дегі", "дан", "ден", "ға", "ге", "да", "де"]),
    (
        After::Hard,
        &["тағы", "тегі", "тан", "тен", "қа", "ке", "та", "те", "тың", "тің", "ты", "ті"],
    ),
    (After::VowelOrNasal, &["ның", "нің", "нан", "нен"]),
    (After::SoftConsonant, &["дың", "дің", "ды", "ді"]),
    (After::Vowel, &["ны", "ні", "нда", "нде", "на", "не"]),
    (After::OwnedByAnother, &["н"]),
    (After::Possessive, &["а", "е"]),
];

/// Letters that must remain of a known word.
const KNOWN_LETTERS_MIN: usize = 2;

/// Words shorter than this are left alone when they are not known: stripping them merges what is different.
const LETTERS_MIN: usize = 5;

/// The stem of a folded Kazakh word.
pub(super) fn stem(folded: &str) -> Cow<'_, str> {
    let mut word = Cow::Borrowed(folded);
    // A word and its stem must have the same stem, so stripping goes on until nothing is left to strip.
    loop {
        if let Some(stem) = known(&word) {
            return Cow::Borrowed(stem);
        }
        let Some(shorter) = without_ending(&word) else {
            return word;
        };
        word = Cow::Owned(shorter);
    }
}

/// The known word that this is a form of, of several the longest.
fn known(word: &str) -> Option<&'static str> {
    let mut best: Option<(usize, &str)> = None;
    for declined in bare_and_stripped(word, CASES) {
        for owned in bare_and_stripped(declined, POSSESSIVES) {
            for bare in bare_and_stripped(owned, PLURALS) {
                let longer = best.is_none_or(|(length, _)| bare.len() > length);
                if longer && let Some(stem) = known_trunk(bare, bare.len() < word.len()) {
                    best = Some((bare.len(), stem));
                }
            }
        }
    }
    best.map(|(_, stem)| stem)
}

/// The known word that this is, or was before its last consonant grew soft in front of an ending.
fn known_trunk(trunk: &str, stripped: bool) -> Option<&'static str> {
    if stripped && letters(trunk) < KNOWN_LETTERS_MIN {
        return None;
    }
    KNOWN
        .stem(trunk)
        .or_else(|| stripped.then(|| hardened(trunk)).flatten().and_then(|hard| KNOWN.stem(&hard)))
}

/// The word itself, and the word without each of the endings that it may have.
fn bare_and_stripped(word: &str, endings: Endings) -> impl Iterator<Item = &str> {
    let all =
        endings.iter().flat_map(|(after, endings)| endings.iter().map(|ending| (*after, *ending)));
    std::iter::once(word).chain(all.filter_map(move |(after, ending)| {
        let rest = word.strip_suffix(ending)?;
        (stands_behind(rest, after) && in_harmony(rest, ending)).then_some(rest)
    }))
}

/// A word that is not known without its last ending: the longest that it may have.
fn without_ending(word: &str) -> Option<String> {
    if letters(word) < LETTERS_MIN {
        return None;
    }
    let shortest = [PLURALS, CASES, POSSESSIVES]
        .into_iter()
        .flat_map(|endings| bare_and_stripped(word, endings).skip(1))
        .filter(|rest| letters(rest) >= letters_left(letters(word) - letters(rest)))
        .min_by_key(|rest| rest.len())?;
    Some(hardened(shortest).unwrap_or_else(|| shortest.to_owned()))
}

/// Letters that must remain before an ending of this many: the shorter it is, the more.
const fn letters_left(ending: usize) -> usize {
    match ending {
        0..=2 => 4,
        _ => 3,
    }
}

fn letters(word: &str) -> usize {
    word.chars().count()
}

fn stands_behind(rest: &str, after: After) -> bool {
    let Some(last) = rest.chars().next_back() else {
        return false;
    };
    let vowel = is_vowel(last);
    let hard = matches!(
        last,
        'к' | 'қ' | 'п' | 'с' | 'т' | 'ф' | 'х' | 'ц' | 'ч' | 'ш' | 'щ' | 'б' | 'в' | 'г' | 'д'
    );
    match after {
        After::Vowel => vowel,
        // и, у and ю count as either: той, тойы, but су, суы.
        After::Consonant => !vowel || matches!(last, 'и' | 'у' | 'ю'),
        After::Hard => hard,
        After::Soft => !hard,
        After::SoftConsonant => !hard && (!vowel || matches!(last, 'и' | 'у' | 'ю')),
        After::VowelOrNasal => vowel || matches!(last, 'м' | 'н' | 'ң'),
        After::Possessive => matches!(last, 'м' | 'ң'),
        After::OwnedByAnother => matches!(last, 'ы' | 'і'),
        After::Any => true,
    }
}

const fn is_vowel(letter: char) -> bool {
    is_front(letter) || is_back(letter) || matches!(letter, 'и' | 'у' | 'ю')
}

const fn is_front(letter: char) -> bool {
    matches!(letter, 'ә' | 'е' | 'ө' | 'ү' | 'і' | 'э')
}

const fn is_back(letter: char) -> bool {
    matches!(letter, 'а' | 'о' | 'ұ' | 'ы' | 'я')
}

/// Whether an ending's vowel goes with the last vowel of the word; мен, бен and пен go with all.
fn in_harmony(rest: &str, ending: &str) -> bool {
    if matches!(ending, "мен" | "бен" | "пен") {
        return true;
    }
    let last = rest.chars().rev().find(|&letter| is_vowel(letter));
    let first = ending.chars().find(|&letter| is_vowel(letter));
    match (last, first) {
        (Some(last), Some(first)) => {
            !(is_front(last) && is_back(first) || is_back(last) && is_front(first))
        }
        (last, None) => last.is_some(),
        (None, _) => false,
    }
}

/// The word with its last consonant as it is without an ending: сыйлық, сыйлығы.
fn hardened(word: &str) -> Option<String> {
    let hard = match word.chars().next_back()? {
        'ғ' => 'қ',
        'г' => 'к',
        'б' => 'п',
        _ => return None,
    };
    let mut letters = word.to_owned();
    letters.pop();
    letters.push(hard);
    Some(letters)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plurals_possessives_and_cases_meet_their_word() {
        for forms in [
            &["раушан", "раушандар", "раушандары", "раушандардан", "раушанның"][..],
            &["гүл", "гүлдер", "гүлдермен", "гүлдің"],
            &["сыйлық", "сыйлықтар", "сыйлығы", "сыйлығын"],
            &["шоколад", "шоколадтар", "шоколадтың"],
        ] {
            let stems: Vec<_> = forms.iter().map(|form| stem(form)).collect();
            assert!(stems.iter().all(|stem| *stem == stems[0]), "{forms:?} became {stems:?}");
        }
    }

    #[test]
    fn short_words_are_left_alone() {
        for word in ["алма", "қалта", "қызыл", "торт", "бала"] {
            assert_eq!(stem(word), word);
        }
    }
}
