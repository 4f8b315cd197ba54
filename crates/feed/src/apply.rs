//! Applying changes: columns are published at once, documents with the next index commit.
//!
//! # Why columns need no file
//! Columns live in memory only. At every start they are read in one snapshot, taken after the index was
//! opened, and the stream is replayed from the index's checkpoint C. Every transaction up to C is visible
//! in that snapshot, because C was stored only after a snapshot had shown them
//! ([`project::read_after`]). Every later one arrives over the stream and makes its products be read
//! again. So columns are right as soon as the replay is through, whatever was read early, and C alone
//! decides what must be replayed: a change of prices is safe once any commit has stored its position,
//! although that commit contains nothing of it. Such commits are made every few seconds
//! ([`POSITION_INTERVAL`]), so that PostgreSQL can forget its log even if no text ever changes.
//!
//! # Two lanes
//! A renamed category is shown at once, since labels come from the small tables. Its name also stands in
//! the searchable text of every product below it; beyond [`FAN_OUT_AT_ONCE_MAX`] products those are
//! re-indexed slice by slice, one slice a commit, behind everything else that comes.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;
use std::time::Duration;

use souk_base::{CityId, Market, MarketCode, Position, ProductId, Tables};
use souk_search::{Checkpoint, Engine, Searcher, View};
use sqlx::PgConnection;
use tokio::time::Instant;

use crate::changes::Changes;
use crate::clock::Clock;
use crate::indexer::Indexer;
use crate::marks::Marks;
use crate::project::{self, BATCH_LENGTH, Live};
use crate::slot::Stale;
use crate::{Error, Result};

/// How often a position is stored when only columns, or nothing at all, changed.
const POSITION_INTERVAL: Duration = Duration::from_secs(5);
/// Products that a changed label may re-index together with its own change.
const FAN_OUT_AT_ONCE_MAX: usize = BATCH_LENGTH;
/// The index rests this many times as long as its last commit took, so that commits never take most of
/// a core's time.
const REST: u32 = 2;
/// Longest time between two commits while documents wait.
const COMMIT_INTERVAL_MAX: Duration = Duration::from_secs(1);

/// What following writes to.
pub(crate) struct Applier {
    engine: Arc<Engine>,
    indexer: Indexer,
    /// Written into every checkpoint.
    source: String,
    commit_interval: Duration,
    tables: Arc<Tables>,
    live: Live,
    clock: Clock,
    searcher: Searcher,
    marks: Marks,
    /// Products of the slow lane.
    lane: BTreeSet<ProductId>,
    last_commit: Instant,
    last_commit_took: Duration,
}

/// An opened index, ready to be followed into.
pub(crate) struct Opened {
    pub(crate) searcher: Searcher,
    pub(crate) indexer: Indexer,
    pub(crate) source: String,
    pub(crate) position: Position,
}

impl Applier {
    /// Reads tables and columns and publishes the first View.
    pub(crate) async fn resume(
        connection: &mut PgConnection,
        engine: Arc<Engine>,
        opened: Opened,
        commit_interval: Duration,
    ) -> Result<Applier> {
        let mut snapshot = project::read(connection).await?;
        let tables = souk_commerce::tables(&mut snapshot).await?;
        let live = Live::load(&mut snapshot, &tables).await?;
        let clock = Clock::start(&mut snapshot).await?;
        snapshot.rollback().await?;
        let applier = Applier {
            engine,
            indexer: opened.indexer,
            source: opened.source,
            commit_interval,
            tables: Arc::new(tables),
            live,
            clock,
            searcher: opened.searcher,
            marks: Marks::resumed(opened.position),
            lane: BTreeSet::new(),
            last_commit: Instant::now(),
            last_commit_took: Duration::ZERO,
        };
        applier.publish();
        Ok(applier)
    }

    /// Position of the published View.
    pub(crate) fn position(&self) -> Position {
        self.marks.searchable()
    }

    /// Re-reads what changed; publishes columns and small tables, and hands documents to the writer.
    pub(crate) async fn apply(
        &mut self,
        connection: &mut PgConnection,
        mut changes: Changes,
    ) -> Result<()> {
        if changes.truncated {
            return Err(Error::Stale(Stale::Truncated));
        }
        if changes.transactions.is_empty() {
            self.marks.apply(changes.position, false);
            self.publish();
            return Ok(());
        }
        let mut snapshot = project::read_after(connection, &changes.transactions).await?;
        if changes.tables {
            let tables = souk_commerce::tables(&mut snapshot).await?;
            // The snapshot may already see a city whose own message is still to come.
            changes.places |= !same_places(&self.tables, &tables);
            self.tables = Arc::new(tables);
        }
        let documents = products(std::mem::take(&mut changes.documents).into_sorted());
        if changes.places {
            self.live = Live::load(&mut snapshot, &self.tables).await?;
        } else {
            let offers = products(std::mem::take(&mut changes.offers).into_sorted());
            self.read_columns(&mut snapshot, &documents).await?;
            self.read_columns(&mut snapshot, &offers).await?;
        }
        if changes.dated_prices {
            self.clock.look(&mut snapshot).await?;
        }
        self.publish();
        let labelled = self.fan_out(&mut snapshot, &mut changes, &documents).await?;
        self.read_documents(&mut snapshot, &documents).await?;
        self.read_documents(&mut snapshot, &labelled).await?;
        snapshot.rollback().await?;
        self.marks.apply(changes.position, !documents.is_empty() || !labelled.is_empty());
        self.publish();
        Ok(())
    }

    /// Products to re-index with the change of a label, but for those that are re-indexed anyway; too
    /// many go to the slow lane instead.
    async fn fan_out(
        &mut self,
        snapshot: &mut PgConnection,
        changes: &mut Changes,
        anyway: &[ProductId],
    ) -> Result<Vec<ProductId>> {
        if !changes.has_labels() {
            return Ok(Vec::new());
        }
        let mut labelled = project::fan_out(snapshot, &self.tables, changes).await?;
        labelled.retain(|id| anyway.binary_search(id).is_err());
        if labelled.len() <= FAN_OUT_AT_ONCE_MAX {
            return Ok(labelled);
        }
        self.marks.hold();
        self.lane.extend(labelled);
        Ok(Vec::new())
    }

    async fn read_columns(&mut self, snapshot: &mut PgConnection, ids: &[ProductId]) -> Result<()> {
        for ids in ids.chunks(BATCH_LENGTH) {
            let entries = project::entries(snapshot, &self.tables, ids).await?;
            self.live.replace(ids, entries, &self.tables);
        }
        Ok(())
    }

    async fn read_documents(
        &mut self,
        snapshot: &mut PgConnection,
        ids: &[ProductId],
    ) -> Result<()> {
        for ids in ids.chunks(BATCH_LENGTH) {
            let documents = project::documents(snapshot, &self.tables, ids).await?;
            self.indexer.replace(ids.to_vec(), documents).await?;
        }
        Ok(())
    }

    /// When dated prices begin or end next.
    pub(crate) fn clock_due(&self) -> Instant {
        self.clock.due()
    }

    /// Re-reads the products whose dated prices began or ended.
    pub(crate) async fn strike(&mut self, connection: &mut PgConnection) -> Result<()> {
        let mut snapshot = project::read(connection).await?;
        let struck = products(self.clock.strike(&mut snapshot).await?);
        self.read_columns(&mut snapshot, &struck).await?;
        snapshot.rollback().await?;
        self.publish();
        Ok(())
    }

    /// When the next commit should begin, if there is anything to commit and none is under way.
    pub(crate) fn commit_due(&self) -> Option<Instant> {
        if self.marks.wants_documents() {
            let rest = (self.last_commit_took * REST).min(COMMIT_INTERVAL_MAX);
            return Some(self.last_commit + self.commit_interval.max(rest));
        }
        self.marks.wants_position().then(|| self.last_commit + POSITION_INTERVAL)
    }

    /// Begins a commit, with a slice of the slow lane if there is one.
    pub(crate) async fn begin_commit(&mut self, connection: &mut PgConnection) -> Result<()> {
        if !self.lane.is_empty() {
            self.slice(connection).await?;
        }
        let position = self.marks.begin_commit();
        self.indexer.commit(Checkpoint { source: self.source.clone(), position }).await
    }

    async fn slice(&mut self, connection: &mut PgConnection) -> Result<()> {
        let ids: Vec<ProductId> = self.lane.iter().copied().take(BATCH_LENGTH).collect();
        let mut snapshot = project::read(connection).await?;
        self.read_documents(&mut snapshot, &ids).await?;
        snapshot.rollback().await?;
        for id in &ids {
            self.lane.remove(id);
        }
        self.marks.slice(self.lane.is_empty());
        Ok(())
    }

    /// Whether [`Applier::end_commit`] has something to wait for.
    pub(crate) fn is_committing(&self) -> bool {
        self.marks.is_committing()
    }

    /// Waits for the end of the commit under way, publishes it, and returns the position that may now be
    /// confirmed. Nothing is lost when the wait is given up.
    pub(crate) async fn end_commit(&mut self) -> Result<Position> {
        let committed = self.indexer.committed().await?;
        self.searcher = committed.searcher;
        self.last_commit = Instant::now();
        self.last_commit_took = committed.took;
        self.marks.end_commit(committed.position);
        self.publish();
        Ok(self.marks.stored())
    }

    /// Commits what waits and lets go of the index; returns the position that may be confirmed.
    pub(crate) async fn finish(mut self) -> Result<Position> {
        if self.is_committing() {
            self.end_commit().await?;
        }
        if self.marks.wants_documents() || self.marks.wants_position() {
            let position = self.marks.begin_commit();
            self.indexer.commit(Checkpoint { source: self.source.clone(), position }).await?;
            self.end_commit().await?;
        }
        self.indexer.close().await?;
        Ok(self.marks.stored())
    }

    fn publish(&self) {
        self.engine.publish(View {
            searcher: self.searcher.clone(),
            columns: self.live.columns.clone(),
            tables: Arc::clone(&self.tables),
            position: self.marks.searchable(),
        });
    }
}

/// Whether a city's bit means the same in both: the same markets have the same cities, equally served.
fn same_places(before: &Tables, after: &Tables) -> bool {
    let cities = |market: &Market| -> Vec<(CityId, bool)> {
        market.cities.iter().map(|city| (city.id, city.active)).collect()
    };
    let places = |tables: &Tables| -> HashMap<MarketCode, Vec<(CityId, bool)>> {
        tables.markets.iter().map(|market| (market.code, cities(market))).collect()
    };
    places(before) == places(after)
}

fn products(keys: Vec<i64>) -> Vec<ProductId> {
    keys.into_iter().map(ProductId::new).collect()
}

#[cfg(test)]
mod tests {
    use souk_testdb::TestDb;
    use sqlx::PgPool;

    use super::*;
    use crate::threads::Threads;

    const KUWAIT_CITY: i64 = 285_787;

    async fn sql(pool: &PgPool, statements: &'static str) {
        sqlx::raw_sql(statements).execute(pool).await.unwrap();
    }

    /// The only stock that a View shows: where the city's bit says it is.
    fn cities_with_stock(engine: &Engine) -> Vec<CityId> {
        let view = engine.view().unwrap();
        let market = view.tables.market("KW".parse().unwrap()).unwrap();
        let (_, column) = view.columns.iter(market.code).next().unwrap();
        let cities = market.cities.iter().enumerate();
        cities
            .filter(|&(place, _)| column.offers[0].cities.contains(place))
            .map(|(_, city)| city.id)
            .collect()
    }

    #[tokio::test]
    async fn a_city_that_is_seen_before_its_message_moves_every_bit_at_once() {
        let (db, dir) = (TestDb::new().await, tempfile::tempdir().unwrap());
        sql(
            db.pool(),
            "insert into categories (id, slug) values (100, 'flowers');
             insert into products (id, slug, category_id) values (100, 'rose', 100);
             insert into variants (id, product_id, sku) values (100, 100, 'rose');
             insert into offers (id, variant_id, seller_id, market) values (100, 100, 1, 'KW');
             insert into prices (offer_id, minor) values (100, 1000);
             insert into warehouses (id, city_id, seller_id, name)
             values (100, 285787, 1, 'Kuwait');
             insert into stock (offer_id, warehouse_id, on_hand) values (100, 100, 5)",
        )
        .await;
        let writer = souk_search::Writer::open(dir.path()).unwrap();
        let opened = Opened {
            searcher: writer.searcher(),
            indexer: Indexer::start(writer, &Threads::default()),
            source: String::new(),
            position: Position(1),
        };
        let engine = Arc::new(Engine::new());
        let mut connection = db.pool().acquire().await.unwrap();
        let interval = Duration::from_secs(1);
        let resumed = Applier::resume(&mut connection, Arc::clone(&engine), opened, interval).await;
        let mut applier = resumed.unwrap();
        assert_eq!(cities_with_stock(&engine), [CityId::new(KUWAIT_CITY)]);

        // Its id comes first, and with it every other bit of the market moves.
        sql(
            db.pool(),
            "insert into cities (market, position, id, slug, latitude, longitude)
             values ('KW', 99, 1, 'new-city', 29, 48)",
        )
        .await;
        let renamed = Changes {
            transactions: vec![3],
            position: Position(2),
            tables: true,
            ..Changes::default()
        };
        applier.apply(&mut connection, renamed).await.unwrap();

        assert_eq!(cities_with_stock(&engine), [CityId::new(KUWAIT_CITY)]);
    }
}
