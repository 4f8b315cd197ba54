//! Rules over HTTP.

use axum::http::Method;
use serde_json::{Value, json};
use souk_commerce::staff::Role;

use crate::desk::Desk;
use crate::fixture::Shop;

fn roses() -> Value {
    json!({
        "name": "Roses first",
        "conditions": [{"query_is": "roses"}, {"city": "285787"}],
        "actions": [{"pin": {"product": "1", "position": 1}}, {"boost": {"what": {"brand": "1"}, "percent": 50}}]
    })
}

#[tokio::test]
async fn a_rule_is_added_changed_and_removed() {
    let desk = Desk::open().await;

    let added = desk.post("rules", &roses()).await;
    let path = added.header("location").trim_start_matches("/v1/admin/").to_owned();
    let change = json!({"priority": 5, "market": "KW", "ends_at": "2020-01-01T00:00:00+03:00"});
    let changed = desk.change(Method::PATCH, &path, &change).await;
    let opened =
        desk.change(Method::PATCH, &path, &json!({"ends_at": null, "enabled": false})).await;
    let stale = desk.ask(Method::PATCH, &path).tag(changed.header("etag"));
    let stale = stale.json(&json!({"priority": 1})).send().await;
    let removed = desk.ask(Method::DELETE, &path).tag(opened.header("etag")).send().await;

    assert_eq!(added.status, 201, "{}", added.text);
    assert_eq!((&added.json()["state"], &added.json()["enabled"]), (&json!("live"), &json!(true)));
    assert_eq!(changed.json()["conditions"], roses()["conditions"]);
    assert_eq!(changed.json()["state"], "ended");
    assert_eq!(changed.json()["ends_at"], "2019-12-31T21:00:00Z");
    assert_eq!((&opened.json()["state"], &opened.json()["priority"]), (&json!("off"), &json!(5)));
    assert_eq!((stale.status.as_u16(), &*stale.code()), (412, "precondition_failed"));
    assert_eq!(removed.status, 204);
    assert_eq!(desk.get(&path).await.status, 404);
}

#[tokio::test]
async fn rules_are_listed_by_priority_a_page_at_a_time() {
    let desk = Desk::open().await;
    for (name, priority) in [("low", -1), ("high", 7), ("middle", 0), ("also middle", 0)] {
        let rule = json!({"name": name, "priority": priority, "actions": [{"hide": "2"}]});
        assert_eq!(desk.post("rules", &rule).await.status, 201);
    }

    let names = |page: &Value| -> Vec<String> {
        let items = page["items"].as_array().unwrap().iter();
        items.map(|rule| rule["name"].as_str().unwrap().to_owned()).collect()
    };
    let first = desk.get("rules?limit=3&state=live").await.json();
    let next = first["next"].as_str().unwrap();
    let rest = desk.get(&format!("rules?limit=3&state=live&cursor={next}")).await.json();

    assert_eq!(names(&first), ["high", "middle", "also middle"]);
    assert_eq!((names(&rest), &rest["next"]), (vec!["low".to_owned()], &Value::Null));
    assert_eq!(names(&desk.get("rules?q=MIDDLE").await.json()), ["middle", "also middle"]);
    assert_eq!(desk.get(&format!("rules?limit=3&cursor={next}")).await.code(), "invalid_cursor");
    assert_eq!(desk.get("rules?state=on").await.code(), "invalid_value");
}

#[tokio::test]
async fn what_a_rule_has_wrong_is_named() {
    let desk = Desk::open().await;
    let refused = async |change: Value| {
        let mut body = roses();
        body.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        let answer = desk.post("rules", &body).await;
        let pointer = answer.json()["errors"][0]["pointer"].as_str().unwrap_or_default().to_owned();
        let code = if answer.status == 201 { String::new() } else { answer.code() };
        (answer.status.as_u16(), code, pointer)
    };
    let told = |status, code: &str, pointer: &str| (status, code.to_owned(), pointer.to_owned());

    let unknown = refused(json!({"actions": [{"pim": {}}]})).await;
    assert_eq!(unknown, told(400, "invalid_value", "/actions/0"));
    let nothing = refused(json!({"actions": []})).await;
    assert_eq!(nothing, told(400, "invalid_value", "/actions"));
    let gone = refused(json!({"actions": [{"hide": "999"}]})).await;
    assert_eq!(gone, told(400, "invalid_value", "/actions"));
    let script = refused(json!({"actions": [{"redirect": "javascript:alert(1)"}]})).await;
    assert_eq!(script, told(400, "invalid_value", "/actions"));
    let nowhere = refused(json!({"market": "XX"})).await;
    assert_eq!(nowhere, told(409, "conflict", "/market"));
    let backwards = json!({"starts_at": "2026-02-14T00:00:00Z", "ends_at": "2026-02-13T00:00:00Z"});
    assert_eq!(refused(backwards).await, told(400, "invalid_value", "/ends_at"));
    assert_eq!(refused(json!({})).await.0, 201);
    assert_eq!(refused(json!({})).await, told(409, "conflict", "/name"));
}

#[tokio::test]
async fn support_reads_rules_and_changes_none() {
    let desk = Desk::of(Shop::open().await, Role::Support).await;

    assert_eq!(desk.get("rules").await.status, 200);
    assert_eq!(desk.post("rules", &roses()).await.code(), "forbidden");
    let desk = Desk::of(desk.shop, Role::Warehouse).await;
    assert_eq!(desk.get("rules").await.code(), "forbidden");
}

#[tokio::test]
async fn a_rule_that_is_not_saved_shows_what_it_would_do_and_changes_nothing() {
    let desk = Desk::open().await;
    let rule = json!({
        "name": "Lamps with roses", "enabled": false, "ends_at": "2020-01-01T00:00:00Z",
        "conditions": [{"query_is": "rose"}],
        "actions": [{"pin": {"product": "3", "position": 1}}, {"hide": "1"}]
    });
    let search = json!({"market": "KW", "q": "rose", "lang": "en"});

    let tried = desk.post("rules/preview", &json!({"rule": rule, "search": search})).await;
    let (before, after) = (&tried.json()["before"], &tried.json()["after"]);

    let told = |side: &Value| -> Vec<(String, Value, Value)> {
        let hits = side["hits"].as_array().unwrap().iter();
        let text = |hit: &Value| hit["product_id"].as_str().unwrap().to_owned();
        hits.map(|hit| (text(hit), hit["mark"].clone(), hit["other_position"].clone())).collect()
    };
    let row = |id: &str, mark: Value, other: Value| (id.to_owned(), mark, other);
    assert_eq!(tried.status, 200, "{}", tried.text);
    assert_eq!(
        told(before),
        [row("1", json!("hidden"), json!(null)), row("2", json!(null), json!(2))]
    );
    assert_eq!(
        told(after),
        [row("3", json!("pinned"), json!(null)), row("2", json!(null), json!(2))]
    );
    assert_eq!((&after["rules"], &before["rules"]), (&json!(["Lamps with roses"]), &json!([])));
    assert_eq!(tried.json()["applies"], true);
    assert_eq!(desk.get("rules").await.json()["items"], json!([]));

    let elsewhere = json!({"rule": rule, "search": {"market": "KW", "q": "lamp", "lang": "en"}});
    let elsewhere = desk.post("rules/preview", &elsewhere).await.json();
    assert_eq!(elsewhere["applies"], false);
    assert_eq!(elsewhere["after"]["hits"], elsewhere["before"]["hits"]);
}

#[tokio::test]
async fn what_cannot_be_saved_cannot_be_tried_out() {
    let desk = Desk::open().await;
    let search = json!({"market": "KW", "q": "rose"});
    let lost = json!({"name": "x", "actions": [{"hide": "999"}]});

    let refused = desk.post("rules/preview", &json!({"rule": lost, "search": search})).await;
    let nowhere = json!({"rule": roses(), "search": {"market": "XX", "q": "rose"}});
    let many = json!({"rule": roses(), "search": {"market": "KW", "limit": 101}});

    assert_eq!(refused.code(), "invalid_value");
    assert_eq!(desk.post("rules/preview", &nowhere).await.status, 404);
    assert_eq!(desk.post("rules/preview", &many).await.code(), "out_of_range");
}

#[tokio::test]
async fn a_rule_says_what_it_names_and_is_gone() {
    let desk = Desk::open().await;
    let rule = json!({"name": "x", "actions": [{"hide": "4"}, {"hide": "3"}]});
    let added = desk.post("rules", &rule).await;
    desk.shop
        .db
        .run("delete from variants where product_id = 4; delete from products where id = 4")
        .await;

    let listed = desk.get("rules").await.json();
    let one = desk.get(added.header("location").trim_start_matches("/v1/admin/")).await.json();

    assert_eq!(added.json().get("lost"), None);
    assert_eq!(listed["items"][0]["lost"], json!(["product:4"]));
    assert_eq!(one["lost"], json!(["product:4"]));
}
