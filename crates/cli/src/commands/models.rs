//! `souk models`: lists and shows the versions that are kept, and says which of them serve.

use std::process::ExitCode;

use anyhow::{Context as _, bail};
use clap::{Args, Subcommand};
use serde_json::{Value, json};
use souk_base::MarketCode;
use souk_commerce::models::{self, NewVersion, Version};
use souk_recommend::artifact::Shelf;
use souk_recommend::train::Kind;

use super::train::opened;
use crate::context::Context;

/// What can be done with models.
#[derive(Subcommand, Debug)]
pub(crate) enum ModelsCommand {
    /// List every version, and which serve
    List,
    /// Show what a version says of itself: data, parameters, figures, checksum
    Show(VersionArgs),
    /// Make a version serve, everywhere and within a second
    Promote(VersionArgs),
    /// Take the last promotion back: the version before it serves again
    Rollback(ModelArgs),
}

/// Which version.
#[derive(Args, Debug)]
pub(crate) struct VersionArgs {
    /// Its model and market
    #[command(flatten)]
    pub model: ModelArgs,
    /// As `souk models list` names it; the one that serves unless given
    pub version: Option<String>,
}

/// Which model, where.
#[derive(Args, Debug)]
pub(crate) struct ModelArgs {
    /// Which model
    pub model: Kind,
    /// Where it serves; needed where several markets have it
    #[arg(long)]
    pub market: Option<MarketCode>,
}

/// Runs a command about models.
///
/// # Errors
/// When there is no such version, it is damaged, or the database does not answer.
pub(crate) async fn run(context: &Context, command: &ModelsCommand) -> anyhow::Result<ExitCode> {
    match command {
        ModelsCommand::List => list(context).await?,
        ModelsCommand::Show(args) => show(context, args).await?,
        ModelsCommand::Promote(args) => promote(context, args).await?,
        ModelsCommand::Rollback(args) => {
            let market = market(context, args).await?;
            let version = models::roll_back(&context.db, args.model.name(), market).await;
            let model = args.model.name();
            let version = version.with_context(|| {
                format!("no version of {model} was promoted before the present one in {market}")
            })?;
            say(context, model, market, &version)?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

async fn list(context: &Context) -> anyhow::Result<()> {
    let versions = models::list(&mut *context.db.acquire().await?).await?;
    let items: Vec<Value> = versions.iter().map(object).collect();
    let lines: Vec<String> = versions.iter().map(line).collect();
    let text = if lines.is_empty() {
        "No model is kept. Next: souk train".to_owned()
    } else {
        lines.join("\n")
    };
    context.output.result(&json!({ "items": items }), &text)
}

async fn show(context: &Context, args: &VersionArgs) -> anyhow::Result<()> {
    let version = wanted(context, args).await?;
    let text = serde_json::to_string_pretty(&version.manifest)?;
    context.output.result(&object(&version), &text)
}

/// Promotes a version once it was read and found whole; one that is only on the shelf is taken from there.
async fn promote(context: &Context, args: &VersionArgs) -> anyhow::Result<()> {
    let (kind, market) = (args.model.model, market(context, &args.model).await?);
    let name = args.version.as_deref().context("which version? See souk models list")?;
    let mut connection = context.db.acquire().await?;
    let version = match models::find(&mut connection, kind.name(), market, name).await {
        Err(souk_commerce::Error::NotFound) => {
            take_from_shelf(context, kind, market, name).await?;
            models::find(&mut connection, kind.name(), market, name).await?
        }
        found => found?,
    };
    opened(&mut connection, kind, &version).await?;
    models::promote(&context.db, kind.name(), market, name).await?;
    say(context, kind.name(), market, name)
}

async fn take_from_shelf(
    context: &Context,
    kind: Kind,
    market: MarketCode,
    version: &str,
) -> anyhow::Result<()> {
    let (shelf, model, place) =
        (Shelf::at(&context.config.models), kind.name(), market.to_string());
    let (manifest, _) = shelf.load(model, &place, version)?;
    let file = shelf.bytes(model, &place, version)?;
    let manifest = &serde_json::to_value(&manifest)?;
    let new = NewVersion { model, market, version, manifest, verdict: None, file: &file };
    models::save(&context.db, new).await?;
    Ok(())
}

/// The version that was asked for.
async fn wanted(context: &Context, args: &VersionArgs) -> anyhow::Result<Version> {
    let (model, market) = (args.model.model.name(), market(context, &args.model).await?);
    let mut connection = context.db.acquire().await?;
    match &args.version {
        Some(version) => {
            let found = models::find(&mut connection, model, market, version).await;
            found.with_context(|| format!("{model} has no version {version} in {market}"))
        }
        None => {
            let serving = models::serving(&mut connection).await?;
            let found = serving.into_iter().find(|it| it.model == model && it.market == market);
            found.with_context(|| format!("no version of {model} serves in {market}"))
        }
    }
}

/// The market that was asked for, or the only one that has this model.
async fn market(context: &Context, args: &ModelArgs) -> anyhow::Result<MarketCode> {
    if let Some(market) = args.market {
        return Ok(market);
    }
    let versions = models::list(&mut *context.db.acquire().await?).await?;
    let mut markets: Vec<_> =
        versions.iter().filter(|it| it.model == args.model.name()).map(|it| it.market).collect();
    markets.dedup();
    match markets.as_slice() {
        [only] => Ok(*only),
        [] => bail!("no version of {} is kept; next: souk train {0}", args.model.name()),
        _ => bail!("several markets have this model; choose one with --market"),
    }
}

fn say(context: &Context, model: &str, market: MarketCode, version: &str) -> anyhow::Result<()> {
    let object = json!({ "model": model, "market": market, "version": version });
    context.output.result(&object, &format!("{model} {version} serves in {market}."))
}

fn object(version: &Version) -> Value {
    json!({
        "model": version.model,
        "market": version.market,
        "version": version.version,
        "promoted": version.promoted_at.is_some(),
        "promoted_at": version.promoted_at.map(|at| at.to_string()),
        "created_at": version.created_at.to_string(),
        "verdict": version.verdict,
        "manifest": version.manifest,
    })
}

/// One line for people: the first figure says enough to tell versions apart.
fn line(version: &Version) -> String {
    let metrics = &version.manifest["metrics"];
    let figure = ["recall_at_20", "hr_at_20", "explained"]
        .into_iter()
        .find_map(|name| metrics[name].as_f64().map(|value| format!("{name} {value:.4}")));
    let serves = if version.promoted_at.is_some() { "serves" } else { "" };
    format!(
        "{:<11} {}  {}  {:<22} {serves}",
        version.model,
        version.market,
        version.version,
        figure.unwrap_or_default()
    )
}
