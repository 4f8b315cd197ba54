//! `souk verify`: does what is derived equal the database, row by row, and do books, holds and orders add up?

use std::process::ExitCode;

use serde_json::{Value, json};
use souk_commerce::{Db, orders};
use souk_search::Engine;

use crate::context::Context;
use crate::control::{self, Question};
use crate::following::Following;

/// Compares and ends with 1 when anything differs.
///
/// # Errors
/// When the database does not answer.
pub(crate) async fn run(context: &Context) -> anyhow::Result<ExitCode> {
    context.output.note("Comparing index and columns with the database.");
    let report = match control::ask(&context.config.data, &Question::Verify).await? {
        Some(report) => report,
        None => {
            let mut following = Following::start(context)?;
            following.caught_up(context).await?;
            let report = compare(&context.db, &following.engine).await?;
            following.stop().await;
            report
        }
    };
    let ok = report["ok"] == true;
    context.output.result(&report, &table(&report))?;
    Ok(if ok { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// The report as programs read it: `ok` and `checks`.
///
/// # Errors
/// When the database does not answer.
pub(crate) async fn compare(db: &Db, engine: &Engine) -> anyhow::Result<Value> {
    let mut checks = Vec::new();
    for check in souk_feed::verify(db, engine).await? {
        checks.push(serde_json::to_value(check)?);
    }
    for finding in orders::verify(&mut *db.acquire().await?).await? {
        let detail = match finding.wrong {
            0 => finding.rule.to_owned(),
            wrong => format!("{wrong} wrong: {}", finding.rule),
        };
        checks.push(json!({ "name": finding.name, "ok": finding.wrong == 0, "detail": detail }));
    }
    Ok(json!({ "ok": checks.iter().all(|check| check["ok"] == true), "checks": checks }))
}

fn table(report: &Value) -> String {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let checks = report["checks"].as_array().map(Vec::as_slice).unwrap_or_default();
    let lines = checks.iter().map(|check| {
        let verdict = if check["ok"] == true { "ok" } else { "DIFFERS" };
        format!("{verdict:<8} {:<10} {}", text(&check["name"]), text(&check["detail"]))
    });
    lines.collect::<Vec<_>>().join("\n")
}
