//! Offers as the office edits them, against a fresh database.

use jiff::{SignedDuration, Timestamp};
use souk_base::{OfferId, VariantId};
use souk_testdb::TestDb;

use super::{
    NewDatedPrice, NewOffer, OfferChange, OfferState, create, get, live, lock, of_product,
    put_dated_price, remove_dated_price, update,
};
use crate::writes::etag;
use crate::writes::fixture::{audited, keep, write};
use crate::{Conflict, Error, Result};

async fn shop() -> (TestDb, OfferId) {
    let db = TestDb::new().await;
    db.run(
        "insert into categories (id, slug) values (1, 'roses');
         insert into products (id, slug, category_id) values (7, 'rose', 1);
         insert into variants (id, product_id, sku) values (71, 7, 'R')",
    )
    .await;
    let mut open = write(db.pool()).await;
    let id = create(&mut open, new("KW", 12_500)).await.unwrap();
    keep(db.pool(), open).await;
    (db, id)
}

fn new(market: &str, minor: i64) -> NewOffer {
    NewOffer {
        variant_id: VariantId::new(71),
        seller_id: None,
        market: market.parse().unwrap(),
        minor,
        list_minor: None,
        preparation_minutes: None,
    }
}

fn conflict<T: std::fmt::Debug>(result: Result<T>) -> Conflict {
    match result {
        Err(Error::Conflict(conflict)) => conflict,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn an_offer_is_changed_in_what_is_named_and_the_audit_has_both_sides() {
    let (db, id) = shop().await;
    let mut open = write(db.pool()).await;
    let change = OfferChange {
        minor: Some(9_000),
        list_minor: Some(Some(12_500)),
        ..OfferChange::default()
    };
    update(&mut open, id, change).await.unwrap();
    let pause = OfferChange {
        state: Some(OfferState::Paused),
        preparation_minutes: Some(30),
        ..OfferChange::default()
    };
    update(&mut open, id, pause).await.unwrap();

    let offer = get(&mut open, id).await.unwrap();
    assert_eq!((offer.minor, offer.list_minor), (Some(9_000), Some(12_500)));
    assert_eq!((offer.state, offer.preparation_minutes), (OfferState::Paused, 30));
    assert!(live(&mut open, &[7.into()]).await.unwrap().is_empty());
    keep(db.pool(), open).await;
    let last = &audited(db.pool()).await[1].1;
    assert_eq!((&last["from"]["minor"], &last["to"]["minor"]), (&12_500.into(), &9_000.into()));
}

#[tokio::test]
async fn what_an_offer_cannot_be_is_refused_by_name() {
    let (db, id) = shop().await;
    let variant = NewOffer { variant_id: 99.into(), ..new("KW", 5) };
    let seller = NewOffer { seller_id: Some(99.into()), ..new("SA", 5) };
    let early = NewOffer { preparation_minutes: Some(-1), ..new("SA", 5) };
    let cheap = NewOffer { list_minor: Some(5), ..new("SA", 5) };
    for (new, expected) in [
        (new("KW", 5), Conflict::OfferExists),
        (new("SA", 0), Conflict::PriceNotPositive),
        (new("XX", 5), Conflict::NoSuchMarket),
        (variant, Conflict::NoSuchVariant),
        (seller, Conflict::NoSuchSeller),
        (early, Conflict::PreparationOutOfRange),
        (cheap, Conflict::ListPriceNotAbove),
    ] {
        let mut open = write(db.pool()).await;
        assert_eq!(conflict(create(&mut open, new).await), expected);
    }
    db.run("delete from prices").await;
    let mut open = write(db.pool()).await;
    let old = OfferChange { list_minor: Some(Some(5)), ..OfferChange::default() };
    let without = update(&mut open, id, old).await;
    assert!(matches!(without, Err(Error::Invalid { field: "list_price", .. })));
}

#[tokio::test]
async fn dated_prices_replace_the_price_for_a_time_and_do_not_overlap() {
    let (db, id) = shop().await;
    let now = Timestamp::now();
    let hour = SignedDuration::from_hours(1);
    let dated = |from, until| NewDatedPrice { minor: 9_000, list_minor: None, from, until };
    let mut open = write(db.pool()).await;
    let later = put_dated_price(&mut open, id, dated(now + hour * 2, None)).await.unwrap();
    let today = put_dated_price(&mut open, id, dated(now - hour, Some(now + hour))).await.unwrap();
    keep(db.pool(), open).await;

    let mut connection = db.pool().acquire().await.unwrap();
    let offer = of_product(&mut connection, 7.into()).await.unwrap().remove(0);
    let ids: Vec<_> = offer.dated_prices.iter().map(|dated| dated.id).collect();
    assert_eq!(ids, [today, later]);
    assert_eq!(offer.dated_prices[1].until, None);
    assert_eq!(live(&mut connection, &[7.into()]).await.unwrap()[0].minor, 9_000);
    for (from, until, expected) in [
        (now, Some(now + hour), Conflict::DatedPricesOverlap),
        (now + hour, Some(now + hour), Conflict::DatedPriceEmpty),
        (now + hour, Some(now), Conflict::DatedPriceEmpty),
    ] {
        let mut open = write(db.pool()).await;
        let refused = put_dated_price(&mut open, id, dated(from, until)).await;
        assert_eq!(conflict(refused), expected);
    }
    let mut open = write(db.pool()).await;
    remove_dated_price(&mut open, id, today).await.unwrap();
    let again = remove_dated_price(&mut open, id, today).await;
    assert!(matches!(again, Err(Error::NotFound)));
    assert_eq!(live(&mut open, &[7.into()]).await.unwrap()[0].minor, 12_500);
}

#[tokio::test]
async fn a_unit_sold_does_not_make_an_editors_offer_stale_and_a_new_price_does() {
    let (db, id) = shop().await;
    let seen = etag(&get(&mut db.pool().acquire().await.unwrap(), id).await.unwrap());
    db.run(
        "insert into warehouses (id, city_id, seller_id, name)
             select 1, 285787, id, 'w' from sellers where house;
         insert into stock (offer_id, warehouse_id, on_hand) select id, 1, 5 from offers",
    )
    .await;
    let mut open = write(db.pool()).await;

    assert!(lock(&mut open, id, Some(&seen)).await.is_ok());
    let change = OfferChange { minor: Some(1), ..OfferChange::default() };
    update(&mut open, id, change).await.unwrap();
    assert!(matches!(lock(&mut open, id, Some(&seen)).await, Err(Error::Stale)));
}
