//! The texts of the invented catalogue, computed from a product's number: the load writes them, the query mix asks for them.

use super::words::{Tongue, Vocabulary, hash};

/// What each kind of text is drawn with, so that none repeats another.
const TITLE: u64 = 1;
const DESCRIPTION: u64 = 2;
const LABEL: u64 = 3;
/// Labels are made of words that many products have.
const LABEL_WORDS: u64 = 400;

/// The texts of all products.
#[derive(Debug)]
pub(super) struct Catalog {
    en: Vocabulary,
    ar: Vocabulary,
    ru: Vocabulary,
}

impl Catalog {
    /// The same texts on every run and machine.
    pub(super) fn new() -> Catalog {
        let [en, ar, ru] = Tongue::ALL.map(Vocabulary::of);
        Catalog { en, ar, ru }
    }

    /// The words of a language.
    pub(super) const fn vocabulary(&self, tongue: Tongue) -> &Vocabulary {
        match tongue {
            Tongue::En => &self.en,
            Tongue::Ar => &self.ar,
            Tongue::Ru => &self.ru,
        }
    }

    /// The words of a product's title, three to eight.
    pub(super) fn title_words(&self, product: u64, tongue: Tongue) -> Vec<&str> {
        self.words(product, tongue, TITLE, 3, 8)
    }

    /// A product's title.
    pub(super) fn title(&self, product: u64, tongue: Tongue) -> String {
        sentence(&self.title_words(product, tongue))
    }

    /// A product's description, twenty to forty words in sentences of up to nine.
    pub(super) fn description(&self, product: u64, tongue: Tongue) -> String {
        let words = self.words(product, tongue, DESCRIPTION, 20, 40);
        let sentences: Vec<String> = words.chunks(9).map(sentence).collect();
        sentences.join(". ") + "."
    }

    /// A name of two words, for categories and values.
    pub(super) fn label(&self, number: u64, tongue: Tongue) -> String {
        let vocabulary = self.vocabulary(tongue);
        let word = |place| vocabulary.word(hash(number, LABEL + place) % LABEL_WORDS);
        sentence(&[word(0), word(1)])
    }

    fn words(&self, product: u64, tongue: Tongue, salt: u64, least: u64, most: u64) -> Vec<&str> {
        let vocabulary = self.vocabulary(tongue);
        // The translations of a product are as long as each other.
        let length = least + hash(product, salt) % (most - least + 1);
        let language = tongue as u64 + 1;
        let drawn = |place| vocabulary.draw(hash(product, (salt * 8 + language) * 64 + place));
        (0..length).map(drawn).collect()
    }
}

/// The words with a capital at the beginning.
fn sentence<T: AsRef<str>>(words: &[T]) -> String {
    let mut text = String::new();
    for (place, word) in words.iter().enumerate() {
        let mut letters = word.as_ref().chars();
        if place == 0 {
            text.extend(letters.next().into_iter().flat_map(char::to_uppercase));
        } else {
            text.push(' ');
        }
        text.push_str(letters.as_str());
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_product_is_described_alike_each_time_and_unlike_its_neighbour() {
        let (one, other) = (Catalog::new(), Catalog::new());

        assert_eq!(one.title(7, Tongue::En), other.title(7, Tongue::En));
        assert_ne!(one.title(7, Tongue::En), one.title(8, Tongue::En));
        for product in 1..200 {
            let title = one.title_words(product, Tongue::Ru).len();
            let description = one.description(product, Tongue::Ar).split_whitespace().count();
            assert!((3..=8).contains(&title) && (20..=40).contains(&description));
        }
    }
}
