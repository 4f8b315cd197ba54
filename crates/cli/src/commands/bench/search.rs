//! `souk bench search`: time to start, time of a single search, searches under load, memory and size.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use anyhow::bail;
use clap::Args;
use serde_json::{Value, json};
use tokio::task::JoinSet;
use tokio::time::interval;

use super::Scale;
use super::child::{Child, index_bytes};
use super::client::Client;
use super::data::Shop;
use super::figures::{Times, megabytes, milliseconds, rate};
use super::mix::{MIX, Mix};
use super::rules;
use crate::output::Output;

/// Searches before the clock, so that files are mapped and caches are as in a running shop.
const WARM_UP: u64 = 200;
/// Searches that are timed one at a time, at most.
const ALONE_MAX: u64 = 2_000;

/// How long and with how many clients.
#[derive(Args, Clone, Debug)]
pub(crate) struct SearchArgs {
    /// How large the shop is
    #[command(flatten)]
    pub scale: Scale,
    /// Seconds under load
    #[arg(long, default_value_t = 30, value_parser = clap::value_parser!(u64).range(1..=3_600))]
    pub seconds: u64,
    /// Clients at once
    #[arg(long, default_value_t = 16, value_parser = clap::value_parser!(u64).range(1..=1_000))]
    pub clients: u64,
    /// Then what so many rules cost a search: with and without them in turn; 0 for not
    #[arg(long, default_value_t = 0, value_parser = clap::value_parser!(u64).range(0..=1_000_000))]
    pub rules: u64,
}

/// Measures and answers the figures.
///
/// # Errors
/// When the child does not serve, or no search succeeds.
pub(super) async fn run(output: Output, shop: &Shop, args: &SearchArgs) -> anyhow::Result<Value> {
    let mix = Arc::new(Mix {
        catalog: Arc::clone(&shop.catalog),
        markets: shop.markets.clone(),
        products: shop.scale.products.unsigned_abs(),
    });
    let (filling, fill_peak) = fill(output, shop).await?;

    let mut child = Child::start(shop)?;
    let cold_start = child.ready(output, "Starting").await?;
    let numbers = Arc::new(AtomicU64::new(0));
    let engine = alone(&child, &mix, &numbers, args.seconds).await?;
    output.note(&format!("Asking: {MIX}."));
    let load = under_load(output, &child, &mix, &numbers, args).await?;
    let peak = child.peak_bytes();
    let cost = match args.rules {
        0 => Value::Null,
        count => rules::cost(output, shop, &child, &mix, &numbers, count).await?,
    };
    child.kill().await?;

    let mut again = Child::start(shop)?;
    let after_kill = again.ready(output, "Starting after a kill").await?;
    again.stop().await?;
    let index = index_bytes(shop)?;
    let mut figures = json!({
        "products": shop.scale.products, "markets": shop.scale.markets,
        "sellers": shop.scale.sellers, "cities": shop.scale.cities,
        "clients": args.clients, "seconds": args.seconds, "mix": MIX,
        "requests": load.times.len(), "errors": load.errors,
        "per_second": rate(load.times.len(), load.time),
        "p50_ms": load.times.percentile(50), "p90_ms": load.times.percentile(90),
        "p99_ms": load.times.percentile(99),
        "engine_p50_ms": engine.percentile(50), "engine_p99_ms": engine.percentile(99),
        "rss_mb": megabytes(peak), "fill_rss_mb": megabytes(fill_peak),
        "index_mb": megabytes(index), "fill_docs_per_second": filling,
        "cold_start_ms": milliseconds(cold_start), "restart_after_kill_ms": milliseconds(after_kill),
        "load_s": shop.load_s,
    });
    if let (Some(figures), Value::Object(cost)) = (figures.as_object_mut(), cost) {
        figures.extend(cost);
    }
    Ok(figures)
}

/// Fills an empty index and stops cleanly; answers documents a second and the most memory.
async fn fill(output: Output, shop: &Shop) -> anyhow::Result<(Value, u64)> {
    super::child::forget(shop).await?;
    let mut child = Child::start(shop)?;
    let took = child.ready(output, "Filling the index").await?;
    let peak = child.peak_bytes();
    child.stop().await?;
    let products = usize::try_from(shop.scale.products)?;
    Ok((rate(products, took), peak))
}

/// What the engine itself says it took, one search at a time.
async fn alone(
    child: &Child,
    mix: &Mix,
    numbers: &AtomicU64,
    seconds: u64,
) -> anyhow::Result<Times> {
    let mut client = Client::new(child.address);
    let mut times = Times::default();
    let mut deadline = None;
    for place in 0..WARM_UP + ALONE_MAX {
        let (took, _) = one(&mut client, mix, numbers).await?;
        if place < WARM_UP {
            continue;
        }
        times.push(took);
        let end = *deadline.get_or_insert_with(|| Instant::now() + Duration::from_secs(seconds));
        if Instant::now() > end {
            break;
        }
    }
    Ok(times)
}

/// The next search: what the engine says it took, and the answer.
pub(super) async fn one(
    client: &mut Client,
    mix: &Mix,
    numbers: &AtomicU64,
) -> anyhow::Result<(Duration, Value)> {
    let answer = client.get(&mix.path(numbers.fetch_add(1, Ordering::Relaxed))).await?;
    let body = answer.json();
    let Some(took) = body["took_us"].as_u64().filter(|_| answer.status == 200) else {
        bail!("a search was answered with {}: {body}", answer.status);
    };
    Ok((Duration::from_micros(took), body))
}

/// What was answered under load.
struct Load {
    times: Times,
    errors: u64,
    time: Duration,
}

async fn under_load(
    output: Output,
    child: &Child,
    mix: &Arc<Mix>,
    numbers: &Arc<AtomicU64>,
    args: &SearchArgs,
) -> anyhow::Result<Load> {
    let started = Instant::now();
    let deadline = started + Duration::from_secs(args.seconds);
    let bar = output.bar(args.seconds, "Searching, seconds");
    let mut clients = JoinSet::new();
    for _ in 0..args.clients {
        let client = Client::new(child.address);
        clients.spawn(ask_until(deadline, client, Arc::clone(mix), Arc::clone(numbers)));
    }
    let mut load = Load { times: Times::default(), errors: 0, time: Duration::ZERO };
    let mut seconds = interval(Duration::from_secs(1));
    seconds.tick().await;
    loop {
        tokio::select! {
            _ = seconds.tick() => bar.inc(1),
            ended = clients.join_next() => {
                let Some(ended) = ended else { break };
                let (times, errors) = ended?;
                load.times.extend(times);
                load.errors += errors;
            }
        }
    }
    load.time = started.elapsed();
    bar.finish_and_clear();
    if load.times.len() == 0 {
        bail!("no search succeeded under load");
    }
    Ok(load)
}

/// One client: the next search as soon as the one before is answered. Answers times and failures.
async fn ask_until(
    deadline: Instant,
    mut client: Client,
    mix: Arc<Mix>,
    numbers: Arc<AtomicU64>,
) -> (Times, u64) {
    let (mut times, mut errors) = (Times::default(), 0);
    while Instant::now() < deadline {
        let number = numbers.fetch_add(1, Ordering::Relaxed);
        let (path, visitor) = (mix.path(number), format!("visitor-{number}"));
        let asked = Instant::now();
        match client.get_as(&path, &visitor).await {
            Ok(answer) if answer.status == 200 => times.push(asked.elapsed()),
            _ => errors += 1,
        }
    }
    (times, errors)
}
