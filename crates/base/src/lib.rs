//! Value types that two or more rooms share: ids, money, languages, markets, positions, offers, promises, rules.
//!
//! **Invariant**: no I/O, no clock, no randomness; everything here is plain data and pure functions.

mod delivery;
mod id;
mod lang;
mod market;
mod money;
mod offer;
mod popular;
mod position;
mod rules;
mod slug;
mod tables;

pub use delivery::{
    Deliveries, DeliveryClosure, DeliveryWindow, HORIZON_DAYS, Reach, Slot, Terms, promise,
};
pub use id::{
    AttributeId, AttributeValueId, BrandId, CategoryId, CityId, DatedPriceId, DeliveryWindowId, Id,
    MediaId, OfferId, Ordinal, ProductId, RuleId, SellerId, StaffId, SynonymId, VariantId,
    WarehouseId,
};
pub use lang::{Lang, Translated};
pub use market::MarketCode;
pub use money::{Currency, Money, MoneyError};
pub use offer::{CitySet, Offer, best_offer};
pub use popular::{PopularQueries, PopularQuery};
pub use position::Position;
pub use rules::{Action, Condition, Rule, SearchSettings, Synonym, SynonymKind, Target, Weights};
pub use slug::slug;
pub use tables::{Attribute, AttributeValue, Brand, Category, City, Market, Seller, Tables};

/// A text that could not be read as one of this crate's value types.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{what} must be {expected}, but is \"{given}\"")]
pub struct ParseError {
    /// What was being read, such as `market`.
    pub what: &'static str,
    /// The form it must have.
    pub expected: &'static str,
    /// The text as given, cut to 64 characters.
    pub given: String,
}

impl ParseError {
    fn new(what: &'static str, expected: &'static str, given: &str) -> Self {
        ParseError { what, expected, given: given.chars().take(64).collect() }
    }
}
