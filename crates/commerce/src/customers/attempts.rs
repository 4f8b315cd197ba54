//! Counts what is tried, and refuses when it was too often.
//!
//! An attempt is counted before it is looked at, so that many at once cannot slip through together.

use jiff::{SignedDuration, Timestamp};

use super::sql;
use crate::{Db, Result};

/// How often something may be tried within a time, from the first attempt on.
pub(super) struct Limit {
    pub(super) attempts: i32,
    pub(super) window: SignedDuration,
}

/// The longest window: rows that are older count nowhere.
pub(super) const WINDOW_MAX: SignedDuration = SignedDuration::from_hours(1);

/// Counts an attempt; gives the seconds to wait where it is one too many.
pub(super) async fn count(
    db: &Db,
    key: &str,
    limit: &Limit,
    now: Timestamp,
) -> Result<Option<u64>> {
    let mut connection = db.acquire().await?;
    sql::forget_attempts_before(&mut connection, (now - WINDOW_MAX).into()).await?;
    let expired = (now - limit.window).into();
    let seen = sql::count_attempt(&mut connection, key, now.into(), expired).await?;
    if seen.attempts <= limit.attempts {
        return Ok(None);
    }
    Ok(Some(seconds(seen.started_at.to_jiff() + limit.window, now)))
}

/// Whole seconds until an instant, at least one: instances' clocks may differ a little.
pub(super) fn seconds(until: Timestamp, now: Timestamp) -> u64 {
    let left_ms = u64::try_from(until.duration_since(now).as_millis()).unwrap_or(0);
    left_ms.div_ceil(1_000).max(1)
}
