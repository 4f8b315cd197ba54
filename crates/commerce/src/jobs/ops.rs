//! Enqueueing, claiming and ending jobs.

use jiff::{SignedDuration, Timestamp};
use sqlx::PgConnection;

use super::{Job, NewJob, sql};
use crate::{Db, Result};

/// Pause after the first failure; it doubles with each further one.
const BACKOFF_S: i64 = 15;

/// Longest pause between two attempts.
const BACKOFF_MAX_S: i64 = 12 * 3_600;

/// Most characters kept of a failure's reason.
const ERROR_LENGTH_MAX: usize = 500;

/// Has a job done later, if the transaction commits; says whether it was added, which a waiting one with its key
/// prevents.
///
/// # Errors
/// [`crate::Error::Database`] when PostgreSQL does not answer.
pub async fn enqueue(connection: &mut PgConnection, job: &NewJob) -> Result<bool> {
    Ok(sql::insert(connection, job).await?)
}

/// Takes at most `limit` due jobs of these kinds, the longest due first, for as long as the lease. Nobody else gets them
/// until then.
///
/// # Errors
/// [`crate::Error::Busy`] when no connection is free, [`crate::Error::Database`] when PostgreSQL does not answer.
pub async fn claim(
    db: &Db,
    kinds: &[&str],
    now: Timestamp,
    lease: SignedDuration,
    limit: i64,
) -> Result<Vec<Job>> {
    let kinds: Vec<String> = kinds.iter().map(|&kind| kind.to_owned()).collect();
    let mut connection = db.acquire().await?;
    Ok(sql::claim(&mut connection, &kinds, now.into(), (now + lease).into(), limit).await?)
}

/// Ends a job that was done; says whether the claim was still good. In the transaction of its effect, a claim that was
/// not good undoes the effect with it.
///
/// # Errors
/// [`crate::Error::Database`] when PostgreSQL does not answer.
pub async fn finish(connection: &mut PgConnection, job: &Job) -> Result<bool> {
    Ok(sql::delete(connection, job.id, job.attempts).await?)
}

/// Puts a job back that failed: 15 s later, then 30 s, up to 12 h, until it is given up.
///
/// # Errors
/// [`crate::Error::Database`] when PostgreSQL does not answer.
pub async fn fail(
    connection: &mut PgConnection,
    job: &Job,
    reason: &str,
    now: Timestamp,
) -> Result<()> {
    let reason: String = reason.chars().take(ERROR_LENGTH_MAX).collect();
    let retry_at = now + backoff(job.attempts);
    Ok(sql::fail(connection, job.id, job.attempts, &reason, retry_at.into(), now.into()).await?)
}

/// Takes back a waiting job; says whether there was one.
///
/// # Errors
/// [`crate::Error::Database`] when PostgreSQL does not answer.
pub async fn cancel(connection: &mut PgConnection, kind: &str, key: &str) -> Result<bool> {
    Ok(sql::cancel(connection, kind, key).await?)
}

/// When the next job of these kinds is due.
///
/// # Errors
/// [`crate::Error::Database`] when PostgreSQL does not answer.
pub async fn next_due(connection: &mut PgConnection, kinds: &[&str]) -> Result<Option<Timestamp>> {
    let kinds: Vec<String> = kinds.iter().map(|&kind| kind.to_owned()).collect();
    Ok(sql::next_due(connection, &kinds).await?.map(jiff_sqlx::Timestamp::to_jiff))
}

/// The pause after the attempt with this number.
fn backoff(attempts: i32) -> SignedDuration {
    let doublings = u32::try_from(attempts.clamp(1, 20) - 1).expect("at least nothing");
    SignedDuration::from_secs((BACKOFF_S << doublings).min(BACKOFF_MAX_S))
}
