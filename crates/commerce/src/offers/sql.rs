//! SQL of the offers slice.

use souk_base::Seller;
use sqlx::PgConnection;

/// An offer with the price that holds now and its stock by city.
pub(super) struct LiveRow {
    pub(super) product_id: i64,
    pub(super) ordinal: i32,
    pub(super) market: String,
    pub(super) id: i64,
    pub(super) variant_id: i64,
    pub(super) seller_id: i64,
    pub(super) minor: i64,
    pub(super) list_minor: Option<i64>,
    pub(super) preparation_minutes: i32,
    pub(super) stock: i64,
    pub(super) city_ids: Vec<i64>,
    pub(super) city_stock: Vec<i64>,
}

pub(super) async fn live(
    connection: &mut PgConnection,
    product_ids: &[i64],
) -> sqlx::Result<Vec<LiveRow>> {
    sqlx::query_as!(
        LiveRow,
        r#"
        with wanted as (select unnest($1::bigint[]) as product_id),
        in_city as (
            select stock.offer_id, warehouses.city_id,
                   sum(stock.on_hand - stock.reserved) as units
            from wanted
            join stock on stock.product_id = wanted.product_id
            join warehouses on warehouses.id = stock.warehouse_id
            join cities on cities.id = warehouses.city_id and cities.active
            group by stock.offer_id, warehouses.city_id
            having sum(stock.on_hand - stock.reserved) > 0
        ),
        in_market as (
            select offer_id, sum(units)::bigint as units,
                   array_agg(city_id order by city_id) as city_ids,
                   array_agg(units::bigint order by city_id) as city_stock
            from in_city
            group by offer_id
        )
        select offers.product_id, products.ordinal, offers.market, offers.id, offers.variant_id,
               offers.seller_id, offers.preparation_minutes,
               coalesce(exception.minor, prices.minor) as "minor!",
               case when exception.minor is null then prices.list_minor
                    else exception.list_minor end as list_minor,
               coalesce(in_market.units, 0) as "stock!",
               coalesce(in_market.city_ids, '{}') as "city_ids!",
               coalesce(in_market.city_stock, '{}') as "city_stock!"
        from wanted
        join products on products.id = wanted.product_id and products.state = 'active'
        join offers on offers.product_id = products.id and offers.state = 'active'
        left join prices on prices.offer_id = offers.id
        left join price_exceptions exception
            on exception.offer_id = offers.id and exception.during @> now()
        left join in_market on in_market.offer_id = offers.id
        where prices.minor is not null or exception.minor is not null
        order by offers.product_id, offers.id"#,
        product_ids
    )
    .fetch_all(connection)
    .await
}

/// A row of `popularity` with the product's ordinal.
pub(super) struct PopularityRow {
    pub(super) ordinal: i32,
    pub(super) market: String,
    pub(super) score: f32,
}

pub(super) async fn popularity(
    connection: &mut PgConnection,
    product_ids: &[i64],
) -> sqlx::Result<Vec<PopularityRow>> {
    sqlx::query_as!(
        PopularityRow,
        "select products.ordinal, popularity.market, popularity.score
         from popularity join products on products.id = popularity.product_id
         where popularity.product_id = any($1)",
        product_ids
    )
    .fetch_all(connection)
    .await
}

pub(super) async fn sellers(connection: &mut PgConnection) -> sqlx::Result<Vec<Seller>> {
    sqlx::query_as!(Seller, "select id, slug, name, house from sellers").fetch_all(connection).await
}
