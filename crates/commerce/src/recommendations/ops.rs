//! Writing served lists, and reading what a visitor did.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};
use souk_base::{MarketCode, Ordinal};
use sqlx::PgConnection;

use super::sql::{ListRow, TouchedRow};
use super::{
    CLICK_DAYS, DAYS, HISTORY_MAX, History, List, Shopper, Touched, WORTH_DAYS, Worth, sql,
};
use crate::{Db, Result, db, searches};

/// Writes served lists; one that is there already changes nothing.
///
/// # Errors
/// [`crate::Error::Busy`] when no connection is free, [`crate::Error::Database`] when PostgreSQL does not answer.
pub async fn append(db: &Db, lists: &[List]) -> Result<()> {
    let days: BTreeSet<_> = lists.iter().map(|list| list.id.day().to_string()).collect();
    let days: Vec<_> = days.into_iter().collect();
    let rows: Vec<_> = lists.iter().map(row).collect();
    let mut transaction = db::begin(db).await?;
    searches::do_not_wait_for_the_disk(&mut transaction).await?;
    sql::add_days(&mut transaction, &days).await?;
    sql::insert(&mut transaction, &rows).await?;
    Ok(transaction.commit().await?)
}

fn row(list: &List) -> ListRow<'_> {
    ListRow {
        id: list.id.to_string(),
        day: list.id.day().to_string(),
        time: list.id.time().to_string(),
        market: list.market.as_str(),
        placement: list.placement,
        visitor: list.visitor.as_deref(),
        model: &list.model,
        products: list.products.iter().map(|id| id.get()).collect(),
        experiment_id: list.mixed.as_ref().map(|mixed| mixed.experiment.get()),
        teams: list.mixed.as_ref().map(|mixed| mixed.teams.as_slice()),
    }
}

/// What a shopper did in a market lately, at most [`HISTORY_MAX`] of each.
///
/// # Errors
/// [`crate::Error::Database`] when PostgreSQL does not answer.
pub async fn history(
    connection: &mut PgConnection,
    shopper: Shopper<'_>,
    market: MarketCode,
    now: Timestamp,
) -> Result<History> {
    let who = match shopper {
        Shopper::Visitor(visitor) => (Some(visitor), None),
        Shopper::Customer(customer) => (None, Some(customer.get())),
    };
    let limit = i64::try_from(HISTORY_MAX).unwrap_or(i64::MAX);
    let after = now - SignedDuration::from_hours(24 * CLICK_DAYS);
    let clicks = sql::clicks(connection, who, market.as_str(), after.into(), limit).await?;
    let purchases = sql::purchases(connection, who, market.as_str(), after.into(), limit).await?;
    Ok(History { clicks: oldest_first(clicks), purchases: oldest_first(purchases) })
}

fn oldest_first(rows: Vec<TouchedRow>) -> Vec<Touched> {
    let touched =
        |row: TouchedRow| Touched { product_id: row.product_id.into(), time: row.time.to_jiff() };
    rows.into_iter().rev().map(touched).collect()
}

/// What products of a market brought lately; those of which nothing is known are left out.
///
/// Reads a month of events: for now and then, not for every request.
///
/// # Errors
/// [`crate::Error::Database`] when PostgreSQL does not answer.
pub async fn worths(
    connection: &mut PgConnection,
    market: MarketCode,
    now: Timestamp,
) -> Result<Vec<Worth>> {
    let after = now - SignedDuration::from_hours(24 * WORTH_DAYS);
    let rows = sql::worths(connection, market.as_str(), after.into()).await?;
    let worth = |row: sql::WorthRow| {
        let ordinal = Ordinal(u32::try_from(row.ordinal).ok()?);
        Some(Worth { ordinal, lookers: row.lookers, buyers: row.buyers, margin: row.margin })
    };
    Ok(rows.into_iter().filter_map(worth).collect())
}

/// Drops the days that are over their time; says how many.
///
/// # Errors
/// [`crate::Error::Database`] when PostgreSQL does not answer.
pub async fn forget_old(connection: &mut PgConnection) -> Result<i32> {
    Ok(sql::forget_old(connection, DAYS).await?)
}
