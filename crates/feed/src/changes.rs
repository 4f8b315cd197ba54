//! What committed transactions changed, as keys: the rows themselves are re-read later.

use souk_base::{OfferId, Position, ProductId, WarehouseId};

use crate::bulk::BULK_LENGTH_MIN;

/// Keys kept before repeated ones are thrown out; the limit then follows what is really there.
const TIDY_LENGTH_MIN: usize = 4_096;
/// Re-reading every offer of a product is about as much work as this many single offers.
const PRODUCT_WEIGHT: usize = 8;

/// Taking note of this many offers that wait is about as much work as re-reading one.
const BULK_PER_OFFER: usize = 4;

/// What one or more committed transactions changed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Changes {
    /// The transactions, by the lower 32 bits of their ids.
    pub(crate) transactions: Vec<i64>,
    /// Where the last of them ends.
    pub(crate) position: Position,
    /// Products whose document may differ.
    pub(crate) documents: Keys<ProductId>,
    /// Products of which every offer may differ.
    pub(crate) columns: Keys<ProductId>,
    /// Single offers that may differ, each with its product.
    pub(crate) offers: Keys<(ProductId, OfferId)>,
    /// The offers of large transactions, each by itself: they wait behind the others.
    pub(crate) bulk: Vec<Vec<(ProductId, OfferId)>>,
    /// Products whose popularity may differ.
    pub(crate) popularity: Keys<ProductId>,
    /// Warehouses that may stand in another city.
    pub(crate) warehouses: Keys<WarehouseId>,
    /// Categories of another name or place.
    pub(crate) categories: Keys<i64>,
    /// Brands of another name.
    pub(crate) brands: Keys<i64>,
    /// Attributes of another code.
    pub(crate) attributes: Keys<i64>,
    /// Attribute values of another name or code.
    pub(crate) values: Keys<i64>,
    /// Whether a small table changed.
    pub(crate) tables: bool,
    /// Whether a city changed.
    pub(crate) cities: bool,
    /// Whether an instant may have changed at which something begins or ends by itself.
    pub(crate) instants: bool,
    /// Whether a whole table was emptied, which names no rows.
    pub(crate) truncated: bool,
}

/// Keys that were named, each kept about once: memory follows the distinct keys, not the changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Keys<K> {
    keys: Vec<K>,
    tidy_at: usize,
}

impl Changes {
    /// Adds what later transactions changed.
    pub(crate) fn merge(&mut self, later: Changes) {
        self.transactions.extend(later.transactions);
        self.position = self.position.max(later.position);
        self.documents.merge(later.documents);
        self.columns.merge(later.columns);
        self.offers.merge(later.offers);
        self.bulk.extend(later.bulk);
        self.popularity.merge(later.popularity);
        self.warehouses.merge(later.warehouses);
        self.categories.merge(later.categories);
        self.brands.merge(later.brands);
        self.attributes.merge(later.attributes);
        self.values.merge(later.values);
        self.tables |= later.tables;
        self.cities |= later.cities;
        self.instants |= later.instants;
        self.truncated |= later.truncated;
    }

    /// Sets the offers of a large transaction apart.
    pub(crate) fn set_bulk_apart(&mut self) {
        if self.offers.keys.len() >= BULK_LENGTH_MIN {
            self.bulk.push(self.offers.take());
        }
    }

    /// Forgets what concerns documents, for changes that the index has already.
    pub(crate) fn forget_documents(&mut self) {
        self.documents = Keys::default();
        for labels in
            [&mut self.categories, &mut self.brands, &mut self.attributes, &mut self.values]
        {
            *labels = Keys::default();
        }
    }

    /// About how much work this is for the columns, in offers.
    pub(crate) fn weight(&self) -> usize {
        let whole = self.columns.keys.len() + self.popularity.keys.len();
        let bulk: usize = self.bulk.iter().map(Vec::len).sum();
        let offers = self.offers.keys.len() + bulk / BULK_PER_OFFER;
        offers + whole * PRODUCT_WEIGHT + self.documents.keys.len()
    }

    /// Whether labels changed that stand in documents of other products.
    pub(crate) fn has_labels(&self) -> bool {
        let labelled = [&self.categories, &self.brands, &self.attributes, &self.values];
        labelled.iter().any(|keys| !keys.keys.is_empty())
    }
}

impl<K: Copy + Ord> Keys<K> {
    /// Adds a key.
    pub(crate) fn push(&mut self, key: K) {
        self.keys.push(key);
        if self.keys.len() >= self.tidy_at.max(TIDY_LENGTH_MIN) {
            self.tidy();
        }
    }

    /// Whether no key was named.
    pub(crate) fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }

    /// Each key once, in order; none are left.
    pub(crate) fn take(&mut self) -> Vec<K> {
        self.tidy();
        std::mem::take(&mut self.keys)
    }

    fn merge(&mut self, later: Keys<K>) {
        later.keys.into_iter().for_each(|key| self.push(key));
    }

    fn tidy(&mut self) {
        self.keys.sort_unstable();
        self.keys.dedup();
        self.tidy_at = self.keys.len() * 2;
    }
}

impl<K> Default for Keys<K> {
    fn default() -> Self {
        Keys { keys: Vec::new(), tidy_at: 0 }
    }
}

impl<K: Copy + Ord> FromIterator<K> for Keys<K> {
    fn from_iter<I: IntoIterator<Item = K>>(iterator: I) -> Self {
        let mut keys = Keys::default();
        iterator.into_iter().for_each(|key| keys.push(key));
        keys
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_named_a_million_times_is_kept_once() {
        let mut keys: Keys<i64> = Keys::default();
        for change in 0..1_000_000 {
            keys.push(change % 3);
        }

        assert!(keys.keys.len() <= TIDY_LENGTH_MIN, "{}", keys.keys.len());
        assert_eq!(keys.take(), [0, 1, 2]);
    }

    #[test]
    fn merged_changes_name_what_either_named() {
        let change = |key, position| Changes {
            transactions: vec![key],
            position: Position(position),
            documents: [ProductId::new(key)].into_iter().collect(),
            ..Changes::default()
        };
        let mut first = Changes { instants: true, ..change(2, 10) };

        first.merge(Changes { tables: true, ..change(1, 20) });

        assert_eq!((first.position, first.instants, first.tables), (Position(20), true, true));
        assert_eq!(first.transactions, [2, 1]);
        assert_eq!(first.documents.take(), [1, 2].map(ProductId::new));
    }
}
