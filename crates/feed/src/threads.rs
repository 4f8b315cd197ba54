//! The blocking work of a session. A thread cannot be cancelled, so it may outlive the session that began
//! it; whoever goes on to the same files waits for it here.

use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tokio_util::task::TaskTracker;

use crate::{Error, Result};

/// Everything that runs on threads of its own and may touch the index directory.
#[derive(Clone, Default)]
pub(crate) struct Threads(TaskTracker);

impl Threads {
    /// Begins what blocks.
    pub(crate) fn spawn(&self, work: impl FnOnce() + Send + 'static) -> JoinHandle<()> {
        self.0.spawn_blocking(work)
    }

    /// Runs what blocks off the async threads. It runs to its end even if the wait is given up; its result
    /// is then dropped before it counts as ended, as an index that was just opened holds its lock.
    pub(crate) async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T> {
        let (answer, answered) = oneshot::channel();
        self.spawn(move || drop(answer.send(work())));
        answered.await.map_err(|_| Error::WriterStopped)
    }

    /// Waits until nothing runs any more.
    pub(crate) async fn ended(&self) {
        self.0.close();
        self.0.wait().await;
        self.0.reopen();
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, mpsc};

    use super::*;

    #[tokio::test]
    async fn a_result_that_nobody_waits_for_any_more_is_gone_when_the_threads_have_ended() {
        let threads = Threads::default();
        let result = Arc::new(());
        let (go, gone) = mpsc::channel::<()>();
        let held = Arc::clone(&result);
        let work = move || {
            gone.recv().unwrap();
            held
        };

        tokio::select! {
            biased;
            _ = threads.run(work) => panic!("it ended before it was let go"),
            () = std::future::ready(()) => {}
        }
        go.send(()).unwrap();
        threads.ended().await;

        assert_eq!(Arc::strong_count(&result), 1);
    }
}
