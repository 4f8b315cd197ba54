//! What many want: buyers of each item, each counting half after a half-life.
//!
//! Fitted on [`Events`](crate::Events) (users × items over time); the model is one score an item. Cost: one pass over the rows.

mod algorithm;
mod hyperparams;
#[cfg(test)]
mod tests;
mod weights;

pub use algorithm::Popularity;
pub(crate) use algorithm::buyers;
pub use hyperparams::{PopularityParams, PopularityValidParams};
