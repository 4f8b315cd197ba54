//! Words that rules alone would get wrong, read from the word lists in `crates/search/data`.
//!
//! **Invariant**: the stem of a stem is itself, so stemming twice changes nothing.

use rustc_hash::FxHashMap;

use super::fold;

/// Folded forms and the folded word that each belongs to.
#[derive(Default)]
pub(super) struct Lexicon {
    words: FxHashMap<Box<str>, Box<str>>,
}

impl Lexicon {
    /// Reads lists of words: a line with a tab is a word and its forms, another one is words that are their
    /// own stem, `#` begins a comment. The first to name a form has it.
    pub(super) fn read(lists: &[&str]) -> Lexicon {
        let mut lexicon = Lexicon::default();
        for line in lists.iter().flat_map(|list| list.lines()).filter(|line| !line.starts_with('#'))
        {
            match line.split_once('\t') {
                Some((word, forms)) => lexicon.add(word, forms),
                None => line.split_whitespace().for_each(|word| lexicon.add(word, "")),
            }
        }
        lexicon
    }

    fn add(&mut self, word: &str, forms: &str) {
        let stem: Box<str> = fold(word).into();
        for form in std::iter::once(word).chain(forms.split_whitespace()) {
            self.words.entry(fold(form).into()).or_insert_with(|| stem.clone());
        }
    }

    /// The word that a folded form belongs to.
    pub(super) fn stem(&self, form: &str) -> Option<&str> {
        self.words.get(form).map(|stem| &**stem)
    }

    /// Forms and their words.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.words.iter().map(|(form, stem)| (&**form, &**stem))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LISTS: [&[&str]; 3] = [
        &[
            include_str!("../../data/arabic-plurals.tsv"),
            include_str!("../../data/arabic-words.txt"),
        ],
        &[include_str!("../../data/kazakh-words.txt")],
        &[include_str!("../../data/russian-forms.tsv")],
    ];

    #[test]
    fn no_form_belongs_to_two_words_and_a_stem_is_its_own() {
        for lists in LISTS {
            let lexicon = Lexicon::read(lists);
            for line in lists.iter().flat_map(|list| list.lines()) {
                let Some((word, forms)) = line.split_once('\t') else { continue };
                for form in forms.split_whitespace().chain([word]) {
                    assert_eq!(lexicon.stem(&fold(form)), Some(&*fold(word)), "{form} of {word}");
                }
            }
            assert!(lexicon.iter().all(|(_, stem)| lexicon.stem(stem) == Some(stem)));
        }
    }
}
