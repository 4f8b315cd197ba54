//! One change to many products at once.

use jiff::Timestamp;
use serde::Serialize;
use serde_json::json;
use souk_base::{CategoryId, CityId, MarketCode, ProductId};

use super::State;
use super::bulk_sql::{self, NewPrice};
use crate::stock::UNITS_MAX;
use crate::writes::Write;
use crate::{Error, Result};

/// Most products of one change.
pub const BULK_PRODUCTS_MAX: usize = 10_000;

/// The whole of a price in basis points.
const WHOLE: i128 = 10_000;
const BASIS_POINTS_MIN: i32 = -9_900;
const BASIS_POINTS_MAX: i32 = 100_000;
/// As much as a price may be.
const AMOUNT_MAX: u64 = 1_000_000_000_000;

/// What is to change of all of them; what is none stays.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
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
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
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
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
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
/// [`Error::Invalid`]; [`Error::Conflict`] when the category does not exist or a price leaves its range.
pub async fn bulk(write: &mut Write, ids: &[ProductId], change: &BulkChange) -> Result<BulkReport> {
    change.check(ids.len())?;
    let keys: Vec<i64> = ids.iter().map(|id| id.get()).collect();
    let keys = bulk_sql::lock(write, &keys).await?;
    if change.changes_products() {
        let set = bulk_sql::Change {
            state: change.state.map(State::code),
            sets_publish_at: change.publish_at.is_some(),
            publish_at: change.publish_at.flatten().map(Into::into),
            category_id: change.category_id.map(CategoryId::get),
        };
        bulk_sql::update(write, &keys, &set).await?;
    }
    let mut report = BulkReport { products: keys.len() as u64, ..BulkReport::default() };
    if let Some(price) = change.price {
        report.prices = reprice(write, &keys, price).await?;
    }
    if let Some(stock) = change.stock {
        let city_id = stock.city_id.map(CityId::get);
        report.stock = bulk_sql::set_stock(write, &keys, city_id, stock.on_hand).await?;
    }
    let detail = json!({"ids": ids, "change": change, "report": report});
    write.note("products.bulk", &format!("{} products", keys.len()), detail).await?;
    Ok(report)
}

async fn reprice(write: &mut Write, keys: &[i64], change: PriceChange) -> Result<u64> {
    let market = change.market();
    let rows = bulk_sql::prices(write, keys, market.as_ref().map(MarketCode::as_str)).await?;
    let changed: Vec<NewPrice> = rows
        .into_iter()
        .filter_map(|row| {
            let minor = change.apply(row.minor, row.payable_step);
            let list_minor = row.list_minor.filter(|list| *list > minor);
            (minor != row.minor).then_some(NewPrice { offer_id: row.offer_id, minor, list_minor })
        })
        .collect();
    bulk_sql::set_prices(write, &changed).await?;
    Ok(changed.len() as u64)
}

impl BulkChange {
    fn changes_products(&self) -> bool {
        self.state.is_some() || self.publish_at.is_some() || self.category_id.is_some()
    }

    fn check(&self, products: usize) -> Result<()> {
        if products > BULK_PRODUCTS_MAX {
            let reason = format!("at most {BULK_PRODUCTS_MAX} products at once");
            return Err(Error::invalid("ids", reason));
        }
        if let Some(PriceChange::Percent { basis_points, .. }) = self.price
            && !(BASIS_POINTS_MIN..=BASIS_POINTS_MAX).contains(&basis_points)
        {
            return Err(Error::invalid("price", "from -99 % to 1000 %"));
        }
        if let Some(PriceChange::Amount { minor, .. }) = self.price
            && minor.unsigned_abs() > AMOUNT_MAX
        {
            return Err(Error::invalid("price", format!("at most {AMOUNT_MAX} minor units")));
        }
        if self.stock.is_some_and(|stock| !(0..=UNITS_MAX).contains(&stock.on_hand)) {
            return Err(Error::invalid("stock", format!("from 0 to {UNITS_MAX} units")));
        }
        Ok(())
    }
}

impl PriceChange {
    fn market(&self) -> Option<MarketCode> {
        match *self {
            PriceChange::Percent { market, .. } => market,
            PriceChange::Amount { market, .. } => Some(market),
        }
    }

    /// The price that this one becomes, in a market with this payable step.
    #[must_use]
    pub fn apply(&self, minor: i64, payable_step: i64) -> i64 {
        let (minor, step) = (i128::from(minor), i128::from(payable_step.max(1)));
        // In ten-thousandths of a minor unit, so that there is one rounding and it is the last step.
        let exact = match *self {
            PriceChange::Percent { basis_points, .. } => minor * (WHOLE + i128::from(basis_points)),
            PriceChange::Amount { minor: by, .. } => (minor + i128::from(by)) * WHOLE,
        };
        let step_exact = step * WHOLE;
        let steps = (exact + step_exact / 2).div_euclid(step_exact).max(1);
        i64::try_from(steps * step).unwrap_or(i64::MAX)
    }
}
