//! The category tree over HTTP.

use axum::http::Method;
use serde_json::{Value, json};

use crate::desk::Desk;

#[tokio::test]
async fn the_tree_is_listed_from_the_top_with_what_stands_in_it() {
    let desk = Desk::open().await;

    let tree = desk.get("categories").await.json();

    let line =
        |item: &Value| (item["slug"].clone(), item["depth"].clone(), item["products"].clone());
    let lines: Vec<_> = tree["items"].as_array().unwrap().iter().map(line).collect();
    let expected = [("flowers", 0, 0), ("roses", 1, 2), ("home", 0, 2), ("empty", 0, 0)];
    let expected =
        expected.map(|(slug, depth, products)| (json!(slug), json!(depth), json!(products)));
    assert_eq!(lines, expected);
    assert_eq!(tree["items"][0]["labels"], json!({"ar": "زهور", "en": "Flowers"}));
}

#[tokio::test]
async fn a_category_is_added_moved_named_and_removed() {
    let desk = Desk::open().await;
    let body = json!({"parent_id": "1", "labels": {"en": "Tulips", "kk": "Қызғалдақ"}});

    let added = desk.post("categories", &body).await;
    let path = added.header("location").trim_start_matches("/v1/admin/").to_owned();
    let change = json!({"parent_id": null, "labels": {"kk": null, "ru": "Тюльпаны"}});
    let moved = desk.change(Method::PATCH, &path, &change).await;
    let tag = moved.header("etag");
    let removed = desk.ask(Method::DELETE, &path).tag(tag).send().await;

    assert_eq!(added.status, 201, "{}", added.text);
    assert_eq!(added.json()["slug"], "tulips");
    assert_eq!(added.json()["parent_id"], "1");
    assert_eq!(moved.json()["parent_id"], Value::Null);
    assert_eq!(moved.json()["labels"], json!({"en": "Tulips", "ru": "Тюльпаны"}));
    assert_eq!(removed.status, 204);
    assert_eq!(desk.get(&path).await.status, 404);
}

#[tokio::test]
async fn a_category_cannot_be_lost_or_tied_in_a_circle() {
    let desk = Desk::open().await;

    let circle = desk.change(Method::PATCH, "categories/1", &json!({"parent_id": "2"})).await;
    let own = desk.change(Method::PATCH, "categories/1", &json!({"parent_id": "1"})).await;
    let nameless =
        desk.change(Method::PATCH, "categories/2", &json!({"labels": {"en": null}})).await;
    let full = desk.change(Method::DELETE, "categories/2", &json!({})).await;
    let parent = desk.change(Method::DELETE, "categories/1", &json!({})).await;
    let taken = desk.post("categories", &json!({"slug": "roses", "labels": {"en": "X"}})).await;

    for answer in [circle, own, nameless, full, parent, taken] {
        assert_eq!((answer.status.as_u16(), &*answer.code()), (409, "conflict"), "{}", answer.text);
    }
    let renamed = json!({"labels": {"en": null, "ru": "Розы"}});
    assert_eq!(desk.change(Method::PATCH, "categories/2", &renamed).await.status, 200);
}
