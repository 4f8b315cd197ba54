//! Choosing rows to change, changing them, and putting them back.

use sqlx::PgPool;
use sqlx::postgres::PgQueryResult;

/// An offer that is about to change: its product, market and id, and a number whose meaning the kind of change knows.
pub(in crate::commands::bench) type TargetRow = (i64, String, i64, i64);

/// For each product in its market an offer in stock, and a price below all others there.
pub(in crate::commands::bench) async fn price_targets(
    db: &PgPool,
    products: &[i64],
    markets: &[String],
) -> sqlx::Result<Vec<TargetRow>> {
    sqlx::query_as(
        "select wanted.id, wanted.market, available.id, lowest.minor - 1
         from unnest($1::bigint[], $2::text[]) as wanted (id, market)
         cross join lateral (
             select min(minor) as minor from offers join prices on offer_id = offers.id
             where offers.product_id = wanted.id and offers.market = wanted.market) as lowest
         cross join lateral (
             select offers.id from offers join stock on offer_id = offers.id and on_hand > reserved
             where offers.product_id = wanted.id and offers.market = wanted.market
             order by offers.id limit 1) as available
         where lowest.minor > 1",
    )
    .bind(products)
    .bind(markets)
    .fetch_all(db)
    .await
}

/// For each product in its market the cheapest offer, where it has one stock row and another offer has stock; the number
/// is its warehouse, negative when it is sold out now.
pub(in crate::commands::bench) async fn stock_targets(
    db: &PgPool,
    products: &[i64],
    markets: &[String],
) -> sqlx::Result<Vec<TargetRow>> {
    sqlx::query_as(
        "select wanted.id, wanted.market, cheapest.id, one.warehouse_id
         from unnest($1::bigint[], $2::text[]) as wanted (id, market)
         cross join lateral (
             select offers.id from offers join prices on offer_id = offers.id
             where offers.product_id = wanted.id and offers.market = wanted.market
             order by minor, offers.id limit 1) as cheapest
         cross join lateral (
             select max(case when on_hand > reserved then warehouse_id else -warehouse_id end) as warehouse_id
             from stock where offer_id = cheapest.id having count(*) = 1) as one
         where exists (
             select from offers join stock on offer_id = offers.id and on_hand > reserved
             where offers.product_id = wanted.id and offers.market = wanted.market and offers.id <> cheapest.id)",
    )
    .bind(products)
    .bind(markets)
    .fetch_all(db)
    .await
}

pub(in crate::commands::bench) async fn set_price(
    db: &PgPool,
    offer: i64,
    minor: i64,
) -> sqlx::Result<PgQueryResult> {
    sqlx::query("update prices set minor = $2, list_minor = null where offer_id = $1")
        .bind(offer)
        .bind(minor)
        .execute(db)
        .await
}

pub(in crate::commands::bench) async fn set_stock(
    db: &PgPool,
    (offer, warehouse): (i64, i64),
    on_hand: i32,
) -> sqlx::Result<PgQueryResult> {
    sqlx::query(
        "update stock set on_hand = $3, reserved = 0 where offer_id = $1 and warehouse_id = $2",
    )
    .bind(offer)
    .bind(warehouse)
    .bind(on_hand)
    .execute(db)
    .await
}

pub(in crate::commands::bench) async fn set_title(
    db: &PgPool,
    product: i64,
    title: &str,
) -> sqlx::Result<PgQueryResult> {
    sqlx::query("update product_translations set title = $2 where product_id = $1 and lang = 'en'")
        .bind(product)
        .bind(title)
        .execute(db)
        .await
}

/// An offer with its price and the one before it was reduced.
pub(in crate::commands::bench) type PriceRow = (i64, i64, Option<i64>);

/// The first products without dated prices.
pub(in crate::commands::bench) async fn burst_products(
    db: &PgPool,
    count: i64,
) -> sqlx::Result<Vec<i64>> {
    sqlx::query_scalar("select id from products where id % 50 <> 0 order by id limit $1")
        .bind(count)
        .fetch_all(db)
        .await
}

pub(in crate::commands::bench) async fn prices_of(
    db: &PgPool,
    products: &[i64],
    market: &str,
) -> sqlx::Result<Vec<PriceRow>> {
    sqlx::query_as(
        "select offers.id, minor, list_minor from offers join prices on offer_id = offers.id
         where offers.product_id = any($1) and market = $2 order by offers.id",
    )
    .bind(products)
    .bind(market)
    .fetch_all(db)
    .await
}

pub(in crate::commands::bench) async fn set_prices(
    db: &PgPool,
    offers: &[i64],
    minor: i64,
) -> sqlx::Result<()> {
    sqlx::query("update prices set minor = $2, list_minor = null where offer_id = any($1)")
        .bind(offers)
        .bind(minor)
        .execute(db)
        .await
        .map(drop)
}

pub(in crate::commands::bench) async fn restore_prices(
    db: &PgPool,
    prices: &[PriceRow],
) -> sqlx::Result<()> {
    let offers: Vec<i64> = prices.iter().map(|price| price.0).collect();
    let minors: Vec<i64> = prices.iter().map(|price| price.1).collect();
    let lists: Vec<Option<i64>> = prices.iter().map(|price| price.2).collect();
    sqlx::query(
        "update prices set minor = before.minor, list_minor = before.list_minor
         from unnest($1::bigint[], $2::bigint[], $3::bigint[]) as before (offer_id, minor, list_minor)
         where prices.offer_id = before.offer_id",
    )
    .bind(offers)
    .bind(minors)
    .bind(lists)
    .execute(db)
    .await
    .map(drop)
}

pub(in crate::commands::bench) async fn set_titles(
    db: &PgPool,
    products: &[i64],
    titles: &[String],
) -> sqlx::Result<()> {
    sqlx::query(
        "update product_translations set title = texts.title
         from unnest($1::bigint[], $2::text[]) as texts (product_id, title)
         where product_translations.product_id = texts.product_id and lang = 'en'",
    )
    .bind(products)
    .bind(titles)
    .execute(db)
    .await
    .map(drop)
}

pub(in crate::commands::bench) async fn rename_category(
    db: &PgPool,
    category: i64,
    name: &str,
) -> sqlx::Result<()> {
    sqlx::query(
        "update category_translations set label = $2 where category_id = $1 and lang = 'en'",
    )
    .bind(category)
    .bind(name)
    .execute(db)
    .await
    .map(drop)
}

/// Products of a category and of everything below it.
pub(in crate::commands::bench) async fn products_below(
    db: &PgPool,
    category: i64,
) -> sqlx::Result<i64> {
    sqlx::query_scalar(
        "with recursive below as (
             select $1 as id
             union all select categories.id from categories join below on parent_id = below.id)
         select count(*) from products where category_id in (select id from below)",
    )
    .bind(category)
    .fetch_one(db)
    .await
}
