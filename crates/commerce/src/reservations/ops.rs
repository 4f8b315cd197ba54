//! Moving what a purchase holds from state to state. Each runs in the transaction of what happened to the purchase.

use souk_base::Slot;
use sqlx::PgConnection;

use super::{Scarce, sql};
use crate::Result;
use crate::orders::{OrderId, OrderLineId};
use crate::uuid::OrderGroupId;

/// What a purchase holds is its own: it is paid for.
///
/// # Errors
/// [`crate::Error::Database`] when PostgreSQL does not answer.
pub async fn commit(connection: &mut PgConnection, group: OrderGroupId) -> Result<()> {
    Ok(sql::commit(connection, &group.to_string()).await?)
}

/// Takes once more what had expired, all of it or nothing; says what there is not enough of now.
///
/// # Errors
/// [`crate::Error::Database`] when PostgreSQL does not answer.
pub async fn commit_late(
    connection: &mut PgConnection,
    group: OrderGroupId,
) -> Result<Option<Scarce>> {
    let group = group.to_string();
    let lacking = sql::lacking_again(connection, &group).await?;
    if let Some(row) = lacking {
        return Ok(Some(row.scarce()));
    }
    sql::reserve_again(connection, &group).await?;
    Ok(None)
}

/// Gives back what an unpaid purchase held too long.
///
/// # Errors
/// [`crate::Error::Database`] when PostgreSQL does not answer.
pub async fn expire(connection: &mut PgConnection, group: OrderGroupId) -> Result<()> {
    Ok(sql::give_back(connection, Some(&group.to_string()), None, "expired").await?)
}

/// Gives back what an order holds that nobody wants or can have any more.
///
/// # Errors
/// [`crate::Error::Database`] when PostgreSQL does not answer.
pub async fn release(connection: &mut PgConnection, order: OrderId) -> Result<()> {
    Ok(sql::give_back(connection, None, Some(order.get()), "released").await?)
}

/// Gives back units of lines that an order is not to have after all: what was reserved of them is free, and what had left
/// the shelf is back on it.
///
/// # Errors
/// [`crate::Error::Database`] when PostgreSQL does not answer.
pub async fn lessen(
    connection: &mut PgConnection,
    order: OrderId,
    units: &[(OrderLineId, i32)],
) -> Result<()> {
    let (lines, quantities): (Vec<i64>, Vec<i32>) =
        units.iter().map(|(line, quantity)| (line.get(), *quantity)).unzip();
    Ok(sql::lessen(connection, order.get(), &lines, &quantities).await?)
}

/// The goods of an order have left the shelf: stock falls by what was reserved of it.
///
/// # Errors
/// [`crate::Error::Database`] when PostgreSQL does not answer.
pub async fn consume(connection: &mut PgConnection, order: OrderId) -> Result<()> {
    Ok(sql::consume(connection, order.get()).await?)
}

/// Takes a place in a window for an order that has none yet; says whether there was one.
///
/// # Errors
/// [`crate::Error::Database`] when PostgreSQL does not answer.
pub async fn seat(connection: &mut PgConnection, order: OrderId, slot: &Slot) -> Result<bool> {
    let date = slot.date.into();
    Ok(sql::seat(connection, order.get(), slot.window_id.get(), date).await?)
}
