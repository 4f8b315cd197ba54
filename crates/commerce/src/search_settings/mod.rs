//! Search settings: how much each part of the ranking weighs, in each market.
//!
//! A row is never changed or removed: every change is a new version, and the newest counts, of the market or else of all
//! markets. Weights that a script wrote and nobody can read are passed over, as if that version had not been written.
//!
//! Table owned: `search_settings`.

mod ops;
mod sql;
#[cfg(test)]
mod tests;

use jiff::Timestamp;
pub use ops::{check, find, get, newest, set};
use serde::{Deserialize, Serialize};
use souk_base::{MarketCode, Weights};

/// Greatest weight.
pub const WEIGHT_MAX: f32 = 100.0;

/// Settings to be set.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewSettings {
    /// The market they are for; none for those without settings of their own.
    #[serde(default)]
    pub market: Option<MarketCode>,
    /// What weighs how much; what is not said has its default.
    pub weights: Weights,
    /// Why.
    #[serde(default)]
    pub note: String,
}

/// A version of the settings.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Version {
    /// Key of the row; a greater one is newer.
    pub version: i64,
    /// The market it is for; none for those without settings of their own.
    pub market: Option<MarketCode>,
    /// What weighs how much; none where nobody can read it.
    pub weights: Option<Weights>,
    /// Why.
    pub note: String,
    /// Who set it, by name; none for the command line.
    pub staff_name: Option<String>,
    /// When.
    pub created_at: Timestamp,
}
