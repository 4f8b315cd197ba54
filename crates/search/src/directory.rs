//! The directory of an index as tantivy sees it: files whose every block is checked as it is read.
//!
//! Postings, stored documents and columns are read from the file each time. What every search needs as a
//! whole (dictionaries of terms, lengths of texts, deleted documents) is read and checked once and kept,
//! shared by all searchers that have the same file.

use std::collections::HashMap;
use std::io::{self, ErrorKind, Write};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use tantivy::HasLen;
use tantivy::directory::error::{DeleteError, LockError, OpenReadError, OpenWriteError};
use tantivy::directory::{
    AntiCallToken, Directory, DirectoryLock, FileHandle, Lock, MmapDirectory, OwnedBytes,
    TerminatingWrite, WatchCallback, WatchHandle, WritePtr,
};

use crate::blocks::{Blocks, Seals, is_damage, sealed, unsealed};
use crate::{Error, Result};

/// Kinds of files that are kept in memory.
const KEPT: [&str; 3] = ["term", "fieldnorm", "del"];

/// A directory whose files carry checksums. A clone is the same directory.
#[derive(Clone, Debug)]
pub(crate) struct CheckedDirectory {
    /// Writes, locks, deletes and watches; nothing is read through it.
    files: MmapDirectory,
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    root: PathBuf,
    /// Files that somebody reads.
    open: Mutex<HashMap<PathBuf, Weak<CheckedFile>>>,
    /// The first failure that nobody has asked for yet. tantivy wraps some errors beyond recognition and
    /// only logs those of its background threads.
    failure: Mutex<Option<Failure>>,
}

/// A file that could not be read or written.
#[derive(Debug)]
pub(crate) struct Failure {
    /// Its name inside the directory.
    pub(crate) file: PathBuf,
    /// Why.
    pub(crate) source: io::Error,
}

impl Failure {
    /// The failure as an error of the index in this directory.
    pub(crate) fn error(self, root: &Path) -> Error {
        let Failure { file, source } = self;
        if is_damage(&source) {
            let reason = format!("{}: {source}", file.display());
            return Error::Damaged { path: root.to_owned(), reason };
        }
        Error::Files { path: root.join(file), source }
    }
}

impl CheckedDirectory {
    /// The directory at this path, which exists.
    pub(crate) fn open(root: &Path) -> Result<CheckedDirectory> {
        let files = MmapDirectory::open(root).map_err(tantivy::TantivyError::from)?;
        let (open, failure) = (Mutex::default(), Mutex::default());
        let shared = Arc::new(Shared { root: root.to_owned(), open, failure });
        Ok(CheckedDirectory { files, shared })
    }

    /// Where it is.
    pub(crate) fn root(&self) -> &Path {
        &self.shared.root
    }

    /// The first failure since the last call: damage, or what the machine ran out of.
    pub(crate) fn take_failure(&self) -> Option<Failure> {
        locked(&self.shared.failure).take()
    }

    /// The damage that was met since the last call, by whomever.
    pub(crate) fn take_damage(&self) -> Option<Failure> {
        locked(&self.shared.failure).take_if(|failure| is_damage(&failure.source))
    }

    fn open_file(&self, path: &Path) -> Result<Arc<CheckedFile>, OpenReadError> {
        let mut open = locked(&self.shared.open);
        if let Some(file) = open.get(path).and_then(Weak::upgrade) {
            return Ok(file);
        }
        let file = CheckedFile::open(path, &self.shared).map_err(|error| match error.kind() {
            ErrorKind::NotFound => OpenReadError::FileDoesNotExist(path.to_owned()),
            _ => OpenReadError::wrap_io_error(error, path.to_owned()),
        })?;
        let file = Arc::new(file);
        open.retain(|_, file| file.strong_count() > 0);
        open.insert(path.to_owned(), Arc::downgrade(&file));
        Ok(file)
    }
}

impl Shared {
    /// Remembers a failure on its way to whoever asked.
    fn note(&self, file: &Path, error: io::Error) -> io::Error {
        let source = match error.raw_os_error() {
            Some(code) => io::Error::from_raw_os_error(code),
            None => io::Error::new(error.kind(), error.to_string()),
        };
        locked(&self.failure).get_or_insert_with(|| Failure { file: file.to_owned(), source });
        error
    }
}

/// What these locks guard is whole at any time, so a panic while one was held spoiled nothing.
fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A file as tantivy reads it.
#[derive(Debug)]
struct CheckedFile {
    path: PathBuf,
    content: Content,
    shared: Arc<Shared>,
}

#[derive(Debug)]
enum Content {
    Kept(OwnedBytes),
    OnDisk(Blocks),
}

impl CheckedFile {
    fn open(path: &Path, shared: &Arc<Shared>) -> io::Result<CheckedFile> {
        let content = Content::open(&shared.root.join(path)).map_err(|error| {
            // Asking for a file that is not there is no failure of the directory.
            if error.kind() == ErrorKind::NotFound { error } else { shared.note(path, error) }
        })?;
        Ok(CheckedFile { path: path.to_owned(), content, shared: Arc::clone(shared) })
    }
}

impl Content {
    fn open(path: &Path) -> io::Result<Content> {
        let blocks = Blocks::open(path)?;
        let kind = path.extension().and_then(|kind| kind.to_str()).unwrap_or_default();
        if !KEPT.contains(&kind) {
            return Ok(Content::OnDisk(blocks));
        }
        let (bytes, _) = blocks.read(0..blocks.length())?;
        Ok(Content::Kept(OwnedBytes::new(bytes)))
    }
}

impl HasLen for CheckedFile {
    fn len(&self) -> usize {
        match &self.content {
            Content::Kept(bytes) => bytes.len(),
            Content::OnDisk(blocks) => blocks.length(),
        }
    }
}

impl FileHandle for CheckedFile {
    fn read_bytes(&self, range: Range<usize>) -> io::Result<OwnedBytes> {
        match &self.content {
            Content::Kept(bytes) => Ok(bytes.slice(range)),
            Content::OnDisk(blocks) => {
                let read = blocks.read(range).map_err(|error| self.shared.note(&self.path, error));
                let (bytes, place) = read?;
                Ok(OwnedBytes::new(bytes).slice(place))
            }
        }
    }
}

/// A file that is being written.
struct CheckedWriter {
    file: Box<dyn TerminatingWrite + Send + Sync>,
    seals: Seals,
    path: PathBuf,
    shared: Arc<Shared>,
}

impl Write for CheckedWriter {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.file.write(bytes);
        let length = written.map_err(|error| self.shared.note(&self.path, error))?;
        self.seals.update(&bytes[..length]);
        Ok(length)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

impl TerminatingWrite for CheckedWriter {
    fn terminate_ref(&mut self, token: AntiCallToken) -> io::Result<()> {
        let end = std::mem::take(&mut self.seals).finish();
        let ended = self.file.write_all(&end).and_then(|()| self.file.terminate_ref(token));
        ended.map_err(|error| self.shared.note(&self.path, error))
    }
}

impl Directory for CheckedDirectory {
    fn get_file_handle(&self, path: &Path) -> Result<Arc<dyn FileHandle>, OpenReadError> {
        Ok(self.open_file(path)?)
    }

    fn delete(&self, path: &Path) -> Result<(), DeleteError> {
        self.files.delete(path)
    }

    fn exists(&self, path: &Path) -> Result<bool, OpenReadError> {
        self.files.exists(path)
    }

    fn open_write(&self, path: &Path) -> Result<WritePtr, OpenWriteError> {
        let failed = |error| {
            let error = self.shared.note(path, error);
            OpenWriteError::wrap_io_error(error, path.to_owned())
        };
        let file = match self.files.open_write(path) {
            Err(OpenWriteError::IoError { io_error, .. }) => {
                return Err(failed(
                    Arc::try_unwrap(io_error)
                        .unwrap_or_else(|error| io::Error::new(error.kind(), error.to_string())),
                ));
            }
            opened => opened?.into_inner().map_err(|error| failed(error.into_error()))?,
        };
        let (path, shared) = (path.to_owned(), Arc::clone(&self.shared));
        let writer = CheckedWriter { file, seals: Seals::default(), path, shared };
        Ok(WritePtr::new(Box::new(writer)))
    }

    fn atomic_read(&self, path: &Path) -> Result<Vec<u8>, OpenReadError> {
        let bytes = self.files.atomic_read(path)?;
        unsealed(bytes).map_err(|error| {
            let error = self.shared.note(path, error);
            OpenReadError::wrap_io_error(error, path.to_owned())
        })
    }

    fn atomic_write(&self, path: &Path, content: &[u8]) -> io::Result<()> {
        let written = self.files.atomic_write(path, &sealed(content));
        written.map_err(|error| self.shared.note(path, error))
    }

    fn sync_directory(&self) -> io::Result<()> {
        self.files.sync_directory()
    }

    fn acquire_lock(&self, lock: &Lock) -> Result<DirectoryLock, LockError> {
        self.files.acquire_lock(lock)
    }

    fn watch(&self, callback: WatchCallback) -> tantivy::Result<WatchHandle> {
        self.files.watch(callback)
    }
}
