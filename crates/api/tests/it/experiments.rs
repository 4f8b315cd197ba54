//! Experiments over HTTP: made, seen by visitors, and what came of them.

use std::collections::BTreeSet;

use axum::http::Method;
use jiff::Timestamp;
use serde_json::{Value, json};
use souk_commerce::experiments::ExperimentId;
use souk_recommend::experiments::assign;

use crate::desk::Desk;
use crate::recommendations::{items, kept, tell, trained, until};
use crate::requests::experiment;

/// Adds an experiment and starts it; gives its key.
async fn started(desk: &Desk, body: &Value) -> String {
    let made = desk.post("experiments", body).await;
    assert_eq!(made.status, 201, "{}", made.text);
    let id = made.json()["id"].as_str().unwrap().to_owned();
    let moved = desk.post(&format!("experiments/{id}/moves"), &json!({"move": "start"})).await;
    assert_eq!((moved.status.as_u16(), &moved.json()["state"]), (200, &json!("running")));
    id
}

/// A visitor of each of two equal variants.
fn visitors(id: &str) -> [String; 2] {
    let id: ExperimentId = id.parse().unwrap();
    [0, 1].map(|variant| {
        let mut names = (0..).map(|n| format!("visitor-{n}"));
        names.find(|name| assign(id.get(), name, &[1, 1]) == variant).unwrap()
    })
}

#[tokio::test]
async fn an_experiment_is_made_changed_started_stopped_and_kept() {
    let desk = Desk::open().await;
    let made = desk.post("experiments", &experiment("margin")).await;
    let path = made.header("location").trim_start_matches("/v1/admin/").to_owned();
    assert_eq!(made.json()["variants"], experiment("margin")["variants"]);

    let stale = desk.ask(Method::PATCH, &path).tag("\"x\"").json(&json!({"note": "why"})).send();
    assert_eq!(stale.await.status, 412);
    let changed = desk.change(Method::PATCH, &path, &json!({"note": "why"})).await;
    assert_eq!((changed.status.as_u16(), &changed.json()["note"]), (200, &json!("why")));
    let moves = format!("{path}/moves");
    assert_eq!(desk.post(&moves, &json!({"move": "stop"})).await.code(), "illegal_move");
    assert_eq!(desk.post(&moves, &json!({"move": "start"})).await.status, 200);
    let late = desk.change(Method::PATCH, &path, &json!({"place": "cart"})).await;
    assert_eq!((late.status.as_u16(), &*late.code()), (400, "invalid_value"));
    let tag = desk.get(&path).await.header("etag").to_owned();
    let kept = desk.ask(Method::DELETE, &path).tag(&tag).send().await;
    assert_eq!(kept.status, 409, "visitors may have seen it");
    assert_eq!(desk.post(&moves, &json!({"move": "stop"})).await.json()["state"], "stopped");

    let draft = desk.post("experiments", &experiment("draft")).await.header("location").to_owned();
    let draft = draft.trim_start_matches("/v1/admin/");
    let page = desk.get("experiments?limit=1&market=KW").await.json();
    assert_eq!(page["items"][0]["name"], "draft");
    let rest = format!("experiments?limit=1&market=KW&cursor={}", page["next"].as_str().unwrap());
    assert_eq!(desk.get(&rest).await.json()["items"][0]["name"], "margin");
    let tag = desk.get(draft).await.header("etag").to_owned();
    assert_eq!(desk.ask(Method::DELETE, draft).tag(&tag).send().await.status, 204);
    assert_eq!(desk.get(draft).await.status, 404);
}

#[tokio::test]
async fn visitors_get_their_variant_within_a_second_and_each_is_written_down_once() {
    let desk = Desk::open().await;
    let _kept = kept(&desk.shop);
    // The rose costs 12.500, the lamp 30.000; neither was bought by anybody.
    let mut body = experiment("revenue");
    body["variants"][1]["goals"] = json!({"objective": "revenue"});
    let id = started(&desk, &body).await;
    let [control, tried] = visitors(&id);
    let path = |visitor: &str| format!("/v1/KW/recommendations/home?visitor={visitor}");

    let first = |answer: &Value| items(answer).first().map(|it| it.0.clone());
    let (_, took) = until(&desk.shop, &path(&tried), |it| first(it).as_deref() == Some("3")).await;
    assert!(took.as_secs() < 5, "{took:?}");
    for _ in 0..3 {
        let plain = desk.shop.get(&path(&control)).await.json();
        assert_eq!(first(&plain).as_deref(), Some("1"));
        assert_eq!(first(&desk.shop.get(&path(&tried)).await.json()).as_deref(), Some("3"));
    }
    let nobody = desk.shop.get("/v1/KW/recommendations/home").await.json();
    assert_eq!(first(&nobody).as_deref(), Some("1"), "who has no name is in no experiment");
    desk.shop.app.flush().await.unwrap();

    let seen = "select visitor || ' ' || variant from experiment_exposures";
    let seen: BTreeSet<_> = desk.shop.db.texts(seen).await.into_iter().collect();
    assert_eq!(seen, [format!("{control} 0"), format!("{tried} 1")].into());
    let report = desk.get(&format!("experiments/{id}/report")).await.json();
    let visitors = |place: usize| report["variants"][place]["visitors"].clone();
    assert_eq!((visitors(0), visitors(1)), (json!(1), json!(1)));
    assert_eq!(report["variants"][1]["conversion_change"], Value::Null, "too few");
    assert_eq!(report["shares"]["fit"], true);

    let stop = format!("experiments/{id}/moves");
    assert_eq!(desk.post(&stop, &json!({"move": "stop"})).await.status, 200);
    until(&desk.shop, &path(&tried), |it| first(it).as_deref() == Some("1")).await;
}

#[tokio::test]
async fn a_search_without_what_a_visitor_did_can_be_tried() {
    let desk = Desk::open().await;
    let _kept = kept(&desk.shop);
    let all = "/v1/KW/search?limit=3";
    let order = async |visitor: &str| -> Vec<Value> {
        let answer = desk.shop.get_as(visitor, all).await.json();
        answer["hits"].as_array().unwrap().iter().map(|hit| hit["product_id"].clone()).collect()
    };
    let plain = order("nobody in particular").await;
    let variants = json!([{"name": "as ever", "weight": 1}, {"name": "for all", "weight": 1, "personalise": false}]);
    let body = json!({"name": "history", "place": "search", "variants": variants});
    let id = started(&desk, &body).await;
    let [control, tried] = visitors(&id);
    for visitor in [&control, &tried] {
        let event = json!({ "events": [{
            "id": visitor, "type": "detail-page-view", "visitor_id": visitor, "market": "KW",
            "time": Timestamp::now().to_string(), "product_id": plain.last(),
        }] });
        assert_eq!(tell(&desk.shop, &event).await.status.as_u16(), 202);
    }

    let asked = std::time::Instant::now();
    while order(&tried).await != plain {
        assert!(asked.elapsed().as_secs() < 20, "the experiment does not begin");
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    assert_eq!(order(&control).await.first(), plain.last(), "what was looked at comes first");
    desk.shop.app.flush().await.unwrap();
    assert_eq!(
        desk.shop.db.count("select count(distinct variant) from experiment_exposures").await,
        2
    );
}

#[tokio::test]
async fn a_version_that_does_not_serve_is_tried_on_its_visitors_alone() {
    let desk = Desk::open().await;
    let _kept = kept(&desk.shop);
    let version = trained(&desk.shop, 3, false).await;
    let variants = json!([{"name": "as ever", "weight": 1}, {"name": "new", "weight": 1, "models": {"trending": version}}]);
    let body = json!({"name": "trend", "market": "KW", "place": "trending", "variants": variants});
    let id = started(&desk, &body).await;
    let [control, tried] = visitors(&id);
    let path = |visitor: &str| format!("/v1/KW/recommendations/trending?visitor={visitor}");

    let name = format!("trending {version}");
    until(&desk.shop, &path(&tried), |answer| answer["model"] == name.as_str()).await;

    let plain = desk.shop.get(&path(&control)).await.json();
    assert_ne!(plain["model"], name.as_str());
}

#[tokio::test]
async fn two_rankings_are_mixed_and_a_click_counts_for_who_brought_the_product() {
    let desk = Desk::open().await;
    let _kept = kept(&desk.shop);
    let mut body = experiment("mixed");
    body["kind"] = json!("interleaving");
    body["variants"][1]["goals"] = json!({"objective": "revenue"});
    let id = started(&desk, &body).await;
    let path = "/v1/KW/recommendations/home?visitor=v";
    let mixed = "select count(*) from recommendation_lists where teams is not null";
    let asked = std::time::Instant::now();
    while desk.shop.db.count(mixed).await == 0 {
        assert!(asked.elapsed().as_secs() < 20, "nothing is mixed");
        desk.shop.get(path).await;
        desk.shop.app.flush().await.unwrap();
    }

    let answer = desk.shop.get(path).await.json();
    let product = items(&answer)[0].0.clone();
    let event = json!({ "events": [{
        "id": "e", "type": "recommendation-click", "visitor_id": "v", "market": "KW",
        "time": Timestamp::now().to_string(), "product_id": product, "token": answer["token"],
    }] });
    assert_eq!(tell(&desk.shop, &event).await.status.as_u16(), 202);
    desk.shop.app.flush().await.unwrap();

    let report = desk.get(&format!("experiments/{id}/report")).await.json();
    let liked = &report["liked"];
    let sum = liked["first"].as_u64().unwrap() + liked["second"].as_u64().unwrap();
    assert_eq!((sum, &liked["change"]), (1, &Value::Null), "{report}");
    let bad = "select count(*) from recommendation_lists where cardinality(teams) <> cardinality(products)";
    assert_eq!(desk.shop.db.count(bad).await, 0);
}
