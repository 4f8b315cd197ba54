//! Stemming a folded word: the forms of a word meet in one term.

use frostem::{Algorithm, Stemmer};
use souk_base::Lang;

use super::{arabic, kazakh, russian};

/// The stem of a folded word in a text of this language.
///
/// The script decides more than the language: an English word in an Arabic title is still stemmed as
/// English, so that it is found by what an English reader types. Words with digits stay as they are.
pub(crate) fn stem(lang: Lang, folded: &str) -> String {
    let Some(first) = folded.chars().next() else {
        return String::new();
    };
    if folded.chars().any(char::is_numeric) {
        return folded.to_owned();
    }
    match first {
        'a'..='z' => Stemmer::new(Algorithm::English).stem(folded).into_owned(),
        'ء'..='ي' => arabic::stem(folded).into_owned(),
        'ә' | 'ғ' | 'қ' | 'ң' | 'ө' | 'ұ' | 'ү' | 'һ' | 'і' => {
            kazakh::stem(folded).into_owned()
        }
        'а'..='я' if lang == Lang::Kk => kazakh::stem(folded).into_owned(),
        'а'..='я' => russian::stem(folded).into_owned(),
        _ => folded.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::proptest;

    use super::super::fold;
    use super::*;

    fn meet(lang: Lang, forms: &[&str]) -> bool {
        let mut stems: Vec<_> = forms.iter().map(|form| stem(lang, &fold(form))).collect();
        stems.dedup();
        stems.len() == 1
    }

    #[test]
    fn the_forms_of_a_word_meet_in_each_language() {
        assert!(meet(Lang::En, &["rose", "roses", "Rose's"]));
        assert!(meet(Lang::En, &["light", "lights", "lighting"]));
        assert!(meet(Lang::Ru, &["красные", "Красная", "красный"]));
        assert!(meet(Lang::Ru, &["розы", "роза", "розами"]));
        assert!(meet(Lang::Ru, &["ёлка", "елки"]));
        assert!(meet(Lang::Ar, &["ورد", "وَرْد", "الورد", "وردة", "ورود", "والورود"]));
        assert!(meet(Lang::Kk, &["раушан", "раушандар", "раушандардың"]));
        assert!(meet(Lang::Kk, &["гүл", "гүлдер", "гүлдері"]));
    }

    #[test]
    fn an_english_word_is_stemmed_alike_in_a_text_of_any_language() {
        for lang in Lang::ALL {
            assert_eq!(stem(lang, "roses"), stem(Lang::En, "rose"));
        }
    }

    #[test]
    fn numbers_and_codes_stay_as_they_are() {
        assert_eq!(stem(Lang::En, "85123as"), "85123as");
        assert_eq!(stem(Lang::Ru, "2024"), "2024");
    }

    proptest! {
        #[test]
        fn a_stem_is_never_empty_and_is_its_own_stem(word in "[ابتةجحدرسعفكلمنهويءئأ]{1,12}|[а-яё]{1,12}|[аәбгғдезиіқкңнлмоөстұүышрпд]{1,12}|\\PC{1,12}") {
            let folded = fold(&word);
            for lang in Lang::ALL {
                let once = stem(lang, &folded);
                assert_eq!(once.is_empty(), folded.is_empty(), "{word}");
                // Snowball's English stems may be stripped again.
                if !folded.starts_with(|first: char| first.is_ascii_lowercase()) {
                    assert_eq!(stem(lang, &once), once, "{word} in {lang}");
                }
            }
        }
    }
}
