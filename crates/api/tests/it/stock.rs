//! Stock and warehouses over HTTP.

use axum::http::Method;
use serde_json::{Value, json};
use souk_commerce::staff::Role;
use tokio::task::JoinSet;

use crate::desk::Desk;
use crate::fixture::{KUWAIT_CITY, Shop};

#[tokio::test]
async fn stock_is_set_and_adjusted_and_never_below_what_is_reserved() {
    let desk = Desk::of(Shop::open().await, Role::Warehouse).await;
    desk.shop.db.run("update stock set reserved = 2 where offer_id = 1 and warehouse_id = 1").await;
    let set = async |on_hand: i64| {
        desk.ask(Method::PUT, "stock/1/1").json(&json!({"on_hand": on_hand})).send().await
    };
    let adjust = async |delta: i64| desk.post("stock/1/1/adjust", &json!({"delta": delta})).await;

    assert_eq!(set(10).await.json()["on_hand"], 10);
    assert_eq!(adjust(-7).await.json()["on_hand"], 3);
    assert_eq!(adjust(-2).await.code(), "conflict");
    assert_eq!(set(1).await.code(), "conflict");
    assert_eq!(set(-1).await.code(), "invalid_value");
    assert_eq!(set(3_000_000_000).await.code(), "invalid_value");
    assert_eq!(adjust(4).await.json()["reserved"], 2);

    let listed = desk.get("stock?product=1").await.json();
    let units: Vec<_> =
        listed["items"].as_array().unwrap().iter().map(|row| row["on_hand"].clone()).collect();
    assert_eq!(units.len(), 2);
    assert!(units.contains(&json!(7)), "{listed}");
}

#[tokio::test]
async fn stock_lies_only_where_the_offer_is_sold() {
    let desk = Desk::open().await;
    let put =
        async |path: &str| desk.ask(Method::PUT, path).json(&json!({"on_hand": 1})).send().await;

    assert_eq!(put("stock/1/3").await.code(), "conflict");
    assert_eq!(put("stock/99/1").await.status, 404);
    assert_eq!(put("stock/2/2").await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn adjustments_at_the_same_time_add_up() {
    let desk = std::sync::Arc::new(Desk::open().await);
    let mut adjustments = JoinSet::new();
    for _ in 0..10 {
        let desk = desk.clone();
        adjustments.spawn(async move {
            desk.post("stock/3/1/adjust", &json!({"delta": 3})).await.status.as_u16()
        });
    }

    assert_eq!(adjustments.join_all().await, [200; 10]);

    assert_eq!(desk.get("stock?product=3").await.json()["items"][0]["on_hand"], 31);
}

#[tokio::test]
async fn warehouses_are_listed_and_added_one_a_city() {
    let desk = Desk::open().await;
    let slugs = desk.shop.get("/v1/markets").await.json();
    let cities = slugs["items"].as_array().unwrap().iter();
    let kuwait = cities.clone().find(|market| market["code"] == "KW").unwrap();
    let free = kuwait["cities"].as_array().unwrap().iter().map(|city| city["id"].clone());
    let used = [KUWAIT_CITY.to_string(), "285704".to_owned()];
    let free =
        free.into_iter().find(|id| !used.contains(&id.as_str().unwrap().to_owned())).unwrap();

    let added = desk.post("warehouses", &json!({"city_id": free})).await;
    let again = desk.post("warehouses", &json!({"city_id": free})).await;
    let nowhere = desk.post("warehouses", &json!({"city_id": "1"})).await;

    assert_eq!(added.status, 201, "{}", added.text);
    assert_eq!(added.json()["market"], "KW");
    assert_ne!(added.json()["name"], Value::Null);
    assert_eq!(again.code(), "conflict");
    assert_eq!(nowhere.code(), "conflict");
    let listed = desk.get("warehouses").await.json();
    assert_eq!(listed["items"].as_array().unwrap().len(), 4);
}
