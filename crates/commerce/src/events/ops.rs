//! Taking events.

use std::collections::{BTreeSet, HashSet};

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use sqlx::PgConnection;

use super::sql::EventRow;
use super::{AGE_MAX, AHEAD_MAX, DAYS, Event, Kind, sql};
use crate::recommendations::Shopper;
use crate::searches::{self, Outcome, OutcomeKind, QueryId};
use crate::{Db, Result, db, notices};
use souk_base::{MarketCode, Position, ProductId};

/// Whether an event of this time is still, or already, taken.
#[must_use]
pub fn is_in_time(time: Timestamp, now: Timestamp) -> bool {
    (-AHEAD_MAX..=AGE_MAX).contains(&now.duration_since(time))
}

/// Writes events and what follows from them, in one transaction that is on disk when this returns. Events whose id was
/// seen before are left out; of several with one id here the first counts. Gives the position behind them.
///
/// # Errors
/// [`crate::Error::Busy`] when no connection is free, [`crate::Error::Database`] when PostgreSQL does not answer.
pub async fn append(db: &Db, events: &[Event]) -> Result<Position> {
    let mut transaction = db::begin(db).await?;
    add(&mut transaction, events).await?;
    transaction.commit().await?;
    db::position(&mut *db.acquire().await?).await
}

/// The same in a transaction that does more; says how many were new.
///
/// # Errors
/// [`crate::Error::Database`] when PostgreSQL does not answer.
pub async fn add(connection: &mut PgConnection, events: &[Event]) -> Result<usize> {
    let mut ids = HashSet::new();
    let events: Vec<&Event> = events.iter().filter(|event| ids.insert(&event.id)).collect();
    let days: BTreeSet<_> = events.iter().map(|event| day(event.time)).collect();
    let days: Vec<_> = days.into_iter().collect();
    let rows: Vec<_> = events.iter().map(|event| row(event)).collect();
    sql::add_days(connection, &days).await?;
    let new: HashSet<_> = sql::insert(connection, &rows).await?.into_iter().collect();
    let new_ones = events.iter().filter(|event| new.contains(&event.id));
    let outcomes: Vec<_> = new_ones.filter_map(|event| outcome(event)).collect();
    if !outcomes.is_empty() {
        searches::count_outcomes(connection, &outcomes).await?;
    }
    notices::of_shoppers(connection, shoppers_of(&events, &new)).await?;
    Ok(new.len())
}

/// The search that led a visitor to a product: the one whose hit of it they opened last, in the day before.
///
/// # Errors
/// [`crate::Error::Database`] when PostgreSQL does not answer.
pub async fn search_before(
    connection: &mut PgConnection,
    visitor: &str,
    market: MarketCode,
    product: ProductId,
    now: Timestamp,
) -> Result<Option<QueryId>> {
    let since = (now - SignedDuration::from_hours(24)).to_string();
    let id =
        sql::search_before(connection, visitor, market.as_str(), product.get(), &since).await?;
    Ok(id.and_then(|id| id.parse().ok()))
}

/// What an event says about a search; none where it is about something else.
fn outcome(event: &Event) -> Option<Outcome> {
    let kind = match event.kind {
        Kind::AddToCart => OutcomeKind::Cart,
        kind if kind.is_click() => OutcomeKind::Click(event.position),
        _ => return None,
    };
    Some(Outcome { query_id: event.query_id?, kind })
}

/// Whose events are among those that were new.
fn shoppers_of<'e>(
    events: &'e [&Event],
    new: &'e HashSet<String>,
) -> impl Iterator<Item = Shopper<'e>> {
    let new = events.iter().filter(|event| new.contains(&event.id));
    new.flat_map(|event| Shopper::all(Some(&event.visitor), event.customer))
}

/// The day (UTC) of an instant.
fn day(time: Timestamp) -> String {
    time.to_zoned(TimeZone::UTC).date().to_string()
}

fn row(event: &Event) -> EventRow<'_> {
    EventRow {
        id: &event.id,
        day: day(event.time),
        time: event.time.to_string(),
        kind: event.kind.name(),
        visitor: &event.visitor,
        session: event.session.as_deref(),
        customer: event.customer.map(souk_base::Id::get),
        market: event.market.as_str(),
        product_id: event.product_id.map(souk_base::Id::get),
        items: event.items.as_ref(),
        query_id: event.query_id.map(|id| id.to_string()),
        position: event.position,
        cart_id: event.cart_id.as_deref(),
        order_id: event.order_id.as_deref(),
        placement: event.placement.as_deref(),
        token: event.token.as_deref(),
        list_id: event.list.map(|id| id.to_string()),
        value: event.value,
    }
}

/// Drops the days that are over their time; says how many.
///
/// # Errors
/// [`crate::Error::Database`] when PostgreSQL does not answer.
pub async fn forget_old(connection: &mut PgConnection) -> Result<i32> {
    Ok(sql::forget_old(connection, DAYS).await?)
}
