//! `souk bench freshness`: from SQL commit to the first answer over HTTP that shows the change.

use std::time::Duration;

use clap::Args;
use serde_json::{Map, Value, json};
use souk_commerce::Db;
use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};
use tokio::task::JoinSet;
use tokio::time::{Instant, interval};

use super::Scale;
use super::bursts::{Before, Stage};
use super::changes::{self, Change, Kind, Range};
use super::child::{self, Child};
use super::data::Shop;
use super::figures::{megabytes, rate};
use super::watch::{Committed, Pace, Seen, watch};
use crate::output::Output;

/// How many changes, for how long.
#[derive(Args, Clone, Debug)]
pub(crate) struct FreshnessArgs {
    /// How large the shop is
    #[command(flatten)]
    pub scale: Scale,
    /// Changes a second: a third each of prices, stock and titles
    #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..=2_000))]
    pub rate: u32,
    /// Seconds of changes
    #[arg(long, default_value_t = 30, value_parser = clap::value_parser!(u32).range(1..=3_600))]
    pub seconds: u32,
    /// Then a price list of 150,000 rows and 50,000 titles, in transactions of 1,000
    #[arg(long)]
    pub bursts: bool,
    /// Then another name for a category with 50,000 products
    #[arg(long)]
    pub rename: bool,
}

/// Measures and answers the figures.
///
/// # Errors
/// When the child does not serve, or a change is refused.
pub(super) async fn run(
    output: Output,
    shop: &Shop,
    args: &FreshnessArgs,
) -> anyhow::Result<Value> {
    child::forget(shop).await?;
    let mut child = Child::start(shop)?;
    let filling = child.ready(output, "Filling the index").await?;
    let steady = steady(output, shop, &child, args).await?;
    let segments = child.gauge("souk_index_segments").await;
    let before = match args.bursts || args.rename {
        true => Some(Before::remember(shop).await?),
        false => None,
    };
    let large = large(output, shop, &child, args, before.as_ref()).await;
    let segments_at_end = child.gauge("souk_index_segments").await;
    let peak = child.peak_bytes();
    child.stop().await?;
    if let Some(before) = before {
        output.note("Putting prices, titles and names back.");
        before.restore(shop).await?;
    }
    let mut figures = json!({
        "products": shop.scale.products, "markets": shop.scale.markets,
        "sellers": shop.scale.sellers, "cities": shop.scale.cities,
        "rate": args.rate, "seconds": args.seconds, "sample": "every change",
        "fill_docs_per_second": rate(usize::try_from(shop.scale.products)?, filling),
        "segments": segments, "segments_at_end": segments_at_end,
        "rss_mb": megabytes(peak), "load_s": shop.load_s,
    });
    figures
        .as_object_mut()
        .expect("it was made as an object")
        .extend(steady.into_iter().chain(large?));
    Ok(figures)
}

/// The large changes that were asked for, one after the other.
async fn large(
    output: Output,
    shop: &Shop,
    child: &Child,
    args: &FreshnessArgs,
    before: Option<&Before>,
) -> anyhow::Result<Map<String, Value>> {
    let mut figures = Map::new();
    let Some(before) = before else { return Ok(figures) };
    let stage = Stage { output, shop, child, before };
    if args.bursts {
        figures.extend(stage.bursts().await?);
    }
    if args.rename {
        figures.extend(stage.rename().await?);
    }
    Ok(figures)
}

/// Prices, stock and titles change in turn at an even rate; each change is timed.
async fn steady(
    output: Output,
    shop: &Shop,
    child: &Child,
    args: &FreshnessArgs,
) -> anyhow::Result<Map<String, Value>> {
    let run = rand::random();
    let count = usize::try_from(args.rate * args.seconds)?.div_ceil(Kind::ALL.len());
    let pace = Pace::new();
    let (mut watchers, mut queues) = (JoinSet::new(), Vec::new());
    for kind in Kind::ALL {
        let (sender, committed) = unbounded_channel();
        queues.push((changes::choose(shop, kind, count, Range::default(), run).await?, sender));
        let watching = watch(child.address, kind, pace.clone(), committed);
        watchers.spawn(async move { (kind, watching.await) });
    }
    let started = Instant::now();
    let committed = commit_all(output, shop, queues, args.rate).await?;
    let changing = started.elapsed();
    let mut figures = Map::new();
    let (mut missed, mut unfound) = (0, 0);
    while let Some(watched) = watchers.join_next().await {
        let (kind, seen) = watched?;
        (missed, unfound) = (missed + seen.missed, unfound + seen.unfound);
        tell(&mut figures, kind.name(), &seen);
    }
    let polls = usize::try_from(pace.polls())?;
    figures.insert("changes".to_owned(), json!(committed));
    figures.insert("changes_per_second".to_owned(), rate(committed, changing));
    figures.insert("missed".to_owned(), json!(missed));
    figures.insert("words_not_found".to_owned(), json!(unfound));
    figures.insert("polls_per_second".to_owned(), rate(polls, started.elapsed()));
    Ok(figures)
}

/// Adds the figures of one kind of change.
fn tell(figures: &mut Map<String, Value>, name: &str, seen: &Seen) {
    figures.insert(format!("{name}_p50_ms"), seen.times.percentile(50));
    figures.insert(format!("{name}_p99_ms"), seen.times.percentile(99));
    figures.insert(format!("{name}_max_ms"), seen.times.max());
    figures.insert(format!("{name}_changes"), json!(seen.times.len()));
}

/// Commits the changes of all kinds in turn, a transaction each, this many a second; answers how many.
async fn commit_all(
    output: Output,
    shop: &Shop,
    queues: Vec<(Vec<Change>, UnboundedSender<Committed>)>,
    rate: u32,
) -> anyhow::Result<usize> {
    let total = queues.iter().map(|(changes, _)| changes.len()).sum::<usize>();
    let bar = output.bar(total as u64, "Changes");
    let mut queues: Vec<_> =
        queues.into_iter().map(|(changes, sender)| (changes.into_iter(), sender)).collect();
    let mut ticks = interval(Duration::from_secs(1) / rate);
    let mut commits = JoinSet::new();
    for place in 0..total {
        let kinds = queues.len();
        let (changes, sender) = &mut queues[place % kinds];
        let Some(change) = changes.next() else { break };
        ticks.tick().await;
        commits.spawn(commit(shop.db.clone(), change, sender.clone()));
        while let Some(done) = commits.try_join_next() {
            done??;
            bar.inc(1);
        }
    }
    // What the watchers get ends with the last commit.
    drop(queues);
    while let Some(done) = commits.join_next().await {
        done??;
    }
    bar.finish_and_clear();
    Ok(total)
}

async fn commit(
    db: Db,
    change: Change,
    committed: UnboundedSender<Committed>,
) -> anyhow::Result<()> {
    change.commit(&db).await?;
    // A watcher that is gone has failed by itself.
    let _gone = committed.send(Committed { change, at: Instant::now() });
    Ok(())
}
