//! Offers as the office edits them: shown or not, with dated prices and stock.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use souk_base::{DatedPriceId, MarketCode, OfferId, ProductId, SellerId, VariantId};

use crate::stock::Stock;

/// Whether an offer is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OfferState {
    /// Shown, while its product is.
    Active,
    /// Not shown.
    Paused,
}

/// An offer with everything that the editor shows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct EditableOffer {
    /// Key of the offer.
    pub id: OfferId,
    /// The product it belongs to.
    pub product_id: ProductId,
    /// What is offered.
    pub variant_id: VariantId,
    /// The shop's code for that.
    pub sku: String,
    /// Who offers it.
    pub seller_id: SellerId,
    /// Where it is sold.
    pub market: MarketCode,
    /// Whether it is shown.
    pub state: OfferState,
    /// Minutes from order to hand-over.
    pub preparation_minutes: i32,
    /// The base price in the market's minor units; none while it has none.
    pub minor: Option<i64>,
    /// The old price, when the base price is reduced.
    pub list_minor: Option<i64>,
    /// Prices that replace it for a time, in the order of time.
    pub dated_prices: Vec<DatedPrice>,
    /// What it has, by warehouse. No part of the entity tag: a unit sold does not make an editor's price stale.
    #[serde(skip)]
    pub stock: Vec<Stock>,
}

/// A price that holds for a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct DatedPrice {
    /// Key of `price_exceptions`.
    pub id: DatedPriceId,
    /// The price in the market's minor units.
    pub minor: i64,
    /// The old price shown beside it.
    pub list_minor: Option<i64>,
    /// When it begins; none when it always has held.
    pub from: Option<Timestamp>,
    /// When it ends; none when it does not.
    pub until: Option<Timestamp>,
}

/// An offer to be added.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NewOffer {
    /// What is offered.
    pub variant_id: VariantId,
    /// Who offers it; the house where none is given.
    pub seller_id: Option<SellerId>,
    /// Where.
    pub market: MarketCode,
    /// The base price in the market's minor units.
    pub minor: i64,
    /// The old price, when the price is reduced.
    pub list_minor: Option<i64>,
    /// Minutes from order to hand-over; an hour where none is given.
    pub preparation_minutes: Option<i32>,
}

/// What is to change of an offer; what is none stays.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct OfferChange {
    /// Whether it is shown.
    pub state: Option<OfferState>,
    /// Minutes from order to hand-over.
    pub preparation_minutes: Option<i32>,
    /// The base price in the market's minor units.
    pub minor: Option<i64>,
    /// The old price, or that there is none.
    pub list_minor: Option<Option<i64>>,
}

/// A price that is to hold for a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NewDatedPrice {
    /// The price in the market's minor units.
    pub minor: i64,
    /// The old price shown beside it.
    pub list_minor: Option<i64>,
    /// When it begins.
    pub from: Timestamp,
    /// When it ends; none when it does not.
    pub until: Option<Timestamp>,
}

impl OfferState {
    /// The name in the database.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            OfferState::Active => "active",
            OfferState::Paused => "paused",
        }
    }

    /// The state with this name.
    #[must_use]
    pub fn of_code(code: &str) -> Option<OfferState> {
        [OfferState::Active, OfferState::Paused].into_iter().find(|state| state.code() == code)
    }
}
