//! How good a model's answers are on a file: fit before, ask after, rank everything.
//!
//! `souk evaluate` prints what these functions return; keys are those of the interface's document.

mod baskets;
mod interactions;
mod sessions;

pub use baskets::{BasketModel, baskets};
pub use interactions::{InteractionModel, interactions};
pub(crate) use interactions::{history, once, shares};
pub use sessions::{SessionModel, sessions};

use serde_json::{Value, json};

use crate::error::{Error, Result};
use crate::models::ItemScore;

/// Longest list that a run tells.
pub const LIST_MAX: usize = 100;

/// Seed of everything that is drawn: bootstrap samples, hidden lines.
pub(crate) const SEED: u64 = 1;

/// Where answers and times go.
pub struct Watch<'w> {
    /// Seconds of processor time that this process has taken.
    pub cpu_s: &'w dyn Fn() -> f64,
    /// Told of every answer: whose, and at most [`LIST_MAX`] items, best first.
    pub answered: &'w mut dyn FnMut(&str, &[ItemScore]),
}

/// With four digits behind the point.
pub(crate) fn figure(number: f64) -> Value {
    // Nothing is not less than nothing.
    json!((number * 10_000.0).round() / 10_000.0 + 0.0)
}

/// The model of this name.
pub(crate) fn named<M: Copy>(name: &str, known: &[(&'static str, M)]) -> Result<M> {
    let found = known.iter().find(|(known, _)| *known == name).map(|&(_, model)| model);
    found.ok_or_else(|| {
        let known = known.iter().map(|&(name, _)| name).collect::<Vec<_>>().join(", ");
        Error::UnknownModel { given: name.to_owned(), known }
    })
}
