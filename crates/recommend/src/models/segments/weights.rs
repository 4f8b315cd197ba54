//! Segments as weights.

use super::Segments;
use super::algorithm::FEATURES;
use crate::artifact::{Artefact, Weights, of_length};
use crate::error::{Error, Result};

impl Artefact for Segments {
    const NAME: &'static str = "segments";

    fn to_weights(&self) -> Weights {
        Weights::default()
            .with_floats("means", self.means.clone())
            .with_floats("scales", self.scales.clone())
            .with_floats("centres", self.centres.clone())
            .with_floats("shares", self.shares.clone())
    }

    fn from_weights(weights: &Weights) -> Result<Segments> {
        let (means, scales) = (weights.floats("means")?, weights.floats("scales")?);
        let (centres, shares) = (weights.floats("centres")?, weights.floats("shares")?);
        of_length("means", means, FEATURES)?;
        of_length("scales", scales, FEATURES)?;
        of_length("centres", centres, shares.len() * FEATURES)?;
        if shares.is_empty() || scales.iter().any(|&scale| scale <= 0.0) {
            return Err(Error::damaged("has no segments, or scales that are not above 0"));
        }
        Ok(Segments {
            means: means.to_vec(),
            scales: scales.to_vec(),
            centres: centres.to_vec(),
            shares: shares.to_vec(),
        })
    }

    /// It knows customers by their days, not by what they bought.
    fn item_count(&self) -> usize {
        0
    }
}
