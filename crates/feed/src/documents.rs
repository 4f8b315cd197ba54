//! The task that indexes documents: takes them from [`Pending`], re-reads them by key on a connection of its
//! own, hands them to the writer's thread and commits.
//!
//! It runs beside the columns, so that neither waits for the other. Commits are made at most once per commit
//! interval while documents wait, and every few seconds for the position alone, so that PostgreSQL can
//! forget its log even if no text ever changes.

use std::ops::RangeInclusive;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use souk_base::{Position, ProductId, Tables};
use souk_search::{Checkpoint, Searcher};
use sqlx::PgConnection;
use tokio::sync::{Notify, mpsc};
use tokio::time::{Instant, sleep_until};
use tokio_util::sync::CancellationToken;
use tokio_util::task::AbortOnDropHandle;

use crate::indexer::Indexer;
use crate::pending::Pending;
use crate::project::{self, BATCH_LENGTH};
use crate::{Error, Result};

/// How often a position is stored when no document waits.
const POSITION_INTERVAL: Duration = Duration::from_secs(5);
/// Into how many parts a batch is read, and how short one may become.
const READ_PARTS: usize = 4;
const READ_LENGTH_MIN: usize = 250;
/// How long a batch of the slow lane is to take: whatever comes behind it waits as long.
const SLICE_TIME: Duration = Duration::from_millis(250);
/// Documents of the slow lane in one batch: at first, and how few and many it may become.
const SLICE_LENGTH: usize = 1_000;
const SLICE_LENGTHS: RangeInclusive<usize> = 250..=8_000;

/// The way to the task. Dropping it ends the task at its next await.
pub(crate) struct Documents {
    shared: Arc<Shared>,
    published: mpsc::Receiver<Result<Published>>,
    close: CancellationToken,
    _task: AbortOnDropHandle<()>,
}

/// A commit that is on disk and searchable.
pub(crate) struct Published {
    /// The index as of this commit.
    pub(crate) searcher: Searcher,
    /// The position stored in it.
    pub(crate) stored: Position,
}

struct Shared {
    pending: Mutex<Pending>,
    wake: Notify,
}

impl Documents {
    /// Starts the task on an index with this checkpoint. `source` is written into every further one.
    pub(crate) fn start(
        connection: PgConnection,
        indexer: Indexer,
        source: String,
        pending: Pending,
        commit_interval: Duration,
    ) -> Documents {
        let shared = Arc::new(Shared { pending: Mutex::new(pending), wake: Notify::new() });
        // One commit at a time is under way, and one failure can be the last word.
        let (answers, published) = mpsc::channel(2);
        let close = CancellationToken::new();
        let task = Task {
            shared: Arc::clone(&shared),
            connection,
            indexer,
            source,
            commit_interval,
            close: close.clone(),
            last_commit: Instant::now(),
            last_commit_took: Duration::ZERO,
            slice_length: SLICE_LENGTH,
        };
        let task = AbortOnDropHandle::new(tokio::spawn(task.run(answers)));
        Documents { shared, published, close, _task: task }
    }

    /// What waits and how far everything is.
    pub(crate) fn pending(&self) -> MutexGuard<'_, Pending> {
        self.shared.pending()
    }

    /// Tells the task that something was added.
    pub(crate) fn wake(&self) {
        self.shared.wake.notify_one();
    }

    /// Waits for the next commit, or for a failure. To be followed by [`Pending::end`]. Nothing is lost when the
    /// wait is given up.
    pub(crate) async fn published(&mut self) -> Result<Published> {
        self.published.recv().await.ok_or(Error::WriterStopped)?
    }

    /// Asks for a last commit, after which [`Documents::published`] ends; what waits then is left to the next start.
    pub(crate) fn close(&self) {
        self.close.cancel();
    }

    /// The next commit of a task that was asked to end; none when it has let go of the index.
    pub(crate) async fn last_published(&mut self) -> Result<Option<Published>> {
        self.published.recv().await.transpose()
    }
}

impl Shared {
    fn pending(&self) -> MutexGuard<'_, Pending> {
        // Nothing that holds it can panic half-way.
        self.pending.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

struct Task {
    shared: Arc<Shared>,
    connection: PgConnection,
    indexer: Indexer,
    source: String,
    commit_interval: Duration,
    close: CancellationToken,
    last_commit: Instant,
    last_commit_took: Duration,
    slice_length: usize,
}

impl Task {
    async fn run(mut self, answers: mpsc::Sender<Result<Published>>) {
        let answer = loop {
            let closes = self.close.is_cancelled();
            if !closes && !self.is_due().await {
                continue;
            }
            // A task that ends stores how far it came, with nothing new to search.
            let committed = if closes { self.commit_index().await } else { self.commit().await };
            match committed {
                Ok(published) if closes => break Ok(published),
                // Whoever hears nothing more ends this task.
                Ok(published) => drop(answers.send(Ok(published)).await),
                Err(error) => break Err(error),
            }
            self.ended().await;
        };
        let closed = self.indexer.close().await;
        let answer = answer.and_then(|published| closed.map(|()| published));
        drop(answers.send(answer).await);
    }

    /// Waits until a commit is due, or until something may have made it due earlier.
    async fn is_due(&self) -> bool {
        let wake = self.shared.wake.notified();
        let Some(due) = self.due() else {
            tokio::select! {
                () = wake => {}
                () = self.close.cancelled() => {}
            }
            return false;
        };
        tokio::select! {
            () = sleep_until(due) => true,
            () = wake => Instant::now() >= due,
            () = self.close.cancelled() => false,
        }
    }

    fn due(&self) -> Option<Instant> {
        let pending = self.shared.pending();
        if pending.has_backlog() || pending.has_lane() {
            return Some(self.last_commit);
        }
        if pending.has_documents() {
            // An index whose commits take long rests as long between them.
            return Some(self.last_commit + self.commit_interval.max(self.last_commit_took));
        }
        pending.has_position().then(|| self.last_commit + POSITION_INTERVAL)
    }

    async fn commit(&mut self) -> Result<Published> {
        let batch = self.shared.pending().take(self.slice_length);
        if batch.ids.is_empty() {
            return self.commit_index().await;
        }
        let start = Instant::now();
        self.read(&batch.ids, &batch.tables).await?;
        let published = self.commit_index().await?;
        if batch.ids.len() >= self.slice_length {
            self.slice_length = slice_length(batch.ids.len(), start.elapsed());
        }
        Ok(published)
    }

    async fn commit_index(&mut self) -> Result<Published> {
        let (position, clock_us) = {
            let mut pending = self.shared.pending();
            (pending.storable(), pending.storable_clock_us())
        };
        let source = self.source.clone();
        self.indexer.commit(Checkpoint { source, position, clock_us }).await?;
        let committed = self.indexer.committed().await?;
        self.last_commit = Instant::now();
        self.last_commit_took = committed.took;
        Ok(Published { searcher: committed.searcher, stored: committed.position })
    }

    async fn read(&mut self, ids: &[ProductId], tables: &Tables) -> Result<()> {
        let mut snapshot = project::read(&mut self.connection).await?;
        // In parts, so that those before are analysed and written while the next is read.
        let part = (ids.len() / READ_PARTS).clamp(READ_LENGTH_MIN, BATCH_LENGTH);
        for ids in ids.chunks(part) {
            let documents = project::documents(&mut snapshot, tables, ids).await?;
            self.indexer.replace(ids.to_vec(), documents).await?;
        }
        Ok(snapshot.commit().await?)
    }

    /// Waits until the published commit was taken note of: the next batch counts from there.
    async fn ended(&self) {
        while self.shared.pending().is_taken() && !self.close.is_cancelled() {
            self.shared.wake.notified().await;
        }
    }
}

/// How many documents the slow lane may have in the next batch, when so many took so long.
fn slice_length(length: usize, took: Duration) -> usize {
    let faster = SLICE_TIME.as_secs_f64() / took.as_secs_f64().max(1e-3);
    let (least, most) = SLICE_LENGTHS.into_inner();
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::cast_precision_loss,
        reason = "a few thousand, roughly"
    )]
    let length = (length as f64 * faster.min(2.0)) as usize;
    length.clamp(least, most)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_slow_lane_takes_as_many_as_a_quarter_of_a_second_has_room_for() {
        let after = |length, took_ms| slice_length(length, Duration::from_millis(took_ms));

        assert_eq!(after(1_000, 250), 1_000);
        assert_eq!(after(1_000, 200), 1_250);
        assert_eq!(after(1_000, 0), 2_000);
        assert_eq!(after(16_000, 4_000), 1_000);
        assert_eq!((after(300, 60_000), after(8_000, 1)), (250, 8_000));
    }
}
