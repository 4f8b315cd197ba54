//! What many want: buyers of each item, each counting half after a half-life.
//!
//! Fitted on [`Events`](crate::Events) (users × items over time); the model is one score an item. A short
//! half-life makes it what is trending. Cost: one pass over the rows.

mod algorithm;
mod hyperparams;
#[cfg(test)]
mod tests;
mod weights;

pub use algorithm::Popularity;
pub use hyperparams::{PopularityParams, PopularityValidParams};
