//! The shop on PostgreSQL: one folder per slice, SQL beside it.
//!
//! **Invariants**: PostgreSQL is the only truth; transactions open in `ops` and nowhere else; no network
//! call inside one; constraints guard and are mapped to [`Conflict`] by name. Knows neither the search
//! index nor HTTP.

pub mod audit;
pub mod carts;
pub mod categories;
pub mod checkout;
mod copy;
pub mod customers;
mod db;
pub mod deliveries;
mod error;
pub mod events;
pub mod experiments;
pub mod imports;
pub mod jobs;
pub mod ledger;
pub mod markets;
pub mod media;
pub mod models;
pub mod money;
pub mod notices;
pub mod notifications;
pub mod offers;
pub mod orders;
pub mod outbox;
mod password;
pub mod payments;
pub mod products;
pub mod promotions;
pub mod recommendation_settings;
pub mod recommendations;
pub mod reservations;
pub mod rules;
pub mod search_settings;
pub mod searches;
pub mod sheets;
pub mod staff;
pub mod stock;
pub mod synonyms;
mod token;
pub mod uuid;
pub mod wrappings;
pub mod writes;

pub use db::{Db, connect, migrate, migrated, position, read, tables};
pub use error::{Conflict, Error, Result};
pub use sqlx::PgConnection;
