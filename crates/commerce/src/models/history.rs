//! What models are trained on: purchases and clicks, row by row, in the order of time.

use jiff::Timestamp;
use jiff_sqlx::ToSqlx as _;
use souk_base::{MarketCode, ProductId};
use sqlx::PgConnection;

use super::sql;
use crate::Result;

/// One line that somebody bought.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Purchase {
    /// Stands for a person; none for a guest who cannot be told from others.
    pub customer: Option<String>,
    /// Stands for a purchase.
    pub basket: String,
    /// What was bought.
    pub product_id: ProductId,
    /// When.
    pub time: Timestamp,
}

/// One product that somebody looked at or put into a cart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Click {
    /// The device.
    pub visitor: String,
    /// What was looked at.
    pub product_id: ProductId,
    /// When.
    pub time: Timestamp,
}

/// Tells every line that was bought in a market in a time: sales of before, orders, and purchases that clients told of.
///
/// # Errors
/// [`crate::Error::Database`] when PostgreSQL does not answer.
pub async fn purchases(
    connection: &mut PgConnection,
    market: MarketCode,
    (from, to): (Timestamp, Timestamp),
    told: &mut (dyn FnMut(Purchase) + Send),
) -> Result<()> {
    let within = (market.as_str(), from.to_sqlx(), to.to_sqlx());
    let mut took = |row: sql::PurchaseRow| {
        told(Purchase {
            customer: row.customer,
            basket: row.basket,
            product_id: row.product_id.into(),
            time: row.time.to_jiff(),
        });
    };
    Ok(sql::purchases(connection, within, &mut took).await?)
}

/// Tells every click on a product in a market in a time.
///
/// # Errors
/// [`crate::Error::Database`] when PostgreSQL does not answer.
pub async fn clicks(
    connection: &mut PgConnection,
    market: MarketCode,
    (from, to): (Timestamp, Timestamp),
    told: &mut (dyn FnMut(Click) + Send),
) -> Result<()> {
    let within = (market.as_str(), from.to_sqlx(), to.to_sqlx());
    let mut took = |row: sql::ClickRow| {
        told(Click {
            visitor: row.visitor,
            product_id: row.product_id.into(),
            time: row.time.to_jiff(),
        });
    };
    Ok(sql::clicks(connection, within, &mut took).await?)
}
