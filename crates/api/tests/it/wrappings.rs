//! What sellers take for wrapping gifts, over HTTP.

use axum::http::Method;
use serde_json::json;

use crate::desk::Desk;

#[tokio::test]
async fn a_sellers_price_for_wrapping_is_set_changed_and_taken_away() {
    let desk = Desk::open().await;
    let put = async |path: &str, minor: i64, currency: &str| {
        let body = json!({"price": {"minor": minor, "currency": currency}});
        desk.ask(Method::PUT, path).json(&body).send().await
    };

    assert_eq!(put("wrappings/1/KW", 750, "KWD").await.status, 200);
    assert_eq!(put("wrappings/1/KW", 500, "KWD").await.json()["price"]["minor"], 500);
    assert_eq!(put("wrappings/1/GB", 0, "GBP").await.status, 200);

    let pound = json!({"minor": 0, "currency": "GBP"});
    let dinar = json!({"minor": 500, "currency": "KWD"});
    let listed = json!([
        {"seller_id": "1", "market": "GB", "price": pound},
        {"seller_id": "1", "market": "KW", "price": dinar},
    ]);
    assert_eq!(desk.get("wrappings").await.json()["items"], listed);

    assert_eq!(desk.ask(Method::DELETE, "wrappings/1/GB").send().await.status, 204);
    assert_eq!(desk.ask(Method::DELETE, "wrappings/1/GB").send().await.status, 404);
    assert_eq!(desk.get("wrappings").await.json()["items"], json!([listed[1]]));
}

#[tokio::test]
async fn wrapping_has_a_price_that_can_be_of_a_seller_and_a_market_that_are_there() {
    let desk = Desk::open().await;
    let put = async |path: &str, minor: i64, currency: &str| {
        let body = json!({"price": {"minor": minor, "currency": currency}});
        desk.ask(Method::PUT, path).json(&body).send().await
    };

    assert_eq!(put("wrappings/1/KW", -1, "KWD").await.code(), "invalid_value");
    assert_eq!(put("wrappings/1/KW", 1_000_000_000_001, "KWD").await.code(), "invalid_value");
    assert_eq!(put("wrappings/1/KW", 750, "GBP").await.code(), "invalid_value");
    assert_eq!(put("wrappings/99/KW", 750, "KWD").await.status, 404);
    assert_eq!(put("wrappings/1/XX", 750, "KWD").await.status, 404);
    assert_eq!(desk.get("wrappings").await.json()["items"], json!([]));
}
