//! A small shop whose feed can be started, stopped and killed.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use souk_base::{MarketCode, Offer, Ordinal, Position, ProductId};
use souk_feed::{Check, Config, Phase, Status, follow, verify};
use souk_search::{Engine, Query, Request, Sort, Stored, View};
use souk_testdb::TestDb;
use sqlx::{AssertSqlSafe, PgPool};
use tempfile::TempDir;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep};
use tokio_util::sync::CancellationToken;

/// How long a test waits for what must happen, on a machine that does other work too.
const PATIENCE: Duration = Duration::from_secs(60);
const KUWAIT_CITY: i64 = 285787;
const RIYADH: i64 = 108410;

pub(crate) struct Shop {
    // Before the database, so that nothing follows it any more when it is dropped.
    feed: Option<Feed>,
    pub(crate) engine: Arc<Engine>,
    pub(crate) config: Config,
    dir: TempDir,
    /// How the feed reaches the database, if not as everybody does.
    detour: Option<PgPool>,
    db: Database,
}

/// Where a shop's database is.
enum Database {
    /// Among those of all tests.
    Shared(TestDb),
    /// In a cluster of its own, which a test may bend and break.
    Own(PgPool),
}

struct Feed {
    stop: CancellationToken,
    task: JoinHandle<souk_feed::Result<()>>,
    status: watch::Receiver<Status>,
}

/// A product as the tests look at it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Item {
    pub(crate) id: i64,
    pub(crate) ordinal: Ordinal,
}

pub(crate) fn kw() -> MarketCode {
    "KW".parse().unwrap()
}

pub(crate) fn sa() -> MarketCode {
    "SA".parse().unwrap()
}

impl Shop {
    /// A shop with one category, one colour and warehouses in two markets; nothing follows it yet.
    pub(crate) async fn new() -> Shop {
        let db = TestDb::new().await;
        let url = db.url();
        Shop::with(Database::Shared(db), url).await
    }

    /// The same in the database of this URL.
    pub(crate) async fn at(url: String) -> Shop {
        let pool = souk_commerce::connect(&url, 8).await.unwrap();
        souk_commerce::migrate(&pool).await.unwrap();
        Shop::with(Database::Own(pool), url).await
    }

    async fn with(db: Database, database_url: String) -> Shop {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let dir = tempfile::tempdir().unwrap();
        let config = Config {
            database_url,
            index_dir: dir.path().join("index").join("schema"),
            instance: format!("test_{}_{number}", std::process::id()),
            commit_interval: Duration::from_millis(20),
            save_interval: Duration::from_millis(300),
            scrub_interval: Duration::from_millis(100),
        };
        let engine = Arc::new(Engine::new());
        let shop = Shop { feed: None, engine, config, dir, detour: None, db };
        shop.sql(&format!(
            "insert into categories (id, slug) values (100, 'flowers');
             insert into category_translations values (100, 'en', 'Flowers'), (100, 'ar', 'زهور');
             insert into categories (id, parent_id, slug) values (101, 100, 'roses');
             insert into category_translations values (101, 'en', 'Roses');
             insert into attributes (id, code) values (100, 'colour');
             insert into attribute_values (id, attribute_id, code) values (100, 100, 'red');
             insert into attribute_value_translations values (100, 'en', 'Red');
             insert into warehouses (id, city_id, seller_id, name)
             values (100, {KUWAIT_CITY}, 1, 'Kuwait'), (101, {RIYADH}, 1, 'Riyadh')"
        ))
        .await;
        shop
    }

    /// A shop that is followed.
    pub(crate) async fn followed() -> Shop {
        let mut shop = Shop::new().await;
        shop.start().await;
        shop
    }

    pub(crate) fn pool(&self) -> &PgPool {
        match &self.db {
            Database::Shared(db) => db.pool(),
            Database::Own(pool) => pool,
        }
    }

    /// Makes the feed reach the database through this address alone.
    pub(crate) async fn take_detour(&mut self, address: std::net::SocketAddr) {
        let url = &self.config.database_url;
        let (start, rest) = url.split_once('@').unwrap();
        let (_, name) = rest.split_once('/').unwrap();
        self.config.database_url = format!("{start}@{address}/{name}");
        let pool = souk_commerce::connect(&self.config.database_url, 8).await;
        self.detour = Some(pool.unwrap());
    }

    /// Runs statements as one transaction.
    pub(crate) async fn sql(&self, statements: &str) {
        let statements = AssertSqlSafe(statements.to_owned());
        sqlx::raw_sql(statements).execute(self.pool()).await.unwrap();
    }

    /// Adds a product in the roses, red, for 10.000 KWD and 100.00 SAR with 5 units in each market.
    pub(crate) async fn product(&self, slug: &str) -> Item {
        self.sql(&format!(
            "insert into products (slug, category_id, picture) values ('{slug}', 101, 'rose');
             insert into product_translations (product_id, lang, title)
             select id, 'en', 'A {slug}' from products where slug = '{slug}';
             insert into product_attribute_values
             select id, 100 from products where slug = '{slug}';
             insert into variants (product_id, sku)
             select id, 'sku-{slug}' from products where slug = '{slug}';
             insert into offers (variant_id, seller_id, market)
             select id, 1, market from variants, unnest(array['KW', 'SA']) as market
             where sku = 'sku-{slug}';
             insert into prices (offer_id, minor)
             select offers.id, 10000 from offers join variants on variants.id = variant_id
             where sku = 'sku-{slug}';
             insert into stock (offer_id, warehouse_id, on_hand)
             select offers.id, case market when 'KW' then 100 else 101 end, 5
             from offers join variants on variants.id = variant_id where sku = 'sku-{slug}'"
        ))
        .await;
        let (id, ordinal): (i64, i32) =
            sqlx::query_as("select id, ordinal from products where slug = $1")
                .bind(slug)
                .fetch_one(self.pool())
                .await
                .unwrap();
        Item { id, ordinal: Ordinal(ordinal.cast_unsigned()) }
    }

    /// Starts the feed and waits until it follows.
    pub(crate) async fn start(&mut self) {
        self.begin();
        let mut status = self.feed.as_ref().unwrap().status.clone();
        let following = status.wait_for(|status| status.phase == Phase::Following);
        tokio::time::timeout(PATIENCE, following).await.expect("the feed follows").unwrap();
    }

    /// Starts the feed and does not wait.
    pub(crate) fn begin(&mut self) {
        let (progress, status) = watch::channel(Status::default());
        let stop = CancellationToken::new();
        let (config, engine) = (self.config.clone(), Arc::clone(&self.engine));
        let pool = self.detour.as_ref().unwrap_or(self.pool()).clone();
        let token = stop.clone();
        let task = tokio::spawn(follow(config, pool, engine, progress, token));
        self.feed = Some(Feed { stop, task, status });
    }

    pub(crate) fn status(&self) -> Status {
        self.feed.as_ref().unwrap().status.borrow().clone()
    }

    /// Waits until the feed says that it broke; why.
    pub(crate) async fn broken(&self) -> String {
        let mut status = self.feed.as_ref().unwrap().status.clone();
        let broken = status.wait_for(|status| matches!(status.phase, Phase::Reconnecting { .. }));
        let status = tokio::time::timeout(PATIENCE, broken).await.expect("it breaks").unwrap();
        let Phase::Reconnecting { reason } = status.phase.clone() else { unreachable!() };
        reason
    }

    /// Stops the feed as a program that ends in order does.
    pub(crate) async fn stop(&mut self) {
        let feed = self.feed.take().unwrap();
        feed.stop.cancel();
        feed.task.await.unwrap().unwrap();
    }

    /// Ends the feed wherever it stands.
    pub(crate) async fn kill(&mut self) {
        let feed = self.feed.take().unwrap();
        feed.task.abort();
        let _ = feed.task.await;
    }

    pub(crate) fn view(&self) -> Arc<View> {
        self.engine.view().expect("something is published")
    }

    /// Waits until the View is as described.
    pub(crate) async fn until(&self, what: &str, mut is_so: impl FnMut(&View) -> bool) {
        let deadline = Instant::now() + PATIENCE;
        loop {
            if self.engine.view().is_some_and(|view| is_so(&view)) {
                return;
            }
            assert!(Instant::now() < deadline, "never happened: {what}");
            sleep(Duration::from_millis(10)).await;
        }
    }

    /// Waits until the View holds everything that is committed now.
    pub(crate) async fn caught_up(&self) {
        let end = self.end().await;
        self.until("the view catches up", |view| view.position >= end).await;
    }

    /// Where the log ends now. The test cluster commits without waiting for the disk, so the log is
    /// written out first, as every commit does elsewhere.
    pub(crate) async fn end(&self) -> Position {
        let mut transaction = self.pool().begin().await.unwrap();
        for statement in [
            "set local synchronous_commit = on",
            "select pg_logical_emit_message(true, 'test', 'written')",
        ] {
            sqlx::query(statement).execute(&mut *transaction).await.unwrap();
        }
        transaction.commit().await.unwrap();
        souk_commerce::position(&mut self.pool().acquire().await.unwrap()).await.unwrap()
    }

    pub(crate) async fn checks(&self) -> Vec<Check> {
        let (pool, engine) = (self.pool().clone(), Arc::clone(&self.engine));
        tokio::spawn(async move { verify(&pool, &engine).await }).await.unwrap().unwrap()
    }

    /// Asserts that search holds what the database holds.
    pub(crate) async fn assert_verified(&self) {
        for check in self.checks().await {
            assert!(check.ok, "{}: {}", check.name, check.detail);
        }
    }

    /// Puts a file into the index directory: a fill would replace the directory, and the file with it.
    pub(crate) fn mark_index(&self) {
        std::fs::write(self.mark(), "").unwrap();
    }

    pub(crate) fn index_is_marked(&self) -> bool {
        self.mark().try_exists().unwrap()
    }

    fn mark(&self) -> PathBuf {
        self.config.index_dir.join("mark")
    }

    /// Names of what lies beside the index.
    pub(crate) fn index_neighbours(&self) -> Vec<String> {
        let entries = std::fs::read_dir(self.dir.path().join("index")).unwrap();
        let mut names: Vec<_> =
            entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort_unstable();
        names
    }

    /// Drops the slot as soon as PostgreSQL has noticed that nobody reads it.
    pub(crate) async fn drop_slot(&self) {
        let slot = self.config.slot_name().unwrap();
        let deadline = Instant::now() + PATIENCE;
        loop {
            let dropped = sqlx::query("select pg_drop_replication_slot($1)");
            let Err(error) = dropped.bind(&slot).execute(self.pool()).await else { return };
            assert!(Instant::now() < deadline, "{error}");
            sleep(Duration::from_millis(10)).await;
        }
    }
}

impl Drop for Shop {
    fn drop(&mut self) {
        if let Some(feed) = self.feed.take() {
            feed.task.abort();
        }
    }
}

/// The only offer of a product in a market, if it is shown there.
pub(crate) fn offer(view: &View, market: MarketCode, item: Item) -> Option<Offer> {
    view.columns.get(market, item.ordinal)?.offers.first().copied()
}

/// The price of a product in a market.
pub(crate) fn price(view: &View, market: MarketCode, item: Item) -> Option<i64> {
    offer(view, market, item).map(|offer| offer.minor)
}

/// How many products of a market have a word.
pub(crate) fn found(view: &View, market: MarketCode, text: &str) -> u64 {
    let request = Request {
        market,
        text,
        lang: None,
        city: None,
        date: None,
        segment: None,
        now: jiff::Timestamp::now(),
        category: None,
        filters: &[],
        facets: &[],
        sort: Sort::Relevance,
        limit: 1,
        after: None,
        prefix: false,
    };
    view.candidates(&Query::parse(&request, &view.tables).unwrap()).unwrap().total
}

/// A product's document, if it is indexed.
pub(crate) fn document(view: &View, item: Item) -> Option<Stored> {
    let mut documents = view.searcher.documents().unwrap().map(Result::unwrap);
    documents.find(|document| document.product_id == ProductId::new(item.id))
}

/// A product's English title, if it is indexed.
pub(crate) fn title(view: &View, item: Item) -> Option<String> {
    document(view, item).map(|document| document.texts[0].title.clone())
}
