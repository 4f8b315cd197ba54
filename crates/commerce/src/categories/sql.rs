//! SQL of the categories slice.

use std::collections::HashMap;

use sqlx::PgConnection;

/// A row of `categories`.
pub(super) struct CategoryRow {
    pub(super) id: i64,
    pub(super) parent_id: Option<i64>,
    pub(super) slug: String,
    pub(super) position: i32,
}

pub(super) async fn categories(connection: &mut PgConnection) -> sqlx::Result<Vec<CategoryRow>> {
    sqlx::query_as!(CategoryRow, "select id, parent_id, slug, position from categories")
        .fetch_all(connection)
        .await
}

pub(super) async fn labels(
    connection: &mut PgConnection,
) -> sqlx::Result<HashMap<i64, Vec<(String, String)>>> {
    let rows = sqlx::query!("select category_id, lang, label from category_translations")
        .fetch_all(connection)
        .await?;
    let mut labels: HashMap<i64, Vec<_>> = HashMap::new();
    for row in rows {
        labels.entry(row.category_id).or_default().push((row.lang, row.label));
    }
    Ok(labels)
}

/// How many products stand in each category itself, listed or not.
pub(super) async fn product_counts(
    connection: &mut PgConnection,
) -> sqlx::Result<HashMap<i64, i64>> {
    let rows = sqlx::query!(
        r#"select category_id, count(*) as "products!" from products group by category_id"#
    )
    .fetch_all(connection)
    .await?;
    Ok(rows.into_iter().map(|row| (row.category_id, row.products)).collect())
}

/// Locks the row until the transaction ends.
pub(super) async fn lock(connection: &mut PgConnection, id: i64) -> sqlx::Result<()> {
    sqlx::query_scalar!("select id from categories where id = $1 for update", id)
        .fetch_one(connection)
        .await?;
    Ok(())
}

/// Keeps everybody else from changing the tree until the transaction ends; readers go on.
pub(super) async fn lock_tree(connection: &mut PgConnection) -> sqlx::Result<()> {
    sqlx::query!("lock table categories in share row exclusive mode").execute(connection).await?;
    Ok(())
}

pub(super) async fn next_id(connection: &mut PgConnection) -> sqlx::Result<i64> {
    sqlx::query_scalar!(r#"select nextval(pg_get_serial_sequence('categories', 'id')) as "id!""#)
        .fetch_one(connection)
        .await
}

pub(super) async fn next_position(
    connection: &mut PgConnection,
    parent_id: Option<i64>,
) -> sqlx::Result<i32> {
    sqlx::query_scalar!(
        r#"select coalesce(max(position) + 1, 0) as "position!"
           from categories where parent_id is not distinct from $1"#,
        parent_id
    )
    .fetch_one(connection)
    .await
}

pub(super) async fn is_slug_taken(connection: &mut PgConnection, slug: &str) -> sqlx::Result<bool> {
    sqlx::query_scalar!(
        r#"select exists (select from categories where slug = $1) as "taken!""#,
        slug
    )
    .fetch_one(connection)
    .await
}

pub(super) async fn insert(
    connection: &mut PgConnection,
    id: i64,
    parent_id: Option<i64>,
    slug: &str,
    position: i32,
) -> sqlx::Result<()> {
    sqlx::query!(
        "insert into categories (id, parent_id, slug, position) values ($1, $2, $3, $4)",
        id,
        parent_id,
        slug,
        position
    )
    .execute(connection)
    .await?;
    Ok(())
}

pub(super) async fn update(
    connection: &mut PgConnection,
    id: i64,
    parent_id: Option<i64>,
    slug: &str,
    position: i32,
) -> sqlx::Result<()> {
    sqlx::query!(
        "update categories set parent_id = $2, slug = $3, position = $4 where id = $1",
        id,
        parent_id,
        slug,
        position
    )
    .execute(connection)
    .await?;
    Ok(())
}

pub(super) async fn set_label(
    connection: &mut PgConnection,
    id: i64,
    lang: &str,
    label: &str,
) -> sqlx::Result<()> {
    sqlx::query!(
        "insert into category_translations (category_id, lang, label) values ($1, $2, $3)
         on conflict (category_id, lang) do update set label = excluded.label",
        id,
        lang,
        label
    )
    .execute(connection)
    .await?;
    Ok(())
}

pub(super) async fn delete_label(
    connection: &mut PgConnection,
    id: i64,
    lang: &str,
) -> sqlx::Result<()> {
    sqlx::query!(
        "delete from category_translations where category_id = $1 and lang = $2",
        id,
        lang
    )
    .execute(connection)
    .await?;
    Ok(())
}

pub(super) async fn is_empty(connection: &mut PgConnection, id: i64) -> sqlx::Result<bool> {
    sqlx::query_scalar!(
        r#"select not exists (select from products where category_id = $1)
                  and not exists (select from categories where parent_id = $1) as "empty!""#,
        id
    )
    .fetch_one(connection)
    .await
}

pub(super) async fn delete(connection: &mut PgConnection, id: i64) -> sqlx::Result<()> {
    sqlx::query!("delete from categories where id = $1", id).execute(connection).await?;
    Ok(())
}
