//! Reading and setting what placements are for.

use serde_json::{Value, json};
use souk_base::MarketCode;
use sqlx::PgConnection;

use super::sql::{self, VersionRow};
use super::{
    Goals, NEW_PLACES_MAX, NewSettings, PLACEMENTS, Placements, SELLERS_MAX, Settings, Version,
};
use crate::writes::Write;
use crate::{Error, Result};

/// The newest settings of each market that has some, and of all; those that can be read.
///
/// # Errors
/// [`Error::Database`] when PostgreSQL does not answer.
pub async fn newest(connection: &mut PgConnection) -> Result<Settings> {
    let mut newest: Vec<(Option<MarketCode>, Placements)> = Vec::new();
    for row in sql::placements(connection).await? {
        let market = row.market.as_deref().map(str::parse::<MarketCode>).transpose()?;
        let is_known = newest.iter().any(|(known, _)| *known == market);
        if let Some(placements) = read(row.placements).filter(|_| !is_known) {
            newest.push((market, placements));
        }
    }
    Ok(Settings(newest))
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

/// Sets a new version; `expected` is the version that it was made from, where the caller says so.
///
/// # Errors
/// [`Error::Invalid`] for a goal that is none; [`Error::Stale`] when another version is the newest by now;
/// [`Error::Conflict`] when there is no such market.
pub async fn set(write: &mut Write, new: &NewSettings, expected: Option<i64>) -> Result<Version> {
    check(&new.placements)?;
    sql::lock_all(write).await?;
    let market = new.market.as_ref().map(MarketCode::as_str);
    let newest = sql::newest_version(write, market).await?;
    if expected.is_some_and(|expected| newest.unwrap_or(0) != expected) {
        return Err(Error::Stale);
    }
    let staff_id = write.actor().map(souk_base::StaffId::get);
    let version = sql::insert(write, market, &new.placements, &new.note, staff_id).await?;
    let detail = json!({"market": market, "placements": new.placements, "note": new.note});
    write.note("recommendation_settings.set", &version.to_string(), detail).await?;
    sql::one(write, version).await?.try_into()
}

/// Refuses goals that are none.
///
/// # Errors
/// [`Error::Invalid`] with the first of them.
pub fn check(placements: &Placements) -> Result<()> {
    for (name, goals) in placements {
        if !PLACEMENTS.contains(&name.as_str()) {
            let known = PLACEMENTS.join(", ");
            let reason = format!("there is no placement {name}; those there are: {known}");
            return Err(Error::invalid("placements", reason));
        }
        check_goals(name, goals)?;
    }
    Ok(())
}

/// Refuses goals that are none; `name` is whose they are.
pub(crate) fn check_goals(name: &str, goals: &Goals) -> Result<()> {
    let refuse = |what: &str, max: String| {
        let reason = format!("{what} of {name} must be from 0 to {max}");
        Err(Error::invalid("placements", reason))
    };
    if goals.diversity.is_some_and(|share| !(0.0..=1.0).contains(&share)) {
        return refuse("diversity", "1".to_owned());
    }
    if goals.sellers_min.is_some_and(|sellers| sellers > SELLERS_MAX) {
        return refuse("sellers_min", SELLERS_MAX.to_string());
    }
    if goals.new_places.is_some_and(|places| places > NEW_PLACES_MAX) {
        return refuse("new_places", NEW_PLACES_MAX.to_string());
    }
    Ok(())
}

/// The goals of a row, if they are some.
fn read(placements: Value) -> Option<Placements> {
    let placements = serde_json::from_value(placements).ok()?;
    check(&placements).ok().map(|()| placements)
}

impl TryFrom<VersionRow> for Version {
    type Error = Error;

    fn try_from(row: VersionRow) -> Result<Version> {
        Ok(Version {
            version: row.version,
            market: row.market.as_deref().map(str::parse::<MarketCode>).transpose()?,
            placements: read(row.placements),
            note: row.note,
            staff_name: row.staff_name,
            created_at: row.created_at.to_jiff(),
        })
    }
}
