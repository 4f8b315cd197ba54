//! The log of searches on its way into the database: off the request's way, in batches.
//!
//! A request only puts its search into a queue in memory. While the database is slow or away the queue fills up to
//! [`QUEUE_MAX`]; then the oldest go, and `/metrics` counts them.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use souk_commerce::searches::{self, Search};
use souk_commerce::{Db, Error};
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

/// Searches that wait at most.
const QUEUE_MAX: usize = 20_000;

/// Searches that are written together.
const BATCH_MAX: usize = 500;

/// Longest time that a search waits for others.
const GATHER: Duration = Duration::from_millis(200);

/// Pause after a batch could not be written.
const RETRY: Duration = Duration::from_secs(1);

/// The searches that are not written yet.
#[derive(Default)]
pub(crate) struct SearchLog {
    queue: Mutex<VecDeque<Search>>,
    /// A batch is full.
    full: Notify,
    writing: tokio::sync::Mutex<()>,
    written: AtomicU64,
    dropped: AtomicU64,
}

impl SearchLog {
    /// Keeps a search for the next batch. Never waits.
    pub(crate) fn push(&self, search: Search) {
        let mut queue = self.queue();
        if queue.len() == QUEUE_MAX {
            queue.pop_front();
            self.dropped.fetch_add(1, Ordering::Relaxed);
        }
        queue.push_back(search);
        if queue.len() >= BATCH_MAX {
            self.full.notify_one();
        }
    }

    /// Writes everything that is there now.
    ///
    /// # Errors
    /// When the database does not take it; what was not written waits on, in front of what came meanwhile.
    pub(crate) async fn flush(&self, db: &Db) -> Result<(), Error> {
        // One batch after the other, so that an intent is not carried on twice at once.
        let _turn = self.writing.lock().await;
        loop {
            let batch = self.next_batch();
            if batch.is_empty() {
                return Ok(());
            }
            match searches::append(db, batch.clone()).await {
                Ok(()) => self.written.fetch_add(batch.len() as u64, Ordering::Relaxed),
                Err(error) => {
                    self.put_back(batch);
                    return Err(error);
                }
            };
        }
    }

    /// Writes what comes until stopped; what is left then is for a last [`SearchLog::flush`].
    pub(crate) async fn write(&self, db: &Db, stop: CancellationToken) {
        loop {
            tokio::select! {
                () = stop.cancelled() => return,
                () = self.full.notified() => {}
                () = tokio::time::sleep(GATHER) => {}
            }
            if let Err(error) = self.flush(db).await {
                tracing::warn!(%error, "searches could not be logged and wait");
                // Nobody waits for this, so a stop may wait for it.
                tokio::time::sleep(RETRY).await;
            }
        }
    }

    /// Searches written, and searches given up, since the start.
    pub(crate) fn counts(&self) -> (u64, u64) {
        (self.written.load(Ordering::Relaxed), self.dropped.load(Ordering::Relaxed))
    }

    fn next_batch(&self) -> Vec<Search> {
        let mut queue = self.queue();
        let length = queue.len().min(BATCH_MAX);
        queue.drain(..length).collect()
    }

    fn put_back(&self, batch: Vec<Search>) {
        let mut queue = self.queue();
        let room = QUEUE_MAX - queue.len().min(QUEUE_MAX);
        self.dropped.fetch_add(batch.len().saturating_sub(room) as u64, Ordering::Relaxed);
        for search in batch.into_iter().rev().take(room) {
            queue.push_front(search);
        }
    }

    /// A panic elsewhere leaves the queue whole: nothing that is done under the lock panics halfway.
    fn queue(&self) -> MutexGuard<'_, VecDeque<Search>> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use souk_commerce::searches::QueryId;
    use souk_testdb::TestDb;

    use super::*;

    fn search(number: usize) -> Search {
        let id = QueryId::new(Timestamp::now(), number as u128);
        let query = format!("query {number}");
        Search { query, ..Search::of(id, "KW".parse().unwrap()) }
    }

    #[tokio::test]
    async fn while_the_database_is_away_the_oldest_searches_go_and_no_request_waits() {
        let db = TestDb::new().await;
        let away = Db::connect_lazy("postgres://nobody@127.0.0.1:1/none").unwrap();
        away.close().await;
        let log = SearchLog::default();
        (0..3).for_each(|number| log.push(search(number)));

        assert!(log.flush(&away).await.is_err());
        (3..QUEUE_MAX + 2).for_each(|number| log.push(search(number)));
        assert_eq!(log.counts(), (0, 2));

        log.flush(db.pool()).await.unwrap();
        let (written, dropped) = log.counts();
        assert_eq!((written, dropped), (QUEUE_MAX as u64, 2));
        let kept = db.count("select count(*) from searches where query in ('query 1', 'query 2')");
        assert_eq!(kept.await, 1, "the older one is gone");
    }

    #[tokio::test]
    async fn searches_are_written_by_themselves() {
        let db = TestDb::new().await;
        let log = SearchLog::default();
        let stop = CancellationToken::new();
        log.push(search(1));

        let write = log.write(db.pool(), stop.clone());
        let watch = async {
            while log.counts().0 == 0 {
                tokio::task::yield_now().await;
            }
            stop.cancel();
        };
        tokio::join!(write, watch);

        assert_eq!(db.count("select count(*) from searches where query = 'query 1'").await, 1);
    }
}
