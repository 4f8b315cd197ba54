//! Keeping versions, and saying which serves.

use serde_json::json;
use souk_base::MarketCode;
use sqlx::PgConnection;

use super::sql::VersionRow;
use super::{NewVersion, Version, sql};
use crate::writes::Write;
use crate::{Db, Error, Result, db, notices};

/// Bytes of a piece.
const CHUNK: usize = 8 << 20;

/// Keeps a version; the same again changes nothing. Gives its key.
///
/// # Errors
/// [`Error::Conflict`] for a market that there is none of, [`Error::Database`] when PostgreSQL does not answer.
pub async fn save(db: &Db, new: NewVersion<'_>) -> Result<i64> {
    let market = new.market.as_str();
    let mut transaction = db::begin(db).await?;
    let Some(id) = sql::insert(&mut transaction, &new).await? else {
        let known = sql::find(&mut transaction, new.model, market, new.version).await?;
        return Ok(known.ok_or(Error::NotFound)?.id);
    };
    for (position, bytes) in (0..).zip(new.file.chunks(CHUNK)) {
        sql::insert_chunk(&mut transaction, id, position, bytes).await?;
    }
    transaction.commit().await?;
    Ok(id)
}

/// Every version, by model and market, the newest first.
///
/// # Errors
/// [`Error::Database`] when PostgreSQL does not answer.
pub async fn list(connection: &mut PgConnection) -> Result<Vec<Version>> {
    sql::list(connection).await?.into_iter().map(Version::try_from).collect()
}

/// The versions that serve, by model and market.
///
/// # Errors
/// [`Error::Database`] when PostgreSQL does not answer.
pub async fn serving(connection: &mut PgConnection) -> Result<Vec<Version>> {
    sql::serving(connection).await?.into_iter().map(Version::try_from).collect()
}

/// One version.
///
/// # Errors
/// [`Error::NotFound`], [`Error::Database`] when PostgreSQL does not answer.
pub async fn find(
    connection: &mut PgConnection,
    model: &str,
    market: MarketCode,
    version: &str,
) -> Result<Version> {
    let row = sql::find(connection, model, market.as_str(), version).await?;
    row.ok_or(Error::NotFound)?.try_into()
}

/// The file of a version.
///
/// # Errors
/// [`Error::Database`] when PostgreSQL does not answer.
pub async fn file(connection: &mut PgConnection, id: i64) -> Result<Vec<u8>> {
    let mut file = Vec::new();
    // A piece at a time: a file may be a good part of what memory there is.
    while let Some(bytes) =
        sql::chunk(connection, id, i32::try_from(file.len() / CHUNK).unwrap_or(i32::MAX)).await?
    {
        let is_last = bytes.len() < CHUNK;
        file.extend(bytes);
        if is_last {
            break;
        }
    }
    Ok(file)
}

/// Makes a version serve, from the next second on, wherever the shop runs.
///
/// # Errors
/// [`Error::NotFound`], [`Error::Database`] when PostgreSQL does not answer.
pub async fn promote(db: &Db, model: &str, market: MarketCode, version: &str) -> Result<()> {
    let mut transaction = db::begin(db).await?;
    serve(&mut transaction, model, market, version).await?;
    Ok(transaction.commit().await?)
}

/// The same as a write of the staff.
///
/// # Errors
/// As [`promote`].
pub async fn promote_by_staff(
    write: &mut Write,
    model: &str,
    market: MarketCode,
    version: &str,
) -> Result<Version> {
    serve(write, model, market, version).await?;
    let detail = json!({"market": market, "version": version});
    write.note("models.promote", model, detail).await?;
    find(write, model, market, version).await
}

async fn serve(
    connection: &mut PgConnection,
    model: &str,
    market: MarketCode,
    version: &str,
) -> Result<()> {
    sql::lock(connection, model, market.as_str()).await?;
    let version = find(connection, model, market, version).await?;
    if version.promoted_at.is_none() {
        sql::promote(connection, version.id).await?;
        notices::of_models(connection, model, market).await?;
    }
    Ok(())
}

/// Takes the last promotion back; gives the version that serves again.
///
/// # Errors
/// [`Error::NotFound`] when none was before it; then it goes on serving.
pub async fn roll_back(db: &Db, model: &str, market: MarketCode) -> Result<String> {
    let mut transaction = db::begin(db).await?;
    let before = take_back(&mut transaction, model, market).await?;
    transaction.commit().await?;
    Ok(before)
}

/// The same as a write of the staff.
///
/// # Errors
/// As [`roll_back`].
pub async fn roll_back_by_staff(
    write: &mut Write,
    model: &str,
    market: MarketCode,
) -> Result<Version> {
    let version = take_back(write, model, market).await?;
    let detail = json!({"market": market, "version": version});
    write.note("models.roll_back", model, detail).await?;
    find(write, model, market, &version).await
}

async fn take_back(
    connection: &mut PgConnection,
    model: &str,
    market: MarketCode,
) -> Result<String> {
    sql::lock(connection, model, market.as_str()).await?;
    let serving = sql::promoted(connection, model, market.as_str()).await?;
    let [last, before] = serving.as_slice() else { return Err(Error::NotFound) };
    sql::take_back(connection, last.id).await?;
    notices::of_models(connection, model, market).await?;
    Ok(before.version.clone())
}

impl TryFrom<VersionRow> for Version {
    type Error = Error;

    fn try_from(row: VersionRow) -> Result<Version> {
        Ok(Version {
            id: row.id,
            model: row.model,
            market: row.market.parse()?,
            version: row.version,
            manifest: row.manifest,
            verdict: row.verdict,
            created_at: row.created_at.to_jiff(),
            promoted_at: row.promoted_at.map(|at| at.to_jiff()),
        })
    }
}
