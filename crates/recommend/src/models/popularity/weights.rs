//! Popularity as weights.

use super::Popularity;
use crate::artifact::{Artefact, Weights};
use crate::error::Result;

impl Artefact for Popularity {
    const NAME: &'static str = "popularity";

    fn to_weights(&self) -> Weights {
        Weights::default().with_floats("scores", self.scores.clone())
    }

    fn from_weights(weights: &Weights) -> Result<Popularity> {
        Ok(Popularity { scores: weights.floats("scores")?.to_vec() })
    }

    fn item_count(&self) -> usize {
        self.scores.len()
    }
}
