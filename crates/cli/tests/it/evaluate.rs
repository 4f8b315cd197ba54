//! `souk evaluate search` on the fixtures: what it prints, and how good search is on judged queries in four
//! languages.

use std::process::Command;

use serde_json::Value;

/// Condensed nDCG@10 that search must not fall below, by language of the queries.
const FLOORS: [(&str, f64); 4] = [("ar", 0.83), ("en", 0.88), ("ru", 0.80), ("kk", 0.81)];

fn fixture(name: &str) -> String {
    format!("{}/../../fixtures/flowers/{name}", env!("CARGO_MANIFEST_DIR"))
}

fn evaluate(dir: &std::path::Path, arguments: &[&str]) -> Value {
    let flowers = std::fs::read_to_string(fixture("flowers.jsonl")).unwrap();
    let gifts = std::fs::read_to_string(fixture("gifts.jsonl")).unwrap();
    let catalog = dir.join("catalog.jsonl");
    std::fs::write(&catalog, flowers + &gifts).unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_souk"))
        .args(["--json", "--data"])
        .arg(dir)
        .args(["evaluate", "search", "--catalog"])
        .arg(&catalog)
        .args(arguments)
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

#[test]
fn the_judged_queries_of_the_flower_shop_are_answered_well_in_every_language() {
    let dir = tempfile::tempdir().unwrap();
    for (lang, floor) in FLOORS {
        let judgments = fixture(&format!("judgments-{lang}.csv"));

        let figures = evaluate(dir.path(), &["--judgments", &judgments, "--lang", lang]);

        println!("{lang}: {figures}");
        assert!(figures["queries"].as_u64().unwrap() >= 40, "{figures}");
        assert!(figures["condensed_ndcg_at_10"].as_f64().unwrap() >= floor, "{lang}: {figures}");
        assert!(figures["zero_result"].as_u64().unwrap() <= 1, "{lang}: {figures}");
    }
    assert!(!dir.path().join("evaluate").read_dir().unwrap().any(|it| it.is_ok()));
}

#[test]
fn a_run_lists_what_was_found_and_slips_are_the_same_each_time() {
    let dir = tempfile::tempdir().unwrap();
    let queries = dir.path().join("queries.txt");
    std::fs::write(&queries, "red rose\n\nbirthday cake\n").unwrap();
    let run = dir.path().join("run.tsv");
    let arguments =
        ["--queries", queries.to_str().unwrap(), "--run", run.to_str().unwrap(), "--typos", "1"];

    let figures = evaluate(dir.path(), &arguments);
    let first = std::fs::read_to_string(&run).unwrap();
    evaluate(dir.path(), &arguments);

    assert_eq!(figures["queries"], 0);
    assert!(first.starts_with("query\trank\tid\tscore\nred rose\t1\tfl-"), "{first}");
    assert_eq!(std::fs::read_to_string(&run).unwrap(), first);
}
