//! Reading and setting how much each part of the ranking weighs.

use serde_json::{Value, json};
use souk_base::{MarketCode, SearchSettings, Weights};
use sqlx::PgConnection;

use super::sql::{self, VersionRow};
use super::{NewSettings, Version, WEIGHT_MAX};
use crate::writes::Write;
use crate::{Error, Result};

/// The newest settings of each market that has some, and of all; those that can be read.
///
/// # Errors
/// [`Error::Database`] when PostgreSQL does not answer.
pub async fn newest(connection: &mut PgConnection) -> Result<Vec<SearchSettings>> {
    let mut newest: Vec<SearchSettings> = Vec::new();
    for row in sql::weights(connection).await? {
        let market = row.market.as_deref().map(str::parse::<MarketCode>).transpose()?;
        let known = newest.iter().any(|settings| settings.market == market);
        if let Some(weights) = read(row.weights).filter(|_| !known) {
            newest.push(SearchSettings { version: row.version, market, weights });
        }
    }
    Ok(newest)
}

/// The newest `limit` versions, of one market or all of them, of those below `below` when it is given.
///
/// # Errors
/// [`Error::Database`] when PostgreSQL does not answer.
pub async fn find(
    connection: &mut PgConnection,
    market: Option<MarketCode>,
    below: Option<i64>,
    limit: i64,
) -> Result<Vec<Version>> {
    let market = market.as_ref().map(MarketCode::as_str);
    let rows = sql::find(connection, market, below.unwrap_or(i64::MAX), limit).await?;
    rows.into_iter().map(Version::try_from).collect()
}

/// One version.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn get(connection: &mut PgConnection, version: i64) -> Result<Version> {
    sql::one(connection, version).await?.try_into()
}

/// Sets a new version; `expected` is the version that it was made from, where the caller says so.
///
/// # Errors
/// [`Error::Invalid`] for a weight that is none; [`Error::Stale`] when another version is the newest by now;
/// [`Error::Conflict`] when there is no such market.
pub async fn set(write: &mut Write, new: &NewSettings, expected: Option<i64>) -> Result<Version> {
    check(&new.weights)?;
    sql::lock_all(write).await?;
    let market = new.market.as_ref().map(MarketCode::as_str);
    let newest = sql::newest_version(write, market).await?;
    if expected.is_some_and(|expected| newest.unwrap_or(0) != expected) {
        return Err(Error::Stale);
    }
    let staff_id = write.actor().map(souk_base::StaffId::get);
    let version = sql::insert(write, market, &new.weights, &new.note, staff_id).await?;
    let detail = json!({"market": market, "weights": new.weights, "note": new.note});
    write.note("search_settings.set", &version.to_string(), detail).await?;
    get(write, version).await
}

/// Refuses weights that are none.
///
/// # Errors
/// [`Error::Invalid`] with the first of them.
pub fn check(weights: &Weights) -> Result<()> {
    let Value::Object(weights) = json!(weights) else { return Ok(()) };
    let none = weights.iter().find(|(_, weight)| !is_weight(weight));
    match none {
        Some((name, weight)) => {
            let reason = format!("{name} must be from 0 to {WEIGHT_MAX}, but is {weight}");
            Err(Error::invalid("weights", reason))
        }
        None => Ok(()),
    }
}

/// JSON has no number for what is not finite, so that is none either.
fn is_weight(weight: &Value) -> bool {
    weight.as_f64().is_some_and(|weight| (0.0..=f64::from(WEIGHT_MAX)).contains(&weight))
}

/// The weights of a row, if they are some.
fn read(weights: Value) -> Option<Weights> {
    let weights = serde_json::from_value(weights).ok()?;
    check(&weights).ok().map(|()| weights)
}

impl TryFrom<VersionRow> for Version {
    type Error = Error;

    fn try_from(row: VersionRow) -> Result<Version> {
        Ok(Version {
            version: row.version,
            market: row.market.as_deref().map(str::parse::<MarketCode>).transpose()?,
            weights: read(row.weights),
            note: row.note,
            staff_name: row.staff_name,
            created_at: row.created_at.to_jiff(),
        })
    }
}
