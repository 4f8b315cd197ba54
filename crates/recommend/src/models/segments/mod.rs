//! Kinds of customers: who bought lately, often and much is grouped with those who did alike (RFM by k-means).
//!
//! Fitted on [`Events`](crate::Events): of each user days since the last purchase, days with purchases, and lines bought, each
//! ln(1 + x), centred and scaled to a variance of 1. How much is counted in lines: what things cost is not in a history.
//! The model is the centres, what they were scaled by, and each one's share of the customers; customers are not in it: who
//! asks brings a history and gets the nearest centre. 1 is the most valuable: bought lately, often and much. Groups that
//! nobody is in are left out. Cost: runs × steps × users × segments.
//!
//! Source: Lloyd, "Least squares quantization in PCM", 1982, begun as in Arthur, Vassilvitskii, "k-means++", 2007, both as
//! linfa-clustering has them; its `cluster_count` is that of the last run, not of the best, so shares are counted here.

mod algorithm;
mod hyperparams;
#[cfg(test)]
mod tests;
mod weights;

pub use algorithm::{Segment, Segments};
pub use hyperparams::{SegmentsParams, SegmentsValidParams};
