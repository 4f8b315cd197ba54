//! The analysis against the word lists in `fixtures/words`: the figures, the misses, and the bars below
//! which a change does not pass.

use souk_base::Lang;

use super::{fold, stem};

/// The rows of a list, two columns each.
fn rows(list: &'static str) -> impl Iterator<Item = (&'static str, &'static str)> {
    list.lines().skip(1).filter_map(|line| line.split_once('\t'))
}

fn stem_of(lang: Lang, word: &str) -> String {
    stem(lang, &fold(word))
}

/// Prints and returns which share of `all` is left without the misses.
fn share(what: &str, all: usize, misses: &[String]) -> f64 {
    let missed = u32::try_from(misses.len()).unwrap();
    let share = 1.0 - f64::from(missed) / f64::from(u32::try_from(all).unwrap());
    println!("{what}: {:.1} % of {all}; missed: {}", share * 100.0, misses.join(", "));
    share
}

/// The share of forms that have the stem of their word.
fn forms_that_meet(lang: Lang, list: &'static str) -> f64 {
    let (mut all, mut misses) = (0, Vec::new());
    for (word, forms) in rows(list) {
        for form in forms.split(' ') {
            all += 1;
            let (one, other) = (stem_of(lang, form), stem_of(lang, word));
            if one != other {
                misses.push(format!("{word} {other} ≠ {form} {one}"));
            }
        }
    }
    share(&format!("{lang} forms that meet"), all, &misses)
}

/// The share of different words that have different stems.
fn words_apart(lang: Lang, list: &'static str) -> f64 {
    let met = |&(one, other): &(&str, &str)| stem_of(lang, one) == stem_of(lang, other);
    let misses: Vec<_> =
        rows(list).filter(met).map(|(one, other)| format!("{one}={other}")).collect();
    share(&format!("{lang} words apart"), rows(list).count(), &misses)
}

#[test]
fn arabic_spellings_of_one_word_are_one() {
    let list = include_str!("../../../../fixtures/words/arabic-folding.tsv");
    let different = |&(written, meant): &(&str, &str)| fold(written) != fold(meant);
    let misses: Vec<_> = rows(list).filter(different).map(|(written, _)| written.into()).collect();
    share("ar spellings that fold alike", rows(list).count(), &misses);
    assert!(misses.is_empty());
}

#[test]
fn arabic_forms_meet_and_different_words_stay_apart() {
    let forms = include_str!("../../../../fixtures/words/arabic-inflections.tsv");
    let apart = include_str!("../../../../fixtures/words/arabic-apart.tsv");
    let (meet, apart) = (forms_that_meet(Lang::Ar, forms), words_apart(Lang::Ar, apart));
    assert!(meet >= 0.85 && apart >= 0.98);
}

#[test]
fn russian_forms_meet_and_different_words_stay_apart() {
    let forms = include_str!("../../../../fixtures/words/russian-inflections.tsv");
    let apart = include_str!("../../../../fixtures/words/russian-apart.tsv");
    let (meet, apart) = (forms_that_meet(Lang::Ru, forms), words_apart(Lang::Ru, apart));
    assert!(meet >= 0.95 && apart >= 0.98);
}

#[test]
fn kazakh_forms_meet_and_different_words_stay_apart() {
    let forms = include_str!("../../../../fixtures/words/kazakh-inflections.tsv");
    let apart = include_str!("../../../../fixtures/words/kazakh-apart.tsv");
    let (meet, apart) = (forms_that_meet(Lang::Kk, forms), words_apart(Lang::Kk, apart));
    assert!(meet >= 0.85 && apart >= 0.98);
}
