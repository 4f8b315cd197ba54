//! SQL that reads what messages need.

use jiff_sqlx::Timestamp;
use sqlx::PgConnection;

/// A row of `order_groups`.
pub(super) struct GroupRow {
    pub(super) lang: String,
    pub(super) email: Option<String>,
    pub(super) phone: String,
    pub(super) total_minor: i64,
    pub(super) currency: String,
    pub(super) account: Option<String>,
    pub(super) staff_id: Option<i64>,
    pub(super) expires_at: Timestamp,
    pub(super) time_zone: String,
}

pub(super) async fn group(connection: &mut PgConnection, id: &str) -> sqlx::Result<GroupRow> {
    sqlx::query_as!(
        GroupRow,
        r#"select lang, email, phone, total_minor, order_groups.currency, account, staff_id,
                  expires_at as "expires_at: Timestamp", time_zone
           from order_groups join markets on markets.code = market
           where id = $1::text::uuid"#,
        id
    )
    .fetch_one(connection)
    .await
}

/// An order's key and number.
pub(super) struct NumberRow {
    pub(super) id: i64,
    pub(super) number: String,
}

pub(super) async fn numbers(
    connection: &mut PgConnection,
    group: &str,
) -> sqlx::Result<Vec<NumberRow>> {
    sqlx::query_as!(
        NumberRow,
        "select id, number from orders where group_id = $1::text::uuid order by id",
        group
    )
    .fetch_all(connection)
    .await
}
