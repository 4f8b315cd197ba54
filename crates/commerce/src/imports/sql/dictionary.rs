//! SQL for what products point at: categories, brands, attributes and their values.

use serde::Serialize;
use sqlx::types::Json;
use sqlx::{Connection, PgConnection};

/// Waits until no other import runs, however long that takes; held until the connection is closed.
pub(in crate::imports) async fn lock(connection: &mut PgConnection) -> sqlx::Result<()> {
    // The shop's connections give up on a lock after seconds, an import takes minutes. What is set here ends
    // with the transaction, the lock does not.
    let mut tx = connection.begin().await?;
    sqlx::query!("set local lock_timeout = 0").execute(&mut *tx).await?;
    sqlx::query!("set local statement_timeout = 0").execute(&mut *tx).await?;
    sqlx::query!("select pg_advisory_lock(hashtext('souk imports'))").execute(&mut *tx).await?;
    tx.commit().await
}

pub(in crate::imports) async fn insert_category(
    connection: &mut PgConnection,
    parent_id: Option<i64>,
    slug: &str,
    position: i32,
) -> sqlx::Result<i64> {
    sqlx::query_scalar!(
        "insert into categories (parent_id, slug, position) values ($1, $2, $3) returning id",
        parent_id,
        slug,
        position
    )
    .fetch_one(connection)
    .await
}

/// A brand to be.
#[derive(Serialize)]
pub(in crate::imports) struct NewBrand {
    pub(in crate::imports) slug: String,
    pub(in crate::imports) name: String,
}

pub(in crate::imports) async fn insert_brands(
    connection: &mut PgConnection,
    brands: &[NewBrand],
) -> sqlx::Result<Vec<(i64, String)>> {
    let rows = sqlx::query!(
        "insert into brands (slug, name)
         select slug, name from jsonb_to_recordset($1) as given (slug text, name text)
         returning id, slug",
        Json(brands) as _
    )
    .fetch_all(connection)
    .await?;
    Ok(rows.into_iter().map(|row| (row.id, row.slug)).collect())
}

/// An attribute to be.
#[derive(Serialize)]
pub(in crate::imports) struct NewAttribute {
    pub(in crate::imports) code: String,
    pub(in crate::imports) position: usize,
}

pub(in crate::imports) async fn insert_attributes(
    connection: &mut PgConnection,
    attributes: &[NewAttribute],
) -> sqlx::Result<Vec<(i64, String)>> {
    let rows = sqlx::query!(
        "insert into attributes (code, position)
         select code, position
         from jsonb_to_recordset($1) as given (code text, position integer)
         returning id, code",
        Json(attributes) as _
    )
    .fetch_all(connection)
    .await?;
    Ok(rows.into_iter().map(|row| (row.id, row.code)).collect())
}

/// An attribute value to be.
#[derive(Serialize)]
pub(in crate::imports) struct NewValue {
    pub(in crate::imports) attribute_id: i64,
    pub(in crate::imports) code: String,
}

pub(in crate::imports) async fn insert_values(
    connection: &mut PgConnection,
    values: &[NewValue],
) -> sqlx::Result<Vec<(i64, i64, String)>> {
    let rows = sqlx::query!(
        "insert into attribute_values (attribute_id, code)
         select attribute_id, code
         from jsonb_to_recordset($1) as given (attribute_id bigint, code text)
         returning id, attribute_id, code",
        Json(values) as _
    )
    .fetch_all(connection)
    .await?;
    Ok(rows.into_iter().map(|row| (row.id, row.attribute_id, row.code)).collect())
}

/// A label in one language of the row with this id.
#[derive(Serialize)]
pub(in crate::imports) struct Label {
    pub(in crate::imports) id: i64,
    pub(in crate::imports) lang: &'static str,
    pub(in crate::imports) label: String,
}

pub(in crate::imports) async fn set_category_labels(
    connection: &mut PgConnection,
    labels: &[Label],
) -> sqlx::Result<()> {
    sqlx::query!(
        "with given as (
             select * from jsonb_to_recordset($1) as given (id bigint, lang text, label text)
         ),
         changed as (
             update category_translations set label = given.label from given
             where category_id = given.id and category_translations.lang = given.lang
                 and category_translations.label <> given.label
         )
         insert into category_translations (category_id, lang, label)
         select id, lang, label from given
         where not exists (
             select from category_translations known
             where known.category_id = given.id and known.lang = given.lang)",
        Json(labels) as _
    )
    .execute(connection)
    .await?;
    Ok(())
}

pub(in crate::imports) async fn set_attribute_labels(
    connection: &mut PgConnection,
    labels: &[Label],
) -> sqlx::Result<()> {
    sqlx::query!(
        "insert into attribute_translations (attribute_id, lang, label)
         select id, lang, label
         from jsonb_to_recordset($1) as given (id bigint, lang text, label text)",
        Json(labels) as _
    )
    .execute(connection)
    .await?;
    Ok(())
}

pub(in crate::imports) async fn set_value_labels(
    connection: &mut PgConnection,
    labels: &[Label],
) -> sqlx::Result<()> {
    sqlx::query!(
        "with given as (
             select * from jsonb_to_recordset($1) as given (id bigint, lang text, label text)
         ),
         changed as (
             update attribute_value_translations set label = given.label from given
             where value_id = given.id and attribute_value_translations.lang = given.lang
                 and attribute_value_translations.label <> given.label
         )
         insert into attribute_value_translations (value_id, lang, label)
         select id, lang, label from given
         where not exists (
             select from attribute_value_translations known
             where known.value_id = given.id and known.lang = given.lang)",
        Json(labels) as _
    )
    .execute(connection)
    .await?;
    Ok(())
}
