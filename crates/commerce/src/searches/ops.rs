//! Writing the log, counting clicks, and reading a visitor's own queries.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};
use souk_base::MarketCode;
use sqlx::PgConnection;

use super::intents::{Change, Latest, SAME_MAX, collapse};
use super::sql::SearchRow;
use super::text::folded;
use super::{INTENT_DAYS, LOG_DAYS, QueryId, Search, sql};
use crate::{Db, Error, Result, db};

/// How far back a visitor's own queries are looked for.
const RECENT: SignedDuration = SignedDuration::from_hours(30 * 24);

/// What came of a search.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Outcome {
    pub(crate) query_id: QueryId,
    pub(crate) kind: OutcomeKind,
}

/// What somebody did with a hit.
#[derive(Clone, Copy, Debug)]
pub(crate) enum OutcomeKind {
    /// They opened it, at this position if it is known.
    Click(Option<i32>),
    /// They put it into their cart.
    Cart,
}

/// Writes searches into the log and what they mean into the intents, in one transaction. A search that is there
/// already changes nothing.
///
/// # Errors
/// [`Error::Busy`] when no connection is free, [`Error::Database`] when PostgreSQL does not answer.
pub async fn append(db: &Db, searches: Vec<Search>) -> Result<()> {
    let mut searches: Vec<(Search, String)> = searches.into_iter().map(with_text).collect();
    searches.sort_by_key(|(search, _)| search.id);
    let days: BTreeSet<_> =
        searches.iter().map(|(search, _)| search.id.day().to_string()).collect();
    let days: Vec<_> = days.into_iter().collect();
    let mut transaction = db::begin(db).await?;
    sql::do_not_wait_for_the_disk(&mut transaction).await?;
    sql::add_days(&mut transaction, &days).await?;
    let latest = latest(&mut transaction, &searches).await?;
    let mut rows: Vec<_> = searches.iter().map(|(search, text)| row(search, text)).collect();
    sql::insert(&mut transaction, &rows).await?;
    let (mut new, mut carried) = (Vec::new(), Vec::new());
    for Change { replaces, last, searches } in collapse(&latest, &searches) {
        rows[last].searches = searches;
        rows[last].replaces = replaces.map(|id| id.to_string());
        rows[last].replaces_day = replaces.map(|id| id.day().to_string());
        if replaces.is_some() { &mut carried } else { &mut new }.push(last);
    }
    let at = |places: Vec<usize>| places.into_iter().map(|at| &rows[at]).collect::<Vec<_>>();
    sql::carry_on(&mut transaction, &at(carried)).await?;
    sql::begin_intents(&mut transaction, &at(new)).await?;
    Ok(transaction.commit().await?)
}

/// Lets a transaction that writes a log end before it is on the disk: a crash may take the last moments of it along.
///
/// # Errors
/// [`Error::Database`] when PostgreSQL does not answer.
pub(crate) async fn do_not_wait_for_the_disk(connection: &mut PgConnection) -> Result<()> {
    Ok(sql::do_not_wait_for_the_disk(connection).await?)
}

/// The search as PostgreSQL can store it, with the text it is counted under.
fn with_text(mut search: Search) -> (Search, String) {
    let given = [Some(&mut search.query), search.narrowed.as_mut(), search.corrected.as_mut()];
    for text in given.into_iter().flatten().chain(&mut search.relaxed) {
        text.retain(|character| character != '\0');
    }
    let text = folded(&search.query);
    (search, text)
}

/// The latest intents of the visitors who searched.
async fn latest(
    connection: &mut PgConnection,
    searches: &[(Search, String)],
) -> Result<Vec<Latest>> {
    let whose = searches
        .iter()
        .filter_map(|(search, _)| Some((search.visitor.clone()?, search.market.to_string())));
    let (visitors, markets): (Vec<_>, Vec<_>) = whose.collect::<BTreeSet<_>>().into_iter().unzip();
    let Some((first, _)) = searches.first().filter(|_| !visitors.is_empty()) else {
        return Ok(Vec::new());
    };
    let after = (first.id.time() - SAME_MAX).into();
    let rows = sql::latest(connection, &visitors, &markets, after).await?;
    rows.into_iter()
        .map(|row| {
            Ok(Latest {
                id: row.id.parse().map_err(|_| Error::NotFound)?,
                visitor: row.visitor,
                market: row.market.parse()?,
                text: row.text,
                clicked: row.clicked,
            })
        })
        .collect()
}

fn row<'a>(search: &'a Search, text: &'a str) -> SearchRow<'a> {
    SearchRow {
        id: search.id.to_string(),
        day: search.id.day().to_string(),
        time: search.id.time().to_string(),
        market: search.market.as_str(),
        lang: search.lang.code(),
        city_id: search.city.map(souk_base::Id::get),
        visitor: search.visitor.as_deref(),
        query: &search.query,
        text,
        corrected: search.corrected.as_deref(),
        relaxed: &search.relaxed,
        narrowed: search.narrowed.as_deref(),
        further: search.further,
        keystroke: search.keystroke,
        total: i64::try_from(search.total).unwrap_or(i64::MAX),
        took_us: i64::try_from(search.took_us).unwrap_or(i64::MAX),
        replaces: None,
        replaces_day: None,
        searches: 1,
    }
}

/// Counts what came of searches at their intents, in the caller's transaction. What came of a search that is in no log
/// counts nowhere.
///
/// # Errors
/// [`Error::Database`] when PostgreSQL does not answer.
pub(crate) async fn count_outcomes(
    connection: &mut PgConnection,
    outcomes: &[Outcome],
) -> Result<()> {
    let searches: BTreeSet<_> = outcomes.iter().map(|outcome| outcome.query_id).collect();
    let ids: Vec<_> = searches.iter().map(QueryId::to_string).collect();
    let days: Vec<_> = searches.iter().map(|id| id.day().to_string()).collect();
    let intents = sql::intents_of(connection, &ids, &days).await?;
    let mut counts: BTreeMap<(String, String), sql::Counted> = BTreeMap::new();
    for intent in intents {
        let ours = outcomes.iter().filter(|it| it.query_id.to_string() == intent.query_id);
        let key = (intent.id.clone(), intent.day.clone());
        let counted = counts.entry(key).or_insert(sql::Counted::none(intent.id, intent.day));
        for outcome in ours {
            match outcome.kind {
                OutcomeKind::Click(position) => {
                    counted.clicks += 1;
                    counted.placed += i32::from(position.is_some());
                    counted.position_sum += i64::from(position.unwrap_or(0));
                }
                OutcomeKind::Cart => counted.carts += 1,
            }
        }
    }
    let counts: Vec<_> = counts.into_values().collect();
    Ok(sql::count_outcomes(connection, &counts).await?)
}

/// What a visitor searched for lately and found, the newest first, as they typed it; each query once.
///
/// # Errors
/// [`Error::Database`] when PostgreSQL does not answer.
pub async fn recent(
    connection: &mut PgConnection,
    visitor: &str,
    market: MarketCode,
    now: Timestamp,
    limit: usize,
) -> Result<Vec<String>> {
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let after = (now - RECENT).into();
    Ok(sql::recent(connection, visitor, market.as_str(), after, limit).await?)
}

/// Drops what is over its time; says how many days of either table went.
///
/// # Errors
/// [`Error::Database`] when PostgreSQL does not answer.
pub async fn forget_old(connection: &mut PgConnection) -> Result<i32> {
    Ok(sql::forget_old(connection, LOG_DAYS, INTENT_DAYS).await?)
}
