//! `souk evaluate interactions|baskets|sessions` on small files: what they print, and the run that they write.

use std::fmt::Write;
use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;

fn souk(dir: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_souk"));
    command.current_dir(dir).args(["--json", "--data", "data", "evaluate"]).args(arguments);
    command.output().unwrap()
}

fn evaluate(dir: &Path, arguments: &[&str]) -> Value {
    let output = souk(dir, arguments);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

/// Customers of two tastes who buy four gifts of theirs together every ten days for half a year.
fn purchases() -> String {
    let mut rows = "invoice,stock_code,quantity,invoice_date,customer_id\n".to_owned();
    for customer in 0..60 {
        for visit in 0..18 {
            let (day, invoice) = (visit * 10 + customer % 10, customer * 100 + visit);
            let (month, day) = (1 + day / 28, 1 + day % 28);
            for line in 0..4 {
                let item = (customer % 2) * 20 + (customer * 7 + visit * 3 + line * 5) % 20;
                writeln!(
                    rows,
                    "I{invoice},P{item},1,2010-{month:02}-{day:02} 09:00:00,C{customer}"
                )
                .unwrap();
            }
        }
    }
    rows + "I9,P1,-1,2010-01-01 09:00:00,C1\nI9,P1,1,2010-01-01 09:00:00,\n"
}

#[test]
fn recommendations_are_measured_on_any_log_of_purchases() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("sales.csv"), purchases()).unwrap();
    let columns = "user=customer_id,item=stock_code,time=invoice_date,value=quantity";
    let arguments = |model| {
        let fixed = ["interactions", "sales.csv", "--cut", "2010-06-01", "--columns", columns];
        [&fixed[..], &["--run", "run.tsv", "--model", model]].concat()
    };

    for model in ["popularity", "repeat", "ease", "als", "blend"] {
        let figures = evaluate(dir.path(), &arguments(model));
        assert_eq!(figures["users"], 60, "{figures}");
        assert_eq!((&figures["items"], &figures["skipped"]), (&40.into(), &2.into()));
        for column in ["new", "all"] {
            for key in
                ["hit_at_10", "recall_at_20", "recall_at_50", "ndcg_at_100", "coverage_at_20"]
            {
                assert!(figures[column][key].is_number(), "{column}.{key} of {figures}");
            }
        }
        assert!(figures["all"]["recall_at_20"].as_f64().unwrap() > 0.3, "{figures}");
    }
    let run = std::fs::read_to_string(dir.path().join("run.tsv")).unwrap();
    assert!(run.starts_with("user\trank\tid\tscore\nC0\t1\tP"), "{}", &run[..60]);
}

#[test]
fn baskets_are_completed_from_the_baskets_before() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("sales.csv"), purchases()).unwrap();
    let columns = "basket=invoice,item=stock_code,time=invoice_date,value=quantity";

    let fixed = ["baskets", "sales.csv", "--cut", "2010-06-01", "--columns", columns];
    let figures = evaluate(dir.path(), &fixed);
    assert!(figures["baskets"].as_u64().unwrap() > 100, "{figures}");
    assert!(figures["hr_at_10"].as_f64().unwrap() > 0.5, "{figures}");
    assert!(figures["mrr_at_20"].is_number() && figures["fit_cpu_s"].is_number());
}

#[test]
fn sessions_are_asked_after_every_click() {
    let dir = tempfile::tempdir().unwrap();
    let clicks = |from: u32, to: u32| {
        let rows = (from..to).flat_map(|session| (0..3).map(move |click| (session, click)));
        let rows = rows.map(|(session, click)| {
            format!("{session}\t{}\t{}\n", (session + click) % 9, session * 100 + click)
        });
        "SessionId\tItemId\tTime\n".to_owned() + &rows.collect::<String>()
    };
    std::fs::write(dir.path().join("train.txt"), clicks(0, 300)).unwrap();
    std::fs::write(dir.path().join("test.txt"), clicks(300, 320) + "900\tunknown\t1\n").unwrap();
    let columns = "session=SessionId,item=ItemId,time=Time";

    let files = ["sessions", "--train", "train.txt", "--test", "test.txt", "--columns", columns];
    let figures = evaluate(dir.path(), &files);
    assert_eq!(figures["predictions"], 40, "{figures}");
    assert!(figures["mrr_at_20"].as_f64().unwrap() > 0.9, "{figures}");
    assert!(figures["p50_us"].is_number() && figures["p99_us"].is_number());
}

#[test]
fn a_wrong_column_or_model_is_wrong_usage_or_a_clear_failure() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("sales.csv"), "who,item,time\n").unwrap();

    let output = souk(dir.path(), &["interactions", "sales.csv", "--cut", "0"]);
    assert_eq!(output.status.code(), Some(1));
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(said.contains("no column \"user\"; its columns are who, item, time"), "{said}");

    let output = souk(dir.path(), &["interactions", "sales.csv", "--cut", "0", "--model", "magic"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("there are"));
}
