//! Counts who comes back for what, and scores a history by it.

use std::collections::BTreeMap;

use linfa::DatasetBase;
use linfa::traits::Fit;

use super::hyperparams::{RepeatParams, RepeatValidParams};
use crate::error::{Error, Result};
use crate::event::{DAY_MS, Events};
use crate::models::{ItemScore, Visit};
use crate::numbers::narrow;

/// How each item is bought again.
#[derive(Clone, Debug, PartialEq)]
pub struct Repeat {
    pub(super) half_life_days: f64,
    /// Share of buyers who bought again, smoothed towards the shop's.
    pub(super) shares: Vec<f32>,
    /// Median days between two purchases of the item by the same buyer; `None` without any.
    pub(super) interval_days: Vec<Option<f32>>,
}

impl Fit<Events, (), Error> for RepeatValidParams {
    type Object = Repeat;

    fn fit(&self, dataset: &DatasetBase<Events, ()>) -> Result<Repeat> {
        let events = dataset.records();
        let mut buyers = vec![0.0; events.item_count()];
        let mut again = vec![0.0; events.item_count()];
        let mut gaps: Vec<Vec<f64>> = vec![Vec::new(); events.item_count()];
        for user in 0..events.user_count() {
            let mut times: BTreeMap<u32, Vec<i64>> = BTreeMap::new();
            events
                .of(user)
                .iter()
                .for_each(|row| times.entry(row.item).or_default().push(row.time_ms));
            for (item, mut times) in times {
                times.dedup();
                let item = item as usize;
                buyers[item] += 1.0;
                again[item] += f64::from(u8::from(times.len() > 1));
                gaps[item]
                    .extend(times.windows(2).map(|two| (two[1] - two[0]) as f64 / DAY_MS as f64));
            }
        }
        let shop = again.iter().sum::<f64>() / buyers.iter().sum::<f64>().max(1.0);
        let prior = self.prior_buyers;
        let share =
            |(again, buyers): (&f64, &f64)| narrow((again + prior * shop) / (buyers + prior));
        Ok(Repeat {
            half_life_days: self.half_life_days,
            shares: again.iter().zip(&buyers).map(share).collect(),
            interval_days: gaps.into_iter().map(median).collect(),
        })
    }
}

fn median(mut values: Vec<f64>) -> Option<f32> {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().map(narrow)
}

impl Repeat {
    /// Parameters to fit it with.
    #[must_use]
    pub fn params() -> RepeatParams {
        RepeatParams::default()
    }

    /// Share of the buyers of an item who bought it again.
    #[must_use]
    pub fn share(&self, item: u32) -> f32 {
        self.shares.get(item as usize).copied().unwrap_or(0.0)
    }

    /// Median days until the item is bought again.
    #[must_use]
    pub fn interval_days(&self, item: u32) -> Option<f32> {
        self.interval_days.get(item as usize).copied().flatten()
    }

    /// The items of a history by how often and how lately they were had: Σ 2^(−age / half-life).
    #[must_use]
    pub fn scores(&self, history: &[Visit], now_ms: i64) -> Vec<ItemScore> {
        let mut scores: BTreeMap<u32, f64> = BTreeMap::new();
        for visit in history {
            let age_days = (now_ms - visit.time_ms).max(0) as f64 / DAY_MS as f64;
            *scores.entry(visit.item).or_default() += 0.5_f64.powf(age_days / self.half_life_days);
        }
        scores.into_iter().map(|(item, score)| ItemScore { item, score: narrow(score) }).collect()
    }
}
