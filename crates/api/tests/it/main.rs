//! The HTTP interface from the outside, against a database of its own and an index filled by hand.

#![expect(clippy::unwrap_used, reason = "what a test relies on is shown by its panic")]

mod auth;
mod bad_input;
mod carts;
mod categories;
mod cors;
mod deliveries;
mod desk;
mod events;
mod experiments;
mod fixture;
mod incidents;
mod indexes;
mod interface;
mod log;
mod me;
mod media;
mod models;
mod near;
mod offers;
mod operations;
mod orders;
mod products;
mod promotions;
mod recommendation_settings;
mod recommendations;
mod replays;
mod requests;
mod roles;
mod rules;
mod search_settings;
mod searches;
mod segments;
mod server;
mod sheets;
mod shop;
mod staff;
mod stock;
mod synonyms;
mod tampering;
mod wrappings;
mod writing;
