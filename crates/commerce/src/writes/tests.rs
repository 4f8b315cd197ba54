//! Writes that are repeated, raced and undone, against a fresh database.

use proptest::prelude::{any, proptest};
use souk_base::{CategoryId, Translated};
use souk_testdb::TestDb;

use super::fixture::{answer, audited, begin_with, keep, write};
use super::{Begun, Write, etag, expect, forget_expired};
use crate::categories::{self, NewCategory};
use crate::{Conflict, Error};

fn roses() -> NewCategory {
    let mut labels = Translated::default();
    labels.set(souk_base::Lang::En, "Roses");
    NewCategory { labels, ..NewCategory::default() }
}

fn new(begun: Begun) -> Write {
    match begun {
        Begun::New(write) => write,
        Begun::Before(answer) => panic!("answered before: {answer:?}"),
    }
}

#[tokio::test]
async fn a_repeated_request_gets_the_same_answer_and_has_no_second_effect() {
    let db = TestDb::new().await;
    let mut first = new(begin_with(db.pool(), "k", "{}").await.unwrap());
    categories::create(&mut first, roses()).await.unwrap();
    let body = "{\"b\": 1,  \"a\":\"\\u0000 é\"}";
    let position = first.commit(db.pool(), &answer(body)).await.unwrap();

    let Begun::Before(again) = begin_with(db.pool(), "k", "{}").await.unwrap() else {
        panic!("the answer was saved");
    };

    assert_eq!(again, answer(body));
    assert!(position.0 > 0);
    assert_eq!(audited(db.pool()).await.len(), 1);
}

#[tokio::test]
async fn a_key_of_another_request_is_refused_and_one_in_use_too() {
    let db = TestDb::new().await;
    let first = new(begin_with(db.pool(), "k", "{}").await.unwrap());

    let meanwhile = begin_with(db.pool(), "k", "{}").await;
    assert!(matches!(meanwhile.err(), Some(Error::KeyInUse)));

    keep(db.pool(), first).await;
    let other = begin_with(db.pool(), "k", "{\"a\":1}").await;
    assert!(matches!(other.err(), Some(Error::KeyReused)));
}

#[tokio::test]
async fn what_fails_leaves_nothing_behind_and_can_be_tried_again() {
    let db = TestDb::new().await;
    let mut failing = new(begin_with(db.pool(), "k", "{}").await.unwrap());
    let id = categories::create(&mut failing, roses()).await.unwrap();
    let twice = NewCategory { slug: Some("roses".to_owned()), ..roses() };
    let error = categories::create(&mut failing, twice).await.unwrap_err();
    assert!(matches!(error, Error::Conflict(Conflict::CategorySlugTaken)), "{error}");
    failing.roll_back().await.unwrap();

    let mut again = new(begin_with(db.pool(), "k", "{}").await.unwrap());

    let gone = categories::get(&mut again, id).await;
    assert!(matches!(gone, Err(Error::NotFound)));
    assert!(audited(db.pool()).await.is_empty());
}

#[tokio::test]
async fn a_change_to_what_has_changed_since_is_refused() {
    let db = TestDb::new().await;
    let mut first = write(db.pool()).await;
    let id = categories::create(&mut first, roses()).await.unwrap();
    let seen = etag(&categories::get(&mut first, id).await.unwrap());
    keep(db.pool(), first).await;

    let mut second = write(db.pool()).await;
    categories::lock(&mut second, id, Some(&seen)).await.unwrap();
    categories::put_label(&mut second, id, souk_base::Lang::Ru, Some("Розы")).await.unwrap();
    keep(db.pool(), second).await;

    let mut third = write(db.pool()).await;
    let stale = categories::lock(&mut third, id, Some(&seen)).await;
    assert!(matches!(stale, Err(Error::Stale)));
    assert!(categories::lock(&mut third, id, Some("*")).await.is_ok());
}

#[tokio::test]
async fn saved_answers_are_kept_for_a_week_and_then_forgotten() {
    let db = TestDb::new().await;
    for (key, days) in [("old", 9), ("young", 7)] {
        keep(db.pool(), new(begin_with(db.pool(), key, "{}").await.unwrap())).await;
        db.run(&format!(
            "update idempotency_keys set created_at = now() - interval '{days} days'
             where key = '{key}'"
        ))
        .await;
    }

    let forgotten = forget_expired(&mut db.pool().acquire().await.unwrap()).await.unwrap();

    assert_eq!(forgotten, 1);
    let young = begin_with(db.pool(), "young", "{}").await.unwrap();
    assert!(matches!(young, Begun::Before(_)));
    assert!(matches!(begin_with(db.pool(), "old", "{}").await.unwrap(), Begun::New(_)));
}

proptest! {
    #[test]
    fn an_entity_tag_is_the_same_for_the_same_and_differs_for_others(
        one in any::<(i64, String)>(), other in any::<(i64, String)>()
    ) {
        let (a, b) = ((CategoryId::new(one.0), &one.1), (CategoryId::new(other.0), &other.1));

        assert_eq!(etag(&a), etag(&a));
        assert_eq!(etag(&a) == etag(&b), one == other);
        let several = format!("\"no\", {}", etag(&a));
        assert!(expect(Some(&several), &a).is_ok());
        assert_eq!(expect(Some(&several), &b).is_ok(), one == other);
    }
}
