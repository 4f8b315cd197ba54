//! SQL that looks for purchases that do not add up.

use sqlx::PgConnection;

/// Rows for which a rule does not hold.
pub(super) struct WrongRow {
    pub(super) ledger: i64,
    pub(super) reserved: i64,
    pub(super) slots: i64,
    pub(super) overbooked: i64,
    pub(super) promotions: i64,
    pub(super) orders: i64,
    pub(super) paid: i64,
    pub(super) carts: i64,
}

/// Each column is one rule, and all of them are read in one snapshot.
pub(super) async fn count(connection: &mut PgConnection) -> sqlx::Result<WrongRow> {
    sqlx::query_as!(
        WrongRow,
        r#"select
           (select count(*) from (
               select transfer_id, currency from ledger_entries
               group by transfer_id, currency having sum(minor) <> 0) as unbalanced) as "ledger!",
           (select count(*) from stock
            full join (
                select offer_id, warehouse_id, sum(quantity) as held from reservations
                where state in ('held', 'committed') and offer_id is not null
                group by offer_id, warehouse_id) as live using (offer_id, warehouse_id)
            where coalesce(reserved, 0) <> coalesce(held, 0)) as "reserved!",
           (select count(*) from delivery_loads
            full join (
                select window_id, date, sum(quantity) as held from reservations
                where state in ('held', 'committed') and window_id is not null
                group by window_id, date) as live using (window_id, date)
            where coalesce(reserved, 0) <> coalesce(held, 0)) as "slots!",
           (select count(*) from delivery_loads
            join delivery_windows on delivery_windows.id = window_id
            where reserved > capacity) as "overbooked!",
           (select count(*) from promotions
            where uses <> (select count(*) from redemptions
                           where promotion_id = promotions.id and live and counted)
               or spent_minor <> (select coalesce(sum(minor), 0) from redemptions
                                  where promotion_id = promotions.id and live and counted))
           + (select count(*) from coupons
              where uses <> (select count(*) from redemptions
                             where coupon = coupons.code and live and counted)) as "promotions!",
           (select count(*) from orders
            where not coalesce(
               (goods_minor, discount_minor, delivery_minor, tax_minor - wrapping_tax_minor,
                rounding_minor - wrapping_rounding_minor, total_minor - wrapping_total_minor,
                refunded_minor - wrapping_refunded_minor) = (
                   select sum(goods_minor)::bigint, sum(discount_minor)::bigint,
                          sum(delivery_minor)::bigint, sum(tax_minor)::bigint,
                          sum(rounding_minor)::bigint, sum(total_minor)::bigint,
                          sum(refunded_minor)::bigint
                   from order_lines where order_id = orders.id), false)
               or wrapping_total_minor <> wrapping_minor + wrapping_rounding_minor
                   + case when (select tax_inclusive from order_groups where id = orders.group_id)
                          then 0 else wrapping_tax_minor end)
           + (select count(*) from order_groups
              where not coalesce(
                 (goods_minor, discount_minor, delivery_minor, wrapping_minor, tax_minor,
                  rounding_minor, total_minor) = (
                     select sum(goods_minor)::bigint, sum(discount_minor)::bigint,
                            sum(delivery_minor)::bigint, sum(wrapping_minor)::bigint,
                            sum(tax_minor)::bigint, sum(rounding_minor)::bigint,
                            sum(total_minor)::bigint
                     from orders where group_id = order_groups.id), false)) as "orders!",
           (select count(*) from order_groups
            where case when account is null then 0
                       else total_minor - (select sum(refunded_minor) from orders
                                           where group_id = order_groups.id) end
                <> coalesce((
                   select sum(minor) from ledger_transfers
                   join ledger_entries on transfer_id = ledger_transfers.id
                   join ledger_accounts on ledger_accounts.id = account_id
                   where ledger_transfers.group_id = order_groups.id
                       and ledger_accounts.code = order_groups.account), 0)) as "paid!",
           (select count(*) from carts
            where (state = 'completed') <> exists (
                select from order_groups where cart_id = carts.id)) as "carts!""#
    )
    .fetch_one(connection)
    .await
}
