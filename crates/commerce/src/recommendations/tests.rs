//! Served lists and visitors' histories against a fresh database.

use jiff::{SignedDuration, Timestamp};
use souk_testdb::TestDb;

use super::{List, Shopper, append, forget_old, history, worths};
use crate::events::{self, Event, Kind};
use crate::notices::shopper_key;
use crate::searches::QueryId;

fn event(id: &str, kind: Kind, product: i64, time: Timestamp) -> Event {
    Event {
        product_id: Some(product.into()),
        ..Event::of(id, kind, "v", "KW".parse().unwrap(), time)
    }
}

#[tokio::test]
async fn a_history_is_what_was_clicked_and_bought_lately_the_oldest_first() {
    let db = TestDb::new().await;
    let now = Timestamp::now();
    let ago = |hours| now - SignedDuration::from_hours(hours);
    let told = [
        event("a", Kind::DetailPageView, 1, ago(3)),
        event("b", Kind::AddToCart, 2, ago(2)),
        event("c", Kind::PurchaseComplete, 2, ago(1)),
        event("d", Kind::HomePageView, 3, ago(1)),
        event("e", Kind::SearchClick, 4, ago(24 * 40)),
    ];
    events::append(db.pool(), &told).await.unwrap();
    let mut connection = db.pool().acquire().await.unwrap();

    let read =
        history(&mut connection, Shopper::Visitor("v"), "KW".parse().unwrap(), now).await.unwrap();

    let clicks: Vec<_> = read.clicks.iter().map(|it| it.product_id.get()).collect();
    let purchases: Vec<_> = read.purchases.iter().map(|it| it.product_id.get()).collect();
    assert_eq!((clicks, purchases), (vec![1, 2], vec![2]));
    let other =
        history(&mut connection, Shopper::Visitor("w"), "KW".parse().unwrap(), now).await.unwrap();
    assert!(other.clicks.is_empty() && other.purchases.is_empty());
}

#[tokio::test]
async fn what_a_customer_did_is_found_from_every_device_and_no_device_passes_for_an_account() {
    let db = TestDb::new().await;
    let now = Timestamp::now();
    let own = |id: &str, visitor: &str, customer: Option<i64>| Event {
        product_id: Some(7.into()),
        customer: customer.map(Into::into),
        ..Event::of(id, Kind::DetailPageView, visitor, "KW".parse().unwrap(), now)
    };
    let told = [own("a", "phone", Some(3)), own("b", "laptop", Some(3)), own("c", "3", None)];
    events::append(db.pool(), &told).await.unwrap();
    let mut connection = db.pool().acquire().await.unwrap();

    let mut clicks = async |who| {
        let market = "KW".parse().unwrap();
        history(&mut connection, who, market, now).await.unwrap().clicks.len()
    };
    assert_eq!(clicks(Shopper::Customer(3.into())).await, 2);
    assert_eq!(clicks(Shopper::Visitor("phone")).await, 1);
    let keys = [Shopper::Customer(3.into()), Shopper::Visitor("3")].map(shopper_key);
    assert_ne!(keys[0] >> 63, keys[1] >> 63);
}

#[tokio::test]
async fn what_a_product_brings_is_counted_from_who_looked_who_bought_and_what_it_costs() {
    let db = crate::checkout::fixture::shop().await;
    db.run("update offers set cost_minor = 10000 where id = 1").await;
    let (now, market) = (Timestamp::now(), "KW".parse().unwrap());
    let told = [("a", "v"), ("b", "v"), ("c", "w")].map(|(id, visitor)| Event {
        product_id: Some(2.into()),
        ..Event::of(id, Kind::DetailPageView, visitor, market, now)
    });
    events::append(db.pool(), &told).await.unwrap();
    let bought = Event { visitor: "w".to_owned(), ..event("d", Kind::PurchaseComplete, 2, now) };
    events::append(db.pool(), &[bought]).await.unwrap();
    let mut connection = db.pool().acquire().await.unwrap();

    let worths = worths(&mut connection, market, now).await.unwrap();

    let known: Vec<_> = worths.iter().map(|it| (it.lookers, it.buyers, it.margin)).collect();
    assert_eq!(known, [(0, 0, Some(0.2)), (2, 1, None)]);
}

#[tokio::test]
async fn a_served_list_is_one_row_and_old_days_go_whole() {
    let db = TestDb::new().await;
    let now = Timestamp::now();
    let list = |time: Timestamp| List {
        id: QueryId::new(time, 7),
        market: "KW".parse().unwrap(),
        placement: "home",
        visitor: Some("v".to_owned()),
        model: "blend 2026-11-01-a".to_owned(),
        products: vec![3.into(), 1.into()],
        mixed: None,
    };
    let lists = [list(now), list(now - SignedDuration::from_hours(24 * 40))];

    append(db.pool(), &lists).await.unwrap();
    append(db.pool(), &lists).await.unwrap();

    assert_eq!(
        db.count("select count(*) from recommendation_lists where products = '{3,1}'").await,
        2
    );
    let mut connection = db.pool().acquire().await.unwrap();
    assert_eq!(forget_old(&mut connection).await.unwrap(), 1);
    assert_eq!(db.count("select count(*) from recommendation_lists").await, 1);
}
