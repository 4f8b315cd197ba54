//! What rules do to single products while the documents are gone through.

use std::collections::BTreeMap;

use rustc_hash::{FxHashMap, FxHashSet};
use souk_base::{Ordinal, ProductId, Target};
use tantivy::DocAddress;

use super::Ranked;
use crate::Result;
use crate::rules::{Effects, FACTOR_MAX, FACTOR_MIN};
use crate::searcher::Searcher;
use crate::segment::{Key, SegmentColumns};

/// Effects of rules by the products' places in the columns.
#[derive(Debug, Default)]
pub(crate) struct Overrides {
    /// By place among the hits, from 1.
    pins: BTreeMap<u16, (Ordinal, DocAddress)>,
    hidden: FxHashSet<Ordinal>,
    products: FxHashMap<Ordinal, f32>,
    keys: Vec<(Key, f32)>,
}

impl Overrides {
    /// Finds the products that rules name; those that are gone are passed over.
    pub(crate) fn of(effects: &Effects, searcher: &Searcher) -> Result<Overrides> {
        let mut overrides = Overrides::default();
        let place = |product: ProductId| searcher.place(product);
        for (&position, &product) in &effects.pins {
            if let Some(place) = place(product)? {
                overrides.pins.insert(position, place);
            }
        }
        for &product in &effects.hidden {
            overrides.hidden.extend(place(product)?.map(|(ordinal, _)| ordinal));
        }
        for &(target, factor) in &effects.factors {
            match target {
                Target::Product(product) => {
                    overrides
                        .products
                        .extend(place(product)?.map(|(ordinal, _)| (ordinal, factor)));
                }
                Target::Brand(id) => overrides.keys.push((Key::Brand(id), factor)),
                Target::Category(id) => overrides.keys.push((Key::Category(id), factor)),
                Target::Value(id) => overrides.keys.push((Key::Value(id), factor)),
            }
        }
        Ok(overrides)
    }

    pub(super) fn hides(&self, ordinal: Ordinal) -> bool {
        self.hidden.contains(&ordinal)
    }

    pub(super) fn pins(&self, ordinal: Ordinal) -> bool {
        self.pins.values().any(|(pinned, _)| *pinned == ordinal)
    }

    pub(super) fn pinned(&self) -> impl Iterator<Item = (Ordinal, DocAddress)> {
        self.pins.values().copied()
    }

    /// Factors by the segment's key codes; empty when no score changes.
    pub(super) fn factors(&self, columns: &SegmentColumns) -> Vec<f32> {
        if self.keys.is_empty() && self.products.is_empty() {
            return Vec::new();
        }
        let mut factors = vec![1.0; columns.keys().len()];
        for &(key, factor) in &self.keys {
            if let Some(code) = columns.code(key) {
                factors[code] *= factor;
            }
        }
        // An empty list would say that nothing changes.
        if factors.is_empty() { vec![1.0] } else { factors }
    }

    pub(super) fn factor(&self, ordinal: Ordinal) -> f32 {
        self.products.get(&ordinal).copied().unwrap_or(1.0)
    }

    pub(super) const fn bounded(&self, factor: f32) -> f32 {
        factor.clamp(FACTOR_MIN, FACTOR_MAX)
    }

    /// The first page with the pinned hits in their places; later pages never have them. A place behind the
    /// end of the page stays empty.
    pub(super) fn pin(
        &self,
        page: Vec<Ranked>,
        found: &[Ranked],
        limit: usize,
        first: bool,
    ) -> Vec<Ranked> {
        if !first || found.is_empty() {
            return page;
        }
        let mut pinned = page;
        for (&position, (ordinal, _)) in &self.pins {
            let place = usize::from(position).saturating_sub(1);
            if let Some(ranked) = found.iter().find(|ranked| ranked.ordinal == ordinal.0)
                && place < limit
            {
                pinned.insert(place.min(pinned.len()), *ranked);
            }
        }
        pinned.truncate(limit);
        pinned
    }
}
