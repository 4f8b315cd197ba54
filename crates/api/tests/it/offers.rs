//! Offers and their prices over HTTP.

use axum::http::Method;
use serde_json::{Value, json};

use crate::desk::Desk;

fn kwd(minor: i64) -> Value {
    json!({"minor": minor, "currency": "KWD"})
}

#[tokio::test]
async fn the_offers_of_a_product_are_listed_with_prices_and_stock() {
    let desk = Desk::open().await;

    let offers = desk.get("offers?product=1").await.json();

    let offer = &offers["items"][0];
    assert_eq!(offers["items"].as_array().unwrap().len(), 1);
    assert_eq!((&offer["price"], &offer["list_price"]), (&kwd(12_500), &kwd(15_000)));
    assert_eq!(offer["stock"].as_array().unwrap().len(), 2);
    assert_eq!(desk.get("offers").await.code(), "missing_field");
    assert_eq!(desk.get("offers?product=x").await.code(), "invalid_value");
    assert_eq!(desk.get("offers/99").await.status, 404);
}

#[tokio::test]
async fn an_offer_is_added_and_its_price_changed() {
    let desk = Desk::open().await;
    let gbp = json!({"minor": 2_999, "currency": "GBP"});
    let body = json!({"variant_id": "1", "market": "GB", "price": gbp, "preparation_minutes": 90});

    let added = desk.post("offers", &body).await;
    let path = added.header("location").trim_start_matches("/v1/admin/").to_owned();
    let reduced = json!({"price": {"minor": 1_999, "currency": "GBP"}, "list_price": gbp});
    let reduced = desk.change(Method::PATCH, &path, &reduced).await;
    let paused = json!({"state": "paused", "list_price": null});
    let paused = desk.change(Method::PATCH, &path, &paused).await;

    assert_eq!(added.status, 201, "{}", added.text);
    assert_eq!(added.json()["preparation_minutes"], 90);
    assert_eq!(reduced.json()["list_price"], gbp);
    assert_eq!(paused.json()["state"], "paused");
    assert_eq!(paused.json()["list_price"], Value::Null);
    assert_eq!(paused.json()["price"], json!({"minor": 1_999, "currency": "GBP"}));
    assert_eq!(desk.get(&path).await.json(), paused.json());
}

#[tokio::test]
async fn an_offer_that_cannot_be_is_refused() {
    let desk = Desk::open().await;
    let offer =
        |market: &str, price: Value| json!({"variant_id": "1", "market": market, "price": price});
    let gbp = json!({"minor": 100, "currency": "GBP"});
    let cases = [
        (offer("GB", kwd(100)), 400, "invalid_value"),
        (offer("XX", kwd(100)), 400, "invalid_value"),
        (offer("gb", gbp.clone()), 400, "invalid_value"),
        (offer("GB", json!({"minor": 1.5, "currency": "GBP"})), 400, "invalid_value"),
        (offer("GB", json!({"minor": 0, "currency": "GBP"})), 400, "out_of_range"),
        (offer("KW", kwd(100)), 409, "conflict"),
        (json!({"variant_id": "99", "market": "GB", "price": gbp}), 409, "conflict"),
    ];

    for (body, status, code) in cases {
        let answer = desk.post("offers", &body).await;

        assert_eq!((answer.status.as_u16(), answer.code().as_str()), (status, code), "{body}");
    }
    let list = json!({"list_price": kwd(12_500)});
    assert_eq!(desk.change(Method::PATCH, "offers/1", &list).await.code(), "invalid_value");
}

#[tokio::test]
async fn dated_prices_replace_the_base_price_for_a_time_and_never_overlap() {
    let desk = Desk::open().await;
    let day = |minor: i64, from: &str, until: &str| json!({"price": kwd(minor), "from": format!("2030-{from}T00:00:00Z"), "until": format!("2030-{until}T00:00:00Z")});

    let first = desk.post("offers/1/dated-prices", &day(9_000, "02-10", "02-15")).await;
    let next = desk.post("offers/1/dated-prices", &day(8_000, "02-15", "02-16")).await;
    let overlapping = desk.post("offers/1/dated-prices", &day(7_000, "02-14", "02-17")).await;
    let empty = desk.post("offers/1/dated-prices", &day(7_000, "03-01", "03-01")).await;
    let backward = desk.post("offers/1/dated-prices", &day(7_000, "03-02", "03-01")).await;
    let foreign = json!({"price": {"minor": 1, "currency": "GBP"}, "from": "2031-01-01T00:00:00Z"});
    let foreign = desk.post("offers/1/dated-prices", &foreign).await;

    assert_eq!(first.status, 201, "{}", first.text);
    assert_eq!(next.json()["dated_prices"].as_array().unwrap().len(), 2);
    assert_eq!(next.json()["dated_prices"][0]["price"], kwd(9_000));
    assert_eq!(next.json()["dated_prices"][0]["until"], "2030-02-15T00:00:00Z");
    for refused in [overlapping, empty, backward, foreign] {
        assert!([400, 409].contains(&refused.status.as_u16()), "{}", refused.text);
    }

    let path = first.header("location").trim_start_matches("/v1/admin/").to_owned();
    let removed = desk.ask(Method::DELETE, &path).send().await;
    let again = desk.ask(Method::DELETE, &path).send().await;

    assert_eq!(removed.json()["dated_prices"].as_array().unwrap().len(), 1);
    assert_eq!(again.status, 404);
}
