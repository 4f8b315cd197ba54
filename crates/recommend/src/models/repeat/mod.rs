//! What somebody had before: how often, when, and how soon an item is bought again.
//!
//! Fitted on [`Events`](crate::Events): the share of buyers who come back for each item and the median days
//! between. The own history comes with the question. Cost: one pass over the rows.

mod algorithm;
mod hyperparams;
#[cfg(test)]
mod tests;
mod weights;

pub use algorithm::Repeat;
pub use hyperparams::{RepeatParams, RepeatValidParams};
