//! PostgreSQL's change stream, followed into the search index and the live columns.
//!
//! A committed transaction travels `stream` (bytes to keys) → `project` (keys to whole products, re-read)
//! → `apply` (columns at once, documents through the `indexer` thread) → a new [`souk_search::View`].
//! [`follow()`] is the loop around it, `fill` builds an index from nothing, [`verify()`] compares what search
//! holds with the database row by row,
//! `care` looks through the index's files for damage.
//!
//! **Invariants**
//! - The position of the stream that an index contains is part of that index's own commit, as a low-water
//!   mark: everything up to it is in, later changes may be. It is confirmed to PostgreSQL after that.
//! - Rows are re-read by key, so applying a change again, late or out of order changes nothing.
//! - A position belongs to one cluster, timeline, database and slot. Where any of them differs, or log is
//!   missing, the index is built anew beside the old one, which serves until then.
//! - Memory is bounded by distinct keys and fixed batches, whatever the size of a transaction.

mod apply;
mod bulk;
mod care;
mod changes;
mod clock;
mod config;
mod decode;
mod documents;
mod error;
mod fill;
mod follow;
mod indexer;
mod instances;
mod live;
mod load;
mod pending;
mod project;
mod saved;
mod slot;
mod sql;
mod status;
mod stream;
mod survey;
mod threads;
mod verify;
mod vigil;

pub use config::Config;
pub use decode::DecodeError;
pub use error::{Error, Result};
pub use follow::follow;
pub use instances::{Slot, SlotLimits, stay_registered};
pub use project::document;
pub use slot::Stale;
pub use status::{Phase, Status};
pub use survey::{Instance, Published, Server, Survey, survey};
pub use verify::{Check, verify};
