//! SQL of the recommendations slice.

use jiff_sqlx::Timestamp;
use serde::Serialize;
use sqlx::PgConnection;
use sqlx::types::Json;

/// A row of `recommendation_lists`.
#[derive(Serialize)]
pub(super) struct ListRow<'a> {
    pub(super) id: String,
    pub(super) day: String,
    pub(super) time: String,
    pub(super) market: &'a str,
    pub(super) placement: &'a str,
    pub(super) visitor: Option<&'a str>,
    pub(super) model: &'a str,
    pub(super) products: Vec<i64>,
    pub(super) experiment_id: Option<i64>,
    pub(super) teams: Option<&'a [i8]>,
}

/// A product that a visitor had to do with.
pub(super) struct TouchedRow {
    pub(super) product_id: i64,
    pub(super) time: Timestamp,
}

/// What is known of what a product brings.
pub(super) struct WorthRow {
    pub(super) ordinal: i32,
    pub(super) lookers: i64,
    pub(super) buyers: i64,
    pub(super) margin: Option<f64>,
}

/// Makes the partitions of these days where there are none.
pub(super) async fn add_days(connection: &mut PgConnection, days: &[String]) -> sqlx::Result<()> {
    sqlx::query!(
        "select add_day_partition('recommendation_lists', day::date) from unnest($1::text[]) as day",
        days
    )
    .execute(connection)
    .await?;
    Ok(())
}

pub(super) async fn insert(
    connection: &mut PgConnection,
    rows: &[ListRow<'_>],
) -> sqlx::Result<()> {
    sqlx::query!(
        "insert into recommendation_lists
             (id, day, time, market, placement, visitor, model, products, experiment_id, teams)
         select id, day, time, market, placement, visitor, model, products, experiment_id, teams
         from jsonb_to_recordset($1) as given (
             id uuid, day date, time timestamptz, market text, placement text, visitor text,
             model text, products bigint[], experiment_id bigint, teams smallint[])
         on conflict do nothing",
        Json(rows) as _
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// The latest clicks of a visitor or a customer, the newest first.
pub(super) async fn clicks(
    connection: &mut PgConnection,
    (visitor, customer): (Option<&str>, Option<i64>),
    market: &str,
    after: Timestamp,
    limit: i64,
) -> sqlx::Result<Vec<TouchedRow>> {
    sqlx::query_as!(
        TouchedRow,
        r#"select product_id as "product_id!", time as "time: Timestamp"
           from events
           where (visitor = $1 or customer = $5) and market = $2 and time > $3 and product_id is not null
               and day >= ($3 at time zone 'UTC')::date
               and type in ('detail-page-view', 'search-click', 'recommendation-click', 'add-to-cart')
           order by time desc, id desc
           limit $4"#,
        visitor,
        market,
        after as _,
        limit,
        customer
    )
    .fetch_all(connection)
    .await
}

/// The latest purchases of a visitor or a customer: here, and elsewhere as clients told them. The newest first.
pub(super) async fn purchases(
    connection: &mut PgConnection,
    (visitor, customer): (Option<&str>, Option<i64>),
    market: &str,
    after: Timestamp,
    limit: i64,
) -> sqlx::Result<Vec<TouchedRow>> {
    sqlx::query_as!(
        TouchedRow,
        r#"select product_id as "product_id!", time as "time!: Timestamp"
           from (
               select product_id, placed_at as time
               from order_groups
               join orders on group_id = order_groups.id
               join order_lines on order_id = orders.id
               where (order_groups.visitor = $1 or order_groups.customer_id = $5) and order_groups.market = $2
                   and order_groups.state in ('placed', 'completed') and placed_at is not null
                   and quantity > returned_quantity
               union all
               select item.product_id, time
               from events
               cross join lateral (
                   select events.product_id where events.product_id is not null
                   union
                   select (items.item ->> 'product_id')::bigint
                   from jsonb_array_elements(events.items) items (item)) item
               where (visitor = $1 or customer = $5) and market = $2 and time > $3 and type = 'purchase-complete'
                   and day >= ($3 at time zone 'UTC')::date
                   and not exists (select from orders where number = events.order_id)) bought
           order by time desc, product_id desc
           limit $4"#,
        visitor,
        market,
        after as _,
        limit,
        customer
    )
    .fetch_all(connection)
    .await
}

/// Who looked at and who bought each product since an instant, and what is left of its price.
pub(super) async fn worths(
    connection: &mut PgConnection,
    market: &str,
    after: Timestamp,
) -> sqlx::Result<Vec<WorthRow>> {
    sqlx::query_as!(
        WorthRow,
        r#"with looked as (
               select product_id, count(distinct visitor) as visitors
               from events
               where market = $1 and time > $2 and day >= ($2 at time zone 'UTC')::date
                   and type in ('detail-page-view', 'search-click', 'recommendation-click')
                   and product_id is not null
               group by product_id),
           bought as (
               select product_id, count(distinct who) as visitors
               from (
                   select product_id, coalesce(visitor, order_groups.id::text) as who
                   from order_groups
                   join orders on group_id = order_groups.id
                   join order_lines on order_id = orders.id
                   where order_groups.market = $1 and placed_at > $2
                       and order_groups.state in ('placed', 'completed')
                   union all
                   select product_id, visitor
                   from events
                   where market = $1 and time > $2 and day >= ($2 at time zone 'UTC')::date
                       and type = 'purchase-complete' and product_id is not null
                       and not exists (select from orders where number = events.order_id)) as buyers
               group by product_id),
           margins as (
               select variants.product_id, max((minor - cost_minor)::float8 / minor) as margin
               from offers
               join variants on variants.id = variant_id
               join prices on offer_id = offers.id
               where market = $1 and cost_minor is not null and minor > 0
               group by variants.product_id)
           select ordinal as "ordinal!", coalesce(looked.visitors, 0) as "lookers!",
                  coalesce(bought.visitors, 0) as "buyers!", margin
           from looked
           full join bought using (product_id)
           full join margins using (product_id)
           join products on products.id = product_id
           order by ordinal"#,
        market,
        after as _
    )
    .fetch_all(connection)
    .await
}

/// Drops the days that are over their time; says how many.
pub(super) async fn forget_old(connection: &mut PgConnection, days: i32) -> sqlx::Result<i32> {
    sqlx::query_scalar!(
        r#"select drop_day_partitions('recommendation_lists', (now() at time zone 'UTC')::date - $1::integer)
               as "dropped!""#,
        days
    )
    .fetch_one(connection)
    .await
}
