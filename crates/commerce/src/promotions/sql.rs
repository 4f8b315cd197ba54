//! SQL of the promotions slice.

use std::collections::BTreeMap;

use jiff_sqlx::Timestamp;
use serde_json::Value;
use sqlx::PgConnection;
use sqlx::types::Json;

use super::Redemption;

/// A promotion in force, as one customer meets it.
pub(super) struct OfferedRow {
    pub(super) id: i64,
    pub(super) labels: Json<BTreeMap<String, String>>,
    pub(super) effect: Value,
    pub(super) exclusive: bool,
    pub(super) city_ids: Vec<i64>,
    pub(super) product_ids: Vec<i64>,
    pub(super) seller_ids: Vec<i64>,
    pub(super) min_goods_minor: i64,
    pub(super) coupon: Option<String>,
    pub(super) is_counted: bool,
    pub(super) budget_left_minor: Option<i64>,
    pub(super) used_by_customer: i32,
    pub(super) uses_per_customer: Option<i32>,
}

/// Of several coupons for one promotion the first in the alphabet counts.
pub(super) async fn offered(
    connection: &mut PgConnection,
    market: &str,
    coupons: &[String],
    customer: Option<&str>,
    now: Timestamp,
) -> sqlx::Result<Vec<OfferedRow>> {
    sqlx::query_as!(
        OfferedRow,
        r#"select id, labels as "labels: Json<BTreeMap<String, String>>", effect, exclusive, city_ids,
                  product_ids, seller_ids, min_goods_minor, coupon.code as "coupon?",
                  (promotions.uses_max is not null or budget_minor is not null
                      or coupon.uses_max is not null) as "is_counted!",
                  budget_minor - spent_minor as budget_left_minor,
                  coalesce((select max(nth) from redemptions
                            where promotion_id = promotions.id and customer = $3 and live), 0)
                      as "used_by_customer!",
                  uses_per_customer
           from promotions
           left join lateral (
               select code, coupons.uses_max from coupons
               where promotion_id = promotions.id and code = any($2)
                   and (coupons.uses_max is null or coupons.uses < coupons.uses_max)
               order by code limit 1) as coupon on needs_coupon
           where market = $1 and enabled
               and (starts_at is null or starts_at <= $4) and (ends_at is null or ends_at > $4)
               and (promotions.uses_max is null or promotions.uses < promotions.uses_max)
               and (not needs_coupon or coupon.code is not null)
               and (not first_order or not exists (
                   select from order_groups
                   where phone = $3 and order_groups.state in ('placed', 'completed')))
           order by priority desc, id"#,
        market,
        coupons,
        customer,
        now as _
    )
    .fetch_all(connection)
    .await
}

/// Writes the uses down and raises the counters that have a limit, as far as there is room; says of which of the counted
/// promotions there was. The number of each use among the customer's is unique, so that two purchases at once cannot both be the
/// last.
///
/// The locks leave the keys alone: every redemption that is being written holds its promotion's key.
pub(super) async fn redeem(
    connection: &mut PgConnection,
    group: &str,
    customer: &str,
    redemptions: &[Redemption],
) -> sqlx::Result<Vec<i64>> {
    sqlx::query_scalar!(
        r#"with given as (
               select promotion_id, coupon, nth, minor, is_counted
               from jsonb_to_recordset($3) as given (
                   promotion_id bigint, coupon text, nth integer, minor bigint, is_counted boolean)),
           written as (
               insert into redemptions (promotion_id, group_id, coupon, customer, nth, minor, counted)
               select promotion_id, $1::text::uuid, coupon, $2, nth, minor, is_counted
               from given order by promotion_id),
           locked as materialized (
               select promotions.id, coupon, minor from promotions
               join given on given.promotion_id = promotions.id and is_counted
               order by promotions.id for no key update of promotions),
           used as (
               update promotions
               set uses = uses + 1, spent_minor = spent_minor + locked.minor
               from locked
               where promotions.id = locked.id and (uses_max is null or uses < uses_max)
                   and (budget_minor is null or spent_minor + locked.minor <= budget_minor)
               returning promotions.id, locked.coupon),
           unlocked as (
               update coupons set uses = uses + 1
               from used
               where coupons.code = used.coupon and (uses_max is null or uses < uses_max)
               returning code)
           select id as "id!" from used
           where coupon is null or coupon in (select code from unlocked)"#,
        group,
        customer,
        Json(redemptions) as _
    )
    .fetch_all(connection)
    .await
}

/// Every use of a group ends, and the counters that it raised fall.
pub(super) async fn release(connection: &mut PgConnection, group: &str) -> sqlx::Result<()> {
    sqlx::query!(
        "with ended as (
             update redemptions set live = false
             where group_id = $1::text::uuid and live
             returning promotion_id, coupon, minor, counted),
         locked as (
             select promotions.id, ended.coupon, ended.minor from promotions
             join ended on ended.promotion_id = promotions.id and ended.counted
             order by promotions.id for no key update of promotions),
         freed as (
             update promotions
             set uses = uses - 1, spent_minor = spent_minor - locked.minor
             from locked where promotions.id = locked.id
             returning locked.coupon)
         update coupons set uses = uses - 1
         from freed where coupons.code = freed.coupon",
        group
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// The customer's number of each use moves behind those that were made meanwhile; no counter rises.
pub(super) async fn redeem_again(connection: &mut PgConnection, group: &str) -> sqlx::Result<()> {
    sqlx::query!(
        "update redemptions set live = true, counted = false, nth = coalesce((
             select max(others.nth) from redemptions others
             where others.promotion_id = redemptions.promotion_id
                 and others.customer = redemptions.customer and others.live), 0) + 1
         where group_id = $1::text::uuid and not live",
        group
    )
    .execute(connection)
    .await?;
    Ok(())
}
