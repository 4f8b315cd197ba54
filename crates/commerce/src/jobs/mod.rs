//! Jobs: work that is done later, at least once, by whichever process gets hold of it.
//!
//! A job is claimed for the length of a lease, by moving its due time there: a process that dies lets its jobs fall due
//! again. Each claim has a number (`attempts`), and only who holds the latest may end the job, so a worker that was
//! thought dead cannot end what another has begun. What fails is tried again, later each time, and given up at last;
//! given-up jobs stay, to be looked at. Work must bear being done twice.
//!
//! Table owned: `jobs`.

mod ops;
mod sql;
#[cfg(test)]
mod tests;

use jiff::Timestamp;
pub use ops::{cancel, claim, enqueue, fail, finish, next_due};
use serde_json::Value;

/// A job to be done.
#[derive(Clone, Debug, PartialEq)]
pub struct NewJob {
    /// What is to be done; whoever claims this kind knows.
    pub kind: &'static str,
    /// At most one waiting job of the kind has this name; enqueueing another changes nothing.
    pub key: Option<String>,
    /// What it is about.
    pub payload: Value,
    /// When it is due; at once where none is given.
    pub run_at: Option<Timestamp>,
    /// How often it is tried.
    pub attempts_max: i32,
}

impl NewJob {
    /// A job that is due at once, may be there many times and is tried over about two days.
    #[must_use]
    pub fn new(kind: &'static str, payload: Value) -> NewJob {
        NewJob { kind, key: None, payload, run_at: None, attempts_max: 12 }
    }
}

/// A claimed job.
#[derive(Clone, Debug, PartialEq)]
pub struct Job {
    /// Its row.
    pub id: i64,
    /// What is to be done.
    pub kind: String,
    /// Its name among its kind.
    pub key: Option<String>,
    /// What it is about.
    pub payload: Value,
    /// The number of this claim, from 1.
    pub attempts: i32,
}
