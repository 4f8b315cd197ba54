//! How good ranked lists are: every figure is a mean over users, with a bootstrap interval on demand.
//!
//! Rankings are full: nothing here samples negatives (Krichene, Rendle, KDD 2020 show what that hides).

mod interval;
mod ranking;

pub use interval::{Interval, bootstrap, paired};
pub use ranking::{hit, ndcg, recall, reciprocal_rank};

use std::collections::BTreeSet;

/// Figures of lists of items, one value a user.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// 1 when one of the first ten is relevant.
    pub hit_at_10: Vec<f64>,
    /// Share of the relevant among the first twenty, of min(20, relevant).
    pub recall_at_20: Vec<f64>,
    /// The same of fifty.
    pub recall_at_50: Vec<f64>,
    /// Discounted gain of the first hundred, 1 for the best order there is.
    pub ndcg_at_100: Vec<f64>,
    /// Mean −log2 of the share of users who have an item, over the first twenty: higher is less obvious.
    pub novelty_at_20: Vec<f64>,
    shown: BTreeSet<u32>,
    popularity: Popularities,
}

#[derive(Clone, Debug, Default)]
struct Popularities {
    shown: f64,
    shown_count: f64,
    had: f64,
    had_count: f64,
}

impl Report {
    /// Adds one user's list, best first; left out when nothing is relevant, as it could only be wrong.
    ///
    /// `shares` is the share of users who have each item.
    pub fn add(&mut self, list: &[u32], relevant: &[u32], shares: &[f64]) {
        if relevant.is_empty() {
            return;
        }
        self.hit_at_10.push(hit(list, relevant, 10));
        self.recall_at_20.push(recall(list, relevant, 20));
        self.recall_at_50.push(recall(list, relevant, 50));
        self.ndcg_at_100.push(ndcg(list, relevant, 100));
        let first = &list[..list.len().min(20)];
        let share = |&item: &u32| shares.get(item as usize).copied().unwrap_or(0.0);
        let bits: f64 = first.iter().map(|item| -share(item).max(1e-6).log2()).sum();
        self.novelty_at_20.push(bits / (first.len().max(1)) as f64);
        self.shown.extend(first);
        self.popularity.shown += first.iter().map(share).sum::<f64>();
        self.popularity.shown_count += first.len() as f64;
        self.popularity.had += relevant.iter().map(share).sum::<f64>();
        self.popularity.had_count += relevant.len() as f64;
    }

    /// Share of the catalogue that somebody saw among the first twenty.
    #[must_use]
    pub fn coverage_at_20(&self, item_count: usize) -> f64 {
        self.shown.len() as f64 / item_count.max(1) as f64
    }

    /// How much more popular the shown items are than those that were taken; 1 is neither more nor less.
    #[must_use]
    pub fn popularity_lift(&self) -> f64 {
        let shown = self.popularity.shown / self.popularity.shown_count.max(1.0);
        shown / (self.popularity.had / self.popularity.had_count.max(1.0)).max(1e-9)
    }
}

/// The mean; 0 of nothing.
#[must_use]
pub fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len().max(1) as f64
}
