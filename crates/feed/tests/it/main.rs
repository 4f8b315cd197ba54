//! The feed against a real PostgreSQL: each test has a database, a slot and an index directory of its own.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on should say where")]

mod changes;
mod deliveries;
mod instances;
mod disk;
mod recovery;
mod shop;
mod verifying;
