//! The analysis against the word lists in `fixtures/words`: the figures, the misses, and the bars below
//! which a change does not pass.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use souk_base::Lang;

use super::layouts::other_layouts;
use super::transliterations::{distance, skeleton, skeletons};
use super::{fold, stem, words};

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

/// Folded words and how often the shop's texts have them, by language.
#[derive(Default)]
struct Vocabulary {
    languages: [BTreeMap<String, usize>; 4],
}

impl Vocabulary {
    /// The words of the demo shop's flowers and gifts, and those that the lists mean.
    fn new() -> Vocabulary {
        let mut vocabulary = Vocabulary::default();
        for list in [
            include_str!("../../../../fixtures/flowers/flowers.jsonl"),
            include_str!("../../../../fixtures/flowers/gifts.jsonl"),
        ] {
            for line in list.lines() {
                let product: serde_json::Value = serde_json::from_str(line).unwrap();
                vocabulary.add(Lang::En, &product["title"]);
                vocabulary.add(Lang::En, &product["description"]);
                for lang in Lang::ALL {
                    vocabulary.add(lang, &product["translations"][lang.to_string()]);
                }
            }
        }
        for (lang, list) in [
            (Lang::Ar, include_str!("../../../../fixtures/words/arabic-inflections.tsv")),
            (Lang::Ru, include_str!("../../../../fixtures/words/russian-inflections.tsv")),
            (Lang::Kk, include_str!("../../../../fixtures/words/kazakh-inflections.tsv")),
        ] {
            rows(list)
                .for_each(|(word, forms)| vocabulary.add(lang, &format!("{word} {forms}").into()));
        }
        vocabulary
    }

    fn add(&mut self, lang: Lang, texts: &serde_json::Value) {
        match texts {
            serde_json::Value::String(text) => {
                for word in words(text) {
                    *self.languages[lang.index()].entry(word.folded).or_default() += 1;
                }
            }
            serde_json::Value::Array(texts) => texts.iter().for_each(|text| self.add(lang, text)),
            serde_json::Value::Object(texts) => {
                texts.values().for_each(|text| self.add(lang, text))
            }
            _ => {}
        }
    }

    /// Whether each word of the text is one of this language's.
    fn knows(&self, text: &str) -> bool {
        let mut found = words(text).peekable();
        found.peek().is_some()
            && found.all(|word| self.languages.iter().any(|words| words.contains_key(&word.folded)))
    }

    /// Words of some languages by their skeletons, with how often the shop has them.
    fn by_skeleton(&self, languages: &[Lang]) -> BTreeMap<String, Vec<(usize, &str)>> {
        let mut skeletons: BTreeMap<String, Vec<(usize, &str)>> = BTreeMap::new();
        for (word, &count) in languages.iter().flat_map(|lang| &self.languages[lang.index()]) {
            if let Some(skeleton) = skeleton(word) {
                skeletons.entry(skeleton).or_default().push((count, word));
            }
        }
        skeletons
    }
}

/// The word that a word in Latin letters was meant to be.
fn transliterated<'w>(
    typed: &str,
    words: &BTreeMap<String, Vec<(usize, &'w str)>>,
) -> Option<&'w str> {
    let typed = fold(typed);
    let skeletons = skeletons(&typed);
    let similar = skeletons.iter().filter_map(|skeleton| words.get(skeleton)).flatten();
    let near = similar.filter_map(|&(count, word)| Some((distance(&typed, word)?, count, word)));
    near.min_by_key(|&(distance, count, word)| (distance, Reverse(count), word)).map(|near| near.2)
}

#[test]
fn what_was_typed_with_another_layout_is_found() {
    let mut vocabulary = Vocabulary::new();
    let list = include_str!("../../../../fixtures/words/layouts.tsv");
    rows(list).for_each(|(_, meant)| vocabulary.add(Lang::En, &meant.into()));
    let (mut misses, mut wrong) = (Vec::new(), Vec::new());
    for (typed, meant) in rows(list) {
        match other_layouts(typed).find(|text| vocabulary.knows(text)) {
            Some(text) if fold(&text) == fold(meant) => {}
            Some(text) => wrong.push(format!("{typed} {meant} → {text}")),
            None => misses.push(format!("{typed} {meant}")),
        }
    }
    misses.extend(wrong.iter().cloned());
    let all = rows(list).count();
    assert!(share("other layouts found", all, &misses) >= 0.9);
    assert!(share("other layouts not mistaken", all, &wrong) >= 0.98);
}

#[test]
fn words_in_latin_letters_are_found() {
    let row = |(typed, rest): (&'static str, &'static str)| {
        let (meant, lang) = rest.split_once('\t').unwrap();
        (typed, meant, Lang::ALL.into_iter().find(|it| it.to_string() == lang).unwrap())
    };
    let list = rows(include_str!("../../../../fixtures/words/transliterations.tsv"));
    let list: Vec<_> = list.map(row).collect();
    let mut vocabulary = Vocabulary::new();
    list.iter().for_each(|&(_, meant, lang)| vocabulary.add(lang, &meant.into()));
    let arabic = vocabulary.by_skeleton(&[Lang::Ar]);
    let cyrillic = vocabulary.by_skeleton(&[Lang::Ru, Lang::Kk]);
    let (mut misses, mut wrong) = (Vec::new(), Vec::new());
    for &(typed, meant, lang) in &list {
        match transliterated(typed, if lang == Lang::Ar { &arabic } else { &cyrillic }) {
            Some(word) if stem_of(lang, word) == stem_of(lang, meant) => {}
            Some(word) => wrong.push(format!("{typed} {meant} → {word}")),
            None => misses.push(format!("{typed} {meant}")),
        }
    }
    misses.extend(wrong.iter().cloned());
    let found = share("transliterations found", list.len(), &misses);
    assert!(share("transliterations not mistaken", list.len(), &wrong) >= 0.98 && found >= 0.9);
}

#[test]
fn most_english_words_are_no_transliterations() {
    let vocabulary = Vocabulary::new();
    let english = "sofa laptop umbrella candlestick curtain hammer screwdriver printer shampoo toothbrush \
        jacket trousers sneakers necklace earrings bracelet lipstick mascara perfume notebook pencil \
        eraser backpack suitcase wallet keyboard headphones charger speaker monitor television fridge \
        microwave blender kettle toaster spoon fork knife plate bottle glass mug towel blanket pillow \
        mattress carpet mirror shelf drawer garden shovel rake hose fertilizer seed soil aquarium leash \
        collar doghouse puzzle doll scooter bicycle helmet racket football basketball tent sleeping \
        flashlight compass stroller diaper pacifier crib highchair guitar piano drum violin trumpet \
        calendar envelope stapler scissors glue paint brush canvas frame poster statue clock vase";
    let all: Vec<_> = english.split_whitespace().collect();
    for languages in [&[Lang::Ar][..], &[Lang::Ru, Lang::Kk]] {
        let words = vocabulary.by_skeleton(languages);
        let taken = |word: &&str| Some(format!("{word} {}", transliterated(word, &words)?));
        let misses: Vec<_> = all.iter().filter_map(taken).collect();
        assert!(share("english words left alone", all.len(), &misses) >= 0.85);
    }
}
