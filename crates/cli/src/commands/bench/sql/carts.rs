//! SQL of the bench of checkouts: what carts are made of, and their contents.

use sqlx::PgPool;

/// An offer with stock, where it can be delivered.
#[derive(Clone, Debug, sqlx::FromRow)]
pub(in crate::commands::bench) struct Deliverable {
    pub(in crate::commands::bench) offer_id: i64,
    pub(in crate::commands::bench) market: String,
    pub(in crate::commands::bench) city_id: i64,
    pub(in crate::commands::bench) window_id: i64,
}

/// Fills stock, gives every city a window and takes cash for any amount, so that nothing is refused under the clock; earlier
/// purchases stay.
pub(in crate::commands::bench) async fn provide(db: &PgPool) -> sqlx::Result<()> {
    sqlx::raw_sql(
        "update stock set on_hand = reserved + 1000000;
         update markets set flags = flags || '{\"cash_on_delivery\": true}';
         update payment_methods set min_minor = 1, max_minor = default where code = 'cash';
         insert into delivery_windows (city_id, starts_at, ends_at, cut_off_at)
         select id, '10:00', '14:00', '09:00' from cities
         where not exists (select from delivery_windows
                           where city_id = cities.id and seller_id is null and cardinality(weekdays) = 7)",
    )
    .execute(db)
    .await
    .map(drop)
}

/// One offer of each product and market, in the order of products.
pub(in crate::commands::bench) async fn deliverable(db: &PgPool) -> sqlx::Result<Vec<Deliverable>> {
    sqlx::query_as(
        "select distinct on (offers.product_id, offers.market)
                offers.id as offer_id, offers.market, warehouses.city_id,
                (select min(id) from delivery_windows
                 where city_id = warehouses.city_id and seller_id is null
                     and cardinality(weekdays) = 7) as window_id
         from offers
         join products on products.id = offers.product_id and products.state = 'active'
         join payment_methods ways on ways.market = offers.market and ways.code = 'cash' and ways.enabled
         join prices on prices.offer_id = offers.id
         join stock on stock.offer_id = offers.id
         join warehouses on warehouses.id = stock.warehouse_id
         join cities on cities.id = warehouses.city_id and cities.active
         where offers.state = 'active' and offers.deliverable_until is null
             and not exists (select from delivery_windows
                             where city_id = warehouses.city_id and seller_id = offers.seller_id)
         order by offers.product_id, offers.market, offers.id",
    )
    .fetch_all(db)
    .await
}

/// Puts an offer into each of these carts and says where and when it is to go: in some of the next days, by turns.
pub(in crate::commands::bench) async fn fill(
    db: &PgPool,
    carts: &[String],
    offers: &[Deliverable],
) -> sqlx::Result<()> {
    let ids: Vec<i64> = offers.iter().map(|offer| offer.offer_id).collect();
    let cities: Vec<i64> = offers.iter().map(|offer| offer.city_id).collect();
    let windows: Vec<i64> = offers.iter().map(|offer| offer.window_id).collect();
    sqlx::query(
        "with given as (
             select * from unnest($1::text[]::uuid[], $2::bigint[], $3::bigint[], $4::bigint[])
                 with ordinality as given (cart, offer, city, delivery_window, place)),
         filled as (
             insert into cart_lines (cart_id, offer_id, quantity, minor)
             select cart, offer, 1, 1 from given)
         update carts
         set recipient = 'Bench', phone = '+96511111111', address = '\"Block 1\"', city_id = city,
             date = current_date + 2 + (place % 14)::integer, window_id = delivery_window
         from given where carts.id = given.cart",
    )
    .bind(carts)
    .bind(ids)
    .bind(cities)
    .bind(windows)
    .execute(db)
    .await
    .map(drop)
}
