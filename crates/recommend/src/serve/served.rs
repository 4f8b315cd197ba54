//! A trained model whose items are known by the shop's numbers.

use std::sync::atomic::{AtomicU64, Ordering};

use crate::models::{ItemScore, Visit};
use crate::train::Kept;

/// A model and which of its items are which of the shop's.
#[derive(Clone, Debug)]
pub struct Served {
    /// Tells it from every other of this process.
    pub(super) id: u64,
    pub(super) kept: Kept,
    version: String,
    /// The shop's number of each of the model's; none for what is gone.
    items: Vec<Option<u32>>,
    /// The model's number of each of the shop's items, [`UNKNOWN`] where it has none.
    numbers: Vec<u32>,
}

/// No model has so many items.
const UNKNOWN: u32 = u32::MAX;

impl Served {
    /// A version of a model; `items` are the shop's numbers of its items, in its order.
    #[must_use]
    pub fn new(kept: Kept, version: String, items: Vec<Option<u32>>) -> Served {
        let length = items.iter().flatten().max().map_or(0, |&last| last as usize + 1);
        let mut numbers = vec![UNKNOWN; length];
        for (item, number) in items.iter().zip(0..) {
            if let Some(item) = item {
                numbers[*item as usize] = number;
            }
        }
        static LATEST: AtomicU64 = AtomicU64::new(0);
        let id = LATEST.fetch_add(1, Ordering::Relaxed);
        Served { id, kept, version, items, numbers }
    }

    /// What the version is called.
    #[must_use]
    pub fn version(&self) -> &str {
        &self.version
    }

    /// How many of the model's items the shop still has.
    #[must_use]
    pub fn known(&self) -> usize {
        self.items.iter().flatten().count()
    }

    pub(super) fn number(&self, item: u32) -> Option<u32> {
        self.numbers.get(item as usize).copied().filter(|&number| number != UNKNOWN)
    }

    pub(super) fn item(&self, number: u32) -> Option<u32> {
        self.items.get(number as usize).copied().flatten()
    }

    /// The model's numbers of items; those that it does not know are left out.
    pub(super) fn numbers(&self, items: &[u32]) -> Vec<u32> {
        items.iter().filter_map(|&item| self.number(item)).collect()
    }

    /// A history in the model's numbers.
    pub(super) fn visits(&self, visits: &[Visit]) -> Vec<Visit> {
        let known = visits.iter();
        known.filter_map(|it| Some(Visit { item: self.number(it.item)?, ..*it })).collect()
    }

    /// An answer in the shop's numbers.
    pub(super) fn items(&self, scores: Vec<ItemScore>) -> Vec<ItemScore> {
        let known = scores.into_iter();
        known.filter_map(|it| Some(ItemScore { item: self.item(it.item)?, ..it })).collect()
    }
}
