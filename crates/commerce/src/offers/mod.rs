//! Offers: seller × variant × market, with the price that holds now and the stock in each city.
//!
//! An offer has one base price; a dated exception replaces it while it lasts, and two exceptions of an
//! offer cannot overlap. Stock lies in warehouses, which stand in cities of the offer's market.
//!
//! Tables owned: `sellers`, `offers`, `prices`, `price_exceptions`, `warehouses`, `stock`, `popularity`.

mod sql;
#[cfg(test)]
mod tests;

use std::collections::HashMap;

use serde::{Deserialize, Serialize};
use souk_base::{CityId, MarketCode, OfferId, Ordinal, ProductId, Seller, SellerId, VariantId};
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
}

/// The live offers of these products, ordered by product, then offer.
///
/// # Errors
/// [`crate::Error::Database`] when PostgreSQL does not answer.
pub async fn live(connection: &mut PgConnection, ids: &[ProductId]) -> Result<Vec<LiveOffer>> {
    let keys: Vec<i64> = ids.iter().map(|id| id.get()).collect();
    sql::live(connection, &keys).await?.into_iter().map(LiveOffer::try_from).collect()
}

impl TryFrom<sql::LiveRow> for LiveOffer {
    type Error = crate::Error;

    fn try_from(row: sql::LiveRow) -> Result<LiveOffer> {
        let cities = row.city_ids.into_iter().zip(row.city_stock);
        Ok(LiveOffer {
            product_id: row.product_id.into(),
            ordinal: Ordinal(row.ordinal.cast_unsigned()),
            market: row.market.parse()?,
            id: row.id.into(),
            variant_id: row.variant_id.into(),
            seller_id: row.seller_id.into(),
            minor: row.minor,
            list_minor: row.list_minor,
            preparation_minutes: row.preparation_minutes,
            stock: row.stock,
            cities: cities.map(|(city, stock)| CityStock { city_id: city.into(), stock }).collect(),
        })
    }
}

/// How popular these products are, by market; products never sold are left out.
///
/// # Errors
/// [`crate::Error::Database`] when PostgreSQL does not answer.
pub async fn popularity(
    connection: &mut PgConnection,
    ids: &[ProductId],
) -> Result<Vec<(Ordinal, MarketCode, f32)>> {
    let keys: Vec<i64> = ids.iter().map(|id| id.get()).collect();
    let rows = sql::popularity(connection, &keys).await?;
    rows.into_iter()
        .map(|row| Ok((Ordinal(row.ordinal.cast_unsigned()), row.market.parse()?, row.score)))
        .collect()
}

/// Every seller by id.
///
/// # Errors
/// [`crate::Error::Database`] when PostgreSQL does not answer.
pub async fn sellers(connection: &mut PgConnection) -> Result<HashMap<SellerId, Seller>> {
    let sellers = sql::sellers(connection).await?;
    Ok(sellers.into_iter().map(|seller| (seller.id, seller)).collect())
}
