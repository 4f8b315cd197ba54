//! The thread that owns the index writer.
//!
//! An index commit takes tens of milliseconds and sometimes more; prices and stock must not wait for it.
//! So documents go to a thread of their own through a short queue, and its commits come back as
//! [`Committed`]. A full queue makes the feed wait, which is how a fast stream is slowed to what the
//! index takes.

use std::time::Instant;

use souk_base::{Position, ProductId};
use souk_search::{Checkpoint, Document, Searcher, Writer};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio_util::sync::{CancellationToken, DropGuard};
use tracing::warn;

use crate::threads::Threads;
use crate::{Error, Result};

/// Batches of documents that may wait for the writer.
const QUEUE_LENGTH: usize = 4;

/// The way to the writer's thread. Dropping it ends the thread before its next piece of work;
/// [`Threads::ended`] tells when it has let go of the index.
pub(crate) struct Indexer {
    work: mpsc::Sender<Work>,
    done: mpsc::Receiver<Result<Committed>>,
    thread: JoinHandle<()>,
    abort: DropGuard,
}

/// A commit that is on disk and searchable.
pub(crate) struct Committed {
    /// The index as of this commit.
    pub(crate) searcher: Searcher,
    /// The position stored in it.
    pub(crate) position: Position,
    /// How long it took.
    pub(crate) took: std::time::Duration,
}

enum Work {
    Add(Vec<Document>),
    Replace { ids: Vec<ProductId>, documents: Vec<Document> },
    Commit(Checkpoint),
}

impl Indexer {
    /// Starts the thread.
    pub(crate) fn start(writer: Writer, threads: &Threads) -> Indexer {
        let (work, queue) = mpsc::channel(QUEUE_LENGTH);
        // Room for the one commit that may be under way and for a last failure: the thread never waits
        // for the feed while the feed waits for it.
        let (answers, done) = mpsc::channel(2);
        let abort = CancellationToken::new();
        let aborted = abort.clone();
        let thread = threads.spawn(move || work_off(writer, queue, &answers, &aborted));
        Indexer { work, done, thread, abort: abort.drop_guard() }
    }

    /// Puts these documents in the place of what the index has of these products.
    pub(crate) async fn replace(
        &mut self,
        ids: Vec<ProductId>,
        documents: Vec<Document>,
    ) -> Result<()> {
        self.send(Work::Replace { ids, documents }).await
    }

    /// Adds documents of products that have none: to a fresh index, which has nothing to look for.
    pub(crate) async fn add(&mut self, documents: Vec<Document>) -> Result<()> {
        self.send(Work::Add(documents)).await
    }

    /// Begins a commit; [`Indexer::committed`] tells its end.
    pub(crate) async fn commit(&mut self, checkpoint: Checkpoint) -> Result<()> {
        self.send(Work::Commit(checkpoint)).await
    }

    /// Waits for the end of a commit, or for a failure. Nothing is lost when the wait is given up.
    pub(crate) async fn committed(&mut self) -> Result<Committed> {
        self.done.recv().await.ok_or(Error::WriterStopped)?
    }

    /// Ends the thread before its next piece of work and waits until it has let go of the index directory.
    pub(crate) async fn close(self) -> Result<()> {
        drop((self.abort, self.work));
        self.thread.await.map_err(|_| Error::WriterStopped)
    }

    async fn send(&mut self, work: Work) -> Result<()> {
        if self.work.send(work).await.is_ok() {
            return Ok(());
        }
        // The thread stops at its first failure and has left it behind.
        match self.committed().await {
            Err(error) => Err(error),
            Ok(_) => Err(Error::WriterStopped),
        }
    }
}

/// The thread: works the queue off until it ends, something fails, or the session is over. What is still
/// queued then belongs to nobody: the next session begins from the checkpoint.
fn work_off(
    mut writer: Writer,
    mut queue: mpsc::Receiver<Work>,
    answers: &mpsc::Sender<Result<Committed>>,
    abort: &CancellationToken,
) {
    while let Some(work) = queue.blocking_recv() {
        if abort.is_cancelled() {
            break;
        }
        let answer = run(&mut writer, work);
        let failed = answer.is_err();
        if let Some(answer) = answer.transpose()
            && (answers.blocking_send(answer).is_err() || failed)
        {
            break;
        }
    }
    if let Err(error) = writer.close() {
        warn!("the index writer did not end in order: {error}");
    }
}

/// Does the work; a commit has an answer.
fn run(writer: &mut Writer, work: Work) -> Result<Option<Committed>> {
    match work {
        Work::Add(documents) => {
            for document in &documents {
                writer.add(document)?;
            }
            count(&documents);
            Ok(None)
        }
        Work::Replace { ids, documents } => {
            let listed: std::collections::HashSet<ProductId> =
                documents.iter().map(|document| document.product_id).collect();
            for id in ids.into_iter().filter(|id| !listed.contains(id)) {
                writer.delete(id)?;
            }
            for document in &documents {
                writer.upsert(document)?;
            }
            count(&documents);
            Ok(None)
        }
        Work::Commit(checkpoint) => {
            let start = Instant::now();
            writer.commit(&checkpoint)?;
            let took = start.elapsed();
            metrics::histogram!("souk_feed_commit_seconds").record(took);
            let position = checkpoint.position;
            Ok(Some(Committed { searcher: writer.searcher(), position, took }))
        }
    }
}

fn count(written: &[Document]) {
    let written = u64::try_from(written.len()).unwrap_or(u64::MAX);
    metrics::counter!("souk_feed_documents_total").increment(written);
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    fn checkpoint() -> Checkpoint {
        Checkpoint { source: "test".to_owned(), position: Position(1), clock_us: 0 }
    }

    /// What the index says it contains; fails while somebody else still writes it.
    fn stored(dir: &Path) -> Option<Checkpoint> {
        Writer::open(dir).unwrap().checkpoint()
    }

    #[tokio::test]
    async fn after_the_threads_ended_nobody_holds_the_index_of_a_dropped_session() {
        let (dir, threads) = (tempfile::tempdir().unwrap(), Threads::default());
        for _ in 0..3 {
            let mut indexer = Indexer::start(Writer::open(dir.path()).unwrap(), &threads);
            indexer.commit(checkpoint()).await.unwrap();
            drop(indexer);

            threads.ended().await;

            Writer::open(dir.path()).unwrap();
        }
    }

    #[tokio::test]
    async fn a_commit_that_is_still_queued_when_the_session_ends_is_not_made() {
        let dir = tempfile::tempdir().unwrap();
        for (ended, expected) in [(true, None), (false, Some(checkpoint()))] {
            let writer = Writer::open(dir.path()).unwrap();
            let (work, queue) = mpsc::channel(QUEUE_LENGTH);
            let (answers, _done) = mpsc::channel(2);
            let abort = CancellationToken::new();
            work.send(Work::Commit(checkpoint())).await.unwrap();
            drop(work);
            if ended {
                abort.cancel();
            }

            let thread = move || work_off(writer, queue, &answers, &abort);
            tokio::task::spawn_blocking(thread).await.unwrap();

            assert_eq!(stored(dir.path()), expected);
        }
    }
}
