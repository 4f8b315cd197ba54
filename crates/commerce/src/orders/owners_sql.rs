//! SQL about whose a purchase is.

use jiff_sqlx::{Date, Timestamp};
use serde_json::Value;
use sqlx::PgConnection;

pub(super) async fn claim(
    connection: &mut PgConnection,
    customer: i64,
    email: Option<&str>,
    phone: Option<&str>,
) -> sqlx::Result<u64> {
    let done = sqlx::query!(
        "update order_groups set customer_id = $1
         where customer_id is null and (lower(email) = $2 or phone = $3)",
        customer,
        email,
        phone
    )
    .execute(connection)
    .await?;
    Ok(done.rows_affected())
}

/// An order with its first line.
pub(super) struct BoughtRow {
    pub(super) id: i64,
    pub(super) number: String,
    pub(super) group: String,
    pub(super) market: String,
    pub(super) currency: String,
    pub(super) state: String,
    pub(super) total_minor: i64,
    pub(super) created_at: Timestamp,
    pub(super) date: Option<Date>,
    pub(super) titles: Value,
    pub(super) lines: i64,
}

pub(super) async fn of_customer(
    connection: &mut PgConnection,
    customer: i64,
    below: i64,
    limit: i64,
) -> sqlx::Result<Vec<BoughtRow>> {
    sqlx::query_as!(
        BoughtRow,
        r#"select orders.id, number, group_id::text as "group!", orders.market, currency, orders.state,
                  orders.total_minor, orders.created_at as "created_at: Timestamp",
                  date as "date: Date",
                  coalesce((select titles from order_lines
                            where order_id = orders.id order by position limit 1), '{}') as "titles!",
                  (select count(*) from order_lines where order_id = orders.id) as "lines!"
           from orders join order_groups on order_groups.id = group_id
           where customer_id = $1 and orders.id < $2
           order by orders.id desc limit $3"#,
        customer,
        below,
        limit
    )
    .fetch_all(connection)
    .await
}

pub(super) async fn is_of_customer(
    connection: &mut PgConnection,
    number: &str,
    customer: i64,
) -> sqlx::Result<bool> {
    sqlx::query_scalar!(
        r#"select exists (
               select from orders join order_groups on order_groups.id = group_id
               where number = $1 and customer_id = $2) as "is!""#,
        number,
        customer
    )
    .fetch_one(connection)
    .await
}
