//! What placements are for, over HTTP.

use serde_json::{Value, json};
use souk_recommend::serve::Placement;
use tokio_util::sync::CancellationToken;

use crate::desk::Desk;

#[tokio::test]
async fn a_new_version_is_set_and_the_older_ones_stay_in_the_list() {
    let desk = Desk::open().await;
    let body = json!({"placements": {"home": {"objective": "margin"}}, "note": "winter", "from_version": 0});

    let first = desk.post("recommendation-settings", &body).await;
    let stale = desk.post("recommendation-settings", &body).await;
    let kuwait = json!({"market": "KW", "placements": {}});
    let kuwait = desk.post("recommendation-settings", &kuwait).await;

    assert_eq!(first.status, 201, "{}", first.text);
    assert_eq!(first.json()["placements"], json!({"home": {"objective": "margin"}}));
    assert_eq!((stale.status.as_u16(), &*stale.code()), (412, "precondition_failed"));
    let page = desk.get("recommendation-settings?limit=1").await.json();
    assert_eq!(page["items"][0]["version"], kuwait.json()["version"]);
    let next = page["next"].as_str().unwrap();
    let rest = desk.get(&format!("recommendation-settings?limit=1&cursor={next}")).await.json();
    assert_eq!(rest["items"], json!([first.json()]));
}

#[tokio::test]
async fn what_is_no_goal_is_refused() {
    let desk = Desk::open().await;
    for placements in [
        json!({"home": {"diversity": 2}}),
        json!({"home": {"objective": "fame"}}),
        json!({"home": {"colour": 1}}),
        json!({"sofa": {}}),
        json!(1),
    ] {
        let body = json!({"placements": placements});
        let answer = desk.post("recommendation-settings", &body).await;

        assert_eq!(answer.status, 400, "{placements}: {}", answer.text);
        let pointer = answer.json()["errors"][0]["pointer"].clone();
        assert!(pointer.as_str().unwrap().starts_with("/placements"), "{pointer}");
    }
}

#[test]
fn every_placement_can_be_set() {
    let names = Placement::NAMES.map(|(name, _)| name);

    assert_eq!(names, souk_commerce::recommendation_settings::PLACEMENTS);
}

/// The first product of the home page's list, and what its score was made of.
async fn first(desk: &Desk) -> (String, Value) {
    let path = "/v1/KW/recommendations/home?explain=true";
    let item = desk.shop.get(path).await.json()["items"][0].clone();
    (item["product_id"].as_str().unwrap().to_owned(), item["scores"].clone())
}

/// Asks until the first product is this one.
async fn until_first(desk: &Desk, product: &str) -> Value {
    let asked = std::time::Instant::now();
    loop {
        let (first, scores) = first(desk).await;
        if first == product {
            return scores;
        }
        assert!(asked.elapsed().as_secs() < 20, "{first} is first, not {product}: {scores}");
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
}

#[tokio::test]
async fn a_placement_serves_another_objective_and_rules_within_a_second_and_says_so() {
    let desk = Desk::open().await;
    let stop = CancellationToken::new();
    tokio::spawn(souk_api::background(desk.shop.app.clone(), stop.clone()));
    let _stopped = stop.drop_guard();
    // The rose costs 12.500, the lamp 30.000; neither was bought by anybody.
    let scores = until_first(&desk, "1").await;
    assert_eq!(scores["objective_factor"], 1.0, "{scores}");

    let set = json!({"placements": {"home": {"objective": "revenue"}}});
    assert_eq!(desk.post("recommendation-settings", &set).await.status, 201);
    let scores = until_first(&desk, "3").await;
    assert!(scores["objective_factor"].as_f64().unwrap() > 1.0, "{scores}");

    let sql = r#"insert into recommendation_settings (placements) values ('{"home": {"objective": "clicks"}}')"#;
    desk.shop.db.run(sql).await;
    until_first(&desk, "1").await;
    desk.shop
        .db
        .run(r#"insert into rules (name, actions) values ('lamps', '[{"boost": {"what": {"brand": "1"}, "percent": 900}}]')"#)
        .await;
    desk.shop.publish().await;
    let scores = until_first(&desk, "3").await;
    assert!((scores["rules_factor"].as_f64().unwrap() - 10.0).abs() < 1e-3, "{scores}");
}
