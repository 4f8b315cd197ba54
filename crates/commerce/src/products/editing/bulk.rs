//! One change to many products at once.

use jiff::Timestamp;
use serde::Serialize;
use souk_base::{CategoryId, CityId, MarketCode, ProductId};

use super::State;
use crate::Result;
use crate::writes::Write;

/// Most products of one change.
pub const BULK_PRODUCTS_MAX: usize = 10_000;

/// What is to change of all of them; what is none stays.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BulkChange {
    /// Whether they are shown.
    pub state: Option<State>,
    /// From when on they are listed, or that they are at once.
    pub publish_at: Option<Option<Timestamp>>,
    /// Where they stand in the tree.
    pub category_id: Option<CategoryId>,
    /// Base prices of the house's offers. Dated prices stay.
    pub price: Option<PriceChange>,
    /// Units of the house's offers.
    pub stock: Option<StockChange>,
}

/// How prices change. The result is rounded to the market's payable step, halves up, and is at least one step; an
/// old price stays as it is, and goes where the new price reaches it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PriceChange {
    /// By a part of the price, in hundredths of a per cent: −1000 is −10 %.
    Percent {
        /// In which market; none for all.
        market: Option<MarketCode>,
        /// From −9,900 to 100,000.
        basis_points: i32,
    },
    /// By an amount in the market's minor units.
    Amount {
        /// In which market.
        market: MarketCode,
        /// May be negative.
        minor: i64,
    },
}

/// What stock the house's warehouses are to have of every offer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StockChange {
    /// In which city; none for every warehouse of the house.
    pub city_id: Option<CityId>,
    /// Units on hand; where more is reserved, what is reserved.
    pub on_hand: i32,
}

/// What a change did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct BulkReport {
    /// Products that were there.
    pub products: u64,
    /// Prices that changed.
    pub prices: u64,
    /// Stock rows that changed.
    pub stock: u64,
}

/// Changes many products; those that do not exist are passed over.
///
/// # Errors
/// [`crate::Error::Invalid`]; [`crate::Error::Conflict`] when the category does not exist or a price leaves its range.
pub async fn bulk(write: &mut Write, ids: &[ProductId], change: &BulkChange) -> Result<BulkReport> {
    unimplemented!()
}
