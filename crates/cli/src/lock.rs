//! One process at a time follows the database into a data folder's index; a lock on a file says who.
//!
//! The kernel lets go of it when the process ends, however it ends.

use std::fs::{File, OpenOptions, TryLockError};
use std::path::Path;

use anyhow::{Context as _, bail};

fn open(data: &Path) -> anyhow::Result<File> {
    let path = data.join("index.lock");
    let mut options = OpenOptions::new();
    let file = options.create(true).truncate(false).write(true).open(&path);
    file.with_context(|| format!("cannot open {}", path.display()))
}

/// Takes the lock and holds it as long as the file is kept.
///
/// # Errors
/// When another process holds it, or the data folder cannot be written.
pub(crate) fn hold(data: &Path) -> anyhow::Result<File> {
    let file = open(data)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => bail!(
            "another souk process uses the index in {}; stop it, or choose another folder with --data",
            data.display()
        ),
        Err(TryLockError::Error(error)) => Err(error).context("cannot lock the index"),
    }
}

/// Whether some process holds the lock.
///
/// # Errors
/// When the data folder cannot be written.
pub(crate) fn is_held(data: &Path) -> anyhow::Result<bool> {
    Ok(matches!(open(data)?.try_lock(), Err(TryLockError::WouldBlock)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_data_folder_has_one_index_holder_at_a_time() {
        let data = tempfile::tempdir().unwrap();

        let first = hold(data.path()).unwrap();

        assert!(is_held(data.path()).unwrap());
        assert!(hold(data.path()).unwrap_err().to_string().contains("another souk process"));
        drop(first);
        assert!(!is_held(data.path()).unwrap());
    }
}
