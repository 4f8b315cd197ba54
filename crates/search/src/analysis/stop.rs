//! Words that carry no meaning of their own: a query with other words does without them.

/// Folded stop words by language; no two languages share a spelling that matters.
const STOP_WORDS: [&str; 4] = [
    "a an and are as at by for from in is it its of on or that the this to with",
    "в во для до за и из или к как на о об от по под при с со то у что это",
    "бен бір және мен немесе осы пен туралы үшін",
    "الى الي ان او بين ثم علي عن في لا ما مع من هذا هذه هو و",
];

/// Whether the folded word is a stop word in any language.
pub(crate) fn is_stop_word(folded: &str) -> bool {
    STOP_WORDS.iter().any(|words| words.split(' ').any(|word| word == folded))
}

#[cfg(test)]
mod tests {
    use super::super::fold;
    use super::*;

    #[test]
    fn stop_words_are_known_by_their_folded_spelling() {
        for word in ["The", "для", "ДЛЯ", "على", "مِن", "және"] {
            assert!(is_stop_word(&fold(word)), "{word}");
        }
        for word in ["rose", "роза", "ورد", "гүл"] {
            assert!(!is_stop_word(&fold(word)), "{word}");
        }
    }
}
