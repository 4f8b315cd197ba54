//! What holds for the interface as a whole: its document, its policies, its layers, its operations.

use std::collections::BTreeSet;
use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::http::Request;
use axum::routing::get;
use serde_json::Value;
use souk_api::{App, Code, Policy, metrics_router, openapi, policies, with_layers};
use souk_search::Engine;
use tower::ServiceExt as _;

use crate::fixture::Shop;

/// Method and path of every operation in the document.
fn operations(document: &Value) -> BTreeSet<(String, String)> {
    let paths = document["paths"].as_object().unwrap().iter();
    paths
        .flat_map(|(path, item)| {
            let methods = item.as_object().unwrap().keys();
            methods.map(|method| (path.clone(), method.to_uppercase())).collect::<Vec<_>>()
        })
        .collect()
}

#[tokio::test]
async fn every_operation_of_the_document_stands_under_one_policy() {
    let shop = Shop::closed().await;
    let document = shop.get("/openapi.json").await.json();

    let table = policies();
    let covered: BTreeSet<_> = table.iter().map(|row| (row.1.clone(), row.0.clone())).collect();

    assert_eq!(covered.len(), table.len(), "an operation has two policies");
    assert_eq!(covered, operations(&document));
    for (method, path, policy) in table {
        if path.starts_with("/v1/admin") {
            assert!(matches!(policy, Policy::Staff(_)), "{method} {path} is open");
        }
    }
}

#[test]
fn the_document_names_the_headers_that_writes_take() {
    let document = serde_json::to_value(openapi()).unwrap();
    let headers = |path: &str, method: &str| -> Vec<Value> {
        let parameters = document["paths"][path][method]["parameters"].as_array().unwrap().iter();
        let headers = parameters.filter(|parameter| parameter["in"] == "header");
        headers.map(|parameter| parameter["name"].clone()).collect()
    };

    assert_eq!(headers("/v1/admin/products", "post"), ["Idempotency-Key"]);
    assert_eq!(headers("/v1/admin/products/{id}", "patch"), ["Idempotency-Key", "If-Match"]);
    assert!(headers("/v1/admin/products/{id}", "get").is_empty());
}

#[test]
fn the_operations_are_as_agreed() {
    let document = serde_json::to_value(openapi()).unwrap();
    let lines = operations(&document).into_iter().map(|(path, method)| format!("{method} {path}"));

    insta::assert_json_snapshot!(lines.collect::<Vec<_>>());
}

#[test]
fn the_error_codes_are_as_agreed() {
    let row = |code: Code| (code.status().as_u16(), code.as_str(), code.title());
    let rows: Vec<_> = Code::ALL.into_iter().map(row).collect();

    insta::assert_json_snapshot!(rows);
}

#[test]
fn every_reference_of_the_document_leads_somewhere() {
    let text = serde_json::to_string(&openapi()).unwrap();
    let document: Value = serde_json::from_str(&text).unwrap();

    for reference in text.split("\"$ref\":\"#").skip(1) {
        let pointer = reference.split('"').next().unwrap();
        assert!(document.pointer(pointer).is_some(), "{pointer}");
    }
    assert!(text.contains("\"$ref\""));
}

#[tokio::test]
async fn the_page_of_the_document_needs_nothing_from_elsewhere() {
    let shop = Shop::closed().await;

    assert_eq!(shop.get("/docs").await.header("location"), "/docs/");

    let page = shop.get("/docs/").await.text;
    let parts = page.split("src=\"").skip(1).chain(page.split("href=\"").skip(1));
    let addresses: Vec<_> = parts.map(|rest| rest.split('"').next().unwrap()).collect();
    assert!(addresses.len() > 3, "{page}");
    for address in addresses {
        let path = format!("/docs/{}", address.trim_start_matches("./"));
        assert_eq!(shop.get(&path).await.status, 200, "{address}");
    }
    let script = shop.get("/docs/swagger-initializer.js").await.text;
    assert!(script.contains("/openapi.json"), "{script}");
}

#[tokio::test]
async fn a_wrong_method_is_a_problem_that_names_the_right_ones() {
    let shop = Shop::open().await;

    let answer = shop.send(Request::delete("/v1/markets").body(Body::empty()).unwrap()).await;

    assert_eq!((answer.status.as_u16(), answer.code().as_str()), (405, "method_not_allowed"));
    assert_eq!(answer.header("allow"), "GET,HEAD");
}

#[tokio::test]
async fn a_request_keeps_the_name_its_client_gave_it() {
    let shop = Shop::closed().await;
    let request = Request::get("/nothing").header("x-request-id", "order-7").body(Body::empty());

    let answer = shop.send(request.unwrap()).await;

    assert_eq!(answer.header("x-request-id"), "order-7");
    assert_eq!(answer.json()["trace_id"], "order-7");
}

#[tokio::test]
async fn pages_merged_in_keep_their_own_way_of_saying_not_found() {
    let shop = Shop::closed().await;
    let pages = Router::new()
        .route("/page", get(async || "a page"))
        .fallback(async || (Code::NotFound.status(), "no such page"));
    let both = with_layers(souk_api::router(shop.app.clone()).merge(pages), &shop.app);
    let shop = shop.serving(both);

    assert_eq!(shop.get("/page").await.text, "a page");
    assert_eq!(shop.get("/other").await.text, "no such page");
    assert_eq!(shop.get("/v1/other").await.code(), "not_found");
}

#[tokio::test]
async fn a_panic_becomes_a_problem_that_tells_nothing() {
    let shop = Shop::closed().await;
    let faulty = Router::new().route("/panic", get(panics));
    let router = with_layers(faulty, &shop.app);
    let shop = shop.serving(router);

    let answer = shop.get("/panic").await;

    assert_eq!((answer.status.as_u16(), answer.code().as_str()), (500, "internal"));
    assert!(!answer.text.contains("hunter2"));
}

async fn panics() -> &'static str {
    panic!("the password is hunter2")
}

#[tokio::test]
async fn a_shop_without_its_database_is_broken_and_says_nothing_internal() {
    let shop = Shop::open().await;
    shop.app.db.close().await;

    let answer = shop.get("/v1/KW/products/1").await;

    assert_eq!((answer.status.as_u16(), answer.code().as_str()), (500, "internal"));
    assert!(!answer.text.contains("pool"), "{}", answer.text);
}

#[tokio::test]
async fn a_shop_whose_connections_are_all_in_use_asks_to_come_back() {
    let shop = Shop::open().await.connected(1).await;
    let _held = shop.app.connection().await.unwrap();

    let answer = shop.get("/v1/KW/products/1").await;

    assert_eq!((answer.status.as_u16(), answer.code().as_str()), (503, "overloaded"));
    assert_eq!(answer.header("retry-after"), "1");
}

#[tokio::test]
async fn readiness_names_each_check_and_turns_true_with_the_first_fill() {
    let shop = Shop::closed().await;

    let before = shop.get("/readyz").await;
    shop.publish().await;
    let after = shop.get("/readyz").await;

    assert_eq!(before.status, 503);
    assert_eq!(before.header("retry-after"), "1");
    let states = |answer: Value| -> Vec<(String, bool)> {
        let checks = answer["checks"].as_array().unwrap().iter();
        checks.map(|c| (c["name"].to_string(), c["ok"].as_bool().unwrap())).collect()
    };
    let names = ["database", "migrations", "index", "search"].map(|name| format!("\"{name}\""));
    let expected = |ok: [bool; 4]| names.clone().into_iter().zip(ok).collect::<Vec<_>>();
    assert_eq!(states(before.json()), expected([true, true, false, false]));
    assert_eq!(after.status, 200);
    assert_eq!(states(after.json()), expected([true; 4]));
}

#[tokio::test]
async fn a_shop_that_was_ready_stays_so_without_its_database() {
    let shop = Shop::open().await;
    let never = Shop::open().await;
    assert_eq!(shop.get("/readyz").await.status, 200);

    shop.app.db.close().await;
    never.app.db.close().await;

    let answer = shop.get("/readyz").await;
    assert_eq!((answer.status.as_u16(), &answer.json()["ok"]), (200, &Value::Bool(true)));
    assert_eq!(answer.json()["checks"][0]["detail"], "does not answer");
    assert_eq!(answer.json()["checks"][0]["ok"], false);
    assert_eq!(shop.get("/v1/KW/search?q=rose").await.status, 200);
    assert_eq!(never.get("/readyz").await.status, 503);
}

#[tokio::test]
async fn metrics_show_index_columns_and_connections() {
    let shop = Shop::open().await;
    let shop = shop.connected(7).await;
    let metrics = metrics_router(&shop.app);
    let shop = shop.serving(metrics);

    let text = shop.get("/metrics").await.text;

    for line in [
        "souk_index_documents 3",
        "souk_index_segments 1",
        "souk_columns_products{market=\"KW\"} 3",
        "souk_columns_products{market=\"GB\"} 1",
        "souk_db_connections_max 7",
    ] {
        assert!(text.lines().any(|found| found == line), "{line} is not in {text}");
    }
}

#[tokio::test]
async fn before_the_first_fill_the_shop_asks_to_come_back() {
    let shop = Shop::closed().await;

    for path in ["/v1/markets", "/v1/KW/search", "/v1/KW/products/1", "/v1/KW/categories"] {
        let answer = shop.get(path).await;

        assert_eq!((answer.status.as_u16(), answer.code().as_str()), (503, "not_ready"), "{path}");
        assert_eq!(answer.header("retry-after"), "1");
    }
    assert_eq!(shop.get("/livez").await.status, 200);
    assert_eq!(shop.get("/version").await.json()["version"], env!("CARGO_PKG_VERSION"));
}

#[tokio::test]
async fn metrics_count_by_route_and_never_by_path() {
    let shop = Shop::open().await;
    let metrics = metrics_router(&shop.app);
    shop.get("/v1/KW/search?q=rose").await;
    shop.get("/v1/secret-order-number").await;

    let metrics = shop.serving(metrics).get("/metrics").await.text;

    let line = r#"souk_http_requests_total{method="GET",route="/v1/{market}/search",status="200"}"#;
    assert!(metrics.contains(line), "{metrics}");
    assert!(metrics.contains("souk_http_request_seconds_bucket"));
    assert!(!metrics.contains("secret"));
}

#[tokio::test]
async fn more_requests_than_the_server_takes_are_sent_away_and_health_is_not() {
    let shop = Shop::closed().await;
    let (entered, mut entries) = tokio::sync::mpsc::channel(1_000);
    let crowd = Router::new()
        .route(
            "/wait",
            get(async move || {
                entered.send(()).await.unwrap();
                std::future::pending::<()>().await;
            }),
        )
        .route("/livez", get(async || "lives"));
    let router = with_layers(crowd, &shop.app);
    let request = |path: &str| Request::get(path).body(Body::empty()).unwrap();
    let mut waiting = tokio::task::JoinSet::new();
    for _ in 0..512 {
        waiting.spawn(router.clone().oneshot(request("/wait")));
    }
    for _ in 0..512 {
        entries.recv().await.unwrap();
    }
    let shop = shop.serving(router);

    let refused = shop.get("/wait").await;

    assert_eq!((refused.status.as_u16(), refused.code().as_str()), (503, "overloaded"));
    assert_eq!(refused.header("retry-after"), "1");
    assert_eq!(shop.get("/livez").await.status, 200);
}

#[tokio::test]
async fn an_app_with_another_secret_refuses_a_cursor() {
    let shop = Shop::open().await;
    let next = shop.get("/v1/KW/search?limit=1").await.json()["next"].as_str().unwrap().to_owned();
    let engine = Arc::new(Engine::new());
    engine.publish((*shop.app.view().unwrap()).clone());
    let other = Arc::new(App::new(shop.app.db.clone(), engine, "another secret"));
    let router = with_layers(souk_api::router(other.clone()), &other);
    let path = format!("/v1/KW/search?limit=1&cursor={next}");

    assert_eq!(shop.get(&path).await.status, 200);
    assert_eq!(shop.serving(router).get(&path).await.code(), "invalid_cursor");
}
