//! The benches against a small shop: every promised figure is there, and nothing is left behind.

use serde_json::Value;

use crate::shop::{open_folder, souk};

/// Runs a bench on a small shop in the private PostgreSQL of this folder.
fn bench(data: &std::path::Path, arguments: &[&str]) -> Value {
    let scale =
        ["--products", "300", "--cities", "20", "--sellers", "5", "--seconds", "1", "--json"];
    let output = souk(data, "", &[&["bench"], arguments, &scale].concat());
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

/// The answer of psql on the shop's database.
fn asked(data: &std::path::Path, query: &str) -> String {
    let output = souk(data, "", &["psql", "-At", "-c", query]);
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

#[test]
fn the_benches_measure_a_shop_of_their_own_and_leave_no_slot() {
    let folder = open_folder();
    let data = folder.path();

    let fresh = bench(data, &["freshness", "--rate", "30", "--bursts", "--rename"]);
    let search = bench(data, &["search", "--clients", "2", "--rules", "100"]);
    let suggest = bench(data, &["suggest", "--clients", "2"]);

    for key in ["price_p99_ms", "stock_p99_ms", "text_p99_ms", "fill_docs_per_second"] {
        assert!(fresh[key].is_number(), "{key}: {fresh}");
    }
    for key in ["burst_price_visible_ms", "burst_text_visible_ms", "other_price_p99_ms"] {
        assert!(fresh[key].is_number(), "{key}: {fresh}");
    }
    for key in ["rename_label_ms", "rename_text_ms", "rename_other_p99_ms"] {
        assert!(fresh[key].is_number(), "{key}: {fresh}");
    }
    for key in ["missed", "words_not_found", "other_price_missed", "rename_other_missed"] {
        assert_eq!(fresh[key], 0, "{key}: {fresh}");
    }
    for key in ["requests", "per_second", "p50_ms", "p90_ms", "p99_ms", "rss_mb", "index_mb"] {
        assert!(search[key].is_number(), "{key}: {search}");
    }
    for key in ["engine_p50_ms", "engine_p99_ms", "cold_start_ms", "restart_after_kill_ms"] {
        assert!(search[key].is_number(), "{key}: {search}");
    }
    for key in ["rules_met", "no_rules_p50_ms", "rules_p50_ms", "rules_cost_p50_ms", "rules_ratio"]
    {
        assert!(search[key].is_number(), "{key}: {search}");
    }
    for key in ["requests", "per_second", "p50_ms", "p90_ms", "p99_ms", "engine_p99_ms", "rss_mb"] {
        assert!(suggest[key].is_number(), "{key}: {suggest}");
    }
    assert_eq!((&search["errors"], &suggest["errors"]), (&0.into(), &0.into()));
    assert!(fresh["load_s"].is_number() && search["load_s"].is_null(), "it was loaded twice");
    assert_eq!(asked(data, "select count(*) from pg_replication_slots"), "0");
    assert_eq!(asked(data, "select count(*) from products"), "0");
}
