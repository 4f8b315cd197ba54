//! Events over HTTP.

use axum::body::Body;
use axum::http::Request;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use crate::fixture::{Answer, Shop};

async fn tell(shop: &Shop, body: &Value) -> Answer {
    let request = Request::post("/v1/events").header("content-type", "application/json");
    shop.send(request.body(Body::from(body.to_string())).unwrap()).await
}

fn event(id: &str, changed: &Value) -> Value {
    let mut event = json!({
        "id": id, "type": "add-to-cart", "visitor_id": "v", "market": "KW",
        "time": Timestamp::now().to_string(), "product_id": "1",
    });
    for (name, value) in changed.as_object().unwrap() {
        event[name] = value.clone();
    }
    event
}

async fn kept(shop: &Shop) -> i64 {
    shop.db.count("select count(*) from events").await
}

#[tokio::test]
async fn events_are_kept_once_and_every_type_is_taken() {
    let shop = Shop::open().await;
    let types = [
        "home-page-view",
        "category-page-view",
        "search",
        "detail-page-view",
        "add-to-cart",
        "remove-from-cart",
        "shopping-cart-page-view",
        "purchase-complete",
        "recommendation-view",
        "recommendation-click",
        "search-click",
    ];
    let whole = json!({
        "items": [{"product_id": "1", "quantity": 2, "price": {"minor": 12500, "currency": "KWD"}}],
        "cart_id": "c", "order_id": "o", "placement": "home", "token": "t", "value": 2.5, "position": 4,
    });
    let mut events: Vec<_> =
        types.iter().map(|name| event(name, &json!({ "type": name }))).collect();
    events.push(event("whole", &whole));
    let body = json!({ "events": events });

    let answer = tell(&shop, &body).await;
    let again = tell(&shop, &body).await;

    assert_eq!((answer.status.as_u16(), answer.json()["accepted"].as_u64()), (202, Some(12)));
    assert!(!answer.header("x-souk-position").is_empty());
    assert_eq!((again.status.as_u16(), kept(&shop).await), (202, 12));
}

#[tokio::test]
async fn one_bad_event_refuses_all_and_each_fault_is_pointed_at() {
    let shop = Shop::open().await;
    let at = |ahead: SignedDuration| (Timestamp::now() + ahead).to_string();
    let cases = [
        (json!({"time": at(SignedDuration::from_mins(6))}), "time", "out_of_range"),
        (json!({"time": at(-SignedDuration::from_hours(169))}), "time", "out_of_range"),
        (json!({"time": "yesterday"}), "time", "invalid_value"),
        (json!({"type": "wave"}), "type", "invalid_value"),
        (json!({"market": "XX"}), "market", "invalid_value"),
        (json!({"market": "kuwait"}), "market", "invalid_value"),
        (json!({"id": ""}), "id", "invalid_value"),
        (json!({"id": "x".repeat(129)}), "id", "too_long"),
        (json!({"visitor_id": null}), "visitor_id", "missing_field"),
        (json!({"product_id": "rose"}), "product_id", "invalid_value"),
        (json!({"query_id": "q"}), "query_id", "invalid_value"),
        (json!({"position": 0}), "position", "out_of_range"),
        (
            json!({"items": [{"product_id": "1", "quantity": 0}]}),
            "items/0/quantity",
            "out_of_range",
        ),
        (
            json!({"items": [{"product_id": "1", "colour": "red"}]}),
            "items/0/colour",
            "unknown_field",
        ),
        (json!({"colour": "red"}), "colour", "unknown_field"),
        (json!({"time": 7}), "time", "invalid_value"),
    ];
    for (changed, field, code) in cases {
        let body = json!({"events": [event("a", &json!({})), event("b", &changed)]});
        let answer = tell(&shop, &body).await;

        assert_eq!((answer.status.as_u16(), answer.code().as_str()), (400, code), "{changed}");
        assert_eq!(
            answer.json()["errors"][0]["pointer"],
            format!("/events/1/{field}"),
            "{changed}"
        );
    }
    let both =
        json!({"events": [event("a", &json!({"time": "x"})), event("b", &json!({"type": "x"}))]});
    assert_eq!(tell(&shop, &both).await.json()["errors"].as_array().unwrap().len(), 2);
    assert_eq!(kept(&shop).await, 0);
}

#[tokio::test]
async fn too_many_events_and_too_large_a_body_are_refused() {
    let shop = Shop::open().await;
    let small = json!({"id": "a", "type": "search", "visitor_id": "v", "market": "KW", "time": ""});
    let many: Vec<_> = (0..501).map(|_| small.clone()).collect();
    let large = event("a", &json!({"token": "x".repeat(70_000)}));

    let many = tell(&shop, &json!({ "events": many })).await;
    let large = tell(&shop, &json!({ "events": [large] })).await;

    assert_eq!((many.status.as_u16(), many.code().as_str()), (400, "too_many"));
    assert_eq!((large.status.as_u16(), large.code().as_str()), (413, "body_too_large"));
}

#[tokio::test(flavor = "multi_thread")]
async fn requests_at_once_are_kept_together_and_the_same_event_once() {
    let shop = Shop::open().await;
    let shop = std::sync::Arc::new(shop);
    let mut telling = tokio::task::JoinSet::new();
    for number in 0..40 {
        let shop = shop.clone();
        telling.spawn(async move {
            let own = event(&format!("own {number}"), &json!({}));
            let body = json!({"events": [own, event("same", &json!({}))]});
            tell(&shop, &body).await.status.as_u16()
        });
    }

    assert!(telling.join_all().await.into_iter().all(|status| status == 202));
    assert_eq!(kept(&shop).await, 41);
}

#[tokio::test]
async fn without_its_database_the_shop_takes_no_events() {
    let shop = Shop::open().await;
    shop.app.db.close().await;

    let answer = tell(&shop, &json!({"events": [event("a", &json!({}))]})).await;

    assert_eq!((answer.status.as_u16(), answer.code().as_str()), (500, "internal"));
}
