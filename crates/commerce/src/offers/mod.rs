//! Offers: seller × variant × market, with the price that holds now and the stock in each city.
//!
//! An offer has one base price; a dated exception replaces it while it lasts, and two exceptions of an
//! offer cannot overlap. Stock lies in warehouses, which stand in cities of the offer's market.
//!
//! Tables owned: `sellers`, `offers`, `prices`, `price_exceptions`, `popularity`.

mod bulk;
mod editing;
#[cfg(test)]
mod editing_tests;
mod live_sql;
mod ops;
mod sql;
#[cfg(test)]
mod tests;

use std::collections::HashMap;

pub use bulk::{
    ActiveOffer, Price, Units, copy_active, copy_dated, copy_popularity, copy_units,
    open_warehouses,
};
pub use editing::{DatedPrice, EditableOffer, NewDatedPrice, NewOffer, OfferChange, OfferState};
use jiff::civil::Date;
pub use ops::{create, get, lock, of_product, put_dated_price, remove_dated_price, update};
use serde::{Deserialize, Serialize};
use souk_base::{
    CityId, MarketCode, OfferId, Ordinal, ProductId, Seller, SellerId, Terms, VariantId,
    WarehouseId,
};
use sqlx::PgConnection;

use crate::Result;

/// An offer that can be shown: active, priced, of an active product.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LiveOffer {
    /// The product it belongs to.
    pub product_id: ProductId,
    /// That product's ordinal.
    pub ordinal: Ordinal,
    /// Where it is sold.
    pub market: MarketCode,
    /// Key of the offer.
    pub id: OfferId,
    /// What is offered.
    pub variant_id: VariantId,
    /// Who offers it.
    pub seller_id: SellerId,
    /// The price that holds now, in the market's minor units.
    pub minor: i64,
    /// The old price, when the price is reduced.
    pub list_minor: Option<i64>,
    /// Minutes from order to hand-over.
    pub preparation_minutes: i32,
    /// The last day it can be delivered on, when it is not sold for ever.
    pub deliverable_until: Option<Date>,
    /// Units that can be bought now, all active cities together.
    pub stock: i64,
    /// The same, by city; cities without stock are left out.
    pub cities: Vec<CityStock>,
}

/// Units of an offer in one city.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CityStock {
    /// The city.
    pub city_id: CityId,
    /// Units that can be bought there now.
    pub stock: i64,
}

impl LiveOffer {
    /// Units that can be bought in this city, or in the whole market.
    #[must_use]
    pub fn stock_in(&self, city: Option<CityId>) -> i64 {
        match city {
            None => self.stock,
            Some(id) => {
                self.cities.iter().filter(|city| city.city_id == id).map(|city| city.stock).sum()
            }
        }
    }

    /// What a promise of delivery to this city must know of it.
    #[must_use]
    pub fn terms(&self, city: CityId) -> Terms {
        Terms {
            seller_id: self.seller_id,
            // More than this never matters, and less than none is none.
            stock: u32::try_from(self.stock_in(Some(city)).max(0)).unwrap_or(u32::MAX),
            preparation_minutes: u32::try_from(self.preparation_minutes).unwrap_or_default(),
            until: self.deliverable_until,
        }
    }
}

/// The live offers of these products, ordered by product, then offer.
///
/// # Errors
/// [`crate::Error::Database`] when PostgreSQL does not answer.
pub async fn live(connection: &mut PgConnection, ids: &[ProductId]) -> Result<Vec<LiveOffer>> {
    let keys: Vec<i64> = ids.iter().map(|id| id.get()).collect();
    let rows = live_sql::live_of_products(connection, &keys).await?;
    let dated = live_sql::dated_of_products(connection, &keys).await?;
    let units = live_sql::units_of_products(connection, &keys).await?;
    put_together(rows, dated, units)
}

/// The live ones among these offers, ordered by product, then offer.
///
/// # Errors
/// [`crate::Error::Database`] when PostgreSQL does not answer.
pub async fn live_among(connection: &mut PgConnection, ids: &[OfferId]) -> Result<Vec<LiveOffer>> {
    let keys: Vec<i64> = ids.iter().map(|id| id.get()).collect();
    let rows = live_sql::live_of_offers(connection, &keys).await?;
    let dated = live_sql::dated_of_offers(connection, &keys).await?;
    let units = live_sql::units_of_offers(connection, &keys).await?;
    put_together(rows, dated, units)
}

/// Offers with the price that holds now and their units by city; one without any price is left out.
fn put_together(
    rows: Vec<live_sql::LiveRow>,
    dated: Vec<live_sql::DatedRow>,
    mut units: Vec<live_sql::UnitsRow>,
) -> Result<Vec<LiveOffer>> {
    let dated: HashMap<i64, live_sql::DatedRow> =
        dated.into_iter().map(|row| (row.offer_id, row)).collect();
    units.sort_unstable_by_key(|row| (row.offer_id, row.city_id));
    let mut offers = Vec::with_capacity(rows.len());
    for row in rows {
        let price = match dated.get(&row.id) {
            Some(dated) => Some((dated.minor, dated.list_minor)),
            None => row.minor.map(|minor| (minor, row.list_minor)),
        };
        let Some((minor, list_minor)) = price else { continue };
        let cities = cities(&units, row.id);
        offers.push(LiveOffer {
            product_id: row.product_id.into(),
            ordinal: Ordinal(row.ordinal.cast_unsigned()),
            market: row.market.parse()?,
            id: row.id.into(),
            variant_id: row.variant_id.into(),
            seller_id: row.seller_id.into(),
            minor,
            list_minor,
            preparation_minutes: row.preparation_minutes,
            deliverable_until: row.deliverable_until.map(jiff_sqlx::Date::to_jiff),
            stock: cities.iter().map(|city| city.stock).sum(),
            cities,
        });
    }
    Ok(offers)
}

/// Units of an offer by city, from rows in offer and city order.
fn cities(units: &[live_sql::UnitsRow], offer_id: i64) -> Vec<CityStock> {
    let start = units.partition_point(|row| row.offer_id < offer_id);
    let of_offer = units[start..].iter().take_while(|row| row.offer_id == offer_id);
    let mut cities: Vec<CityStock> = Vec::new();
    for row in of_offer {
        match cities.last_mut() {
            Some(last) if last.city_id.get() == row.city_id => last.stock += row.units,
            _ => cities.push(CityStock { city_id: row.city_id.into(), stock: row.units }),
        }
    }
    cities
}

/// How popular these products are, by market; products never sold are left out.
///
/// # Errors
/// [`crate::Error::Database`] when PostgreSQL does not answer.
pub async fn popularity(
    connection: &mut PgConnection,
    ids: &[ProductId],
) -> Result<Vec<(ProductId, MarketCode, f32)>> {
    let keys: Vec<i64> = ids.iter().map(|id| id.get()).collect();
    let rows = live_sql::popularity(connection, &keys).await?;
    rows.into_iter()
        .map(|row| Ok((row.product_id.into(), row.market.parse()?, row.score)))
        .collect()
}

/// Products with stock in any of these warehouses.
///
/// # Errors
/// [`crate::Error::Database`] when PostgreSQL does not answer.
pub async fn stocked_in(
    connection: &mut PgConnection,
    warehouses: &[WarehouseId],
) -> Result<Vec<ProductId>> {
    let keys: Vec<i64> = warehouses.iter().map(|id| id.get()).collect();
    let ids = live_sql::stocked_in(connection, &keys).await?;
    Ok(ids.into_iter().map(ProductId::new).collect())
}

/// Every seller by id.
///
/// # Errors
/// [`crate::Error::Database`] when PostgreSQL does not answer.
pub async fn sellers(connection: &mut PgConnection) -> Result<HashMap<SellerId, Seller>> {
    let sellers = sql::sellers(connection).await?;
    Ok(sellers.into_iter().map(|seller| (seller.id, seller)).collect())
}
