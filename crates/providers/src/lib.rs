//! Wire formats of payment providers and messengers: build a request, read an answer, verify a callback; and the one guarded
//! HTTP client that all outgoing calls take.
//!
//! **Invariants**: no SQL and no state; formats are pure functions, so that a vector in a file proves them; amounts come
//! from whole minor units and never pass through a float; `reqwest` and `lettre` are named in this room only; a [`Secret`] is never
//! printed.

pub mod http;
pub mod messages;
pub mod payments;
mod secret;
pub mod sign;
pub mod wire;

pub use secret::Secret;
