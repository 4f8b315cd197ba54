//! Stock as the office counts it, against a fresh database.

use souk_base::{OfferId, WarehouseId};
use souk_testdb::TestDb;

use super::{NewWarehouse, add_warehouse, adjust, of_product, set, warehouses};
use crate::writes::fixture::{audited, keep, write};
use crate::{Conflict, Error, Result};

/// An offer in Kuwait and a warehouse of the house in Kuwait City and in London, and of another in Salmiya.
async fn shop() -> (TestDb, OfferId, [WarehouseId; 3]) {
    let db = TestDb::new().await;
    db.run(
        "insert into sellers (id, slug, name) values (50, 'other', 'Other');
         insert into categories (id, slug) values (1, 'roses');
         insert into products (id, slug, category_id) values (7, 'rose', 1);
         insert into variants (id, product_id, sku) values (71, 7, 'R');
         insert into offers (id, variant_id, seller_id, market)
             select 1, 71, id, 'KW' from sellers where house",
    )
    .await;
    let mut open = write(db.pool()).await;
    let mut ids = Vec::new();
    for (city, seller) in [(285_787, None), (2_643_743, None), (285_704, Some(50))] {
        let seller_id = seller.map(souk_base::SellerId::new);
        let new = NewWarehouse { city_id: city.into(), seller_id, name: None };
        ids.push(add_warehouse(&mut open, new).await.unwrap().id);
    }
    keep(db.pool(), open).await;
    (db, 1.into(), ids.try_into().unwrap())
}

fn conflict<T: std::fmt::Debug>(result: Result<T>) -> Conflict {
    match result {
        Err(Error::Conflict(conflict)) => conflict,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn stock_is_set_and_adjusted_and_never_falls_below_what_is_reserved() {
    let (db, offer, [house, ..]) = shop().await;
    let mut open = write(db.pool()).await;
    assert_eq!(set(&mut open, offer, house, 5).await.unwrap().on_hand, 5);
    assert_eq!(adjust(&mut open, offer, house, 3).await.unwrap().on_hand, 8);
    assert_eq!(adjust(&mut open, offer, house, -2).await.unwrap().on_hand, 6);
    keep(db.pool(), open).await;
    db.run("update stock set reserved = 4").await;

    for units in [3, 0] {
        let mut open = write(db.pool()).await;
        let below = set(&mut open, offer, house, units).await;
        assert_eq!(conflict(below), Conflict::StockBelowReserved);
    }
    let mut open = write(db.pool()).await;
    let below = adjust(&mut open, offer, house, -3).await;
    assert_eq!(conflict(below), Conflict::StockBelowReserved);
    let there = of_product(&mut db.pool().acquire().await.unwrap(), 7.into()).await.unwrap();
    assert_eq!((there[0].on_hand, there[0].reserved), (6, 4));
    assert_eq!(audited(db.pool()).await.last().unwrap().0, "stock.adjust");
}

#[tokio::test]
async fn stock_lies_in_the_offers_market_and_the_sellers_own_warehouse() {
    let (db, offer, [house, abroad, others]) = shop().await;
    let cases = [(abroad, Conflict::StockInOtherMarket), (others, Conflict::StockOfOtherSeller)];
    for (warehouse, expected) in cases {
        let mut open = write(db.pool()).await;
        assert_eq!(conflict(set(&mut open, offer, warehouse, 1).await), expected);
    }
    let mut open = write(db.pool()).await;
    for units in [-1, i32::MAX] {
        let impossible = set(&mut open, offer, house, units).await;
        assert!(matches!(impossible, Err(Error::Invalid { field: "on_hand", .. })));
    }
    assert!(matches!(set(&mut open, 9.into(), house, 1).await, Err(Error::NotFound)));
    let new = NewWarehouse { city_id: 285_787.into(), seller_id: None, name: None };
    assert_eq!(conflict(add_warehouse(&mut open, new).await), Conflict::WarehouseExists);
}

#[tokio::test]
async fn two_adjustments_at_once_add_up() {
    let (db, offer, [house, ..]) = shop().await;
    let pool = db.pool().clone();
    let add = async move |units| {
        let mut open = write(&pool).await;
        adjust(&mut open, offer, house, units).await.unwrap();
        keep(&pool, open).await;
    };

    tokio::join!(add(2), add(3));

    let there = of_product(&mut db.pool().acquire().await.unwrap(), 7.into()).await.unwrap();
    assert_eq!(there[0].on_hand, 5);
}

#[tokio::test]
async fn warehouses_are_listed_market_by_market_and_named_after_their_city() {
    let (db, _, ids) = shop().await;

    let all = warehouses(&mut db.pool().acquire().await.unwrap()).await.unwrap();

    let listed: Vec<_> = all.iter().map(|house| (house.id, house.name.as_str())).collect();
    assert_eq!(
        listed,
        [
            (ids[0], "Kuwait City warehouse"),
            (ids[2], "Salmiya warehouse"),
            (ids[1], "London warehouse")
        ]
    );
}
