//! How reliable a provider is.

use serde::{Deserialize, Serialize};

/// Percentages of calls and callbacks that go wrong; all zero for a provider in a good mood.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Moods {
    /// Calls that do not arrive, which the caller notices.
    pub unreachable: u32,
    /// Calls that have their effect, but whose answer is lost.
    pub lost_answers: u32,
    /// Calls without an effect, answered with an error of the provider's own.
    pub errors: u32,
    /// Callbacks that are lost.
    pub lost_callbacks: u32,
    /// Callbacks that come twice.
    pub repeated_callbacks: u32,
    /// Whether callbacks come in any order.
    pub shuffled: bool,
}
