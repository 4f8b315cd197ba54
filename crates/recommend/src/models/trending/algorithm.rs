//! Compares what sells now with the weeks before.

use linfa::DatasetBase;
use linfa::traits::Fit;

use super::hyperparams::{TrendingParams, TrendingValidParams};
use crate::error::{Error, Result};
use crate::event::{DAY_MS, Events};
use crate::models::ItemScore;
use crate::models::popularity::buyers;
use crate::numbers::narrow;

/// How far each item is above its past; 0 of what is not.
#[derive(Clone, Debug, PartialEq)]
pub struct Trending {
    pub(super) rises: Vec<f32>,
}

impl Fit<Events, (), Error> for TrendingValidParams {
    type Object = Trending;

    fn fit(&self, dataset: &DatasetBase<Events, ()>) -> Result<Trending> {
        let events = dataset.records();
        let now_ms = self.now_ms.or(events.span_ms().map(|(_, last)| last + 1)).unwrap_or(0);
        let at = |now_ms| buyers(&events.between(i64::MIN, now_ms), now_ms, self.half_life_days);
        let present = at(now_ms);
        let all: f64 = present.iter().sum();
        let mut expected = vec![0.0; present.len()];
        let mut weeks = 0.0;
        for week in 1..=i64::from(self.weeks) {
            let past = at(now_ms - week * 7 * DAY_MS);
            let sum: f64 = past.iter().sum();
            // Before anything was bought, nothing had a share.
            if sum > 0.0 {
                expected.iter_mut().zip(past).for_each(|(mean, past)| *mean += past / sum * all);
                weeks += 1.0;
            }
        }
        if weeks == 0.0 {
            return Ok(Trending { rises: vec![0.0; present.len()] });
        }
        let rise = |(present, expected): (f64, f64)| {
            let expected = expected / weeks;
            narrow(((present - expected) / (expected + 1.0).sqrt()).max(0.0))
        };
        Ok(Trending { rises: present.into_iter().zip(expected).map(rise).collect() })
    }
}

impl Trending {
    /// Parameters to fit it with.
    #[must_use]
    pub fn params() -> TrendingParams {
        TrendingParams::default()
    }

    /// How far one item is above its past.
    #[must_use]
    pub fn score(&self, item: u32) -> f32 {
        self.rises.get(item as usize).copied().unwrap_or(0.0)
    }

    /// Every item's score.
    #[must_use]
    pub fn scores(&self) -> Vec<ItemScore> {
        let rises = self.rises.iter().zip(0..);
        rises.map(|(&score, item)| ItemScore { item, score }).collect()
    }
}
