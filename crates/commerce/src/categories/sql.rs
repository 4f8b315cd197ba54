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
