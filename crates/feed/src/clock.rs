//! The clock writes too: a dated price begins or ends without a row being written.
//!
//! The next such instant is asked for once, and again whenever dated prices change; when it comes, the
//! products it touches are re-read. All times are the database's.

use std::time::Duration;

use sqlx::PgConnection;
use tokio::time::Instant;

use crate::{Result, sql};

/// The longest wait before the next instant is asked for again, should the clocks of the two machines
/// drift apart.
const WAIT_MAX: Duration = Duration::from_secs(3_600);

/// When dated prices begin or end next.
#[derive(Debug)]
pub(crate) struct Clock {
    /// Everything up to here, in microseconds since 1970, was looked at.
    since_us: i64,
    due: Instant,
}

impl Clock {
    /// A clock for columns that were read in this snapshot.
    pub(crate) async fn start(snapshot: &mut PgConnection) -> Result<Clock> {
        let mut clock = Clock { since_us: sql::now(snapshot).await?, due: Instant::now() };
        clock.look(snapshot).await?;
        Ok(clock)
    }

    /// A clock for columns that were saved when everything up to `since_us` had been looked at; it strikes at
    /// once for what began or ended since.
    pub(crate) fn resume(since_us: i64) -> Clock {
        Clock { since_us, due: Instant::now() }
    }

    /// Everything up to here, in microseconds since 1970, was looked at.
    pub(crate) fn since_us(&self) -> i64 {
        self.since_us
    }

    /// When to call [`Clock::strike`].
    pub(crate) fn due(&self) -> Instant {
        self.due
    }

    /// Asks for the next instant, after dated prices changed.
    pub(crate) async fn look(&mut self, snapshot: &mut PgConnection) -> Result<()> {
        let wait = sql::next_price_instant(snapshot, self.since_us).await?.map_or(WAIT_MAX, |ms| {
            // One more, as fractions of a millisecond were cut off.
            Duration::from_millis(u64::try_from(ms + 1).unwrap_or_default())
        });
        self.due = Instant::now() + wait.min(WAIT_MAX);
        Ok(())
    }

    /// The products whose dated prices began or ended since the last look.
    pub(crate) async fn strike(&mut self, snapshot: &mut PgConnection) -> Result<Vec<i64>> {
        let now_us = sql::now(snapshot).await?;
        let products = sql::products_with_price_instant(snapshot, self.since_us).await?;
        self.since_us = now_us;
        self.look(snapshot).await?;
        Ok(products)
    }
}
