//! SQL of the board of orders.

use jiff_sqlx::{Date, Timestamp};
use serde_json::Value;
use sqlx::PgConnection;

/// An order of the board.
pub(super) struct BoardRow {
    pub(super) number: String,
    pub(super) market: String,
    pub(super) seller_id: i64,
    pub(super) city_id: i64,
    pub(super) state: String,
    pub(super) in_state: i64,
    pub(super) date: Option<Date>,
    pub(super) starts_at: Option<Timestamp>,
    pub(super) ends_at: Option<Timestamp>,
    pub(super) total_minor: i64,
    pub(super) currency: String,
    pub(super) units: i64,
    pub(super) name: Option<String>,
    pub(super) waits: bool,
}

/// The first orders of each open state, and those that were delivered lately.
pub(super) async fn board(
    connection: &mut PgConnection,
    market: Option<&str>,
    delivered_since: Timestamp,
    limit: i64,
) -> sqlx::Result<Vec<BoardRow>> {
    sqlx::query_as!(
        BoardRow,
        r#"with placed as (
               select id, row_number() over (partition by state order by ends_at nulls first, id) as place,
                      count(*) over (partition by state) as in_state
               from orders
               where (state in ('placed', 'accepted', 'preparing', 'ready', 'out_for_delivery', 'delivery_failed')
                      or (state = 'delivered' and updated_at >= $2))
                   and ($1::text is null or market = $1))
           select number, orders.market, seller_id, city_id, orders.state, in_state as "in_state!",
                  date as "date: Date", starts_at as "starts_at: Timestamp",
                  ends_at as "ends_at: Timestamp", orders.total_minor, currency,
                  (select coalesce(sum(quantity - returned_quantity), 0) from order_lines
                   where order_id = orders.id) as "units!",
                  name as "name?", coalesce(asked and said_at is null, false) as "waits!"
           from placed
           join orders on orders.id = placed.id
           join order_groups on order_groups.id = orders.group_id
           left join order_recipients on order_recipients.group_id = orders.group_id
           where place <= $3
           order by orders.state, place"#,
        market,
        delivered_since as _,
        limit
    )
    .fetch_all(connection)
    .await
}

pub(super) async fn newest_change(connection: &mut PgConnection) -> sqlx::Result<i64> {
    sqlx::query_scalar!(r#"select coalesce(max(id), 0) as "id!" from order_events"#)
        .fetch_one(connection)
        .await
}

/// Who bought.
pub(super) struct BuyerRow {
    pub(super) phone: String,
    pub(super) email: Option<String>,
}

pub(super) async fn buyer(connection: &mut PgConnection, group: &str) -> sqlx::Result<BuyerRow> {
    sqlx::query_as!(
        BuyerRow,
        "select phone, email from order_groups where id = $1::text::uuid",
        group
    )
    .fetch_one(connection)
    .await
}

/// A row of `order_events` with who and why.
pub(super) struct DeedRow {
    pub(super) order_id: Option<i64>,
    pub(super) topic: String,
    pub(super) actor: String,
    pub(super) staff_name: Option<String>,
    pub(super) detail: Value,
    pub(super) at: Timestamp,
}

pub(super) async fn history(
    connection: &mut PgConnection,
    group: &str,
) -> sqlx::Result<Vec<DeedRow>> {
    sqlx::query_as!(
        DeedRow,
        r#"select order_id, topic, actor, detail, at as "at: Timestamp",
                  (select name from staff where actor = 'staff:' || staff.id) as staff_name
           from order_events where group_id = $1::text::uuid order by id limit 500"#,
        group
    )
    .fetch_all(connection)
    .await
}
