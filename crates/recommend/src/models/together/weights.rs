//! What goes together as weights.

use super::Together;
use crate::artifact::{Artefact, Weights};
use crate::error::Result;
use crate::models::ease::Ease;

impl Artefact for Together {
    const NAME: &'static str = "together";

    fn to_weights(&self) -> Weights {
        self.ease.to_weights()
    }

    fn from_weights(weights: &Weights) -> Result<Together> {
        Ok(Together { ease: Ease::from_weights(weights)? })
    }

    fn item_count(&self) -> usize {
        self.ease.item_count()
    }
}
