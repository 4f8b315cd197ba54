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

use crate::{Error, Result};

/// Batches of documents that may wait for the writer.
const QUEUE_LENGTH: usize = 4;

/// The way to the writer's thread. Dropping it ends the thread without another commit.
pub(crate) struct Indexer {
    work: mpsc::Sender<Work>,
    done: mpsc::Receiver<Result<Committed>>,
    thread: JoinHandle<()>,
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
    Replace { ids: Vec<ProductId>, documents: Vec<Document> },
    Commit(Checkpoint),
}

impl Indexer {
    /// Starts the thread.
    pub(crate) fn start(mut writer: Writer) -> Indexer {
        let (work, mut queue) = mpsc::channel(QUEUE_LENGTH);
        // Room for the one commit that may be under way and for a last failure: the thread never waits
        // for the feed while the feed waits for it.
        let (answers, done) = mpsc::channel(2);
        let thread = tokio::task::spawn_blocking(move || {
            while let Some(work) = queue.blocking_recv() {
                let answer = run(&mut writer, work);
                let failed = answer.is_err();
                if let Some(answer) = answer.transpose()
                    && (answers.blocking_send(answer).is_err() || failed)
                {
                    break;
                }
            }
        });
        Indexer { work, done, thread }
    }

    /// Puts these documents in the place of what the index has of these products.
    pub(crate) async fn replace(
        &mut self,
        ids: Vec<ProductId>,
        documents: Vec<Document>,
    ) -> Result<()> {
        self.send(Work::Replace { ids, documents }).await
    }

    /// Begins a commit; [`Indexer::committed`] tells its end.
    pub(crate) async fn commit(&mut self, checkpoint: Checkpoint) -> Result<()> {
        self.send(Work::Commit(checkpoint)).await
    }

    /// Waits for the end of a commit, or for a failure. Nothing is lost when the wait is given up.
    pub(crate) async fn committed(&mut self) -> Result<Committed> {
        self.done.recv().await.ok_or(Error::WriterStopped)?
    }

    /// Ends the thread and waits until it has let go of the index directory.
    pub(crate) async fn close(self) -> Result<()> {
        drop(self.work);
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

/// Does the work; a commit has an answer.
fn run(writer: &mut Writer, work: Work) -> Result<Option<Committed>> {
    match work {
        Work::Replace { ids, documents } => {
            let listed: std::collections::HashSet<ProductId> =
                documents.iter().map(|document| document.product_id).collect();
            for id in ids.into_iter().filter(|id| !listed.contains(id)) {
                writer.delete(id)?;
            }
            for document in &documents {
                writer.upsert(document)?;
            }
            let written = u64::try_from(documents.len()).unwrap_or(u64::MAX);
            metrics::counter!("souk_feed_documents_total").increment(written);
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
