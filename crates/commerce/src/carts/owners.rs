//! Whose a cart is. A guest's cart becomes part of the customer's when they log in, so that nothing that was put in on any
//! device is lost.

use jiff::Timestamp;
use souk_base::{MarketCode, StaffId};
use sqlx::PgConnection;

use super::{CartId, LINES_MAX, QUANTITY_MAX, owners_sql as sql};
use crate::customers::CustomerId;
use crate::writes::Write;
use crate::{Error, Result};

/// A customer's cart that is not bought yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Kept {
    /// Its key.
    pub id: CartId,
    /// Where it buys.
    pub market: MarketCode,
    /// Units in it.
    pub units: i64,
}

/// Makes a guest's cart a customer's. Where they have one in its market, its lines go there, as far as there is room, and
/// the guest's cart is gone. A cart that was bought, or is another customer's, stays as it is. Whether the caller may
/// have it is decided before, by its secret.
///
/// # Errors
/// [`Error::Database`] when PostgreSQL does not answer.
pub async fn adopt(
    write: &mut Write,
    customer: CustomerId,
    guest: CartId,
    now: Timestamp,
) -> Result<()> {
    let guest = guest.to_string();
    let locked = sql::lock_both(write, customer.get(), &guest).await?;
    if !locked.iter().any(|row| row.id == guest && row.is_guests) {
        return Ok(());
    }
    let Some(own) = locked.iter().rev().find(|row| row.id != guest) else {
        return Ok(sql::set_owner(write, &guest, customer.get(), now.into()).await?);
    };
    let lines_max = i64::try_from(LINES_MAX).unwrap_or(i64::MAX);
    sql::move_lines(write, &own.id, &guest, QUANTITY_MAX, lines_max).await?;
    sql::take_details(write, &own.id, &guest, now.into()).await?;
    Ok(sql::delete(write, &guest).await?)
}

/// Says that a cart is a customer's from its beginning.
///
/// # Errors
/// [`Error::Database`] when PostgreSQL does not answer.
pub async fn own(
    write: &mut Write,
    id: CartId,
    customer: CustomerId,
    now: Timestamp,
) -> Result<()> {
    Ok(sql::set_owner(write, &id.to_string(), customer.get(), now.into()).await?)
}

/// Says that a cart is filled by a member of the staff, for somebody on the telephone.
///
/// # Errors
/// [`Error::Database`] when PostgreSQL does not answer.
pub async fn filled_by(write: &mut Write, id: CartId, staff: StaffId) -> Result<()> {
    Ok(sql::set_staff(write, &id.to_string(), staff.get()).await?)
}

/// Whether the cart is this customer's.
///
/// # Errors
/// [`Error::Database`] when PostgreSQL does not answer.
pub async fn is_of_customer(
    connection: &mut PgConnection,
    id: CartId,
    customer: CustomerId,
) -> Result<bool> {
    Ok(sql::is_of_customer(connection, &id.to_string(), customer.get()).await?)
}

/// A customer's carts that are not bought yet, the last changed first.
///
/// # Errors
/// [`Error::Unreadable`] for values this version does not know.
pub async fn of_customer(connection: &mut PgConnection, customer: CustomerId) -> Result<Vec<Kept>> {
    let rows = sql::of_customer(connection, customer.get()).await?;
    let kept = |row: sql::KeptRow| {
        let id = row.id.parse().map_err(|_| Error::NotFound)?;
        Ok(Kept { id, market: row.market.parse()?, units: row.units })
    };
    rows.into_iter().map(kept).collect()
}
