//! Trained models: their versions, which of them serve, and the history that they are trained on.
//!
//! A version is kept whole or not at all, its file in pieces. Promotions are a log: the newest that was not taken back
//! serves, so that a rollback is the end of one and nothing is forgotten. Whoever serves hears of both by
//! [`crate::notices`]. What a file says is not looked into here. Which instance trains at night is a job ([`nightly`]).
//!
//! Tables owned: `models`, `model_chunks`, `model_promotions`. Read: `sales`, `orders`, `order_lines`, `events`.

mod history;
pub mod nightly;
mod ops;
mod sql;
#[cfg(test)]
mod tests;

use jiff::Timestamp;
use serde_json::Value;
use souk_base::MarketCode;

pub use history::{Click, Purchase, clicks, purchases};
pub use ops::{
    file, find, list, promote, promote_by_staff, roll_back, roll_back_by_staff, save, serving,
};

/// A version of a model.
#[derive(Clone, Debug, PartialEq)]
pub struct Version {
    /// Key of `models`.
    pub id: i64,
    /// Which model.
    pub model: String,
    /// Where it is to serve.
    pub market: MarketCode,
    /// Its name among those of this model and market.
    pub version: String,
    /// What it says of itself.
    pub manifest: Value,
    /// What it was beside the one that served when it was trained: `first`, `better`, `as good` or `worse`; none where
    /// nobody compared them.
    pub verdict: Option<String>,
    /// When it was kept.
    pub created_at: Timestamp,
    /// Since when it serves; none for one that does not.
    pub promoted_at: Option<Timestamp>,
}

/// A version to keep.
#[derive(Clone, Copy, Debug)]
pub struct NewVersion<'v> {
    /// Which model.
    pub model: &'v str,
    /// Where it is to serve.
    pub market: MarketCode,
    /// Its name among those of this model and market.
    pub version: &'v str,
    /// What it says of itself.
    pub manifest: &'v Value,
    /// What it is beside the one that serves; none where nobody compared them.
    pub verdict: Option<&'v str>,
    /// Its file.
    pub file: &'v [u8],
}
