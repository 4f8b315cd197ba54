//! Changes of the bench's shop: chosen before the clock, committed one transaction each, and what an answer that shows one
//! looks like.

use std::collections::HashSet;

use anyhow::bail;
use serde_json::Value;

use super::client::encoded;
use super::data::Shop;
use super::sql;
use super::words::{Tongue, hash};

/// Units that a sold-out offer gets again.
const UNITS: i32 = 10;
/// Candidates looked at for each change that is wanted: not every offer's stock decides what is shown.
const CANDIDATES: usize = 4;
/// Products with dated prices, whose base prices may be hidden, are left alone: every such product.
const DATED_EVERY: i64 = 50;

/// What is changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Price,
    Stock,
    Text,
}

impl Kind {
    /// All of them, in turn.
    pub(super) const ALL: [Kind; 3] = [Kind::Price, Kind::Stock, Kind::Text];

    /// As figures name it.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Kind::Price => "price",
            Kind::Stock => "stock",
            Kind::Text => "text",
        }
    }
}

/// Which products are changed.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Range {
    /// Only those with a higher number.
    pub above: i64,
}

/// One change, not yet made.
#[derive(Clone, Debug)]
pub(super) struct Change {
    product: i64,
    market: String,
    edit: Edit,
}

#[derive(Clone, Debug)]
enum Edit {
    /// The offer costs less than all others of the product, and has stock: it is the one shown.
    Price { offer: i64, minor: i64 },
    /// The cheapest offer is sold out, so another is shown.
    SoldOut { offer: i64, warehouse: i64 },
    /// The cheapest offer has stock again, and is shown again.
    Restocked { offer: i64, warehouse: i64 },
    /// The title ends with a word that no other product has.
    Title { title: String, word: String },
}

impl Change {
    /// Commits it.
    ///
    /// # Errors
    /// When the database refuses, or the row is gone.
    pub(super) async fn commit(&self, shop_db: &souk_commerce::Db) -> anyhow::Result<()> {
        let done = match &self.edit {
            Edit::Price { offer, minor } => sql::changes::set_price(shop_db, *offer, *minor).await,
            Edit::SoldOut { offer, warehouse } => {
                sql::changes::set_stock(shop_db, (*offer, *warehouse), 0).await
            }
            Edit::Restocked { offer, warehouse } => {
                sql::changes::set_stock(shop_db, (*offer, *warehouse), UNITS).await
            }
            Edit::Title { title, .. } => {
                sql::changes::set_title(shop_db, self.product, title).await
            }
        };
        if done?.rows_affected() != 1 {
            bail!("a row of product {} is gone; is another bench running?", self.product);
        }
        Ok(())
    }

    /// A search for the product by its code.
    pub(super) fn path(&self) -> String {
        let code = format!("B-{:07}", self.product);
        format!("/v1/{}/search?q={}&lang=en&limit=1", self.market, encoded(&code))
    }

    /// Whether the answer to that search shows the change.
    pub(super) fn is_in(&self, answer: &Value) -> bool {
        let hit = &answer["hits"][0];
        if !is_id(&hit["product_id"], self.product) {
            return false;
        }
        let shows = |offer: i64| is_id(&hit["offer_id"], offer);
        match &self.edit {
            // Each price is below all before it, and the next may be visible already.
            Edit::Price { minor, .. } => {
                hit["price"]["minor"].as_i64().is_some_and(|shown| shown <= *minor)
            }
            Edit::SoldOut { offer, .. } => hit["offer_id"].is_string() && !shows(*offer),
            Edit::Restocked { offer, .. } => shows(*offer) && hit["in_stock"] == true,
            Edit::Title { word, .. } => {
                hit["title"].as_str().is_some_and(|title| title.ends_with(word))
            }
        }
    }

    /// A search for the new word, where there is one: its only hit must be the product.
    pub(super) fn word_path(&self) -> Option<String> {
        let Edit::Title { word, .. } = &self.edit else { return None };
        Some(format!("/v1/{}/search?q={word}&lang=en&limit=1", self.market))
    }

    /// Whether the answer to that search has the product and no other.
    pub(super) fn is_only_hit_of(&self, answer: &Value) -> bool {
        answer["total"] == 1 && is_id(&answer["hits"][0]["product_id"], self.product)
    }
}

/// Whether this is the key as answers have it, a text.
fn is_id(value: &Value, id: i64) -> bool {
    value.as_str().is_some_and(|text| text.parse() == Ok(id))
}

/// This many changes of a kind, each of another product and market, different ones on every run.
///
/// # Errors
/// When the shop has not so many, or the database does not answer.
pub(super) async fn choose(
    shop: &Shop,
    kind: Kind,
    count: usize,
    range: Range,
    run: u32,
) -> anyhow::Result<Vec<Change>> {
    let (products, markets) = candidates(shop, kind, count * CANDIDATES, range, run);
    let mut changes: Vec<Change> = match kind {
        Kind::Price => {
            let rows = sql::changes::price_targets(&shop.db, &products, &markets).await?;
            let change = |(product, market, offer, minor)| Change {
                product,
                market,
                edit: Edit::Price { offer, minor },
            };
            rows.into_iter().map(change).collect()
        }
        Kind::Stock => {
            let rows = sql::changes::stock_targets(&shop.db, &products, &markets).await?;
            rows.into_iter().map(stock_change).collect()
        }
        Kind::Text => {
            let pairs = products.into_iter().zip(markets).enumerate();
            let mut seen = HashSet::new();
            let once = pairs.filter(|(_, (product, _))| seen.insert(*product));
            once.map(|(place, (product, market))| title_change(shop, product, market, (run, place)))
                .collect()
        }
    };
    if changes.len() < count {
        bail!(
            "{count} {} changes are wanted, but only {} products and markets are fit for one; \
             give more --products or fewer --seconds",
            kind.name(),
            changes.len()
        );
    }
    changes.truncate(count);
    Ok(changes)
}

/// Different products and markets of this kind's third of the products.
fn candidates(
    shop: &Shop,
    kind: Kind,
    count: usize,
    range: Range,
    run: u32,
) -> (Vec<i64>, Vec<String>) {
    let third = kind as i64;
    let first = range.above / 3 + i64::from(range.above > 0);
    let thirds = (shop.scale.products / 3 - 1 - first).max(1).unsigned_abs();
    let mut seen = HashSet::new();
    let (mut products, mut markets) = (Vec::new(), Vec::new());
    for attempt in 0..count as u64 * 4 {
        let random = hash(attempt, u64::from(run));
        let place = first + i64::try_from(random % thirds).unwrap_or_default();
        let product = 3 * place + 3 - third;
        let market =
            &shop.markets[usize::try_from(random >> 40).unwrap_or_default() % shop.markets.len()];
        if product % DATED_EVERY != 0 && seen.insert((product, market)) {
            products.push(product);
            markets.push(market.clone());
        }
        if products.len() == count {
            break;
        }
    }
    (products, markets)
}

fn stock_change((product, market, offer, warehouse): sql::changes::TargetRow) -> Change {
    let edit = if warehouse > 0 {
        Edit::SoldOut { offer, warehouse }
    } else {
        Edit::Restocked { offer, warehouse: -warehouse }
    };
    Change { product, market, edit }
}

fn title_change(shop: &Shop, product: i64, market: String, (run, place): (u32, usize)) -> Change {
    let word = format!("new{run:x}n{place}");
    let title = shop.catalog.title(product.unsigned_abs(), Tongue::En);
    Change { product, market, edit: Edit::Title { title: format!("{title} {word}"), word } }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn change(edit: Edit) -> Change {
        Change { product: 7, market: "KW".to_owned(), edit }
    }

    fn answer(offer: &str, minor: i64, in_stock: bool) -> Value {
        json!({"total": 1, "hits": [{"product_id": "7", "offer_id": offer, "in_stock": in_stock,
            "title": "Rose new1n1", "price": {"minor": minor}}]})
    }

    #[test]
    fn an_answer_shows_a_change_only_when_it_has_the_new_state() {
        let price = change(Edit::Price { offer: 1, minor: 99 });
        assert!(price.is_in(&answer("1", 99, true)) && !price.is_in(&answer("1", 100, true)));

        let sold_out = change(Edit::SoldOut { offer: 1, warehouse: 1 });
        assert!(sold_out.is_in(&answer("2", 1, true)) && !sold_out.is_in(&answer("1", 1, true)));

        let restocked = change(Edit::Restocked { offer: 1, warehouse: 1 });
        assert!(restocked.is_in(&answer("1", 1, true)) && !restocked.is_in(&answer("2", 1, true)));

        let word = "new1n1".to_owned();
        let title = change(Edit::Title { title: "Rose new1n1".to_owned(), word });
        assert!(title.is_in(&answer("1", 1, true)) && title.is_only_hit_of(&answer("1", 1, true)));
        for change in [price, sold_out, restocked, title] {
            assert!(!change.is_in(&json!({"total": 0, "hits": []})));
        }
    }
}
