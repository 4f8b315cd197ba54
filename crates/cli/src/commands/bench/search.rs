//! `souk bench search`: time to start, time of a single search, searches under load, memory and size.

use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use clap::Args;
use serde_json::{Value, json};

use super::Scale;
use super::child::{Child, index_bytes};
use super::data::Shop;
use super::figures::{megabytes, milliseconds, rate};
use super::load::{self, Pressure, Question};
use super::mix::{MIX, Mix};
use super::rules;
use crate::output::Output;

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

impl SearchArgs {
    const fn load(&self) -> Pressure {
        Pressure { seconds: self.seconds, clients: self.clients }
    }
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
    let asked = Arc::clone(&mix);
    let question =
        move |number| Question { path: asked.path(number), visitor: format!("visitor-{number}") };
    let engine = load::alone(&child, &question, &numbers, args.seconds).await?;
    output.note(&format!("Asking: {MIX}."));
    let question = Arc::new(question);
    let load = load::run(output, &child, &question, &numbers, args.load()).await?;
    let peak = child.peak_bytes();
    let cost = match args.rules {
        0 => Value::Null,
        count => {
            let turns = rules::ROUNDS;
            output.note(&format!("Searching without and with {count} rules, {turns} times each."));
            rules::cost(shop, &child, &mix, &*question, &numbers, count).await?
        }
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
