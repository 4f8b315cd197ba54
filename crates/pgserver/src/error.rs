//! What can go wrong with the private server, said so that its owner knows the next step.

use std::io;
use std::path::{Path, PathBuf};

use crate::programs::{MAJOR_MAX, MAJOR_MIN};

/// The result of this crate's operations.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why the private PostgreSQL cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A file or folder could not be read or written, or a program not run.
    #[error("cannot {action} {path}: {source}")]
    Io {
        /// What was tried, such as `create`.
        action: &'static str,
        /// What it was tried on.
        path: PathBuf,
        /// What the system answered.
        source: io::Error,
    },
    /// PostgreSQL is not installed.
    #[error(
        "no PostgreSQL server programs of version {MAJOR_MIN} to {MAJOR_MAX} found: \
         install them with `apt-get install postgresql` (Debian, Ubuntu), \
         `dnf install postgresql-server` (Fedora) or `brew install postgresql@17` (macOS), \
         or set SOUK_PG_BIN to the folder that holds initdb and postgres, \
         or DATABASE_URL to use a server of your own"
    )]
    NoPrograms,
    /// `SOUK_PG_BIN` leads nowhere.
    #[error(
        "SOUK_PG_BIN is {0}, which does not hold initdb and postgres of version {MAJOR_MIN} to {MAJOR_MAX}"
    )]
    Unusable(PathBuf),
    /// The cluster belongs to another major version than the installed programs.
    #[error(
        "the cluster {cluster} was made by PostgreSQL {made_by}, but the programs found are of \
         version {found}: install postgresql-{made_by}, or bring the cluster to version {found} with pg_upgrade"
    )]
    VersionMismatch {
        /// The folder of the cluster.
        cluster: PathBuf,
        /// The major version that made it.
        made_by: u32,
        /// The newest major version found.
        found: u32,
    },
    /// Root must not run PostgreSQL, and no other account serves.
    #[error(
        "PostgreSQL does not run as root, and /etc/passwd has no account for {0}: \
         add one with `useradd --system postgres`"
    )]
    NoAccount(String),
    /// The cluster is another user's.
    #[error("{path} belongs to user id {owner}: run souk as that user or as root")]
    ForeignOwner {
        /// The folder in question.
        path: PathBuf,
        /// Who owns it.
        owner: u32,
    },
    /// The cluster was kept outside the data directory and is gone.
    #[error(
        "{note} says that the cluster is in {folder}, but nothing is there: \
         restore it, or delete {note} to begin with an empty one"
    )]
    Lost {
        /// The file that names the place.
        note: PathBuf,
        /// The place that it names.
        folder: PathBuf,
    },
    /// A program that makes the cluster failed.
    #[error("cannot make a cluster, {program} says: {said}")]
    Init {
        /// The program, such as `initdb`.
        program: PathBuf,
        /// The last lines of what it said.
        said: String,
    },
    /// The server did not come up.
    #[error("PostgreSQL did not start, {log} ends with: {tail}")]
    Start {
        /// The server's log file.
        log: PathBuf,
        /// Its last lines.
        tail: String,
    },
    /// Server processes hold the cluster but cannot be reached from here.
    #[error(
        "{0} is held by a PostgreSQL that cannot be reached from here: \
         it is shutting down, or runs in another container"
    )]
    Unreachable(PathBuf),
}

/// Adds what was tried, and on what, to an I/O error.
pub(crate) fn cannot(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Error {
    move |source| Error::Io { action, path: path.to_owned(), source }
}
