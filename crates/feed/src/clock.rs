//! The clock writes too: a dated price begins or ends, and a product is published, without a row being written.
//!
//! The next such instant is asked for once, and again whenever one may have changed; when it comes, the
//! products it touches are re-read. All times are the database's.

use std::time::Duration;

use souk_base::ProductId;
use sqlx::PgConnection;
use tokio::time::Instant;

use crate::{Result, sql};

/// The longest wait before the next instant is asked for again, should the clocks of the two machines
/// drift apart.
const WAIT_MAX: Duration = Duration::from_secs(3_600);

/// When something begins or ends next.
#[derive(Debug)]
pub(crate) struct Clock {
    /// Everything up to here, in microseconds since 1970, was looked at.
    since_us: i64,
    due: Instant,
}

/// What began or ended.
#[derive(Debug)]
pub(crate) struct Struck {
    /// Products whose columns differ.
    pub(crate) columns: Vec<ProductId>,
    /// Products whose documents come with that.
    pub(crate) documents: Vec<ProductId>,
}

impl Clock {
    /// A clock for columns and documents that are read in this snapshot.
    pub(crate) async fn start(snapshot: &mut PgConnection) -> Result<Clock> {
        let mut clock = Clock { since_us: sql::now(snapshot).await?, due: Instant::now() };
        clock.look(snapshot).await?;
        Ok(clock)
    }

    /// A clock for what was saved when everything up to `since_us` had been looked at; it strikes at once for
    /// what began or ended since.
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

    /// Asks for the next instant, after one may have changed.
    pub(crate) async fn look(&mut self, snapshot: &mut PgConnection) -> Result<()> {
        let wait = sql::next_instant(snapshot, self.since_us).await?.map_or(WAIT_MAX, |ms| {
            // One more, as fractions of a millisecond were cut off.
            Duration::from_millis(u64::try_from(ms + 1).unwrap_or_default())
        });
        self.due = Instant::now() + wait.min(WAIT_MAX);
        Ok(())
    }

    /// What began or ended since the last look.
    pub(crate) async fn strike(&mut self, snapshot: &mut PgConnection) -> Result<Struck> {
        let now_us = sql::now(snapshot).await?;
        let prices = sql::products_with_price_instant(snapshot, self.since_us).await?;
        let published = sql::products_published_since(snapshot, self.since_us).await?;
        self.since_us = now_us;
        self.look(snapshot).await?;
        let products =
            |keys: Vec<i64>| -> Vec<ProductId> { keys.into_iter().map(ProductId::new).collect() };
        let (mut columns, documents) = (products(prices), products(published));
        columns.extend(&documents);
        Ok(Struck { columns, documents })
    }
}
