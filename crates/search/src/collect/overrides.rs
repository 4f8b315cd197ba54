//! What rules do to single products while the documents are gone through.

use std::collections::BTreeMap;

use rustc_hash::{FxHashMap, FxHashSet};
use souk_base::{Ordinal, ProductId, Target};
use tantivy::DocAddress;

use super::Ranked;
use crate::Result;
use crate::query::PageKey;
use crate::rules::{Effects, FACTOR_MAX, FACTOR_MIN};
use crate::searcher::Searcher;
use crate::segment::{Key, SegmentColumns};

/// Effects of rules by the products' places in the columns.
#[derive(Debug)]
pub(crate) struct Overrides {
    /// By place among the hits, from 1.
    pins: BTreeMap<u16, (Ordinal, DocAddress)>,
    hidden: FxHashSet<Ordinal>,
    products: FxHashMap<Ordinal, f32>,
    keys: Vec<(Key, f32)>,
    /// A bit for each product that is named; others share it.
    named: u64,
    /// What a score is multiplied by at most.
    factor_max: f32,
}

impl Overrides {
    /// Finds the products that rules name; those that are gone are passed over.
    pub(crate) fn of(effects: &Effects, searcher: &Searcher) -> Result<Overrides> {
        let mut overrides = Overrides::none();
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
        overrides.named = overrides.bits();
        let raised = effects.factors.iter().map(|&(_, factor)| factor.max(1.0));
        overrides.factor_max = raised.product::<f32>().min(FACTOR_MAX);
        Ok(overrides)
    }

    /// What holds without rules.
    pub(crate) fn none() -> Overrides {
        Overrides {
            pins: BTreeMap::new(),
            hidden: FxHashSet::default(),
            products: FxHashMap::default(),
            keys: Vec::new(),
            named: 0,
            factor_max: 1.0,
        }
    }

    fn bits(&self) -> u64 {
        let pinned = self.pins.values().map(|&(ordinal, _)| ordinal);
        let named = pinned.chain(self.hidden.iter().copied()).chain(self.products.keys().copied());
        named.fold(0, |bits, ordinal| bits | bit(ordinal))
    }

    /// False where no rule names the product: nearly always, and without a look into the lists.
    const fn may_name(&self, ordinal: Ordinal) -> bool {
        self.named & bit(ordinal) != 0
    }

    pub(crate) fn hides(&self, ordinal: Ordinal) -> bool {
        self.may_name(ordinal) && self.hidden.contains(&ordinal)
    }

    pub(super) fn pins(&self, ordinal: Ordinal) -> bool {
        self.may_name(ordinal) && self.pins.values().any(|(pinned, _)| *pinned == ordinal)
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
        let factor = if self.may_name(ordinal) { self.products.get(&ordinal) } else { None };
        factor.copied().unwrap_or(1.0)
    }

    /// What a score is multiplied by at most, whatever the product.
    pub(super) const fn factor_max(&self) -> f32 {
        self.factor_max
    }

    pub(super) const fn bounded(&self, factor: f32) -> f32 {
        factor.clamp(FACTOR_MIN, FACTOR_MAX)
    }

    /// A page behind `after` with the pinned hits in their places, and where the next one begins.
    ///
    /// `others` are the best of `remaining` hits that have their place by themselves. What is pinned behind the last of
    /// them follows it, so that every hit is on exactly one page.
    pub(super) fn pin(
        &self,
        others: Vec<Ranked>,
        remaining: u64,
        found: &[Ranked],
        limit: usize,
        after: PageKey,
    ) -> (Vec<Ranked>, Option<PageKey>) {
        let found = |ordinal: Ordinal| found.iter().find(|ranked| ranked.ordinal == ordinal.0);
        let pins = self.pins.iter().filter(|(place, _)| **place > after.pin);
        let mut pins =
            pins.filter_map(|(&place, &(ordinal, _))| Some((place, *found(ordinal)?))).peekable();
        let mut others = others.into_iter().peekable();
        let (mut page, mut end, mut passed) = (Vec::with_capacity(limit), after, 0);
        while page.len() < limit {
            let here = end.shown + 1;
            let due =
                pins.next_if(|(place, _)| others.peek().is_none() || u32::from(*place) <= here);
            if let Some((place, ranked)) = due {
                page.push(ranked);
                end = PageKey { shown: here, pin: place, ..end };
            } else if let Some(ranked) = others.next() {
                page.push(ranked);
                end = ranked.page_key(here, end.pin);
                passed += 1;
            } else {
                break;
            }
        }
        let goes_on = pins.peek().is_some() || passed < remaining;
        (page, goes_on.then_some(end))
    }
}

/// The product's bit among 64.
const fn bit(ordinal: Ordinal) -> u64 {
    1 << (ordinal.0 % 64)
}
