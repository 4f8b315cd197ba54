//! Served lists on their way into the database: off the request's way, in batches, as the log of searches is.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use souk_commerce::recommendations::{self, List};
use souk_commerce::{Db, Error};
use tokio_util::sync::CancellationToken;

/// Lists that wait at most; what comes to a full queue is not logged.
const QUEUE_MAX: usize = 20_000;
/// Lists that are written together.
const BATCH_MAX: usize = 2_000;
/// Time between two batches.
const GATHER: Duration = Duration::from_millis(500);
/// Pause after a batch could not be written.
const RETRY: Duration = Duration::from_secs(1);

/// The lists that are not written yet.
#[derive(Default)]
pub(crate) struct ListLog {
    queue: Mutex<Vec<List>>,
    writing: tokio::sync::Mutex<()>,
}

impl ListLog {
    /// Keeps a list for the next batch. Never waits.
    pub(crate) fn push(&self, list: List) {
        let mut queue = self.queue();
        if queue.len() < QUEUE_MAX {
            queue.push(list);
        }
    }

    /// Writes everything that is there now.
    ///
    /// # Errors
    /// When the database does not take it; what was not written waits on.
    pub(crate) async fn flush(&self, db: &Db) -> Result<(), Error> {
        let _turn = self.writing.lock().await;
        loop {
            let batch = self.next_batch();
            if batch.is_empty() {
                return Ok(());
            }
            if let Err(error) = recommendations::append(db, &batch).await {
                let mut queue = self.queue();
                let room = QUEUE_MAX - queue.len().min(QUEUE_MAX);
                queue.extend(batch.into_iter().take(room));
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

    fn next_batch(&self) -> Vec<List> {
        let mut queue = self.queue();
        let length = queue.len().min(BATCH_MAX);
        queue.drain(..length).collect()
    }

    /// A panic elsewhere leaves the queue whole: nothing that is done under the lock panics halfway.
    fn queue(&self) -> MutexGuard<'_, Vec<List>> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
