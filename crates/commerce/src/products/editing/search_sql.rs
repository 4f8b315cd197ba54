//! SQL of the office's list of products.

use jiff_sqlx::Timestamp;
use sqlx::PgConnection;

/// A filter as PostgreSQL takes it.
pub(super) struct Arguments {
    pub(super) text: Option<String>,
    pub(super) words: Vec<String>,
    pub(super) state: Option<&'static str>,
    pub(super) category_id: Option<i64>,
    pub(super) missing_lang: Option<&'static str>,
    pub(super) without_picture: bool,
}

/// A line of the list.
pub(super) struct FoundRow {
    pub(super) id: i64,
    pub(super) external_id: Option<String>,
    pub(super) slug: String,
    pub(super) title: String,
    pub(super) state: String,
    pub(super) publish_at: Option<Timestamp>,
    pub(super) category_id: i64,
    pub(super) langs: Vec<String>,
    pub(super) image: Option<String>,
    pub(super) picture: String,
    pub(super) variants: i64,
    pub(super) offers: i64,
    pub(super) stock: i64,
    pub(super) updated_at: Timestamp,
}

pub(super) async fn find(
    connection: &mut PgConnection,
    arguments: &Arguments,
    lang: &str,
    below: Option<i64>,
    limit: i64,
) -> sqlx::Result<Vec<FoundRow>> {
    sqlx::query_as!(
        FoundRow,
        r#"with recursive below as (
               select id from categories where id = $4
               union
               select categories.id from categories join below on categories.parent_id = below.id
           )
           select products.id, external_id, slug, state, category_id, picture,
                  publish_at as "publish_at: Timestamp", updated_at as "updated_at: Timestamp",
                  coalesce((select title from product_translations texts
                            where texts.product_id = products.id
                            order by (lang = $7) desc, (lang = 'en') desc, lang
                            limit 1), '') as "title!",
                  array(select lang from product_translations texts
                        where texts.product_id = products.id order by lang) as "langs!",
                  (select coalesce(url, '/media/' || hash || '/320.jpg')
                   from media where media.product_id = products.id
                   order by position, media.id limit 1) as image,
                  (select count(*) from variants
                   where variants.product_id = products.id) as "variants!",
                  (select count(*) from offers
                   where offers.product_id = products.id) as "offers!",
                  coalesce((select sum(on_hand - reserved) from stock
                            where stock.product_id = products.id), 0)::bigint as "stock!"
           from products
           where ($1::text is null or slug = $1 or external_id = $1 or products.id::text = $1
                  or exists (select from product_translations texts
                             where texts.product_id = products.id and title ilike all ($2))
                  or exists (select from variants
                             where variants.product_id = products.id
                                 and (sku = $1 or $1 = any(eans))))
               and ($3::text is null or state = $3)
               and ($4::bigint is null or category_id in (select id from below))
               and ($5::text is null or not exists (
                   select from product_translations texts
                   where texts.product_id = products.id and texts.lang = $5))
               and (not $6 or not exists (select from media where media.product_id = products.id))
               and ($8::bigint is null or products.id < $8)
           order by products.id desc
           limit $9"#,
        arguments.text,
        &arguments.words,
        arguments.state,
        arguments.category_id,
        arguments.missing_lang,
        arguments.without_picture,
        lang,
        below,
        limit
    )
    .fetch_all(connection)
    .await
}

pub(super) async fn count(
    connection: &mut PgConnection,
    arguments: &Arguments,
) -> sqlx::Result<i64> {
    sqlx::query_scalar!(
        r#"with recursive below as (
               select id from categories where id = $4
               union
               select categories.id from categories join below on categories.parent_id = below.id
           )
           select count(*) as "count!" from products
           where ($1::text is null or slug = $1 or external_id = $1 or products.id::text = $1
                  or exists (select from product_translations texts
                             where texts.product_id = products.id and title ilike all ($2))
                  or exists (select from variants
                             where variants.product_id = products.id
                                 and (sku = $1 or $1 = any(eans))))
               and ($3::text is null or state = $3)
               and ($4::bigint is null or category_id in (select id from below))
               and ($5::text is null or not exists (
                   select from product_translations texts
                   where texts.product_id = products.id and texts.lang = $5))
               and (not $6 or not exists (select from media where media.product_id = products.id))"#,
        arguments.text,
        &arguments.words,
        arguments.state,
        arguments.category_id,
        arguments.missing_lang,
        arguments.without_picture
    )
    .fetch_one(connection)
    .await
}
