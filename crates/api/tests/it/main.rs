//! The HTTP interface from the outside, against a database of its own and an index filled by hand.

#![expect(clippy::unwrap_used, reason = "what a test relies on is shown by its panic")]

mod bad_input;
mod deliveries;
mod fixture;
mod interface;
mod log;
mod server;
mod shop;
mod staff;
