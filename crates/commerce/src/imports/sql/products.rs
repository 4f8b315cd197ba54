//! SQL for products and what hangs from them. Each function answers the products it changed.

use std::collections::HashMap;

use serde::Serialize;
use sqlx::PgConnection;
use sqlx::types::Json;

/// Products by the ids a file gives them; one without an id of its own goes by its slug, as an export has it.
pub(in crate::imports) async fn ids_by_external_id(
    connection: &mut PgConnection,
    external_ids: &[String],
) -> sqlx::Result<HashMap<String, i64>> {
    let rows = sqlx::query!(
        // In this order, so that an id counts before another product's slug.
        r#"select coalesce(external_id, slug) as "external_id!", id from products
           where external_id = any($1) or (external_id is null and slug = any($1))
           order by external_id nulls first"#,
        external_ids
    )
    .fetch_all(connection)
    .await?;
    Ok(rows.into_iter().map(|row| (row.external_id, row.id)).collect())
}

pub(in crate::imports) async fn taken_slugs(
    connection: &mut PgConnection,
    slugs: &[String],
) -> sqlx::Result<Vec<String>> {
    sqlx::query_scalar!("select slug from products where slug = any($1)", slugs)
        .fetch_all(connection)
        .await
}

/// A product to be.
#[derive(Serialize)]
pub(in crate::imports) struct NewProduct<'a> {
    pub(in crate::imports) external_id: &'a str,
    pub(in crate::imports) slug: String,
    pub(in crate::imports) category_id: Option<i64>,
    pub(in crate::imports) brand_id: Option<i64>,
    pub(in crate::imports) picture: &'a str,
}

pub(in crate::imports) async fn insert(
    connection: &mut PgConnection,
    products: &[NewProduct<'_>],
) -> sqlx::Result<HashMap<String, i64>> {
    let rows = sqlx::query!(
        r#"insert into products (external_id, slug, category_id, brand_id, picture)
           select external_id, slug, category_id, brand_id, picture
           from jsonb_to_recordset($1) as given (
               external_id text, slug text, category_id bigint, brand_id bigint, picture text)
           returning external_id as "external_id!", id"#,
        Json(products) as _
    )
    .fetch_all(connection)
    .await?;
    Ok(rows.into_iter().map(|row| (row.external_id, row.id)).collect())
}

/// What a file says of a product that is there; none where it says nothing.
#[derive(Serialize)]
pub(in crate::imports) struct KnownProduct<'a> {
    pub(in crate::imports) id: i64,
    pub(in crate::imports) category_id: Option<i64>,
    pub(in crate::imports) brand_id: Option<i64>,
    pub(in crate::imports) picture: Option<&'a str>,
}

pub(in crate::imports) async fn update(
    connection: &mut PgConnection,
    products: &[KnownProduct<'_>],
) -> sqlx::Result<Vec<i64>> {
    sqlx::query_scalar!(
        "with given as (
             select products.id,
                    coalesce(given.category_id, products.category_id) as category_id,
                    coalesce(given.brand_id, products.brand_id) as brand_id,
                    coalesce(given.picture, products.picture) as picture
             from jsonb_to_recordset($1) as given (
                 id bigint, category_id bigint, brand_id bigint, picture text)
             join products on products.id = given.id
         )
         update products
         set category_id = given.category_id, brand_id = given.brand_id, picture = given.picture
         from given
         where products.id = given.id
             and (products.category_id, products.brand_id, products.picture)
                 is distinct from (given.category_id, given.brand_id, given.picture)
         returning products.id",
        Json(products) as _
    )
    .fetch_all(connection)
    .await
}

/// Marks products as changed now.
pub(in crate::imports) async fn touch(
    connection: &mut PgConnection,
    ids: &[i64],
) -> sqlx::Result<()> {
    sqlx::query!("update products set updated_at = now() where id = any($1)", ids)
        .execute(connection)
        .await?;
    Ok(())
}

/// Title and description of a product in a language.
#[derive(Serialize)]
pub(in crate::imports) struct Text<'a> {
    pub(in crate::imports) product_id: i64,
    pub(in crate::imports) lang: &'static str,
    pub(in crate::imports) title: &'a str,
    pub(in crate::imports) description: &'a str,
}

pub(in crate::imports) async fn set_texts(
    connection: &mut PgConnection,
    texts: &[Text<'_>],
) -> sqlx::Result<Vec<i64>> {
    sqlx::query_scalar!(
        r#"with given as (
               select * from jsonb_to_recordset($1) as given (
                   product_id bigint, lang text, title text, description text)
           ),
           changed as (
               update product_translations
               set title = given.title, description = given.description
               from given
               where product_translations.product_id = given.product_id
                   and product_translations.lang = given.lang
                   and (product_translations.title, product_translations.description)
                       is distinct from (given.title, given.description)
               returning given.product_id
           ),
           added as (
               insert into product_translations (product_id, lang, title, description)
               select product_id, lang, title, description from given
               where not exists (
                   select from product_translations known
                   where known.product_id = given.product_id and known.lang = given.lang)
               returning product_id
           )
           select product_id as "product_id!" from changed
           union select product_id from added"#,
        Json(texts) as _
    )
    .fetch_all(connection)
    .await
}

/// That a product has an attribute value.
#[derive(Serialize)]
pub(in crate::imports) struct Link {
    pub(in crate::imports) product_id: i64,
    pub(in crate::imports) value_id: i64,
}

/// Gives these products these attribute values and no others.
pub(in crate::imports) async fn set_values(
    connection: &mut PgConnection,
    product_ids: &[i64],
    links: &[Link],
) -> sqlx::Result<Vec<i64>> {
    sqlx::query_scalar!(
        r#"with given as (
               select distinct product_id, value_id
               from jsonb_to_recordset($2) as given (product_id bigint, value_id bigint)
           ),
           removed as (
               delete from product_attribute_values known
               where known.product_id = any($1)
                   and (known.product_id, known.value_id) not in (select * from given)
               returning known.product_id
           ),
           added as (
               insert into product_attribute_values (product_id, value_id)
               select product_id, value_id from given
               where not exists (
                   select from product_attribute_values known
                   where known.product_id = given.product_id and known.value_id = given.value_id)
               returning product_id
           )
           select product_id as "product_id!" from removed
           union select product_id from added"#,
        product_ids,
        Json(links) as _
    )
    .fetch_all(connection)
    .await
}

/// A variant of a product.
#[derive(Serialize)]
pub(in crate::imports) struct VariantRow<'a> {
    pub(in crate::imports) product_id: i64,
    pub(in crate::imports) sku: &'a str,
    pub(in crate::imports) options: serde_json::Value,
    pub(in crate::imports) eans: &'a [String],
    pub(in crate::imports) position: usize,
}

pub(in crate::imports) async fn set_variants(
    connection: &mut PgConnection,
    variants: &[VariantRow<'_>],
) -> sqlx::Result<Vec<i64>> {
    sqlx::query_scalar!(
        r#"with given as (
               select * from jsonb_to_recordset($1) as given (
                   product_id bigint, sku text, options jsonb, eans text[], position integer)
           ),
           changed as (
               update variants
               set options = given.options, eans = given.eans, position = given.position
               from given
               where variants.sku = given.sku and variants.product_id = given.product_id
                   and (variants.options, variants.eans, variants.position)
                       is distinct from (given.options, given.eans, given.position)
               returning given.product_id
           ),
           added as (
               insert into variants (product_id, sku, options, eans, position)
               select product_id, sku, options, eans, position from given
               where not exists (
                   select from variants known
                   where known.sku = given.sku and known.product_id = given.product_id)
               returning product_id
           )
           select product_id as "product_id!" from changed
           union select product_id from added"#,
        Json(variants) as _
    )
    .fetch_all(connection)
    .await
}

pub(in crate::imports) async fn variant_ids(
    connection: &mut PgConnection,
    skus: &[String],
) -> sqlx::Result<HashMap<String, i64>> {
    let rows = sqlx::query!("select sku, id from variants where sku = any($1)", skus)
        .fetch_all(connection)
        .await?;
    Ok(rows.into_iter().map(|row| (row.sku, row.id)).collect())
}

/// A photograph of a product.
#[derive(Serialize)]
pub(in crate::imports) struct Image<'a> {
    pub(in crate::imports) product_id: i64,
    pub(in crate::imports) url: &'a str,
    pub(in crate::imports) position: usize,
}

pub(in crate::imports) async fn add_images(
    connection: &mut PgConnection,
    images: &[Image<'_>],
) -> sqlx::Result<Vec<i64>> {
    sqlx::query_scalar!(
        "insert into media (product_id, url, position)
         select product_id, url, position
         from jsonb_to_recordset($1) as given (product_id bigint, url text, position integer)
         where not exists (
             select from media known
             where known.product_id = given.product_id and known.url = given.url)
         returning product_id",
        Json(images) as _
    )
    .fetch_all(connection)
    .await
}
