//! The ranker as weights.

use super::Ranker;
use super::curves::Curves;
use crate::artifact::{Artefact, Weights, of_length};
use crate::error::{Error, Result};

impl Artefact for Ranker {
    const NAME: &'static str = "ranker";

    fn to_weights(&self) -> Weights {
        let (scores, probabilities) = self.calibration.iter().copied().unzip();
        Weights::default()
            .with_floats("curves", self.curves.to_floats())
            .with_floats("weights", self.weights.clone())
            .with_floats("scores", scores)
            .with_floats("probabilities", probabilities)
    }

    fn from_weights(weights: &Weights) -> Result<Ranker> {
        let curves = Curves::of_floats(weights.floats("curves")?)?;
        let (scores, shares) = (weights.floats("scores")?, weights.floats("probabilities")?);
        of_length("weights", weights.floats("weights")?, curves.width())?;
        of_length("probabilities", shares, scores.len())?;
        if !scores.is_sorted() || shares.iter().any(|share| !(0.0..=1.0).contains(share)) {
            return Err(Error::damaged("has a calibration that is none"));
        }
        Ok(Ranker {
            curves,
            weights: weights.floats("weights")?.to_vec(),
            calibration: scores.iter().copied().zip(shares.iter().copied()).collect(),
        })
    }

    /// It knows features, not items.
    fn item_count(&self) -> usize {
        0
    }
}
