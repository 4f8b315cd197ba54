//! `souk train`: models from what the shop or a file remembers; kept as files and in the database, and promoted unless
//! they are worse than what serves.

mod child;
mod gate;
mod history;
mod tuning;

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::{Context as _, ensure};
use clap::Args;
use indicatif::ProgressBar;
use jiff::Timestamp;
use serde::Serialize;
use serde_json::{Value, json};
use souk_base::MarketCode;
use souk_commerce::markets;
use souk_commerce::models::{self, NewVersion};
use souk_recommend::artifact::{Called, Manifest, Shelf, Window};
use souk_recommend::train::{self, Data, Kind, Settings, Size, Trained};
use souk_recommend::{Columns, Error};

use crate::context::Context;
pub(crate) use child::{Whereabouts, in_child};
pub(crate) use gate::{Verdict, opened};
pub(crate) use history::{of_file, of_shop};
pub(crate) use tuning::TuningArgs;
use tuning::{Budget, Tuned};

/// What is trained, on what.
#[derive(Args, Clone, Debug)]
pub(crate) struct TrainArgs {
    /// Models; those that the placements are answered by unless given
    pub models: Vec<Kind>,
    /// Only for this market; all that have a history unless given
    #[arg(long)]
    pub market: Option<MarketCode>,
    /// Only what happened from this time on: unix seconds or ISO 8601
    #[arg(long, value_name = "TIME")]
    pub from: Option<String>,
    /// Only what happened before this time
    #[arg(long, value_name = "TIME")]
    pub to: Option<String>,
    /// Train on this table (columns `user`, `item`, `time`, `value`) instead of what the shop remembers; items are known
    /// by their external id
    #[arg(long, requires = "market")]
    pub file: Option<PathBuf>,
    /// What the file calls its columns, like `user=…,item=…,time=…`
    #[arg(long, default_value = "", value_parser = Columns::parse, hide_default_value = true)]
    pub columns: Columns,
    /// The most-used items that the larger models know
    #[arg(long, default_value_t = Size::default().items_max, value_name = "N")]
    pub items_max: usize,
    /// Small models, fitted in seconds
    #[arg(long, conflicts_with = "items_max")]
    pub small: bool,
    /// Keep, but do not promote
    #[arg(long)]
    pub keep_only: bool,
    /// Whether parameters are searched for
    #[command(flatten)]
    pub tuning: TuningArgs,
}

/// One model that was trained.
#[derive(Debug, Serialize)]
pub(crate) struct Done {
    model: &'static str,
    market: MarketCode,
    version: String,
    rows: usize,
    metrics: Value,
    promoted: bool,
    /// Beside what serves: `first`, `better`, `as good`, `worse`.
    verdict: Verdict,
}

/// One that was not, and why.
#[derive(Debug, Serialize)]
pub(crate) struct Left {
    model: &'static str,
    market: MarketCode,
    why: String,
}

/// What became of all of them.
#[derive(Debug, Default, Serialize)]
pub(crate) struct Report {
    /// What was tried for which parameters.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tuned: Vec<Tuned>,
    trained: Vec<Done>,
    left: Vec<Left>,
}

/// Trains, keeps and promotes.
///
/// # Errors
/// When the database does not answer, a file cannot be read, or nothing could be trained.
pub(crate) async fn run(context: &Context, args: &TrainArgs) -> anyhow::Result<ExitCode> {
    let report = train(context, args).await?;
    context.output.result(&report, &report.text())?;
    ensure!(!report.trained.is_empty(), "nothing could be trained");
    Ok(ExitCode::SUCCESS)
}

/// Trains every wanted model of every wanted market.
///
/// # Errors
/// As [`run`].
pub(crate) async fn train(context: &Context, args: &TrainArgs) -> anyhow::Result<Report> {
    let mut report = Report::default();
    let markets = wanted_markets(context, args.market).await?;
    let kinds = if args.models.is_empty() { &Kind::SERVING[..] } else { &args.models };
    let mut budget = Budget::of(&args.tuning, markets.len(), kinds);
    for market in markets {
        let data = match &args.file {
            Some(file) => of_file(file, &args.columns, time(&args.from)?, time(&args.to)?)?,
            None => of_shop(context, market, time(&args.from)?, time(&args.to)?).await?,
        };
        if data.items.is_empty() && args.market.is_none() {
            budget.skip(kinds);
            continue;
        }
        let bar = context.output.bar(kinds.len() as u64, &format!("{market}: training"));
        let data = Arc::new(data);
        for &kind in kinds {
            bar.set_message(format!("{market}: {}", kind.name()));
            let training = Training { context, args, market, kind, data: &data };
            match training.run(&mut budget, &bar).await {
                Ok((tuned, done)) => {
                    report.tuned.extend(tuned);
                    report.trained.push(done);
                }
                Err(error) => match error.downcast_ref::<Error>() {
                    Some(few @ Error::NotEnough { .. }) => {
                        let why = few.to_string();
                        report.left.push(Left { model: kind.name(), market, why });
                    }
                    _ => return Err(error),
                },
            }
            bar.inc(1);
        }
        bar.finish_and_clear();
    }
    Ok(report)
}

/// One model of one market.
struct Training<'t> {
    context: &'t Context,
    args: &'t TrainArgs,
    market: MarketCode,
    kind: Kind,
    data: &'t Arc<Data>,
}

impl Training<'_> {
    /// Chooses parameters, trains, keeps and promotes.
    async fn run(
        &self,
        budget: &mut Budget,
        bar: &ProgressBar,
    ) -> anyhow::Result<(Option<Tuned>, Done)> {
        let &Training { context, args, market, kind, data } = self;
        let mut settings = gate::settings(context, market, kind).await?;
        let mut tuned = None;
        if args.tuning.tune && train::is_tunable(kind) {
            let what = (market, kind, args.size());
            let search = tuning::search(&args.tuning, budget, what, data, &settings, bar).await?;
            settings = search.chosen().clone();
            tuned = Some(search);
        }
        Ok((tuned, self.train(settings).await?))
    }

    async fn train(&self, settings: Settings) -> anyhow::Result<Done> {
        let &Training { context, args, market, kind, data } = self;
        let now_ms = data.of(kind).span_ms().map_or(0, |(_, last_ms)| last_ms + 1);
        let (asked, size, chosen) = (data.clone(), args.size(), settings.clone());
        let fitted =
            tokio::task::spawn_blocking(move || train::train(kind, &asked, now_ms, size, &chosen));
        let trained = fitted.await??;
        let verdict = gate::judge(context, market, kind, &trained, data).await?;
        let manifest = self.keep(&trained, verdict, settings).await?;
        let promoted = !args.keep_only && verdict != Verdict::Worse;
        if promoted {
            models::promote(&context.db, kind.name(), market, &manifest.version).await?;
        }
        let (rows, metrics, version) = (manifest.rows, manifest.metrics, manifest.version);
        Ok(Done { model: kind.name(), market, version, rows, metrics, promoted, verdict })
    }

    /// Saves a version on the shelf and in the database.
    async fn keep(
        &self,
        trained: &Trained,
        verdict: Verdict,
        tuned: Settings,
    ) -> anyhow::Result<Manifest> {
        let &Training { context, args, market, kind, data } = self;
        let (from_ms, to_ms) = trained.span_ms;
        let instant = |ms| Timestamp::from_millisecond(ms).map(|at| at.to_string());
        let weights = trained.kept.to_weights(&data.items);
        let manifest = Manifest {
            model: kind.name().to_owned(),
            market: market.to_string(),
            version: String::new(),
            window: Window { from: instant(from_ms)?, to: instant(to_ms)? },
            items: if args.file.is_some() { Called::ExternalId } else { Called::ProductId },
            rows: trained.rows,
            parameters: trained.parameters.clone(),
            tuned,
            metrics: trained.judged.as_ref().map_or(Value::Null, |judged| judged.figures.clone()),
            code_version: env!("CARGO_PKG_VERSION").to_owned(),
            weights_bytes: 0,
            weights_sha256: String::new(),
        };
        let manifest = Shelf::at(&context.config.models).save(manifest, &weights)?;
        let verdict = json!(verdict);
        let new = NewVersion {
            model: kind.name(),
            market,
            version: &manifest.version,
            manifest: &serde_json::to_value(&manifest)?,
            verdict: verdict.as_str(),
            file: &weights.to_bytes(),
        };
        models::save(&context.db, new).await?;
        Ok(manifest)
    }
}

impl TrainArgs {
    fn size(&self) -> Size {
        let whole = Size { items_max: self.items_max, ..Size::default() };
        if self.small { Size::SMALL } else { whole }
    }
}

/// The market that was asked for, or all there are.
async fn wanted_markets(
    context: &Context,
    market: Option<MarketCode>,
) -> anyhow::Result<Vec<MarketCode>> {
    let mut connection = context.db.acquire().await?;
    let known = markets::list(&mut connection).await?;
    let mut codes: Vec<_> = known.iter().map(|market| market.code).collect();
    if let Some(market) = market {
        codes.retain(|&code| code == market);
        ensure!(!codes.is_empty(), "there is no market {market}");
    }
    Ok(codes)
}

/// Reads a time of the command line.
///
/// # Errors
/// When it is none.
pub(crate) fn time(text: &Option<String>) -> anyhow::Result<Option<i64>> {
    let time = text.as_deref().map(souk_recommend::parse_time).transpose();
    time.context("--from and --to")
}

impl Report {
    fn text(&self) -> String {
        let done = self.trained.iter().map(|it| {
            let end = if it.promoted { "promoted" } else { "kept, not promoted" };
            let Done { model, market, version, rows, verdict, .. } = it;
            format!("{model:<11} {market}  {version}  {rows:>9} rows  {}: {end}", json!(verdict))
        });
        let left =
            self.left.iter().map(|it| format!("{:<11} {}  left: {}", it.model, it.market, it.why));
        let tuned = self.tuned.iter().map(Tuned::text);
        tuned.chain(done).chain(left).collect::<Vec<_>>().join("\n")
    }
}
