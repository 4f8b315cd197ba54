//! Reading, adding, changing and removing synonyms.

use serde_json::json;
use souk_base::{Lang, MarketCode, Synonym, SynonymId, SynonymKind};
use sqlx::PgConnection;

use super::sql::{self, SynonymRow};
use super::{Filter, NewSynonym, check};
use crate::writes::{Write, expect};
use crate::{Error, Result};

/// Every synonym, in id order.
///
/// # Errors
/// [`Error::Database`] when PostgreSQL does not answer.
pub async fn list(connection: &mut PgConnection) -> Result<Vec<Synonym>> {
    sql::all(connection).await?.into_iter().map(Synonym::try_from).collect()
}

/// The newest `limit` synonyms that the filter lets through, of those with an id below `below` when it is given.
///
/// # Errors
/// [`Error::Database`] when PostgreSQL does not answer.
pub async fn find(
    connection: &mut PgConnection,
    filter: &Filter,
    below: Option<SynonymId>,
    limit: i64,
) -> Result<Vec<Synonym>> {
    let below = below.map_or(i64::MAX, SynonymId::get);
    let rows = sql::find(connection, filter, below, limit).await?;
    rows.into_iter().map(Synonym::try_from).collect()
}

/// One synonym.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn get(connection: &mut PgConnection, id: SynonymId) -> Result<Synonym> {
    sql::one(connection, id.get()).await?.try_into()
}

/// The synonym, locked against other writers until the write ends; `expected` is the `If-Match` of the caller.
///
/// # Errors
/// [`Error::NotFound`]; [`Error::Stale`] when it has changed since.
pub async fn lock(write: &mut Write, id: SynonymId, expected: Option<&str>) -> Result<Synonym> {
    sql::lock(write, id.get()).await?;
    let synonym = get(write, id).await?;
    expect(expected, &synonym)?;
    Ok(synonym)
}

/// Adds a synonym.
///
/// # Errors
/// [`Error::Invalid`] for words that mean nothing; [`Error::Conflict`] when there is the same already.
pub async fn create(write: &mut Write, new: &NewSynonym) -> Result<SynonymId> {
    check(new)?;
    let id = sql::insert(write, new).await?;
    write.note("synonyms.create", &id.to_string(), json!({"words": new.words})).await?;
    Ok(id.into())
}

/// Makes a synonym what is given.
///
/// # Errors
/// As [`create`]; [`Error::NotFound`].
pub async fn update(write: &mut Write, id: SynonymId, new: &NewSynonym) -> Result<()> {
    check(new)?;
    sql::lock(write, id.get()).await?;
    sql::update(write, id.get(), new).await?;
    write.note("synonyms.update", &id.to_string(), json!({"words": new.words})).await
}

/// Removes a synonym.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn remove(write: &mut Write, id: SynonymId) -> Result<()> {
    let synonym = get(write, id).await?;
    sql::delete(write, id.get()).await?;
    write.note("synonyms.remove", &id.to_string(), json!({"words": synonym.words})).await
}

/// A kind as it is stored.
pub(super) const fn code(kind: SynonymKind) -> &'static str {
    match kind {
        SynonymKind::OneWay => "one_way",
        SynonymKind::TwoWay => "two_way",
    }
}

impl TryFrom<SynonymRow> for Synonym {
    type Error = Error;

    fn try_from(row: SynonymRow) -> Result<Synonym> {
        let kinds = [SynonymKind::OneWay, SynonymKind::TwoWay];
        let kind = kinds.into_iter().find(|kind| code(*kind) == row.kind);
        Ok(Synonym {
            id: row.id.into(),
            market: row.market.as_deref().map(str::parse::<MarketCode>).transpose()?,
            lang: row.lang.as_deref().map(str::parse::<Lang>).transpose()?,
            kind: kind.ok_or(Error::UnknownState(row.kind))?,
            words: row.words,
        })
    }
}
