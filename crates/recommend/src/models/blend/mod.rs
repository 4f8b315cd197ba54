//! Recommended for you: candidates of several models, ranked by what they and the history say together.
//!
//! Fitted on [`Events`](crate::Events). Candidates are the own items, what goes with them (EASE over users, over the last
//! months, over baskets), what sells now and what is new to many. Two [`Ranker`](crate::Ranker)s judge them: one head for
//! what somebody had before, one for what is new to them, as the same feature means different things there. The heads
//! learn on windows before the present: features as they were at the window's start, labels from what was taken in it.
//! No test data is seen, and no person is kept: who asks brings a history. Cost: (`windows` + 1) · three fits of EASE.

mod algorithm;
mod candidates;
mod features;
mod hyperparams;
mod statistics;
#[cfg(test)]
mod tests;
mod weights;

pub use algorithm::Blend;
pub use hyperparams::{BlendParams, BlendValidParams};
