//! SQL of the orders slice: states of groups and orders.

use jiff_sqlx::Timestamp;
use serde_json::Value;
use sqlx::PgConnection;

use crate::carts::pricing::Amounts;

/// A group, locked.
pub(super) struct GroupRow {
    pub(super) state: String,
    pub(super) currency: String,
    pub(super) total_minor: i64,
    pub(super) expires_at: Timestamp,
}

pub(super) async fn lock_group(
    connection: &mut PgConnection,
    id: &str,
) -> sqlx::Result<Option<GroupRow>> {
    sqlx::query_as!(
        GroupRow,
        r#"select state, currency, total_minor, expires_at as "expires_at: Timestamp"
           from order_groups where id = $1::text::uuid for update"#,
        id
    )
    .fetch_optional(connection)
    .await
}

/// What was needed to limit unpaid purchases is forgotten.
/// Who bought, as far as it is known.
pub(super) struct BuyerRow {
    pub(super) visitor: Option<String>,
    pub(super) customer_id: Option<i64>,
}

pub(super) async fn place_group(
    connection: &mut PgConnection,
    id: &str,
    account: &str,
    now: Timestamp,
) -> sqlx::Result<BuyerRow> {
    sqlx::query_as!(
        BuyerRow,
        "update order_groups
         set state = 'placed', placed_at = $2, account = $3, network = null, address_hash = null
         where id = $1::text::uuid
         returning visitor, customer_id",
        id,
        now as _,
        account
    )
    .fetch_one(connection)
    .await
}

pub(super) async fn set_group_state(
    connection: &mut PgConnection,
    id: &str,
    state: &str,
) -> sqlx::Result<()> {
    sqlx::query!(
        "update order_groups set state = $2, network = null, address_hash = null
         where id = $1::text::uuid",
        id,
        state
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// What an order is worth.
pub(super) struct WorthRow {
    pub(super) id: i64,
    pub(super) market: String,
    pub(super) seller_id: i64,
    pub(super) currency: String,
    delivery_minor: i64,
    tax_minor: i64,
    rounding_minor: i64,
    total_minor: i64,
}

impl WorthRow {
    /// Goods, discount and wrapping are in the total.
    pub(super) fn amounts(&self) -> Amounts {
        Amounts {
            delivery: self.delivery_minor,
            tax: self.tax_minor,
            rounding: self.rounding_minor,
            total: self.total_minor,
            ..Amounts::default()
        }
    }
}

pub(super) async fn amounts(
    connection: &mut PgConnection,
    group: &str,
) -> sqlx::Result<Vec<WorthRow>> {
    sqlx::query_as!(
        WorthRow,
        "select orders.id, orders.market, seller_id, currency, orders.delivery_minor,
                orders.tax_minor, orders.rounding_minor, orders.total_minor
         from orders join order_groups on order_groups.id = orders.group_id
         where group_id = $1::text::uuid order by orders.id",
        group
    )
    .fetch_all(connection)
    .await
}

/// Whether orders for a slot of the group are no longer taken.
pub(super) async fn is_cut_off(
    connection: &mut PgConnection,
    id: &str,
    now: Timestamp,
) -> sqlx::Result<bool> {
    sqlx::query_scalar!(
        r#"select coalesce(bool_or(cut_off_at <= $2), false) as "over!"
           from orders where group_id = $1::text::uuid"#,
        id,
        now as _
    )
    .fetch_one(connection)
    .await
}

pub(super) async fn extend_hold(
    connection: &mut PgConnection,
    id: &str,
    until: Timestamp,
) -> sqlx::Result<Timestamp> {
    sqlx::query_scalar!(
        r#"update order_groups
           set expires_at = greatest(expires_at, least($2::timestamptz, (
               select min(cut_off_at) from orders where orders.group_id = order_groups.id)))
           where id = $1::text::uuid and state = 'pending_payment'
           returning expires_at as "expires_at: Timestamp""#,
        id,
        until as _
    )
    .fetch_one(connection)
    .await
}

pub(super) async fn due_holds(
    connection: &mut PgConnection,
    now: Timestamp,
    limit: i64,
) -> sqlx::Result<Vec<String>> {
    sqlx::query_scalar!(
        r#"select id::text as "id!" from order_groups
           where state = 'pending_payment' and expires_at <= $1
           order by expires_at limit $2"#,
        now as _,
        limit
    )
    .fetch_all(connection)
    .await
}

/// Moves the orders of a group that are in one state to another; gives their keys.
pub(super) async fn move_orders(
    connection: &mut PgConnection,
    group: &str,
    from: &str,
    to: &str,
    now: Timestamp,
) -> sqlx::Result<Vec<i64>> {
    sqlx::query_scalar!(
        "update orders set state = $3, updated_at = $4
         where group_id = $1::text::uuid and state = $2
         returning id",
        group,
        from,
        to,
        now as _
    )
    .fetch_all(connection)
    .await
}

/// A move of orders of one group.
pub(super) struct Moved<'a> {
    pub(super) group: &'a str,
    pub(super) orders: &'a [i64],
    pub(super) from: &'a str,
    pub(super) to: &'a str,
    pub(super) actor: &'a str,
    pub(super) detail: &'a Value,
}

/// Writes a move into the log and the outbox, as `order.<new state>`.
pub(super) async fn tell(
    connection: &mut PgConnection,
    moved: &Moved<'_>,
    now: Timestamp,
) -> sqlx::Result<()> {
    sqlx::query!(
        "with logged as (
             insert into order_events (group_id, order_id, topic, from_state, to_state, actor, detail, at)
             select $1::text::uuid, id, 'order.' || $4, $3, $4, $5, $6, $7
             from unnest($2::bigint[]) as id
             returning group_id, order_id, topic)
         insert into outbox (topic, subject, payload)
         select topic, 'order:' || order_id, jsonb_build_object('group', group_id, 'order', order_id)
         from logged",
        moved.group,
        moved.orders,
        moved.from,
        moved.to,
        moved.actor,
        moved.detail,
        now as _
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Writes what happened to a whole group into the log and the outbox.
pub(super) async fn note_group(
    connection: &mut PgConnection,
    group: &str,
    topic: &str,
    actor: &str,
    detail: &Value,
    now: Timestamp,
) -> sqlx::Result<()> {
    sqlx::query!(
        "with logged as (
             insert into order_events (group_id, topic, actor, detail, at)
             values ($1::text::uuid, $2, $3, $4, $5)
             returning group_id, topic)
         insert into outbox (topic, subject, payload)
         select topic, 'order_group:' || group_id, jsonb_build_object('group', group_id) from logged",
        group,
        topic,
        actor,
        detail,
        now as _
    )
    .execute(connection)
    .await?;
    Ok(())
}
