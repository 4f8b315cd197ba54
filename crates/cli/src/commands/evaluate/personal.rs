//! `souk evaluate personal`: what a history does for the place of what is bought, on a file of purchases with titles.
//!
//! Each later purchase is searched by one or two words of its title, once as anybody and once with what the user had before
//! the cut; the search, the model and the order of hits are those of the shop.

use std::collections::HashMap;
use std::io::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::{Context as _, ensure};
use clap::Args;
use serde_json::{Value, json};
use souk_base::Ordinal;
use souk_recommend::metrics::{mean, paired};
use souk_recommend::serve::{History, Served, Shop, reordered};
use souk_recommend::train::{self, Kind, Settings, Size};
use souk_recommend::{Columns, Event, Log, Names, Visit, temporal};
use souk_search::Hit;
use souk_search::evaluate::Dice;

use super::catalog::{self, Catalog};
use super::search::{scratch, search};
use super::watched;
use crate::commands::bench::figures::table;
use crate::config::Config;
use crate::output::Output;

/// Most queries that are asked.
const QUERIES_MAX: usize = 10_000;
/// Places that a hit may go up where a text was searched, as in the shop.
const PLACES: f32 = 10.0;
/// Words shorter than this name nothing.
const WORD_LENGTH_MIN: usize = 3;

/// What is evaluated, on what.
#[derive(Args, Clone, Debug)]
pub(crate) struct PersonalArgs {
    /// CSV or TSV with a header and the columns `user`, `item`, `time`, `title` (and `value`), compressed with gzip or not
    pub file: PathBuf,
    /// Histories are before this time, what is searched for is bought after it: unix seconds or ISO 8601
    #[arg(long, value_name = "TIME")]
    pub cut: String,
    /// What the file calls its columns, like `user=…,item=…,time=…,title=…`
    #[arg(long, default_value = "", value_parser = Columns::parse, hide_default_value = true)]
    pub columns: Columns,
}

/// Evaluates and prints the figures.
///
/// # Errors
/// When the file cannot be read or says too little to fit the model on.
pub(super) fn run(
    config: &Config,
    output: Output,
    args: &PersonalArgs,
) -> anyhow::Result<ExitCode> {
    let cut_ms = watched::time(&args.cut)?;
    let log = souk_recommend::read(&args.file, "user", &args.columns, Names::default())?;
    ensure!(!log.titles.is_empty(), "{}: has no column \"title\"", args.file.display());
    let dir = scratch(&config.data)?;
    let catalog = index(&log, dir.path())?;
    let figures = evaluate(output, &log, &catalog, cut_ms)?;
    output.result(&figures, &table(&figures))?;
    Ok(ExitCode::SUCCESS)
}

/// The file's items as a catalogue.
fn index(log: &Log, dir: &std::path::Path) -> anyhow::Result<Catalog> {
    let path = dir.join("items.jsonl");
    let mut file = std::io::BufWriter::new(std::fs::File::create(&path)?);
    for (item, title) in (0..).zip(&log.titles).filter(|(_, title)| !title.is_empty()) {
        writeln!(file, "{}", json!({ "id": log.items.name(item), "title": title }))?;
    }
    file.into_inner().map_err(std::io::IntoInnerError::into_error)?.sync_all()?;
    catalog::read(&path, dir, None)
}

fn evaluate(output: Output, log: &Log, catalog: &Catalog, cut_ms: i64) -> anyhow::Result<Value> {
    let mut catalog_view = catalog.view.clone();
    let ordinals = ordinals(&catalog_view)?;
    let (before, cases) = temporal(&log.events, cut_ms);
    let mut buyers = vec![0.0; log.items.len()];
    before.rows().iter().for_each(|row| buyers[row.item as usize] += 1.0);
    for (item, count) in (0..).zip(&buyers) {
        if let Some(&ordinal) = ordinals.get(log.items.name(item)) {
            catalog_view.columns.set_popularity(catalog.market, ordinal, *count);
        }
    }
    let (kept, _) =
        train::fit(Kind::Blend, &before, cut_ms, Size::default(), &Settings::default())?;
    let items =
        (0..).take(log.items.len()).map(|item| ordinals.get(log.items.name(item)).map(|it| it.0));
    let mut shop = Shop::default();
    shop.models.insert(Kind::Blend, Arc::new(Served::new(kept, String::new(), items.collect())));
    let catalog = Catalog { view: catalog_view, market: catalog.market, skipped: catalog.skipped };
    let asked: usize = cases.iter().map(|case| case.relevant.len()).sum();
    let bar = output.bar(asked.min(QUERIES_MAX) as u64, "Searching");
    let (mut with, mut without) = (Vec::new(), Vec::new());
    for case in &cases {
        let history = history(before.of(case.user as usize), log, &ordinals);
        for &item in case.relevant.iter().take(QUERIES_MAX - with.len()) {
            let Some(text) = query(log, case.user, item) else { continue };
            let (hits, _) = search(&catalog, None, &text)?;
            let wanted = ordinals.get(log.items.name(item)).copied();
            let order = order(&shop, &history, &hits, cut_ms);
            without.push(reciprocal(hits.iter().position(|hit| Some(hit.ordinal) == wanted)));
            with.push(reciprocal(order.iter().position(|&at| Some(hits[at].ordinal) == wanted)));
            bar.inc(1);
        }
    }
    bar.finish_and_clear();
    ensure!(!with.is_empty(), "nobody bought anything after the cut that was known before it");
    Ok(figures(&with, &without))
}

fn figures(with: &[f64], without: &[f64]) -> Value {
    let (mrr_with, mrr_without) = (mean(with), mean(without));
    let difference = paired(with, without, 1);
    let share = |value: f64| ((value / mrr_without.max(1e-9)) * 10_000.0).round() / 10_000.0;
    json!({
        "queries": with.len(),
        "mrr_with_history": (mrr_with * 10_000.0).round() / 10_000.0,
        "mrr_without": (mrr_without * 10_000.0).round() / 10_000.0,
        "lift": share(difference.mean),
        "lift_low": share(difference.low),
        "lift_high": share(difference.high),
    })
}

/// The hits in the order that this shopper is shown.
fn order(shop: &Shop, history: &History, hits: &[Hit], now_ms: i64) -> Vec<usize> {
    let items: Vec<u32> = hits.iter().map(|hit| hit.ordinal.0).collect();
    let affinities = shop.affinities(history, &items, now_ms);
    let buckets: Vec<u64> = hits.iter().map(|hit| hit.rank.bucket().into()).collect();
    reordered(&buckets, &affinities, PLACES)
}

/// One or two words of an item's title, the same each time for the same user.
fn query(log: &Log, user: u32, item: u32) -> Option<String> {
    let title = log.titles.get(item as usize)?;
    let words: Vec<&str> = title
        .split(|letter: char| !letter.is_alphanumeric())
        .filter(|word| word.chars().count() >= WORD_LENGTH_MIN && !word.contains(char::is_numeric))
        .collect();
    let mut dice = Dice::new(u64::from(user), log.items.name(item));
    if words.is_empty() {
        return None;
    }
    let first = dice.below(words.len());
    let word = words.get(first)?;
    match words.get(first + 1).filter(|_| dice.below(2) == 1) {
        Some(next) => Some(format!("{word} {next}").to_lowercase()),
        None => Some(word.to_lowercase()),
    }
}

fn reciprocal(place: Option<usize>) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "a place among a hundred")]
    place.map_or(0.0, |place| 1.0 / (place + 1) as f64)
}

fn history(rows: &[Event], log: &Log, ordinals: &HashMap<String, Ordinal>) -> History {
    let visit = |row: &Event| {
        let item = ordinals.get(log.items.name(row.item))?.0;
        Some(Visit { item, time_ms: row.time_ms })
    };
    History { purchases: rows.iter().filter_map(visit).collect(), ..History::default() }
}

/// Each id's place in the columns.
fn ordinals(view: &souk_search::View) -> anyhow::Result<HashMap<String, Ordinal>> {
    let mut ordinals = HashMap::new();
    for document in view.searcher.documents()? {
        let document = document.context("the index cannot be read")?;
        ordinals.extend(document.external_id.map(|id| (id, document.ordinal)));
    }
    Ok(ordinals)
}
