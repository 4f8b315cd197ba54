//! `souk doctor`: a line per check, on databases in any state.

use serde_json::Value;
use souk_testdb::TestDb;

use crate::shop::{Server, open_folder, souk};

/// The checks of `souk doctor --json`, and its exit code.
fn examine(data: &std::path::Path, url: &str) -> (Option<i32>, Value) {
    let output = souk(data, url, &["doctor", "--json"]);
    let report = serde_json::from_slice(&output.stdout);
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    (output.status.code(), report.unwrap_or_else(|error| panic!("{error}: {said}")))
}

fn check<'a>(report: &'a Value, name: &str) -> &'a Value {
    let checks = report["checks"].as_array().unwrap();
    checks.iter().find(|check| check["name"] == name).unwrap_or_else(|| panic!("{report}"))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_served_shop_is_examined_beside_its_server_and_after_it() {
    let (db, data) = (TestDb::new().await, tempfile::tempdir().unwrap());
    let server = Server::start(data.path(), &db.url());

    let (code, beside) = examine(data.path(), &db.url());
    assert!(server.terminate().success());
    let (_, after) = examine(data.path(), &db.url());

    assert_eq!((code, &beside["ok"]), (Some(0), &Value::Bool(true)), "{beside}");
    for name in ["wal_level", "publication", "identities", "migrations", "clocks", "slot", "index"]
    {
        assert_eq!(check(&beside, name)["level"], "fine", "{beside}");
    }
    let instance = check(&beside, "instance")["detail"].as_str().unwrap();
    assert!(instance.contains(env!("CARGO_PKG_VERSION")), "{instance}");
    assert_eq!(check(&beside, "serving")["detail"], "a souk process uses the index of this folder");
    assert_eq!(check(&after, "serving")["detail"], "no souk process uses the index of this folder");
    let durability = check(&beside, "durability");
    assert!(
        durability["advice"].is_string(),
        "the cluster of the tests does not sync: {durability}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_does_not_work_is_said_with_advice_and_ends_with_one() {
    let (db, data) = (TestDb::new().await, tempfile::tempdir().unwrap());
    db.run("alter publication souk_feed drop table prices; delete from _sqlx_migrations").await;

    let (code, report) = examine(data.path(), &db.url());
    let text = souk(data.path(), &db.url(), &["doctor"]).stdout;

    assert_eq!((code, &report["ok"]), (Some(1), &Value::Bool(false)));
    assert_eq!(check(&report, "publication")["detail"], "prices is missing");
    assert_eq!(check(&report, "migrations")["level"], "warning");
    let text = String::from_utf8(text).unwrap();
    assert!(text.lines().any(|line| line == "✗ publication  prices is missing"), "{text}");
    assert!(text.lines().any(|line| line.starts_with("✓ wal_level")), "{text}");
    let applied: i64 = sqlx::query_scalar("select count(*) from _sqlx_migrations")
        .fetch_one(db.pool())
        .await
        .unwrap();
    assert_eq!(applied, 0, "it changes nothing");
}

#[test]
fn a_shop_that_is_not_there_is_said_to_be_so_and_not_made() {
    let data = open_folder();

    let (code, nothing) = examine(data.path(), "");
    let (_, nobody) = examine(data.path(), "postgres://nobody@127.0.0.1:1/souk");

    assert_eq!(code, Some(1));
    let detail = check(&nothing, "server")["detail"].as_str().unwrap();
    assert!(detail.starts_with("there is no shop in"), "{detail}");
    let detail = check(&nobody, "server")["detail"].as_str().unwrap();
    assert!(detail.starts_with("cannot be reached"), "{detail}");
    assert!(!data.path().join("postgres").try_exists().unwrap());
}
