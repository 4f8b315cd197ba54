//! The first fill: a new index of everything, built beside the old one and then put in its place.
//!
//! The slot is made first and exports a snapshot. Documents and columns are read in it side by side, on two
//! connections, so both hold exactly what was committed before the slot's first change.
//!
//! **Invariant**: the directory of the index only ever holds a whole index. A fill that is interrupted
//! leaves a directory of another name behind, which the next one removes.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use pgwire_replication::ReplicationClient;
use souk_base::{ProductId, Tables};
use souk_commerce::{Db, products};
use souk_search::{Checkpoint, Writer};
use sqlx::PgConnection;
use tokio_util::task::AbortOnDropHandle;

use crate::apply::{Columns, read_columns};
use crate::clock::Clock;
use crate::follow::{Report, own_connection};
use crate::indexer::Indexer;
use crate::slot;
use crate::status::Phase;
use crate::threads::Threads;
use crate::{Error, Result, project, saved, sql};

/// Where and for whom an index is filled.
pub(crate) struct Filling<'a> {
    pub(crate) db: &'a Db,
    pub(crate) slot: &'a str,
    pub(crate) dir: &'a Path,
    pub(crate) report: &'a Report,
    pub(crate) threads: &'a Threads,
}

/// Makes the slot anew, builds the index from the snapshot it exports, and returns the columns of the same
/// snapshot. The session must not have started streaming, and is used up.
pub(crate) async fn fill(
    filling: &Filling<'_>,
    connection: &mut PgConnection,
    mut session: ReplicationClient,
) -> Result<Columns> {
    let Filling { slot, dir, threads, .. } = *filling;
    metrics::counter!("souk_feed_refills_total").increment(1);
    let fresh = beside(dir, "filling");
    let (unfinished, columns_file) = (fresh.clone(), saved::path(dir));
    threads.run(move || remove(&unfinished)).await??;
    // Columns of the index before would begin at a position that the new slot does not have.
    threads.run(move || settle(&columns_file, fs::remove_file(&columns_file))).await??;
    let created = slot::recreate(connection, &mut session, slot).await?;
    let position = created.source.created();
    let mut beside_it = own_connection(filling.db).await?;
    let snapshot_name = created.snapshot.clone();
    let columns = AbortOnDropHandle::new(tokio::spawn(async move {
        read_columns(&mut beside_it, Some(&snapshot_name), position, None).await
    }));
    let writer_dir = fresh.clone();
    let mut writer = threads.run(move || Writer::open(&writer_dir)).await??;
    writer.postpone_merges();
    let mut indexer = Indexer::start(writer, threads);
    let began_us = copy(connection, &created.snapshot, &mut indexer, filling.report).await?;
    let mut columns = columns.await.map_err(|_| Error::WriterStopped)??;
    // One snapshot, but each transaction has its own idea of now.
    let clock_us = began_us.min(columns.clock.since_us());
    columns.clock = Clock::resume(clock_us);
    // The snapshot lived as long as this session.
    drop(session);
    let source = created.source.to_string();
    indexer.commit(Checkpoint { source, position, clock_us }).await?;
    indexer.committed().await?;
    indexer.close().await?;
    let dir = dir.to_owned();
    threads.run(move || swap(&fresh, &dir)).await??;
    Ok(columns)
}

/// Reads every product in the snapshot into the index; returns when it began, in microseconds since 1970.
async fn copy(
    connection: &mut PgConnection,
    snapshot_name: &str,
    indexer: &mut Indexer,
    report: &Report,
) -> Result<i64> {
    let mut snapshot = project::read(connection).await?;
    sql::use_snapshot(&mut snapshot, snapshot_name).await?;
    let began_us = sql::now(&mut snapshot).await?;
    let tables: Tables = souk_commerce::tables(&mut snapshot).await?;
    let total = u64::try_from(products::count(&mut snapshot).await?).unwrap_or_default();
    let (mut done, mut after) = (0, ProductId::new(i64::MIN));
    loop {
        report.phase(Phase::Filling { done, total });
        let ids = project::next_ids(&mut snapshot, after).await?;
        let Some(&last) = ids.last() else { break };
        let documents = project::documents(&mut snapshot, &tables, &ids).await?;
        done += u64::try_from(ids.len()).unwrap_or_default();
        after = last;
        indexer.add(documents).await?;
    }
    snapshot.commit().await?;
    Ok(began_us)
}

/// Puts the fresh index in the place of the old one. Readers of the old one keep its open files.
fn swap(fresh: &Path, dir: &Path) -> Result<()> {
    let old = beside(dir, "old");
    remove(&old)?;
    settle(dir, fs::rename(dir, &old))?;
    let moved = fs::rename(fresh, dir);
    moved.map_err(|error| Error::Files { path: fresh.to_owned(), error })?;
    remove(&old)
}

/// A directory next to the index's.
pub(crate) fn beside(dir: &Path, suffix: &str) -> PathBuf {
    let mut name = dir.file_name().unwrap_or_default().to_owned();
    name.push(".");
    name.push(suffix);
    dir.with_file_name(name)
}

fn remove(dir: &Path) -> Result<()> {
    settle(dir, fs::remove_dir_all(dir))
}

/// A directory that is not there needs neither moving nor removing.
fn settle(path: &Path, done: std::io::Result<()>) -> Result<()> {
    match done {
        Err(error) if error.kind() != ErrorKind::NotFound => {
            Err(Error::Files { path: path.to_owned(), error })
        }
        _ => Ok(()),
    }
}
