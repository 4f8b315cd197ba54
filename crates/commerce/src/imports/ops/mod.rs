//! The verbs: a catalogue in, past sales and events in, the catalogue out.

mod catalog;
mod events;
mod orders;

use std::io;
use std::ops::Range;

use souk_base::{Market, MarketCode};
use sqlx::pool::PoolConnection;
use sqlx::{Connection, PgConnection, Postgres};

pub use self::catalog::catalog;
pub use self::events::events;
pub use self::orders::{is_sales_history_loaded, orders};
use super::sql::dictionary as dictionary_sql;
use super::{Exported, Report, export};
use crate::{Db, Error, Result};

/// Writes every listed product with the house's offers as `souk-jsonl`.
///
/// # Errors
/// [`Error::File`] when it cannot be written; [`Error::Database`] when PostgreSQL does not answer.
pub async fn export_catalog(db: &Db, file: &mut (dyn io::Write + Send)) -> Result<Exported> {
    // One snapshot, so that a product and its prices belong together.
    let mut tx = db.begin_with("begin isolation level repeatable read read only").await?;
    let exported = export::write(&mut tx, file).await?;
    tx.rollback().await?;
    Ok(exported)
}

/// Runs an import while no other one does; a dry one is undone at its end.
async fn run(
    db: &Db,
    dry_run: bool,
    import: impl AsyncFnOnce(&mut PgConnection) -> Result<Report>,
) -> Result<Report> {
    let mut connection = alone(db).await?;
    if !dry_run {
        return import(&mut connection).await;
    }
    let mut all = connection.begin().await?;
    let report = import(&mut all).await?;
    all.rollback().await?;
    Ok(report)
}

/// A connection while no other import runs: the dictionary is read once, so that what another import makes
/// meanwhile would be made twice.
async fn alone(db: &Db) -> Result<PoolConnection<Postgres>> {
    let mut connection = db.acquire().await?;
    // The lock belongs to the session: it ends with it, also where the import is broken off.
    connection.close_on_drop();
    dictionary_sql::lock(&mut connection).await?;
    Ok(connection)
}

/// Writes so many rows part by part, each a savepoint. A part that the database refuses is halved until only the rows that
/// are at fault are left out: these come back by their places. `done` hears what became of each part, and how long it was.
async fn in_parts<W>(
    connection: &mut PgConnection,
    rows: usize,
    write: impl AsyncFn(&mut PgConnection, Range<usize>) -> Result<W>,
    mut done: impl FnMut(W, usize),
) -> Result<Vec<(usize, Error)>> {
    let mut refused = Vec::new();
    let mut parts: Vec<Range<usize>> = std::iter::once(0..rows).collect();
    while let Some(part) = parts.pop().filter(|part| !part.is_empty()) {
        let mut savepoint = connection.begin().await?;
        match write(&mut savepoint, part.clone()).await {
            Ok(written) => {
                savepoint.commit().await?;
                done(written, part.len());
            }
            Err(error) => {
                savepoint.rollback().await?;
                match part.len() {
                    _ if !is_fault_of_a_row(&error) => return Err(error),
                    1 => refused.push((part.start, error)),
                    _ => parts.extend(halves(&part)),
                }
            }
        }
    }
    Ok(refused)
}

/// Whether the database refused what a row says, and not the import as a whole.
fn is_fault_of_a_row(error: &Error) -> bool {
    match error {
        Error::Conflict(_) => true,
        Error::Database(error) => error
            .as_database_error()
            .and_then(|error| error.code())
            // Classes of SQLSTATE: data exception, integrity constraint violation, program limit exceeded.
            .is_some_and(|code| ["22", "23", "54"].iter().any(|class| code.starts_with(class))),
        _ => false,
    }
}

/// Both halves of a part that was refused, the first one last, where it is taken from.
fn halves(part: &Range<usize>) -> [Range<usize>; 2] {
    let middle = part.start + part.len() / 2;
    [middle..part.end, part.start..middle]
}

fn served(markets: &[Market], code: MarketCode) -> Result<&Market> {
    markets.iter().find(|market| market.code == code).ok_or(Error::UnknownMarket(code))
}

#[cfg(test)]
mod tests {
    use souk_testdb::TestDb;

    use super::*;

    #[tokio::test]
    async fn a_row_is_at_fault_for_its_data_and_not_for_a_database_that_fails() {
        let db = TestDb::new().await;
        let cases = [
            ("do $$ begin raise exception using errcode = '22008'; end $$", true),
            ("do $$ begin raise exception using errcode = '23503'; end $$", true),
            ("do $$ begin raise exception using errcode = '54000'; end $$", true),
            ("do $$ begin raise exception using errcode = '53100'; end $$", false),
        ];
        for (raise, is_fault) in cases {
            let error = sqlx::query(raise).execute(db.pool()).await.unwrap_err();

            assert_eq!(is_fault_of_a_row(&error.into()), is_fault, "{raise}");
        }
        assert!(!is_fault_of_a_row(&Error::NotFound));
    }

    #[test]
    fn halves_cover_the_part_between_them() {
        assert_eq!(halves(&(3..8)), [5..8, 3..5]);
        assert_eq!(halves(&(3..5)), [4..5, 3..4]);
    }
}
