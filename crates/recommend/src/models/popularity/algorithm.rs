//! Counts buyers with a half-life.

use linfa::DatasetBase;
use linfa::traits::Fit;

use super::hyperparams::{PopularityParams, PopularityValidParams};
use crate::error::{Error, Result};
use crate::event::{DAY_MS, Events};
use crate::models::ItemScore;
use crate::numbers::narrow;

/// A score for each item.
#[derive(Clone, Debug, PartialEq)]
pub struct Popularity {
    pub(super) scores: Vec<f32>,
}

impl Fit<Events, (), Error> for PopularityValidParams {
    type Object = Popularity;

    fn fit(&self, dataset: &DatasetBase<Events, ()>) -> Result<Popularity> {
        let events = dataset.records();
        let now_ms = self.now_ms.or(events.span_ms().map(|(_, last)| last)).unwrap_or(0);
        let scores = buyers(events, now_ms, self.half_life_days);
        Ok(Popularity { scores: scores.into_iter().map(narrow).collect() })
    }
}

/// The buyers of each item, each by the latest time, counting half after the half-life: one who buys daily is still one.
pub(crate) fn buyers(events: &Events, now_ms: i64, half_life_days: f64) -> Vec<f64> {
    let mut scores = vec![0.0; events.item_count()];
    let mut latest = vec![None; events.item_count()];
    for user in 0..events.user_count() {
        let rows = events.of(user);
        rows.iter().for_each(|row| latest[row.item as usize] = Some(row.time_ms));
        for row in rows {
            if let Some(time_ms) = latest[row.item as usize].take() {
                let age_days = (now_ms - time_ms).max(0) as f64 / DAY_MS as f64;
                scores[row.item as usize] += 0.5_f64.powf(age_days / half_life_days);
            }
        }
    }
    scores
}

impl Popularity {
    /// Parameters to fit it with.
    #[must_use]
    pub fn params() -> PopularityParams {
        PopularityParams::default()
    }

    /// One item's score; 0 of what nobody had.
    #[must_use]
    pub fn score(&self, item: u32) -> f32 {
        self.scores.get(item as usize).copied().unwrap_or(0.0)
    }

    /// Every item's score.
    #[must_use]
    pub fn scores(&self) -> Vec<ItemScore> {
        let scores = self.scores.iter().zip(0..);
        scores.map(|(&score, item)| ItemScore { item, score }).collect()
    }
}
