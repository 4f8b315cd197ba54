//! Offers as readers and scripts meet them, against a fresh database.

use souk_base::ProductId;
use souk_testdb::TestDb;
use sqlx::PgPool;

use super::{LiveOffer, live};
use crate::products::{detail, listed};
use crate::{Conflict, Error};

/// One rose with two sizes, offered in Kuwait for 12.500 and 20.000, and the first in Britain.
async fn rose(pool: &PgPool) -> ProductId {
    sqlx::raw_sql(
        "insert into categories (slug) values ('roses');
         insert into products (id, slug, category_id)
             select 7, 'rose', id from categories where slug = 'roses';
         insert into product_translations (product_id, lang, title) values
             (7, 'en', 'Rose'), (7, 'ar', 'وردة');
         insert into variants (id, product_id, sku) values (71, 7, 'R-S'), (72, 7, 'R-L');
         insert into offers (id, variant_id, seller_id, market)
             select offer, variant, sellers.id, market from sellers cross join
             (values (1, 71, 'KW'), (2, 72, 'KW'), (3, 71, 'GB')) as o (offer, variant, market);
         insert into prices (offer_id, minor) values (1, 12500), (2, 20000), (3, 3900);
         insert into warehouses (id, city_id, seller_id, name)
             select row_number() over (order by cities.position), cities.id, sellers.id, cities.slug
             from cities cross join sellers where market = 'KW';
         insert into stock (offer_id, warehouse_id, on_hand, reserved) values
             (1, 1, 5, 2), (1, 2, 1, 1), (2, 1, 4, 0)",
    )
    .execute(pool)
    .await
    .unwrap();
    ProductId::new(7)
}

async fn offers(pool: &PgPool, id: ProductId) -> Vec<LiveOffer> {
    live(&mut pool.acquire().await.unwrap(), &[id]).await.unwrap()
}

/// Runs a script's statement and says which conflict it met.
async fn conflict(pool: &PgPool, sql: &'static str) -> Conflict {
    match sqlx::query(sql).execute(pool).await.map_err(Error::from) {
        Err(Error::Conflict(conflict)) => conflict,
        other => panic!("{sql}: {other:?}"),
    }
}

#[tokio::test]
async fn stock_is_what_is_not_reserved_and_a_city_without_any_is_left_out() {
    let db = TestDb::new().await;
    let id = rose(db.pool()).await;

    let offers = offers(db.pool(), id).await;

    let stock: Vec<(i64, i64, usize)> =
        offers.iter().map(|offer| (offer.id.get(), offer.stock, offer.cities.len())).collect();
    assert_eq!(stock, [(1, 3, 1), (2, 4, 1), (3, 0, 0)]);
    assert_eq!(offers[0].stock_in(Some(offers[0].cities[0].city_id)), 3);
    assert_eq!(offers[0].stock_in(Some(1.into())), 0);
}

#[tokio::test]
async fn a_dated_price_replaces_the_base_price_only_while_it_lasts() {
    let db = TestDb::new().await;
    let id = rose(db.pool()).await;
    sqlx::raw_sql(
        "insert into price_exceptions (offer_id, minor, during) values
             (1, 9000, tstzrange(now() - interval '1 hour', now() + interval '1 hour')),
             (2, 9000, tstzrange(now() + interval '1 hour', now() + interval '2 hours'))",
    )
    .execute(db.pool())
    .await
    .unwrap();

    let prices: Vec<i64> = offers(db.pool(), id).await.iter().map(|offer| offer.minor).collect();

    assert_eq!(prices, [9000, 20000, 3900]);
}

#[tokio::test]
async fn paused_offers_and_offers_without_a_price_are_not_live() {
    let db = TestDb::new().await;
    let id = rose(db.pool()).await;
    sqlx::raw_sql(
        "update offers set state = 'paused' where id = 1; delete from prices where offer_id = 2",
    )
    .execute(db.pool())
    .await
    .unwrap();

    let ids: Vec<i64> = offers(db.pool(), id).await.iter().map(|offer| offer.id.get()).collect();

    assert_eq!(ids, [3]);
}

#[tokio::test]
async fn a_page_shows_the_variants_of_its_market_and_an_unlisted_product_has_none() {
    let db = TestDb::new().await;
    let id = rose(db.pool()).await;
    let mut connection = db.pool().acquire().await.unwrap();
    let in_market = async |connection: &mut sqlx::PgConnection, code: &str| {
        detail(connection, code.parse().unwrap(), id).await.unwrap()
    };

    let kuwait = in_market(&mut connection, "KW").await.unwrap();
    let britain = in_market(&mut connection, "GB").await.unwrap();

    assert_eq!(kuwait.variants.iter().map(|v| v.sku.as_str()).collect::<Vec<_>>(), ["R-S", "R-L"]);
    assert_eq!(britain.variants.iter().map(|v| v.sku.as_str()).collect::<Vec<_>>(), ["R-S"]);
    assert!(in_market(&mut connection, "KZ").await.is_none());
    sqlx::query("update products set state = 'draft'").execute(db.pool()).await.unwrap();
    assert!(in_market(&mut connection, "KW").await.is_none());
    assert!(listed(&mut connection, &[id]).await.unwrap().is_empty());
}

#[tokio::test]
async fn what_a_script_may_not_do_is_refused_by_name() {
    let db = TestDb::new().await;
    let pool = db.pool();
    rose(pool).await;
    sqlx::raw_sql("insert into price_exceptions (offer_id, minor, during) values (1, 1, '[2026-01-01,2026-02-01)')")
        .execute(pool)
        .await
        .unwrap();

    let cases = [
        ("update prices set minor = 0", Conflict::PriceNotPositive),
        ("update prices set list_minor = minor", Conflict::ListPriceNotAbove),
        (
            "insert into price_exceptions (offer_id, minor, during)
             values (1, 2, '[2026-01-31,2026-03-01)')",
            Conflict::DatedPricesOverlap,
        ),
        ("update stock set on_hand = 1 where offer_id = 1", Conflict::StockBelowReserved),
        (
            "insert into stock (offer_id, warehouse_id, on_hand) values (3, 1, 5)",
            Conflict::StockInOtherMarket,
        ),
        (
            "insert into offers (id, variant_id, seller_id, market) select 99, 71, id, 'KW' from sellers",
            Conflict::OfferExists,
        ),
        (
            "insert into cities (id, market, slug, latitude, longitude)
             select n, 'KW', 'city-' || n, 29, 48 from generate_series(1, 64) n",
            Conflict::TooManyCities,
        ),
        ("insert into variants (product_id, sku) values (7, 'R-S')", Conflict::SkuTaken),
        (
            "insert into products (slug, category_id) select 'rose', id from categories",
            Conflict::ProductSlugTaken,
        ),
        ("insert into categories (slug) values ('roses')", Conflict::CategorySlugTaken),
    ];

    for (sql, expected) in cases {
        assert_eq!(conflict(pool, sql).await, expected, "{sql}");
    }
}
