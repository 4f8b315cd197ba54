//! The outbox against a fresh database.

use jiff::{SignedDuration, Timestamp};
use serde_json::json;
use souk_testdb::TestDb;

use super::{Event, Receiver, add, add_all, dispatch};
use crate::jobs;

const RECEIVERS: [Receiver; 3] = [
    Receiver { topics: "order.", job: "tell_seller" },
    Receiver { topics: "order.placed", job: "tell_shopper" },
    Receiver { topics: "seller.", job: "other" },
];

fn event(topic: &str) -> Event {
    Event { topic: topic.to_owned(), subject: "order:1".to_owned(), payload: json!({"a": 1}) }
}

#[tokio::test]
async fn each_receiver_gets_each_event_once_and_in_order_however_many_dispatch() {
    let db = TestDb::new().await;
    let mut connection = db.pool().acquire().await.unwrap();
    let first = add(&mut connection, &event("order.placed")).await.unwrap();
    add_all(&mut connection, &[event("order.accepted"), event("cart.left")]).await.unwrap();

    let (a, b) = tokio::join!(dispatch(db.pool(), &RECEIVERS), dispatch(db.pool(), &RECEIVERS));

    assert_eq!(a.unwrap() + b.unwrap(), 3);
    let now = Timestamp::now();
    let lease = SignedDuration::from_secs(60);
    let told = jobs::claim(db.pool(), &["tell_seller"], now, lease, 10).await.unwrap();
    let topics: Vec<_> = told.iter().map(|job| job.payload["topic"].as_str().unwrap()).collect();
    assert_eq!(topics, ["order.placed", "order.accepted"]);
    assert_eq!(told[0].payload["event"], first);
    let told = jobs::claim(db.pool(), &["tell_shopper", "other"], now, lease, 10).await.unwrap();
    assert_eq!(told.len(), 1);
}

#[tokio::test]
async fn what_is_undone_was_never_told() {
    let db = TestDb::new().await;
    let mut transaction = db.pool().begin().await.unwrap();
    add(&mut transaction, &event("order.placed")).await.unwrap();
    transaction.rollback().await.unwrap();

    assert_eq!(dispatch(db.pool(), &RECEIVERS).await.unwrap(), 0);
}
