//! SQL that reads orders.

use jiff_sqlx::{Date, Timestamp};
use serde_json::Value;
use sqlx::PgConnection;

use crate::carts::pricing::Amounts;

pub(super) async fn group_of(connection: &mut PgConnection, number: &str) -> sqlx::Result<String> {
    sqlx::query_scalar!(r#"select group_id::text as "id!" from orders where number = $1"#, number)
        .fetch_one(connection)
        .await
}

/// An order with its group.
pub(super) struct NumberRow {
    pub(super) group_id: String,
    pub(super) number: String,
}

pub(super) async fn of_cart(connection: &mut PgConnection, cart: &str) -> sqlx::Result<NumberRow> {
    sqlx::query_as!(
        NumberRow,
        r#"select group_id::text as "group_id!", number
           from orders join order_groups on order_groups.id = group_id
           where cart_id = $1::text::uuid
           order by orders.id limit 1"#,
        cart
    )
    .fetch_one(connection)
    .await
}

/// A group with its recipient.
pub(super) struct GroupRow {
    pub(super) id: String,
    pub(super) market: String,
    pub(super) state: String,
    pub(super) currency: String,
    pub(super) tax_inclusive: bool,
    pub(super) payment_method: String,
    pub(super) expires_at: Timestamp,
    pub(super) created_at: Timestamp,
    goods_minor: i64,
    discount_minor: i64,
    delivery_minor: i64,
    wrapping_minor: i64,
    tax_minor: i64,
    rounding_minor: i64,
    total_minor: i64,
    pub(super) name: Option<String>,
    pub(super) recipient_phone: Option<String>,
    pub(super) address: Option<Value>,
    pub(super) gift_message: Option<String>,
    pub(super) gift_from: Option<String>,
    pub(super) anonymous: Option<bool>,
    pub(super) asked: Option<bool>,
    pub(super) said_at: Option<Timestamp>,
}

impl GroupRow {
    pub(super) fn amounts(&self) -> Amounts {
        Amounts {
            goods: self.goods_minor,
            discount: self.discount_minor,
            delivery: self.delivery_minor,
            wrapping: self.wrapping_minor,
            tax: self.tax_minor,
            rounding: self.rounding_minor,
            total: self.total_minor,
        }
    }
}

pub(super) async fn group(connection: &mut PgConnection, number: &str) -> sqlx::Result<GroupRow> {
    sqlx::query_as!(
        GroupRow,
        r#"select order_groups.id::text as "id!", market, state, currency, tax_inclusive, payment_method,
                  expires_at as "expires_at: Timestamp", created_at as "created_at: Timestamp",
                  goods_minor, discount_minor, delivery_minor, wrapping_minor, tax_minor,
                  rounding_minor, total_minor, name as "name?", order_recipients.phone as "recipient_phone?",
                  address as "address?", gift_message as "gift_message?", gift_from as "gift_from?",
                  anonymous as "anonymous?", asked as "asked?",
                  said_at as "said_at?: Timestamp"
           from order_groups
           left join order_recipients on order_recipients.group_id = order_groups.id
           where order_groups.id = (select group_id from orders where number = $1)"#,
        number
    )
    .fetch_one(connection)
    .await
}

/// A row of `orders`.
pub(super) struct OrderRow {
    pub(super) id: i64,
    pub(super) number: String,
    pub(super) seller_id: i64,
    pub(super) state: String,
    pub(super) date: Option<Date>,
    pub(super) starts_at: Option<Timestamp>,
    pub(super) ends_at: Option<Timestamp>,
    goods_minor: i64,
    discount_minor: i64,
    delivery_minor: i64,
    wrapping_minor: i64,
    tax_minor: i64,
    rounding_minor: i64,
    total_minor: i64,
    pub(super) refunded_minor: i64,
    pub(super) wrapped: bool,
    wrapping_tax_minor: i64,
    wrapping_rounding_minor: i64,
    wrapping_total_minor: i64,
}

impl OrderRow {
    pub(super) fn amounts(&self) -> Amounts {
        Amounts {
            goods: self.goods_minor,
            discount: self.discount_minor,
            delivery: self.delivery_minor,
            wrapping: self.wrapping_minor,
            tax: self.tax_minor,
            rounding: self.rounding_minor,
            total: self.total_minor,
        }
    }
}

impl OrderRow {
    /// What wrapping has of the order's amounts.
    pub(super) fn wrapping(&self) -> Amounts {
        Amounts {
            wrapping: self.wrapping_minor,
            tax: self.wrapping_tax_minor,
            rounding: self.wrapping_rounding_minor,
            total: self.wrapping_total_minor,
            ..Amounts::default()
        }
    }
}

pub(super) async fn orders(
    connection: &mut PgConnection,
    group: &str,
) -> sqlx::Result<Vec<OrderRow>> {
    sqlx::query_as!(
        OrderRow,
        r#"select id, number, seller_id, state, date as "date: Date",
                  starts_at as "starts_at: Timestamp", ends_at as "ends_at: Timestamp", goods_minor,
                  discount_minor, delivery_minor, wrapping_minor, tax_minor, rounding_minor,
                  total_minor, refunded_minor, wrapped, wrapping_tax_minor,
                  wrapping_rounding_minor, wrapping_total_minor
           from orders where group_id = $1::text::uuid order by id"#,
        group
    )
    .fetch_all(connection)
    .await
}

/// A row of `order_lines`.
pub(super) struct LineRow {
    pub(super) id: i64,
    pub(super) order_id: i64,
    pub(super) product_id: i64,
    pub(super) offer_id: i64,
    pub(super) sku: String,
    pub(super) titles: Value,
    pub(super) options: Value,
    pub(super) quantity: i32,
    pub(super) unit_minor: i64,
    goods_minor: i64,
    discount_minor: i64,
    delivery_minor: i64,
    tax_minor: i64,
    rounding_minor: i64,
    total_minor: i64,
    pub(super) returned_quantity: i32,
}

impl LineRow {
    pub(super) fn amounts(&self) -> Amounts {
        Amounts {
            goods: self.goods_minor,
            discount: self.discount_minor,
            delivery: self.delivery_minor,
            wrapping: 0,
            tax: self.tax_minor,
            rounding: self.rounding_minor,
            total: self.total_minor,
        }
    }
}

pub(super) async fn lines(
    connection: &mut PgConnection,
    group: &str,
) -> sqlx::Result<Vec<LineRow>> {
    sqlx::query_as!(
        LineRow,
        "select id, order_id, product_id, offer_id, sku, titles, options, quantity, unit_minor,
                goods_minor, discount_minor, delivery_minor, tax_minor, rounding_minor, total_minor,
                returned_quantity
         from order_lines
         where order_id in (select id from orders where group_id = $1::text::uuid)
         order by order_id, position",
        group
    )
    .fetch_all(connection)
    .await
}

/// A row of `order_events`, without who and why.
pub(super) struct MomentRow {
    pub(super) order_id: Option<i64>,
    pub(super) topic: String,
    pub(super) at: Timestamp,
}

pub(super) async fn moments(
    connection: &mut PgConnection,
    group: &str,
) -> sqlx::Result<Vec<MomentRow>> {
    sqlx::query_as!(
        MomentRow,
        r#"select order_id, topic, at as "at: Timestamp"
           from order_events where group_id = $1::text::uuid order by id limit 500"#,
        group
    )
    .fetch_all(connection)
    .await
}
