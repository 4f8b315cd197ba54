//! SQL of the list of orders, and of what happened lately.

use jiff_sqlx::{Date, Timestamp};
use sqlx::PgConnection;

/// Which orders are looked for.
pub(super) struct Wanted<'a> {
    pub(super) market: Option<&'a str>,
    pub(super) state: Option<&'a str>,
    pub(super) seller: Option<i64>,
    pub(super) date: Option<Date>,
    pub(super) text: Option<&'a str>,
}

/// An order with what its purchase says.
pub(super) struct ListedRow {
    pub(super) id: i64,
    pub(super) number: String,
    pub(super) group: String,
    pub(super) market: String,
    pub(super) seller_id: i64,
    pub(super) city_id: i64,
    pub(super) state: String,
    pub(super) date: Option<Date>,
    pub(super) starts_at: Option<Timestamp>,
    pub(super) ends_at: Option<Timestamp>,
    pub(super) total_minor: i64,
    pub(super) currency: String,
    pub(super) name: Option<String>,
    pub(super) phone: String,
    pub(super) staff_id: Option<i64>,
    pub(super) created_at: Timestamp,
}

pub(super) async fn list(
    connection: &mut PgConnection,
    wanted: &Wanted<'_>,
    below: i64,
    limit: i64,
) -> sqlx::Result<Vec<ListedRow>> {
    sqlx::query_as!(
        ListedRow,
        r#"select orders.id, number, orders.group_id::text as "group!", orders.market, seller_id, city_id,
                  orders.state, date as "date: Date", starts_at as "starts_at: Timestamp",
                  ends_at as "ends_at: Timestamp", orders.total_minor, currency, name as "name?",
                  order_groups.phone, staff_id, orders.created_at as "created_at: Timestamp"
           from orders
           join order_groups on order_groups.id = orders.group_id
           left join order_recipients on order_recipients.group_id = orders.group_id
           where orders.id < $1
               and ($2::text is null or orders.market = $2)
               and ($3::text is null or orders.state = $3)
               and ($4::bigint is null or seller_id = $4)
               and ($5::date is null or date = $5)
               and ($6::text is null or number = upper($6) or order_groups.phone = $6
                    or lower(email) = lower($6) or order_recipients.phone = $6
                    or lower(name) = lower($6))
           order by orders.id desc limit $7"#,
        below,
        wanted.market,
        wanted.state,
        wanted.seller,
        wanted.date as _,
        wanted.text,
        limit
    )
    .fetch_all(connection)
    .await
}

/// A row of `order_events` with its order.
pub(super) struct HappeningRow {
    pub(super) id: i64,
    pub(super) number: Option<String>,
    pub(super) group: String,
    pub(super) market: String,
    pub(super) topic: String,
    pub(super) to_state: Option<String>,
    pub(super) at: Timestamp,
}

pub(super) async fn happened_after(
    connection: &mut PgConnection,
    id: i64,
    limit: i64,
) -> sqlx::Result<Vec<HappeningRow>> {
    sqlx::query_as!(
        HappeningRow,
        r#"select order_events.id, number as "number?", order_events.group_id::text as "group!",
                  order_groups.market, topic, to_state, at as "at: Timestamp"
           from order_events
           join order_groups on order_groups.id = order_events.group_id
           left join orders on orders.id = order_id
           where order_events.id > $1
           order by order_events.id limit $2"#,
        id,
        limit
    )
    .fetch_all(connection)
    .await
}
