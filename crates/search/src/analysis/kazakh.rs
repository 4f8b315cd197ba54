//! A small suffix stripper for Kazakh: cases, possessives and plurals, which are stacked in this
//! order from the end.

/// Suffixes and the letters that must remain before each: the shorter, the more must remain.
const SUFFIXES: [(&[&str], usize); 4] = [
    (&["ымыздың", "іміздің"], 4),
    (
        &[
            "лар", "лер", "дар", "дер", "тар", "тер", "ның", "нің", "дың", "дің", "тың", "тің",
            "дан", "ден", "тан", "тен", "нан", "нен", "мен", "бен", "пен", "мыз", "міз", "ңыз",
            "ңіз",
        ],
        3,
    ),
    (
        &[
            "ға", "ге", "қа", "ке", "на", "не", "да", "де", "та", "те", "ны", "ні", "ды", "ді",
            "ты", "ті", "сы", "сі", "ым", "ім", "ың", "ің", "ын", "ін",
        ],
        4,
    ),
    (&["ы", "і"], 4),
];

/// Words shorter than this are left alone: stripping them merges what is different.
const LETTERS_MIN: usize = 5;

/// The stem of a folded Kazakh word.
pub(super) fn stem(folded: &str) -> String {
    let mut word = folded;
    // A word and its stem must have the same stem, so stripping goes on until nothing is left to strip.
    while let Some(shorter) = without_suffix(word) {
        word = shorter;
    }
    devoiced(word)
}

fn without_suffix(word: &str) -> Option<&str> {
    if word.chars().count() < LETTERS_MIN {
        return None;
    }
    SUFFIXES.iter().find_map(|&(suffixes, least)| {
        suffixes
            .iter()
            .filter_map(|suffix| word.strip_suffix(suffix))
            .find(|rest| rest.chars().count() >= least)
    })
}

/// A final consonant is voiced before a possessive vowel: сыйлық, сыйлығы.
fn devoiced(word: &str) -> String {
    let hard = match word.chars().next_back() {
        Some('ғ') => 'қ',
        Some('г') => 'к',
        Some('б') => 'п',
        _ => return word.to_owned(),
    };
    let mut letters = word.to_owned();
    letters.pop();
    letters.push(hard);
    letters
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
