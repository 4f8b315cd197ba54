//! A fresh database per test, cloned from a template in a few milliseconds.
//!
//! ```no_run
//! # async fn example() {
//! let db = souk_testdb::TestDb::new().await;
//! let one: i32 = sqlx::query_scalar("select 1").fetch_one(db.pool()).await.unwrap();
//! # }
//! ```
//!
//! The databases live in a throw-away cluster under `target/testdb` that all test processes share: the first test starts
//! it and the last one stops it. Around many tests, `testdb start` and `testdb stop` spare the stops in between.

mod cluster;
mod template;

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;
use std::time::Duration;

use sqlx::postgres::PgPoolOptions;
use sqlx::{AssertSqlSafe, Connection, PgConnection, PgPool};
use tokio::runtime::Builder;

use crate::cluster::Cluster;
pub use crate::cluster::{start, stop};

/// Enough for a test with a feed and some writers; the cluster has 300 for all tests that run at once.
const CONNECTIONS_MAX: u32 = 8;
/// Far less than the 100 ms that `drop database` itself waits between two looks.
const POLL: Duration = Duration::from_millis(2);

/// A migrated database of one test. It disappears with this value, whatever is still connected to it.
#[derive(Debug)]
pub struct TestDb {
    name: String,
    pool: PgPool,
    // Last: the database is dropped before its cluster may stop.
    cluster: Arc<Cluster>,
}

impl TestDb {
    /// Clones the template, which is made first if the migrations have changed.
    ///
    /// # Panics
    /// If there is no server or a migration fails: no test can go on without its database.
    pub async fn new() -> Self {
        Self::clone_template().await.expect("a test needs its database")
    }

    /// A pool of connections to the database.
    pub fn pool(&self) -> &PgPool {
        &self.pool
    }

    /// Runs SQL statements, for tests of crates that have no driver of their own.
    ///
    /// # Panics
    /// If PostgreSQL refuses one: the test's rows are then not what it is about.
    pub async fn run(&self, statements: &str) {
        let statements = sqlx::raw_sql(AssertSqlSafe(statements.to_owned()));
        statements.execute(&self.pool).await.expect("a test's own SQL is right");
    }

    /// What a query counts, for the same tests.
    ///
    /// # Panics
    /// If PostgreSQL refuses it.
    pub async fn count(&self, query: &'static str) -> i64 {
        sqlx::query_scalar(query).fetch_one(&self.pool).await.expect("a test's own SQL is right")
    }

    /// What a query says, a text a row, for the same tests.
    ///
    /// # Panics
    /// If PostgreSQL refuses it.
    pub async fn texts(&self, query: &'static str) -> Vec<String> {
        sqlx::query_scalar(query).fetch_all(&self.pool).await.expect("a test's own SQL is right")
    }

    /// How to connect to the database, as a role that may also replicate.
    pub fn url(&self) -> String {
        self.cluster.url(&self.name)
    }

    async fn clone_template() -> Result<Self, sqlx::Error> {
        let cluster = Cluster::shared();
        let mut admin = PgConnection::connect(&cluster.url("postgres")).await?;
        let name = new_name(&mut admin).await?;
        let template = template::ready(&mut admin, &cluster).await?;
        // Copying files beats copying through the log, which the slots of other tests would have to read.
        let clone = format!("create database {name} template {template} strategy file_copy");
        execute(&mut admin, clone).await?;
        admin.close().await?;
        let options = PgPoolOptions::new().max_connections(CONNECTIONS_MAX);
        let pool = options.connect_lazy(&cluster.url(&name))?;
        Ok(TestDb { name, pool, cluster })
    }
}

impl Drop for TestDb {
    /// Blocks, on a thread and runtime of its own: the test's runtime is busy with this very drop.
    fn drop(&mut self) {
        let (url, name) = (self.cluster.url("postgres"), self.name.clone());
        let runtime = || Builder::new_current_thread().enable_all().build().ok();
        let drop_it = move || runtime()?.block_on(drop_database(&url, &name)).ok();
        if !matches!(thread::spawn(drop_it).join(), Ok(Some(()))) {
            tracing::warn!("the test database {} stays until the cluster's next start", self.name);
        }
    }
}

/// `souk_test_<start of the server>_<process>_<number>`; databases of an earlier start are nobody's and go.
async fn new_name(admin: &mut PgConnection) -> Result<String, sqlx::Error> {
    static NUMBER: AtomicU32 = AtomicU32::new(0);
    const START: &str =
        "select 'souk_test_' || (extract(epoch from pg_postmaster_start_time()) * 1000)::bigint";
    const ORPHANS: &str = "select datname::text from pg_database
         where starts_with(datname, 'souk_test_') and not starts_with(datname, $1)";
    let start: String = sqlx::query_scalar(START).fetch_one(&mut *admin).await?;
    let orphans: Vec<String> =
        sqlx::query_scalar(ORPHANS).bind(&start).fetch_all(&mut *admin).await?;
    for orphan in orphans {
        // Another process may sweep the same one.
        let _ = execute(admin, format!("drop database if exists {orphan} with (force)")).await;
    }
    let number = NUMBER.fetch_add(1, Ordering::Relaxed);
    Ok(format!("{start}_{}_{number}", std::process::id()))
}

/// Ends every connection first: an open replication stream holds its slot, and an active slot the database.
async fn drop_database(url: &str, name: &str) -> Result<(), sqlx::Error> {
    const END: &str =
        "select count(pg_terminate_backend(pid)) from pg_stat_activity where datname = $1";
    let mut admin = PgConnection::connect(url).await?;
    execute(&mut admin, format!("alter database {name} allow_connections false")).await?;
    while sqlx::query_scalar::<_, i64>(END).bind(name).fetch_one(&mut admin).await? > 0 {
        tokio::time::sleep(POLL).await;
    }
    execute(&mut admin, format!("drop database {name}")).await
}

/// Runs a statement that takes no parameters, such as those about databases. Its text is made of names of our own.
async fn execute(connection: &mut PgConnection, sql: String) -> Result<(), sqlx::Error> {
    sqlx::raw_sql(AssertSqlSafe(sql)).execute(connection).await.map(drop)
}
