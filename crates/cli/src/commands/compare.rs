//! `souk compare A B`: two models, or two versions of one, asked the same.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context as _, ensure};
use clap::Args;
use serde_json::{Value, json};
use souk_base::MarketCode;
use souk_commerce::models;
use souk_recommend::Columns;
use souk_recommend::train::{self, Data, Judged, Kind, Settings, Size};

use super::train::{of_file, of_shop, opened};
use crate::commands::bench::figures::table;
use crate::context::Context;

/// What is compared, on what.
#[derive(Args, Clone, Debug)]
pub(crate) struct CompareArgs {
    /// A model, fitted on what was before the cut, or `model:version`, a version that is kept
    pub a: String,
    /// The other
    pub b: String,
    /// The market whose history is asked about
    #[arg(long, default_value = "GB")]
    pub market: MarketCode,
    /// Fit on what was before this time, ask about what came after; the last fifth, at most 30 days, unless given
    #[arg(long, value_name = "TIME")]
    pub cut: Option<String>,
    /// Ask about this table instead of what the shop remembers
    #[arg(long)]
    pub file: Option<PathBuf>,
    /// What the file calls its columns, like `user=…,item=…,time=…`
    #[arg(long, default_value = "", value_parser = Columns::parse, hide_default_value = true)]
    pub columns: Columns,
    /// The most-used items that the larger models know
    #[arg(long, default_value_t = Size::default().items_max, value_name = "N")]
    pub items_max: usize,
}

/// One side of a comparison.
struct Side {
    judged: Judged,
    /// Whether it was trained on some of what it is asked about.
    saw: bool,
}

/// Compares and prints both sides' figures with the interval of their difference.
///
/// # Errors
/// When a model cannot be fitted or read, or the two are asked different things.
pub(crate) async fn run(context: &Context, args: &CompareArgs) -> anyhow::Result<ExitCode> {
    let data = match &args.file {
        Some(file) => of_file(file, &args.columns, None, None)?,
        None => of_shop(context, args.market, None, None).await?,
    };
    let a = side(context, args, &args.a, &data).await?;
    let b = side(context, args, &args.b, &data).await?;
    let comparison = train::compare(&a.judged, &b.judged);
    let comparison = comparison.context("the two answer different questions")?;
    let object = json!({
        "a": shown(&args.a, &a),
        "b": shown(&args.b, &b),
        "metric": a.judged.metric,
        "asked": a.judged.values.len(),
        "difference": comparison.difference.mean,
        "difference_low": comparison.difference.low,
        "difference_high": comparison.difference.high,
        "better": match () {
            () if comparison.is_better() => Some("a"),
            () if comparison.is_worse() => Some("b"),
            () => None,
        },
    });
    context.output.result(&object, &table(&object))?;
    Ok(ExitCode::SUCCESS)
}

async fn side(
    context: &Context,
    args: &CompareArgs,
    name: &str,
    data: &Data,
) -> anyhow::Result<Side> {
    let (model, version) = match name.split_once(':') {
        Some((model, version)) => (model, Some(version)),
        None => (name, None),
    };
    let kind: Kind = model.parse()?;
    let span_ms = data.of(kind).span_ms().context("there is no history to ask about")?;
    let cut_ms = match &args.cut {
        Some(cut) => souk_recommend::parse_time(cut).context("--cut")?,
        None => train::cut(span_ms),
    };
    ensure!(cut_ms <= span_ms.1, "nothing came after the cut");
    let Some(version) = version else {
        let size = Size { items_max: args.items_max, ..Size::default() };
        let before = train::before(data, kind, cut_ms);
        let (kept, _) = train::fit(kind, &before, cut_ms, size, &Settings::default())?;
        return Ok(Side { judged: train::judge(&kept, None, data, cut_ms), saw: false });
    };
    let mut connection = context.db.acquire().await?;
    let version = models::find(&mut connection, kind.name(), args.market, version).await?;
    let (manifest, kept, names) = opened(&mut connection, kind, &version).await?;
    let saw = souk_recommend::parse_time(&manifest.window.to)? >= cut_ms;
    Ok(Side { judged: train::judge(&kept, Some(&names), data, cut_ms), saw })
}

fn shown(name: &str, side: &Side) -> Value {
    json!({ "model": name, "figures": side.judged.figures, "saw_the_answers": side.saw })
}
