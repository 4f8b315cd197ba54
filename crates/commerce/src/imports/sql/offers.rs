//! SQL for the house seller's offers, prices, warehouses and stock.

use serde::Serialize;
use sqlx::PgConnection;
use sqlx::types::Json;

/// What the house asks for a variant in a market.
#[derive(Serialize)]
pub(in crate::imports) struct OfferRow<'a> {
    pub(in crate::imports) variant_id: i64,
    pub(in crate::imports) market: &'a str,
    pub(in crate::imports) minor: i64,
    pub(in crate::imports) list_minor: Option<i64>,
    pub(in crate::imports) preparation_minutes: Option<i32>,
}

/// An offer that was not there before.
pub(in crate::imports) struct NewOffer {
    pub(in crate::imports) id: i64,
    pub(in crate::imports) variant_id: i64,
    pub(in crate::imports) product_id: i64,
    pub(in crate::imports) market: String,
}

pub(in crate::imports) async fn add(
    connection: &mut PgConnection,
    offers: &[OfferRow<'_>],
) -> sqlx::Result<Vec<NewOffer>> {
    sqlx::query_as!(
        NewOffer,
        "insert into offers (variant_id, seller_id, market, preparation_minutes)
         select given.variant_id, sellers.id, given.market, coalesce(given.preparation_minutes, 60)
         from jsonb_to_recordset($1) as given (
             variant_id bigint, market text, preparation_minutes integer)
         join sellers on sellers.house
         where not exists (
             select from offers known
             where known.variant_id = given.variant_id and known.seller_id = sellers.id
                 and known.market = given.market)
         returning id, variant_id, product_id, market",
        Json(offers) as _
    )
    .fetch_all(connection)
    .await
}

pub(in crate::imports) async fn set_preparation(
    connection: &mut PgConnection,
    offers: &[OfferRow<'_>],
) -> sqlx::Result<Vec<i64>> {
    sqlx::query_scalar!(
        "update offers set preparation_minutes = given.preparation_minutes
         from jsonb_to_recordset($1) as given (
             variant_id bigint, market text, preparation_minutes integer), sellers
         where offers.variant_id = given.variant_id and offers.market = given.market
             and offers.seller_id = sellers.id and sellers.house
             and offers.preparation_minutes <> given.preparation_minutes
         returning offers.product_id",
        Json(offers) as _
    )
    .fetch_all(connection)
    .await
}

pub(in crate::imports) async fn set_prices(
    connection: &mut PgConnection,
    offers: &[OfferRow<'_>],
) -> sqlx::Result<Vec<i64>> {
    sqlx::query_scalar!(
        r#"with given as (
               select offers.id as offer_id, given.minor, given.list_minor
               from jsonb_to_recordset($1) as given (
                   variant_id bigint, market text, minor bigint, list_minor bigint)
               join sellers on sellers.house
               join offers on offers.variant_id = given.variant_id
                   and offers.seller_id = sellers.id and offers.market = given.market
           ),
           changed as (
               update prices set minor = given.minor, list_minor = given.list_minor
               from given
               where prices.offer_id = given.offer_id
                   and (prices.minor, prices.list_minor)
                       is distinct from (given.minor, given.list_minor)
               returning prices.product_id
           ),
           added as (
               insert into prices (offer_id, minor, list_minor)
               select offer_id, minor, list_minor from given
               where not exists (select from prices known where known.offer_id = given.offer_id)
               returning product_id
           )
           select product_id as "product_id!" from changed
           union select product_id from added"#,
        Json(offers) as _
    )
    .fetch_all(connection)
    .await
}

/// Makes the house's warehouse in each active city of these markets that has none.
pub(in crate::imports) async fn add_warehouses(
    connection: &mut PgConnection,
    markets: &[String],
) -> sqlx::Result<()> {
    sqlx::query!(
        "insert into warehouses (city_id, seller_id, name)
         select cities.id, sellers.id, coalesce(english.label, cities.slug) || ' warehouse'
         from cities
         join sellers on sellers.house
         left join city_translations english
             on english.city_id = cities.id and english.lang = 'en'
         where cities.market = any($1) and cities.active
             and not exists (
                 select from warehouses known
                 where known.city_id = cities.id and known.seller_id = sellers.id)
         order by cities.id",
        markets
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// A warehouse of the house and where it stands.
#[derive(Clone)]
pub(in crate::imports) struct WarehouseRow {
    pub(in crate::imports) id: i64,
    pub(in crate::imports) market: String,
    pub(in crate::imports) city: String,
}

pub(in crate::imports) async fn warehouses(
    connection: &mut PgConnection,
) -> sqlx::Result<Vec<WarehouseRow>> {
    sqlx::query_as!(
        WarehouseRow,
        "select warehouses.id, cities.market, cities.slug as city
         from warehouses
         join sellers on sellers.id = warehouses.seller_id and sellers.house
         join cities on cities.id = warehouses.city_id and cities.active
         order by cities.id"
    )
    .fetch_all(connection)
    .await
}

/// The house's offers of these variants: id, variant, market.
pub(in crate::imports) async fn of_variants(
    connection: &mut PgConnection,
    variant_ids: &[i64],
) -> sqlx::Result<Vec<(i64, i64, String)>> {
    let rows = sqlx::query!(
        "select offers.id, variant_id, market
         from offers join sellers on sellers.id = offers.seller_id and sellers.house
         where variant_id = any($1)",
        variant_ids
    )
    .fetch_all(connection)
    .await?;
    Ok(rows.into_iter().map(|row| (row.id, row.variant_id, row.market)).collect())
}

/// Units of an offer in a warehouse.
#[derive(Serialize)]
pub(in crate::imports) struct StockRow {
    pub(in crate::imports) offer_id: i64,
    pub(in crate::imports) warehouse_id: i64,
    pub(in crate::imports) units: i32,
}

/// Adds stock where there is none yet; what is there stays.
pub(in crate::imports) async fn add_stock(
    connection: &mut PgConnection,
    stock: &[StockRow],
) -> sqlx::Result<()> {
    sqlx::query!(
        "insert into stock (offer_id, warehouse_id, on_hand)
         select offer_id, warehouse_id, units
         from jsonb_to_recordset($1) as given (offer_id bigint, warehouse_id bigint, units integer)
         where not exists (
             select from stock known
             where known.offer_id = given.offer_id and known.warehouse_id = given.warehouse_id)",
        Json(stock) as _
    )
    .execute(connection)
    .await?;
    Ok(())
}
