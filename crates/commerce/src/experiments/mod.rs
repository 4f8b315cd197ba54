//! Experiments: what is tried at a placement or in search, on which share of the visitors, and what they bought since.
//!
//! Who gets which variant is worked out by whoever serves, from the experiment's key and the visitor's name alone. Here it is
//! kept what is tried, who has seen it ([`Exposure`], the first time only, written in batches off the request's way), and
//! counted what these visitors bought afterwards ([`results()`]). At most one experiment runs at a place of a market, and what a
//! variant is cannot be changed once it has begun: else the same visitor would have had two treatments. Exposures of what
//! ended are kept for [`DAYS`] days.
//!
//! Tables owned: `experiments`, `experiment_exposures`. Read: `order_groups`, `recommendation_lists`, `events`, `models`.

mod ops;
mod results;
mod sql;
mod state;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use souk_base::{Id, MarketCode};

pub use ops::{check, create, expose, find, forget_old, get, lock, remove, running, shift, update};
pub use results::{Preferred, Results, Spent, preferred, results};
pub use state::{IllegalMove, Move, State};

use crate::recommendation_settings::Goals;

/// Kinds of rows; never constructed.
#[derive(Debug)]
pub enum ExperimentKind {}

/// Key of `experiments`.
pub type ExperimentId = Id<ExperimentKind>;

/// The place that is no placement of recommendations.
pub const SEARCH: &str = "search";
/// Days that it is known who saw an experiment that ended.
pub const DAYS: i32 = 180;
/// Most variants of an experiment.
pub const VARIANTS_MAX: usize = 8;
/// Longest name of a variant, in characters.
pub const VARIANT_NAME_MAX: usize = 60;
/// Most that a variant weighs.
pub const WEIGHT_MAX: u32 = 1_000;

/// How variants are compared.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Each visitor gets one of them.
    #[default]
    Split,
    /// Each visitor gets the lists of two of them mixed, and clicks say which is liked.
    Interleaving,
}

/// One way to do it; what is not said is as it is without the experiment.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Variant {
    /// What people call it.
    pub name: String,
    /// Its share of the visitors, in proportion to the others'.
    pub weight: u32,
    /// What the placement is for.
    #[serde(default, skip_serializing_if = "is_nothing")]
    pub goals: Goals,
    /// Whether what a visitor did counts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub personalise: Option<bool>,
    /// Versions that serve instead of the promoted ones, by model.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub models: BTreeMap<String, String>,
}

impl Variant {
    /// One that changes nothing.
    #[must_use]
    pub fn of(name: &str, weight: u32) -> Variant {
        Variant {
            name: name.to_owned(),
            weight,
            goals: Goals::default(),
            personalise: None,
            models: BTreeMap::new(),
        }
    }
}

fn is_nothing(goals: &Goals) -> bool {
    *goals == Goals::default()
}

/// An experiment as it is written: all of it but its key and where it stands.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct NewExperiment {
    /// What people call it.
    pub name: String,
    /// Where; none for every market.
    pub market: Option<MarketCode>,
    /// How variants are compared.
    pub kind: Kind,
    /// A placement of recommendations, or [`SEARCH`].
    pub place: String,
    /// At least two; the first is what the others are compared with.
    pub variants: Vec<Variant>,
    /// Why, and what came of it.
    pub note: String,
}

/// An experiment.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Experiment {
    /// Its key.
    pub id: ExperimentId,
    /// What people call it.
    pub name: String,
    /// Where; none for every market.
    pub market: Option<MarketCode>,
    /// How variants are compared.
    pub kind: Kind,
    /// A placement of recommendations, or [`SEARCH`].
    pub place: String,
    /// At least two; the first is what the others are compared with.
    pub variants: Vec<Variant>,
    /// Where it stands.
    pub state: State,
    /// Why, and what came of it.
    pub note: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// Since when it runs, or ran.
    pub started_at: Option<Timestamp>,
    /// When it ended.
    pub stopped_at: Option<Timestamp>,
}

impl Experiment {
    /// What each variant weighs.
    #[must_use]
    pub fn weights(&self) -> Vec<u32> {
        self.variants.iter().map(|variant| variant.weight).collect()
    }
}

impl From<Experiment> for NewExperiment {
    fn from(experiment: Experiment) -> NewExperiment {
        let Experiment { name, market, kind, place, variants, note, .. } = experiment;
        NewExperiment { name, market, kind, place, variants, note }
    }
}

/// That a visitor was shown a variant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exposure {
    /// Which experiment.
    pub experiment: ExperimentId,
    /// The device, as its client calls it.
    pub visitor: String,
    /// Where.
    pub market: MarketCode,
    /// Place of the variant, from 0; none where two are mixed.
    pub variant: Option<u8>,
    /// When.
    pub time: Timestamp,
}
