//! The replication slot, and whether an index may go on from where it stopped.
//!
//! PostgreSQL keeps the log from the slot's confirmed position on, and the feed confirms a position only
//! after an index commit that holds it. So an index may resume exactly when it comes from this cluster,
//! timeline, database and slot, and its position is not behind the slot's: otherwise changes between the
//! two are gone. A slot that somebody dropped and made again starts at its own creation, which is past
//! every older index, and so is recognised by the same comparison.
//!
//! **Invariant**: a position is never carried over from one [`Source`] to another.

use std::fmt;
use std::str::FromStr;

use pgwire_replication::{IdentifySystem, ReplicationClient};
use souk_base::Position;
use souk_search::Checkpoint;
use sqlx::PgConnection;

use crate::{Error, Result, sql};

/// Where an index comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Source {
    /// The cluster's system identifier.
    system: String,
    /// The cluster's timeline; a restore or fail-over begins a new one.
    timeline: u32,
    /// The database.
    database: String,
    /// The slot.
    slot: String,
    /// Where the slot began.
    created: Position,
}

/// Why an index must be built anew.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Stale {
    /// There is no index, or it never got a checkpoint.
    #[error("there is no index with a position yet")]
    NoIndex,
    /// The index directory cannot be opened.
    #[error("the index is damaged or of another schema")]
    Damaged,
    /// The index follows another cluster, timeline, database or slot.
    #[error("the index comes from another cluster, timeline, database or slot")]
    OtherSource,
    /// The slot is gone.
    #[error("the replication slot is gone")]
    SlotGone,
    /// PostgreSQL threw away log that the slot still needed.
    #[error("the replication slot has lost its log")]
    SlotLost,
    /// The slot was confirmed past the index, or made again after it.
    #[error("the replication slot starts after the index ends")]
    SlotAhead,
    /// The index or the slot knows positions that the database has not reached: an older copy came back.
    #[error("the database is older than the index")]
    DatabaseOlder,
    /// A followed table was emptied as a whole, which names no rows.
    #[error("a followed table was truncated")]
    Truncated,
    /// The stream carries changes from a time when the publication lacked a key; it has it again.
    #[error("the stream carries changes without their key")]
    Unnamed,
}

/// A slot as PostgreSQL describes it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SlotState {
    /// The position up to which changes were confirmed.
    pub(crate) confirmed: Position,
    /// Whether needed log was thrown away.
    pub(crate) lost: bool,
}

/// A fresh slot and the snapshot that shows the database as it was there.
pub(crate) struct Created {
    /// Identity for the checkpoints of an index filled from this snapshot.
    pub(crate) source: Source,
    /// Name of the snapshot; valid while the session that made it lives and does nothing else.
    pub(crate) snapshot: String,
}

impl Source {
    pub(crate) fn new(system: &IdentifySystem, slot: &str, created: Position) -> Self {
        Source {
            system: system.system_id.clone(),
            timeline: system.timeline,
            database: system.dbname.clone().unwrap_or_default(),
            slot: slot.to_owned(),
            created,
        }
    }

    /// Where the slot began.
    pub(crate) fn created(&self) -> Position {
        self.created
    }

    fn is_same(&self, other: &Source) -> bool {
        Source { created: other.created, ..self.clone() } == *other
    }
}

/// Whether the index of this checkpoint may resume, and as what source.
///
/// `current` is the source as found now, without a creation position; `end` is the end of the log.
pub(crate) fn resumable(
    checkpoint: Option<&Checkpoint>,
    current: &Source,
    slot: Option<SlotState>,
    end: Position,
) -> Result<Source, Stale> {
    let checkpoint = checkpoint.ok_or(Stale::NoIndex)?;
    let source: Source = checkpoint.source.parse()?;
    if !source.is_same(current) {
        return Err(Stale::OtherSource);
    }
    let slot = slot.ok_or(Stale::SlotGone)?;
    if slot.lost {
        return Err(Stale::SlotLost);
    }
    if slot.confirmed > checkpoint.position {
        return Err(Stale::SlotAhead);
    }
    if slot.confirmed < source.created || end < checkpoint.position {
        return Err(Stale::DatabaseOlder);
    }
    Ok(source)
}

/// The slot of this name, if there is one.
pub(crate) async fn find(connection: &mut PgConnection, name: &str) -> Result<Option<SlotState>> {
    let Some(row) = sql::slot(connection, name).await? else { return Ok(None) };
    let confirmed = match row.confirmed {
        Some(text) => text.parse().map_err(souk_commerce::Error::from)?,
        None => Position::default(),
    };
    Ok(Some(SlotState { confirmed, lost: row.lost }))
}

/// Drops the slot of this name and makes it again on a session that has not started streaming; the
/// session then holds the snapshot.
pub(crate) async fn recreate(
    connection: &mut PgConnection,
    session: &mut ReplicationClient,
    name: &str,
) -> Result<Created> {
    sql::drop_slot(connection, name).await?;
    let system = session.identify_system().await?;
    const COMMAND: &str = "CREATE_REPLICATION_SLOT";
    let command = format!("{COMMAND} {name} LOGICAL pgoutput EXPORT_SNAPSHOT");
    let rows = session.simple_query(&command).await?;
    // Columns: slot_name, consistent_point, snapshot_name, output_plugin.
    let text = |place: usize, missing| {
        rows.first()
            .and_then(|row| std::str::from_utf8(row.get(place)?.as_ref()?).ok())
            .ok_or(Error::Answer { command: COMMAND, missing })
    };
    let created = text(1, "a position")?.parse().map_err(souk_commerce::Error::from)?;
    let snapshot = text(2, "a snapshot")?.to_owned();
    Ok(Created { source: Source::new(&system, name, created), snapshot })
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Source { system, timeline, database, slot, created } = self;
        write!(f, "{system} {timeline} {slot} {created} {database}")
    }
}

impl FromStr for Source {
    type Err = Stale;

    fn from_str(text: &str) -> Result<Self, Stale> {
        // The database comes last because its name alone may contain spaces.
        let mut parts = text.splitn(5, ' ');
        let mut next = || parts.next().ok_or(Stale::OtherSource);
        Ok(Source {
            system: next()?.to_owned(),
            timeline: next()?.parse().map_err(|_| Stale::OtherSource)?,
            slot: next()?.to_owned(),
            created: next()?.parse().map_err(|_| Stale::OtherSource)?,
            database: next()?.to_owned(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source(timeline: u32, created: u64) -> Source {
        Source {
            system: "7001".to_owned(),
            timeline,
            database: "my shop".to_owned(),
            slot: "souk_a_1".to_owned(),
            created: Position(created),
        }
    }

    fn checkpoint(position: u64) -> Checkpoint {
        Checkpoint { source: source(1, 10).to_string(), position: Position(position), clock_us: 0 }
    }

    fn slot(confirmed: u64) -> Option<SlotState> {
        Some(SlotState { confirmed: Position(confirmed), lost: false })
    }

    #[test]
    fn a_source_reads_back_as_written() {
        assert_eq!(source(3, 77).to_string().parse(), Ok(source(3, 77)));
        assert_eq!("7001 1 x".parse::<Source>(), Err(Stale::OtherSource));
    }

    #[test]
    fn an_index_at_or_past_its_slot_resumes() {
        for confirmed in [10, 15, 20] {
            let resumed =
                resumable(Some(&checkpoint(20)), &source(1, 0), slot(confirmed), Position(30));

            assert_eq!(resumed, Ok(source(1, 10)));
        }
    }

    #[test]
    fn whatever_breaks_the_chain_makes_the_index_stale() {
        let index = checkpoint(20);
        let end = Position(30);
        let lost = Some(SlotState { confirmed: Position(20), lost: true });
        let cases = [
            (None, source(1, 0), slot(20), end, Stale::NoIndex),
            (Some(&index), source(2, 0), slot(20), end, Stale::OtherSource),
            (Some(&index), source(1, 0), None, end, Stale::SlotGone),
            (Some(&index), source(1, 0), lost, end, Stale::SlotLost),
            (Some(&index), source(1, 0), slot(21), end, Stale::SlotAhead),
            (Some(&index), source(1, 0), slot(9), end, Stale::DatabaseOlder),
            (Some(&index), source(1, 0), slot(20), Position(19), Stale::DatabaseOlder),
        ];
        for (checkpoint, current, slot, end, expected) in cases {
            assert_eq!(resumable(checkpoint, &current, slot, end), Err(expected));
        }
    }
}
