//! Vectors of ALS as weights.

use ndarray::Array2;

use super::Als;
use crate::artifact::{Artefact, Weights, of_length, only};
use crate::error::{Error, Result};
use crate::numbers::index;

impl Artefact for Als {
    const NAME: &'static str = "als";

    fn to_weights(&self) -> Weights {
        Weights::default()
            .with_floats("alpha", vec![self.alpha])
            .with_numbers("factors", vec![index(self.items.ncols())])
            .with_floats("items", self.items.iter().copied().collect())
            .with_floats("shared", self.shared.iter().copied().collect())
    }

    fn from_weights(weights: &Weights) -> Result<Als> {
        let factors = only("factors", weights.numbers("factors")?)? as usize;
        let (items, shared) = (weights.floats("items")?, weights.floats("shared")?);
        of_length("shared", shared, factors.saturating_mul(factors))?;
        if factors == 0 || !items.len().is_multiple_of(factors) {
            return Err(Error::damaged(format!("has vectors that are not {factors} long")));
        }
        let array = |values: &[f32], rows| {
            let array = Array2::from_shape_vec((rows, factors), values.to_vec());
            array.map_err(|_| Error::damaged("has vectors of another shape"))
        };
        Ok(Als {
            items: array(items, items.len() / factors)?,
            shared: array(shared, factors)?,
            alpha: only("alpha", weights.floats("alpha")?)?,
        })
    }

    fn item_count(&self) -> usize {
        self.items.nrows()
    }
}
