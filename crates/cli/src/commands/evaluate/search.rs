//! `souk evaluate search`: the search that shoppers make, on a catalogue file, scored by judgments.

use std::collections::HashMap;
use std::io::BufRead;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use clap::Args;
use jiff::Timestamp;
use serde_json::{Map, Value, json};
use souk_base::Lang;
use souk_search::evaluate::{Dice, Grades, Quality, cut_last_word, with_typos};
use souk_search::{Hit, LIMIT_MAX, Query, Request, Sort};

use super::catalog::{self, Catalog};
use super::file;
use super::run_file::RunFile;
use crate::commands::bench::figures::{Times, table};
use crate::config::Config;
use crate::output::Output;

/// What is evaluated, on what.
#[derive(Args, Clone, Debug)]
pub(crate) struct SearchArgs {
    /// The products: souk-jsonl, compressed with gzip or not
    #[arg(long, value_name = "FILE")]
    pub catalog: PathBuf,
    /// Grades 0 to 3: a table with the columns `query`, `product_id`, `grade`
    #[arg(long, value_name = "FILE", required_unless_present = "queries")]
    pub judgments: Option<PathBuf>,
    /// Queries without grades, one a line: only what they find and how fast
    #[arg(long, value_name = "FILE", conflicts_with = "judgments")]
    pub queries: Option<PathBuf>,
    /// Slips in each query, each in a word of four letters or more
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub typos: usize,
    /// Cut the last word of each query to so many letters
    #[arg(long, value_name = "N")]
    pub prefix: Option<usize>,
    /// Decides which slips are made
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
    /// Language of the page [default: the first of the file's]
    #[arg(long)]
    pub lang: Option<Lang>,
    /// Write what was found: query, rank, id, score
    #[arg(long, value_name = "OUT.tsv")]
    pub run: Option<PathBuf>,
}

/// A query with what people say of it.
struct Case {
    query: String,
    /// None when nobody judged it.
    grades: Option<Grades>,
}

/// Evaluates and prints the figures.
///
/// # Errors
/// When a file cannot be read, has no query, or the index cannot be written.
pub(super) fn run(config: &Config, output: Output, args: &SearchArgs) -> anyhow::Result<ExitCode> {
    let cases = cases(args)?;
    let dir = scratch(&config.data)?;
    let evaluated = catalog::read(&args.catalog, dir.path(), args.lang)
        .and_then(|catalog| evaluate(output, args, &catalog, &cases));
    let figures = evaluated?;
    output.result(&figures, &table(&figures))?;
    Ok(ExitCode::SUCCESS)
}

/// A folder of its own that is gone when dropped.
pub(super) struct Scratch(PathBuf);

impl Scratch {
    pub(super) fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // Nobody needs it, and nobody can do anything about it here.
        let _left = std::fs::remove_dir_all(&self.0);
    }
}

/// A folder of this process below the data folder.
///
/// # Errors
/// When it cannot be made.
pub(super) fn scratch(data: &Path) -> anyhow::Result<Scratch> {
    let dir = data.join("evaluate").join(std::process::id().to_string());
    std::fs::create_dir_all(&dir).with_context(|| format!("{}", dir.display()))?;
    Ok(Scratch(dir))
}

/// The queries in their order, each once.
fn cases(args: &SearchArgs) -> anyhow::Result<Vec<Case>> {
    let mut cases: Vec<Case> = Vec::new();
    if let Some(path) = &args.judgments {
        let mut places: HashMap<String, usize> = HashMap::new();
        for [query, product, grade] in file::rows(path, ["query", "product_id", "grade"])? {
            let grade: u8 = grade.trim().parse().with_context(|| {
                format!("{}: the grade of \"{query}\" is \"{grade}\", not a number", path.display())
            })?;
            let place = *places.entry(query.clone()).or_insert_with(|| {
                cases.push(Case { query, grades: Some(Grades::new()) });
                cases.len() - 1
            });
            cases[place].grades.get_or_insert_default().insert(product, grade);
        }
    } else if let Some(path) = &args.queries {
        for line in file::open(path)?.lines() {
            let query = line.with_context(|| path.display().to_string())?.trim().to_owned();
            if !query.is_empty() {
                cases.push(Case { query, grades: None });
            }
        }
    }
    anyhow::ensure!(!cases.is_empty(), "there is no query to evaluate");
    Ok(cases)
}

/// Sums over the queries that somebody judged and some product answers.
#[derive(Default)]
struct Sums {
    queries: usize,
    quality: Quality,
    zero_result: usize,
    zero_result_unanswerable: usize,
}

fn evaluate(
    output: Output,
    args: &SearchArgs,
    catalog: &Catalog,
    cases: &[Case],
) -> anyhow::Result<Value> {
    let mut run = args.run.as_deref().map(|path| RunFile::create(path, "query")).transpose()?;
    let (mut sums, mut times) = (Sums::default(), Times::default());
    let bar = output.bar(cases.len() as u64, "Searching");
    for case in cases {
        let text = spoiled(args, &case.query);
        let (hits, time) = search(catalog, args.lang, &text)?;
        times.push(time);
        sums.add(case, &hits);
        if let Some(run) = &mut run {
            let id = |hit: &Hit| hit.external_id.clone().unwrap_or_default();
            run.write(&case.query, hits.iter().map(|hit| (id(hit), hit.score)))?;
        }
        bar.inc(1);
    }
    bar.finish_and_clear();
    run.map(RunFile::finish).transpose()?;
    let mut figures = sums.figures();
    figures.insert("p50_ms".to_owned(), times.percentile(50));
    figures.insert("p99_ms".to_owned(), times.percentile(99));
    figures.insert("products".to_owned(), json!(catalog.view.searcher.document_count()));
    figures.insert("skipped".to_owned(), json!(catalog.skipped));
    Ok(Value::Object(figures))
}

/// The query as it is typed: with slips, or cut short, when asked for.
fn spoiled(args: &SearchArgs, query: &str) -> String {
    let mut typed = query.to_owned();
    if args.typos > 0 {
        let dice = &mut Dice::new(args.seed, query);
        typed = with_typos(&typed, args.typos, dice).unwrap_or(typed);
    }
    if let Some(letters) = args.prefix {
        typed = cut_last_word(&typed, letters).unwrap_or(typed);
    }
    typed
}

/// The first hundred hits.
///
/// # Errors
/// When the index cannot be read.
pub(super) fn search(
    catalog: &Catalog,
    lang: Option<Lang>,
    text: &str,
) -> anyhow::Result<(Vec<Hit>, Duration)> {
    let request = Request {
        market: catalog.market,
        text,
        lang,
        city: None,
        date: None,
        segment: None,
        now: Timestamp::UNIX_EPOCH,
        category: None,
        filters: &[],
        facets: &[],
        sort: Sort::Relevance,
        limit: LIMIT_MAX,
        after: None,
        prefix: false,
    };
    let started = Instant::now();
    let query = Query::parse(&request, &catalog.view.tables)?;
    let found = catalog.view.candidates(&query)?;
    Ok((found.hits, started.elapsed()))
}

impl Sums {
    fn add(&mut self, case: &Case, hits: &[Hit]) {
        let ids = hits.iter().filter_map(|hit| hit.external_id.as_deref());
        let Some(grades) = &case.grades else {
            self.zero_result += usize::from(hits.is_empty());
            return;
        };
        let Some(quality) = Quality::of(ids, grades) else {
            self.zero_result_unanswerable += usize::from(hits.is_empty());
            return;
        };
        self.queries += 1;
        self.zero_result += usize::from(hits.is_empty());
        self.quality.ndcg += quality.ndcg;
        self.quality.condensed_ndcg += quality.condensed_ndcg;
        self.quality.reciprocal_rank += quality.reciprocal_rank;
        self.quality.judged += quality.judged;
    }

    #[expect(clippy::cast_precision_loss, reason = "a number of queries")]
    fn figures(&self) -> Map<String, Value> {
        let mean = |sum: f64| {
            let mean = (self.queries > 0).then(|| sum / self.queries as f64);
            mean.map_or(Value::Null, |mean| json!((mean * 10_000.0).round() / 10_000.0))
        };
        let figures = [
            ("queries", json!(self.queries)),
            ("ndcg_at_10", mean(self.quality.ndcg)),
            ("condensed_ndcg_at_10", mean(self.quality.condensed_ndcg)),
            ("mrr_at_10", mean(self.quality.reciprocal_rank)),
            ("judged_at_10", mean(self.quality.judged)),
            ("zero_result", json!(self.zero_result)),
            ("zero_result_unanswerable", json!(self.zero_result_unanswerable)),
        ];
        figures.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
    }
}
