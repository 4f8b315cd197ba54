//! Versions of the settings, against a fresh database.

use souk_base::Weights;
use souk_testdb::TestDb;

use super::{NewSettings, find, newest, set};
use crate::writes::fixture::{keep, write};
use crate::{Conflict, Error, tables};

fn settings(market: Option<&str>, newness: f32) -> NewSettings {
    let weights = Weights { newness, ..Weights::default() };
    let market = market.map(|market| market.parse().unwrap());
    NewSettings { market, weights, note: "spring".to_owned() }
}

#[tokio::test]
async fn the_newest_version_of_each_market_counts_and_the_older_ones_stay() {
    let db = TestDb::new().await;
    let mut open = write(db.pool()).await;
    let first = set(&mut open, &settings(None, 1.0), Some(0)).await.unwrap();
    let second = set(&mut open, &settings(None, 2.0), Some(first.version)).await.unwrap();
    let kuwait = set(&mut open, &settings(Some("KW"), 3.0), None).await.unwrap();
    keep(db.pool(), open).await;

    let mut connection = db.pool().acquire().await.unwrap();
    let tables = tables(&mut connection).await.unwrap();
    let newness = |market: &str| tables.weights(market.parse().unwrap()).newness;
    assert_eq!([newness("KW"), newness("GB")], [3.0, 2.0]);
    let history = find(&mut connection, None, None, 10).await.unwrap();
    let versions: Vec<_> = history.iter().map(|version| version.version).collect();
    assert_eq!(versions, [kuwait.version, second.version, first.version]);
    let older = find(&mut connection, Some("GB".parse().unwrap()), Some(second.version), 10).await;
    assert_eq!(older.unwrap(), [first]);
}

#[tokio::test]
async fn of_two_who_change_the_same_version_the_second_is_told() {
    let db = TestDb::new().await;
    let mut open = write(db.pool()).await;
    set(&mut open, &settings(None, 1.0), Some(0)).await.unwrap();

    let second = set(&mut open, &settings(None, 2.0), Some(0)).await;

    assert!(matches!(second, Err(Error::Stale)));
    set(&mut open, &settings(Some("KW"), 2.0), Some(0)).await.unwrap();
}

#[tokio::test]
async fn what_is_no_weight_is_refused_and_passed_over_where_a_script_wrote_it() {
    let db = TestDb::new().await;
    for none in [-0.1, 100.1, f32::NAN, f32::INFINITY] {
        let mut open = write(db.pool()).await;
        let refused = set(&mut open, &settings(None, none), None).await;
        assert!(matches!(refused, Err(Error::Invalid { field: "weights", .. })), "{none}");
    }
    let mut open = write(db.pool()).await;
    let nowhere = set(&mut open, &settings(Some("XX"), 1.0), None).await;
    assert!(matches!(nowhere, Err(Error::Conflict(Conflict::NoSuchMarket))));
    let mut open = write(db.pool()).await;
    set(&mut open, &settings(None, 1.5), None).await.unwrap();
    keep(db.pool(), open).await;
    db.run(r#"insert into search_settings (weights) values ('{"newness": "much"}'), ('{"news": 1}'), ('{"text": -1}')"#)
        .await;

    let mut connection = db.pool().acquire().await.unwrap();
    let newest = newest(&mut connection).await.unwrap();

    assert_eq!(newest.len(), 1);
    assert!((newest[0].weights.newness - 1.5).abs() < f32::EPSILON);
    let history = find(&mut connection, None, None, 10).await.unwrap();
    assert_eq!(history.iter().filter(|version| version.weights.is_none()).count(), 3);
}
