//! Who trains tonight: one job for all instances of a shop, due once a day.

use jiff::civil::Time;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use crate::jobs::{self, Job, NewJob};
use crate::{Db, Result, db};

/// Kind of the job.
const TRAIN: &str = "models.train";
/// How long a training may take; whoever takes longer is to give it up.
pub const TRAINING_MAX: SignedDuration = SignedDuration::from_hours(4);
/// How long a training is one instance's, with some time to end it.
const LEASE: SignedDuration = SignedDuration::from_mins(4 * 60 + 10);
/// How often a night's training is tried.
const ATTEMPTS_MAX: i32 = 3;

/// A time of every day.
#[derive(Clone, Debug, PartialEq)]
pub struct Daily {
    /// By the clock on the wall.
    pub time: Time,
    /// Where that hangs.
    pub zone: TimeZone,
}

impl Daily {
    /// The first such moment after this one; where the clock leaps over the time, the moment that it leaps to.
    #[must_use]
    pub fn next(&self, after: Timestamp) -> Timestamp {
        let today = after.to_zoned(self.zone.clone()).date();
        let days = [Some(today), today.tomorrow().ok()].into_iter().flatten();
        let moments = days.filter_map(|day| {
            let moment = day.to_datetime(self.time).to_zoned(self.zone.clone()).ok()?;
            Some(moment.timestamp()).filter(|&moment| moment > after)
        });
        moments.min().unwrap_or(Timestamp::MAX)
    }

    /// One job a time of day: who has another time has another job.
    fn job(&self, now: Timestamp) -> NewJob {
        NewJob {
            key: Some(self.time.to_string()),
            run_at: Some(self.next(now)),
            attempts_max: ATTEMPTS_MAX,
            ..NewJob::new(TRAIN, serde_json::json!({}))
        }
    }
}

/// Puts the next training on the list where none is, and gives the one that is due to whoever asks first. A job that is
/// left over from another time of day is let go.
///
/// # Errors
/// [`crate::Error::Database`] when PostgreSQL does not answer.
pub async fn due(db: &Db, daily: &Daily, now: Timestamp) -> Result<Option<Job>> {
    jobs::enqueue(&mut *db.acquire().await?, &daily.job(now)).await?;
    let Some(job) = jobs::claim(db, &[TRAIN], now, LEASE, 1).await?.pop() else { return Ok(None) };
    if job.key.as_deref() == Some(&daily.time.to_string()) {
        return Ok(Some(job));
    }
    jobs::finish(&mut *db.acquire().await?, &job).await?;
    Ok(None)
}

/// Ends a training that came to its end, and puts the next one on the list: in one transaction, so that an instance
/// whose clock is behind does not begin the same night again.
///
/// # Errors
/// [`crate::Error::Database`] when PostgreSQL does not answer.
pub async fn done(db: &Db, job: &Job, daily: &Daily, now: Timestamp) -> Result<()> {
    let mut transaction = db::begin(db).await?;
    if jobs::finish(&mut transaction, job).await? {
        jobs::enqueue(&mut transaction, &daily.job(now)).await?;
        transaction.commit().await?;
    }
    Ok(())
}

/// Puts a training back that failed; after the third time the next night is waited for.
///
/// # Errors
/// [`crate::Error::Database`] when PostgreSQL does not answer.
pub async fn failed(db: &Db, job: &Job, reason: &str, now: Timestamp) -> Result<()> {
    jobs::fail(&mut *db.acquire().await?, job, reason, now).await
}
