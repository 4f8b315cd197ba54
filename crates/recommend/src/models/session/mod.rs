//! What comes next in a session: neighbours among past sessions, and what followed the last item.
//!
//! Fitted on [`Events`](crate::Events) whose users are sessions. A question is the items clicked so far; past sessions
//! that share some weigh by which they share (the last most), how long ago they were and how long they are; their
//! items score by how near they are to the shared one, before or after it. Direct successors of the last item add to
//! that: neighbours find, successors order. Cost of a question: (clicks · `sessions_max` + `neighbours` · length of a session).
//!
//! Sources: Ludewig, Mauro, Latifi, Jannach, "Empirical analysis of session-based recommendation algorithms", UMUAI 2021
//! (VSTAN, SR); Garg et al., "Sequence and time aware neighborhood", SIGIR 2019 (STAN); Kersbergen, Sprangers, Schelter,
//! "Serenade", SIGMOD 2022 (VMIS-kNN: the index of the latest sessions of each item).

mod algorithm;
mod hyperparams;
#[cfg(test)]
mod tests;
mod tuning;
mod weights;

pub use algorithm::{Scratch, Session};
pub use hyperparams::{SessionParams, SessionValidParams};
pub(crate) use tuning::choices;
