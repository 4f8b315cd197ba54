//! The loop: connect, fill if need be, follow, and when anything breaks begin again from the checkpoint.
//!
//! Recovery has one shape. Whatever goes wrong (the network, PostgreSQL, the disk, a lost slot), the
//! session is dropped and a new one starts from what the index itself says it contains. Meanwhile the last
//! View goes on serving.

use std::sync::Arc;
use std::time::Duration;

use pgwire_replication::ReplicationClient;
use souk_base::Position;
use souk_commerce::Db;
use souk_search::{Engine, Writer};
use sqlx::PgConnection;
use tokio::sync::watch;
use tokio::time::{Instant, sleep, sleep_until, timeout};
use tokio_util::sync::CancellationToken;
use tracing::{info, warn};

use crate::apply::{Applier, Opened};
use crate::changes::Changes;
use crate::fill::fill;
use crate::indexer::Indexer;
use crate::project::BATCH_LENGTH;
use crate::slot::{self, Source, Stale};
use crate::status::{Phase, Status};
use crate::stream::{Progress, Stream};
use crate::threads::Threads;
use crate::{Config, Error, Result};

/// Pause before the first new attempt; each further one doubles it.
const PAUSE_MIN: Duration = Duration::from_millis(100);
/// Longest pause between two attempts.
const PAUSE_MAX: Duration = Duration::from_secs(10);
/// A session that lasted this long was sound: the next pause is the shortest again.
const SOUND_AFTER: Duration = Duration::from_secs(30);
/// How often the distance to the end of the log is measured.
const MEASURE_INTERVAL: Duration = Duration::from_secs(1);
/// Transactions applied together at most.
const TRANSACTIONS_MAX: usize = 1_000;
/// How long stopping may take for a last commit.
const FINISH_MAX: Duration = Duration::from_secs(5);

/// Fills the index if need be and follows the change stream into it until stopped.
///
/// Failures are not returned but reported in `progress` and tried again, with growing pauses. Once this
/// has returned, nothing of it touches the index directory any more.
///
/// # Errors
/// What no new attempt can mend: [`Error::Instance`], [`Error::StreamTls`], or a database URL that cannot
/// be read.
pub async fn follow(
    config: Config,
    db: Db,
    engine: Arc<Engine>,
    progress: watch::Sender<Status>,
    stop: CancellationToken,
) -> Result<()> {
    let slot = config.slot_name()?;
    config.replication(Position::default())?;
    let threads = Threads::default();
    let mut feed =
        Feed { config, slot, db, engine, report: Report(progress), threads, forced: None };
    let mut pause = PAUSE_MIN;
    loop {
        let start = Instant::now();
        let outcome = feed.session(&stop).await;
        feed.threads.ended().await;
        let Err(error) = outcome else { return Ok(()) };
        if start.elapsed() > SOUND_AFTER {
            pause = PAUSE_MIN;
        }
        warn!(slot = %feed.slot, pause_ms = pause.as_millis(), "change stream broke: {error}");
        feed.report.phase(Phase::Reconnecting { reason: error.to_string() });
        if stop.run_until_cancelled(sleep(pause)).await.is_none() {
            return Ok(());
        }
        pause = (pause * 2).min(PAUSE_MAX);
    }
}

/// Where a feed says how it stands.
pub(crate) struct Report(watch::Sender<Status>);

impl Report {
    /// A new phase.
    pub(crate) fn phase(&self, phase: Phase) {
        self.0.send_if_modified(|status| {
            let is_new = status.phase != phase;
            status.phase = phase;
            is_new
        });
    }

    /// Another position.
    fn position(&self, position: Position) {
        self.0.send_if_modified(|status| {
            std::mem::replace(&mut status.position, position) != position
        });
    }

    /// The end of the log, as just measured.
    fn end(&self, end: Position) {
        self.0.send_modify(|status| {
            status.bytes_behind = end.0.saturating_sub(status.position.0);
            #[expect(clippy::cast_precision_loss, reason = "a gauge of bytes")]
            metrics::gauge!("souk_feed_bytes_behind").set(status.bytes_behind as f64);
        });
    }
}

/// What outlives a session.
struct Feed {
    config: Config,
    slot: String,
    db: Db,
    engine: Arc<Engine>,
    report: Report,
    threads: Threads,
    /// Why the index must be built anew although its checkpoint looks sound.
    forced: Option<Stale>,
}

impl Feed {
    /// Follows until stopped, or until something breaks.
    async fn session(&mut self, stop: &CancellationToken) -> Result<()> {
        let db = self.db.clone();
        let prepared = stop.run_until_cancelled(async {
            let mut connection = own_connection(&db).await?;
            let prepared = self.prepare(&mut connection).await?;
            Ok::<_, Error>((connection, prepared))
        });
        let Some(prepared) = prepared.await else { return Ok(()) };
        let (mut connection, (applier, stream)) = prepared?;
        self.report.position(applier.position());
        self.report.phase(Phase::Following);
        info!(slot = %self.slot, position = %applier.position(), "following the change stream");
        let outcome = self.run(&mut connection, applier, stream, stop).await;
        if let Err(Error::Stale(stale)) = &outcome {
            self.forced = Some(*stale);
        }
        outcome
    }

    /// Opens the index, fills it first if need be, and starts the stream behind it.
    async fn prepare(&mut self, connection: &mut PgConnection) -> Result<(Applier, Stream)> {
        let stale = match self.resume(connection).await {
            Err(Error::Stale(stale)) => stale,
            outcome => return outcome,
        };
        info!(slot = %self.slot, "building the index anew: {stale}");
        let session =
            ReplicationClient::connect_gated(self.config.replication(Position(0))?).await?;
        // Whatever held the old index has let go before its directory is replaced.
        self.threads.ended().await;
        let dir = &self.config.index_dir;
        fill(connection, session, &self.slot, dir, &self.report, &self.threads).await?;
        self.forced = None;
        self.resume(connection).await
    }

    async fn resume(&mut self, connection: &mut PgConnection) -> Result<(Applier, Stream)> {
        if let Some(stale) = self.forced {
            return Err(Error::Stale(stale));
        }
        let writer = self.open().await?;
        let checkpoint = writer.checkpoint().ok_or(Error::Stale(Stale::NoIndex))?;
        let position = checkpoint.position;
        let mut session =
            ReplicationClient::connect_gated(self.config.replication(position)?).await?;
        let system = session.identify_system().await?;
        let current = Source::new(&system, &self.slot, Position::default());
        let state = slot::find(connection, &self.slot).await?;
        let end = Position(system.xlogpos.0);
        slot::resumable(Some(&checkpoint), &current, state, end).map_err(Error::Stale)?;
        let opened = Opened {
            searcher: writer.searcher(),
            indexer: Indexer::start(writer, &self.threads),
            source: checkpoint.source,
            position,
        };
        // Started first: a slot that somebody else still holds is noticed before any work is done.
        let stream = Stream::start(session).await?;
        let interval = self.config.commit_interval;
        let applier =
            Applier::resume(connection, Arc::clone(&self.engine), opened, interval).await?;
        Ok((applier, stream))
    }

    /// Opens the index, or makes an empty one.
    async fn open(&self) -> Result<Writer> {
        let dir = self.config.index_dir.clone();
        match self.threads.run(move || Writer::open(&dir)).await? {
            Err(souk_search::Error::Damaged { reason, .. }) => {
                warn!("the index cannot be used: {reason}");
                Err(Error::Stale(Stale::Damaged))
            }
            opened => Ok(opened?),
        }
    }

    async fn run(
        &self,
        connection: &mut PgConnection,
        mut applier: Applier,
        mut stream: Stream,
        stop: &CancellationToken,
    ) -> Result<()> {
        let mut measure_due = Instant::now();
        loop {
            let commit_due = applier.commit_due();
            let clock_due = applier.clock_due();
            tokio::select! {
                () = stop.cancelled() => break,
                progress = stream.next() => {
                    let changes = gather(progress?, &mut stream).await?;
                    applier.apply(connection, changes).await?;
                }
                stored = applier.end_commit(), if applier.is_committing() => {
                    stream.confirm(stored?);
                }
                () = sleep_until(commit_due.unwrap_or(clock_due)), if commit_due.is_some() => {
                    applier.begin_commit(connection).await?;
                }
                () = sleep_until(clock_due) => applier.strike(connection).await?,
                () = sleep_until(measure_due) => {
                    self.report.end(souk_commerce::position(connection).await?);
                    measure_due = Instant::now() + MEASURE_INTERVAL;
                }
            }
            self.report.position(applier.position());
        }
        if let Ok(stored) = timeout(FINISH_MAX, applier.finish()).await {
            stream.confirm(stored?);
        }
        Ok(())
    }
}

/// A connection for the feed alone, closed when it is dropped. One of the pool's would go back with
/// whatever transaction was open when the feed was cancelled, and spoil it for its next user.
pub(crate) async fn own_connection(db: &Db) -> Result<PgConnection> {
    Ok(db.acquire().await?.detach())
}

/// Takes what else the stream has ready, so that a backlog is applied in larger steps.
async fn gather(first: Progress, stream: &mut Stream) -> Result<Changes> {
    let mut changes = Changes::default();
    add(&mut changes, first);
    while changes.weight() < BATCH_LENGTH && changes.transactions.len() < TRANSACTIONS_MAX {
        tokio::select! {
            biased;
            progress = stream.next() => add(&mut changes, progress?),
            () = std::future::ready(()) => break,
        }
    }
    Ok(changes)
}

fn add(changes: &mut Changes, progress: Progress) {
    match progress {
        Progress::Committed(later) => changes.merge(*later),
        // Whatever was committed before this position is among the changes already.
        Progress::Reached(position) => changes.position = changes.position.max(position),
    }
}
