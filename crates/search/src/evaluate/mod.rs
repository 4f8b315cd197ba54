//! How good an order of hits is, by what people judged.
//!
//! A grade of 0 is wrong, 3 is perfect; the gain of a hit is 2^grade − 1. What nobody judged counts 0 in
//! the plain figure, which punishes good hits that nobody has seen; the condensed figure leaves it out
//! (Sakai, "Alternatives to Bpref", SIGIR 2007). Both only say something together with `judged_at_10`.

mod edits;

use std::collections::HashMap;

pub use edits::{Dice, cut_last_word, with_typos};

/// Hits that count.
const DEPTH: usize = 10;
/// Hits that the condensed list is taken from.
const CONDENSED_DEPTH: usize = 100;

/// Grades of one query by the product's external id.
pub type Grades = HashMap<String, u8>;

/// What one query's hits are worth.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Quality {
    /// Normalised discounted cumulative gain of the first ten.
    pub ndcg: f64,
    /// The same of the first ten judged hits.
    pub condensed_ndcg: f64,
    /// 1 / place of the first hit with a positive grade; 0 when none of the first ten has one.
    pub reciprocal_rank: f64,
    /// Share of the first ten hits (or fewer) that somebody judged; 0 without hits.
    pub judged: f64,
}

impl Quality {
    /// The quality of these hits, best first; `None` for a query that no product answers.
    #[must_use]
    pub fn of<'h>(hits: impl IntoIterator<Item = &'h str>, grades: &Grades) -> Option<Quality> {
        let ideal = dcg(&ideal(grades));
        if ideal == 0.0 {
            return None;
        }
        let found: Vec<Option<u8>> =
            hits.into_iter().take(CONDENSED_DEPTH).map(|id| grades.get(id).copied()).collect();
        let first: Vec<u8> = found.iter().take(DEPTH).map(|grade| grade.unwrap_or(0)).collect();
        let judged: Vec<u8> = found.iter().flatten().take(DEPTH).copied().collect();
        let place = first.iter().position(|&grade| grade > 0);
        let judged_first = found.iter().take(DEPTH).flatten().count();
        Some(Quality {
            ndcg: dcg(&first) / ideal,
            condensed_ndcg: dcg(&judged) / ideal,
            reciprocal_rank: place.map_or(0.0, |place| 1.0 / count(place + 1)),
            judged: if first.is_empty() { 0.0 } else { count(judged_first) / count(first.len()) },
        })
    }
}

/// The ten highest grades there are.
fn ideal(grades: &Grades) -> Vec<u8> {
    let mut ideal: Vec<u8> = grades.values().copied().collect();
    ideal.sort_unstable_by(|one, other| other.cmp(one));
    ideal.truncate(DEPTH);
    ideal
}

/// Gains, each divided by log2 of its place + 1.
fn dcg(grades: &[u8]) -> f64 {
    let gain = |grade: u8| f64::from(2_u32.saturating_pow(grade.into()) - 1);
    grades.iter().zip(1..).map(|(&grade, place)| gain(grade) / count(place + 1).log2()).sum()
}

#[expect(clippy::cast_precision_loss, reason = "a place among a hundred")]
const fn count(number: usize) -> f64 {
    number as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn grades(of: &[(&str, u8)]) -> Grades {
        of.iter().map(|&(id, grade)| (id.to_owned(), grade)).collect()
    }

    #[test]
    fn the_best_order_is_worth_one() {
        let grades = grades(&[("a", 3), ("b", 1), ("c", 0)]);

        let quality = Quality::of(["a", "b", "c"], &grades).unwrap();

        assert_eq!(
            quality,
            Quality { ndcg: 1.0, condensed_ndcg: 1.0, reciprocal_rank: 1.0, judged: 1.0 }
        );
    }

    #[test]
    fn what_nobody_judged_is_wrong_in_the_plain_figure_and_absent_from_the_condensed_one() {
        let grades = grades(&[("a", 3)]);

        let quality = Quality::of(["x", "a"], &grades).unwrap();

        assert!((quality.ndcg - 1.0 / 3_f64.log2()).abs() < 1e-9);
        assert_eq!(
            (quality.condensed_ndcg, quality.reciprocal_rank, quality.judged),
            (1.0, 0.5, 0.5)
        );
    }

    #[test]
    fn a_query_that_nothing_answers_has_no_quality_and_no_hits_have_none() {
        assert_eq!(Quality::of(["a"], &grades(&[("a", 0)])), None);
        assert_eq!(Quality::of([], &grades(&[("a", 2)])), Some(Quality::default()));
    }
}
