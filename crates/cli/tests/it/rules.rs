//! `souk rules`: what it prints, and its exit codes.

use std::path::Path;

use serde_json::{Value, json};
use souk_testdb::TestDb;

use crate::shop::souk;

const FILE: &str = r#"
[[rules]]
name = "Roses first"
priority = 5
conditions = [{ query_is = "roses" }, "query_empty"]
actions = [{ filter = "price:..5000" }, { synonym = ["bunch", "bouquet"] }]

[[rules]]
name = "Over"
market = "KW"
actions = [{ replace = "roses" }]
ends_at = 2020-01-01T00:00:00Z
"#;

/// Its exit code, and what it printed on stdout.
fn rules(data: &Path, url: &str, arguments: &[&str]) -> (i32, String) {
    let ended = souk(data, url, &[&["rules"], arguments].concat());
    (ended.status.code().unwrap(), String::from_utf8(ended.stdout).unwrap())
}

#[tokio::test]
async fn a_file_is_compared_applied_once_and_printed_back() {
    let db = TestDb::new().await;
    let (data, url) = (tempfile::tempdir().unwrap(), db.url());
    let file = data.path().join("rules.toml");
    std::fs::write(&file, FILE).unwrap();
    let file = file.to_str().unwrap();

    let (before, lines) = rules(data.path(), &url, &["diff", file]);
    assert_eq!(before, 1);
    assert_eq!(
        lines,
        "+ Roses first\n+ Over\n2 rules would be added, 0 changed, 0 removed; 0 stay.\n"
    );
    let (applied, lines) = rules(data.path(), &url, &["apply", file]);
    assert_eq!(applied, 0);
    assert!(
        lines.ends_with("2 rules are added, 0 changed, 0 removed; 0 stay. Next: souk rules list\n")
    );
    let again = rules(data.path(), &url, &["diff", file, "--json"]);
    assert_eq!(again, (0, "{\"changes\":[],\"unchanged\":2}\n".to_owned()));

    let (_, listed) = rules(data.path(), &url, &["list", "--json"]);
    let list: Value = serde_json::from_str(&listed).unwrap();
    let states: Vec<_> =
        list["rules"].as_array().unwrap().iter().map(|rule| &rule["state"]).collect();
    assert_eq!(states, [&json!("live"), &json!("ended")]);
    let copy = data.path().join("copy.json");
    std::fs::write(&copy, listed.replace("\"priority\":5", "\"priority\":6")).unwrap();
    let (changed, lines) = rules(data.path(), &url, &["diff", copy.to_str().unwrap()]);
    assert_eq!((changed, lines.lines().next()), (1, Some("~ Roses first (priority)")));
    let (_, table) = rules(data.path(), &url, &["list"]);
    assert!(
        table
            .contains("query is \"roses\", no query: filter price:..5000, synonym bunch = bouquet")
    );
    assert!(table.ends_with("2 rules, 1 live\n"), "{table}");
}

#[tokio::test]
async fn rules_that_are_not_in_the_file_go_only_when_asked_to() {
    let db = TestDb::new().await;
    let (data, url) = (tempfile::tempdir().unwrap(), db.url());
    db.run(r#"insert into rules (name, actions) values ('By hand', '[{"replace": "roses"}]')"#)
        .await;
    let file = data.path().join("rules.json");
    std::fs::write(&file, r#"{"rules": []}"#).unwrap();
    let file = file.to_str().unwrap();

    assert_eq!(rules(data.path(), &url, &["diff", file]).0, 0);
    let (differs, lines) = rules(data.path(), &url, &["diff", file, "--prune"]);
    assert_eq!((differs, lines.lines().next()), (1, Some("- By hand")));
    assert_eq!(rules(data.path(), &url, &["apply", file, "--prune"]).0, 0);
    let (_, empty) = rules(data.path(), &url, &["list"]);
    assert_eq!(empty, "There are no rules yet. Next: souk rules apply --help\n");
}

#[tokio::test]
async fn a_file_with_one_bad_rule_changes_nothing_and_it_says_what_is_bad() {
    let db = TestDb::new().await;
    let (data, url) = (tempfile::tempdir().unwrap(), db.url());
    let file = data.path().join("rules.json");
    let bad = r#"{"rules": [{"name": "good", "actions": [{"replace": "roses"}]},
                            {"name": "bad", "actions": [{"hide": "7"}]}]}"#;
    std::fs::write(&file, bad).unwrap();

    let refused = souk(data.path(), &url, &["rules", "apply", file.to_str().unwrap()]);

    assert_eq!(refused.status.code(), Some(1));
    assert!(String::from_utf8(refused.stderr).unwrap().contains("there is no product 7"));
    let (_, list) = rules(data.path(), &url, &["list", "--json"]);
    assert_eq!(list, "{\"rules\":[]}\n");
}

#[tokio::test]
async fn a_rule_that_names_what_was_deleted_says_so() {
    let db = TestDb::new().await;
    let (data, url) = (tempfile::tempdir().unwrap(), db.url());
    db.run(r#"insert into rules (name, actions) values ('Lost', '[{"hide": "7"}, {"replace": "roses"}]')"#)
        .await;

    let (_, table) = rules(data.path(), &url, &["list"]);
    let (_, list) = rules(data.path(), &url, &["list", "--json"]);

    assert!(table.contains("hide 7, search for \"roses\" (gone: product:7)\n"), "{table}");
    let list: Value = serde_json::from_str(&list).unwrap();
    assert_eq!(list["rules"][0]["lost"], json!(["product:7"]));
}
