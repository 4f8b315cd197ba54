//! What can go wrong while following the change stream.

use std::path::PathBuf;

use pgwire_replication::PgWireError;

use crate::decode::DecodeError;
use crate::slot::Stale;

/// Result of a feed operation.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why the feed cannot go on.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// An instance name that cannot be part of a slot's name.
    #[error(
        "an instance is named by 1 to 40 lower-case letters, digits and underscores, not \"{0}\""
    )]
    Instance(String),
    /// The database URL demands TLS, which the stream does not speak.
    #[error("the change stream does not speak TLS yet, but the database url demands it")]
    StreamTls,
    /// The index no longer fits the stream and must be built anew.
    #[error("{0}")]
    Stale(Stale),
    /// The change stream broke.
    #[error("change stream: {0}")]
    Stream(#[from] PgWireError),
    /// The change stream ended without saying why.
    #[error("the change stream ended")]
    Ended,
    /// The database did not answer, nor close the connection.
    #[error("the database has not answered for {} seconds", .0.as_secs())]
    Silent(std::time::Duration),
    /// A message of the change stream that cannot be read.
    #[error(transparent)]
    Decode(#[from] DecodeError),
    /// A replication command that was not answered as documented.
    #[error("{command} was answered without {missing}")]
    Answer {
        /// The command.
        command: &'static str,
        /// What the answer lacks.
        missing: &'static str,
    },
    /// The publication does not carry a key that the feed needs.
    #[error("publication souk_feed carries {table} without a readable {column}")]
    Publication {
        /// The table.
        table: String,
        /// The key column.
        column: &'static str,
    },
    /// A change came over the stream, but its transaction stayed invisible to readers.
    #[error("a streamed transaction was still invisible after {0} seconds")]
    Invisible(u64),
    /// A row refers to something that is not there.
    #[error(transparent)]
    Commerce(#[from] souk_commerce::Error),
    /// PostgreSQL did not answer as hoped.
    #[error("database: {0}")]
    Database(#[from] sqlx::Error),
    /// The index could not be written or read.
    #[error("index: {0}")]
    Index(#[from] souk_search::Error),
    /// The thread that writes the index is gone.
    #[error("the index writer stopped")]
    WriterStopped,
    /// A directory of the index could not be moved or removed.
    #[error("{path}: {error}")]
    Files {
        /// The directory.
        path: PathBuf,
        /// What the system said.
        error: std::io::Error,
    },
}
