//! SQL of the events slice.

use serde::Serialize;
use serde_json::Value;
use sqlx::PgConnection;
use sqlx::types::Json;

/// A row of `events`.
#[derive(Serialize)]
pub(super) struct EventRow<'a> {
    pub(super) id: &'a str,
    pub(super) day: String,
    pub(super) time: String,
    #[serde(rename = "type")]
    pub(super) kind: &'static str,
    pub(super) visitor: &'a str,
    pub(super) session: Option<&'a str>,
    pub(super) customer: Option<i64>,
    pub(super) market: &'a str,
    pub(super) product_id: Option<i64>,
    pub(super) items: Option<&'a Value>,
    pub(super) query_id: Option<String>,
    pub(super) position: Option<i32>,
    pub(super) cart_id: Option<&'a str>,
    pub(super) order_id: Option<&'a str>,
    pub(super) placement: Option<&'a str>,
    pub(super) token: Option<&'a str>,
    pub(super) list_id: Option<String>,
    pub(super) value: Option<f64>,
}

/// Makes the partitions of these days where there are none.
pub(super) async fn add_days(connection: &mut PgConnection, days: &[String]) -> sqlx::Result<()> {
    sqlx::query!(
        "select add_day_partition('events', day::date) from unnest($1::text[]) as day",
        days
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Inserts what is new and gives the ids of that. An id may come again with another time, so it is looked for on each
/// day that is still open.
pub(super) async fn insert(
    connection: &mut PgConnection,
    rows: &[EventRow<'_>],
) -> sqlx::Result<Vec<String>> {
    sqlx::query_scalar!(
        "insert into events (id, day, time, type, visitor, session, customer, market, product_id, items, query_id,
                             position, cart_id, order_id, placement, token, list_id, value)
         select id, day, time, type, visitor, session, customer, market, product_id, items, query_id, position, cart_id,
                order_id, placement, token, list_id, value
         from jsonb_to_recordset($1) as given (
             id text, day date, time timestamptz, type text, visitor text, session text,
             customer bigint, market text,
             product_id bigint, items jsonb, query_id uuid, position integer, cart_id text,
             order_id text, placement text, token text, list_id uuid, value double precision)
         where not exists (
             select from events known
             where known.id = given.id
                 and known.day between (now() at time zone 'UTC')::date - 9
                                   and (now() at time zone 'UTC')::date + 1)
         on conflict do nothing
         returning id",
        Json(rows) as _
    )
    .fetch_all(connection)
    .await
}

/// The search whose hit a visitor opened last, of this product and since this time.
pub(super) async fn search_before(
    connection: &mut PgConnection,
    visitor: &str,
    market: &str,
    product_id: i64,
    since: &str,
) -> sqlx::Result<Option<String>> {
    sqlx::query_scalar!(
        r#"select query_id::text as "query_id!" from events
           where visitor = $1 and market = $2 and product_id = $3 and query_id is not null
               and type in ('search-click', 'detail-page-view')
               and time > $4::text::timestamptz and day >= ($4::text::timestamptz at time zone 'UTC')::date
           order by time desc limit 1"#,
        visitor,
        market,
        product_id,
        since
    )
    .fetch_optional(connection)
    .await
}

/// Drops the days that are over their time; says how many.
pub(super) async fn forget_old(connection: &mut PgConnection, days: i32) -> sqlx::Result<i32> {
    sqlx::query_scalar!(
        r#"select drop_day_partitions('events', (now() at time zone 'UTC')::date - $1::integer)
               as "dropped!""#,
        days
    )
    .fetch_one(connection)
    .await
}
