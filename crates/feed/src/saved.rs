//! The columns in a file, so that a start need not read millions of offers from PostgreSQL.
//!
//! The file says which source and position it stands for, when the clock was last looked at, and what each
//! city's bit meant. It is written beside the index, whole or not at all, and a file that is damaged, of
//! another source or of other cities is as good as none: the columns are then read from PostgreSQL.
//!
//! **Invariant**: everything up to the file's position is in it; later changes may be. The slot is confirmed
//! no further than that, so what is missing arrives over the stream.

use std::fs::{self, File};
use std::io::{BufReader, BufWriter, ErrorKind, Write as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::{Deserialize, Serialize};
use souk_base::{CityId, MarketCode, Position, Tables};
use souk_search::Columns;
use tokio::sync::oneshot;
use tokio::time::{Instant, sleep_until};
use tracing::warn;

use crate::apply::Applier;
use crate::fill::beside;
use crate::threads::Threads;
use crate::{Config, Error, Result};

/// How much log PostgreSQL may keep because nothing changed that would be worth a new file.
const POSITION_BYTES_MAX: u64 = 16 << 20;
/// Bytes written at once.
const BUFFER_BYTES: usize = 1 << 20;

/// What a file of columns stands for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Stamp {
    /// Where the rows come from, as in the index's checkpoint.
    pub(crate) source: String,
    /// Everything up to here is in.
    pub(crate) position: Position,
    /// Every instant up to here was looked at, in microseconds since 1970.
    pub(crate) clock_us: i64,
    /// What the cities' bits mean.
    pub(crate) places: Places,
}

/// The markets' cities by place, and whether they are served.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Places(Vec<(MarketCode, Vec<(CityId, bool)>)>);

impl Places {
    /// The places in these tables.
    pub(crate) fn of(tables: &Tables) -> Places {
        let mut markets: Vec<_> = tables
            .markets
            .iter()
            .map(|market| {
                let cities = market.cities.iter().map(|city| (city.id, city.active));
                (market.code, cities.collect())
            })
            .collect();
        markets.sort_unstable();
        Places(markets)
    }
}

/// Columns of a file and what they stand for.
pub(crate) struct Saved {
    pub(crate) stamp: Stamp,
    pub(crate) columns: Columns,
}

/// The file that belongs to this index.
pub(crate) fn path(index: &Path) -> PathBuf {
    beside(index, "columns")
}

/// Reads the file; none when there is none or it cannot be used.
pub(crate) fn read(path: &Path) -> Option<Saved> {
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == ErrorKind::NotFound => return None,
        Err(error) => {
            warn!("{} cannot be opened: {error}", path.display());
            return None;
        }
    };
    let (stamp, columns) = Columns::read(BufReader::with_capacity(BUFFER_BYTES, file))
        .inspect_err(|error| warn!("{} cannot be used: {error}", path.display()))
        .ok()?;
    let stamp = serde_json::from_str(&stamp)
        .inspect_err(|error| warn!("the stamp of {} cannot be read: {error}", path.display()))
        .ok()?;
    Some(Saved { stamp, columns })
}

/// Writes the file; when this fails, the one before is still there.
pub(crate) fn write(path: &Path, stamp: &Stamp, columns: &Columns) -> Result<()> {
    let fresh = beside(path, "new");
    let stamp = serde_json::to_string(stamp).expect("a stamp is plain data");
    let written = (|| {
        let mut file = BufWriter::with_capacity(BUFFER_BYTES, File::create(&fresh)?);
        columns.write(&stamp, &mut file)?;
        file.flush()?;
        file.get_ref().sync_data()?;
        fs::rename(&fresh, path)
    })();
    written.map_err(|error| {
        // What is half written serves nobody and takes space.
        drop(fs::remove_file(&fresh));
        Error::Files { path: path.to_owned(), error }
    })
}

/// Saves the columns from time to time, on a thread beside the loop.
pub(crate) struct Saver<'a> {
    path: PathBuf,
    threads: &'a Threads,
    interval: Duration,
    due: Instant,
    writing: Option<(Mark, oneshot::Receiver<Result<()>>)>,
    /// What the file holds; nothing, where no file can be used.
    saved: Option<Mark>,
}

/// A state of the columns.
#[derive(Clone, Copy, PartialEq)]
pub(crate) struct Mark {
    /// Everything up to here is in.
    pub(crate) position: Position,
    /// Grows with every change.
    pub(crate) version: u64,
}

impl<'a> Saver<'a> {
    /// A saver for the columns beside the index, and what their file holds; without a file it writes one at once.
    pub(crate) fn new(config: &Config, threads: &'a Threads, saved: Option<Mark>) -> Saver<'a> {
        let (path, interval) = (path(&config.index_dir), config.save_interval);
        let due = Instant::now() + saved.map_or(Duration::ZERO, |_| interval);
        Saver { path, threads, interval, due, writing: None, saved }
    }

    /// Waits until the columns should be saved again. Nothing is lost when the wait is given up.
    pub(crate) async fn due(&mut self) {
        self.written().await;
        sleep_until(self.due).await;
    }

    /// Begins to write, unless the file is good enough.
    pub(crate) fn begin(&mut self, applier: &Applier) {
        self.due = Instant::now() + self.interval;
        let mark = applier.mark();
        let is_good = self.saved.is_some_and(|saved| {
            saved.version == mark.version && mark.position.0 - saved.position.0 < POSITION_BYTES_MAX
        });
        if is_good {
            return;
        }
        let (stamp, columns) = applier.columns();
        let (done, writing) = oneshot::channel();
        let path = self.path.clone();
        self.threads.spawn(move || drop(done.send(write(&path, &stamp, &columns))));
        self.writing = Some((mark, writing));
    }

    /// Writes what is not in the file yet, and waits for it.
    pub(crate) async fn finish(&mut self, applier: &Applier) {
        self.written().await;
        self.begin(applier);
        self.written().await;
    }

    /// The position that may be confirmed when the index has stored this one.
    pub(crate) fn confirmable(&self, stored: Position) -> Position {
        self.saved.map_or(stored, |saved| saved.position.min(stored))
    }

    async fn written(&mut self) {
        let Some((mark, writing)) = &mut self.writing else { return };
        let (mark, outcome) = (*mark, writing.await);
        self.writing = None;
        match outcome {
            Ok(Ok(())) => self.saved = Some(mark),
            Ok(Err(error)) => warn!("the columns were not saved, which is tried again: {error}"),
            Err(_) => warn!("the columns were not saved: their thread broke off"),
        }
    }
}
