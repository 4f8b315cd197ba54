//! The feed against a real PostgreSQL: each test has a database, a slot and an index directory of its own.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on should say where")]

mod bulk;
mod changes;
mod cluster;
mod clusters;
mod deliveries;
mod disk;
mod instances;
mod network;
mod recovery;
mod rows;
mod rules;
mod schema;
mod shop;
mod slots;
mod verifying;
