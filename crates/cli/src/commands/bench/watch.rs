//! How long it takes until an answer shows a change: changes are watched for in the order they were committed in.
//!
//! All watchers together ask at most [`POLLS_PER_SECOND`] times a second, so that the asking does not slow the server.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::sync::Mutex;
use tokio::sync::mpsc::UnboundedReceiver;
use tokio::time::{Instant, sleep_until};

use super::changes::{Change, Kind};
use super::client::Client;
use super::figures::Times;

/// Questions of all watchers together.
const POLLS_PER_SECOND: u32 = 500;
/// Questions that may follow each other at once after a quiet time.
const BURST: u32 = 16;
/// A change that no answer shows for so long is missed.
const PATIENCE: Duration = Duration::from_secs(60);

/// A committed change.
#[derive(Debug)]
pub(super) struct Committed {
    /// What was changed.
    pub change: Change,
    /// When the commit returned.
    pub at: Instant,
}

/// What a watcher saw.
#[derive(Debug, Default)]
pub(super) struct Seen {
    /// From a commit's return to the first answer that shows it.
    pub times: Times,
    /// Changes that no answer showed in time.
    pub missed: u64,
    /// New words whose own search did not find exactly their product when the title already had them.
    pub unfound: u64,
}

/// Lets the watchers ask one after the other.
#[derive(Debug)]
pub(super) struct Pace {
    next: Mutex<Instant>,
    polls: AtomicU64,
}

impl Pace {
    /// Nobody has asked yet.
    pub(super) fn new() -> Arc<Pace> {
        Arc::new(Pace { next: Mutex::new(Instant::now()), polls: AtomicU64::new(0) })
    }

    /// Questions so far.
    pub(super) fn polls(&self) -> u64 {
        self.polls.load(Ordering::Relaxed)
    }

    async fn turn(&self) {
        let gap = Duration::from_secs(1) / POLLS_PER_SECOND;
        let mut next = self.next.lock().await;
        let now = Instant::now();
        let earliest = now.checked_sub(gap * BURST).unwrap_or(now);
        let turn = (*next).max(earliest);
        *next = turn + gap;
        drop(next);
        self.polls.fetch_add(1, Ordering::Relaxed);
        if turn > now {
            sleep_until(turn).await;
        }
    }
}

/// Watches for every change that comes in, until no more can come.
pub(super) async fn watch(
    address: SocketAddr,
    kind: Kind,
    pace: Arc<Pace>,
    mut committed: UnboundedReceiver<Committed>,
) -> Seen {
    let mut client = Client::new(address);
    let mut seen = Seen::default();
    while let Some(Committed { change, at }) = committed.recv().await {
        match first_answer(&mut client, kind, &pace, &change, at).await {
            Some(time) => seen.times.push(time),
            None => seen.missed += 1,
        }
        if let Some(path) = change.word_path() {
            pace.turn().await;
            let found = client.get(&path).await;
            let is_found = found.is_ok_and(|answer| change.is_only_hit_of(&answer.json()));
            seen.unfound += u64::from(!is_found);
        }
    }
    seen
}

/// How long after its commit an answer showed the change; none when none did in time.
async fn first_answer(
    client: &mut Client,
    kind: Kind,
    pace: &Pace,
    change: &Change,
    at: Instant,
) -> Option<Duration> {
    let path = change.path();
    let interval = match kind {
        Kind::Price | Kind::Stock => Duration::from_millis(2),
        Kind::Text => Duration::from_millis(5),
    };
    while at.elapsed() < PATIENCE {
        pace.turn().await;
        let asked = Instant::now();
        // An answer that fails shows nothing; the next question may be answered.
        if let Ok(answer) = client.get(&path).await
            && change.is_in(&answer.json())
        {
            return Some(at.elapsed());
        }
        sleep_until(asked + interval).await;
    }
    None
}
