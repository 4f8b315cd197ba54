//! Repeated purchases as weights.

use super::Repeat;
use crate::artifact::{Artefact, Weights, of_length, only};
use crate::error::{Error, Result};
use crate::numbers::narrow;

/// What stands for an item that nobody bought twice.
const NEVER: f32 = -1.0;

impl Artefact for Repeat {
    const NAME: &'static str = "repeat";

    fn to_weights(&self) -> Weights {
        let intervals = self.interval_days.iter().map(|days| days.unwrap_or(NEVER));
        Weights::default()
            .with_floats("half_life_days", vec![narrow(self.half_life_days)])
            .with_floats("shares", self.shares.clone())
            .with_floats("interval_days", intervals.collect())
    }

    fn from_weights(weights: &Weights) -> Result<Repeat> {
        let half_life_days = only("half_life_days", weights.floats("half_life_days")?)?;
        if half_life_days <= 0.0 {
            return Err(Error::damaged("has a half-life that is not above 0"));
        }
        let (shares, intervals) = (weights.floats("shares")?, weights.floats("interval_days")?);
        of_length("interval_days", intervals, shares.len())?;
        Ok(Repeat {
            half_life_days: half_life_days.into(),
            shares: shares.to_vec(),
            interval_days: intervals.iter().map(|&days| (days >= 0.0).then_some(days)).collect(),
        })
    }

    fn item_count(&self) -> usize {
        self.shares.len()
    }
}
