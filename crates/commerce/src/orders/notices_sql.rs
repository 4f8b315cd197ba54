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
    /// Who is spoken to for its payment.
    pub(super) connector: Option<String>,
    pub(super) instructions: Option<String>,
    /// The market's first language.
    pub(super) market_lang: String,
    pub(super) recipient_phone: Option<String>,
    pub(super) gift_from: Option<String>,
    pub(super) anonymous: bool,
    /// Whether the recipient has still to say where and when.
    pub(super) waits: bool,
}

pub(super) async fn group(connection: &mut PgConnection, id: &str) -> sqlx::Result<GroupRow> {
    sqlx::query_as!(
        GroupRow,
        r#"select order_groups.lang, connector as "connector?", instructions as "instructions?", email, order_groups.phone, total_minor, order_groups.currency, account, staff_id,
                  expires_at as "expires_at: Timestamp", time_zone, languages[1] as "market_lang!",
                  order_recipients.phone as "recipient_phone?", gift_from as "gift_from?",
                  coalesce(anonymous, false) as "anonymous!",
                  coalesce(asked and said_at is null, false) as "waits!"
           from order_groups
           join markets on markets.code = order_groups.market
           left join payment_methods on payment_methods.market = order_groups.market
               and payment_methods.code = payment_method
           left join payment_method_translations told on method_id = payment_methods.id
               and told.lang = order_groups.lang
           left join order_recipients on group_id = order_groups.id
           where order_groups.id = $1::text::uuid"#,
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
