//! The models, one folder each: `hyperparams` (what can be set, checked), `algorithm` (fit and predict), `tests`.
//!
//! A model answers with [`ItemScore`]s; the history it is asked about comes with the question.

pub(crate) mod als;
pub(crate) mod blend;
pub(crate) mod content;
pub(crate) mod ease;
pub(crate) mod popularity;
pub(crate) mod ranker;
pub(crate) mod repeat;
pub(crate) mod session;
pub(crate) mod together;

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

/// The `k` highest scores, the highest first; ties go to the lower item, so that every order is total.
///
/// Costs O(n + k log k) and room for 4 k scores.
#[must_use]
pub fn best(scores: impl IntoIterator<Item = ItemScore>, k: usize) -> Vec<ItemScore> {
    if k == 0 {
        return Vec::new();
    }
    let order = |one: &ItemScore, other: &ItemScore| {
        other.score.total_cmp(&one.score).then(one.item.cmp(&other.item))
    };
    let mut kept: Vec<ItemScore> = Vec::new();
    let mut least = f32::NEG_INFINITY;
    for score in scores {
        if score.score < least {
            continue;
        }
        kept.push(score);
        if kept.len() >= k.saturating_mul(4) {
            least = kept.select_nth_unstable_by(k - 1, order).1.score;
            kept.truncate(k);
        }
    }
    kept.sort_unstable_by(order);
    kept.truncate(k);
    kept
}
