//! What was read or counted lately, so that what many answers show is not unpacked or counted for each.
//!
//! **Invariant**: nothing here is ever wrong, only unused: a document of a segment never changes, and counts are of one
//! state of the index and one of a market's columns.

use std::sync::{Arc, Mutex, PoisonError, Weak};

use rustc_hash::FxHashMap;
use souk_base::{CategoryId, MarketCode, Ordinal, ProductId};
use tantivy::index::SegmentId;
use tantivy::{DocAddress, DocId};

use crate::Result;
use crate::columns::MarketColumns;

/// Documents of each of the two halves; some 1.5 KB each.
const HALF_MAX: usize = 4_000;

type Half = FxHashMap<(SegmentId, DocId), Arc<Vec<u8>>>;

/// When the young half is full it becomes the old one, and what nobody read since it became old is forgotten.
#[derive(Debug, Default)]
pub(crate) struct Recent {
    halves: Mutex<[Half; 2]>,
}

impl Recent {
    /// The document, if it was read lately.
    pub(crate) fn get(&self, segment: SegmentId, document: DocId) -> Option<Arc<Vec<u8>>> {
        let mut halves = self.halves.lock().unwrap_or_else(PoisonError::into_inner);
        let [young, old] = &mut *halves;
        if let Some(known) = young.get(&(segment, document)) {
            return Some(Arc::clone(known));
        }
        let known = old.remove(&(segment, document))?;
        push(&mut halves, (segment, document), &known);
        Some(known)
    }

    /// Remembers a document that was read.
    pub(crate) fn put(&self, segment: SegmentId, document: DocId, read: &Arc<Vec<u8>>) {
        let mut halves = self.halves.lock().unwrap_or_else(PoisonError::into_inner);
        push(&mut halves, (segment, document), read);
    }
}

fn push(halves: &mut [Half; 2], key: (SegmentId, DocId), read: &Arc<Vec<u8>>) {
    let [young, old] = halves;
    if young.len() >= HALF_MAX {
        *old = std::mem::take(young);
    }
    young.insert(key, Arc::clone(read));
}

/// Where documents were found; of the index that it belongs to. At most one for each product, 24 bytes each.
#[derive(Debug, Default)]
pub(crate) struct Places {
    found: Mutex<FxHashMap<ProductId, (Ordinal, DocAddress)>>,
}

impl Places {
    pub(crate) fn get(&self, product: ProductId) -> Option<(Ordinal, DocAddress)> {
        self.found.lock().unwrap_or_else(PoisonError::into_inner).get(&product).copied()
    }

    pub(crate) fn put(&self, product: ProductId, place: (Ordinal, DocAddress)) {
        self.found.lock().unwrap_or_else(PoisonError::into_inner).insert(product, place);
    }
}

/// Products that categories show in markets, wherever in those; of the index that it belongs to.
#[derive(Debug, Default)]
pub(crate) struct CategoryCounts {
    markets: Mutex<FxHashMap<MarketCode, OfMarket>>,
}

/// The counts of one state of a market's columns, which is not kept alive for them.
#[derive(Debug, Default)]
struct OfMarket {
    columns: Weak<MarketColumns>,
    counts: FxHashMap<CategoryId, u64>,
}

impl CategoryCounts {
    /// The count, made by `count` unless it was before.
    pub(crate) fn get(
        &self,
        market: (MarketCode, &Arc<MarketColumns>),
        category: CategoryId,
        count: impl FnOnce() -> Result<u64>,
    ) -> Result<u64> {
        let (code, columns) = market;
        if let Some(known) = self.with(code, columns, |counts| counts.get(&category).copied()) {
            return Ok(known);
        }
        let counted = count()?;
        self.with(code, columns, |counts| counts.insert(category, counted));
        Ok(counted)
    }

    fn with<T>(
        &self,
        market: MarketCode,
        columns: &Arc<MarketColumns>,
        counts: impl FnOnce(&mut FxHashMap<CategoryId, u64>) -> T,
    ) -> T {
        let mut markets = self.markets.lock().unwrap_or_else(PoisonError::into_inner);
        let known = markets.entry(market).or_default();
        if !std::ptr::eq(known.columns.as_ptr(), Arc::as_ptr(columns)) {
            *known = OfMarket { columns: Arc::downgrade(columns), counts: FxHashMap::default() };
        }
        counts(&mut known.counts)
    }
}
