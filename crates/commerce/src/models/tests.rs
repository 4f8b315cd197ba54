//! Models against a fresh database.

use std::time::Duration;

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use serde_json::json;
use souk_base::MarketCode;
use souk_testdb::TestDb;

use super::nightly::{self, Daily};
use super::{
    NewVersion, file, list, promote, promote_by_staff, purchases, roll_back, roll_back_by_staff,
    save, serving,
};
use crate::notices::{Notice, Notices};
use crate::writes::fixture::{audited, write};
use crate::{Db, Error};

fn market() -> MarketCode {
    "GB".parse().unwrap()
}

async fn keep(db: &Db, version: &str, file: &[u8]) -> i64 {
    let manifest = json!({ "rows": 3 });
    let (model, market, verdict) = ("ease", market(), Some("first"));
    let new = NewVersion { model, market, version, manifest: &manifest, verdict, file };
    save(db, new).await.unwrap()
}

async fn serves(db: &Db) -> Vec<String> {
    let mut connection = db.acquire().await.unwrap();
    let serving = serving(&mut connection).await.unwrap();
    serving.into_iter().map(|version| version.version).collect()
}

#[tokio::test]
async fn a_version_is_kept_promoted_and_taken_back() {
    let db = TestDb::new().await;
    let db = db.pool();
    let large = vec![7; (8 << 20) + 1];

    let first = keep(db, "2026-11-01-a", b"abc").await;
    let second = keep(db, "2026-11-02-b", &large).await;
    assert_eq!(keep(db, "2026-11-01-a", b"abc").await, first, "the same again");
    assert!(serves(db).await.is_empty());
    promote(db, "ease", market(), "2026-11-01-a").await.unwrap();
    assert!(matches!(roll_back(db, "ease", market()).await, Err(Error::NotFound)));
    promote(db, "ease", market(), "2026-11-02-b").await.unwrap();
    promote(db, "ease", market(), "2026-11-02-b").await.unwrap();
    assert_eq!(serves(db).await, ["2026-11-02-b"]);

    let mut connection = db.acquire().await.unwrap();
    assert_eq!(file(&mut connection, first).await.unwrap(), b"abc");
    assert_eq!(file(&mut connection, second).await.unwrap(), large);
    assert_eq!(roll_back(db, "ease", market()).await.unwrap(), "2026-11-01-a");
    assert_eq!(serves(db).await, ["2026-11-01-a"]);
    let kept = list(&mut connection).await.unwrap();
    let promoted: Vec<_> =
        kept.iter().map(|it| (it.version.as_str(), it.promoted_at.is_some())).collect();
    assert_eq!(promoted, [("2026-11-02-b", false), ("2026-11-01-a", true)]);
}

#[tokio::test]
async fn who_of_the_staff_promotes_or_takes_back_is_written_down() {
    let db = TestDb::new().await;
    let db = db.pool();
    keep(db, "2026-11-01-a", b"abc").await;
    keep(db, "2026-11-02-b", b"abd").await;
    let mut open = write(db).await;
    promote_by_staff(&mut open, "ease", market(), "2026-11-01-a").await.unwrap();
    let second = promote_by_staff(&mut open, "ease", market(), "2026-11-02-b").await.unwrap();
    let before = roll_back_by_staff(&mut open, "ease", market()).await.unwrap();
    crate::writes::fixture::keep(db, open).await;

    assert_eq!((&*second.version, second.promoted_at.is_some()), ("2026-11-02-b", true));
    assert_eq!((&*before.version, before.verdict.as_deref()), ("2026-11-01-a", Some("first")));
    let actions: Vec<_> = audited(db).await.into_iter().map(|it| it.0).collect();
    assert_eq!(actions, ["models.promote", "models.promote", "models.roll_back"]);
}

#[tokio::test]
async fn a_version_that_is_not_there_is_not_promoted() {
    let db = TestDb::new().await;

    let refused = promote(db.pool(), "ease", market(), "2026-11-01-a").await;

    assert!(matches!(refused, Err(Error::NotFound)));
}

#[tokio::test]
async fn whoever_listens_hears_of_promotions_and_of_visitors_within_a_second() {
    let db = TestDb::new().await;
    let db = db.pool();
    keep(db, "2026-11-01-a", b"abc").await;
    let mut notices = Notices::listen(db).await.unwrap();
    assert_eq!(notices.next().await.unwrap(), Notice::Unknown);

    promote(db, "ease", market(), "2026-11-01-a").await.unwrap();
    let heard = tokio::time::timeout(Duration::from_secs(1), notices.next()).await;
    assert_eq!(heard.unwrap().unwrap(), Notice::Models);

    // As another process says it.
    let key = crate::notices::shopper_key(crate::recommendations::Shopper::Visitor("b"));
    let text = format!("0123456789abcdef {key:x} 7");
    sqlx::query("select pg_notify('souk_visitors', $1)").bind(text).execute(db).await.unwrap();
    let heard = tokio::time::timeout(Duration::from_secs(1), notices.next()).await;
    assert_eq!(heard.unwrap().unwrap(), Notice::Shoppers(vec![key, 7]));
}

#[tokio::test]
async fn history_is_what_was_sold_before_and_what_clients_tell_of_other_shops() {
    let db = TestDb::new().await;
    let db = db.pool();
    for statement in [
        "insert into categories (slug) values ('c')",
        "insert into products (slug, category_id, picture) select 'p' || n, id, 'rose' from categories, generate_series(1, 2) n",
        "insert into sales select 'GB', '1', row_number() over (), id, case slug when 'p1' then 1 else -1 end, 100,
            '2010-01-01', '7' from products",
        "select add_day_partition('events', '2026-11-20')",
        "insert into events (id, day, time, type, visitor, market, items) select 'e', '2026-11-20', '2026-11-20',
            'purchase-complete', 'v', 'GB', jsonb_agg(jsonb_build_object('product_id', id::text)) from products",
    ] {
        sqlx::query(statement).execute(db).await.unwrap();
    }
    let mut connection = db.acquire().await.unwrap();

    let mut found = Vec::new();
    let all = (Timestamp::UNIX_EPOCH, "2027-01-01T00:00:00Z".parse().unwrap());
    purchases(&mut connection, market(), all, &mut |it| found.push(it)).await.unwrap();

    let customers: Vec<_> = found.iter().map(|it| it.customer.as_deref().unwrap()).collect();
    assert_eq!(customers, ["customer 7", "visitor v", "visitor v"], "a cancelled line is none");
}

fn at_three() -> Daily {
    Daily { time: "03:00".parse().unwrap(), zone: TimeZone::get("Europe/London").unwrap() }
}

#[test]
fn a_time_of_day_comes_once_a_day_also_when_the_clock_leaps() {
    let half_past_one = Daily { time: "01:30".parse().unwrap(), ..at_three() };
    let next = |after: &str| half_past_one.next(after.parse().unwrap()).to_string();

    assert_eq!(next("2026-03-28T00:00:00Z"), "2026-03-28T01:30:00Z");
    assert_eq!(next("2026-03-28T01:30:00Z"), "2026-03-29T01:30:00Z", "01:30 is leapt over");
    assert_eq!(next("2026-03-29T01:30:00Z"), "2026-03-30T00:30:00Z");
}

#[tokio::test]
async fn one_instance_trains_and_nobody_again_before_the_next_night() {
    let (test_db, daily) = (TestDb::new().await, at_three());
    let db = test_db.pool();
    let at = |text: &str| text.parse::<Timestamp>().unwrap();
    let evening = at("2026-11-22T22:00:00Z");
    let night = at("2026-11-23T03:00:00Z");

    assert_eq!(nightly::due(db, &daily, evening).await.unwrap(), None);
    let (one, other) = tokio::join!(
        nightly::due(db, &daily, night),
        nightly::due(db, &daily, night + SignedDuration::from_secs(1))
    );
    let claims: Vec<_> = [one.unwrap(), other.unwrap()].into_iter().flatten().collect();
    assert_eq!(claims.len(), 1);
    nightly::done(db, &claims[0], &daily, night).await.unwrap();

    let clock_behind = night - SignedDuration::from_secs(30);
    assert_eq!(nightly::due(db, &daily, clock_behind).await.unwrap(), None);
    assert_eq!(nightly::due(db, &daily, at("2026-11-24T02:59:59Z")).await.unwrap(), None);
    assert!(nightly::due(db, &daily, at("2026-11-24T03:00:00Z")).await.unwrap().is_some());
}

#[tokio::test]
async fn a_training_that_fails_is_tried_three_times_a_night() {
    let (test_db, daily) = (TestDb::new().await, at_three());
    let db = test_db.pool();
    let mut now: Timestamp = "2026-11-22T22:00:00Z".parse().unwrap();
    nightly::due(db, &daily, now).await.unwrap();

    let mut tries = 0;
    now = daily.next(now);
    for _ in 0..10 {
        if let Some(job) = nightly::due(db, &daily, now).await.unwrap() {
            tries += 1;
            nightly::failed(db, &job, "no room", now).await.unwrap();
        }
        now += SignedDuration::from_mins(1);
    }

    assert_eq!(tries, 3);
    assert!(nightly::due(db, &daily, daily.next(now)).await.unwrap().is_some());
}

#[tokio::test]
async fn another_time_of_day_takes_the_place_of_the_one_before() {
    let (test_db, before) = (TestDb::new().await, at_three());
    let db = test_db.pool();
    let now: Timestamp = "2026-11-22T22:00:00Z".parse().unwrap();
    let after = Daily { time: "04:30".parse().unwrap(), ..at_three() };
    nightly::due(db, &before, now).await.unwrap();

    assert_eq!(nightly::due(db, &after, now).await.unwrap(), None);
    assert_eq!(nightly::due(db, &after, before.next(now)).await.unwrap(), None);
    assert!(nightly::due(db, &after, after.next(now)).await.unwrap().is_some());
}
