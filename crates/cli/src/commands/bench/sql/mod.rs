//! Every SQL text of the benches: databases and slots here, rows in their files.

pub(super) mod carts;
pub(super) mod changes;
pub(super) mod load;
pub(super) mod rules;
pub(super) mod visits;

use sqlx::{AssertSqlSafe, PgConnection, PgPool};

/// Where a load notes that it is complete, and with which version of the generator it was made.
const MARK_TABLE: &str =
    "create table bench_complete (version integer not null, load_s double precision not null)";

/// Makes an empty database. The statement takes no parameters; the name is made of our own letters and numbers.
pub(super) async fn create_database(db: &PgPool, name: &str) -> sqlx::Result<()> {
    execute(db, format!("create database {name}")).await
}

/// Removes a database and ends its connections.
pub(super) async fn drop_database(db: &PgPool, name: &str) -> sqlx::Result<()> {
    execute(db, format!("drop database if exists {name} with (force)")).await
}

async fn execute(db: &PgPool, statement: String) -> sqlx::Result<()> {
    sqlx::raw_sql(AssertSqlSafe(statement)).execute(db).await.map(drop)
}

pub(super) async fn database_exists(db: &PgPool, name: &str) -> sqlx::Result<bool> {
    sqlx::query_scalar("select exists (select from pg_database where datname = $1)")
        .bind(name)
        .fetch_one(db)
        .await
}

/// With which version of the generator the database was loaded; none when it was not, or not to the end.
pub(super) async fn version_loaded(db: &PgPool) -> sqlx::Result<Option<i32>> {
    let marked: bool = sqlx::query_scalar("select to_regclass('bench_complete') is not null")
        .fetch_one(db)
        .await?;
    if !marked {
        return Ok(None);
    }
    sqlx::query_scalar("select max(version) from bench_complete").fetch_one(db).await
}

pub(super) async fn mark_complete(
    connection: &mut PgConnection,
    version: i32,
    load_s: f64,
) -> sqlx::Result<()> {
    sqlx::raw_sql(MARK_TABLE).execute(&mut *connection).await?;
    let row = sqlx::query("insert into bench_complete (version, load_s) values ($1, $2)");
    row.bind(version).bind(load_s).execute(connection).await.map(drop)
}

/// Drops the slots of this database that nobody follows; answers how many are left.
pub(super) async fn drop_slots(db: &PgPool) -> sqlx::Result<i64> {
    sqlx::query(
        "select pg_drop_replication_slot(slot_name) from pg_replication_slots
         where database = current_database() and not active",
    )
    .execute(db)
    .await?;
    sqlx::query_scalar(
        "select count(*) from pg_replication_slots where database = current_database()",
    )
    .fetch_one(db)
    .await
}

/// Notes that the shop is not as it was loaded, or that it is again.
pub(super) async fn mark_changed(db: &PgPool, changed: bool) -> sqlx::Result<()> {
    sqlx::query(
        "update bench_complete set version = abs(version) * case when $1 then -1 else 1 end",
    )
    .bind(changed)
    .execute(db)
    .await
    .map(drop)
}
