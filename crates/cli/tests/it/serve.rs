//! The serving binary: a change in PostgreSQL is in the next answer, through crashes too.

use serde_json::Value;
use souk_testdb::TestDb;
use sqlx::PgPool;

use crate::shop::{Server, fixture, souk};

/// The flower catalogue behind the real binary.
struct Served {
    server: Server,
    pool: PgPool,
    db: TestDb,
    data: tempfile::TempDir,
}

async fn served() -> Served {
    let db = TestDb::new().await;
    let data = tempfile::tempdir().unwrap();
    let path = fixture("flowers/flowers.jsonl");
    let import = ["import", "catalog", path.to_str().unwrap(), "--invent-stock"];
    let imported = souk(data.path(), &db.url(), &import);
    assert!(imported.status.success(), "{}", String::from_utf8_lossy(&imported.stderr));
    let server = Server::start(data.path(), &db.url());
    Served { server, pool: db.pool().clone(), db, data }
}

/// A query string's value, percent-encoded.
fn encoded(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02X}")).collect()
}

fn search(market: &str, text: &str, lang: &str) -> String {
    format!("/v1/{market}/search?q={}&lang={lang}", encoded(text))
}

fn titles(answer: &Value) -> Vec<&str> {
    let hits = answer["hits"].as_array().unwrap();
    hits.iter().map(|hit| hit["title"].as_str().unwrap()).collect()
}

/// The price of a product in the answer, if it is among the hits.
fn price(answer: &str, product: &str) -> Option<i64> {
    let answer: Value = serde_json::from_str(answer).unwrap();
    let hits = answer["hits"].as_array().unwrap();
    hits.iter().find(|hit| hit["product_id"] == product)?["price"]["minor"].as_i64()
}

#[tokio::test(flavor = "multi_thread")]
async fn roses_are_found_however_they_are_written() {
    let shop = served().await;

    let arabic = shop.server.json(&search("KW", "ورد احمر", "ar"));
    let russian = shop.server.json(&search("KZ", "красные розы", "ru"));
    let kazakh = shop.server.json(&search("KZ", "қызыл раушандар", "kk"));
    let mistyped = shop.server.json(&search("GB", "lavendr bouqet", "en"));
    let meant = shop.server.json(&search("GB", "lavender bouquet", "en"));

    assert!(titles(&arabic).contains(&"وَرْد أحمر"), "{:?}", titles(&arabic));
    assert!(titles(&russian).contains(&"Красная роза"), "{:?}", titles(&russian));
    assert!(titles(&kazakh).contains(&"Қызыл раушан"), "{:?}", titles(&kazakh));
    assert_eq!(titles(&mistyped), titles(&meant));
    assert_eq!(mistyped["corrected_query"], "lavender bouquet");
    assert!(!titles(&meant).is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_price_changed_with_sql_is_in_the_next_search_of_its_market_and_in_no_other() {
    let shop = served().await;
    let answer = shop.server.json(&search("KW", "rose", "en"));
    let hit = &answer["hits"][0];
    let (product, offer) = (hit["product_id"].as_str().unwrap(), hit["offer_id"].as_str().unwrap());
    let britain = search("GB", hit["title"].as_str().unwrap(), "en");
    let before = price(&shop.server.get(&britain).1, product);

    let sql = format!("update prices set minor = 777, list_minor = null where offer_id = {offer}");
    let psql = souk(shop.data.path(), &shop.db.url(), &["psql", "-qc", &sql]);

    assert!(psql.status.success(), "{}", String::from_utf8_lossy(&psql.stderr));
    shop.server.wait_for(&search("KW", "rose", "en"), |_, body| price(body, product) == Some(777));
    assert_eq!(price(&shop.server.get(&britain).1, product), before);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_renamed_product_is_found_by_its_new_name_and_a_deleted_one_not_at_all() {
    let shop = served().await;
    let rename = "update product_translations set title = 'Zanzibar Surprise'
                  where lang = 'en' and product_id = (select min(id) from products)";
    sqlx::query(rename).execute(&shop.pool).await.unwrap();
    let path = search("GB", "zanzibar", "en");
    shop.server.wait_for(&path, |_, body| body.contains("Zanzibar Surprise"));

    sqlx::query("delete from products where id = (select min(id) from products)")
        .execute(&shop.pool)
        .await
        .unwrap();

    shop.server.wait_for(&path, |_, body| !body.contains("Zanzibar Surprise"));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_committed_before_is_in_a_search_that_names_its_position() {
    let shop = served().await;
    sqlx::query("update prices set minor = 4242, list_minor = null")
        .execute(&shop.pool)
        .await
        .unwrap();
    let position = souk_commerce::position(&mut shop.pool.acquire().await.unwrap()).await.unwrap();

    let path =
        format!("{}&min_position={}", search("GB", "rose", "en"), encoded(&position.to_string()));
    // A busy machine may need longer than the half second an answer waits; it then says so.
    shop.server.wait_for(&path, |_, body| body.contains("\"behind\":false"));
    let answer = shop.server.json(&path);

    for hit in answer["hits"].as_array().unwrap() {
        assert_eq!(hit["price"]["minor"], 4242);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn index_and_columns_equal_the_database_after_a_kill_and_writes_without_a_server() {
    let shop = served().await;
    shop.server.kill();
    for sql in [
        "update prices set minor = minor + 1, list_minor = null where offer_id % 3 = 0",
        "delete from products where id % 10 = 0",
        "update product_translations set title = title || ' ' || product_id where lang = 'en'",
        "update stock set on_hand = 0, reserved = 0 where offer_id % 5 = 0",
    ] {
        sqlx::query(sql).execute(&shop.pool).await.unwrap();
    }

    let server = Server::start(shop.data.path(), &shop.db.url());
    let verified = souk(shop.data.path(), &shop.db.url(), &["verify", "--json"]);

    let report: Value = serde_json::from_slice(&verified.stdout).unwrap();
    assert_eq!(report["ok"], true, "{report}");
    assert_eq!(verified.status.code(), Some(0));
    assert_eq!(server.terminate().code(), Some(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn bad_input_gets_a_problem_with_a_code_and_never_a_server_error() {
    let shop = served().await;
    let long = "x".repeat(10_000);
    for (path, status, code) in [
        ("/v1/XX/search?q=rose".to_owned(), 404, "not_found"),
        ("/v1/GB/search?filter=wheels:4".to_owned(), 400, "unknown_field"),
        (format!("/v1/GB/search?q={long}"), 400, "too_long"),
        ("/v1/GB/search?cursor=AAAA".to_owned(), 400, "invalid_cursor"),
        ("/v1/GB/search?q=%FF%FE".to_owned(), 400, "invalid_encoding"),
        ("/v1/GB/search?limit=-1".to_owned(), 400, "out_of_range"),
    ] {
        let (got, body) = shop.server.get(&path);

        let problem: Value = serde_json::from_str(&body).unwrap();
        assert_eq!((got, problem["code"].as_str().unwrap()), (status, code), "{path}: {body}");
        assert!(problem["trace_id"].is_string(), "{body}");
    }
}
