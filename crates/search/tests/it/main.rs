//! The crate from the outside: small shops with an index, columns and tables in a temporary folder.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod deliveries;
mod facets;
mod highlights;
mod index;
mod languages;
mod paging;
mod queries;
mod rules;
mod shop;
mod suggestions;
