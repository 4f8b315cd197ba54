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

/// To be copied. That the prices lie in the range as well follows from the join, but PostgreSQL does not see it, and would
/// look up each or read them all.
pub(super) fn active_between(first: i64, last: i64) -> String {
    format!(
        "select offers.product_id, offers.id, variant_id, seller_id, market, preparation_minutes,
                deliverable_until, minor, list_minor
         from offers
         left join prices on prices.product_id = offers.product_id and prices.offer_id = offers.id
             and prices.product_id between {first} and {last}
         where offers.product_id between {first} and {last} and state = 'active'"
    )
}

/// To be copied.
pub(super) fn dated_between(first: i64, last: i64) -> String {
    format!(
        "select offer_id, minor, list_minor from price_exceptions
         where product_id between {first} and {last} and during @> now()"
    )
}

/// To be copied. Where the warehouses stand is left to the reader: a join would cost as much as the rows.
pub(super) fn units_between(first: i64, last: i64) -> String {
    format!(
        "select offer_id, warehouse_id, on_hand - reserved from stock
         where product_id between {first} and {last} and on_hand > reserved"
    )
}

/// To be copied.
pub(super) fn popularity_between(first: i64, last: i64) -> String {
    format!(
        "select product_id, market, score from popularity
         where product_id between {first} and {last}"
    )
}

/// Warehouses in active cities, each with its city.
pub(super) async fn open_warehouses(
    connection: &mut PgConnection,
) -> sqlx::Result<Vec<(i64, i64)>> {
    let rows = sqlx::query!(
        "select warehouses.id, city_id from warehouses
         join cities on cities.id = warehouses.city_id and cities.active"
    )
    .fetch_all(connection)
    .await?;
    Ok(rows.into_iter().map(|row| (row.id, row.city_id)).collect())
}
