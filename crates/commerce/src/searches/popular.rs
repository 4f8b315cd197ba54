//! Which queries are popular, kept up by reading only what was meant since the last time.

use std::collections::{HashMap, HashSet};

use jiff::{SignedDuration, Timestamp};
use souk_base::{CityId, Lang, MarketCode, PopularQueries, PopularQuery};
use sqlx::PgConnection;

use super::intents::TYPING_MAX;
use super::text::is_personal;
use super::{CARTED, CLICKED, HALF_LIFE_DAYS, POPULAR_DAYS, QueryId, VISITORS_MIN, sql};
use crate::Result;

/// Queries of a list that are kept.
const LIST_MAX: usize = 1_000;

/// Seconds after which an intent counts half as much.
const HALF_LIFE_S: f64 = HALF_LIFE_DAYS * 86_400.0;

/// Time by which reading stays behind the clock: typing may still change what is younger, and writing takes a moment.
const SETTLED: SignedDuration = SignedDuration::from_secs(TYPING_MAX.as_secs() + 2);

type Place = (MarketCode, Lang, Option<CityId>);

/// The queries that several visitors mean, as of the last reading.
#[derive(Debug, Default)]
pub struct Popular {
    /// By place and folded text. Weights are as of `until`.
    queries: HashMap<(Place, String), Known>,
    until: Option<Timestamp>,
}

#[derive(Debug)]
struct Known {
    text: String,
    weight: f64,
    last: Timestamp,
    /// Whether it found something the last time.
    finds: bool,
}

impl Popular {
    /// Reads the queries that were meant since the last reading, all of them the first time, and lists what may be
    /// shown. What came of a search since is seen when its query is meant again. Costs an index lookup for each of these
    /// queries.
    ///
    /// # Errors
    /// [`crate::Error::Database`] when PostgreSQL does not answer; then a later reading has it all.
    pub async fn refresh(
        &mut self,
        connection: &mut PgConnection,
        now: Timestamp,
    ) -> Result<PopularQueries> {
        let first = now - SignedDuration::from_hours(24 * i64::from(POPULAR_DAYS));
        let until = now - SETTLED;
        // The first time everything is read, and what fewer searches meant than visitors are needed is left out.
        let meant_min = if self.until.is_some() { 1 } else { VISITORS_MIN };
        let since = QueryId::new(self.until.unwrap_or(first), 0);
        let ask = sql::PopularSince {
            first: first.into(),
            since,
            until: until.into(),
            meant_min,
            half_life_s: HALF_LIFE_S,
            visitors_min: VISITORS_MIN,
            clicked: CLICKED,
            carted: CARTED,
        };
        let rows = sql::popular(connection, ask).await?;
        let blocked = super::blocked(connection).await?;
        self.age(until, first);
        for row in rows {
            let city = row.city_id.map(CityId::from);
            let place = (row.market.parse()?, row.lang.parse()?, city);
            let known = Known {
                text: row.query,
                weight: row.weight,
                last: row.last.to_jiff(),
                finds: row.finds,
            };
            self.queries.insert((place, row.text), known);
        }
        Ok(self.listed(&blocked.into_iter().collect()))
    }

    /// Brings the weights to the present and lets go of what nobody means any more.
    fn age(&mut self, until: Timestamp, first: Timestamp) {
        let before = self.until.replace(until).unwrap_or(until);
        let passed_s = until.duration_since(before).as_secs_f64();
        let factor = (-passed_s / HALF_LIFE_S).exp2();
        self.queries.retain(|_, known| known.last > first);
        self.queries.values_mut().for_each(|known| known.weight *= factor);
    }

    fn listed(&self, blocked: &HashSet<String>) -> PopularQueries {
        let mut lists: HashMap<Place, Vec<PopularQuery>> = HashMap::new();
        for ((place, folded), known) in &self.queries {
            if known.finds && !is_personal(folded) && !is_blocked(folded, blocked) {
                lists.entry(*place).or_default().push(PopularQuery {
                    text: known.text.clone(),
                    folded: folded.clone(),
                    weight: known.weight,
                });
            }
        }
        for list in lists.values_mut() {
            list.sort_by(|a, b| {
                b.weight.total_cmp(&a.weight).then_with(|| a.folded.cmp(&b.folded))
            });
            list.truncate(LIST_MAX);
        }
        PopularQueries { lists }
    }
}

/// Whether a text has a blocked word, or a run of words that is blocked.
fn is_blocked(folded: &str, blocked: &HashSet<String>) -> bool {
    let words: Vec<_> = folded.split(' ').collect();
    (1..=words.len())
        .any(|length| words.windows(length).any(|run| blocked.contains(&run.join(" "))))
}
