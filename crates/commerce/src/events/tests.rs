//! Events against a fresh database.

use jiff::{SignedDuration, Timestamp};
use souk_testdb::TestDb;

use super::{Event, Kind, append, forget_old, is_in_time};

fn event(id: &str, time: Timestamp) -> Event {
    Event {
        product_id: Some(7.into()),
        items: Some(serde_json::json!([{"product_id": "7", "quantity": 2}])),
        value: Some(1.5),
        ..Event::of(id, Kind::AddToCart, "v", "KW".parse().unwrap(), time)
    }
}

async fn rows(db: &TestDb) -> Vec<(String, String)> {
    sqlx::query_as("select id, tableoid::regclass::text from events order by time, id")
        .fetch_all(db.pool())
        .await
        .unwrap()
}

#[tokio::test]
async fn an_id_that_was_seen_changes_nothing_even_on_another_day() {
    let db = TestDb::new().await;
    let now = Timestamp::now();
    let earlier = now - SignedDuration::from_hours(48);

    append(db.pool(), &[event("a", now), event("b", now), event("a", earlier)]).await.unwrap();
    append(db.pool(), &[event("a", earlier), event("c", earlier)]).await.unwrap();

    let ids: Vec<_> = rows(&db).await.into_iter().map(|(id, _)| id).collect();
    assert_eq!(ids, ["c", "a", "b"]);
}

#[tokio::test]
async fn an_event_is_kept_under_the_day_of_its_own_time_and_old_days_go_whole() {
    let db = TestDb::new().await;
    let now = Timestamp::now();
    let old = now - SignedDuration::from_hours(24 * 200);

    append(db.pool(), &[event("new", now), event("old", old)]).await.unwrap();
    let day = old.to_zoned(jiff::tz::TimeZone::UTC).strftime("events_%Y%m%d").to_string();
    assert_eq!(rows(&db).await[0], ("old".to_owned(), day));

    let mut connection = db.pool().acquire().await.unwrap();
    assert_eq!(forget_old(&mut connection).await.unwrap(), 1);
    assert_eq!(forget_old(&mut connection).await.unwrap(), 0);
    assert_eq!(rows(&db).await.len(), 1);
}

#[tokio::test]
async fn writers_at_once_make_a_day_once() {
    let db = TestDb::new().await;
    let now = Timestamp::now();
    let (first, second) = ([event("a", now)], [event("b", now)]);

    let (one, other) = tokio::join!(append(db.pool(), &first), append(db.pool(), &second));

    assert!(one.is_ok() && other.is_ok(), "{one:?} {other:?}");
    assert_eq!(rows(&db).await.len(), 2);
}

#[test]
fn events_are_taken_from_a_week_ago_to_five_minutes_ahead() {
    let now: Timestamp = "2026-11-22T12:00:00Z".parse().unwrap();
    let at = |text: &str| is_in_time(text.parse().unwrap(), now);

    assert!(at("2026-11-15T12:00:00Z") && at("2026-11-22T12:05:00Z"));
    assert!(!at("2026-11-15T11:59:59Z") && !at("2026-11-22T12:05:01Z"));
}

#[test]
fn a_kind_has_one_name() {
    for kind in Kind::ALL {
        assert_eq!(Kind::of(kind.name()), Some(kind));
    }
}
