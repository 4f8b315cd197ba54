//! What the evaluations of recommendations share: processor time, columns, and a run that is written as it happens.

use std::path::Path;

use anyhow::Context as _;
use serde_json::Value;
use souk_recommend::Names;
use souk_recommend::evaluate::Watch;

use super::run_file::RunFile;

/// Evaluates with `answers` written to `run`, where asked for.
///
/// # Errors
/// When the evaluation fails or the run cannot be written.
pub(super) fn evaluate(
    run: Option<&Path>,
    asked: &str,
    items: &Names,
    evaluation: impl FnOnce(&mut Watch<'_>) -> souk_recommend::Result<Value>,
) -> anyhow::Result<Value> {
    let mut run = run.map(|path| RunFile::create(path, asked)).transpose()?;
    let mut written = Ok(());
    let mut answered = |case: &str, list: &[souk_recommend::ItemScore]| {
        if let (Some(run), Ok(())) = (&mut run, &written) {
            let answers = list.iter().map(|it| (items.name(it.item), it.score));
            written = run.write(case, answers);
        }
    };
    let figures = evaluation(&mut Watch { cpu_s: &cpu_s, answered: &mut answered })?;
    written?;
    run.map(RunFile::finish).transpose()?;
    Ok(figures)
}

/// Reads a time of the command line.
///
/// # Errors
/// When it is none.
pub(super) fn time(text: &str) -> anyhow::Result<i64> {
    souk_recommend::parse_time(text).context("--cut")
}

/// Seconds of processor time, user and system, of all threads so far; 0 where the system does not tell.
fn cpu_s() -> f64 {
    /// Ticks of a second in `/proc`, on every Linux.
    const TICKS: f64 = 100.0;
    let status = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    // Behind the name, which may hold anything: user and system time are fields 14 and 15 of the file.
    let fields = status.rsplit(')').next().unwrap_or_default().split_whitespace().skip(11).take(2);
    fields.filter_map(|ticks| ticks.parse::<f64>().ok()).sum::<f64>() / TICKS
}
