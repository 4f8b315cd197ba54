//! Whether the database is still the one that the index followed, or an older copy of it.
//!
//! A copy of the files that is put back has the same cluster, timeline and slot, and once it has been written
//! to, its log reaches past the index, too. But it has counted fewer heartbeats of this instance than the
//! instance remembers. The count is kept beside the index, together with the source that it belongs to, so
//! that it ends with the index.

use std::fs;
use std::path::{Path, PathBuf};

use souk_commerce::PgConnection;

use super::sql;
use crate::slot::Stale;
use crate::{Config, Error, Result};

/// What is remembered.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Note {
    beats: i64,
    source: String,
}

/// Counts a new session of this instance and compares.
///
/// # Errors
/// [`Stale::DatabaseOlder`] when the database has counted less than it once had.
pub(crate) async fn go_on(
    connection: &mut PgConnection,
    config: &Config,
    source: &str,
) -> Result<()> {
    let path = path(&config.index_dir);
    let counted = sql::count(connection, &config.instance).await?.unwrap_or_default();
    if read(&path)
        .is_some_and(|note| note.source == source && note.beats > 0 && counted <= note.beats)
    {
        return Err(Error::Stale(Stale::DatabaseOlder));
    }
    write(&path, &Note { beats: counted, source: source.to_owned() })
}

/// A heartbeat was counted. Less than is remembered changes nothing: the next session must notice it.
pub(super) fn remember(index_dir: &Path, beats: i64) -> Result<()> {
    let path = path(index_dir);
    match read(&path) {
        Some(note) if note.beats < beats => write(&path, &Note { beats, ..note }),
        _ => Ok(()),
    }
}

fn path(index_dir: &Path) -> PathBuf {
    let mut name = index_dir.file_name().unwrap_or_default().to_owned();
    name.push(".beats");
    index_dir.with_file_name(name)
}

/// The note, if there is one that can be read; a torn one is none.
fn read(path: &Path) -> Option<Note> {
    let text = fs::read_to_string(path).ok()?;
    let (beats, source) = text.strip_suffix('\n')?.split_once(' ')?;
    Some(Note { beats: beats.parse().ok()?, source: source.to_owned() })
}

fn write(path: &Path, note: &Note) -> Result<()> {
    let fresh = path.with_extension("beats-new");
    let written = fs::write(&fresh, format!("{} {}\n", note.beats, note.source));
    let moved = written.and_then(|()| fs::rename(&fresh, path));
    moved.map_err(|error| Error::Files { path: path.to_owned(), error })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_count_is_remembered_with_its_source_and_never_lowered() {
        let dir = tempfile::tempdir().unwrap();
        let index = dir.path().join("schema");
        let note = |beats| Some(Note { beats, source: "7001 1 souk_a 0/1 my shop".to_owned() });
        write(&path(&index), &note(5).unwrap()).unwrap();

        remember(&index, 7).unwrap();
        remember(&index, 6).unwrap();

        assert_eq!(read(&path(&index)), note(7));
        fs::write(path(&index), "7 70").unwrap();
        assert_eq!(read(&path(&index)), None, "a torn note is none");
        remember(&index, 9).unwrap();
        assert_eq!(read(&path(&index)), None, "nobody knows what it belongs to");
    }
}
