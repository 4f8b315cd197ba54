//! Single prices that change and are timed while something large goes on beside them.

use std::time::Duration;

use souk_commerce::Db;
use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};
use tokio::task::JoinHandle;
use tokio::time::{Instant, interval};
use tokio_util::sync::CancellationToken;

use super::changes::{self, Change, Kind, Range};
use super::child::Child;
use super::data::Shop;
use super::watch::{Committed, Pace, Seen, watch};

/// Between two changes.
const INTERVAL: Duration = Duration::from_millis(20);
/// Changes that are chosen at once.
const BATCH: usize = 200;

/// Changes under way.
pub(super) struct Others {
    stop: CancellationToken,
    changing: JoinHandle<anyhow::Result<()>>,
    watching: JoinHandle<Seen>,
}

impl Others {
    /// Begins to change prices of products in this range.
    pub(super) fn start(shop: &Shop, child: &Child, range: Range) -> Others {
        let stop = CancellationToken::new();
        let (sender, committed) = unbounded_channel();
        let watching = tokio::spawn(watch(child.address, Kind::Price, Pace::new(), committed));
        let ending = stop.clone();
        let (shop, db) = (shop.clone(), shop.db.clone());
        let changing = tokio::spawn(async move {
            let changed = ending.run_until_cancelled(change(&shop, &db, range, &sender)).await;
            changed.unwrap_or(Ok(()))
        });
        Others { stop, changing, watching }
    }

    /// Ends the changes and waits until the last was seen.
    ///
    /// # Errors
    /// When a change was refused.
    pub(super) async fn finish(mut self) -> anyhow::Result<Seen> {
        self.stop.cancel();
        (&mut self.changing).await??;
        Ok((&mut self.watching).await?)
    }
}

impl Drop for Others {
    fn drop(&mut self) {
        self.changing.abort();
        self.watching.abort();
    }
}

async fn change(
    shop: &Shop,
    db: &Db,
    range: Range,
    sender: &UnboundedSender<Committed>,
) -> anyhow::Result<()> {
    let mut ticks = interval(INTERVAL);
    loop {
        let chosen: Vec<Change> =
            changes::choose(shop, Kind::Price, BATCH, range, rand::random()).await?;
        for change in chosen {
            ticks.tick().await;
            change.commit(db).await?;
            // A watcher that is gone has failed by itself.
            let _gone = sender.send(Committed { change, at: Instant::now() });
        }
    }
}
