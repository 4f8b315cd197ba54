//! Trends as weights.

use super::Trending;
use crate::artifact::{Artefact, Weights};
use crate::error::Result;

impl Artefact for Trending {
    const NAME: &'static str = "trending";

    fn to_weights(&self) -> Weights {
        Weights::default().with_floats("rises", self.rises.clone())
    }

    fn from_weights(weights: &Weights) -> Result<Trending> {
        Ok(Trending { rises: weights.floats("rises")?.to_vec() })
    }

    fn item_count(&self) -> usize {
        self.rises.len()
    }
}
