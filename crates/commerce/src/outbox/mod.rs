//! Outbox: what happened, told in the transaction in which it happened.
//!
//! The id of a row names the event for every receiver, so that each can tell a repetition. [`dispatch`] makes each event
//! a job of every receiver in one transaction and never twice; from then on receivers try in their own time.
//!
//! Table owned: `outbox`.

mod ops;
mod sql;
#[cfg(test)]
mod tests;

pub use ops::{add, add_all, dispatch, forget_sent};
use serde_json::Value;

/// What happened.
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    /// What, such as `order.placed`.
    pub topic: String,
    /// To what, such as `order:12`.
    pub subject: String,
    /// An object with whatever a receiver needs to look the rest up; no personal data.
    pub payload: Value,
}

/// Who is told of what: events whose topic begins with `topics` become jobs of this kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Receiver {
    /// Beginning of the topics, such as `order.`.
    pub topics: &'static str,
    /// Kind of the jobs that are made.
    pub job: &'static str,
}
