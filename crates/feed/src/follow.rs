//! The loop: connect, fill if need be, follow, and when anything breaks begin again from the checkpoint.
//!
//! Recovery has one shape. Whatever goes wrong (the network, PostgreSQL, the disk, a lost slot), the
//! session is dropped and a new one starts from what the index itself says it contains. Meanwhile the last
//! View goes on serving.

use std::future::ready;
use std::sync::Arc;
use std::time::Duration;

use pgwire_replication::ReplicationClient;
use souk_base::Position;
use souk_commerce::Db;
use souk_search::{Checkpoint, Engine, Writer};
use sqlx::PgConnection;
use tokio::sync::watch;
use tokio::task::unconstrained;
use tokio::time::{Instant, sleep, sleep_until, timeout};
use tokio_util::sync::CancellationToken;
use tracing::{info, warn};

use crate::apply::{Applier, Columns, Index, read_columns};
use crate::care::{Care, quarantine};
use crate::changes::Changes;
use crate::clock::Clock;
use crate::documents::Documents;
use crate::fill::{Filling, fill};
use crate::indexer::Indexer;
use crate::live::Live;
use crate::saved::{self, Mark, Places, Saver};
use crate::slot::{self, Source, Stale};
use crate::status::{Phase, Status};
use crate::stream::{Progress, Stream};
use crate::threads::Threads;
use crate::{Config, Error, Result, instances, sql, survey, vigil};

/// Pause before the first new attempt; each further one doubles it.
const PAUSE_MIN: Duration = Duration::from_millis(100);
/// Longest pause between two attempts.
const PAUSE_MAX: Duration = Duration::from_secs(1);
/// A session that lasted this long was sound: the next pause is the shortest again.
const SOUND_AFTER: Duration = Duration::from_secs(5);
/// How often the distance to the end of the log is measured.
const MEASURE_INTERVAL: Duration = Duration::from_secs(1);
/// Transactions applied together at most.
const TRANSACTIONS_MAX: usize = 1_000;
/// Offers applied together, about: more would make other changes wait longer than anybody should.
const WEIGHT_MAX: usize = 4_000;
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
    let care = Care::start(&config, Arc::clone(&engine));
    let report = Report(progress);
    let mut feed = Feed { config, slot, db, engine, report, threads, care, forced: None };
    let mut pause = PAUSE_MIN;
    loop {
        let start = Instant::now();
        let db = feed.db.clone();
        let outcome = tokio::select! {
            outcome = feed.session(&stop) => outcome,
            silent = vigil::silence(&db) => Err(silent),
        };
        feed.threads.ended().await;
        let Err(error) = outcome else { return Ok(()) };
        // Damage is mended by the next session, however short this one was.
        if start.elapsed() > SOUND_AFTER || feed.forced == Some(Stale::Damaged) {
            pause = PAUSE_MIN;
        }
        if matches!(error, Error::Index(_) | Error::WriterStopped) {
            feed.engine.suspect();
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
    care: Care,
    /// Why the index must be built anew although its checkpoint looks sound.
    forced: Option<Stale>,
}

/// What one session follows with.
struct Session {
    applier: Applier,
    stream: Stream,
    /// What the file of columns holds, if it could be used.
    file: Option<Mark>,
}

impl Feed {
    /// Follows until stopped, or until something breaks.
    async fn session(&mut self, stop: &CancellationToken) -> Result<()> {
        if self.care.is_damaged() {
            self.forced = Some(Stale::Damaged);
        }
        let db = self.db.clone();
        let prepared = stop.run_until_cancelled(async {
            let mut connection = own_connection(&db).await?;
            let prepared = self.prepare(&mut connection).await?;
            Ok::<_, Error>((connection, prepared))
        });
        let Some(prepared) = prepared.await else { return Ok(()) };
        let (mut connection, session) = prepared?;
        self.report.position(session.applier.position());
        self.report.phase(Phase::Following);
        info!(slot = %self.slot, position = %session.applier.position(), "following the change stream");
        let outcome = self.run(&mut connection, session, stop).await;
        match &outcome {
            Err(Error::Stale(stale)) => self.forced = Some(*stale),
            Err(Error::Index(souk_search::Error::Damaged { .. })) => {
                self.forced = Some(Stale::Damaged);
            }
            _ => {}
        }
        // The stream would say the same again for ever, however often it is read.
        if let Err(Error::Publication { table, column }) = &outcome
            && survey::carries(&mut connection, table, column).await?
        {
            self.forced = Some(Stale::Unnamed);
        }
        outcome
    }

    /// Opens the index, fills it first if need be, and starts the stream behind it.
    async fn prepare(&mut self, connection: &mut PgConnection) -> Result<Session> {
        let stale = match self.resume(connection, None).await {
            Err(Error::Stale(stale)) => stale,
            outcome => return outcome,
        };
        info!(slot = %self.slot, "building the index anew: {stale}");
        let session =
            ReplicationClient::connect_gated(self.config.replication(Position(0))?).await?;
        // Whatever held the old index has let go before its directory is replaced.
        self.threads.ended().await;
        let dir = &self.config.index_dir;
        if stale == Stale::Damaged {
            let (damaged, now_s) = (dir.clone(), sql::now(connection).await? / 1_000_000);
            self.threads.run(move || quarantine(&damaged, now_s)).await??;
        }
        let filling = Filling {
            db: &self.db,
            slot: &self.slot,
            dir,
            report: &self.report,
            threads: &self.threads,
        };
        let columns = fill(&filling, connection, session).await?;
        self.forced = None;
        self.care.replaced();
        self.resume(connection, Some(columns)).await
    }

    /// Starts the stream behind an index as it is, with the columns of its fill, or saved ones, or else as
    /// they are now.
    async fn resume(
        &mut self,
        connection: &mut PgConnection,
        filled: Option<Columns>,
    ) -> Result<Session> {
        if let Some(stale) = self.forced {
            return Err(Error::Stale(stale));
        }
        let writer = self.open().await?;
        let checkpoint = writer.checkpoint().ok_or(Error::Stale(Stale::NoIndex))?;
        let is_filled = filled.is_some();
        let columns = match filled {
            Some(columns) => Some(columns),
            None => self.saved(connection, &checkpoint).await?,
        };
        let position = checkpoint.position;
        let state = slot::find(connection, &self.slot).await?;
        // PostgreSQL may have forgotten what came after a file that was not written again.
        let confirmed = state.map_or(Position::default(), |slot| slot.confirmed);
        let columns = columns.filter(|columns| columns.position >= confirmed);
        let file = columns.as_ref().filter(|_| !is_filled).map(|columns| columns.position);
        let start = columns.as_ref().map_or(position, |columns| columns.position.min(position));
        let mut session = ReplicationClient::connect_gated(self.config.replication(start)?).await?;
        let system = session.identify_system().await?;
        let end = Position(system.xlogpos.0);
        let current = Source::new(&system, &self.slot, Position::default());
        let resumed = Checkpoint { position: start, ..checkpoint.clone() };
        slot::resumable(Some(&resumed), &current, state, end).map_err(Error::Stale)?;
        let newest = columns.as_ref().map_or(position, |columns| columns.position.max(position));
        if end < newest {
            return Err(Error::Stale(Stale::DatabaseOlder));
        }
        instances::go_on(connection, &self.config, &checkpoint.source).await?;
        // Started first: a slot that somebody else still holds is noticed before any work is done.
        let stream = Stream::start(session).await?;
        // Saved columns are as old as their file; nobody is to see prices of then.
        let catch_up = file.map(|_| end);
        let columns = match columns {
            Some(columns) => columns,
            None => read_columns(connection, None, position, Some(checkpoint.clock_us)).await?,
        };
        let searcher = writer.searcher();
        let indexer = Indexer::start(writer, &self.threads);
        let documents = own_connection(&self.db).await?;
        let (source, interval) = (checkpoint.source.clone(), self.config.commit_interval);
        let index = Index { searcher, checkpoint };
        let engine = Arc::clone(&self.engine);
        let applier = Applier::resume(engine, index, columns, catch_up, |pending| {
            Documents::start(documents, indexer, source, pending, interval)
        });
        Ok(Session { applier, stream, file: file.map(|position| Mark { position, version: 0 }) })
    }

    /// The columns of the file beside the index, if they are of the same source and the cities are the same.
    async fn saved(
        &self,
        connection: &mut PgConnection,
        checkpoint: &Checkpoint,
    ) -> Result<Option<Columns>> {
        let path = saved::path(&self.config.index_dir);
        let Some(saved) = self.threads.run(move || saved::read(&path)).await? else {
            return Ok(None);
        };
        let tables = souk_commerce::tables(connection).await?;
        let stamp = saved.stamp;
        if stamp.source != checkpoint.source || stamp.places != Places::of(&tables) {
            return Ok(None);
        }
        Ok(Some(Columns {
            live: Live::of(saved.columns),
            position: stamp.position,
            clock: Clock::resume(stamp.clock_us.min(checkpoint.clock_us)),
            tables: Arc::new(tables),
        }))
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
        session: Session,
        stop: &CancellationToken,
    ) -> Result<()> {
        let mut measure_due = Instant::now();
        let Session { mut applier, mut stream, file } = session;
        let mut saver = Saver::new(&self.config, &self.threads, file);
        loop {
            let clock_due = applier.clock_due();
            let catch_up_until = applier.catch_up_until();
            tokio::select! {
                // What comes seldom first; a slice of the bulk follows whatever it was.
                biased;
                () = stop.cancelled() => break,
                () = self.care.damaged() => return Err(Error::Stale(Stale::Damaged)),
                published = applier.published() => applier.end_commit(published?),
                () = saver.due() => saver.begin(&applier),
                () = sleep_until(clock_due) => applier.strike(connection).await?,
                () = sleep_until(catch_up_until.unwrap_or(clock_due)), if catch_up_until.is_some() => {
                    applier.stop_catching_up();
                }
                () = sleep_until(measure_due) => {
                    self.report.end(souk_commerce::position(connection).await?);
                    measure_due = Instant::now() + MEASURE_INTERVAL;
                }
                progress = unconstrained(stream.next()) => {
                    let changes = gather(progress?, &mut stream, applier.indexed()).await?;
                    applier.apply(connection, changes).await?;
                }
                () = ready(()), if applier.has_bulk() => {}
            }
            if applier.has_bulk() {
                applier.apply_bulk(connection).await?;
            }
            stream.confirm(saver.confirmable(applier.stored()));
            self.report.position(applier.position());
        }
        if let Ok(stored) = timeout(FINISH_MAX, applier.finish()).await {
            let stored = stored?;
            saver.finish(&applier).await;
            stream.confirm(saver.confirmable(stored));
        }
        Ok(())
    }
}

/// A connection for the feed alone, closed when it is dropped. One of the pool's would go back with
/// whatever transaction was open when the feed was cancelled, and spoil it for its next user.
pub(crate) async fn own_connection(db: &Db) -> Result<PgConnection> {
    Ok(db.acquire().await?.detach())
}

/// Takes what else the stream has ready, so that a backlog is applied in larger steps. Unconstrained, as tokio would
/// say that nothing is ready after every 128 rows. The index has every
/// document of the changes up to `indexed`.
async fn gather(first: Progress, stream: &mut Stream, indexed: Position) -> Result<Changes> {
    let mut changes = Changes::default();
    add(&mut changes, first, indexed);
    while changes.weight() < WEIGHT_MAX && changes.transactions.len() < TRANSACTIONS_MAX {
        tokio::select! {
            biased;
            progress = unconstrained(stream.next()) => add(&mut changes, progress?, indexed),
            () = ready(()) => break,
        }
    }
    Ok(changes)
}

fn add(changes: &mut Changes, progress: Progress, indexed: Position) {
    match progress {
        Progress::Committed(mut later) => {
            if later.position <= indexed {
                later.forget_documents();
            }
            later.set_bulk_apart();
            changes.merge(*later);
        }
        // Whatever was committed before this position is among the changes already.
        Progress::Reached(position) => changes.position = changes.position.max(position),
    }
}
