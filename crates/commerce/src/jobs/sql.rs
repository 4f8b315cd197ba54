//! SQL of the jobs slice.

use jiff_sqlx::Timestamp;
use sqlx::PgConnection;

use super::{Job, NewJob};

/// Whether it was added.
pub(super) async fn insert(connection: &mut PgConnection, job: &NewJob) -> sqlx::Result<bool> {
    let done = sqlx::query!(
        "insert into jobs (kind, key, payload, run_at, attempts_max)
         values ($1, $2, $3, coalesce($4, now()), $5)
         on conflict (kind, key) where dead_at is null do nothing",
        job.kind,
        job.key,
        job.payload,
        job.run_at.map(Timestamp::from) as _,
        job.attempts_max
    )
    .execute(connection)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Those whose last claim ran out on them are dead as well, so that a job that kills its worker does not do so for ever.
pub(super) async fn claim(
    connection: &mut PgConnection,
    kinds: &[String],
    now: Timestamp,
    until: Timestamp,
    limit: i64,
) -> sqlx::Result<Vec<Job>> {
    sqlx::query_as!(
        Job,
        "with due as (
             select id from jobs
             where dead_at is null and run_at <= $2 and kind = any($1)
             order by run_at, id limit $4 for update skip locked),
         claimed as (
             update jobs
             set attempts = attempts + 1, run_at = $3,
                 dead_at = case when attempts >= attempts_max then $2::timestamptz end
             from due where jobs.id = due.id
             returning jobs.id, kind, key, payload, attempts, dead_at)
         select id, kind, key, payload, attempts from claimed where dead_at is null order by id",
        kinds,
        now as _,
        until as _,
        limit
    )
    .fetch_all(connection)
    .await
}

/// Whether the claim was the latest.
pub(super) async fn delete(
    connection: &mut PgConnection,
    id: i64,
    attempts: i32,
) -> sqlx::Result<bool> {
    let done = sqlx::query!("delete from jobs where id = $1 and attempts = $2", id, attempts)
        .execute(connection)
        .await?;
    Ok(done.rows_affected() == 1)
}

pub(super) async fn fail(
    connection: &mut PgConnection,
    id: i64,
    attempts: i32,
    error: &str,
    retry_at: Timestamp,
    now: Timestamp,
) -> sqlx::Result<()> {
    sqlx::query!(
        "update jobs
         set error = $3, run_at = $4,
             dead_at = case when attempts >= attempts_max then $5::timestamptz end
         where id = $1 and attempts = $2",
        id,
        attempts,
        error,
        retry_at as _,
        now as _
    )
    .execute(connection)
    .await?;
    Ok(())
}

pub(super) async fn cancel(
    connection: &mut PgConnection,
    kind: &str,
    key: &str,
) -> sqlx::Result<bool> {
    let done = sqlx::query!(
        "delete from jobs where kind = $1 and key = $2 and dead_at is null",
        kind,
        key
    )
    .execute(connection)
    .await?;
    Ok(done.rows_affected() == 1)
}

pub(super) async fn next_due(
    connection: &mut PgConnection,
    kinds: &[String],
) -> sqlx::Result<Option<Timestamp>> {
    sqlx::query_scalar!(
        r#"select min(run_at) as "due: Timestamp" from jobs
           where dead_at is null and kind = any($1)"#,
        kinds
    )
    .fetch_one(connection)
    .await
}
