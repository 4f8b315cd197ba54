//! `souk bench checkout`: how fast carts become purchases: one after the other, many at once over many products, and many at
//! once of one product. Only `POST …/checkout` is timed; carts are made before the clock. Whole purchases of guests are timed apart.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::bail;
use clap::Args;
use serde_json::{Value, json};
use tokio::sync::Mutex;
use tokio::task::JoinSet;
use tokio::time::sleep;

use super::Scale;
use super::child::Child;
use super::client::Client;
use super::data::Shop;
use super::figures::{Times, megabytes, rate};
use super::guests;
use super::sql::carts::{self, Deliverable};
use crate::output::Output;

/// Carts made for each second under load; a run that buys them all ends early.
const CARTS_PER_SECOND: u64 = 700;
/// Purchases one after the other.
const ALONE: usize = 400;
/// Purchases of one product, for each second.
const HOT_PER_SECOND: u64 = 400;

/// Before a cart is asked for again that a busy machine refused.
const PAUSE: Duration = Duration::from_millis(100);

/// How long and with how many clients.
#[derive(Args, Clone, Debug)]
pub(crate) struct CheckoutArgs {
    /// Products
    #[arg(long, default_value_t = 1_000, value_parser = clap::value_parser!(i64).range(100..=9_000_000))]
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
    /// Seconds under load, at most
    #[arg(long, default_value_t = 30, value_parser = clap::value_parser!(u64).range(1..=3_600))]
    pub seconds: u64,
    /// Clients at once
    #[arg(long, default_value_t = 8, value_parser = clap::value_parser!(u64).range(1..=1_000))]
    pub clients: u64,
}

impl CheckoutArgs {
    /// How large the shop is.
    pub(super) fn scale(&self) -> Scale {
        let &CheckoutArgs { products, markets, sellers, cities, .. } = self;
        Scale { products, markets, sellers, cities }
    }
}

/// A cart that waits to be bought.
struct Ready {
    path: String,
    secret: String,
    body: String,
}

/// What was bought under load.
struct Load {
    times: Times,
    refused: Refused,
    time: Duration,
}

/// How often what was answered instead of an order, by its code.
type Refused = BTreeMap<String, u64>;

/// Measures and answers the figures.
///
/// # Errors
/// When the child does not serve, or nothing could be bought.
pub(super) async fn run(output: Output, shop: &Shop, args: &CheckoutArgs) -> anyhow::Result<Value> {
    super::child::forget(shop).await?;
    carts::provide(&shop.db).await?;
    let offers = carts::deliverable(&shop.db).await?;
    let Some(hot) = offers.first().cloned() else { bail!("no offer of the bench has stock") };
    let mut child = Child::start(shop)?;
    child.ready(output, "Starting").await?;

    let alone = make(output, shop, &child, args, &offers, ALONE).await?;
    let alone = buy(&child, alone, 1, Duration::from_secs(args.seconds)).await?;
    let whole = guests::buy(&child, &offers).await?;
    let many = usize::try_from(CARTS_PER_SECOND * args.seconds)?;
    let spread = make(output, shop, &child, args, &offers, many).await?;
    let spread = buy(&child, spread, args.clients, Duration::from_secs(args.seconds)).await?;
    let many = usize::try_from(HOT_PER_SECOND * args.seconds.div_ceil(3))?;
    let hot = make(output, shop, &child, args, &[hot], many).await?;
    let hot = buy(&child, hot, args.clients, Duration::from_secs(args.seconds.div_ceil(3))).await?;
    let peak = child.peak_bytes();
    child.stop().await?;
    let mut refused = Refused::new();
    [&alone, &spread, &hot].into_iter().for_each(|load| add(&mut refused, &load.refused));
    Ok(json!({
        "products": shop.scale.products, "clients": args.clients, "seconds": args.seconds,
        "requests": spread.times.len(), "per_second": rate(spread.times.len(), spread.time),
        "p50_ms": spread.times.percentile(50), "p90_ms": spread.times.percentile(90),
        "p99_ms": spread.times.percentile(99),
        "errors": refused.values().sum::<u64>(), "refused": refused,
        "alone_p50_ms": alone.times.percentile(50), "alone_p99_ms": alone.times.percentile(99),
        "guest_p50_ms": whole.percentile(50), "guest_p99_ms": whole.percentile(99),
        "hot_per_second": rate(hot.times.len(), hot.time),
        "hot_p50_ms": hot.times.percentile(50), "hot_p99_ms": hot.times.percentile(99),
        "rss_mb": megabytes(peak), "load_s": shop.load_s,
    }))
}

/// Makes carts that are ready to be bought, offers by turns.
async fn make(
    output: Output,
    shop: &Shop,
    child: &Child,
    args: &CheckoutArgs,
    offers: &[Deliverable],
    count: usize,
) -> anyhow::Result<Vec<Ready>> {
    let bar = output.bar(u64::try_from(count)?, "Making carts");
    let chosen: Vec<Deliverable> = offers.iter().cycle().take(count).cloned().collect();
    let share = count.div_ceil(usize::try_from(args.clients)?).max(1);
    let mut makers = JoinSet::new();
    for part in chosen.chunks(share) {
        let (part, client) = (part.to_vec(), Client::new(child.address));
        let (shop, bar) = (shop.clone(), bar.clone());
        makers.spawn(async move { make_part(&shop, client, &part, &bar).await });
    }
    let mut ready = Vec::with_capacity(count);
    while let Some(made) = makers.join_next().await {
        ready.extend(made??);
    }
    bar.finish_and_clear();
    Ok(ready)
}

async fn make_part(
    shop: &Shop,
    mut client: Client,
    offers: &[Deliverable],
    bar: &indicatif::ProgressBar,
) -> anyhow::Result<Vec<Ready>> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let mut made = Vec::with_capacity(offers.len());
    for offer in offers {
        let path = format!("/v1/{}/carts", offer.market);
        let cart = loop {
            let answer = client.post(&path, &[], "{}").await?;
            match answer.status {
                201 => break answer.json(),
                // A busy machine: before the clock there is time.
                503 => sleep(PAUSE).await,
                status => bail!("a cart was answered with {status}: {}", answer.json()),
            }
        };
        made.push((text(&cart["id"]), text(&cart["secret"])));
    }
    let ids: Vec<String> = made.iter().map(|(id, _)| id.clone()).collect();
    carts::fill(&shop.db, &ids, offers).await?;
    let mut ready = Vec::with_capacity(made.len());
    for (id, secret) in made {
        let path = format!("/v1/carts/{id}");
        let cart = loop {
            let answer = client.get_with(&path, &[("x-cart-secret", &secret)]).await?;
            match answer.status {
                503 => sleep(PAUSE).await,
                _ => break answer.json(),
            }
        };
        let phone = format!("+965{:08}", rand::random::<u32>() % 100_000_000);
        let body = json!({
            "phone": phone, "payment_method": "cash", "expected_total": cart["total"],
        });
        if cart["problems"]
            .as_array()
            .is_none_or(|all| all.iter().any(|it| it["code"] != "price_changed"))
        {
            bail!("a cart of the bench cannot be bought: {cart}");
        }
        ready.push(Ready { path: format!("{path}/checkout"), secret, body: body.to_string() });
        bar.inc(1);
    }
    Ok(ready)
}

/// Buys carts until there are none or the time is over.
async fn buy(
    child: &Child,
    ready: Vec<Ready>,
    clients: u64,
    time: Duration,
) -> anyhow::Result<Load> {
    let ready = Arc::new(Mutex::new(ready));
    let started = Instant::now();
    let deadline = started + time;
    let mut buyers = JoinSet::new();
    for _ in 0..clients {
        buyers.spawn(buy_until(deadline, Client::new(child.address), Arc::clone(&ready)));
    }
    let mut load = Load { times: Times::default(), refused: Refused::new(), time: Duration::ZERO };
    while let Some(ended) = buyers.join_next().await {
        let (times, refused) = ended?;
        load.times.extend(times);
        add(&mut load.refused, &refused);
    }
    load.time = started.elapsed();
    if load.times.len() == 0 {
        bail!("nothing could be bought");
    }
    Ok(load)
}

async fn buy_until(
    deadline: Instant,
    mut client: Client,
    ready: Arc<Mutex<Vec<Ready>>>,
) -> (Times, Refused) {
    let (mut times, mut refused) = (Times::default(), Refused::new());
    while Instant::now() < deadline {
        let Some(cart) = ready.lock().await.pop() else { break };
        let headers = [("x-cart-secret", cart.secret.as_str()), ("idempotency-key", &cart.path)];
        let asked = Instant::now();
        match client.post(&cart.path, &headers, &cart.body).await {
            Ok(answer) if answer.status == 201 => times.push(asked.elapsed()),
            Ok(answer) => {
                let code = answer.json()["code"].as_str().unwrap_or_default().to_owned();
                *refused.entry(format!("{} {code}", answer.status)).or_default() += 1;
            }
            Err(error) => *refused.entry(error.to_string()).or_default() += 1,
        }
    }
    (times, refused)
}

fn add(to: &mut Refused, more: &Refused) {
    for (code, count) in more {
        *to.entry(code.clone()).or_default() += count;
    }
}
