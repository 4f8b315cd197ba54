//! Audit: an append-only row for every action of the staff, in the action's own transaction.
//!
//! Table owned: `audit`.

mod sql;

use jiff::Timestamp;
use serde_json::Value;
use souk_base::StaffId;
use sqlx::PgConnection;

use crate::Result;

/// What is to be written down.
#[derive(Clone, Debug)]
pub struct Entry {
    /// Who did it; none for the command line.
    pub staff_id: Option<StaffId>,
    /// Slice and verb, such as `products.rename`.
    pub action: String,
    /// What it was done to.
    pub subject: String,
    /// What changed; never a secret.
    pub detail: Value,
}

impl Entry {
    /// An entry without details.
    #[must_use]
    pub fn of(staff_id: Option<StaffId>, action: &str, subject: &str) -> Entry {
        let detail = Value::Object(serde_json::Map::new());
        Entry { staff_id, action: action.to_owned(), subject: subject.to_owned(), detail }
    }
}

/// What was written down.
#[derive(Clone, Debug)]
pub struct Record {
    /// Key of the row.
    pub id: i64,
    /// When.
    pub at: Timestamp,
    /// Who, by name; none for the command line.
    pub staff_name: Option<String>,
    /// Slice and verb.
    pub action: String,
    /// What it was done to.
    pub subject: String,
    /// What changed.
    pub detail: Value,
}

/// Writes an entry, in the caller's transaction.
///
/// # Errors
/// [`crate::Error::Database`] when PostgreSQL does not answer.
pub async fn append(connection: &mut PgConnection, entry: Entry) -> Result<()> {
    Ok(sql::insert(connection, &entry).await?)
}

/// The latest `limit` records, the newest first; of those older than the record `below` when it is given.
///
/// # Errors
/// [`crate::Error::Database`] when PostgreSQL does not answer.
pub async fn recent(
    connection: &mut PgConnection,
    below: Option<i64>,
    limit: i64,
) -> Result<Vec<Record>> {
    Ok(sql::recent(connection, below.unwrap_or(i64::MAX), limit).await?)
}
