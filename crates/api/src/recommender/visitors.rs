//! What visitors did lately: read by key on their first request, then kept up with every event.
//!
//! **Invariants**: bounded: whoever was not here for longest is forgotten first; what is kept of a visitor contains every
//! event that this process was told of, and one that another process was told of makes it be read again. A read that
//! something happened during is used once and not kept.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;
use souk_base::{MarketCode, ProductId};
use souk_commerce::events::{Event, Kind};
use souk_commerce::notices::visitor_key;
use souk_commerce::recommendations::{self, HISTORY_MAX, Touched};
use souk_commerce::{Db, Error as ShopError};
use souk_recommend::Visit;
use souk_recommend::serve::History;
use souk_search::View;

use crate::error::Result;

/// Parts that are locked by themselves.
const PARTS: usize = 64;
/// Visitors of each of a part's two halves; some 2 KB each.
const HALF_MAX: usize = 400;

type Key = (u64, MarketCode);
type Half = HashMap<Key, Arc<History>>;

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
    /// What a visitor did in a market.
    pub(crate) async fn history(
        &self,
        db: &Db,
        view: &View,
        visitor: &str,
        market: MarketCode,
    ) -> Result<Arc<History>> {
        let key = (visitor_key(visitor), market);
        let before = {
            let mut part = self.part(key);
            if let Some(known) = part.get(key) {
                return Ok(known);
            }
            part.changes
        };
        let mut connection = db.acquire().await.map_err(ShopError::from)?;
        let now = Timestamp::now();
        let read = recommendations::history(&mut connection, visitor, market, now).await?;
        drop(connection);
        let history = Arc::new(History {
            clicks: visits(view, &read.clicks),
            purchases: visits(view, &read.purchases),
        });
        let mut part = self.part(key);
        if part.changes == before {
            part.put(key, history.clone());
        }
        Ok(history)
    }

    /// Adds an event to what is known of its visitor; one who is not known is read when they come.
    pub(super) fn happened(&self, view: &View, event: &Event) {
        let bought = event.kind == Kind::PurchaseComplete;
        let key = (visitor_key(&event.visitor), event.market);
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

    /// Forgets visitors whom another process was told of.
    pub(super) fn forget(&self, visitors: &[u64]) {
        for &visitor in visitors {
            let mut part = self.part_of(visitor);
            part.changes += 1;
            part.young.retain(|key, _| key.0 != visitor);
            part.old.retain(|key, _| key.0 != visitor);
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

    fn part_of(&self, visitor: u64) -> MutexGuard<'_, Part> {
        let place = usize::try_from(visitor % PARTS as u64).unwrap_or(0);
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
