//! What holds for every write of the staff: it happens once, from a known version, and is written down.

use axum::http::Method;
use serde_json::{Value, json};
use souk_base::Position;
use souk_commerce::staff::Role;
use tokio::task::JoinSet;

use crate::desk::Desk;
use crate::fixture::{Answer, Shop};

fn tulips() -> Value {
    json!({
        "category_id": "1", "slug": "tulips",
        "texts": [{"lang": "en", "title": "Tulips"}],
    })
}

/// Sends until the server is neither busy nor still answering the same request.
async fn persist(desk: &Desk, key: &str, body: &Value) -> Answer {
    loop {
        let answer = desk.ask(Method::POST, "products").key(key).json(body).send().await;
        match answer.status.as_u16() {
            409 => assert_eq!(answer.code(), "idempotency_key_in_use"),
            503 => assert_eq!(answer.code(), "overloaded"),
            _ => return answer,
        }
        assert_eq!(answer.header("retry-after"), "1");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hundred_parallel_requests_with_one_key_have_one_effect_and_equal_answers() {
    let desk = std::sync::Arc::new(Desk::of(Shop::open().await, Role::Merchandiser).await);
    let mut requests = JoinSet::new();
    for _ in 0..100 {
        let desk = desk.clone();
        requests.spawn(async move { persist(&desk, "once", &tulips()).await });
    }

    let answers = requests.join_all().await;

    for answer in &answers {
        assert_eq!(answer.status, 201, "{}", answer.text);
        assert_eq!(answer.text, answers[0].text);
        assert_eq!(answer.header("etag"), answers[0].header("etag"));
        assert_eq!(answer.header("location"), answers[0].header("location"));
        answer.header("x-souk-position").parse::<Position>().unwrap();
    }
    let found = desk.get("products?q=tulips").await.json();
    assert_eq!(found["items"].as_array().unwrap().len(), 1, "{found}");
}

#[tokio::test]
async fn a_key_that_another_request_had_is_refused() {
    let desk = Desk::open().await;
    let mut other = tulips();
    other["slug"] = json!("other");
    desk.ask(Method::POST, "products").key("k").json(&tulips()).send().await;

    let body = desk.ask(Method::POST, "products").key("k").json(&other).send().await;
    let path = desk.ask(Method::POST, "categories").key("k").json(&tulips()).send().await;

    assert_eq!((body.status.as_u16(), body.code().as_str()), (422, "idempotency_key_reused"));
    // The body is no category's, which is said first.
    assert_eq!(path.status, 400);
}

#[tokio::test]
async fn what_failed_can_be_tried_again_with_its_key() {
    let desk = Desk::open().await;
    let mut taken = tulips();
    taken["slug"] = json!("red-rose");

    let first = desk.ask(Method::POST, "products").key("k").json(&taken).send().await;
    let again = desk.ask(Method::POST, "products").key("k").json(&taken).send().await;
    let other = desk.ask(Method::POST, "products").key("k").json(&tulips()).send().await;

    assert_eq!((first.status.as_u16(), first.code().as_str()), (409, "conflict"));
    assert_eq!(again.status, 409);
    assert_eq!(other.status, 201, "{}", other.text);
}

#[tokio::test]
async fn a_key_belongs_to_the_staff_member_who_sent_it() {
    let desk = Desk::open().await;
    let first = desk.ask(Method::POST, "products").key("k").json(&tulips()).send().await;
    let other = Desk::of(desk.shop, Role::Admin).await;
    let mut body = tulips();
    body["slug"] = json!("more-tulips");

    let second = other.ask(Method::POST, "products").key("k").json(&body).send().await;

    assert_eq!((first.status.as_u16(), second.status.as_u16()), (201, 201));
    assert_ne!(first.json()["id"], second.json()["id"]);
}

#[tokio::test]
async fn a_key_has_at_most_255_visible_characters() {
    let desk = Desk::open().await;
    let long = "k".repeat(256);

    for (key, code) in [("", "invalid_value"), (&*long, "too_long"), ("schlüssel", "invalid_value")]
    {
        let answer = desk.ask(Method::POST, "products").key(key).json(&tulips()).send().await;

        assert_eq!((answer.status.as_u16(), answer.code().as_str()), (400, code));
        assert_eq!(answer.json()["errors"][0]["pointer"], "/idempotency-key");
    }
    let longest = "k".repeat(255);
    assert_eq!(
        desk.ask(Method::POST, "products").key(&longest).json(&tulips()).send().await.status,
        201
    );
}

#[tokio::test]
async fn a_change_must_say_what_it_was_made_from() {
    let desk = Desk::open().await;
    let changes = [
        (Method::PATCH, "products/1"),
        (Method::DELETE, "products/1"),
        (Method::PUT, "products/1/texts/en"),
        (Method::DELETE, "products/1/texts/ar"),
        (Method::PATCH, "products/1/variants/1"),
        (Method::DELETE, "products/1/variants/1"),
        (Method::PATCH, "categories/4"),
        (Method::DELETE, "categories/4"),
        (Method::PATCH, "offers/1"),
    ];

    for (method, path) in changes {
        let body = if path.contains("texts") { json!({"title": "X"}) } else { json!({}) };
        let ask = || desk.ask(method.clone(), path).json(&body);
        let silent = ask().send().await;
        let stale = ask().tag("\"0123\"").send().await;
        let weak = ask().tag("W/\"0123\"").send().await;

        assert_eq!(
            (silent.status.as_u16(), &*silent.code()),
            (428, "precondition_required"),
            "{path}"
        );
        assert_eq!((stale.status.as_u16(), &*stale.code()), (412, "precondition_failed"), "{path}");
        assert_eq!(weak.status, 412, "{path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_changes_made_from_one_version_one_is_taken() {
    let desk = std::sync::Arc::new(Desk::open().await);
    let tag = desk.get("products/1").await.header("etag").to_owned();
    let mut changes = JoinSet::new();
    for number in 0..8 {
        let (desk, tag) = (desk.clone(), tag.clone());
        changes.spawn(async move {
            let body = json!({"slug": format!("rose-{number}")});
            desk.ask(Method::PATCH, "products/1").tag(&tag).json(&body).send().await
        });
    }

    let answers = changes.join_all().await;

    let mut statuses: Vec<_> = answers.iter().map(|answer| answer.status.as_u16()).collect();
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 412, 412, 412, 412, 412, 412, 412]);
    let taken = answers.iter().find(|answer| answer.status == 200).unwrap();
    let now = desk.get("products/1").await;
    assert_eq!(now.json()["slug"], taken.json()["slug"]);
    assert_eq!(now.header("etag"), taken.header("etag"));
}

#[tokio::test]
async fn every_write_is_written_down_and_says_from_which_position_on_it_is_seen() {
    let desk = Desk::open().await;
    let before = desk.post("products", &tulips()).await;

    let after = desk.change(Method::PATCH, "products/1", &json!({"slug": "rose"})).await;

    assert_eq!(after.status, 200, "{}", after.text);
    let position = |answer: &Answer| answer.header("x-souk-position").parse::<Position>().unwrap();
    assert!(position(&before) < position(&after));
    let (action, subject, who) = desk.last_audit().await;
    assert_eq!((action.as_str(), who.as_str()), ("products.update", "Noor"));
    assert!(subject.contains('1'), "{subject}");
}

#[tokio::test]
async fn a_refused_write_leaves_nothing_behind() {
    let desk = Desk::open().await;
    let before = desk.last_audit().await;
    let tag = desk.get("products/1").await.header("etag").to_owned();
    // The values are set before the slug turns out to be taken.
    let body = json!({"values": ["2"], "slug": "white-rose"});

    let refused = desk.ask(Method::PATCH, "products/1").tag(&tag).json(&body).send().await;

    assert_eq!((refused.status.as_u16(), refused.code().as_str()), (409, "conflict"));
    assert_eq!(desk.get("products/1").await.header("etag"), tag);
    assert_eq!(desk.last_audit().await, before);
}
