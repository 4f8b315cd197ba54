//! Recommendation settings: what each placement is for, in each market, and how mixed its lists are.
//!
//! A row is never changed or removed: every change is a new version, and the newest counts, of the market or else of all
//! markets. A version that a script wrote and nobody can read is passed over, as if it had not been written. No model is
//! trained anew for a change: it decides what the models' answers are used for.
//!
//! Table owned: `recommendation_settings`.

mod ops;
mod sql;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use souk_base::MarketCode;

pub(crate) use ops::check_goals;
pub use ops::{check, find, newest, set};

/// Where recommendations are shown, by name.
pub const PLACEMENTS: [&str; 8] =
    ["home", "similar", "together", "cart", "buy-again", "trending", "category", "occasion"];
/// Most places of a list for products that nobody knows yet.
pub const NEW_PLACES_MAX: u8 = 4;
/// Most sellers that a list can be asked to have.
pub const SELLERS_MAX: u8 = 8;

/// What a list is to bring.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Objective {
    /// That something is looked at.
    #[default]
    Clicks,
    /// That something is bought.
    Conversion,
    /// What it is sold for.
    Revenue,
    /// What is left of that.
    Margin,
}

/// What one placement is for; what is not said is as the placement has it by itself.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Goals {
    /// What its lists are to bring.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub objective: Option<Objective>,
    /// What each product of the same category takes of the next one's score: from 0 to 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub diversity: Option<f32>,
    /// Sellers of a list, at least, where so many have something that fits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sellers_min: Option<u8>,
    /// Places for products that nobody knows yet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub new_places: Option<u8>,
}

impl Goals {
    /// These, and what they do not say as others have it.
    #[must_use]
    pub fn or(self, others: Goals) -> Goals {
        Goals {
            objective: self.objective.or(others.objective),
            diversity: self.diversity.or(others.diversity),
            sellers_min: self.sellers_min.or(others.sellers_min),
            new_places: self.new_places.or(others.new_places),
        }
    }
}

/// Goals by the placement's name.
pub type Placements = BTreeMap<String, Goals>;

/// Settings to be set.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct NewSettings {
    /// The market they are for; none for those without settings of their own.
    pub market: Option<MarketCode>,
    /// What each placement is for.
    pub placements: Placements,
    /// Why.
    pub note: String,
}

/// A version of the settings.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Version {
    /// Key of the row; a greater one is newer.
    pub version: i64,
    /// The market it is for; none for those without settings of their own.
    pub market: Option<MarketCode>,
    /// What each placement is for; none where nobody can read it.
    pub placements: Option<Placements>,
    /// Why.
    pub note: String,
    /// Who set it, by name; none for the command line.
    pub staff_name: Option<String>,
    /// When.
    pub created_at: Timestamp,
}

/// The settings that count now.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Settings(Vec<(Option<MarketCode>, Placements)>);

impl Settings {
    /// What a placement is for in a market: by settings of its own, else by those for all, else as ever.
    #[must_use]
    pub fn goals(&self, market: MarketCode, placement: &str) -> Goals {
        let of = |market| self.0.iter().find(|(of, _)| *of == market);
        let placements = of(Some(market)).or_else(|| of(None)).map(|(_, placements)| placements);
        placements.and_then(|placements| placements.get(placement)).copied().unwrap_or_default()
    }
}
