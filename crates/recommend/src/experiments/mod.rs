//! Experiments: who gets which variant, two rankings mixed into one list, and what the figures of variants say.
//!
//! *Invariants*: who gets what is decided by a hash alone, so nothing has to be remembered for a visitor to be treated the
//! same always; figures may be looked at as often as somebody likes, and the promise about false alarms still holds.

mod assign;
mod interleave;
mod judge;
#[cfg(test)]
mod tests;

pub use assign::assign;
pub use interleave::{Team, team_draft};
pub use judge::{
    Difference, Finding, Mean, Preference, VISITORS_MIN, compare, preference, shares_fit,
};
