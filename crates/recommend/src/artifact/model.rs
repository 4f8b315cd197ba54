//! How a model is laid down as weights and taken up again, with its shape checked.

use super::weights::Weights;
use crate::error::{Error, Result};
use crate::interactions::Interactions;
use crate::numbers::index;

/// A model that can be kept.
pub trait Artefact: Sized {
    /// Its name among the models.
    const NAME: &'static str;

    /// Everything that it answers by.
    fn to_weights(&self) -> Weights;

    /// The model of these weights.
    ///
    /// # Errors
    /// [`Error::Damaged`] when an array is missing, of another length than the others say, or names an item that there
    /// is none of.
    fn from_weights(weights: &Weights) -> Result<Self>;

    /// How many items it knows; every number that it answers with is below.
    fn item_count(&self) -> usize;
}

/// Refuses an array of another length.
pub(crate) fn of_length<T>(name: &str, values: &[T], length: usize) -> Result<()> {
    if values.len() == length {
        return Ok(());
    }
    let given = values.len();
    Err(Error::damaged(format!("has {given} values in \"{name}\" where {length} belong")))
}

/// Refuses numbers that are not below `limit`.
pub(crate) fn all_below(name: &str, numbers: &[u32], limit: usize) -> Result<()> {
    match numbers.iter().find(|&&number| number as usize >= limit) {
        None => Ok(()),
        Some(number) => Err(Error::damaged(format!("has {number} in \"{name}\" of {limit}"))),
    }
}

/// Refuses numbers that stand there twice.
pub(crate) fn all_once(name: &str, numbers: &[u32]) -> Result<()> {
    let mut seen = numbers.to_vec();
    seen.sort_unstable();
    match seen.windows(2).find(|two| two[0] == two[1]) {
        None => Ok(()),
        Some(two) => Err(Error::damaged(format!("has {} twice in \"{name}\"", two[0]))),
    }
}

/// One number that stands alone.
pub(crate) fn only<T: Copy>(name: &str, values: &[T]) -> Result<T> {
    of_length(name, values, 1)?;
    Ok(values[0])
}

/// Most items of a model: room for them is taken before anything else says how many there are.
const ITEMS_MAX: u32 = 10_000_000;

/// A count of items that stands alone.
pub(crate) fn item_count(name: &str, numbers: &[u32]) -> Result<usize> {
    let count = only(name, numbers)?;
    if count > ITEMS_MAX {
        return Err(Error::damaged(format!("has {count} items, more than {ITEMS_MAX}")));
    }
    Ok(count as usize)
}

/// Starts of rows, from 0 to the number of what is in them, as places.
pub(crate) fn starts(name: &str, numbers: &[u32], length: usize) -> Result<Vec<usize>> {
    let ends = numbers.first() == Some(&0) && numbers.last() == Some(&index(length));
    if !ends || !numbers.is_sorted() {
        return Err(Error::damaged(format!(
            "has rows in \"{name}\" that do not lie one behind the other"
        )));
    }
    Ok(numbers.iter().map(|&number| number as usize).collect())
}

impl Artefact for Interactions {
    const NAME: &'static str = "interactions";

    fn to_weights(&self) -> Weights {
        let (starts, items, weights) = self.parts();
        Weights::default()
            .with_numbers("columns", vec![index(self.item_count())])
            .with_numbers("starts", starts.iter().map(|&start| index(start)).collect())
            .with_numbers("items", items.to_vec())
            .with_floats("weights", weights.to_vec())
    }

    fn from_weights(weights: &Weights) -> Result<Interactions> {
        let columns = item_count("columns", weights.numbers("columns")?)?;
        let (items, values) = (weights.numbers("items")?, weights.floats("weights")?);
        of_length("weights", values, items.len())?;
        all_below("items", items, columns)?;
        let starts = starts("starts", weights.numbers("starts")?, items.len())?;
        Ok(Interactions::of_parts(starts, items.to_vec(), values.to_vec(), columns))
    }

    fn item_count(&self) -> usize {
        linfa::dataset::Records::nfeatures(self)
    }
}
