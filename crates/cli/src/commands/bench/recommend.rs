//! `souk bench recommend`: recommendations alone and under load, for visitors with histories, by models that were trained
//! on what they did.

use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::{Duration, Instant};

use anyhow::{Context as _, ensure};
use clap::Args;
use serde_json::{Value, json};
use tokio::process::Command;
use tokio::time::sleep;

use super::Scale;
use super::child::Child;
use super::client::Client;
use super::data::Shop;
use super::figures::{Times, megabytes, milliseconds, rate};
use super::load::{self, Pressure, Question};
use super::sql;
use super::words::hash;
use crate::output::Output;

/// What is asked, for people and programs.
const MIX: &str = "one market; visitors with 5 to 20 clicks and 0 to 8 purchases, three requests a visitor in turn; 40 % home, 20 % \
    similar, 15 % together, 10 % buy-again, 10 % trending, 5 % for a city";
/// Visitors with a history.
const VISITORS: u64 = 5_000;
/// Requests of a visitor one behind the other.
const REQUESTS: u64 = 3;
/// Customers whose purchases are learned from: two for each product, at most so many.
const CUSTOMERS_MAX: i64 = 20_000;
/// Time until the models serve.
const PATIENCE: Duration = Duration::from_secs(60);
/// Questions that are timed one at a time.
const ALONE: u64 = 1_000;

/// How long and with how many clients.
#[derive(Args, Clone, Debug)]
pub(crate) struct RecommendArgs {
    /// Products
    #[arg(long, default_value_t = 10_000, value_parser = clap::value_parser!(i64).range(100..=9_000_000))]
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
    /// Seconds under load
    #[arg(long, default_value_t = 30, value_parser = clap::value_parser!(u64).range(1..=3_600))]
    pub seconds: u64,
    /// Clients at once
    #[arg(long, default_value_t = 8, value_parser = clap::value_parser!(u64).range(1..=1_000))]
    pub clients: u64,
}

impl RecommendArgs {
    pub(super) const fn scale(&self) -> Scale {
        let &RecommendArgs { products, markets, sellers, cities, .. } = self;
        Scale { products, markets, sellers, cities }
    }
}

/// Measures and answers the figures.
///
/// # Errors
/// When the history cannot be written, the models cannot be trained, or nothing is answered.
pub(super) async fn run(
    output: Output,
    shop: &Shop,
    args: &RecommendArgs,
) -> anyhow::Result<Value> {
    let market = shop.markets[0].clone();
    output.note("Writing what customers bought and visitors did.");
    let customers = (shop.scale.products * 2).min(CUSTOMERS_MAX);
    sql::visits::write(&shop.db, &market, shop.scale.products, customers, VISITORS).await?;
    let train_s = train(output, shop, &market).await?;
    super::child::forget(shop).await?;
    let mut child = Child::start(shop)?;
    child.ready(output, "Filling the index").await?;
    let city = sql::visits::city(&shop.db, &market).await?;
    let asked = Asked { market, city, products: shop.scale.products.unsigned_abs() };
    serving(&child, &asked).await?;
    let numbers = Arc::new(AtomicU64::new(0));
    let question = Arc::new(move |number| asked.question(number));
    let alone = alone(&child, &*question).await?;
    output.note(&format!("Asking: {MIX}."));
    let pressure = Pressure { seconds: args.seconds, clients: args.clients };
    let load = load::run(output, &child, &question, &numbers, pressure).await?;
    let event = freshness(&child, &question(0).path).await?;
    let peak = child.peak_bytes();
    child.stop().await?;
    Ok(json!({
        "products": shop.scale.products, "markets": shop.scale.markets,
        "sellers": shop.scale.sellers, "cities": shop.scale.cities,
        "clients": args.clients, "seconds": args.seconds, "mix": MIX,
        "requests": load.times.len(), "errors": load.errors,
        "per_second": rate(load.times.len(), load.time),
        "p50_ms": load.times.percentile(50), "p90_ms": load.times.percentile(90),
        "p99_ms": load.times.percentile(99),
        "alone_p50_ms": alone.percentile(50), "alone_p99_ms": alone.percentile(99),
        "event_to_answer_ms": milliseconds(event), "train_s": train_s,
        "rss_mb": megabytes(peak), "load_s": shop.load_s,
    }))
}

/// Trains the market's models with this same program as a child; answers how many seconds that took.
async fn train(output: Output, shop: &Shop, market: &str) -> anyhow::Result<f64> {
    output.note("Training.");
    let started = Instant::now();
    let models = shop.folder.join("models");
    let trained = Command::new(std::env::current_exe()?)
        .args(["train", "--quiet", "--json", "--market", market, "--items-max", "3000", "--data"])
        .arg(&shop.folder)
        .arg("--models")
        .arg(&models)
        .env("DATABASE_URL", &shop.url)
        .kill_on_drop(true)
        .output()
        .await
        .context("cannot start souk train")?;
    let told = String::from_utf8_lossy(&trained.stderr);
    ensure!(trained.status.success(), "souk train ended with {}: {told}", trained.status);
    Ok((started.elapsed().as_secs_f64() * 10.0).round() / 10.0)
}

/// Who asks for what.
struct Asked {
    market: String,
    city: i64,
    products: u64,
}

impl Asked {
    fn question(&self, number: u64) -> Question {
        let Asked { market, city, products } = self;
        let random = |salt: u64| hash(number, 500 + salt);
        let product = 1 + random(1) % products;
        let rest = match random(0) % 100 {
            0..40 => "home".to_owned(),
            40..60 => format!("similar?product={product}"),
            60..75 => format!("together?product={product}"),
            75..85 => "buy-again".to_owned(),
            85..95 => "trending".to_owned(),
            _ => format!("home?city={city}"),
        };
        Question {
            path: format!("/v1/{market}/recommendations/{rest}"),
            visitor: format!("visitor-{}", number / REQUESTS % VISITORS),
        }
    }
}

/// Waits until trained models answer.
async fn serving(child: &Child, asked: &Asked) -> anyhow::Result<()> {
    let mut client = Client::new(child.address);
    let path = format!("/v1/{}/recommendations/home", asked.market);
    let deadline = Instant::now() + PATIENCE;
    loop {
        let answer = client.get_as(&path, "visitor-1").await?;
        let model = answer.json()["model"].as_str().unwrap_or("live").to_owned();
        if answer.status == 200 && model != "live" {
            return Ok(());
        }
        ensure!(Instant::now() < deadline, "no trained model serves after {PATIENCE:?}");
        sleep(Duration::from_millis(50)).await;
    }
}

/// Times of questions one at a time, over HTTP.
async fn alone(child: &Child, question: &impl Fn(u64) -> Question) -> anyhow::Result<Times> {
    let mut client = Client::new(child.address);
    let mut times = Times::default();
    for number in 0..ALONE {
        let Question { path, visitor } = question(number);
        let asked = Instant::now();
        let answer = client.get_as(&path, &visitor).await?;
        ensure!(
            answer.status == 200,
            "a question was answered with {}: {}",
            answer.status,
            answer.json()
        );
        times.push(asked.elapsed());
    }
    Ok(times)
}

/// From the 202 of somebody's first click to a home page that knows of it.
async fn freshness(child: &Child, path: &str) -> anyhow::Result<Duration> {
    let mut client = Client::new(child.address);
    let market = path.split('/').nth(2).unwrap_or_default();
    let path = format!("/v1/{market}/recommendations/home");
    let time = jiff::Timestamp::now();
    // Nobody whom an earlier run has left in the database.
    let visitor = format!("fresh-{}", time.as_microsecond());
    let before = client.get_as(&path, &visitor).await?.json();
    let body = json!({ "events": [{
        "id": visitor, "type": "detail-page-view", "visitor_id": visitor,
        "market": market, "time": time.to_string(), "product_id": "17",
    }] });
    let told = client.post("/v1/events", &[], &body.to_string()).await?;
    ensure!(told.status == 202, "an event was answered with {}: {}", told.status, told.json());
    let since = Instant::now();
    while client.get_as(&path, &visitor).await?.json()["items"] == before["items"] {
        ensure!(since.elapsed() < PATIENCE, "an event never changed an answer");
    }
    Ok(since.elapsed())
}
