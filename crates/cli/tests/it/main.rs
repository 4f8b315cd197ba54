//! The whole product, driven from outside: real PostgreSQL, the real binary, real HTTP.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod bench;
mod commands;
mod crashes;
mod damage;
mod doctor;
mod evaluate;
mod facets;
mod models;
mod promises;
mod purchases;
mod recommend;
mod rules;
mod serve;
mod shop;
