//! The verbs: a catalogue in, past sales in, the catalogue out.

mod catalog;
mod orders;

use std::io;

use souk_base::{Market, MarketCode};

pub use self::catalog::catalog;
pub use self::orders::{is_sales_history_loaded, orders};
use super::export;
use crate::{Db, Error, Result};

/// Writes every listed product with the house's offers as `souk-jsonl`; answers how many.
///
/// # Errors
/// [`Error::File`] when it cannot be written; [`Error::Database`] when PostgreSQL does not answer.
pub async fn export_catalog(db: &Db, file: &mut (dyn io::Write + Send)) -> Result<u64> {
    // One snapshot, so that a product and its prices belong together.
    let mut tx = db.begin_with("begin isolation level repeatable read read only").await?;
    let products = export::write(&mut tx, file).await?;
    tx.rollback().await?;
    Ok(products)
}

fn served(markets: &[Market], code: MarketCode) -> Result<&Market> {
    markets.iter().find(|market| market.code == code).ok_or(Error::UnknownMarket(code))
}
