//! Versions of models over HTTP.

use axum::http::Method;
use serde_json::json;

use crate::desk::Desk;
use crate::recommendations::{kept, trained, until};

#[tokio::test]
async fn a_version_is_listed_promoted_and_taken_back_and_serves_within_a_second() {
    let desk = Desk::open().await;
    let _kept = kept(&desk.shop);
    let first = trained(&desk.shop, 1, false).await;
    let second = trained(&desk.shop, 2, false).await;
    let path = "/v1/KW/recommendations/trending";
    let promote = async |version: &str| {
        let body = json!({"market": "KW", "version": version});
        let answer = desk.post("models/trending/promote", &body).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        answer.json()
    };

    let promoted = promote(&first).await;
    assert_eq!((&promoted["version"], &promoted["verdict"]), (&json!(first), &json!("first")));
    assert_eq!(desk.last_audit().await.0, "models.promote");
    promote(&second).await;
    let name = format!("trending {second}");
    let (_, took) = until(&desk.shop, path, |answer| answer["model"] == name.as_str()).await;
    assert!(took.as_secs() < 1, "{took:?}");

    let back = desk.post("models/trending/rollback", &json!({"market": "KW"})).await;
    assert_eq!(back.json()["version"], first.as_str());
    let again = desk.post("models/trending/rollback", &json!({"market": "KW"})).await;
    assert_eq!(again.status, 404, "none was before it");
    let items = desk.get("models?market=KW").await.json()["items"].clone();
    let serving = |it: &&serde_json::Value| !it["promoted_at"].is_null();
    let serving: Vec<_> = items.as_array().unwrap().iter().filter(serving).collect();
    assert_eq!(serving.len(), 1);
    assert_eq!((&serving[0]["version"], &serving[0]["rows"]), (&json!(first), &json!(1)));
    assert_eq!(desk.get("models?market=GB").await.json()["items"], json!([]));
}

#[tokio::test]
async fn a_damaged_or_unknown_version_is_not_promoted() {
    let desk = Desk::open().await;
    let damaged = trained(&desk.shop, 1, true).await;

    let body = json!({"market": "KW", "version": damaged});
    let refused = desk.ask(Method::POST, "models/trending/promote").json(&body).send().await;
    assert_eq!((refused.status.as_u16(), &*refused.code()), (400, "invalid_value"));
    let unknown = json!({"market": "KW", "version": "2026-01-01-a"});
    assert_eq!(desk.post("models/trending/promote", &unknown).await.status, 404);
    assert_eq!(desk.post("models/fortune/promote", &body).await.status, 404);
    assert_eq!(desk.shop.db.count("select count(*) from model_promotions").await, 0);
}
