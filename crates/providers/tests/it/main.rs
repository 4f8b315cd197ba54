//! Golden vectors: each connector against files whose signatures were made with other tools.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod amounts;
mod client;
mod vectors;
