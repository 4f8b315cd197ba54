//! Rules for kinds of customers: whom they hold for, in searches, suggestions and recommendations.

use std::time::{Duration, Instant};

use axum::http::Method;
use jiff::Timestamp;
use serde_json::{Value, json};
use souk_recommend::train::Kind;

use crate::desk::Desk;
use crate::fixture::Shop;
use crate::recommendations::{items, kept, lamps, promote, tell};

const ALL: &str = "/v1/KW/search?limit=1";
const HOME: &str = "/v1/KW/recommendations/home";

/// A rule that shows a lamp first and no red rose.
const TREAT: &str = r#"
    insert into rules (name, conditions, actions) values (
        'treat', '[{"segment": 1}, {"segment": 2}]', '[{"pin": {"product": "3", "position": 1}}, {"hide": "1"}]'
    )
"#;

/// The shop with the rule; `v` has just bought a lamp, and a model tells kinds of customers apart.
async fn with_customers(shop: &Shop) {
    shop.db.run(TREAT).await;
    shop.publish().await;
    promote(shop, Kind::Segments, &lamps(60), false).await;
    let event = json!({ "events": [{
        "id": "e", "type": "purchase-complete", "visitor_id": "v", "market": "KW",
        "time": Timestamp::now().to_string(), "product_id": "3",
    }] });
    assert_eq!(tell(shop, &event).await.status.as_u16(), 202);
    let deadline = Instant::now() + Duration::from_secs(10);
    while search(shop, "v", ALL).await["rules"] != json!(["treat"]) {
        assert!(Instant::now() < deadline, "the rule does not hold");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

async fn search(shop: &Shop, visitor: &str, path: &str) -> Value {
    shop.get_as(visitor, path).await.json()
}

#[tokio::test]
async fn a_rule_for_a_kind_of_customers_holds_for_them_and_nobody_else() {
    let shop = Shop::open().await;
    let _kept = kept(&shop);
    with_customers(&shop).await;
    let rules = async |visitor, path| search(&shop, visitor, path).await["rules"].clone();

    let (treat, none) = (json!(["treat"]), json!([]));
    assert_eq!(search(&shop, "v", ALL).await["hits"][0]["product_id"], "3");
    assert_eq!(rules("v", "/v1/KW/search?q=lamp&sort=price").await, treat);
    assert_eq!(rules("w", ALL).await, none, "who bought nothing is of no kind");
    assert_eq!(shop.get(ALL).await.json()["rules"], none, "nobody is known");
    assert_eq!(rules("v", "/v1/KW/search?personalise=false").await, none);
    assert_eq!(rules("v", "/v1/GB/search").await, none, "no model serves there");

    let has_rose = async |visitor| {
        let list = shop.get_as(visitor, HOME).await.json();
        let suggested = shop.get_as(visitor, "/v1/KW/suggest?q=red&lang=en").await.json();
        let products = suggested["products"].as_array().unwrap().iter();
        let is_suggested = products.clone().any(|product| product["product_id"] == "1");
        (items(&list).iter().any(|item| item.0 == "1"), is_suggested)
    };
    assert_eq!(has_rose("v").await, (false, false));
    assert_eq!(has_rose("w").await, (true, true));
}

#[tokio::test]
async fn every_page_is_for_the_kind_of_customer_that_the_first_was_for() {
    let shop = Shop::open().await;
    let _kept = kept(&shop);
    with_customers(&shop).await;

    for (first, second, rules) in [("v", "w", json!(["treat"])), ("w", "v", json!([]))] {
        let (mut page, mut seen) = (search(&shop, first, ALL).await, Vec::new());
        loop {
            assert_eq!(page["rules"], rules, "begun by {first}");
            seen.push(page["hits"][0]["product_id"].clone());
            let Some(next) = page["next"].as_str() else { break };
            page = search(&shop, second, &format!("{ALL}&cursor={next}")).await;
        }
        let total = usize::try_from(page["total"].as_u64().unwrap()).unwrap();
        seen.sort_by_key(Value::to_string);
        seen.dedup();
        assert_eq!(seen.len(), total, "no hit twice, none left out");
    }
}

#[tokio::test]
async fn a_rule_is_tried_out_as_a_kind_of_customer() {
    let desk = Desk::open().await;
    let rule = |number: u16| {
        let conditions = json!([{ "segment": number }]);
        json!({"name": "x", "conditions": conditions, "actions": [{"hide": "1"}]})
    };
    let tried = async |segment: Value| {
        let search = json!({"market": "KW", "q": "", "segment": segment});
        desk.post("rules/preview", &json!({"rule": rule(2), "search": search})).await
    };

    assert_eq!(tried(json!(2)).await.json()["applies"], true);
    assert_eq!(tried(json!(1)).await.json()["applies"], false);
    assert_eq!(tried(json!(null)).await.json()["applies"], false);
    assert_eq!(tried(json!(51)).await.code(), "out_of_range");
    let added = desk.post("rules", &rule(2)).await;
    assert_eq!(added.json()["conditions"], json!([{ "segment": 2 }]));
    let path = added.header("location").trim_start_matches("/v1/admin/").to_owned();
    let wrong = desk.change(Method::PATCH, &path, &json!({"conditions": [{"segment": 0}]})).await;
    assert_eq!(wrong.json()["errors"][0]["pointer"], "/conditions");
    assert!(wrong.text.contains("a segment must be from 1 to 50, but is 0"), "{}", wrong.text);
}
