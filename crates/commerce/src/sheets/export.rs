//! From the tables to a file.

use std::io;

use sqlx::PgConnection;

use crate::Result;

/// Writes every product, listed or not, in slug order; gives the number of lines. Reads in batches from one
/// snapshot if the caller opened one.
///
/// # Errors
/// [`crate::Error::File`] when `out` fails; [`crate::Error::Database`] when PostgreSQL does.
pub async fn export(connection: &mut PgConnection, out: impl io::Write) -> Result<u64> {
    unimplemented!()
}
