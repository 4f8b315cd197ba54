//! How likely something is taken: a calibrated logistic model over dense features, learned as data comes.
//!
//! Fitted on a linfa dataset (rows × features, taken or not). Each feature is cut at its extremes, standardised and bent at
//! its quantiles (so a line becomes a curve); linfa-logistic on a sample gives the start, linfa-ftrl goes through all rows
//! in mini-batches, isotonic regression on rows that neither saw turns scores into probabilities. Positives are rare, so
//! data may come with only some of its negatives: `negatives_kept` undoes that. Cost: O(rows · features · epochs).
//!
//! Traps of linfa 0.8.1 that are met here: FTRL makes one step a call, however large the batch, and has no intercept;
//! logistic regression chooses itself which label is positive; isotonic regression pools too much (see `calibration`).
//!
//! Source: "Ad click prediction: a view from the trenches", KDD 2013.

mod algorithm;
mod calibration;
mod curves;
mod hyperparams;
#[cfg(test)]
mod tests;
mod weights;

pub use algorithm::Ranker;
pub use hyperparams::{RankerParams, RankerValidParams};
