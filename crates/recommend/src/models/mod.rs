//! The models, one folder each: `hyperparams` (what can be set, checked), `algorithm` (fit and predict), `tests`.
//!
//! A model answers with [`ItemScore`]s; the history it is asked about comes with the question.

use std::cmp::Ordering;

pub(crate) mod als;
pub(crate) mod blend;
pub(crate) mod content;
pub(crate) mod ease;
pub(crate) mod popularity;
pub(crate) mod ranker;
pub(crate) mod repeat;
pub(crate) mod segments;
pub(crate) mod session;
pub(crate) mod together;
pub(crate) mod trending;

/// An item and how much speaks for it; only the order of scores of one model means anything.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ItemScore {
    /// Which.
    pub item: u32,
    /// How much.
    pub score: f32,
}

/// One thing in the history that a question brings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Visit {
    /// With what.
    pub item: u32,
    /// When, in milliseconds since 1970.
    pub time_ms: i64,
}

/// The one of these that weighs most, if any weighs more than nothing; ties go to the lower.
pub(crate) fn strongest(of: &[u32], weight: impl Fn(u32) -> f32) -> Option<u32> {
    let weights = of.iter().map(|&of| (weight(of), of)).filter(|(weight, _)| *weight > 0.0);
    let most = weights.max_by(|one, other| one.0.total_cmp(&other.0).then(other.1.cmp(&one.1)));
    most.map(|(_, of)| of)
}

/// Scores that are looked at together.
const CHUNK: usize = 16;

/// The `k` highest of the scores above 0, which stand at their items' numbers: as [`best`], in a fraction of the time, as most
/// chunks have nothing that is wanted.
pub(crate) fn best_above_zero(scores: &[f32], k: usize) -> Vec<ItemScore> {
    let mut kept: Vec<ItemScore> = Vec::with_capacity(k.saturating_mul(4));
    let mut least = f32::MIN_POSITIVE;
    for (chunk, first) in scores.chunks(CHUNK).zip((0_u32..).step_by(CHUNK)) {
        // Of floats above 0 the bits are in the same order, and integers are compared many at once.
        let most = chunk.iter().map(|score| score.to_bits().cast_signed()).fold(0, i32::max);
        if most < least.to_bits().cast_signed() {
            continue;
        }
        for (&score, item) in chunk.iter().zip(first..) {
            if score >= least {
                kept.push(ItemScore { item, score });
            }
        }
        if kept.len() + CHUNK > k.saturating_mul(4) && kept.len() > k && k > 0 {
            least = kept.select_nth_unstable_by(k - 1, higher_first).1.score;
            kept.truncate(k);
        }
    }
    best(kept, k)
}

/// The `k` highest scores, the highest first; ties go to the lower item, so that every order is total.
///
/// Costs O(n + k log k) and room for 4 k scores.
#[must_use]
pub fn best(scores: impl IntoIterator<Item = ItemScore>, k: usize) -> Vec<ItemScore> {
    if k == 0 {
        return Vec::new();
    }
    let mut kept: Vec<ItemScore> = Vec::new();
    let mut least = f32::NEG_INFINITY;
    for score in scores {
        if score.score < least {
            continue;
        }
        kept.push(score);
        if kept.len() >= k.saturating_mul(4) {
            least = kept.select_nth_unstable_by(k - 1, higher_first).1.score;
            kept.truncate(k);
        }
    }
    kept.sort_unstable_by(higher_first);
    kept.truncate(k);
    kept
}

fn higher_first(one: &ItemScore, other: &ItemScore) -> Ordering {
    other.score.total_cmp(&one.score).then(one.item.cmp(&other.item))
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::{prop_assert_eq, proptest};

    use super::*;

    proptest! {
        #[test]
        fn the_best_above_zero_are_the_best_of_those(
            scores in vec(-2_i8..6, 0..400),
            k in 0_usize..40,
        ) {
            // Few different values, so that many are the same.
            let scores: Vec<f32> = scores.into_iter().map(f32::from).collect();
            let above = scores.iter().zip(0..).filter(|(score, _)| **score > 0.0);
            let above = above.map(|(&score, item)| ItemScore { item, score });

            prop_assert_eq!(best_above_zero(&scores, k), best(above, k));
        }
    }
}
