//! How far words are from what was typed: a missing, a wrong and an additional letter and a swap of neighbours are
//! one edit each (optimal string alignment), and a wrong first letter, which is rarely a slip, counts twice.

use crate::lexicon::{Outline, Word, WordId, Words};

/// Letters of the word that was meant from which one edit, and two, are forgiven.
const ONE_EDIT_FROM: usize = 4;
const TWO_EDITS_FROM: usize = 8;

/// A word that nobody has, to be compared with those that somebody has.
pub(crate) struct Typed {
    letters: Vec<char>,
    outline: Outline,
    /// Whether it may be the beginning of a longer word.
    prefix: bool,
    /// The word that it is compared with.
    meant: Vec<char>,
    rows: Rows,
}

/// Rows of the table of edits: the one before the last, the last and the next.
#[derive(Default)]
struct Rows([Vec<usize>; 3]);

impl Typed {
    /// What was typed; none when no word may have been meant by it: it is too short, or a number.
    pub(crate) fn of(folded: &str, prefix: bool) -> Option<Typed> {
        let letters: Vec<char> = folded.chars().collect();
        let may_be_typo =
            letters.len() + 1 >= ONE_EDIT_FROM && !letters.iter().any(|it| it.is_numeric());
        let (outline, meant, rows) = (Outline::of(folded), Vec::new(), Rows::default());
        may_be_typo.then_some(Typed { letters, outline, prefix, meant, rows })
    }

    /// Visits the words that may have been meant, each with what it costs.
    pub(crate) fn near(&mut self, words: &Words, mut visit: impl FnMut(WordId, &Word, u8)) {
        for (id, outline) in words.outlines() {
            if let Some(edits) = self.edits(outline) {
                let word = words.get(id);
                if let Some(cost) = self.cost(&word.folded, edits) {
                    visit(id, word, cost);
                }
            }
        }
    }

    /// The edits that are forgiven; none when the word is farther away whatever the order of its letters.
    fn edits(&self, meant: Outline) -> Option<u8> {
        let length = usize::from(meant.letters);
        // The beginning of a word forgives by what was typed of it.
        let edits = forgiven(if self.prefix { self.letters.len().min(length) } else { length });
        // A wrong first letter takes two edits.
        if edits == 0 || (edits == 1 && self.outline.first != meant.first) {
            return None;
        }
        let near = if self.prefix {
            self.outline.may_begin(meant, edits.into())
        } else {
            self.outline.may_be_within(meant, edits.into())
        };
        near.then_some(edits)
    }

    /// What it costs that this word was meant, when that is not nothing and not more than is forgiven.
    fn cost(&mut self, meant: &str, edits: u8) -> Option<u8> {
        self.meant.clear();
        self.meant.extend(meant.chars());
        if self.meant.iter().any(|letter| letter.is_numeric()) {
            return None;
        }
        let cost = self.rows.cost(&self.letters, &self.meant, self.prefix, edits.into())?;
        u8::try_from(cost).ok().filter(|&cost| cost > 0)
    }
}

impl Rows {
    /// The edits from what was typed to the word, or to the best beginning of it; none when they are more than `most`.
    fn cost(&mut self, typed: &[char], meant: &[char], prefix: bool, most: usize) -> Option<usize> {
        let first = usize::from(typed.first() != meant.first());
        if first > most || !self.fill(typed, meant, most - first) {
            return None;
        }
        let last = &self.0[1];
        let distance = if prefix { last.iter().copied().min()? } else { *last.last()? };
        Some(distance + first).filter(|&cost| cost <= most)
    }

    /// Leaves the edits from `typed` to every beginning of `meant` in the last row; stops with `false` as soon as all of
    /// them are more than `most`.
    fn fill(&mut self, typed: &[char], meant: &[char], most: usize) -> bool {
        let Rows([before_last, last, next]) = self;
        last.clear();
        last.extend(0..=meant.len());
        let mut least_before = 0;
        for (row, &letter) in (1..).zip(typed) {
            next.clear();
            next.push(row);
            let mut least = row;
            for column in 1..=meant.len() {
                let differs = usize::from(letter != meant[column - 1]);
                let mut edits =
                    (last[column] + 1).min(next[column - 1] + 1).min(last[column - 1] + differs);
                let swapped = row > 1
                    && column > 1
                    && letter == meant[column - 2]
                    && typed[row - 2] == meant[column - 1];
                if swapped {
                    edits = edits.min(before_last[column - 2] + 1);
                }
                least = least.min(edits);
                next.push(edits);
            }
            std::mem::swap(before_last, last);
            std::mem::swap(last, next);
            // A swap reaches two rows back.
            if least > most && least_before >= most {
                return false;
            }
            least_before = least;
        }
        true
    }
}

/// The edits that a word of so many letters forgives.
const fn forgiven(letters: usize) -> u8 {
    match letters {
        0..ONE_EDIT_FROM => 0,
        ONE_EDIT_FROM..TWO_EDITS_FROM => 1,
        _ => 2,
    }
}

/// The cost of a word having been meant by what was typed of it, when that is forgiven; 0 when it begins so.
pub(crate) fn cost_of_beginning(typed: &str, meant: &str) -> Option<usize> {
    if meant.starts_with(typed) {
        return Some(0);
    }
    let letters = |text: &str| text.chars().collect::<Vec<char>>();
    let (typed, meant) = (letters(typed), letters(meant));
    let most = forgiven(typed.len().min(meant.len()));
    Rows::default().cost(&typed, &meant, true, most.into())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{any, proptest};

    use super::*;

    fn cost(typed: &str, meant: &str, prefix: bool) -> usize {
        cost_within(typed, meant, prefix, 20).unwrap()
    }

    fn cost_within(typed: &str, meant: &str, prefix: bool, most: usize) -> Option<usize> {
        let letters = |word: &str| word.chars().collect::<Vec<char>>();
        Rows::default().cost(&letters(typed), &letters(meant), prefix, most)
    }

    #[test]
    fn a_swap_is_one_edit_and_a_wrong_first_letter_counts_twice() {
        assert_eq!(cost("ligths", "lights", false), 1);
        assert_eq!(cost("chrismas", "christmas", false), 1);
        assert_eq!(cost("kandle", "candle", false), 2);
        assert_eq!(cost("acndle", "candle", false), 2);
        assert_eq!(cost("rose", "rose", false), 0);
        assert_eq!(cost("", "ab", false), 3);
    }

    #[test]
    fn the_misspelled_beginning_of_a_word_is_measured_against_its_beginning() {
        assert_eq!(cost("chrisma", "christmas", true), 1);
        assert_eq!(cost("chri", "christmas", true), 0);
        assert_eq!(cost("chrisma", "christmas", false), 2);
    }

    proptest! {
        #[test]
        fn a_limit_hides_what_is_farther_and_nothing_else(
            typed in "[abя]{0,9}", meant in "[abя]{0,9}", prefix in any::<bool>(), most in 0..4_usize
        ) {
            let expected = Some(cost(&typed, &meant, prefix)).filter(|&cost| cost <= most);

            assert_eq!(cost_within(&typed, &meant, prefix, most), expected);
        }
    }
}
