//! SQL that reads offers as they are shown: quick enough for millions of them.

use jiff_sqlx::Date;
use sqlx::PgConnection;

/// An active offer of an active product, with its base price if it has one.
pub(super) struct LiveRow {
    pub(super) product_id: i64,
    pub(super) ordinal: i32,
    pub(super) market: String,
    pub(super) id: i64,
    pub(super) variant_id: i64,
    pub(super) seller_id: i64,
    pub(super) preparation_minutes: i32,
    pub(super) deliverable_until: Option<Date>,
    pub(super) minor: Option<i64>,
    pub(super) list_minor: Option<i64>,
}

/// The dated price that holds now instead of an offer's base price.
pub(super) struct DatedRow {
    pub(super) offer_id: i64,
    pub(super) minor: i64,
    pub(super) list_minor: Option<i64>,
}

/// Units of an offer in one warehouse of an active city.
pub(super) struct UnitsRow {
    pub(super) offer_id: i64,
    pub(super) city_id: i64,
    pub(super) units: i64,
}

pub(super) async fn live_of_products(
    connection: &mut PgConnection,
    product_ids: &[i64],
) -> sqlx::Result<Vec<LiveRow>> {
    sqlx::query_as!(
        LiveRow,
        r#"
        select offers.product_id, products.ordinal, offers.market, offers.id, offers.variant_id,
               offers.seller_id, offers.preparation_minutes,
               offers.deliverable_until as "deliverable_until: Date",
               prices.minor as "minor?", prices.list_minor
        from offers
        join products on products.id = offers.product_id and products.state = 'active'
            and (products.publish_at is null or products.publish_at <= now())
        left join prices on prices.product_id = offers.product_id and prices.offer_id = offers.id
        where offers.product_id = any($1) and offers.state = 'active'
        order by offers.product_id, offers.id"#,
        product_ids
    )
    .fetch_all(connection)
    .await
}

pub(super) async fn live_of_offers(
    connection: &mut PgConnection,
    offer_ids: &[i64],
) -> sqlx::Result<Vec<LiveRow>> {
    sqlx::query_as!(
        LiveRow,
        r#"
        select offers.product_id, products.ordinal, offers.market, offers.id, offers.variant_id,
               offers.seller_id, offers.preparation_minutes,
               offers.deliverable_until as "deliverable_until: Date",
               prices.minor as "minor?", prices.list_minor
        from offers
        join products on products.id = offers.product_id and products.state = 'active'
            and (products.publish_at is null or products.publish_at <= now())
        left join prices on prices.offer_id = offers.id
        where offers.id = any($1) and offers.state = 'active'
        order by offers.product_id, offers.id"#,
        offer_ids
    )
    .fetch_all(connection)
    .await
}

pub(super) async fn dated_of_products(
    connection: &mut PgConnection,
    product_ids: &[i64],
) -> sqlx::Result<Vec<DatedRow>> {
    sqlx::query_as!(
        DatedRow,
        "select offer_id, minor, list_minor from price_exceptions
         where product_id = any($1) and during @> now()",
        product_ids
    )
    .fetch_all(connection)
    .await
}

pub(super) async fn dated_of_offers(
    connection: &mut PgConnection,
    offer_ids: &[i64],
) -> sqlx::Result<Vec<DatedRow>> {
    sqlx::query_as!(
        DatedRow,
        "select offer_id, minor, list_minor from price_exceptions
         where offer_id = any($1) and during @> now()",
        offer_ids
    )
    .fetch_all(connection)
    .await
}

pub(super) async fn units_of_products(
    connection: &mut PgConnection,
    product_ids: &[i64],
) -> sqlx::Result<Vec<UnitsRow>> {
    sqlx::query_as!(
        UnitsRow,
        r#"
        select stock.offer_id, warehouses.city_id, (on_hand - reserved)::bigint as "units!"
        from stock
        join warehouses on warehouses.id = stock.warehouse_id
        join cities on cities.id = warehouses.city_id and cities.active
        where stock.product_id = any($1) and on_hand > reserved"#,
        product_ids
    )
    .fetch_all(connection)
    .await
}

pub(super) async fn units_of_offers(
    connection: &mut PgConnection,
    offer_ids: &[i64],
) -> sqlx::Result<Vec<UnitsRow>> {
    sqlx::query_as!(
        UnitsRow,
        r#"
        select stock.offer_id, warehouses.city_id, (on_hand - reserved)::bigint as "units!"
        from stock
        join warehouses on warehouses.id = stock.warehouse_id
        join cities on cities.id = warehouses.city_id and cities.active
        where stock.offer_id = any($1) and on_hand > reserved"#,
        offer_ids
    )
    .fetch_all(connection)
    .await
}

/// A row of `popularity`.
pub(super) struct PopularityRow {
    pub(super) product_id: i64,
    pub(super) market: String,
    pub(super) score: f32,
}

pub(super) async fn popularity(
    connection: &mut PgConnection,
    product_ids: &[i64],
) -> sqlx::Result<Vec<PopularityRow>> {
    sqlx::query_as!(
        PopularityRow,
        "select product_id, market, score from popularity where product_id = any($1)",
        product_ids
    )
    .fetch_all(connection)
    .await
}

pub(super) async fn stocked_in(
    connection: &mut PgConnection,
    warehouse_ids: &[i64],
) -> sqlx::Result<Vec<i64>> {
    sqlx::query_scalar!(
        "select distinct product_id from stock where warehouse_id = any($1) order by product_id",
        warehouse_ids
    )
    .fetch_all(connection)
    .await
}
