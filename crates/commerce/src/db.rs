//! The connection pool, the schema's version, and what is read across slices.

use std::time::Duration;

use souk_base::{Position, Tables};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::{ConnectOptions, Connection, PgConnection, Postgres, Transaction};
use tokio::time::timeout;

use crate::{
    Result, categories, deliveries, markets, offers, products, rules, search_settings, synonyms,
};

/// A pool of connections to the shop's PostgreSQL.
pub type Db = sqlx::PgPool;

/// How long a caller waits for a free connection before it is told that the shop is busy.
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(1);

/// How long a start waits for PostgreSQL to answer.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(15);

static MIGRATIONS: sqlx::migrate::Migrator = sqlx::migrate!("../../migrations");

/// Opens a pool of at most `connections_max` connections and checks that one can be had.
///
/// # Errors
/// [`crate::Error::Database`] when the URL cannot be read or nobody answers there.
pub async fn connect(url: &str, connections_max: u32) -> Result<Db> {
    let options: PgConnectOptions = url.parse::<PgConnectOptions>()?;
    let options = options
        .application_name("souk")
        .options([
            // "already exists, skipping" of each start's migrations is of no use in a log.
            ("client_min_messages", "warning"),
            ("statement_timeout", "60s"),
            ("lock_timeout", "5s"),
            ("idle_in_transaction_session_timeout", "60s"),
        ])
        .disable_statement_logging();
    // Tried apart from the pool, whose patience is a request's: a start may wait for a busy machine.
    let first = timeout(CONNECT_TIMEOUT, PgConnection::connect_with(&options)).await;
    first.map_err(|_| sqlx::Error::PoolTimedOut)??.close().await?;
    let pool = PgPoolOptions::new().max_connections(connections_max);
    Ok(pool.acquire_timeout(ACQUIRE_TIMEOUT).connect_lazy_with(options))
}

/// Begins a transaction whose statements are planned once a connection and not for each time. They find a few rows by keys,
/// whatever the values; planning the joins of a cart anew took most of what a checkout cost.
const BEGIN: &str = "begin; set local plan_cache_mode = force_generic_plan";

/// Opens a transaction for writing by keys, with plans that do not look at the values.
///
/// `begin` runs in a task of its own, so that it ends even if the caller goes away meanwhile (a shopper who
/// closes the page): a connection whose `begin` was cut off would go back to the pool with a transaction
/// open, and the next user's writes would vanish in it.
///
/// # Errors
/// [`crate::Error::Busy`] when no connection is free, [`crate::Error::Database`] when PostgreSQL does not
/// answer.
pub(crate) async fn begin(db: &Db) -> Result<Transaction<'static, Postgres>> {
    open(db, BEGIN).await
}

async fn open(db: &Db, begin: &'static str) -> Result<Transaction<'static, Postgres>> {
    let db = db.clone();
    let begun = tokio::spawn(async move { db.begin_with(begin).await });
    Ok(begun.await.map_err(|error| sqlx::Error::Protocol(error.to_string()))??)
}

/// Begins what [`read`] opens.
const BEGIN_READ: &str = "begin read only; set local plan_cache_mode = force_generic_plan";

/// Opens a transaction for reading by keys, with plans that do not look at the values: for what joins many tables, such as a
/// cart, whose planning takes several times as long as its reading.
///
/// # Errors
/// [`crate::Error::Busy`] when no connection is free, [`crate::Error::Database`] when PostgreSQL does not answer.
pub async fn read(db: &Db) -> Result<Transaction<'static, Postgres>> {
    open(db, BEGIN_READ).await
}

/// Brings the schema up to date; safe to call from several processes at once.
///
/// # Errors
/// [`crate::Error::Migration`] when a migration fails or the database is newer than this program.
pub async fn migrate(db: &Db) -> Result<()> {
    Ok(MIGRATIONS.run(db).await?)
}

/// Whether every migration of this program has been applied.
///
/// # Errors
/// [`crate::Error::Database`] when PostgreSQL does not answer.
pub async fn migrated(db: &Db) -> Result<bool> {
    let started: bool = sqlx::query_scalar("select to_regclass('_sqlx_migrations') is not null")
        .fetch_one(db)
        .await?;
    if !started {
        return Ok(false);
    }
    let applied: Option<i64> =
        sqlx::query_scalar("select max(version) from _sqlx_migrations where success")
            .fetch_one(db)
            .await?;
    Ok(applied >= MIGRATIONS.iter().map(|migration| migration.version).max())
}

/// Where PostgreSQL's write-ahead log ends now: every commit so far lies before it.
///
/// # Errors
/// [`crate::Error::Database`] when PostgreSQL does not answer.
pub async fn position(connection: &mut PgConnection) -> Result<Position> {
    let text = sqlx::query_scalar!(r#"select pg_current_wal_lsn()::text as "position!""#)
        .fetch_one(connection)
        .await?;
    Ok(text.parse()?)
}

/// Every small table, read one after the other; call it inside a repeatable-read transaction where
/// they must agree with each other.
///
/// # Errors
/// [`crate::Error::Database`] when PostgreSQL does not answer.
pub async fn tables(connection: &mut PgConnection) -> Result<Tables> {
    let markets = markets::list(connection).await?;
    Ok(Tables {
        deliveries: deliveries::by_city(connection, &markets).await?,
        markets,
        categories: categories::list(connection).await?,
        attributes: products::attributes(connection).await?,
        values: products::attribute_values(connection).await?,
        brands: products::brands(connection).await?,
        sellers: offers::sellers(connection).await?,
        rules: rules::enabled(connection).await?,
        synonyms: synonyms::list(connection).await?,
        settings: search_settings::newest(connection).await?,
    })
}
