//! SQL of what recipients are asked.

use jiff_sqlx::{Date, Timestamp};
use serde_json::Value;
use souk_base::Slot;
use sqlx::PgConnection;

/// A purchase whose recipient is asked, or was.
pub(super) struct GiftRow {
    pub(super) market: String,
    pub(super) lang: String,
    pub(super) state: String,
    pub(super) city_id: i64,
    pub(super) name: Option<String>,
    pub(super) address: Option<Value>,
    pub(super) gift_message: Option<String>,
    pub(super) gift_from: Option<String>,
    pub(super) anonymous: bool,
    pub(super) said_at: Option<Timestamp>,
}

pub(super) async fn gift(connection: &mut PgConnection, group: &str) -> sqlx::Result<GiftRow> {
    sqlx::query_as!(
        GiftRow,
        r#"select market, lang, state, name, address, gift_message, gift_from, anonymous,
                  said_at as "said_at: Timestamp",
                  (select min(city_id) from orders where group_id = order_groups.id) as "city_id!"
           from order_groups join order_recipients on group_id = order_groups.id
           where order_groups.id = $1::text::uuid and asked"#,
        group
    )
    .fetch_one(connection)
    .await
}

/// An order with what its goods need.
pub(super) struct PartRow {
    pub(super) id: i64,
    pub(super) seller_id: i64,
    pub(super) state: String,
    pub(super) date: Option<Date>,
    pub(super) starts_at: Option<Timestamp>,
    pub(super) ends_at: Option<Timestamp>,
    pub(super) preparation_minutes: i32,
    pub(super) until: Option<Date>,
}

pub(super) async fn parts(
    connection: &mut PgConnection,
    group: &str,
) -> sqlx::Result<Vec<PartRow>> {
    sqlx::query_as!(
        PartRow,
        r#"select orders.id, orders.seller_id, orders.state, date as "date: Date",
                  starts_at as "starts_at: Timestamp", ends_at as "ends_at: Timestamp",
                  coalesce(max(preparation_minutes), 0) as "preparation_minutes!",
                  min(deliverable_until) as "until: Date"
           from orders
           join order_lines on order_id = orders.id
           left join offers on offers.id = offer_id
           where group_id = $1::text::uuid
           group by orders.id
           order by orders.id"#,
        group
    )
    .fetch_all(connection)
    .await
}

/// A line without its price.
pub(super) struct LineRow {
    pub(super) order_id: i64,
    pub(super) product_id: i64,
    pub(super) titles: Value,
    pub(super) options: Value,
    pub(super) quantity: i32,
}

pub(super) async fn lines(
    connection: &mut PgConnection,
    group: &str,
) -> sqlx::Result<Vec<LineRow>> {
    sqlx::query_as!(
        LineRow,
        "select order_id, product_id, titles, options, quantity
         from order_lines
         where order_id in (select id from orders where group_id = $1::text::uuid)
         order by order_id, position",
        group
    )
    .fetch_all(connection)
    .await
}

pub(super) async fn set_slot(
    connection: &mut PgConnection,
    order: i64,
    slot: &Slot,
) -> sqlx::Result<()> {
    let date = Date::from(slot.date);
    let [starts_at, ends_at, cut_off_at] =
        [slot.starts_at, slot.ends_at, slot.cut_off_at].map(Timestamp::from);
    sqlx::query!(
        "update orders
         set window_id = $2, date = $3, starts_at = $4, ends_at = $5, cut_off_at = $6, updated_at = now()
         where id = $1",
        order,
        slot.window_id.get(),
        date as _,
        starts_at as _,
        ends_at as _,
        cut_off_at as _
    )
    .execute(connection)
    .await?;
    Ok(())
}

pub(super) async fn set_address(
    connection: &mut PgConnection,
    group: &str,
    address: &Value,
    location: Option<(i32, i32)>,
    now: Timestamp,
) -> sqlx::Result<()> {
    sqlx::query!(
        "update order_recipients
         set address = $2, latitude = $3::integer / 1e6, longitude = $4::integer / 1e6, said_at = $5
         where group_id = $1::text::uuid",
        group,
        address,
        location.map(|location| location.0),
        location.map(|location| location.1),
        now as _
    )
    .execute(connection)
    .await?;
    Ok(())
}
