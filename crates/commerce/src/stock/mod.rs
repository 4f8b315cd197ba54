//! Stock: what an offer has in a warehouse.
//!
//! Warehouses stand in cities of the offer's market, one per city and seller. Stock never falls below what is
//! reserved, and a change is made to the row as it is at that moment, so that two adjustments add up.
//!
//! Tables owned: `warehouses`, `stock`.

mod ops;
mod sql;
#[cfg(test)]
mod tests;

pub use ops::{add_warehouse, adjust, of_product, set, warehouses};
use serde::Serialize;
use souk_base::{CityId, MarketCode, OfferId, ProductId, SellerId, WarehouseId};

/// Most units of an offer in one warehouse.
pub const UNITS_MAX: i32 = 10_000_000;

/// What an offer has in a warehouse.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Stock {
    /// The offer.
    pub offer_id: OfferId,
    /// Its product.
    pub product_id: ProductId,
    /// The warehouse.
    pub warehouse_id: WarehouseId,
    /// Where that stands.
    pub city_id: CityId,
    /// Units there, the reserved ones included.
    pub on_hand: i32,
    /// Units that are promised to orders.
    pub reserved: i32,
}

/// A place that holds stock.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Warehouse {
    /// Key of the warehouse.
    pub id: WarehouseId,
    /// Where it stands.
    pub city_id: CityId,
    /// The market of that city.
    pub market: MarketCode,
    /// Whose it is.
    pub seller_id: SellerId,
    /// What the staff calls it.
    pub name: String,
}

/// A warehouse to be added.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewWarehouse {
    /// Where it stands.
    pub city_id: CityId,
    /// Whose it is; the house's where none is given.
    pub seller_id: Option<SellerId>,
    /// What the staff calls it; made from the city's name where none is given.
    pub name: Option<String>,
}
