//! SQL of the reservations slice. Counters are always locked in the order of their keys, stock before windows.

use jiff_sqlx::Date;
use sqlx::PgConnection;

use super::Scarce;

pub(super) async fn commit(connection: &mut PgConnection, group: &str) -> sqlx::Result<()> {
    sqlx::query!(
        "update reservations set state = 'committed'
         where group_id = $1::text::uuid and state = 'held'",
        group
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Something that a purchase wants and that is not there.
pub(super) struct LackingRow {
    offer_id: Option<i64>,
    window_id: Option<i64>,
}

impl LackingRow {
    pub(super) fn scarce(&self) -> Scarce {
        match self.offer_id {
            Some(id) => Scarce::Stock(id.into()),
            // reservations_of_stock_or_slot: it has one of the two.
            None => Scarce::Slot(self.window_id.unwrap_or_default().into()),
        }
    }
}

/// Locks every counter that the expired reservations of a group were of; gives one without enough room.
pub(super) async fn lacking_again(
    connection: &mut PgConnection,
    group: &str,
) -> sqlx::Result<Option<LackingRow>> {
    let rows = sqlx::query_as!(
        LackingRow,
        r#"with wanted as (
               select offer_id, warehouse_id, window_id, date, sum(quantity) as quantity
               from reservations where group_id = $1::text::uuid and state = 'expired'
               group by offer_id, warehouse_id, window_id, date),
           goods as materialized (
               select stock.offer_id, stock.warehouse_id, on_hand - reserved as room
               from stock join wanted using (offer_id, warehouse_id)
               order by stock.offer_id, stock.warehouse_id for update of stock),
           places as materialized (
               select loads.window_id, loads.date, coalesce(capacity, 2147483647) - reserved as room
               from delivery_loads loads
               join wanted using (window_id, date)
               join delivery_windows windows on windows.id = loads.window_id
               order by loads.window_id, loads.date for update of loads)
           select wanted.offer_id as "offer_id?", wanted.window_id as "window_id?"
           from wanted
           left join goods using (offer_id, warehouse_id)
           left join places on places.window_id = wanted.window_id and places.date = wanted.date
           where coalesce(goods.room, places.room, 0) < wanted.quantity"#,
        group
    )
    .fetch_all(connection)
    .await?;
    Ok(rows.into_iter().next())
}

/// Raises the counters of the expired reservations of a group again, which [`lacking_again`] has locked.
pub(super) async fn reserve_again(connection: &mut PgConnection, group: &str) -> sqlx::Result<()> {
    sqlx::query!(
        "with taken as (
             update reservations set state = 'committed'
             where group_id = $1::text::uuid and state = 'expired'
             returning offer_id, warehouse_id, window_id, date, quantity),
         goods as (
             update stock set reserved = reserved + wanted.quantity
             from (select offer_id, warehouse_id, sum(quantity)::integer as quantity
                   from taken where offer_id is not null group by offer_id, warehouse_id) as wanted
             where stock.offer_id = wanted.offer_id and stock.warehouse_id = wanted.warehouse_id)
         update delivery_loads set reserved = reserved + wanted.quantity
         from (select window_id, date, sum(quantity)::integer as quantity
               from taken where window_id is not null group by window_id, date) as wanted
         where delivery_loads.window_id = wanted.window_id and delivery_loads.date = wanted.date",
        group
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Ends what a group, or one order, still holds, and lowers the counters by it.
pub(super) async fn give_back(
    connection: &mut PgConnection,
    group: Option<&str>,
    order: Option<i64>,
    state: &str,
) -> sqlx::Result<()> {
    sqlx::query!(
        "with ended as (
             update reservations set state = $3
             where group_id = coalesce($1::text::uuid, (select group_id from orders where id = $2))
                 and ($2::bigint is null or order_id = $2) and state in ('held', 'committed')
             returning offer_id, warehouse_id, window_id, date, quantity),
         goods as (
             select stock.offer_id, stock.warehouse_id, ended.quantity
             from stock
             join (select offer_id, warehouse_id, sum(quantity)::integer as quantity
                   from ended where offer_id is not null group by offer_id, warehouse_id) as ended
                 using (offer_id, warehouse_id)
             order by stock.offer_id, stock.warehouse_id for update of stock),
         freed as (
             update stock set reserved = reserved - goods.quantity
             from goods
             where stock.offer_id = goods.offer_id and stock.warehouse_id = goods.warehouse_id),
         places as (
             select loads.window_id, loads.date, ended.quantity
             from delivery_loads loads
             join (select window_id, date, sum(quantity)::integer as quantity
                   from ended where window_id is not null group by window_id, date) as ended
                 using (window_id, date)
             order by loads.window_id, loads.date for update of loads)
         update delivery_loads set reserved = reserved - places.quantity
         from places
         where delivery_loads.window_id = places.window_id and delivery_loads.date = places.date",
        group,
        order,
        state
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Takes the goods of an order out of stock. Its place in the window stays taken.
pub(super) async fn consume(connection: &mut PgConnection, order: i64) -> sqlx::Result<()> {
    sqlx::query!(
        "with ended as (
             update reservations set state = 'consumed'
             where group_id = (select group_id from orders where id = $1)
                 and order_id = $1 and state = 'committed' and offer_id is not null
             returning offer_id, warehouse_id, quantity),
         goods as (
             select stock.offer_id, stock.warehouse_id, ended.quantity
             from stock
             join (select offer_id, warehouse_id, sum(quantity)::integer as quantity
                   from ended group by offer_id, warehouse_id) as ended
                 using (offer_id, warehouse_id)
             order by stock.offer_id, stock.warehouse_id for update of stock)
         update stock
         set reserved = reserved - goods.quantity, on_hand = on_hand - goods.quantity
         from goods
         where stock.offer_id = goods.offer_id and stock.warehouse_id = goods.warehouse_id",
        order
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Lessens what an order has of the offers of its lines by so many units; a row of which nothing is left is released.
pub(super) async fn lessen(
    connection: &mut PgConnection,
    order: i64,
    lines: &[i64],
    quantities: &[i32],
) -> sqlx::Result<()> {
    sqlx::query!(
        "with given as (
             select order_lines.offer_id, sum(wanted.quantity)::integer as quantity
             from unnest($2::bigint[], $3::integer[]) as wanted (line, quantity)
             join order_lines on order_lines.id = wanted.line and order_id = $1
             group by order_lines.offer_id),
         had as materialized (
             select reservations.id, reservations.state, offer_id, warehouse_id, given.quantity
             from reservations join given using (offer_id)
             where group_id = (select group_id from orders where id = $1)
                 and order_id = $1 and state in ('committed', 'consumed')
             for update of reservations),
         lessened as (
             update reservations
             set quantity = case when reservations.quantity > had.quantity
                                 then reservations.quantity - had.quantity else reservations.quantity end,
                 state = case when reservations.quantity > had.quantity then reservations.state
                              else 'released' end
             from had where reservations.id = had.id),
         goods as (
             select stock.offer_id, stock.warehouse_id, had.quantity, had.state
             from stock join had using (offer_id, warehouse_id)
             order by stock.offer_id, stock.warehouse_id for update of stock)
         update stock
         set reserved = reserved - case when goods.state = 'committed' then goods.quantity else 0 end,
             on_hand = on_hand + case when goods.state = 'consumed' then goods.quantity else 0 end
         from goods
         where stock.offer_id = goods.offer_id and stock.warehouse_id = goods.warehouse_id",
        order,
        lines,
        quantities
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Raises a window's counter by one where there is room, and writes down for whom.
pub(super) async fn seat(
    connection: &mut PgConnection,
    order: i64,
    window: i64,
    date: Date,
) -> sqlx::Result<bool> {
    let seated = sqlx::query!(
        "with seated as (
             insert into delivery_loads (window_id, date, reserved)
             select id, $3, 1 from delivery_windows
             where id = $2 and coalesce(capacity, 2147483647) >= 1
             on conflict (window_id, date) do update
             set reserved = delivery_loads.reserved + 1
             where delivery_loads.reserved + 1 <= coalesce((
                 select capacity from delivery_windows where id = excluded.window_id), 2147483647)
             returning window_id, date)
         insert into reservations (group_id, order_id, state, quantity, window_id, date)
         select group_id, orders.id, 'committed', 1, seated.window_id, seated.date
         from seated join orders on orders.id = $1",
        order,
        window,
        date as _
    )
    .execute(connection)
    .await?;
    Ok(seated.rows_affected() == 1)
}
