//! The log of searches and what follows from it, over HTTP.

use axum::body::Body;
use axum::http::{Method, Request};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use souk_commerce::searches::Popular;
use souk_commerce::staff::Role;

use crate::desk::Desk;
use crate::fixture::{Answer, Shop};
use crate::recommendations::tell;

async fn click(shop: &Shop, query_id: &Value, position: u32) -> Answer {
    let event = json!({
        "id": query_id, "type": "search-click", "visitor_id": "a", "market": "KW",
        "time": Timestamp::now().to_string(), "query_id": query_id, "position": position,
    });
    let body = json!({ "events": [event] }).to_string();
    let request = Request::post("/v1/events").header("content-type", "application/json");
    shop.send(request.body(Body::from(body)).unwrap()).await
}

/// Reads the popular queries as a serving process does, once typing has settled.
async fn read_popular(shop: &Shop) {
    shop.app.flush().await.unwrap();
    let mut connection = shop.app.connection().await.unwrap();
    let later = Timestamp::now() + SignedDuration::from_secs(20);
    let popular = Popular::default().refresh(&mut connection, later).await.unwrap();
    shop.app.set_popular(popular);
}

async fn queries(shop: &Shop, path: &str) -> Vec<String> {
    let answer = shop.get(path).await.json();
    let queries = answer["queries"].as_array().unwrap().iter();
    queries.map(|query| query["text"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn a_click_that_comes_before_the_log_is_written_finds_its_search() {
    let desk = Desk::open().await;
    let found = desk.shop.get_as("a", "/v1/KW/search?q=Rose&lang=en").await.json();
    desk.shop.get_as("b", "/v1/KW/search?q=rose&lang=en").await;
    desk.shop.get("/v1/KW/search?q=unicorn&lang=en").await;
    desk.shop.get("/v1/KW/search?lang=en").await;

    assert_eq!(click(&desk.shop, &found["query_id"], 2).await.status, 202);

    let report = desk.get("analytics/searches?market=KW&lang=en").await.json();
    let rose = json!({
        "query": report["top"][0]["query"], "intents": 2, "searchers": 2, "no_result_rate": 0.0,
        "click_through_rate": 0.5, "mean_click_position": 2.0, "add_to_cart_rate": 0.0,
        "conversion_rate": 0.0, "revenue": {"minor": 0, "currency": "KWD"},
    });
    assert_eq!(report["top"][0], rose);
    assert_eq!(report["without_results"][0]["query"], "unicorn");
    assert_eq!(report["days"].as_array().unwrap().len(), 7);
    assert_eq!(report["days"][6]["intents"], 3);
}

#[tokio::test]
async fn figures_are_for_those_who_may_read_them_and_questions_are_checked() {
    let desk = Desk::of(Shop::open().await, Role::Warehouse).await;
    assert_eq!(desk.get("analytics/searches?market=KW").await.status, 403);

    let desk = Desk::of(desk.shop, Role::Merchandiser).await;
    for (query, status, code) in [
        ("", 400, "missing_field"),
        ("market=XX", 404, "not_found"),
        ("market=KW&from=2026-02-02&to=2026-02-01", 400, "out_of_range"),
        ("market=KW&from=2020-01-01&to=2026-02-01", 400, "out_of_range"),
        ("market=KW&from=tomorrow", 400, "invalid_value"),
        ("market=KW&colour=red", 400, "unknown_field"),
    ] {
        let answer = desk.get(&format!("analytics/searches?{query}")).await;
        assert_eq!((answer.status.as_u16(), answer.code().as_str()), (status, code), "{query}");
    }
}

#[tokio::test]
async fn a_query_of_five_visitors_is_suggested_first_while_it_finds_something() {
    let shop = Shop::open().await;
    for visitor in ["a", "b", "c", "d", "e"] {
        shop.get_as(visitor, "/v1/KW/search?q=Rose%20on%20a%20long%20stem&lang=en").await;
        shop.get_as(visitor, "/v1/GB/search?q=royal%20lamp&lang=en").await;
    }
    for visitor in ["a", "b", "c", "d"] {
        shop.get_as(visitor, "/v1/KW/search?q=roses%20red&lang=en").await;
    }
    let before = queries(&shop, "/v1/KW/suggest?q=ro&lang=en").await;
    read_popular(&shop).await;

    let after = queries(&shop, "/v1/KW/suggest?q=ro&lang=en").await;
    assert!(!before.contains(&"Rose on a long stem".to_owned()));
    assert_eq!(after[0], "Rose on a long stem");
    assert_eq!(after[1..], before);
    assert!(!queries(&shop, "/v1/KW/suggest?q=lam&lang=en").await.contains(&after[0]));
    let nowhere = "/v1/KW/suggest?q=ro&lang=en&city=285629";
    assert!(!queries(&shop, nowhere).await.contains(&after[0]), "none can be had in this city");
}

#[tokio::test]
async fn suggestions_that_somebody_is_likely_to_mean_come_up_for_them_alone() {
    let shop = Shop::open().await;
    for visitor in ["a", "b", "c", "d", "e"] {
        shop.get_as(visitor, "/v1/KW/search?q=rose%20stem&lang=en").await;
        shop.get_as(visitor, "/v1/KW/search?q=rose%20ecuador&lang=en").await;
    }
    read_popular(&shop).await;
    let suggested = async |visitor: &str, rest: &str| {
        let path = format!("/v1/KW/suggest?q=ro&lang=en{rest}");
        let answer = shop.get_as(visitor, &path).await.json();
        let texts = |key: &str, text: &str| -> Vec<Value> {
            answer[key].as_array().unwrap().iter().map(|it| it[text].clone()).collect()
        };
        (texts("queries", "text"), texts("products", "product_id"))
    };
    let plain = suggested("w", "").await;
    let (red, white) = (json!("1"), json!("2"));
    let (query, about) = match plain.0[1].as_str() {
        Some("rose stem") => ("rose stem", red),
        _ => ("rose ecuador", white),
    };
    for (visitor, product) in [("v", &about), ("u", &plain.1[1])] {
        let event = json!({ "events": [{
            "id": visitor, "type": "detail-page-view", "visitor_id": visitor, "market": "KW",
            "time": Timestamp::now().to_string(), "product_id": product,
        }] });
        assert_eq!(tell(&shop, &event).await.status, 202);
    }

    assert_eq!(suggested("v", "").await.0[0], query);
    assert_eq!(suggested("u", "").await.1[0], plain.1[1]);
    assert_eq!(suggested("w", "").await, plain);
    assert_eq!(suggested("v", "&personalise=false").await, plain);
}

#[tokio::test]
async fn a_visitors_own_queries_are_suggested_to_them_alone() {
    let shop = Shop::open().await;
    shop.get_as("a", "/v1/KW/search?q=white%20rose&lang=en").await;
    shop.app.flush().await.unwrap();
    let recent = async |visitor, q: &str| {
        let path = format!("/v1/KW/suggest?q={q}&lang=en");
        shop.get_as(visitor, &path).await.json()["recent"].clone()
    };
    // Suggestions do not wait long for them, which on a busy machine may be too short.
    let in_the_end = async |visitor, q: &str| {
        for _ in 0..200 {
            let found = recent(visitor, q).await;
            if found != json!([]) {
                return found;
            }
        }
        json!([])
    };

    assert_eq!(in_the_end("a", "").await, json!(["white rose"]));
    assert_eq!(in_the_end("a", "Wh").await, json!(["white rose"]));
    assert_eq!(recent("a", "lamp").await, json!([]));
    assert_eq!(recent("b", "").await, json!([]));

    shop.app.db.close().await;
    assert_eq!(recent("a", "wh").await, json!([]), "suggestions do without the database");
}

#[tokio::test]
async fn a_visitor_that_cannot_be_one_is_refused() {
    let shop = Shop::open().await;

    let answer = shop.get_as(&"v".repeat(129), "/v1/KW/search?q=rose").await;

    assert_eq!((answer.status.as_u16(), answer.code().as_str()), (400, "too_long"));
    assert_eq!(answer.json()["errors"][0]["pointer"], "/x-visitor-id");
}

#[tokio::test]
async fn words_are_blocked_and_let_go_over_http() {
    let desk = Desk::open().await;
    let put = desk.ask(Method::PUT, "blocked-words/RoYal").send().await;
    let listed = desk.get("blocked-words").await.json();
    let delete = desk.ask(Method::DELETE, "blocked-words/royal").send().await;
    let again = desk.ask(Method::DELETE, "blocked-words/royal").send().await;

    assert_eq!((put.status.as_u16(), &put.json()["word"]), (200, &json!("royal")));
    assert_eq!(listed["items"], json!([{"word": "royal"}]));
    assert_eq!((delete.status.as_u16(), again.status.as_u16()), (204, 404));
    let long = desk.ask(Method::PUT, &format!("blocked-words/{}", "x".repeat(101))).send().await;
    assert_eq!((long.status.as_u16(), long.code().as_str()), (400, "invalid_value"));
}
