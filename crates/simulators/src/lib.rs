//! Payment providers and messengers on this machine: their real wire formats without a network, pages where a tester pays, fails or cancels,
//! and every mood a provider can have: answers that get lost after the effect, errors, callbacks that come twice and
//! in any order, money that comes after the end.
//!
//! **Invariants**: every choice comes from a seed, so that a run repeats; a provider here keeps its word about
//! idempotency where the real one does, and only there. What connectors mark (u) is (u) here too.

mod bank;
mod http;
mod json;
mod letters;
mod moods;
mod simulator;
mod wire;

pub use bank::{Deed, Shown};
pub use http::serve;
pub use letters::{Letter, Letters, serve_letters};
pub use moods::Moods;
pub use simulator::{Hook, Simulator, settings};
pub use wire::Back;
