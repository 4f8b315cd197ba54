//! What shoppers did lately, on a device and by account: read by key on their first request, then kept up with every event.
//!
//! **Invariants**: bounded: whoever was not here for longest is forgotten first; what is kept of a shopper contains every
//! event that this process was told of, and one that another process was told of, or a purchase, makes it be read again. A read that
//! something happened during is used once and not kept.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;
use souk_base::{MarketCode, ProductId};
use souk_commerce::customers::CustomerId;
use souk_commerce::events::{Event, Kind};
use souk_commerce::notices::shopper_key;
use souk_commerce::recommendations::{self, HISTORY_MAX, Shopper, Touched};
use souk_commerce::{Db, Error as ShopError};
use souk_recommend::Visit;
use souk_recommend::serve::{History, Remembered};
use souk_search::View;

use crate::App;
use crate::error::Result;

/// Parts that are locked by themselves.
const PARTS: usize = 64;
/// Visitors of each of a part's two halves; some 2 KB each.
const HALF_MAX: usize = 400;

type Key = (u64, MarketCode);
type Half = HashMap<Key, Arc<History>>;

/// Who asks, as far as it is known.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Who<'w> {
    /// The device.
    pub(crate) visitor: Option<&'w str>,
    /// The account.
    pub(crate) customer: Option<CustomerId>,
}

/// What is remembered of visitors.
pub(crate) struct Visitors {
    parts: Vec<Mutex<Part>>,
}

/// When the young half is full it becomes the old one, and who did not come since it became old is forgotten.
#[derive(Default)]
struct Part {
    young: Half,
    old: Half,
    /// How often something happened to anybody here.
    changes: u64,
}

impl Default for Visitors {
    fn default() -> Visitors {
        Visitors { parts: (0..PARTS).map(|_| Mutex::default()).collect() }
    }
}

impl Visitors {
    /// What somebody did in a market: on their device and, once they have logged in, on every other.
    pub(crate) async fn history(
        &self,
        app: &App,
        view: &View,
        who: Who<'_>,
        market: MarketCode,
    ) -> Result<Arc<History>> {
        let mut known: Option<Arc<History>> = None;
        for shopper in Shopper::all(who.visitor, who.customer) {
            let read = self.of(&app.db, view, shopper, market).await?;
            known = Some(match known {
                Some(known) => Arc::new(joined(&known, &read)),
                None => read,
            });
        }
        Ok(known.unwrap_or_default())
    }

    /// What one shopper did in a market.
    async fn of(
        &self,
        db: &Db,
        view: &View,
        shopper: Shopper<'_>,
        market: MarketCode,
    ) -> Result<Arc<History>> {
        let key = (shopper_key(shopper), market);
        let before = {
            let mut part = self.part(key);
            if let Some(known) = part.get(key) {
                return Ok(known);
            }
            part.changes
        };
        let mut connection = db.acquire().await.map_err(ShopError::from)?;
        let now = Timestamp::now();
        let read = recommendations::history(&mut connection, shopper, market, now).await?;
        drop(connection);
        let history = Arc::new(History {
            clicks: visits(view, &read.clicks),
            purchases: visits(view, &read.purchases),
            expected: Remembered::default(),
        });
        let mut part = self.part(key);
        if part.changes == before {
            part.put(key, history.clone());
        }
        Ok(history)
    }

    /// Adds an event to what is known of its shopper; one who is not known is read when they come.
    pub(super) fn happened(&self, view: &View, event: &Event) {
        for shopper in Shopper::all(Some(&event.visitor), event.customer) {
            self.happened_to(view, (shopper_key(shopper), event.market), event);
        }
    }

    fn happened_to(&self, view: &View, key: Key, event: &Event) {
        let bought = event.kind == Kind::PurchaseComplete;
        let mut part = self.part(key);
        part.changes += 1;
        if !bought && !event.kind.is_interest() {
            return;
        }
        let Some(mut known) = part.get(key) else { return };
        let history = Arc::make_mut(&mut known);
        let touched = products(event).into_iter();
        let touched = touched.map(|product_id| Touched { product_id, time: event.time });
        let new = visits(view, &touched.collect::<Vec<_>>());
        let kept = if bought { &mut history.purchases } else { &mut history.clicks };
        kept.extend(new);
        // An event may come late; the order is that of what happened.
        kept.sort_by_key(|visit| visit.time_ms);
        kept.drain(..kept.len().saturating_sub(HISTORY_MAX));
        part.put(key, known);
    }

    /// Forgets shoppers of whom something is new that this process was not told of.
    pub(super) fn forget(&self, shoppers: &[u64]) {
        for &shopper in shoppers {
            let mut part = self.part_of(shopper);
            part.changes += 1;
            part.young.retain(|key, _| key.0 != shopper);
            part.old.retain(|key, _| key.0 != shopper);
        }
    }

    /// Forgets everybody: something may have happened that nobody told of.
    pub(super) fn forget_all(&self) {
        for part in &self.parts {
            let mut part = part.lock().unwrap_or_else(PoisonError::into_inner);
            let changes = part.changes + 1;
            *part = Part { changes, ..Part::default() };
        }
    }

    fn part(&self, key: Key) -> MutexGuard<'_, Part> {
        self.part_of(key.0)
    }

    fn part_of(&self, shopper: u64) -> MutexGuard<'_, Part> {
        let place = usize::try_from(shopper % PARTS as u64).unwrap_or(0);
        self.parts[place].lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Part {
    fn get(&mut self, key: Key) -> Option<Arc<History>> {
        if let Some(known) = self.young.get(&key) {
            return Some(known.clone());
        }
        let known = self.old.remove(&key)?;
        self.put(key, known.clone());
        Some(known)
    }

    fn put(&mut self, key: Key, history: Arc<History>) {
        if self.young.len() >= HALF_MAX {
            self.old = std::mem::take(&mut self.young);
        }
        self.young.insert(key, history);
    }
}

/// Both of these, each visit once, the latest of them.
fn joined(one: &History, other: &History) -> History {
    let both = |one: &[Visit], other: &[Visit]| {
        let mut visits = [one, other].concat();
        visits.sort_by_key(|visit| (visit.time_ms, visit.item));
        visits.dedup();
        visits.split_off(visits.len().saturating_sub(HISTORY_MAX))
    };
    History {
        clicks: both(&one.clicks, &other.clicks),
        purchases: both(&one.purchases, &other.purchases),
        expected: Remembered::default(),
    }
}

/// The products of an event, each once.
fn products(event: &Event) -> Vec<ProductId> {
    let mut products: Vec<ProductId> = event.product_id.into_iter().collect();
    let items = event.items.as_ref().and_then(|items| items.as_array());
    for item in items.into_iter().flatten() {
        let id = item.get("product_id").and_then(|id| id.as_str()).and_then(|id| id.parse().ok());
        products.extend(id.filter(|id| !products.contains(id)));
    }
    products
}

/// By the products' places in the columns; what is not indexed is left out.
fn visits(view: &View, touched: &[Touched]) -> Vec<Visit> {
    let visit = |it: &Touched| {
        let ordinal = view.ordinal(it.product_id).ok().flatten()?;
        Some(Visit { item: ordinal.0, time_ms: it.time.as_millisecond() })
    };
    touched.iter().filter_map(visit).collect()
}
