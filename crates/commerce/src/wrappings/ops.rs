//! Reading and changing what wrapping costs.

use serde_json::json;
use souk_base::{MarketCode, SellerId};
use sqlx::PgConnection;

use super::{MINOR_MAX, Wrapping, sql};
use crate::writes::Write;
use crate::{Error, Result};

/// What each seller takes, by seller and market.
///
/// # Errors
/// [`Error::Database`] when PostgreSQL does not answer.
pub async fn all(connection: &mut PgConnection) -> Result<Vec<Wrapping>> {
    let rows = sql::all(connection).await?;
    rows.into_iter().map(Wrapping::try_from).collect()
}

/// Says what a seller takes from now on.
///
/// # Errors
/// [`Error::NotFound`] for a seller or a market that is not there; [`Error::Invalid`] for an amount below zero or above
/// [`MINOR_MAX`].
pub async fn set(connection: &mut PgConnection, wrapping: Wrapping) -> Result<()> {
    let Wrapping { seller_id, market, minor } = wrapping;
    if !(0..=MINOR_MAX).contains(&minor) {
        let reason = format!("wrapping costs from 0 to {MINOR_MAX} minor units, not {minor}");
        return Err(Error::invalid("price", reason));
    }
    let done = sql::set(connection, seller_id.get(), market.as_str(), minor).await?;
    if done { Ok(()) } else { Err(Error::NotFound) }
}

/// As [`set`], noted as done by who writes.
///
/// # Errors
/// As [`set`].
pub async fn put(write: &mut Write, wrapping: Wrapping) -> Result<()> {
    set(write, wrapping).await?;
    let details = json!({"minor": wrapping.minor});
    write.note("wrappings.put", &subject(wrapping.seller_id, wrapping.market), details).await
}

/// Lets a seller wrap no more in a market. Carts that ask for it say so; orders keep what they have.
///
/// # Errors
/// [`Error::NotFound`] when it does not wrap there.
pub async fn remove(write: &mut Write, seller_id: SellerId, market: MarketCode) -> Result<()> {
    if !sql::remove(write, seller_id.get(), market.as_str()).await? {
        return Err(Error::NotFound);
    }
    write.note("wrappings.remove", &subject(seller_id, market), json!({})).await
}

fn subject(seller_id: SellerId, market: MarketCode) -> String {
    format!("{seller_id} {market}")
}
