//! SQL of changing many products at once.

use jiff_sqlx::Timestamp;
use serde::Serialize;
use sqlx::PgConnection;
use sqlx::types::Json;

/// Locks those of these products that exist and gives their ids; in order, so that two changes do not wait for
/// each other.
pub(super) async fn lock(connection: &mut PgConnection, ids: &[i64]) -> sqlx::Result<Vec<i64>> {
    sqlx::query_scalar!("select id from products where id = any($1) order by id for update", ids)
        .fetch_all(connection)
        .await
}

/// What is to change of products.
pub(super) struct Change {
    pub(super) state: Option<&'static str>,
    pub(super) sets_publish_at: bool,
    pub(super) publish_at: Option<Timestamp>,
    pub(super) category_id: Option<i64>,
}

pub(super) async fn update(
    connection: &mut PgConnection,
    ids: &[i64],
    change: &Change,
) -> sqlx::Result<()> {
    sqlx::query!(
        "update products
         set state = coalesce($2, state),
             publish_at = case when $3 then $4 else publish_at end,
             category_id = coalesce($5, category_id),
             updated_at = now()
         where id = any($1)",
        ids,
        change.state,
        change.sets_publish_at,
        change.publish_at as _,
        change.category_id
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// A base price of the house and the step of its market.
pub(super) struct PriceRow {
    pub(super) offer_id: i64,
    pub(super) minor: i64,
    pub(super) list_minor: Option<i64>,
    pub(super) payable_step: i64,
}

pub(super) async fn prices(
    connection: &mut PgConnection,
    product_ids: &[i64],
    market: Option<&str>,
) -> sqlx::Result<Vec<PriceRow>> {
    sqlx::query_as!(
        PriceRow,
        "select prices.offer_id, prices.minor, prices.list_minor, markets.payable_step
         from prices
         join offers on offers.id = prices.offer_id
         join sellers on sellers.id = offers.seller_id and sellers.house
         join markets on markets.code = offers.market
         where prices.product_id = any($1) and ($2::text is null or offers.market = $2)
         order by prices.offer_id
         for update of prices",
        product_ids,
        market
    )
    .fetch_all(connection)
    .await
}

/// What an offer is to cost.
#[derive(Serialize)]
pub(super) struct NewPrice {
    pub(super) offer_id: i64,
    pub(super) minor: i64,
    pub(super) list_minor: Option<i64>,
}

pub(super) async fn set_prices(
    connection: &mut PgConnection,
    prices: &[NewPrice],
) -> sqlx::Result<()> {
    sqlx::query!(
        "update prices set minor = given.minor, list_minor = given.list_minor
         from jsonb_to_recordset($1) as given (offer_id bigint, minor bigint, list_minor bigint)
         where prices.offer_id = given.offer_id",
        Json(prices) as _
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Gives how many rows are new or changed.
pub(super) async fn set_stock(
    connection: &mut PgConnection,
    product_ids: &[i64],
    city_id: Option<i64>,
    on_hand: i32,
) -> sqlx::Result<u64> {
    let written = sqlx::query!(
        "insert into stock (offer_id, warehouse_id, on_hand)
         select offers.id, warehouses.id, $3
         from offers
         join sellers on sellers.id = offers.seller_id and sellers.house
         join warehouses on warehouses.seller_id = sellers.id
         join cities on cities.id = warehouses.city_id and cities.market = offers.market
         where offers.product_id = any($1) and ($2::bigint is null or cities.id = $2)
         order by offers.id, warehouses.id
         on conflict (offer_id, warehouse_id) do update
         set on_hand = greatest(excluded.on_hand, stock.reserved)
         where stock.on_hand <> greatest(excluded.on_hand, stock.reserved)",
        product_ids,
        city_id,
        on_hand
    )
    .execute(connection)
    .await?;
    Ok(written.rows_affected())
}
