//! Care for the index: a task beside following that reads every file of it, round after round, and says so
//! when one is not what was written.
//!
//! The task changes nothing. Following ends its session then, moves the damaged index aside and fills a new
//! one, while the last View goes on serving from the files it has open. A search that fails makes the next
//! round begin at once.
//!
//! **Invariant**: damage is reported once for each index, and never one index's for another's.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use souk_search::{Damage, Engine, Scrub};
use tokio::sync::watch;
use tokio::task::spawn_blocking;
use tokio::time::{Instant, sleep, sleep_until};
use tokio_util::task::AbortOnDropHandle;
use tracing::{error, warn};

use crate::{Config, Error, Result};

/// Read at once.
const STEP_BYTES: usize = 1 << 20;
/// Read in a second at most, so that searches do not wait for the disk.
const RATE_BYTES: u64 = 50_000_000;
/// How often it is looked whether a search failed.
const SUSPICION_INTERVAL: Duration = Duration::from_millis(100);
/// Shortest time between the beginnings of two rounds, however many searches fail.
const ROUND_MIN: Duration = Duration::from_secs(1);

/// The task. Dropping this ends it.
pub(crate) struct Care {
    state: watch::Sender<State>,
    _task: AbortOnDropHandle<()>,
}

/// What is known about the index.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct State {
    /// How many indexes were put in the place of another.
    replaced: u64,
    /// Whether the present one is damaged.
    damaged: bool,
}

impl Care {
    /// Starts the task with a first round.
    pub(crate) fn start(config: &Config, engine: Arc<Engine>) -> Care {
        let state = watch::Sender::new(State::default());
        let rounds = Rounds {
            dir: config.index_dir.clone(),
            interval: config.scrub_interval,
            engine,
            state: state.clone(),
        };
        Care { state, _task: AbortOnDropHandle::new(tokio::spawn(rounds.run())) }
    }

    /// Waits until the index is found to be damaged.
    pub(crate) async fn damaged(&self) {
        let mut state = self.state.subscribe();
        let found = state.wait_for(|state| state.damaged).await;
        drop(found.expect("the sender lives as long as self"));
    }

    /// Whether the index was found to be damaged.
    pub(crate) fn is_damaged(&self) -> bool {
        self.state.borrow().damaged
    }

    /// Takes note that another index is in the place of the one that was.
    pub(crate) fn replaced(&self) {
        self.state.send_modify(|state| {
            *state = State { replaced: state.replaced + 1, damaged: false };
        });
    }
}

struct Rounds {
    dir: PathBuf,
    interval: Duration,
    engine: Arc<Engine>,
    state: watch::Sender<State>,
}

impl Rounds {
    async fn run(self) {
        loop {
            let start = Instant::now();
            let suspicions = self.engine.suspicions();
            let looked_at = *self.state.borrow();
            match round(&self.dir).await {
                Ok(damages) if damages.is_empty() => {}
                Ok(damages) => self.report(&damages, looked_at),
                Err(error) => warn!("the index could not be looked through: {error}"),
            }
            metrics::counter!("souk_index_scrub_rounds_total").increment(1);
            self.rest(start, suspicions, looked_at).await;
        }
    }

    /// Says what is damaged, unless the index that was looked at is gone by now.
    fn report(&self, damages: &[Damage], looked_at: State) {
        let is_news = self.state.send_if_modified(|state| {
            let is_news = *state == looked_at;
            state.damaged |= is_news;
            is_news
        });
        if !is_news {
            return;
        }
        let count = u64::try_from(damages.len()).unwrap_or(u64::MAX);
        metrics::counter!("souk_index_damaged_files_total").increment(count);
        for Damage { file, reason } in damages {
            error!(dir = %self.dir.display(), file = %file.display(), "index damaged: {reason}");
        }
    }

    /// Waits for the next round: for its time, a failed search, or another index. A damaged one is not
    /// looked at again.
    async fn rest(&self, start: Instant, suspicions: u64, looked_at: State) {
        let mut state = self.state.subscribe();
        let another = async {
            // It fails only when the sender is gone, which is self.
            drop(state.wait_for(|state| state.replaced != looked_at.replaced).await);
        };
        let due = async {
            sleep_until(start + ROUND_MIN.min(self.interval)).await;
            while start.elapsed() < self.interval && self.engine.suspicions() == suspicions {
                sleep(SUSPICION_INTERVAL.min(self.interval)).await;
            }
            let mut state = self.state.subscribe();
            drop(state.wait_for(|state| !state.damaged).await);
        };
        tokio::select! {
            () = another => {}
            () = due => {}
        }
    }
}

/// Reads the whole index once, at a rate that leaves the disk to others.
async fn round(dir: &Path) -> Result<Vec<Damage>> {
    let (dir, start) = (dir.to_owned(), Instant::now());
    let mut scrub = run(move || Scrub::begin(&dir)).await??;
    let mut read_bytes: u64 = 0;
    loop {
        let (next, step) = run(move || {
            let step = scrub.step(STEP_BYTES);
            (scrub, step)
        })
        .await?;
        scrub = next;
        let Some(bytes) = step? else { return Ok(scrub.finish()) };
        read_bytes += u64::try_from(bytes).unwrap_or_default();
        sleep_until(start + Duration::from_micros(read_bytes * 1_000_000 / RATE_BYTES)).await;
    }
}

async fn run<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T> {
    spawn_blocking(work).await.map_err(|_| Error::WriterStopped)
}

/// Moves a damaged index to `<dir>.quarantine-<unix seconds>`, where it can be looked at; an earlier one goes.
pub(crate) fn quarantine(dir: &Path, now_s: i64) -> Result<()> {
    let failed = |error| Error::Files { path: dir.to_owned(), error };
    if !dir.try_exists().map_err(failed)? {
        return Ok(());
    }
    let Some((parent, name)) = dir.parent().zip(dir.file_name()) else { return Ok(()) };
    let prefix = format!("{}.quarantine-", name.to_string_lossy());
    for entry in fs::read_dir(parent).map_err(failed)? {
        let entry = entry.map_err(failed)?;
        if entry.file_name().to_string_lossy().starts_with(&prefix) {
            fs::remove_dir_all(entry.path()).map_err(failed)?;
        }
    }
    let aside = parent.join(format!("{prefix}{now_s}"));
    fs::rename(dir, &aside).map_err(failed)?;
    warn!(dir = %aside.display(), "the damaged index was moved aside");
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_newest_damaged_index_is_kept_beside_the_new_one() {
        let parent = tempfile::tempdir().unwrap();
        let dir = parent.path().join("abc");
        for (now_s, content) in [(7, "older"), (8, "newer")] {
            fs::create_dir(&dir).unwrap();
            fs::write(dir.join("meta.json"), content).unwrap();
            fs::create_dir_all(parent.path().join("abcd")).unwrap();
            quarantine(&dir, now_s).unwrap();
        }
        quarantine(&dir, 9).unwrap();

        let names = fs::read_dir(parent.path()).unwrap();
        let mut names: Vec<_> = names.map(|name| name.unwrap().file_name()).collect();
        names.sort();
        assert_eq!(names, ["abc.quarantine-8", "abcd"]);
        let kept = parent.path().join("abc.quarantine-8").join("meta.json");
        assert_eq!(fs::read_to_string(kept).unwrap(), "newer");
    }
}
