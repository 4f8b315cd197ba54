//! SQL of editing products.

use jiff_sqlx::Timestamp;
use serde_json::{Map, Value};
use sqlx::PgConnection;
use sqlx::types::Json;

/// A product without what hangs from it.
pub(super) struct ProductRow {
    pub(super) external_id: Option<String>,
    pub(super) slug: String,
    pub(super) state: String,
    pub(super) publish_at: Option<Timestamp>,
    pub(super) category_id: i64,
    pub(super) brand_id: Option<i64>,
    pub(super) picture: String,
    pub(super) value_ids: Vec<i64>,
    pub(super) created_at: Timestamp,
    pub(super) updated_at: Timestamp,
}

pub(super) async fn product(connection: &mut PgConnection, id: i64) -> sqlx::Result<ProductRow> {
    sqlx::query_as!(
        ProductRow,
        r#"select external_id, slug, state, publish_at as "publish_at: Timestamp", category_id,
                  brand_id, picture,
                  array(select value_id from product_attribute_values linked
                        where linked.product_id = products.id order by value_id) as "value_ids!",
                  created_at as "created_at: Timestamp", updated_at as "updated_at: Timestamp"
           from products where id = $1"#,
        id
    )
    .fetch_one(connection)
    .await
}

/// Locks the row until the transaction ends.
pub(super) async fn lock(connection: &mut PgConnection, id: i64) -> sqlx::Result<()> {
    sqlx::query_scalar!("select id from products where id = $1 for update", id)
        .fetch_one(connection)
        .await?;
    Ok(())
}

/// Says that the product changes now, which also locks its row.
pub(super) async fn touch(connection: &mut PgConnection, id: i64) -> sqlx::Result<()> {
    sqlx::query_scalar!("update products set updated_at = now() where id = $1 returning id", id)
        .fetch_one(connection)
        .await?;
    Ok(())
}

pub(super) async fn next_id(connection: &mut PgConnection) -> sqlx::Result<i64> {
    sqlx::query_scalar!(r#"select nextval(pg_get_serial_sequence('products', 'id')) as "id!""#)
        .fetch_one(connection)
        .await
}

/// The columns of a product.
pub(super) struct Columns<'a> {
    pub(super) external_id: Option<&'a str>,
    pub(super) slug: &'a str,
    pub(super) state: &'static str,
    pub(super) publish_at: Option<Timestamp>,
    pub(super) category_id: i64,
    pub(super) brand_id: Option<i64>,
    pub(super) picture: &'a str,
}

pub(super) async fn insert(
    connection: &mut PgConnection,
    id: i64,
    row: &Columns<'_>,
) -> sqlx::Result<()> {
    sqlx::query!(
        "insert into products
             (id, external_id, slug, state, publish_at, category_id, brand_id, picture)
         values ($1, $2, $3, $4, $5, $6, $7, $8)",
        id,
        row.external_id,
        row.slug,
        row.state,
        row.publish_at as _,
        row.category_id,
        row.brand_id,
        row.picture
    )
    .execute(connection)
    .await?;
    Ok(())
}

pub(super) async fn update(
    connection: &mut PgConnection,
    id: i64,
    row: &Columns<'_>,
) -> sqlx::Result<()> {
    sqlx::query!(
        "update products
         set external_id = $2, slug = $3, state = $4, publish_at = $5, category_id = $6,
             brand_id = $7, picture = $8, updated_at = now()
         where id = $1",
        id,
        row.external_id,
        row.slug,
        row.state,
        row.publish_at as _,
        row.category_id,
        row.brand_id,
        row.picture
    )
    .execute(connection)
    .await?;
    Ok(())
}

pub(super) async fn set_text(
    connection: &mut PgConnection,
    product_id: i64,
    lang: &str,
    title: &str,
    description: &str,
) -> sqlx::Result<()> {
    sqlx::query!(
        "insert into product_translations (product_id, lang, title, description)
         values ($1, $2, $3, $4)
         on conflict (product_id, lang) do update
         set title = excluded.title, description = excluded.description",
        product_id,
        lang,
        title,
        description
    )
    .execute(connection)
    .await?;
    Ok(())
}

pub(super) async fn delete_text(
    connection: &mut PgConnection,
    product_id: i64,
    lang: &str,
) -> sqlx::Result<()> {
    sqlx::query_scalar!(
        "delete from product_translations where product_id = $1 and lang = $2 returning product_id",
        product_id,
        lang
    )
    .fetch_one(connection)
    .await?;
    Ok(())
}

/// Gives the product these values and no others, touching only what differs.
pub(super) async fn set_values(
    connection: &mut PgConnection,
    product_id: i64,
    value_ids: &[i64],
) -> sqlx::Result<()> {
    sqlx::query!(
        "delete from product_attribute_values where product_id = $1 and value_id <> all($2)",
        product_id,
        value_ids
    )
    .execute(&mut *connection)
    .await?;
    sqlx::query!(
        "insert into product_attribute_values (product_id, value_id)
         select $1, value_id from unnest($2::bigint[]) as value_id
         on conflict do nothing",
        product_id,
        value_ids
    )
    .execute(connection)
    .await?;
    Ok(())
}

pub(super) async fn is_sold(connection: &mut PgConnection, id: i64) -> sqlx::Result<bool> {
    sqlx::query_scalar!(r#"select exists (select from sales where product_id = $1) as "sold!""#, id)
        .fetch_one(connection)
        .await
}

/// Whether units of the product, or of one variant of it, are promised to orders. Locks its stock.
pub(super) async fn is_reserved(
    connection: &mut PgConnection,
    product_id: i64,
    variant_id: Option<i64>,
) -> sqlx::Result<bool> {
    let reserved = sqlx::query_scalar!(
        "select stock.reserved
         from stock join offers on offers.id = stock.offer_id
         where stock.product_id = $1 and ($2::bigint is null or offers.variant_id = $2)
         for update of stock",
        product_id,
        variant_id
    )
    .fetch_all(connection)
    .await?;
    Ok(reserved.into_iter().any(|units| units > 0))
}

pub(super) async fn delete(connection: &mut PgConnection, id: i64) -> sqlx::Result<()> {
    sqlx::query!("delete from products where id = $1", id).execute(connection).await?;
    Ok(())
}

/// A row of `variants`.
pub(super) struct VariantRow {
    pub(super) id: i64,
    pub(super) sku: String,
    pub(super) options: Json<Map<String, Value>>,
    pub(super) eans: Vec<String>,
    pub(super) position: i32,
}

pub(super) async fn variants(
    connection: &mut PgConnection,
    product_id: i64,
) -> sqlx::Result<Vec<VariantRow>> {
    sqlx::query_as!(
        VariantRow,
        r#"select id, sku, options as "options: Json<Map<String, Value>>", eans, position
           from variants where product_id = $1 order by position, id"#,
        product_id
    )
    .fetch_all(connection)
    .await
}

pub(super) async fn insert_variant(
    connection: &mut PgConnection,
    product_id: i64,
    sku: &str,
    options: &Map<String, Value>,
    eans: &[String],
    position: i32,
) -> sqlx::Result<i64> {
    sqlx::query_scalar!(
        "insert into variants (product_id, sku, options, eans, position)
         values ($1, $2, $3, $4, $5) returning id",
        product_id,
        sku,
        Json(options) as _,
        eans,
        position
    )
    .fetch_one(connection)
    .await
}

pub(super) async fn update_variant(
    connection: &mut PgConnection,
    variant: &VariantRow,
) -> sqlx::Result<()> {
    sqlx::query!(
        "update variants set sku = $2, options = $3, eans = $4, position = $5 where id = $1",
        variant.id,
        variant.sku,
        &variant.options as _,
        &variant.eans,
        variant.position
    )
    .execute(connection)
    .await?;
    Ok(())
}

pub(super) async fn delete_variant(connection: &mut PgConnection, id: i64) -> sqlx::Result<()> {
    sqlx::query!("delete from variants where id = $1", id).execute(connection).await?;
    Ok(())
}
