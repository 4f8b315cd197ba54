//! SQL of the products slice.

use std::collections::HashMap;

use souk_base::Brand;
use sqlx::PgConnection;

/// A listed product without its texts.
pub(super) struct ProductRow {
    pub(super) id: i64,
    pub(super) ordinal: i32,
    pub(super) external_id: Option<String>,
    pub(super) slug: String,
    pub(super) picture: String,
    pub(super) image: Option<String>,
    pub(super) brand_id: Option<i64>,
    pub(super) category_id: i64,
    pub(super) value_ids: Vec<i64>,
    pub(super) codes: Vec<String>,
    pub(super) created_at_s: i64,
}

pub(super) async fn listed(
    connection: &mut PgConnection,
    ids: &[i64],
) -> sqlx::Result<Vec<ProductRow>> {
    sqlx::query_as!(
        ProductRow,
        r#"
        select products.id, ordinal, external_id, slug, picture, brand_id, category_id,
               extract(epoch from created_at)::bigint as "created_at_s!",
               (select coalesce(url, '/media/' || hash || '/800.jpg')
                from media where media.product_id = products.id
                order by position, media.id limit 1) as image,
               array(select value_id from product_attribute_values linked
                     where linked.product_id = products.id order by value_id) as "value_ids!",
               array(select code from variants cross join unnest(sku || eans) as code
                     where variants.product_id = products.id
                     order by variants.position, variants.id, code) as "codes!"
        from products
        where products.id = any($1) and state = 'active'
            and (publish_at is null or publish_at <= now())
        order by products.id"#,
        ids
    )
    .fetch_all(connection)
    .await
}

/// A row of `product_translations`.
pub(super) struct TextRow {
    pub(super) product_id: i64,
    pub(super) lang: String,
    pub(super) title: String,
    pub(super) description: String,
}

pub(super) async fn texts(
    connection: &mut PgConnection,
    ids: &[i64],
) -> sqlx::Result<Vec<TextRow>> {
    sqlx::query_as!(
        TextRow,
        "select product_id, lang, title, description from product_translations
         where product_id = any($1)
         order by product_id, lang",
        ids
    )
    .fetch_all(connection)
    .await
}

pub(super) async fn ids_after(
    connection: &mut PgConnection,
    after: i64,
    limit: i64,
) -> sqlx::Result<Vec<i64>> {
    sqlx::query_scalar!("select id from products where id > $1 order by id limit $2", after, limit)
        .fetch_all(connection)
        .await
}

/// A product, and whether it is listed.
pub(super) struct PlaceRow {
    pub(super) id: i64,
    pub(super) ordinal: i32,
    pub(super) listed: bool,
}

pub(super) async fn places_after(
    connection: &mut PgConnection,
    after: i64,
    limit: i64,
) -> sqlx::Result<Vec<PlaceRow>> {
    sqlx::query_as!(
        PlaceRow,
        r#"
        select id, ordinal,
               state = 'active' and (publish_at is null or publish_at <= now()) as "listed!"
        from products where id > $1 order by id limit $2"#,
        after,
        limit
    )
    .fetch_all(connection)
    .await
}

pub(super) async fn count(connection: &mut PgConnection) -> sqlx::Result<i64> {
    sqlx::query_scalar!(r#"select count(*) as "count!" from products"#).fetch_one(connection).await
}

pub(super) async fn in_categories(
    connection: &mut PgConnection,
    categories: &[i64],
) -> sqlx::Result<Vec<i64>> {
    sqlx::query_scalar!(
        "select id from products where category_id = any($1) order by id",
        categories
    )
    .fetch_all(connection)
    .await
}

pub(super) async fn of_brands(
    connection: &mut PgConnection,
    brands: &[i64],
) -> sqlx::Result<Vec<i64>> {
    sqlx::query_scalar!("select id from products where brand_id = any($1) order by id", brands)
        .fetch_all(connection)
        .await
}

pub(super) async fn with_values(
    connection: &mut PgConnection,
    values: &[i64],
) -> sqlx::Result<Vec<i64>> {
    sqlx::query_scalar!(
        "select distinct product_id from product_attribute_values
         where value_id = any($1) order by product_id",
        values
    )
    .fetch_all(connection)
    .await
}

pub(super) async fn by_slug(
    connection: &mut PgConnection,
    slug: &str,
) -> sqlx::Result<Option<i64>> {
    sqlx::query_scalar!("select id from products where slug = $1", slug)
        .fetch_optional(connection)
        .await
}

/// The ordinals of these keys, in their order.
pub(super) async fn ordinals_of_ids(
    connection: &mut PgConnection,
    ids: &[i64],
) -> sqlx::Result<Vec<Option<i32>>> {
    sqlx::query_scalar!(
        r#"select ordinal as "ordinal?"
           from unnest($1::bigint[]) with ordinality as asked (id, place)
           left join products using (id)
           order by place"#,
        ids
    )
    .fetch_all(connection)
    .await
}

/// The ordinals of the products that had these ids elsewhere, in their order.
pub(super) async fn ordinals_of_external_ids(
    connection: &mut PgConnection,
    ids: &[String],
) -> sqlx::Result<Vec<Option<i32>>> {
    sqlx::query_scalar!(
        r#"select ordinal as "ordinal?"
           from unnest($1::text[]) with ordinality as asked (external_id, place)
           left join products using (external_id)
           order by place"#,
        ids
    )
    .fetch_all(connection)
    .await
}

pub(super) async fn images(
    connection: &mut PgConnection,
    product_id: i64,
) -> sqlx::Result<Vec<String>> {
    sqlx::query_scalar!(
        r#"select coalesce(url, '/media/' || hash || '/800.jpg') as "address!" from media
           where product_id = $1 order by position, id"#,
        product_id
    )
    .fetch_all(connection)
    .await
}

/// A row of `variants`.
pub(super) struct VariantRow {
    pub(super) id: i64,
    pub(super) sku: String,
    pub(super) options: serde_json::Value,
    pub(super) eans: Vec<String>,
}

pub(super) async fn variants(
    connection: &mut PgConnection,
    product_id: i64,
) -> sqlx::Result<Vec<VariantRow>> {
    sqlx::query_as!(
        VariantRow,
        "select id, sku, options, eans from variants
         where product_id = $1 order by position, id",
        product_id
    )
    .fetch_all(connection)
    .await
}

/// A row of `attributes`.
pub(super) struct AttributeRow {
    pub(super) id: i64,
    pub(super) code: String,
    pub(super) position: i32,
}

pub(super) async fn attributes(connection: &mut PgConnection) -> sqlx::Result<Vec<AttributeRow>> {
    sqlx::query_as!(AttributeRow, "select id, code, position from attributes order by position, id")
        .fetch_all(connection)
        .await
}

pub(super) async fn attribute_labels(
    connection: &mut PgConnection,
) -> sqlx::Result<HashMap<i64, Vec<(String, String)>>> {
    let rows = sqlx::query!("select attribute_id, lang, label from attribute_translations")
        .fetch_all(connection)
        .await?;
    let mut labels: HashMap<i64, Vec<_>> = HashMap::new();
    for row in rows {
        labels.entry(row.attribute_id).or_default().push((row.lang, row.label));
    }
    Ok(labels)
}

/// A row of `attribute_values`.
pub(super) struct ValueRow {
    pub(super) id: i64,
    pub(super) attribute_id: i64,
    pub(super) code: String,
    pub(super) position: i32,
}

pub(super) async fn attribute_values(connection: &mut PgConnection) -> sqlx::Result<Vec<ValueRow>> {
    sqlx::query_as!(ValueRow, "select id, attribute_id, code, position from attribute_values")
        .fetch_all(connection)
        .await
}

pub(super) async fn value_labels(
    connection: &mut PgConnection,
) -> sqlx::Result<HashMap<i64, Vec<(String, String)>>> {
    let rows = sqlx::query!("select value_id, lang, label from attribute_value_translations")
        .fetch_all(connection)
        .await?;
    let mut labels: HashMap<i64, Vec<_>> = HashMap::new();
    for row in rows {
        labels.entry(row.value_id).or_default().push((row.lang, row.label));
    }
    Ok(labels)
}

pub(super) async fn brands(connection: &mut PgConnection) -> sqlx::Result<Vec<Brand>> {
    sqlx::query_as!(Brand, "select id, slug, name from brands").fetch_all(connection).await
}
