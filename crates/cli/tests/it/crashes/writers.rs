//! Merchants' scripts: connections that change everything all the time, and come back when PostgreSQL does.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use rand::rngs::StdRng;
use rand::seq::IndexedRandom;
use rand::{RngExt, SeedableRng};
use sqlx::{Connection, PgConnection};
use tokio::sync::{RwLock, RwLockWriteGuard};
use tokio::task::JoinHandle;
use tokio::time::{sleep, timeout};

use super::PATIENCE;
use super::cluster::Cluster;
use super::sql::{TRUNCATE, WRITES, Write};

/// Connections that write.
const WRITERS: u64 = 4;
/// Pause between two transactions, at most.
const PAUSE_MAX_MS: u64 = 120;
/// Pause before PostgreSQL is asked again for a connection.
const ABSENCE: Duration = Duration::from_millis(50);
/// One transaction in so many empties a table.
const TRUNCATE_ONE_IN: u32 = 400;

/// The writers' tasks.
pub(super) struct Writers {
    shared: Arc<Shared>,
    tasks: Vec<JoinHandle<()>>,
}

struct Shared {
    cluster: Cluster,
    /// Held by each writer during a transaction, and by who wants none.
    turns: RwLock<()>,
    ended: AtomicBool,
    committed: AtomicUsize,
    rolled_back: AtomicUsize,
    refused: AtomicUsize,
    broken_off: AtomicUsize,
}

/// What became of a transaction.
enum Outcome {
    Committed,
    RolledBack,
    /// By a constraint, or to resolve a deadlock.
    Refused,
    /// The connection is gone.
    BrokenOff,
}

impl Writers {
    pub(super) fn start(cluster: &Cluster, seed: u64) -> Writers {
        let shared = Arc::new(Shared {
            cluster: cluster.clone(),
            turns: RwLock::default(),
            ended: AtomicBool::default(),
            committed: AtomicUsize::default(),
            rolled_back: AtomicUsize::default(),
            refused: AtomicUsize::default(),
            broken_off: AtomicUsize::default(),
        });
        let task = |number| {
            let random = StdRng::seed_from_u64(seed.wrapping_add(number));
            tokio::spawn(Arc::clone(&shared).write(random))
        };
        Writers { tasks: (1..=WRITERS).map(task).collect(), shared }
    }

    /// Lets each writer end its transaction; they go on when the answer is dropped.
    pub(super) async fn pause(&self) -> RwLockWriteGuard<'_, ()> {
        let paused = timeout(PATIENCE, self.shared.turns.write()).await;
        let ended = self.tasks.iter().any(JoinHandle::is_finished);
        assert!(!ended, "a writer gave up, see above");
        paused.expect("every transaction ends")
    }

    /// Ends the writers, and says what they did.
    pub(super) async fn stop(self) -> String {
        self.shared.ended.store(true, Ordering::Relaxed);
        for task in self.tasks {
            task.await.expect("every statement is understood");
        }
        let Shared { committed, rolled_back, refused, broken_off, .. } = &*self.shared;
        let count = |counter: &AtomicUsize| counter.load(Ordering::Relaxed);
        assert!(count(committed) > 0);
        format!(
            "{} transactions committed, {} rolled back, {} refused, {} broken off",
            count(committed),
            count(rolled_back),
            count(refused),
            count(broken_off)
        )
    }
}

impl Shared {
    async fn write(self: Arc<Self>, mut random: StdRng) {
        let mut connection = None;
        while !self.ended.load(Ordering::Relaxed) {
            sleep(Duration::from_millis(random.random_range(0..PAUSE_MAX_MS))).await;
            let turn = self.turns.read().await;
            let Some(open) = &mut connection else {
                connection = self.cluster.connect().await.ok();
                drop(turn);
                if connection.is_none() {
                    sleep(ABSENCE).await;
                }
                continue;
            };
            let outcome =
                transaction(open, &mut random).await.unwrap_or_else(|error| refusal(&error));
            let counter = match outcome {
                Outcome::Committed => &self.committed,
                Outcome::RolledBack => &self.rolled_back,
                Outcome::Refused => &self.refused,
                Outcome::BrokenOff => {
                    connection = None;
                    &self.broken_off
                }
            };
            counter.fetch_add(1, Ordering::Relaxed);
        }
    }
}

/// Some writes in one transaction, some of them taken back.
async fn transaction(connection: &mut PgConnection, random: &mut StdRng) -> sqlx::Result<Outcome> {
    let mut transaction = connection.begin().await?;
    if let Err(error) = writes(&mut transaction, random).await {
        // Dropped, it would stay open until its connection is used again.
        transaction.rollback().await?;
        return Err(error);
    }
    if random.random_ratio(1, 8) {
        transaction.rollback().await?;
        return Ok(Outcome::RolledBack);
    }
    transaction.commit().await?;
    Ok(Outcome::Committed)
}

async fn writes(transaction: &mut PgConnection, random: &mut StdRng) -> sqlx::Result<()> {
    if random.random_ratio(1, TRUNCATE_ONE_IN) {
        sqlx::query(TRUNCATE).execute(&mut *transaction).await?;
    }
    for _ in 0..random.random_range(1..4) {
        if random.random_ratio(1, 6) {
            let mut inner = transaction.begin().await?;
            statements(&mut inner, random).await?;
            inner.rollback().await?;
        }
        statements(transaction, random).await?;
    }
    Ok(())
}

async fn statements(connection: &mut PgConnection, random: &mut StdRng) -> sqlx::Result<()> {
    let chosen: &Write = WRITES.choose_weighted(random, |write| write.weight).unwrap();
    let number = i64::from(random.random_range(0..i32::MAX));
    for statement in chosen.statements {
        sqlx::query(*statement).bind(number).execute(&mut *connection).await?;
    }
    Ok(())
}

/// What a failure means; one that is the statement's own fault is the test's.
fn refusal(error: &sqlx::Error) -> Outcome {
    let code = error.as_database_error().and_then(|error| error.code());
    match code.as_deref().map(|code| &code[..2]) {
        // Constraints; deadlocks.
        Some("23" | "40") => Outcome::Refused,
        // Being shut down, crashing, or lacking something.
        Some("08" | "53" | "57" | "58") | None => Outcome::BrokenOff,
        Some(_) => panic!("{error}"),
    }
}
