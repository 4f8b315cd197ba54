//! `souk bench suggest`: suggestions alone and under load.

use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use clap::Args;
use serde_json::{Value, json};

use super::Scale;
use super::child::Child;
use super::data::Shop;
use super::figures::{megabytes, rate};
use super::load::{self, Pressure};
use super::typing::{TYPING, Typing};
use crate::output::Output;

/// How long and with how many clients.
#[derive(Args, Clone, Debug)]
pub(crate) struct SuggestArgs {
    /// How large the shop is
    #[command(flatten)]
    pub scale: Scale,
    /// Seconds under load
    #[arg(long, default_value_t = 30, value_parser = clap::value_parser!(u64).range(1..=3_600))]
    pub seconds: u64,
    /// Clients at once
    #[arg(long, default_value_t = 16, value_parser = clap::value_parser!(u64).range(1..=1_000))]
    pub clients: u64,
}

/// Measures and answers the figures.
///
/// # Errors
/// When the child does not serve, or nothing is answered.
pub(super) async fn run(output: Output, shop: &Shop, args: &SuggestArgs) -> anyhow::Result<Value> {
    let typing = Typing {
        catalog: Arc::clone(&shop.catalog),
        markets: shop.markets.clone(),
        products: shop.scale.products.unsigned_abs(),
    };
    super::child::forget(shop).await?;
    let mut child = Child::start(shop)?;
    child.ready(output, "Filling the index").await?;
    let numbers = Arc::new(AtomicU64::new(0));
    let question = Arc::new(move |number| typing.question(number));
    let engine = load::alone(&child, &*question, &numbers, args.seconds).await?;
    output.note(&format!("Asking: {TYPING}."));
    let pressure = Pressure { seconds: args.seconds, clients: args.clients };
    let load = load::run(output, &child, &question, &numbers, pressure).await?;
    let peak = child.peak_bytes();
    child.stop().await?;
    Ok(json!({
        "products": shop.scale.products, "markets": shop.scale.markets,
        "sellers": shop.scale.sellers, "cities": shop.scale.cities,
        "clients": args.clients, "seconds": args.seconds, "mix": TYPING,
        "requests": load.times.len(), "errors": load.errors,
        "per_second": rate(load.times.len(), load.time),
        "p50_ms": load.times.percentile(50), "p90_ms": load.times.percentile(90),
        "p99_ms": load.times.percentile(99),
        "engine_p50_ms": engine.percentile(50), "engine_p90_ms": engine.percentile(90),
        "engine_p99_ms": engine.percentile(99), "engine_max_ms": engine.max(),
        "rss_mb": megabytes(peak), "load_s": shop.load_s,
    }))
}
