//! Posting transfers.

use jiff::Timestamp;
use souk_base::Currency;
use sqlx::PgConnection;

use super::{Transfer, sql};
use crate::{Error, Result};

/// Posts a transfer; accounts that do not exist yet are made. One that moves nothing is not posted.
///
/// # Errors
/// [`Error::Unbalanced`] when it does not sum to zero; [`Error::Database`] when PostgreSQL does not answer.
pub async fn post(
    connection: &mut PgConnection,
    transfer: &Transfer,
    now: Timestamp,
) -> Result<()> {
    let sum: i128 = transfer.entries.iter().map(|(_, minor)| i128::from(*minor)).sum();
    if sum != 0 {
        return Err(Error::Unbalanced(transfer.kind));
    }
    let (codes, minors): (Vec<String>, Vec<i64>) =
        transfer.entries.iter().filter(|(_, minor)| *minor != 0).cloned().unzip();
    if codes.is_empty() {
        return Ok(());
    }
    let posted = sql::post(connection, transfer, &codes, &minors, now.into()).await?;
    if posted == 0 {
        // Rare, and apart, so that accounts everybody uses are not locked each time.
        sql::add_accounts(connection, &codes, transfer.currency.code()).await?;
        sql::post(connection, transfer, &codes, &minors, now.into()).await?;
    }
    Ok(())
}

/// What every account of a currency comes to, by code; those at zero are left out.
///
/// # Errors
/// [`Error::Database`] when PostgreSQL does not answer.
pub async fn balances(
    connection: &mut PgConnection,
    currency: Currency,
) -> Result<Vec<(String, i64)>> {
    Ok(sql::balances(connection, currency.code()).await?)
}
