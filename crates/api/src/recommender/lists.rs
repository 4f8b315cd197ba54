//! Served lists, and who saw which experiment, on their way into the database: off the request's way, in batches, as the log
//! of searches is.

use std::collections::HashSet;
use std::hash::{BuildHasher as _, RandomState};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use souk_commerce::experiments::{self, Exposure};
use souk_commerce::recommendations::{self, List};
use souk_commerce::{Db, Error};
use tokio_util::sync::CancellationToken;

/// Lists that wait at most; what comes to a full queue is not logged.
const QUEUE_MAX: usize = 20_000;
/// Lists that are written together.
const BATCH_MAX: usize = 2_000;
/// Visitors of experiments who are known to have been written down; they are asked about with every request.
const SEEN_MAX: usize = 200_000;
/// Time between two batches.
const GATHER: Duration = Duration::from_millis(500);
/// Pause after a batch could not be written.
const RETRY: Duration = Duration::from_secs(1);

/// What is not written yet.
#[derive(Default)]
pub(crate) struct ListLog {
    queue: Mutex<Queue>,
    writing: tokio::sync::Mutex<()>,
}

#[derive(Default)]
struct Queue {
    lists: Vec<List>,
    exposures: Vec<Exposure>,
    /// Who is written down or in the queue, hashed; the database has the last word.
    seen: HashSet<u64>,
    hasher: RandomState,
}

impl ListLog {
    /// Keeps a list for the next batch. Never waits.
    pub(crate) fn push(&self, list: List) {
        let mut queue = self.queue();
        if queue.lists.len() < QUEUE_MAX {
            queue.lists.push(list);
        }
    }

    /// Keeps for the next batch that a visitor saw an experiment, unless that is known. Never waits.
    pub(crate) fn expose(&self, exposure: Exposure) {
        let mut queue = self.queue();
        let key = queue.hasher.hash_one((exposure.experiment, &exposure.visitor));
        if queue.seen.contains(&key) || queue.exposures.len() >= QUEUE_MAX {
            return;
        }
        if queue.seen.len() >= SEEN_MAX {
            queue.seen.clear();
        }
        queue.seen.insert(key);
        queue.exposures.push(exposure);
    }

    /// Writes everything that is there now.
    ///
    /// # Errors
    /// When the database does not take it; what was not written waits on.
    pub(crate) async fn flush(&self, db: &Db) -> Result<(), Error> {
        let _turn = self.writing.lock().await;
        self.flush_exposures(db).await?;
        loop {
            let batch = taken(&mut self.queue().lists);
            if batch.is_empty() {
                return Ok(());
            }
            if let Err(error) = recommendations::append(db, &batch).await {
                put_back(&mut self.queue().lists, batch);
                return Err(error);
            }
        }
    }

    async fn flush_exposures(&self, db: &Db) -> Result<(), Error> {
        loop {
            let batch = taken(&mut self.queue().exposures);
            if batch.is_empty() {
                return Ok(());
            }
            if let Err(error) = experiments::expose(db, &batch).await {
                put_back(&mut self.queue().exposures, batch);
                return Err(error);
            }
        }
    }

    /// Writes what comes until stopped; what is left then is for a last [`ListLog::flush`].
    pub(crate) async fn write(&self, db: &Db, stop: CancellationToken) {
        while stop.run_until_cancelled(tokio::time::sleep(GATHER)).await.is_some() {
            if let Err(error) = self.flush(db).await {
                tracing::warn!(%error, "served lists could not be logged and wait");
                tokio::time::sleep(RETRY).await;
            }
        }
    }

    /// A panic elsewhere leaves the queue whole: nothing that is done under the lock panics halfway.
    fn queue(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The next batch.
fn taken<T>(queue: &mut Vec<T>) -> Vec<T> {
    let length = queue.len().min(BATCH_MAX);
    queue.drain(..length).collect()
}

/// What was not written, as far as there is room.
fn put_back<T>(queue: &mut Vec<T>, batch: Vec<T>) {
    let room = QUEUE_MAX - queue.len().min(QUEUE_MAX);
    queue.extend(batch.into_iter().take(room));
}
