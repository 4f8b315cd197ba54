//! Counting stock.

use souk_base::{OfferId, ProductId, WarehouseId};
use sqlx::PgConnection;

use super::{NewWarehouse, Stock, Warehouse};
use crate::Result;
use crate::writes::Write;

/// The stock of a product's offers, by offer, then city; warehouses that never had any are left out.
///
/// # Errors
/// [`crate::Error::Database`] when PostgreSQL does not answer.
pub async fn of_product(connection: &mut PgConnection, id: ProductId) -> Result<Vec<Stock>> {
    unimplemented!()
}

/// Says how many units an offer has in a warehouse.
///
/// # Errors
/// [`crate::Error::NotFound`]; [`crate::Error::Invalid`] outside 0 to [`super::UNITS_MAX`];
/// [`crate::Error::Conflict`] below what is reserved, or for a warehouse of another market or seller.
pub async fn set(
    write: &mut Write,
    offer_id: OfferId,
    warehouse_id: WarehouseId,
    on_hand: i32,
) -> Result<Stock> {
    unimplemented!()
}

/// Adds units to what an offer has in a warehouse, or takes some away.
///
/// # Errors
/// As [`set`].
pub async fn adjust(
    write: &mut Write,
    offer_id: OfferId,
    warehouse_id: WarehouseId,
    delta: i32,
) -> Result<Stock> {
    unimplemented!()
}

/// Every warehouse, by market, then the order of its cities.
///
/// # Errors
/// [`crate::Error::Unreadable`] for a market this version cannot read.
pub async fn warehouses(connection: &mut PgConnection) -> Result<Vec<Warehouse>> {
    unimplemented!()
}

/// Adds a warehouse.
///
/// # Errors
/// [`crate::Error::Conflict`] when the seller has one in this city, or city or seller do not exist.
pub async fn add_warehouse(write: &mut Write, new: NewWarehouse) -> Result<Warehouse> {
    unimplemented!()
}
