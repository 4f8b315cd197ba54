//! Facet counts: dense by code within a segment, by key across segments.

use std::cmp::Ordering;
use std::collections::HashMap;

use souk_base::{CategoryId, SellerId};

use crate::query::Field;
use crate::segment::Key;

/// Sellers with ids below this are counted in an array.
const DENSE_SELLERS: usize = 4_096;

/// Which counts anybody asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Wanted {
    pub(crate) keys: bool,
    pub(crate) sellers: bool,
    pub(crate) in_stock: bool,
    pub(crate) prices: bool,
}

/// Counts of documents: by key, seller and stock.
#[derive(Debug, Default)]
pub(crate) struct Counts {
    /// In order of the keys, each once, none with 0.
    keys: Vec<(Key, u64)>,
    sellers: HashMap<SellerId, u64>,
    /// Sold out, in stock.
    in_stock: [u64; 2],
    /// One for each document, in no order.
    prices: Vec<i64>,
}

/// The counts of one segment while it is scanned.
#[derive(Debug)]
pub(super) struct SegmentCounts {
    /// By key code.
    keys: Vec<u64>,
    /// By seller id, as far as those are small.
    sellers: Vec<u64>,
    other_sellers: HashMap<SellerId, u64>,
    in_stock: [u64; 2],
    prices: Vec<i64>,
}

impl Wanted {
    /// What these facets need.
    pub(crate) fn of(fields: impl IntoIterator<Item = Field>) -> Wanted {
        let mut wanted = Wanted::default();
        for field in fields {
            match field {
                Field::Category | Field::Brand | Field::Attribute(_) => wanted.keys = true,
                Field::Seller => wanted.sellers = true,
                Field::InStock => wanted.in_stock = true,
                Field::Price => wanted.prices = true,
                // Counted by a pass for each city or day.
                Field::City | Field::Date => {}
            }
        }
        wanted
    }
}

impl SegmentCounts {
    /// Zero counts for a segment with this many keys.
    pub(super) fn new(keys: usize) -> Self {
        SegmentCounts {
            keys: vec![0; keys],
            sellers: Vec::new(),
            other_sellers: HashMap::new(),
            in_stock: [0; 2],
            prices: Vec::new(),
        }
    }

    pub(super) fn add_codes(&mut self, codes: &[u32]) {
        for &code in codes {
            self.keys[code as usize] += 1;
        }
    }

    pub(super) fn add_seller(&mut self, seller: SellerId) {
        match usize::try_from(seller.get()) {
            Ok(place) if place < DENSE_SELLERS => {
                if self.sellers.is_empty() {
                    self.sellers.resize(DENSE_SELLERS, 0);
                }
                self.sellers[place] += 1;
            }
            _ => *self.other_sellers.entry(seller).or_default() += 1,
        }
    }

    pub(super) fn add_in_stock(&mut self, in_stock: bool) {
        self.in_stock[usize::from(in_stock)] += 1;
    }

    pub(super) fn add_price(&mut self, minor: i64) {
        self.prices.push(minor);
    }

    /// The same counts by key instead of code; zeros are left out.
    pub(super) fn named(self, keys: &[Key]) -> Counts {
        let mut sellers = self.other_sellers;
        sellers.extend((0..).map(SellerId::new).zip(self.sellers).filter(|&(_, count)| count > 0));
        let keys = keys.iter().copied().zip(self.keys).filter(|&(_, count)| count > 0).collect();
        Counts { keys, sellers, in_stock: self.in_stock, prices: self.prices }
    }
}

impl Counts {
    /// Adds the counts of another segment, or of the documents that fail one group.
    pub(crate) fn add(&mut self, other: Counts) {
        self.keys = merged(std::mem::take(&mut self.keys), other.keys);
        for (seller, count) in other.sellers {
            *self.sellers.entry(seller).or_default() += count;
        }
        self.in_stock[0] += other.in_stock[0];
        self.in_stock[1] += other.in_stock[1];
        self.prices.extend(other.prices);
    }

    /// Documents under each key that has any, in order of the keys.
    pub(crate) fn keys(&self) -> &[(Key, u64)] {
        &self.keys
    }

    /// Documents under each category.
    pub(crate) fn categories(&self) -> impl Iterator<Item = (CategoryId, u64)> {
        self.keys.iter().filter_map(|&(key, count)| match key {
            Key::Category(id) => Some((id, count)),
            Key::Brand(_) | Key::Value(_) => None,
        })
    }

    /// Documents by the seller of their best offer.
    pub(crate) fn sellers(&self) -> &HashMap<SellerId, u64> {
        &self.sellers
    }

    /// The price of each document, in no order.
    pub(crate) fn prices(&self) -> &[i64] {
        &self.prices
    }

    /// Documents that are in stock, or are not.
    pub(crate) fn in_stock(&self, in_stock: bool) -> u64 {
        self.in_stock[usize::from(in_stock)]
    }
}

/// The sums by key of two lists in order of their keys.
pub(crate) fn merged(one: Vec<(Key, u64)>, other: Vec<(Key, u64)>) -> Vec<(Key, u64)> {
    if one.is_empty() || other.is_empty() {
        return if one.is_empty() { other } else { one };
    }
    let mut sums = Vec::with_capacity(one.len().max(other.len()));
    let (mut one, mut other) = (one.into_iter().peekable(), other.into_iter().peekable());
    while let (Some(&(key, count)), Some(&(next, added))) = (one.peek(), other.peek()) {
        match key.cmp(&next) {
            Ordering::Less => sums.extend(one.next()),
            Ordering::Greater => sums.extend(other.next()),
            Ordering::Equal => {
                sums.push((key, count + added));
                (_, _) = (one.next(), other.next());
            }
        }
    }
    sums.extend(one.chain(other));
    sums
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::collection::btree_map;
    use proptest::prelude::proptest;

    use super::*;

    proptest! {
        #[test]
        fn counts_of_two_segments_are_added_by_key(
            one in btree_map(0..20_i64, 1..9_u64, 0..12), other in btree_map(0..20_i64, 1..9_u64, 0..12)
        ) {
            let mut expected = one.clone();
            other.iter().for_each(|(id, count)| *expected.entry(*id).or_default() += count);
            let keyed = |counts: BTreeMap<i64, u64>| -> Vec<(Key, u64)> {
                let category = |(id, count)| (Key::Category(CategoryId::new(id)), count);
                counts.into_iter().map(category).collect()
            };

            assert_eq!(merged(keyed(one), keyed(other)), keyed(expected));
        }
    }
}
