//! `souk bench`: how fast search, suggestions and recommendations answer, how fresh they are and how fast carts become purchases, against
//! a shop of its own.
//!
//! **Invariant**: the shop's own data is never touched. A bench has a database beside the shop's on the same server and a
//! data folder below the shop's, and serves them with this same program as a child process.

mod bursts;
mod catalog;
mod changes;
mod checkout;
mod child;
mod client;
mod data;
pub(crate) mod figures;
mod freshness;
mod guests;
mod load;
mod mix;
mod others;
mod recommend;
mod rules;
mod search;
mod sql;
mod suggest;
mod typing;
mod watch;
mod words;

use std::process::ExitCode;

use clap::{Args, Subcommand};

use crate::STOPPED;
use crate::context::Context;

/// What can be measured.
#[derive(Subcommand, Clone, Debug)]
pub(crate) enum BenchCommand {
    /// How fast search answers, alone and under load, and what it needs
    Search(search::SearchArgs),
    /// How fast suggestions come while somebody types
    Suggest(suggest::SuggestArgs),
    /// How soon a committed change is in an answer
    Freshness(freshness::FreshnessArgs),
    /// How fast recommendations come for visitors with histories, and how soon they know of an event
    Recommend(recommend::RecommendArgs),
    /// How fast carts become purchases, one at a time, under load, and of one product
    Checkout(checkout::CheckoutArgs),
}

/// How large the bench's shop is.
#[derive(Args, Clone, Copy, Debug)]
pub(crate) struct Scale {
    /// Products
    #[arg(long, default_value_t = 100_000, value_parser = clap::value_parser!(i64).range(100..=9_000_000))]
    pub products: i64,
    /// Markets, each with three offers of every product
    #[arg(long, default_value_t = 10, value_parser = clap::value_parser!(i64).range(1..=10))]
    pub markets: i64,
    /// Sellers in all
    #[arg(long, default_value_t = 200, value_parser = clap::value_parser!(i64).range(3..=100_000))]
    pub sellers: i64,
    /// Cities in all
    #[arg(long, default_value_t = 80, value_parser = clap::value_parser!(i64).range(10..=600))]
    pub cities: i64,
}

impl Scale {
    /// The name of the bench's folder.
    fn name(self) -> String {
        let Scale { products, markets, sellers, cities } = self;
        format!("{products}_{markets}_{sellers}_{cities}")
    }

    /// The name of its database.
    fn database(self) -> String {
        format!("souk_bench_{}", self.name())
    }
}

/// Measures until done or stopped; the child that serves and its replication slot are gone afterwards.
///
/// # Errors
/// When the database refuses, the child does not serve, or nothing could be measured.
pub(crate) async fn run(context: &Context, command: BenchCommand) -> anyhow::Result<ExitCode> {
    let scale = match &command {
        BenchCommand::Search(args) => args.scale,
        BenchCommand::Suggest(args) => args.scale,
        BenchCommand::Freshness(args) => args.scale,
        BenchCommand::Recommend(args) => args.scale(),
        BenchCommand::Checkout(args) => args.scale(),
    };
    let opening = context.stop.run_until_cancelled(data::open(context, scale)).await;
    let Some(opened) = opening else { return Ok(STOPPED.into()) };
    let shop = opened?;
    let measuring = context.stop.run_until_cancelled(measure(context, &shop, &command)).await;
    child::forget(&shop).await?;
    shop.db.close().await;
    let Some(figures) = measuring else { return Ok(STOPPED.into()) };
    let figures = figures?;
    context.output.result(&figures, &figures::table(&figures))?;
    Ok(ExitCode::SUCCESS)
}

async fn measure(
    context: &Context,
    shop: &data::Shop,
    command: &BenchCommand,
) -> anyhow::Result<serde_json::Value> {
    match command {
        BenchCommand::Search(args) => search::run(context.output, shop, args).await,
        BenchCommand::Suggest(args) => suggest::run(context.output, shop, args).await,
        BenchCommand::Freshness(args) => freshness::run(context.output, shop, args).await,
        BenchCommand::Recommend(args) => recommend::run(context.output, shop, args).await,
        BenchCommand::Checkout(args) => checkout::run(context.output, shop, args).await,
    }
}
