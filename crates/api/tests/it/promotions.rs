//! Promotions as the staff's programs make, change and end them.

use axum::http::Method;
use serde_json::{Value, json};
use souk_commerce::staff::Role;

use crate::desk::Desk;
use crate::fixture::KUWAIT_CITY;

fn spring() -> Value {
    json!({
        "name": "Spring", "label": {"en": "10 % off", "ar": "خصم ١٠٪"}, "market": "KW",
        "effect": {"kind": "percentage", "rate_bp": 1000}, "cities": [KUWAIT_CITY.to_string()],
        "uses_max": 20, "coupons": [{"code": "spring-26", "uses_max": 5}],
    })
}

#[tokio::test]
async fn a_promotion_is_made_changed_and_ended() {
    let desk = Desk::open().await;

    let made = desk.post("promotions", &spring()).await;

    assert_eq!(made.status, 201, "{}", made.text);
    let promotion = made.json();
    assert_eq!((&promotion["state"], &promotion["uses"]), (&json!("live"), &json!(0)));
    assert_eq!(promotion["coupons"], json!([{"code": "SPRING-26", "uses_max": 5, "uses": 0}]));
    let path = format!("promotions/{}", promotion["id"].as_str().unwrap());
    assert_eq!(made.header("location"), format!("/v1/admin/{path}"));
    // A use does not make the version another one.
    desk.shop.db.run("update promotions set uses = 3").await;
    let patch = json!({"uses_max": null, "coupons": [{"code": "OTHER"}], "label": {"en": "Less"}});
    let changed = desk.ask(Method::PATCH, &path).tag(made.header("etag")).json(&patch).send().await;
    let stale = desk.ask(Method::PATCH, &path).tag(made.header("etag")).json(&patch).send().await;
    assert_eq!(changed.status, 200, "{}", changed.text);
    let coupons = json!([{"code": "OTHER", "uses_max": null, "uses": 0}]);
    assert_eq!((&changed.json()["coupons"], &changed.json()["uses_max"]), (&coupons, &Value::Null));
    assert_eq!(stale.status, 412);
    let ended = desk.post(&format!("{path}/end"), &json!({})).await;
    assert_eq!((ended.status.as_u16(), &ended.json()["state"]), (200, &json!("ended")));
    assert_eq!(desk.last_audit().await.0, "promotions.end");
    let found = async |query: &str| {
        desk.get(&format!("promotions?{query}")).await.json()["items"].as_array().unwrap().len()
    };
    assert_eq!((found("market=KW").await, found("market=GB").await), (1, 0));
}

#[tokio::test]
async fn what_means_nothing_or_is_taken_is_refused() {
    let desk = Desk::open().await;
    desk.post("promotions", &spring()).await;
    let with = |field: &str, value: Value| {
        let mut body = spring();
        body["name"] = json!("Other");
        body["coupons"] = json!([]);
        body[field] = value;
        body
    };
    let refused = [
        ("effect", json!({"kind": "percentage", "rate_bp": 10_001})),
        ("effect", json!({"kind": "gift", "offer_id": "999", "quantity": 1})),
        ("cities", json!(["2643743"])),
        ("products", json!(["999"])),
        ("label", json!({})),
        ("name", json!(" ")),
        ("uses_max", json!(0)),
        ("coupons", json!([{"code": "A"}])),
        ("coupons", json!([{"code": "TWICE"}, {"code": "twice"}])),
    ];
    for (field, value) in refused {
        let answer = desk.post("promotions", &with(field, value.clone())).await;
        assert_eq!(answer.status, 400, "{field} {value}: {}", answer.text);
    }
    let name = desk.post("promotions", &with("name", json!("Spring"))).await;
    let coupon = desk.post("promotions", &with("coupons", json!([{"code": "SPRING-26"}]))).await;
    assert_eq!((name.status.as_u16(), coupon.status.as_u16()), (409, 409));
    assert_eq!(desk.shop.db.count("select count(*) from promotions").await, 1);
    let keeper = Desk::of(desk.shop, Role::OrderManager).await;
    assert_eq!(keeper.get("promotions").await.status, 200);
    assert_eq!(keeper.post("promotions", &spring()).await.status, 403);
}
