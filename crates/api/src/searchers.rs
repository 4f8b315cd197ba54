//! The threads on which searches and recommendations are computed.
//!
//! They are few and stay: each keeps room for the next query. A pool that also serves files passes work around among
//! all its threads, so that sixteen of them keep such room, and none of it is in the processor's cache.

use std::sync::Arc;
use std::thread::available_parallelism;

use tokio::runtime::{Builder, Runtime};
use tokio::sync::Semaphore;
use tokio::task::JoinError;

/// Threads beside one for each core: one that runs while another waits for its page of the index.
const MORE_THAN_CORES: usize = 1;

/// The threads. Their work is synchronous, so the runtime that owns them never runs a task.
pub(crate) struct Searchers {
    runtime: Option<Runtime>,
    places: Arc<Semaphore>,
}

impl Searchers {
    /// # Panics
    /// Never: a runtime without input, output and clock opens nothing that could fail.
    pub(crate) fn new() -> Searchers {
        let threads = available_parallelism().map_or(1, usize::from) + MORE_THAN_CORES;
        let mut builder = Builder::new_current_thread();
        let runtime = builder.max_blocking_threads(threads).thread_name("search").build();
        let runtime = Some(runtime.expect("a runtime without drivers opens nothing"));
        Searchers { runtime, places: Arc::new(Semaphore::new(threads)) }
    }

    /// Runs synchronous work off the async threads. Work whose client went away while it waited is not begun; once
    /// begun it holds its place until it ends, so that the limit bounds what really runs.
    ///
    /// # Errors
    /// When it panics.
    pub(crate) async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, JoinError> {
        let place = Arc::clone(&self.places).acquire_owned().await;
        let place = place.expect("the semaphore lives as long as the threads and is never closed");
        let span = tracing::Span::current();
        let threads = self.runtime.as_ref().expect("the runtime is there until the end");
        let work = move || {
            let _place = place;
            span.in_scope(work)
        };
        threads.handle().spawn_blocking(work).await
    }
}

/// Nothing waits for what still runs: it may be dropped where waiting is not allowed.
impl Drop for Searchers {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;
    use std::thread;

    use tokio::task::JoinSet;

    use super::*;

    #[tokio::test]
    async fn all_work_runs_on_a_few_threads_of_its_own() {
        let searchers = Arc::new(Searchers::new());
        let mut works = JoinSet::new();
        for _ in 0..200 {
            let searchers = Arc::clone(&searchers);
            works.spawn(async move { searchers.run(|| thread::current().id()).await.unwrap() });
        }

        let threads: HashSet<_> = works.join_all().await.into_iter().collect();

        assert!(threads.len() <= searchers.places.available_permits());
        assert!(!threads.contains(&thread::current().id()));
    }

    #[tokio::test]
    async fn work_that_nobody_waits_for_any_more_is_not_begun() {
        let searchers = Searchers::new();
        let all = u32::try_from(searchers.places.available_permits()).unwrap();
        let busy = Arc::clone(&searchers.places).acquire_many_owned(all).await.unwrap();
        let begun = Arc::new(());
        let mark = Arc::clone(&begun);
        let waiting = searchers.run(move || mark);

        tokio::select! {
            biased;
            _ = waiting => panic!("it had no place"),
            () = std::future::ready(()) => {}
        }
        drop(busy);

        assert_eq!(searchers.run(|| 1).await.unwrap(), 1);
        assert_eq!(Arc::strong_count(&begun), 1);
    }
}
