//! What the staff tells search: rules, synonyms, and how much each part of the ranking weighs.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{AttributeValueId, BrandId, CategoryId, CityId, ProductId};
use crate::{Lang, MarketCode, RuleId, SynonymId};

/// A merchandising rule: where its conditions hold, its actions are taken.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Rule {
    /// Key of `rules`.
    pub id: RuleId,
    /// What the staff calls it; no two rules have the same name.
    pub name: String,
    /// Whether it can take part at all.
    pub enabled: bool,
    /// Where two rules want different things, the higher one has its way, then the older one.
    pub priority: i32,
    /// The market it is for; none for all.
    pub market: Option<MarketCode>,
    /// Those about the same (query, category, city, segment) are alternatives; of all that it names, one each must hold.
    pub conditions: Vec<Condition>,
    /// What it does.
    pub actions: Vec<Action>,
    /// From when on; none for ever since.
    pub starts_at: Option<Timestamp>,
    /// Until right before when; none for ever after.
    pub ends_at: Option<Timestamp>,
}

/// Where a rule takes part. Words are compared as search folds them, whatever their language.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Condition {
    /// The query is these words and no others.
    QueryIs(String),
    /// The query begins with these words.
    QueryBegins(String),
    /// The query has these words one after another.
    QueryContains(String),
    /// Nothing was typed.
    QueryEmpty,
    /// The shopper looks around in this category, or below it.
    Category(CategoryId),
    /// The shopper has chosen this city.
    City(CityId),
    /// The shopper is this kind of customer, counted from 1; never holds where their kind is not known.
    Segment(u16),
}

/// What a rule does.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Action {
    /// Puts a product at a place of the hits.
    Pin {
        /// Which one.
        product: ProductId,
        /// Counted from 1.
        position: u16,
    },
    /// Takes a product out of the hits.
    Hide(ProductId),
    /// Raises scores.
    Boost {
        /// Whose.
        what: Target,
        /// 50 makes 100 points 150.
        percent: u16,
    },
    /// Lowers scores.
    Bury {
        /// Whose.
        what: Target,
        /// 50 makes 100 points 50.
        percent: u16,
    },
    /// Narrows the hits as the filter `field:value` does.
    Filter(String),
    /// Leads elsewhere: to a path of the shop, or an address that begins with https.
    Redirect(String),
    /// Shows a text above the hits.
    Banner {
        /// By language.
        text: BTreeMap<Lang, String>,
        /// Where it leads, like a redirect.
        link: Option<String>,
    },
    /// Searches for these words instead.
    Replace(String),
    /// The first words mean the others, too.
    Synonym(Vec<String>),
}

/// Products that a rule raises or lowers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Target {
    /// This one.
    Product(ProductId),
    /// Those of this brand.
    Brand(BrandId),
    /// Those in this category or below it.
    Category(CategoryId),
    /// Those with this attribute value.
    Value(AttributeValueId),
}

/// Words that are searched along with others.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Synonym {
    /// Key of `synonyms`.
    pub id: SynonymId,
    /// The market it is for; none for all.
    pub market: Option<MarketCode>,
    /// The language it is for; none for all.
    pub lang: Option<Lang>,
    /// Which of the words mean which.
    pub kind: SynonymKind,
    /// One or more words each.
    pub words: Vec<String>,
}

/// Which words of a synonym mean which.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SynonymKind {
    /// The first means the others, too, but not the other way round.
    OneWay,
    /// Each means every other.
    TwoWay,
}

/// The ranking of a market, or of all; versions only ever grow, and the newest counts.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SearchSettings {
    /// Key of `search_settings`.
    pub version: i64,
    /// The market it is for; none for those without settings of their own.
    pub market: Option<MarketCode>,
    /// What weighs how much.
    pub weights: Weights,
}

/// What weighs how much in the blended score, where 1 is what the best possible match of the words counts; each
/// from 0, which leaves it out, to 100.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Weights {
    /// The words anywhere in the product, as a share of the best possible.
    pub text: f32,
    /// Added to what the last word names.
    pub named: f32,
    /// Taken away from what the last word only describes: a cover for "keyboard".
    pub describing: f32,
    /// Added to what an earlier word describes, taken away from what it names.
    pub earlier: f32,
    /// Words that follow each other in the title.
    pub together: f32,
    /// Taken away from what costs a fraction of most of what was found.
    pub cheap: f32,
    /// Being bought.
    pub popularity: f32,
    /// Taken away from what cannot be had.
    pub availability: f32,
    /// Having come lately.
    pub newness: f32,
}

impl Default for Weights {
    fn default() -> Self {
        Weights {
            text: 1.0,
            named: 0.03,
            describing: 0.2,
            earlier: 0.02,
            together: 0.08,
            cheap: 0.1,
            popularity: 0.15,
            availability: 0.15,
            newness: 0.02,
        }
    }
}
