//! Whether search holds what the database holds, row by row.
//!
//! While shoppers buy, some rows always differ for a moment. A difference counts only if it is there again
//! after the feed has passed the position at which it was seen; it gets [`ROUNDS`] chances to vanish.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::time::Duration;

use souk_base::{MarketCode, Ordinal, Position, ProductId, Tables};
use souk_commerce::Db;
use souk_search::{Engine, Stored, View};
use sqlx::PgConnection;
use tokio::time::{Instant, sleep};

use crate::Result;
use crate::follow::own_connection;
use crate::live::{Entries, entries};
use crate::project::{self, BATCH_LENGTH};

/// How often differences are looked for again.
const ROUNDS: u32 = 5;
/// Pause before the first further look; each one doubles it, as a slow re-index goes on behind the position.
const ROUND_PAUSE: Duration = Duration::from_millis(200);
/// How long one round waits for the feed.
const ROUND_WAIT_MAX: Duration = Duration::from_secs(15);
/// Pause between two looks at the feed's position.
const POSITION_PAUSE: Duration = Duration::from_millis(20);
/// Differences named in a check's detail.
const EXAMPLES_MAX: usize = 5;

/// One thing that was checked.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Check {
    /// What was checked: `index` or `columns`.
    pub name: &'static str,
    /// Whether nothing differs.
    pub ok: bool,
    /// Counts, and some examples of what differs.
    pub detail: String,
}

/// Compares every product's document and its column entries in every market with the database.
///
/// # Errors
/// [`crate::Error::Database`] when PostgreSQL does not answer, [`crate::Error::Index`] when the index
/// cannot be read.
pub async fn verify(db: &Db, engine: &Engine) -> Result<Vec<Check>> {
    let mut connection = own_connection(db).await?;
    let Some(view) = engine.view() else {
        let detail = "nothing is published yet";
        return Ok(["index", "columns"]
            .map(|name| Check { name, ok: false, detail: detail.to_owned() })
            .into());
    };
    let mut found = compare(&mut connection, &view).await?;
    drop(view);
    for round in 0..ROUNDS {
        if found.index.differences.is_empty() && found.columns.differences.is_empty() {
            break;
        }
        sleep(ROUND_PAUSE * (1 << round)).await;
        let position = souk_commerce::position(&mut connection).await?;
        if !wait_for(engine, position).await {
            break;
        }
        let Some(view) = engine.view() else { break };
        let again = compare(&mut connection, &view).await?;
        found.index.keep_if_in(again.index);
        found.columns.keep_if_in(again.columns);
    }
    Ok(vec![found.index.check("index"), found.columns.check("columns")])
}

/// Waits, within limits, until the published View has reached this position; false when the feed
/// stands still.
async fn wait_for(engine: &Engine, position: Position) -> bool {
    let reached = || engine.view().map(|view| view.position).unwrap_or_default();
    let (start, deadline) = (reached(), Instant::now() + ROUND_WAIT_MAX);
    while reached() < position && Instant::now() < deadline {
        sleep(POSITION_PAUSE).await;
    }
    reached() >= position || reached() > start
}

/// How search differs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Difference {
    /// The database has it, search does not.
    Missing,
    /// Search has something else.
    Stale,
    /// Search has it, the database does not.
    Extra,
}

/// Index and columns, compared.
#[derive(Debug, Default)]
struct Found {
    index: Part,
    columns: Part,
}

/// One part of what search holds, compared.
#[derive(Debug, Default)]
struct Part {
    compared: usize,
    /// By what they are about, such as `product 7`.
    differences: BTreeMap<String, Difference>,
}

impl Part {
    fn note(&mut self, subject: impl FnOnce() -> String, difference: Option<Difference>) {
        self.compared += 1;
        if let Some(difference) = difference {
            self.differences.insert(subject(), difference);
        }
    }

    /// Keeps what a later comparison found as well.
    fn keep_if_in(&mut self, later: Part) {
        self.compared = later.compared;
        let before = std::mem::replace(&mut self.differences, later.differences);
        self.differences.retain(|subject, _| before.contains_key(subject));
    }

    fn check(&self, name: &'static str) -> Check {
        let count =
            |kind| self.differences.values().filter(|&&difference| difference == kind).count();
        let mut detail = format!(
            "{} compared: {} missing, {} stale, {} extra",
            self.compared,
            count(Difference::Missing),
            count(Difference::Stale),
            count(Difference::Extra)
        );
        for (subject, difference) in self.differences.iter().take(EXAMPLES_MAX) {
            let difference = format!("{difference:?}").to_lowercase();
            detail.push_str(&format!("; {subject} is {difference}"));
        }
        Check { name, ok: self.differences.is_empty(), detail }
    }
}

/// Compares the View with a snapshot of now.
async fn compare(connection: &mut PgConnection, view: &View) -> Result<Found> {
    let mut snapshot = project::read(connection).await?;
    let tables = souk_commerce::tables(&mut snapshot).await?;
    let mut found = Found::default();
    let indexed = compare_indexed(&mut snapshot, &tables, view, &mut found.index).await?;
    let mut unaccounted = shown(view);
    let mut after = ProductId::new(i64::MIN);
    loop {
        let ids = project::next_ids(&mut snapshot, after).await?;
        let Some(&last) = ids.last() else { break };
        after = last;
        let unindexed: Vec<_> = ids.iter().copied().filter(|id| !indexed.contains(id)).collect();
        for document in project::documents(&mut snapshot, &tables, &unindexed).await? {
            let id = document.product_id;
            found.index.note(|| format!("product {id}"), Some(Difference::Missing));
        }
        let entries = entries(&mut snapshot, &tables, &ids).await?;
        compare_columns(view, entries, &mut unaccounted, &mut found.columns);
    }
    snapshot.commit().await?;
    for (market, ordinal) in unaccounted {
        found.columns.note(|| entry(market, ordinal), Some(Difference::Extra));
    }
    Ok(found)
}

/// Compares what the index has with the database; returns the products it has.
async fn compare_indexed(
    snapshot: &mut PgConnection,
    tables: &Tables,
    view: &View,
    part: &mut Part,
) -> Result<HashSet<ProductId>> {
    let mut seen = HashSet::new();
    let mut stored = view.searcher.documents()?;
    loop {
        let batch: Vec<Stored> = stored.by_ref().take(BATCH_LENGTH).collect::<Result<_, _>>()?;
        if batch.is_empty() {
            return Ok(seen);
        }
        let ids: Vec<_> = batch.iter().map(|document| document.product_id).collect();
        let listed = project::documents(snapshot, tables, &ids).await?;
        let listed: HashMap<_, _> =
            listed.into_iter().map(|document| (document.product_id, document)).collect();
        for document in batch {
            let id = document.product_id;
            let difference = match listed.get(&id) {
                // A second document of the same product is one too many.
                Some(_) if !seen.insert(id) => Some(Difference::Extra),
                Some(listed) => (!listed.matches(&document)).then_some(Difference::Stale),
                None => Some(Difference::Extra),
            };
            part.note(|| format!("product {id}"), difference);
        }
    }
}

/// Every entry of the View.
fn shown(view: &View) -> HashSet<(MarketCode, Ordinal)> {
    let of = |market| view.columns.iter(market).map(move |(ordinal, _)| (market, ordinal));
    view.columns.markets().flat_map(of).collect()
}

/// Compares these entries, and strikes them out of what is not accounted for.
fn compare_columns(
    view: &View,
    entries: Entries,
    unaccounted: &mut HashSet<(MarketCode, Ordinal)>,
    part: &mut Part,
) {
    for ((market, ordinal), expected) in entries.columns {
        unaccounted.remove(&(market, ordinal));
        let difference = match view.columns.get(market, ordinal) {
            None => Some(Difference::Missing),
            Some(held) => (held != expected).then_some(Difference::Stale),
        };
        part.note(|| entry(market, ordinal), difference);
    }
}

fn entry(market: MarketCode, ordinal: Ordinal) -> String {
    format!("{market} ordinal {}", ordinal.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn part(subjects: &[&str]) -> Part {
        let mut part = Part::default();
        for subject in subjects {
            part.note(|| (*subject).to_owned(), Some(Difference::Stale));
        }
        part
    }

    #[test]
    fn a_difference_that_vanished_or_only_just_came_does_not_count() {
        let mut found = part(&["product 1", "product 2"]);

        found.keep_if_in(part(&["product 2", "product 3"]));

        let check = found.check("index");
        assert!(!check.ok);
        assert_eq!(check.detail, "2 compared: 0 missing, 1 stale, 0 extra; product 2 is stale");
    }
}
