//! Offers of a whole range of products, for who reads the entire catalogue: rows as they lie in the tables, copied out one kind
//! after the other. What they mean together is up to the reader, and must be what [`super::live`] says.
//!
//! The rows of a range come in no order that can be relied on.

use std::collections::HashMap;
use std::ops::RangeInclusive;

use jiff::civil::Date;
use souk_base::{CityId, MarketCode, OfferId, ProductId, SellerId, VariantId, WarehouseId};
use sqlx::PgConnection;

use super::live_sql;
use crate::Result;
use crate::copy::{self, date, float4, int4, int8, nullable, text};

/// An active offer, whether its product is listed or not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ActiveOffer {
    /// The product it belongs to.
    pub product_id: ProductId,
    /// Key of the offer.
    pub id: OfferId,
    /// What is offered.
    pub variant_id: VariantId,
    /// Who offers it.
    pub seller_id: SellerId,
    /// Where it is sold.
    pub market: MarketCode,
    /// Minutes from order to hand-over.
    pub preparation_minutes: i32,
    /// The last day it can be delivered on, when it is not sold for ever.
    pub deliverable_until: Option<Date>,
    /// Its base price, if it has one; a dated price that holds now replaces it.
    pub price: Option<Price>,
}

/// A price in the minor units of the offer's market.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Price {
    /// What it costs.
    pub minor: i64,
    /// The old price, when it is reduced.
    pub list_minor: Option<i64>,
}

/// Units of an offer in one warehouse.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Units {
    /// The offer.
    pub offer_id: OfferId,
    /// Where they lie.
    pub warehouse_id: WarehouseId,
    /// How many can be bought; more than none.
    pub count: i32,
}

/// Hands out the active offers of these products.
///
/// # Errors
/// [`crate::Error::Database`] when PostgreSQL does not answer, [`crate::Error::Unreadable`] for a market that cannot be.
pub async fn copy_active(
    connection: &mut PgConnection,
    products: &RangeInclusive<ProductId>,
    mut each: impl FnMut(ActiveOffer),
) -> Result<()> {
    let query = live_sql::active_between(products.start().get(), products.end().get());
    copy::rows(connection, &query, |row| {
        let [product, id, variant, seller, market, preparation, until, minor, list_minor] = row;
        let price =
            |minor| Ok(Price { minor: int8(minor)?, list_minor: nullable(list_minor, int8)? });
        each(ActiveOffer {
            product_id: int8(product)?.into(),
            id: int8(id)?.into(),
            variant_id: int8(variant)?.into(),
            seller_id: int8(seller)?.into(),
            market: text(market)?.parse()?,
            preparation_minutes: int4(preparation)?,
            deliverable_until: nullable(until, date)?,
            price: nullable(minor, price)?,
        });
        Ok(())
    })
    .await
}

/// Hands out the dated prices of these products that hold now; an offer has one at most.
///
/// # Errors
/// [`crate::Error::Database`] when PostgreSQL does not answer.
pub async fn copy_dated(
    connection: &mut PgConnection,
    products: &RangeInclusive<ProductId>,
    mut each: impl FnMut(OfferId, Price),
) -> Result<()> {
    let query = live_sql::dated_between(products.start().get(), products.end().get());
    copy::rows(connection, &query, |[offer, minor, list_minor]| {
        let price = Price { minor: int8(minor)?, list_minor: nullable(list_minor, int8)? };
        each(int8(offer)?.into(), price);
        Ok(())
    })
    .await
}

/// Hands out the units of these products that can be bought, in every warehouse.
///
/// # Errors
/// [`crate::Error::Database`] when PostgreSQL does not answer.
pub async fn copy_units(
    connection: &mut PgConnection,
    products: &RangeInclusive<ProductId>,
    mut each: impl FnMut(Units),
) -> Result<()> {
    let query = live_sql::units_between(products.start().get(), products.end().get());
    copy::rows(connection, &query, |[offer, warehouse, count]| {
        each(Units {
            offer_id: int8(offer)?.into(),
            warehouse_id: int8(warehouse)?.into(),
            count: int4(count)?,
        });
        Ok(())
    })
    .await
}

/// Hands out how popular these products are, by market.
///
/// # Errors
/// [`crate::Error::Database`] when PostgreSQL does not answer, [`crate::Error::Unreadable`] for a market that cannot be.
pub async fn copy_popularity(
    connection: &mut PgConnection,
    products: &RangeInclusive<ProductId>,
    mut each: impl FnMut(ProductId, MarketCode, f32),
) -> Result<()> {
    let query = live_sql::popularity_between(products.start().get(), products.end().get());
    copy::rows(connection, &query, |[product, market, score]| {
        each(int8(product)?.into(), text(market)?.parse()?, float4(score)?);
        Ok(())
    })
    .await
}

/// The warehouses whose units can be bought, those in active cities, with their city.
///
/// # Errors
/// [`crate::Error::Database`] when PostgreSQL does not answer.
pub async fn open_warehouses(
    connection: &mut PgConnection,
) -> Result<HashMap<WarehouseId, CityId>> {
    let rows = live_sql::open_warehouses(connection).await?;
    Ok(rows.into_iter().map(|(id, city_id)| (id.into(), city_id.into())).collect())
}
