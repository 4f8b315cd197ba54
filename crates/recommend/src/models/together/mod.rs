//! What is bought in one basket: EASE over baskets, long ones weighing less.
//!
//! Fitted on [`Events`](crate::Events) whose users are baskets. Weighing what sells lately higher was tried and made it
//! worse on every cut: what completes a basket says its lines. Cost: that of [`Ease`](crate::Ease) with baskets as rows.

mod algorithm;
mod hyperparams;
#[cfg(test)]
mod tests;
mod weights;

pub use algorithm::Together;
pub use hyperparams::{TogetherParams, TogetherValidParams};
