//! EASE as weights.

use super::Ease;
use crate::artifact::{Artefact, Weights};
use crate::error::{Error, Result};
use crate::interactions::Interactions;
use linfa::dataset::Records;

impl Artefact for Ease {
    const NAME: &'static str = "ease";

    fn to_weights(&self) -> Weights {
        self.weights.to_weights()
    }

    fn from_weights(weights: &Weights) -> Result<Ease> {
        let weights = Interactions::from_weights(weights)?;
        if weights.nsamples() != weights.nfeatures() {
            let (rows, columns) = (weights.nsamples(), weights.nfeatures());
            return Err(Error::damaged(format!("has {rows} rows of {columns} items")));
        }
        Ok(Ease { weights })
    }

    fn item_count(&self) -> usize {
        self.weights.nfeatures()
    }
}
