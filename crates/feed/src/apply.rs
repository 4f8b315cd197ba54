//! Applying changes: columns and small tables are published at once, documents with the next index commit.
//!
//! # Where columns come from
//! Columns live in memory. They are read from the file that was saved beside the index (see [`crate::saved`]), or,
//! without one, from PostgreSQL in a snapshot taken after the index was opened. The stream is replayed from
//! the older of the two positions, the index's checkpoint and the columns'. Every transaction up to there is in,
//! because a position is stored only after a snapshot had shown it ([`project::read_after`]); every later
//! one arrives over the stream and makes its rows be read again. So columns are right as soon as the replay is
//! through, whatever was read early.

use std::sync::Arc;
use std::time::Duration;

use souk_base::{Position, ProductId, Tables};
use souk_search::{Books, Checkpoint, Engine, Searcher, View};
use sqlx::PgConnection;
use tokio::time::Instant;

use crate::bulk::Bulk;
use crate::changes::Changes;
use crate::clock::{Clock, Struck};
use crate::documents::{Documents, Published};
use crate::live::Live;
use crate::pending::Pending;
use crate::project::{self, BATCH_LENGTH};
use crate::saved::{Mark, Places, Stamp};
use crate::slot::Stale;
use crate::{Error, Result, sql};

/// Products that a changed label may re-index together with its own change.
const FAN_OUT_AT_ONCE_MAX: usize = BATCH_LENGTH;
/// How long the first View of saved columns may wait for what was committed since they were saved.
const CATCH_UP_MAX: Duration = Duration::from_secs(3);

/// What following writes to.
pub(crate) struct Applier {
    engine: Arc<Engine>,
    tables: Arc<Tables>,
    books: Arc<Books>,
    live: Live,
    clock: Clock,
    searcher: Searcher,
    documents: Documents,
    bulk: Bulk,
    source: String,
    /// The index has every document up to here.
    indexed: Position,
    /// Grows with every change of the columns.
    version: u64,
    /// What the first View waits for, and how long.
    catch_up: Option<(Position, Instant)>,
}

/// Columns as they were read or saved.
pub(crate) struct Columns {
    pub(crate) live: Live,
    /// Everything up to here is in them.
    pub(crate) position: Position,
    pub(crate) clock: Clock,
    pub(crate) tables: Arc<Tables>,
}

/// Every column as of now, or of the snapshot of this name. The position says up to where everything is in it;
/// an index that exists already has looked at the clock up to `since_us`.
pub(crate) async fn read_columns(
    connection: &mut PgConnection,
    snapshot_name: Option<&str>,
    position: Position,
    since_us: Option<i64>,
) -> Result<Columns> {
    let mut snapshot = project::read(connection).await?;
    if let Some(name) = snapshot_name {
        sql::use_snapshot(&mut snapshot, name).await?;
    }
    let tables = Arc::new(souk_commerce::tables(&mut snapshot).await?);
    let live = Live::load(&mut snapshot, &tables).await?;
    let clock = match since_us {
        Some(since_us) => Clock::resume(since_us),
        None => Clock::start(&mut snapshot).await?,
    };
    snapshot.commit().await?;
    Ok(Columns { live, position, clock, tables })
}

/// An opened index.
pub(crate) struct Index {
    pub(crate) searcher: Searcher,
    pub(crate) checkpoint: Checkpoint,
}

impl Applier {
    /// Publishes the first View; `catch_up` is the end of the log as of now, when a View may wait for it.
    /// `start` makes the task that indexes.
    pub(crate) fn resume(
        engine: Arc<Engine>,
        index: Index,
        columns: Columns,
        catch_up: Option<Position>,
        start: impl FnOnce(Pending) -> Documents,
    ) -> Applier {
        let pending = Pending::resumed(
            &index.checkpoint,
            columns.position.min(index.checkpoint.position),
            Arc::clone(&columns.tables),
        );
        let applier = Applier {
            engine,
            books: Arc::new(Books::of(&columns.tables)),
            tables: columns.tables,
            live: columns.live,
            clock: columns.clock,
            searcher: index.searcher,
            documents: start(pending),
            bulk: Bulk::default(),
            indexed: index.checkpoint.position,
            source: index.checkpoint.source,
            version: 0,
            catch_up: catch_up.map(|end| (end, Instant::now() + CATCH_UP_MAX)),
        };
        applier.publish();
        applier
    }

    /// Position of the published View.
    pub(crate) fn position(&self) -> Position {
        self.documents.pending().searchable()
    }

    /// Re-reads what changed; publishes columns and small tables, and queues documents.
    pub(crate) async fn apply(
        &mut self,
        connection: &mut PgConnection,
        mut changes: Changes,
    ) -> Result<()> {
        if changes.truncated {
            return Err(Error::Stale(Stale::Truncated));
        }
        if !changes.transactions.is_empty() {
            self.read(connection, &mut changes).await?;
        } else {
            self.reach(&mut changes, Vec::new());
        }
        self.publish();
        self.documents.wake();
        Ok(())
    }

    /// Whether offers of large transactions wait for [`Applier::apply_bulk`].
    pub(crate) fn has_bulk(&self) -> bool {
        !self.bulk.is_empty()
    }

    /// Re-reads some of the offers that wait.
    pub(crate) async fn apply_bulk(&mut self, connection: &mut PgConnection) -> Result<()> {
        let offers = self.bulk.take();
        let mut snapshot = project::read(connection).await?;
        self.version += 1;
        self.live.read_offers(&mut snapshot, &self.tables, &offers).await?;
        snapshot.commit().await?;
        self.reach(&mut Changes::default(), Vec::new());
        self.publish();
        self.documents.wake();
        Ok(())
    }

    /// Everything of these changes was applied, but for offers that wait and for these documents. As long as offers wait,
    /// the position stays.
    fn reach(&mut self, changes: &mut Changes, documents: Vec<ProductId>) {
        self.bulk.add(changes.position, std::mem::take(&mut changes.bulk));
        let mut pending = self.documents.pending();
        let reached = match self.bulk.is_empty() {
            true => self.bulk.reached(),
            false => pending.applied(),
        };
        pending.add(reached, documents);
    }

    async fn read(&mut self, connection: &mut PgConnection, changes: &mut Changes) -> Result<()> {
        let mut snapshot = project::read_after(connection, &changes.transactions).await?;
        if changes.tables {
            self.read_tables(&mut snapshot, changes.cities).await?;
        }
        self.read_columns(&mut snapshot, changes).await?;
        if changes.instants {
            self.clock.look(&mut snapshot).await?;
        }
        let mut documents = changes.documents.take();
        let labelled = self.fan_out(&mut snapshot, changes).await?;
        snapshot.commit().await?;
        if labelled.len() > FAN_OUT_AT_ONCE_MAX {
            self.documents.pending().add_slowly(labelled);
        } else {
            documents.extend(labelled);
        }
        self.reach(changes, documents);
        Ok(())
    }

    /// Reads the small tables; where cities changed, a city's bit may mean another one and every column is read. That
    /// the cities are as they were says nothing: one that was closed and opened again may have been read in between.
    async fn read_tables(&mut self, snapshot: &mut PgConnection, cities: bool) -> Result<()> {
        let tables = Arc::new(souk_commerce::tables(snapshot).await?);
        if cities || Places::of(&self.tables) != Places::of(&tables) {
            self.version += 1;
            self.live = Live::load(snapshot, &tables).await?;
        }
        self.documents.pending().set_tables(Arc::clone(&tables));
        self.books = Arc::new(Books::of(&tables));
        self.tables = tables;
        Ok(())
    }

    async fn read_columns(
        &mut self,
        snapshot: &mut PgConnection,
        changes: &mut Changes,
    ) -> Result<()> {
        let mut whole = changes.columns.take();
        let warehouses = changes.warehouses.take();
        if !warehouses.is_empty() {
            whole.extend(souk_commerce::offers::stocked_in(snapshot, &warehouses).await?);
        }
        let offers = changes.offers.take();
        if !(whole.is_empty() && offers.is_empty() && changes.popularity.is_empty()) {
            self.version += 1;
        }
        self.live.read(snapshot, &self.tables, &whole).await?;
        self.live.read_offers(snapshot, &self.tables, &offers).await?;
        let popularity = changes.popularity.take();
        self.live.read_popularity(snapshot, &self.tables, &popularity).await
    }

    /// Products to re-index because a label changed that stands in their text.
    async fn fan_out(
        &mut self,
        snapshot: &mut PgConnection,
        changes: &mut Changes,
    ) -> Result<Vec<ProductId>> {
        if !changes.has_labels() {
            return Ok(Vec::new());
        }
        project::fan_out(snapshot, &self.tables, changes).await
    }

    /// The index has every document up to here, so that a replay before it need not name any.
    pub(crate) fn indexed(&self) -> Position {
        self.indexed
    }

    /// When something begins or ends next without a row being written.
    pub(crate) fn clock_due(&self) -> Instant {
        self.clock.due()
    }

    /// Re-reads what began or ended.
    pub(crate) async fn strike(&mut self, connection: &mut PgConnection) -> Result<()> {
        let mut snapshot = project::read(connection).await?;
        let Struck { columns, documents } = self.clock.strike(&mut snapshot).await?;
        self.version += u64::from(!columns.is_empty());
        self.live.read(&mut snapshot, &self.tables, &columns).await?;
        snapshot.commit().await?;
        self.documents.pending().strike(self.clock.since_us(), documents);
        self.publish();
        self.documents.wake();
        Ok(())
    }

    /// Waits for the next index commit. Nothing is lost when the wait is given up.
    pub(crate) async fn published(&mut self) -> Result<Published> {
        self.documents.published().await
    }

    /// Publishes a commit.
    pub(crate) fn end_commit(&mut self, published: Published) {
        self.searcher = published.searcher;
        self.documents.pending().end(published.stored);
        self.documents.wake();
        self.publish();
    }

    /// The position that the index durably has.
    pub(crate) fn stored(&self) -> Position {
        self.documents.pending().stored()
    }

    /// Which state of the columns this is.
    pub(crate) fn mark(&self) -> Mark {
        Mark { position: self.documents.pending().applied(), version: self.version }
    }

    /// The columns as of now and what they stand for.
    pub(crate) fn columns(&self) -> (Stamp, souk_search::Columns) {
        let stamp = Stamp {
            source: self.source.clone(),
            position: self.documents.pending().applied(),
            clock_us: self.clock.since_us(),
            places: Places::of(&self.tables),
        };
        (stamp, self.live.columns.clone())
    }

    /// Lets go of the index after a last commit; returns the position stored in it.
    pub(crate) async fn finish(&mut self) -> Result<Position> {
        self.documents.close();
        while let Some(published) = self.documents.last_published().await? {
            self.documents.pending().end(published.stored);
            self.documents.wake();
        }
        Ok(self.documents.pending().stored())
    }

    /// Until when the first View waits.
    pub(crate) fn catch_up_until(&self) -> Option<Instant> {
        self.catch_up.map(|(_, deadline)| deadline)
    }

    /// Publishes the first View as it is.
    pub(crate) fn stop_catching_up(&mut self) {
        self.catch_up = None;
        self.publish();
    }

    fn publish(&self) {
        let (searchable, applied) = {
            let pending = self.documents.pending();
            (pending.searchable(), pending.applied())
        };
        if self.catch_up.is_some_and(|(end, deadline)| applied < end && Instant::now() < deadline) {
            return;
        }
        self.engine.publish(View {
            searcher: self.searcher.clone(),
            columns: self.live.columns.clone(),
            tables: Arc::clone(&self.tables),
            books: Arc::clone(&self.books),
            position: searchable,
        });
    }
}

#[cfg(test)]
mod tests {
    use souk_base::CityId;
    use souk_testdb::TestDb;
    use sqlx::PgPool;

    use super::*;
    use crate::indexer::Indexer;
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

    /// Follows a shop whose only stock lies in Kuwait City.
    async fn kuwait(pool: &PgPool, dir: &std::path::Path) -> (Arc<Engine>, Applier) {
        sql(
            pool,
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
        let writer = souk_search::Writer::open(dir).unwrap();
        let checkpoint =
            Checkpoint { source: String::new(), position: Position(1), clock_us: i64::MAX };
        let index = Index { searcher: writer.searcher(), checkpoint };
        let indexer = Indexer::start(writer, &Threads::default());
        let engine = Arc::new(Engine::new());
        let mut connection = pool.acquire().await.unwrap();
        let columns = read_columns(&mut connection, None, Position(1), None).await.unwrap();
        let documents = pool.acquire().await.unwrap().detach();
        let applier = Applier::resume(Arc::clone(&engine), index, columns, None, |pending| {
            let interval = Duration::from_secs(1);
            Documents::start(documents, indexer, String::new(), pending, interval)
        });
        assert_eq!(cities_with_stock(&engine), [CityId::new(KUWAIT_CITY)]);
        (engine, applier)
    }

    #[tokio::test]
    async fn a_city_that_is_seen_before_its_message_moves_every_bit_at_once() {
        let (db, dir) = (TestDb::new().await, tempfile::tempdir().unwrap());
        let (engine, mut applier) = kuwait(db.pool(), dir.path()).await;
        let mut connection = db.pool().acquire().await.unwrap();

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

    #[tokio::test]
    async fn what_was_committed_after_a_large_transaction_overtakes_it_and_the_position_waits() {
        let (db, dir) = (TestDb::new().await, tempfile::tempdir().unwrap());
        let (engine, mut applier) = kuwait(db.pool(), dir.path()).await;
        let mut connection = db.pool().acquire().await.unwrap();
        let shown = |engine: &Engine| {
            let view = engine.view().unwrap();
            let (_, column) = view.columns.iter("KW".parse().unwrap()).next().unwrap();
            (column.offers[0].minor, column.popularity, view.position)
        };
        let at = |position| Changes {
            transactions: vec![3],
            position: Position(position),
            ..Changes::default()
        };

        sql(
            db.pool(),
            "update prices set minor = 2000;
             insert into popularity (product_id, market, score) values (100, 'KW', 3)",
        )
        .await;
        let bulk = vec![vec![(ProductId::new(100), souk_base::OfferId::new(100))]];
        applier.apply(&mut connection, Changes { bulk, ..at(2) }).await.unwrap();
        let popularity = [ProductId::new(100)].into_iter().collect();
        applier.apply(&mut connection, Changes { popularity, ..at(3) }).await.unwrap();
        assert_eq!(shown(&engine), (1000, 3.0, Position(1)));
        assert!(applier.has_bulk());

        applier.apply_bulk(&mut connection).await.unwrap();

        assert_eq!(shown(&engine), (2000, 3.0, Position(3)));
        assert!(!applier.has_bulk());
    }

    #[tokio::test]
    async fn a_city_that_was_closed_and_opened_again_has_its_stock_whatever_was_read_in_between() {
        let (db, dir) = (TestDb::new().await, tempfile::tempdir().unwrap());
        let (engine, mut applier) = kuwait(db.pool(), dir.path()).await;
        let mut connection = db.pool().acquire().await.unwrap();
        let at = |position| Changes {
            transactions: vec![3],
            position: Position(position),
            ..Changes::default()
        };

        // A change of before that is read only now.
        sql(db.pool(), "update cities set active = false where id = 285787").await;
        let offers = [(ProductId::new(100), souk_base::OfferId::new(100))].into_iter().collect();
        applier.apply(&mut connection, Changes { offers, ..at(2) }).await.unwrap();
        assert_eq!(cities_with_stock(&engine), []);
        sql(db.pool(), "update cities set active = true where id = 285787").await;
        for position in [3, 4] {
            let city = Changes { tables: true, cities: true, ..at(position) };
            applier.apply(&mut connection, city).await.unwrap();
        }

        assert_eq!(cities_with_stock(&engine), [CityId::new(KUWAIT_CITY)]);
    }
}
