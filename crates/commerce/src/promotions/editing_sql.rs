//! SQL of how staff change promotions.

use std::collections::BTreeMap;

use jiff_sqlx::Timestamp;
use serde_json::Value;
use sqlx::PgConnection;
use sqlx::types::Json;

/// A promotion with its coupons.
pub(super) struct ManagedRow {
    pub(super) id: i64,
    pub(super) name: String,
    pub(super) labels: Json<BTreeMap<String, String>>,
    pub(super) effect: Value,
    pub(super) enabled: bool,
    pub(super) priority: i32,
    pub(super) exclusive: bool,
    pub(super) market: String,
    pub(super) city_ids: Vec<i64>,
    pub(super) product_ids: Vec<i64>,
    pub(super) seller_ids: Vec<i64>,
    pub(super) min_goods_minor: i64,
    pub(super) first_order: bool,
    pub(super) starts_at: Option<Timestamp>,
    pub(super) ends_at: Option<Timestamp>,
    pub(super) uses_max: Option<i32>,
    pub(super) uses: i32,
    pub(super) uses_per_customer: Option<i32>,
    pub(super) budget_minor: Option<i64>,
    pub(super) spent_minor: i64,
    pub(super) codes: Vec<String>,
    /// Zero for a coupon without a limit.
    pub(super) limits: Vec<i32>,
    pub(super) coupon_uses: Vec<i32>,
}

/// A promotion to be written.
pub(super) struct Written<'a> {
    pub(super) name: &'a str,
    pub(super) labels: Value,
    pub(super) effect: Value,
    pub(super) enabled: bool,
    pub(super) priority: i32,
    pub(super) exclusive: bool,
    pub(super) market: String,
    pub(super) cities: Vec<i64>,
    pub(super) products: Vec<i64>,
    pub(super) sellers: Vec<i64>,
    pub(super) min_goods_minor: i64,
    pub(super) first_order: bool,
    pub(super) needs_coupon: bool,
    pub(super) starts_at: Option<Timestamp>,
    pub(super) ends_at: Option<Timestamp>,
    pub(super) uses_max: Option<i32>,
    pub(super) uses_per_customer: Option<i32>,
    pub(super) budget_minor: Option<i64>,
}

pub(super) async fn list(
    connection: &mut PgConnection,
    market: Option<&str>,
    below: i64,
    limit: i64,
) -> sqlx::Result<Vec<ManagedRow>> {
    sqlx::query_as!(
        ManagedRow,
        r#"select id, name, labels as "labels: Json<BTreeMap<String, String>>", effect, enabled, priority,
                  exclusive, market, city_ids, product_ids, seller_ids, min_goods_minor, first_order,
                  starts_at as "starts_at: Timestamp", ends_at as "ends_at: Timestamp",
                  uses_max, uses, uses_per_customer, budget_minor, spent_minor,
                  array(select code from coupons where promotion_id = promotions.id order by code) as "codes!",
                  array(select coalesce(coupons.uses_max, 0) from coupons
                        where promotion_id = promotions.id order by code) as "limits!",
                  array(select coupons.uses from coupons
                        where promotion_id = promotions.id order by code) as "coupon_uses!"
           from promotions
           where id < $1 and ($2::text is null or market = $2)
           order by id desc limit $3"#,
        below,
        market,
        limit
    )
    .fetch_all(connection)
    .await
}

pub(super) async fn one(connection: &mut PgConnection, id: i64) -> sqlx::Result<ManagedRow> {
    sqlx::query_as!(
        ManagedRow,
        r#"select id, name, labels as "labels: Json<BTreeMap<String, String>>", effect, enabled, priority,
                  exclusive, market, city_ids, product_ids, seller_ids, min_goods_minor, first_order,
                  starts_at as "starts_at: Timestamp", ends_at as "ends_at: Timestamp",
                  uses_max, uses, uses_per_customer, budget_minor, spent_minor,
                  array(select code from coupons where promotion_id = promotions.id order by code) as "codes!",
                  array(select coalesce(coupons.uses_max, 0) from coupons
                        where promotion_id = promotions.id order by code) as "limits!",
                  array(select coupons.uses from coupons
                        where promotion_id = promotions.id order by code) as "coupon_uses!"
           from promotions where id = $1"#,
        id
    )
    .fetch_one(connection)
    .await
}

/// Locks the row until the transaction ends; purchases that use it only wait for their turn to count.
pub(super) async fn lock(connection: &mut PgConnection, id: i64) -> sqlx::Result<()> {
    sqlx::query_scalar!("select id from promotions where id = $1 for no key update", id)
        .fetch_one(connection)
        .await?;
    Ok(())
}

pub(super) async fn insert(connection: &mut PgConnection, new: &Written<'_>) -> sqlx::Result<i64> {
    sqlx::query_scalar!(
        "insert into promotions (
             name, labels, effect, enabled, priority, exclusive, market, city_ids, product_ids, seller_ids,
             min_goods_minor, first_order, needs_coupon, starts_at, ends_at, uses_max, uses_per_customer,
             budget_minor)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18)
         returning id",
        new.name,
        new.labels,
        new.effect,
        new.enabled,
        new.priority,
        new.exclusive,
        new.market,
        &new.cities,
        &new.products,
        &new.sellers,
        new.min_goods_minor,
        new.first_order,
        new.needs_coupon,
        new.starts_at as _,
        new.ends_at as _,
        new.uses_max,
        new.uses_per_customer,
        new.budget_minor
    )
    .fetch_one(connection)
    .await
}

pub(super) async fn update(
    connection: &mut PgConnection,
    id: i64,
    new: &Written<'_>,
) -> sqlx::Result<()> {
    sqlx::query!(
        "update promotions
         set name = $2, labels = $3, effect = $4, enabled = $5, priority = $6, exclusive = $7, market = $8,
             city_ids = $9, product_ids = $10, seller_ids = $11, min_goods_minor = $12, first_order = $13,
             needs_coupon = $14, starts_at = $15, ends_at = $16, uses_max = $17, uses_per_customer = $18,
             budget_minor = $19
         where id = $1",
        id,
        new.name,
        new.labels,
        new.effect,
        new.enabled,
        new.priority,
        new.exclusive,
        new.market,
        &new.cities,
        &new.products,
        &new.sellers,
        new.min_goods_minor,
        new.first_order,
        new.needs_coupon,
        new.starts_at as _,
        new.ends_at as _,
        new.uses_max,
        new.uses_per_customer,
        new.budget_minor
    )
    .execute(connection)
    .await?;
    Ok(())
}

pub(super) async fn end(
    connection: &mut PgConnection,
    id: i64,
    now: Timestamp,
) -> sqlx::Result<()> {
    sqlx::query_scalar!(
        "update promotions
         set enabled = enabled and (starts_at is null or starts_at < $2),
             ends_at = case when starts_at is null or starts_at < $2 then least(ends_at, $2) else ends_at end
         where id = $1 returning id",
        id,
        now as _
    )
    .fetch_one(connection)
    .await?;
    Ok(())
}

/// Makes these the promotion's coupons; says how many of them are its own then.
pub(super) async fn set_coupons(
    connection: &mut PgConnection,
    id: i64,
    codes: &[String],
    limits: &[Option<i32>],
) -> sqlx::Result<i64> {
    sqlx::query_scalar!(
        r#"with gone as (
               delete from coupons where promotion_id = $1 and code <> all($2::text[])),
           kept as (
               insert into coupons (code, promotion_id, uses_max)
               select code, $1, uses_max
               from unnest($2::text[], $3::integer[]) as given (code, uses_max) order by code
               on conflict (code) do update set uses_max = excluded.uses_max
               where coupons.promotion_id = excluded.promotion_id
               returning code)
           select count(*) as "count!" from kept"#,
        id,
        codes,
        limits as &[Option<i32>]
    )
    .fetch_one(connection)
    .await
}

/// The first kind of thing that is named and does not exist.
pub(super) async fn missing(
    connection: &mut PgConnection,
    new: &Written<'_>,
    gift: Option<i64>,
) -> sqlx::Result<Option<String>> {
    sqlx::query_scalar!(
        "select case
             when not exists (select from markets where code = $1) then 'market'
             when exists (select unnest($2::bigint[]) except select id from cities where market = $1) then 'cities'
             when exists (select unnest($3::bigint[]) except select id from products) then 'products'
             when exists (select unnest($4::bigint[]) except select id from sellers) then 'sellers'
             when $5::bigint is not null
                 and not exists (select from offers where id = $5 and market = $1) then 'gift' end",
        new.market,
        &new.cities,
        &new.products,
        &new.sellers,
        gift
    )
    .fetch_one(connection)
    .await
}
