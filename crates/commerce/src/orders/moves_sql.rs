//! SQL of what is done with an order.

use jiff_sqlx::Timestamp;
use serde_json::Value;
use sqlx::PgConnection;

use crate::carts::pricing::Amounts;

pub(super) async fn lock_group_of(connection: &mut PgConnection, order: i64) -> sqlx::Result<()> {
    sqlx::query!(
        "select state from order_groups
         where id = (select group_id from orders where id = $1) for update",
        order
    )
    .fetch_one(connection)
    .await?;
    Ok(())
}

/// An order, locked, with what of it did not go back yet.
pub(super) struct OrderRow {
    pub(super) group_id: String,
    pub(super) market: String,
    pub(super) seller_id: i64,
    pub(super) state: String,
    pub(super) currency: String,
    pub(super) account: Option<String>,
    goods: i64,
    discount: i64,
    delivery: i64,
    wrapping: i64,
    tax: i64,
    rounding: i64,
    total: i64,
}

impl OrderRow {
    pub(super) fn left(&self) -> Amounts {
        Amounts {
            goods: self.goods,
            discount: self.discount,
            delivery: self.delivery,
            wrapping: self.wrapping,
            tax: self.tax,
            rounding: self.rounding,
            total: self.total,
        }
    }
}

pub(super) async fn order(connection: &mut PgConnection, id: i64) -> sqlx::Result<OrderRow> {
    sqlx::query_as!(
        OrderRow,
        r#"select group_id::text as "group_id!", orders.market, seller_id, orders.state, currency,
                  account,
                  orders.goods_minor - back.goods as "goods!",
                  orders.discount_minor - back.discount as "discount!",
                  orders.delivery_minor - back.delivery as "delivery!",
                  orders.wrapping_minor as "wrapping!",
                  orders.tax_minor - back.tax as "tax!",
                  orders.rounding_minor - back.rounding as "rounding!",
                  orders.total_minor - orders.refunded_minor as "total!"
           from orders
           join order_groups on order_groups.id = orders.group_id
           cross join lateral (
               select coalesce(sum(goods_minor * returned_quantity / quantity), 0)::bigint as goods,
                      coalesce(sum(discount_minor * returned_quantity / quantity), 0)::bigint as discount,
                      coalesce(sum(delivery_minor * returned_quantity / quantity), 0)::bigint as delivery,
                      coalesce(sum(tax_minor * returned_quantity / quantity), 0)::bigint as tax,
                      coalesce(sum(rounding_minor * returned_quantity / quantity), 0)::bigint as rounding
               from order_lines where order_id = orders.id) as back
           where orders.id = $1
           for update of orders"#,
        id
    )
    .fetch_one(connection)
    .await
}

/// A line as it was bought.
pub(super) struct LineRow {
    pub(super) quantity: i32,
    pub(super) returned_quantity: i32,
    goods_minor: i64,
    discount_minor: i64,
    delivery_minor: i64,
    tax_minor: i64,
    rounding_minor: i64,
    total_minor: i64,
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

pub(super) async fn line(
    connection: &mut PgConnection,
    order: i64,
    line: i64,
) -> sqlx::Result<LineRow> {
    sqlx::query_as!(
        LineRow,
        "select quantity, returned_quantity, goods_minor, discount_minor, delivery_minor, tax_minor,
                rounding_minor, total_minor
         from order_lines where order_id = $1 and id = $2",
        order,
        line
    )
    .fetch_one(connection)
    .await
}

pub(super) async fn return_units(
    connection: &mut PgConnection,
    line: i64,
    quantity: i32,
    minor: i64,
) -> sqlx::Result<()> {
    sqlx::query!(
        "update order_lines
         set returned_quantity = returned_quantity + $2, refunded_minor = refunded_minor + $3
         where id = $1",
        line,
        quantity,
        minor
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Nothing of the order is the shopper's any more.
pub(super) async fn return_everything(
    connection: &mut PgConnection,
    order: i64,
) -> sqlx::Result<()> {
    sqlx::query!(
        "update order_lines
         set returned_quantity = quantity,
             refunded_minor = case when orders.refunded_minor > 0 then order_lines.total_minor else 0 end
         from orders where orders.id = order_lines.order_id and order_id = $1",
        order
    )
    .execute(&mut *connection)
    .await?;
    sqlx::query!(
        "update orders set wrapping_refunded_minor = wrapping_total_minor
         where id = $1 and refunded_minor > 0",
        order
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// What wrapping has of an order's amounts; it counts as gone back from now on.
pub(super) async fn return_wrapping(
    connection: &mut PgConnection,
    order: i64,
) -> sqlx::Result<Amounts> {
    let row = sqlx::query!(
        "update orders set wrapping_refunded_minor = wrapping_total_minor where id = $1
         returning wrapping_minor, wrapping_tax_minor, wrapping_rounding_minor, wrapping_total_minor",
        order
    )
    .fetch_one(connection)
    .await?;
    Ok(Amounts {
        wrapping: row.wrapping_minor,
        tax: row.wrapping_tax_minor,
        rounding: row.wrapping_rounding_minor,
        total: row.wrapping_total_minor,
        ..Amounts::default()
    })
}

pub(super) async fn is_all_returned(
    connection: &mut PgConnection,
    order: i64,
) -> sqlx::Result<bool> {
    sqlx::query_scalar!(
        r#"select not exists (
               select from order_lines where order_id = $1 and returned_quantity < quantity) as "all!""#,
        order
    )
    .fetch_one(connection)
    .await
}

pub(super) async fn add_refunded(
    connection: &mut PgConnection,
    order: i64,
    minor: i64,
) -> sqlx::Result<()> {
    sqlx::query!(
        "update orders set refunded_minor = refunded_minor + $2 where id = $1",
        order,
        minor
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Whether the order was where it was thought to be.
pub(super) async fn set_state(
    connection: &mut PgConnection,
    order: i64,
    from: &str,
    to: &str,
    now: Timestamp,
) -> sqlx::Result<bool> {
    let done = sqlx::query!(
        "update orders set state = $3, updated_at = $4 where id = $1 and state = $2",
        order,
        from,
        to,
        now as _
    )
    .execute(connection)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// A move of an order.
pub(super) struct Told<'a> {
    pub(super) order: i64,
    pub(super) from: &'a str,
    pub(super) to: &'a str,
    pub(super) actor: &'a str,
    pub(super) detail: &'a Value,
}

/// Writes a move into the log and the outbox, as `order.<new state>`.
pub(super) async fn tell(
    connection: &mut PgConnection,
    told: &Told<'_>,
    now: Timestamp,
) -> sqlx::Result<()> {
    sqlx::query!(
        "with logged as (
             insert into order_events (group_id, order_id, topic, from_state, to_state, actor, detail, at)
             select group_id, id, 'order.' || $3, $2, $3, $4, $5, $6 from orders where id = $1
             returning group_id, order_id, topic)
         insert into outbox (topic, subject, payload)
         select topic, 'order:' || order_id, jsonb_build_object('group', group_id, 'order', order_id)
         from logged",
        told.order,
        told.from,
        told.to,
        told.actor,
        told.detail,
        now as _
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Writes what happened to an order that stays where it is.
pub(super) async fn note(
    connection: &mut PgConnection,
    order: i64,
    topic: &str,
    actor: &str,
    detail: &Value,
    now: Timestamp,
) -> sqlx::Result<()> {
    sqlx::query!(
        "with logged as (
             insert into order_events (group_id, order_id, topic, actor, detail, at)
             select group_id, id, $2, $3, $4, $5 from orders where id = $1
             returning group_id, order_id, topic)
         insert into outbox (topic, subject, payload)
         select topic, 'order:' || order_id, jsonb_build_object('group', group_id, 'order', order_id)
         from logged",
        order,
        topic,
        actor,
        detail,
        now as _
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Ends a group all of whose orders have come to an end; gives its new state.
pub(super) async fn complete_group(
    connection: &mut PgConnection,
    group: &str,
    now: Timestamp,
) -> sqlx::Result<Option<String>> {
    sqlx::query_scalar!(
        "update order_groups
         set state = case when ended.given_up then 'cancelled' else 'completed' end,
             placed_at = coalesce(placed_at, case when not ended.given_up then $2::timestamptz end),
             network = null, address_hash = null
         from (select bool_and(state in ('cancelled', 'rejected')) as given_up,
                      bool_and(state in ('cancelled', 'rejected', 'closed', 'returned', 'expired')) as over
               from orders where group_id = $1::text::uuid) as ended
         where id = $1::text::uuid and order_groups.state in ('pending_payment', 'placed') and ended.over
         returning order_groups.state",
        group,
        now as _
    )
    .fetch_optional(connection)
    .await
}
