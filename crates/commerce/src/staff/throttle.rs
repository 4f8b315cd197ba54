//! Refuses log-ins for an address after too many that failed.
//!
//! An attempt is counted before its password is looked at, so that many at once cannot slip through
//! together, and one whose client went away counts as failed. Logging in forgets the address's count.

use jiff::{SignedDuration, Timestamp};

use super::sql;
use crate::{Db, Error, Result};

/// Attempts that may fail for one address within [`WINDOW`].
pub(super) const ATTEMPTS_MAX: i32 = 10;

/// How long attempts are counted together, from the first on.
pub(super) const WINDOW: SignedDuration = SignedDuration::from_mins(15);

/// Counts an attempt, or refuses it.
pub(super) async fn count(db: &Db, email: &str, now: Timestamp) -> Result<()> {
    let expired = (now - WINDOW).into();
    let mut connection = db.acquire().await?;
    sql::forget_expired_attempts(&mut connection, expired).await?;
    let seen = sql::count_attempt(&mut connection, email, now.into(), expired).await?;
    if seen.attempts <= ATTEMPTS_MAX {
        return Ok(());
    }
    let left = (seen.started_at.to_jiff() + WINDOW).duration_since(now);
    // Instances' clocks may differ a little, so what is left may even be less than nothing.
    let left_ms = u64::try_from(left.as_millis()).unwrap_or(0);
    Err(Error::TooManyAttempts { retry_after_s: left_ms.div_ceil(1_000).max(1) })
}
