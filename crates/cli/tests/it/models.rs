//! `souk train`, `models` and `compare`: what is kept, what serves, what is refused.

use std::fmt::Write as _;
use std::path::Path;

use jiff::{SignedDuration, Zoned};
use serde_json::Value;
use souk_testdb::TestDb;

use crate::shop::{Server, fixture, souk};

/// Eighty customers on some days; each takes four of the forty items that `item` says.
fn purchases(path: &Path, days: &std::ops::Range<i64>, item: impl Fn(i64, i64, i64) -> i64) {
    let mut rows = "user,item,time\n".to_owned();
    for customer in 0..80 {
        for day in days.clone().filter(|day| (day + customer) % 12 == 0) {
            for line in 0..4 {
                let time = (day * 86_400) + customer * 60;
                writeln!(rows, "c{customer},i{},{time}", item(customer, day, line)).unwrap();
            }
        }
    }
    std::fs::write(path, rows).unwrap();
}

/// Two tastes of twenty items each.
fn tastes(customer: i64, day: i64, line: i64) -> i64 {
    customer % 2 * 20 + (customer * 3 + day / 12 * 5 + line * line * 2) % 20
}

/// Everybody buys the first twenty items; for a time mostly the others.
fn fashion(customer: i64, day: i64, line: i64) -> i64 {
    let first = (customer + line) % 20;
    if (200..296).contains(&day) && line > 0 { first + 20 } else { first }
}

struct Shop {
    db: TestDb,
    data: tempfile::TempDir,
}

impl Shop {
    /// Its exit code, and the object it printed.
    fn run(&self, arguments: &[&str]) -> (i32, Value) {
        let models = self.data.path().join("models");
        let flags = ["--json", "--models", models.to_str().unwrap()];
        let ended = souk(self.data.path(), &self.db.url(), &[arguments, &flags[..]].concat());
        let code = ended.status.code().unwrap();
        (code, serde_json::from_slice(&ended.stdout).unwrap_or(Value::Null))
    }

    fn train(&self, file: &Path, model: &str) -> (i32, Value) {
        self.run(&["train", model, "--market", "GB", "--file", file.to_str().unwrap()])
    }

    fn serving(&self, model: &str) -> String {
        let (_, shown) = self.run(&["models", "show", model]);
        shown["version"].as_str().unwrap_or_default().to_owned()
    }
}

#[tokio::test]
async fn a_model_is_trained_promoted_and_rolled_back_and_a_worse_one_only_kept() {
    let shop = Shop { db: TestDb::new().await, data: tempfile::tempdir().unwrap() };
    let (good, bad) = (shop.data.path().join("good.csv"), shop.data.path().join("bad.csv"));
    purchases(&good, &(0..120), fashion);
    purchases(&bad, &(200..320), fashion);

    let (code, first) = shop.train(&good, "popularity");
    assert_eq!(code, 0, "{first}");
    let first = &first["trained"][0];
    assert_eq!((&first["promoted"], &first["verdict"]), (&true.into(), &"first".into()));
    assert!(first["metrics"]["recall_at_20"].as_f64() > Some(0.5), "{first}");
    let first = first["version"].as_str().unwrap().to_owned();
    let (_, again) = shop.train(&good, "popularity");
    assert_eq!(again["trained"][0]["version"], first.as_str(), "the same data, the same bytes");

    let (_, worse) = shop.train(&bad, "popularity");
    let worse = &worse["trained"][0];
    assert_eq!((&worse["promoted"], &worse["verdict"]), (&false.into(), &"worse".into()));
    assert_eq!(shop.serving("popularity"), first);
    let worse = worse["version"].as_str().unwrap();
    let (_, listed) = shop.run(&["models", "list"]);
    assert_eq!(listed["items"].as_array().unwrap().len(), 2);

    assert_eq!(shop.run(&["models", "promote", "popularity", worse]).0, 0);
    assert_eq!(shop.serving("popularity"), worse);
    assert_eq!(shop.run(&["models", "rollback", "popularity"]).0, 0);
    assert_eq!(shop.serving("popularity"), first);
    assert_eq!(shop.run(&["models", "rollback", "popularity"]).0, 1, "nothing was before it");
    let apart = shop.data.path().join("apart.csv");
    purchases(&apart, &(0..120), tastes);
    let file = apart.to_str().unwrap();
    let (_, compared) = shop.run(&["compare", "popularity", "ease", "--file", file]);
    assert_eq!(compared["better"], "b", "{compared}");
}

#[tokio::test]
async fn a_damaged_version_is_not_promoted_and_the_one_before_serves() {
    let shop = Shop { db: TestDb::new().await, data: tempfile::tempdir().unwrap() };
    let file = shop.data.path().join("good.csv");
    purchases(&file, &(0..120), tastes);
    shop.train(&file, "popularity");
    let before = shop.serving("popularity");
    purchases(&file, &(30..150), tastes);
    let trained = shop.run(&[
        "train",
        "popularity",
        "--market=GB",
        "--keep-only",
        "--file",
        file.to_str().unwrap(),
    ]);
    let kept = trained.1["trained"][0]["version"].as_str().unwrap().to_owned();

    for damage in [
        "bytes = substr(bytes, 1, length(bytes) - 3)",
        "bytes = set_byte(bytes, length(bytes) - 5, get_byte(bytes, length(bytes) - 5) # 255)",
    ] {
        let statement = format!(
            "update model_chunks set {damage} where model_id = (select id from models where version = '{kept}')"
        );
        sqlx::query(sqlx::AssertSqlSafe(statement)).execute(shop.db.pool()).await.unwrap();
        assert_eq!(shop.run(&["models", "promote", "popularity", &kept]).0, 1);
        assert_eq!(shop.serving("popularity"), before);
    }
}

#[tokio::test]
async fn what_a_search_has_chosen_later_trainings_take_over() {
    let shop = Shop { db: TestDb::new().await, data: tempfile::tempdir().unwrap() };
    let file = shop.data.path().join("turn.csv");
    // From one day on everybody buys something else: the shorter the memory, the better.
    let turn = |customer, day, line| (customer + day + line) % 20 + if day < 80 { 20 } else { 0 };
    purchases(&file, &(0..150), turn);
    let train = ["train", "popularity", "--market=GB", "--file", file.to_str().unwrap()];

    let (code, tuned) = shop.run(&[&train[..], &["--tune", "--trials=6"]].concat());

    assert_eq!(code, 0, "{tuned}");
    let search = &tuned["tuned"][0];
    let trials = search["trials"].as_array().unwrap();
    assert_eq!(trials.len(), 6);
    let best = usize::try_from(search["best"].as_u64().unwrap()).unwrap();
    assert!(trials[best]["value"].as_f64() > trials[0]["value"].as_f64(), "{search}");
    let days = &trials[best]["parameters"]["half_life_days"];
    let (_, again) = shop.run(&train);
    assert_eq!(again["trained"][0]["version"], tuned["trained"][0]["version"], "{again}");
    let (_, shown) = shop.run(&["models", "show", "popularity"]);
    assert_eq!(shown["manifest"]["tuned"]["half_life_days"], *days, "{shown}");
    assert_eq!(shown["manifest"]["parameters"]["half_life_days"], *days, "{shown}");
    assert_eq!(shop.run(&["train", "--budget=1m"]).0, 2, "without --tune it says nothing");
}

#[tokio::test]
async fn what_says_too_little_is_left_with_the_reason() {
    let shop = Shop { db: TestDb::new().await, data: tempfile::tempdir().unwrap() };
    let file = shop.data.path().join("few.csv");
    std::fs::write(&file, "user,item,time\na,x,2026-01-01\n").unwrap();

    let (code, report) = shop.train(&file, "blend");

    assert_eq!(code, 1);
    assert!(report["left"][0]["why"].as_str().unwrap().contains("needs at least"), "{report}");
}

#[tokio::test(flavor = "multi_thread")]
async fn at_its_time_of_day_the_shop_trains_and_promotes_by_itself() {
    let shop = Shop { db: TestDb::new().await, data: tempfile::tempdir().unwrap() };
    let catalog = fixture("flowers/flowers.jsonl");
    assert_eq!(shop.run(&["import", "catalog", catalog.to_str().unwrap()]).0, 0);
    sqlx::query(
        "insert into sales (market, order_number, line, product_id, quantity, unit_minor, sold_at, customer)
         select 'GB', 'n' || day, 1, id, 1, 100, now() - day * interval '1 day', 'c' || day % 7
         from generate_series(1, 60) day, lateral (select id from products order by id limit 1 offset day % 5) product",
    )
    .execute(shop.db.pool())
    .await
    .unwrap();
    let soon = &Zoned::now() + SignedDuration::from_secs(10);
    let settings = format!("retrain_at = \"{}\"\n", soon.strftime("%H:%M:%S"));
    std::fs::write(shop.data.path().join("souk.toml"), settings).unwrap();

    let server = Server::start(shop.data.path(), &shop.db.url());

    let popular = "/v1/GB/recommendations/trending?limit=3";
    server.wait_for(popular, |_, body| body.contains("\"model\":\"trending 2"));
    assert_eq!(shop.serving("popularity").len(), "2026-11-22-0123abcd".len());
    assert!(server.terminate().success());
    let waiting = "select count(*) from jobs where kind = 'models.train' and run_at > now()";
    assert_eq!(shop.db.count(waiting).await, 1, "the next night");
}
