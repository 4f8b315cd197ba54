//! What more people want than lately: buyers of the last days beyond those that an item's own past makes one expect.
//!
//! Fitted on [`Events`](crate::Events). An item's share of what is bought, each buyer counting half after a half-life, is
//! taken now and as it was at the same moment of each week before; the mean of those times what is bought now is what is
//! expected. The score is (buyers − expected) / √(expected + 1): how many standard deviations of a count it is above,
//! smoothed by one buyer; what is not above has no trend. A shop without a past has none. Cost: a pass a week looked back.

mod algorithm;
mod hyperparams;
#[cfg(test)]
mod tests;
mod weights;

pub use algorithm::Trending;
pub use hyperparams::{TrendingParams, TrendingValidParams};
