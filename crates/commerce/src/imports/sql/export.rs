//! SQL that reads what [`crate::products::listed`] leaves out: variants, offers, stock and photographs.

use serde_json::Value;
use sqlx::PgConnection;

/// A variant of a product.
pub(in crate::imports) struct VariantRow {
    pub(in crate::imports) id: i64,
    pub(in crate::imports) product_id: i64,
    pub(in crate::imports) sku: String,
    pub(in crate::imports) options: Value,
    pub(in crate::imports) eans: Vec<String>,
}

pub(in crate::imports) async fn active_ids_after(
    connection: &mut PgConnection,
    after: i64,
    limit: i64,
) -> sqlx::Result<Vec<i64>> {
    sqlx::query_scalar!(
        "select id from products
         where id > $1 and state = 'active' and (publish_at is null or publish_at <= now())
         order by id limit $2",
        after,
        limit
    )
    .fetch_all(connection)
    .await
}

pub(in crate::imports) async fn variants(
    connection: &mut PgConnection,
    product_ids: &[i64],
) -> sqlx::Result<Vec<VariantRow>> {
    sqlx::query_as!(
        VariantRow,
        "select id, product_id, sku, options, eans from variants
         where product_id = any($1)
         order by product_id, position, id",
        product_ids
    )
    .fetch_all(connection)
    .await
}

/// The house's offer of a variant with its base price.
pub(in crate::imports) struct OfferRow {
    pub(in crate::imports) variant_id: i64,
    pub(in crate::imports) market: String,
    pub(in crate::imports) minor: i64,
    pub(in crate::imports) list_minor: Option<i64>,
    pub(in crate::imports) preparation_minutes: i32,
}

pub(in crate::imports) async fn offers(
    connection: &mut PgConnection,
    product_ids: &[i64],
) -> sqlx::Result<Vec<OfferRow>> {
    sqlx::query_as!(
        OfferRow,
        "select offers.variant_id, offers.market, prices.minor, prices.list_minor,
                offers.preparation_minutes
         from offers
         join sellers on sellers.id = offers.seller_id and sellers.house
         join prices on prices.offer_id = offers.id
         where offers.product_id = any($1) and offers.state = 'active'
         order by offers.variant_id, offers.market",
        product_ids
    )
    .fetch_all(connection)
    .await
}

/// Units of a variant in the house's warehouse of a city.
pub(in crate::imports) struct StockRow {
    pub(in crate::imports) variant_id: i64,
    pub(in crate::imports) city: String,
    pub(in crate::imports) units: i32,
}

pub(in crate::imports) async fn stock(
    connection: &mut PgConnection,
    product_ids: &[i64],
) -> sqlx::Result<Vec<StockRow>> {
    sqlx::query_as!(
        StockRow,
        "select offers.variant_id, cities.slug as city, stock.on_hand as units
         from stock
         join offers on offers.id = stock.offer_id and offers.state = 'active'
         join sellers on sellers.id = offers.seller_id and sellers.house
         join warehouses on warehouses.id = stock.warehouse_id
             and warehouses.seller_id = sellers.id
         join cities on cities.id = warehouses.city_id and cities.active
         where stock.product_id = any($1)
         order by offers.variant_id, cities.slug",
        product_ids
    )
    .fetch_all(connection)
    .await
}

/// A photograph of a product.
pub(in crate::imports) struct ImageRow {
    pub(in crate::imports) product_id: i64,
    pub(in crate::imports) url: String,
}

pub(in crate::imports) async fn images(
    connection: &mut PgConnection,
    product_ids: &[i64],
) -> sqlx::Result<Vec<ImageRow>> {
    sqlx::query_as!(
        ImageRow,
        r#"select product_id, url as "url!" from media
           where product_id = any($1) and url is not null
           order by product_id, position, id"#,
        product_ids
    )
    .fetch_all(connection)
    .await
}
