//! SQL of the synonyms slice.

use souk_base::{Lang, MarketCode};
use sqlx::PgConnection;

use super::ops::code;
use super::{Filter, NewSynonym};

/// A row of `synonyms`.
pub(super) struct SynonymRow {
    pub(super) id: i64,
    pub(super) market: Option<String>,
    pub(super) lang: Option<String>,
    pub(super) kind: String,
    pub(super) words: Vec<String>,
}

pub(super) async fn all(connection: &mut PgConnection) -> sqlx::Result<Vec<SynonymRow>> {
    sqlx::query_as!(SynonymRow, "select id, market, lang, kind, words from synonyms order by id")
        .fetch_all(connection)
        .await
}

pub(super) async fn find(
    connection: &mut PgConnection,
    filter: &Filter,
    below: i64,
    limit: i64,
) -> sqlx::Result<Vec<SynonymRow>> {
    sqlx::query_as!(
        SynonymRow,
        "select id, market, lang, kind, words from synonyms
         where id < $1
           and ($2::text is null or strpos(lower(array_to_string(words, ' ')), lower($2)) > 0)
           and ($3::text is null or market is null or market = $3)
           and ($4::text is null or lang is null or lang = $4)
         order by id desc
         limit $5",
        below,
        filter.text,
        filter.market.as_ref().map(MarketCode::as_str),
        filter.lang.map(Lang::code),
        limit
    )
    .fetch_all(connection)
    .await
}

pub(super) async fn one(connection: &mut PgConnection, id: i64) -> sqlx::Result<SynonymRow> {
    sqlx::query_as!(
        SynonymRow,
        "select id, market, lang, kind, words from synonyms where id = $1",
        id
    )
    .fetch_one(connection)
    .await
}

/// Locks the row until the transaction ends.
pub(super) async fn lock(connection: &mut PgConnection, id: i64) -> sqlx::Result<()> {
    sqlx::query_scalar!("select id from synonyms where id = $1 for update", id)
        .fetch_one(connection)
        .await?;
    Ok(())
}

pub(super) async fn insert(
    connection: &mut PgConnection,
    synonym: &NewSynonym,
) -> sqlx::Result<i64> {
    sqlx::query_scalar!(
        "insert into synonyms (market, lang, kind, words) values ($1, $2, $3, $4) returning id",
        synonym.market.as_ref().map(MarketCode::as_str),
        synonym.lang.map(Lang::code),
        code(synonym.kind),
        &synonym.words
    )
    .fetch_one(connection)
    .await
}

pub(super) async fn update(
    connection: &mut PgConnection,
    id: i64,
    synonym: &NewSynonym,
) -> sqlx::Result<()> {
    sqlx::query!(
        "update synonyms set market = $2, lang = $3, kind = $4, words = $5 where id = $1",
        id,
        synonym.market.as_ref().map(MarketCode::as_str),
        synonym.lang.map(Lang::code),
        code(synonym.kind),
        &synonym.words
    )
    .execute(connection)
    .await?;
    Ok(())
}

pub(super) async fn delete(connection: &mut PgConnection, id: i64) -> sqlx::Result<()> {
    sqlx::query!("delete from synonyms where id = $1", id).execute(connection).await?;
    Ok(())
}
