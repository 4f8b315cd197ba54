//! Large changes: a price list, many texts, a category with half of the shop below it; and what single prices feel of them.

use std::time::Duration;

use anyhow::bail;
use serde_json::{Map, Value, json};
use tokio::time::{Instant, sleep};

use super::changes::Range;
use super::child::Child;
use super::client::Client;
use super::data::Shop;
use super::figures::milliseconds;
use super::others::Others;
use super::sql;
use super::sql::changes::PriceRow;
use super::watch::Seen;
use super::words::Tongue;
use crate::output::Output;

/// Rows of one transaction.
const ROWS: usize = 1_000;
/// The category at the top that has half of the products below it.
const CATEGORY: i64 = 1;
/// Lowest of the prices that a price list sets: no other price is as high.
const PRICE_LEAST: i64 = 1_000_000_000;
/// Between two questions whether all of it is visible.
const INTERVAL: Duration = Duration::from_millis(10);
/// A large change that is not visible for so long never will be.
const PATIENCE: Duration = Duration::from_secs(900);

/// What the large changes replaced, to be put back.
#[derive(Debug)]
pub(super) struct Before {
    products: Vec<i64>,
    prices: Vec<PriceRow>,
}

impl Before {
    /// Notes that the shop is not as it was loaded until [`Before::restore`], so that a bench that breaks off leaves none
    /// behind that the next takes for whole.
    ///
    /// # Errors
    /// When the database does not answer.
    pub(super) async fn remember(shop: &Shop) -> anyhow::Result<Before> {
        sql::mark_changed(&shop.db, true).await?;
        let products = sql::changes::burst_products(&shop.db, shop.scale.products / 2).await?;
        let prices = sql::changes::prices_of(&shop.db, &products, &shop.markets[0]).await?;
        Ok(Before { products, prices })
    }

    /// Puts titles, prices and names back.
    ///
    /// # Errors
    /// When the database does not answer.
    pub(super) async fn restore(self, shop: &Shop) -> anyhow::Result<()> {
        for prices in self.prices.chunks(ROWS) {
            sql::changes::restore_prices(&shop.db, prices).await?;
        }
        for products in self.products.chunks(ROWS) {
            sql::changes::set_titles(&shop.db, products, &titles(shop, products, "")).await?;
        }
        let name = shop.catalog.label(CATEGORY.unsigned_abs(), Tongue::En);
        sql::changes::rename_category(&shop.db, CATEGORY, &name).await?;
        Ok(sql::mark_changed(&shop.db, false).await?)
    }

    /// The products that are not changed.
    fn others(&self) -> Range {
        Range { above: self.products.last().copied().unwrap_or_default() }
    }
}

/// Where large changes are made and seen.
pub(super) struct Stage<'s> {
    /// How to print.
    pub output: Output,
    /// The shop that changes.
    pub shop: &'s Shop,
    /// What shows it.
    pub child: &'s Child,
    /// What is put back in the end.
    pub before: &'s Before,
}

/// How a large change went.
struct Measured {
    /// From the first statement to the last commit.
    committing: Duration,
    /// From the last commit until all of it was visible.
    visible: Duration,
    /// What single prices felt.
    others: Seen,
}

impl Stage<'_> {
    /// A new price for every offer of half the products in one market, then a new title for each of these products.
    ///
    /// # Errors
    /// When a change is refused or is not visible in time.
    pub(super) async fn bursts(&self) -> anyhow::Result<Map<String, Value>> {
        let run = rand::random::<u32>();
        let (market, before) = (&self.shop.markets[0], self.before);
        let minor = PRICE_LEAST + i64::from(run);
        let path = format!("/v1/{market}/search?filter=price:{minor}..{minor}&limit=1");
        let prices = self.measure(&path, self.set_prices(minor)).await?;
        let word = format!("burst{run:x}n");
        let path = format!("/v1/{market}/search?q={word}&lang=en&limit=1");
        let texts = self.measure(&path, self.set_titles(&word)).await?;

        let mut others = prices.others.times.clone();
        others.extend(texts.others.times.clone());
        Ok(object(json!({
            "burst_price_rows": before.prices.len(), "burst_text_rows": before.products.len(),
            "burst_price_commit_ms": milliseconds(prices.committing),
            "burst_price_visible_ms": milliseconds(prices.visible),
            "burst_price_other_p99_ms": prices.others.times.percentile(99),
            "burst_text_commit_ms": milliseconds(texts.committing),
            "burst_text_visible_ms": milliseconds(texts.visible),
            "burst_text_other_p99_ms": texts.others.times.percentile(99),
            "other_price_changes": others.len(),
            "other_price_missed": prices.others.missed + texts.others.missed,
            "other_price_p50_ms": others.percentile(50),
            "other_price_p99_ms": others.percentile(99), "other_price_max_ms": others.max(),
        })))
    }

    /// Another name for the category that has half of the products below it.
    ///
    /// # Errors
    /// When the change is refused or is not visible in time.
    pub(super) async fn rename(&self) -> anyhow::Result<Map<String, Value>> {
        let (market, db) = (&self.shop.markets[0], &self.shop.db);
        let word = format!("renamed{:x}n", rand::random::<u32>());
        let name =
            format!("{} {word}", self.shop.catalog.label(CATEGORY.unsigned_abs(), Tongue::En));
        let below = sql::changes::products_below(db, CATEGORY).await?;
        let path = format!("/v1/{market}/categories?lang=en");
        let others = Others::start(self.shop, self.child, Range::default());
        sql::changes::rename_category(db, CATEGORY, &name).await?;
        let committed = Instant::now();
        let is_named = |tree: &Value| {
            let roots = tree["items"].as_array().into_iter().flatten();
            roots.into_iter().any(|root| root["label"] == *name)
        };
        let label = self.seen(&path, is_named).await? - committed;
        let path = format!("/v1/{market}/search?q={word}&lang=en&limit=1");
        let text = self.seen(&path, |answer| answer["total"] == below).await? - committed;
        let others = others.finish().await?;
        Ok(object(json!({
            "rename_products": below,
            "rename_label_ms": milliseconds(label), "rename_text_ms": milliseconds(text),
            "rename_other_changes": others.times.len(), "rename_other_missed": others.missed,
            "rename_other_p50_ms": others.times.percentile(50),
            "rename_other_p99_ms": others.times.percentile(99),
            "rename_other_max_ms": others.times.max(),
        })))
    }

    /// Makes a large change while single prices change, until this search finds all the changed products.
    async fn measure(
        &self,
        path: &str,
        commits: impl Future<Output = anyhow::Result<()>>,
    ) -> anyhow::Result<Measured> {
        let others = Others::start(self.shop, self.child, self.before.others());
        let started = Instant::now();
        commits.await?;
        let committed = Instant::now();
        let products = self.before.products.len();
        let visible = self.seen(path, |answer| answer["total"] == products).await?;
        let others = others.finish().await?;
        let (committing, visible) = (committed - started, visible - committed);
        Ok(Measured { committing, visible, others })
    }

    async fn set_prices(&self, minor: i64) -> anyhow::Result<()> {
        let bar = self.output.bar(self.before.prices.len() as u64, "A price list");
        for prices in self.before.prices.chunks(ROWS) {
            let offers: Vec<i64> = prices.iter().map(|price| price.0).collect();
            sql::changes::set_prices(&self.shop.db, &offers, minor).await?;
            bar.inc(offers.len() as u64);
        }
        bar.finish_and_clear();
        Ok(())
    }

    async fn set_titles(&self, word: &str) -> anyhow::Result<()> {
        let bar = self.output.bar(self.before.products.len() as u64, "Many titles");
        for products in self.before.products.chunks(ROWS) {
            sql::changes::set_titles(&self.shop.db, products, &titles(self.shop, products, word))
                .await?;
            bar.inc(products.len() as u64);
        }
        bar.finish_and_clear();
        Ok(())
    }

    /// When an answer was first as wanted.
    async fn seen(&self, path: &str, wanted: impl Fn(&Value) -> bool) -> anyhow::Result<Instant> {
        let mut client = Client::new(self.child.address);
        let deadline = Instant::now() + PATIENCE;
        loop {
            let answer = client.get(path).await?;
            let body = answer.json();
            if wanted(&body) {
                return Ok(Instant::now());
            }
            if Instant::now() > deadline {
                let total = &body["total"];
                bail!("{path} is not complete after {PATIENCE:?}: {} with {total}", answer.status);
            }
            sleep(INTERVAL).await;
        }
    }
}

/// The titles of these products as they were loaded, with a word added.
fn titles(shop: &Shop, products: &[i64], word: &str) -> Vec<String> {
    let title = |product: &i64| shop.catalog.title(product.unsigned_abs(), Tongue::En);
    products
        .iter()
        .map(|product| format!("{} {word}", title(product)).trim_end().to_owned())
        .collect()
}

fn object(figures: Value) -> Map<String, Value> {
    match figures {
        Value::Object(figures) => figures,
        _ => Map::new(),
    }
}
