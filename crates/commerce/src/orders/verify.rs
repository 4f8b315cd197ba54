//! What must hold of all purchases together, whatever happened: the checks of `souk verify`.

use sqlx::PgConnection;

use super::verify_sql as sql;
use crate::Result;

/// What a check found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// Which check.
    pub name: &'static str,
    /// Rows for which it does not hold.
    pub wrong: i64,
    /// What holds, in words.
    pub rule: &'static str,
}

/// Checks the books, what is held, and that every purchase adds up. To be called in a transaction that reads one snapshot,
/// where others write meanwhile.
///
/// # Errors
/// [`crate::Error::Database`] when PostgreSQL does not answer.
pub async fn verify(connection: &mut PgConnection) -> Result<Vec<Finding>> {
    let found = sql::count(connection).await?;
    let finding = |name, wrong, rule| Finding { name, wrong, rule };
    Ok(vec![
        finding("ledger", found.ledger, "every currency and every transfer sums to zero"),
        finding("reserved", found.reserved, "reserved units are the sum of what is held of them"),
        finding("slots", found.slots, "orders in a window are the sum of what is held of it"),
        finding("slots-full", found.overbooked, "no window has more orders than it takes"),
        finding("promotions", found.promotions, "counted uses are the sum of the live redemptions"),
        finding("orders", found.orders, "lines add up to orders and orders to purchases"),
        finding("paid", found.paid, "what came in and went back is what the books say"),
        finding("carts", found.carts, "a completed cart has one purchase"),
    ])
}
