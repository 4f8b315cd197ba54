//! Counting stock.

use serde_json::json;
use souk_base::{OfferId, ProductId, SellerId, WarehouseId};
use sqlx::PgConnection;

use super::{NewWarehouse, Stock, UNITS_MAX, Warehouse, sql};
use crate::writes::Write;
use crate::{Conflict, Error, Result};

/// The stock of a product's offers, by offer, then city; warehouses that never had any are left out.
///
/// # Errors
/// [`Error::Database`] when PostgreSQL does not answer.
pub async fn of_product(connection: &mut PgConnection, id: ProductId) -> Result<Vec<Stock>> {
    let rows = sql::of_product(connection, id.get()).await?;
    Ok(rows.into_iter().map(Stock::from).collect())
}

impl From<sql::StockRow> for Stock {
    fn from(row: sql::StockRow) -> Stock {
        Stock {
            offer_id: row.offer_id.into(),
            product_id: row.product_id.into(),
            warehouse_id: row.warehouse_id.into(),
            city_id: row.city_id.into(),
            on_hand: row.on_hand,
            reserved: row.reserved,
        }
    }
}

/// Says how many units an offer has in a warehouse.
///
/// # Errors
/// [`Error::NotFound`]; [`Error::Invalid`] outside 0 to [`UNITS_MAX`]; [`Error::Conflict`] below what is reserved, or
/// for a warehouse of another market or seller.
pub async fn set(
    write: &mut Write,
    offer_id: OfferId,
    warehouse_id: WarehouseId,
    on_hand: i32,
) -> Result<Stock> {
    same_seller(write, offer_id, warehouse_id).await?;
    possible("on_hand", on_hand.into())?;
    let before = sql::on_hand(write, offer_id.get(), warehouse_id.get()).await?;
    let stock = sql::set(write, offer_id.get(), warehouse_id.get(), on_hand).await?.into();
    let detail = json!({"warehouse_id": warehouse_id, "from": before, "to": on_hand});
    write.note("stock.set", &offer_id.to_string(), detail).await?;
    Ok(stock)
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
    same_seller(write, offer_id, warehouse_id).await?;
    possible("delta", delta.unsigned_abs().into())?;
    let before = sql::on_hand(write, offer_id.get(), warehouse_id.get()).await?;
    let after = i64::from(before.unwrap_or(0)) + i64::from(delta);
    if after < 0 {
        return Err(Conflict::StockBelowReserved.into());
    }
    possible("delta", after)?;
    let stock: Stock = match before {
        // Taking away needs a row; adding may meet one that was made meanwhile.
        Some(_) => {
            let after = i32::try_from(after).expect("it was found possible");
            sql::set(write, offer_id.get(), warehouse_id.get(), after).await?.into()
        }
        None => sql::add(write, offer_id.get(), warehouse_id.get(), delta).await?.into(),
    };
    let detail = json!({"warehouse_id": warehouse_id, "delta": delta, "to": stock.on_hand});
    write.note("stock.adjust", &offer_id.to_string(), detail).await?;
    Ok(stock)
}

async fn same_seller(
    write: &mut Write,
    offer_id: OfferId,
    warehouse_id: WarehouseId,
) -> Result<()> {
    let same = sql::is_of_one_seller(write, offer_id.get(), warehouse_id.get()).await?;
    if same { Ok(()) } else { Err(Conflict::StockOfOtherSeller.into()) }
}

fn possible(field: &'static str, units: i64) -> Result<()> {
    if (0..=UNITS_MAX.into()).contains(&units) {
        return Ok(());
    }
    Err(Error::invalid(field, format!("a warehouse holds from 0 to {UNITS_MAX} units of an offer")))
}

/// Every warehouse, by market, then the order of its cities.
///
/// # Errors
/// [`Error::Unreadable`] for a market this version cannot read.
pub async fn warehouses(connection: &mut PgConnection) -> Result<Vec<Warehouse>> {
    let rows = sql::warehouses(connection).await?;
    rows.into_iter()
        .map(|row| {
            Ok(Warehouse {
                id: row.id.into(),
                city_id: row.city_id.into(),
                market: row.market.parse()?,
                seller_id: row.seller_id.into(),
                name: row.name,
            })
        })
        .collect()
}

/// Adds a warehouse.
///
/// # Errors
/// [`Error::Conflict`] when the seller has one in this city, or city or seller do not exist.
pub async fn add_warehouse(write: &mut Write, new: NewWarehouse) -> Result<Warehouse> {
    let (city_id, seller_id) = (new.city_id.get(), new.seller_id.map(SellerId::get));
    let name = new.name.as_deref().map(str::trim);
    let id = WarehouseId::new(sql::insert_warehouse(write, city_id, seller_id, name).await?);
    let detail = json!({"city_id": new.city_id, "name": new.name});
    write.note("stock.add_warehouse", &id.to_string(), detail).await?;
    let all = warehouses(write).await?;
    all.into_iter().find(|warehouse| warehouse.id == id).ok_or(Error::NotFound)
}
