//! The catalogue as a table, out and in.

use axum::http::Method;

use crate::desk::Desk;
use crate::fixture::Answer;

async fn import(desk: &Desk, query: &str, table: &str) -> Answer {
    let path = format!("products/import{query}");
    let request = desk.ask(Method::POST, &path);
    request.bytes("text/csv; charset=utf-8", table.as_bytes().to_vec()).send().await
}

#[tokio::test]
async fn what_is_exported_goes_in_again_and_changes_nothing() {
    let desk = Desk::open().await;

    let exported = desk.get("products/export.csv").await;
    let imported = import(&desk, "", &exported.text).await;

    assert_eq!(exported.status, 200);
    assert_eq!(exported.header("content-type"), "text/csv; charset=utf-8");
    assert!(exported.text.contains("red-rose") && exported.text.contains("12.500"));
    assert_eq!(imported.status, 200, "{}", imported.text);
    let report = imported.json();
    assert_eq!(report["lines_refused"], 0, "{report}");
    for count in ["products_added", "products_changed", "prices_changed", "stock_changed"] {
        assert_eq!(report[count], 0, "{count}: {report}");
    }
    assert!(report["lines"].as_u64().unwrap() >= 4, "{report}");
    assert_eq!(desk.get("products/export.csv").await.text, exported.text);
}

#[tokio::test]
async fn a_changed_price_is_taken_in_and_a_dry_run_only_tells() {
    let desk = Desk::open().await;
    let table = desk.get("products/export.csv").await.text.replace("12.500", "11.250");

    let tried = import(&desk, "?dry_run=true", &table).await;
    let untouched = desk.get("offers/1").await.json();
    let done = import(&desk, "?dry_run=false", &table).await;

    assert_eq!((tried.status.as_u16(), tried.json()["dry_run"].as_bool()), (200, Some(true)));
    assert_eq!(tried.json()["prices_changed"], 1, "{}", tried.text);
    assert_eq!(untouched["price"]["minor"], 12_500);
    assert_eq!(done.json()["prices_changed"], 1);
    assert_eq!(desk.get("offers/1").await.json()["price"]["minor"], 11_250);
}

#[tokio::test]
async fn a_line_that_cannot_be_read_is_named() {
    let desk = Desk::open().await;
    let table = desk.get("products/export.csv").await.text.replace("12.500", "cheap");

    let answer = import(&desk, "?dry_run=true", &table).await;

    assert_eq!(answer.status, 200);
    let report = answer.json();
    assert_eq!(report["lines_refused"], 1, "{report}");
    assert_eq!(report["errors"][0]["column"], "price", "{report}");
    assert!(report["errors"][0]["line"].as_u64().unwrap() > 1, "{report}");
}

#[tokio::test]
async fn what_is_no_table_is_refused() {
    let desk = Desk::open().await;

    let json = desk.ask(Method::POST, "products/import").bytes("application/json", b"{}".to_vec());
    let header = import(&desk, "", "colour;size\nred;1\n").await;
    let empty = import(&desk, "", "").await;
    let query = import(&desk, "?dry_run=maybe", "").await;
    let announced = desk.ask(Method::POST, "products/import").header("content-length", "52428801");

    let json = json.send().await;
    assert_eq!((json.status.as_u16(), &*json.code()), (415, "unsupported_media_type"));
    assert_eq!((header.status.as_u16(), &*header.code()), (400, "invalid_value"));
    assert_eq!((empty.status.as_u16(), &*empty.code()), (400, "invalid_value"));
    assert_eq!(query.code(), "invalid_value");
    assert_eq!(announced.send().await.code(), "body_too_large");
}
