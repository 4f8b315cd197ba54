//! What committed transactions changed, as keys: the rows themselves are re-read later.

use souk_base::Position;

/// Keys kept before repeated ones are thrown out; the limit then follows what is really there.
const TIDY_LENGTH_MIN: usize = 4_096;

/// What one or more committed transactions changed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Changes {
    /// The transactions, by the lower 32 bits of their ids.
    pub(crate) transactions: Vec<i64>,
    /// Where the last of them ends.
    pub(crate) position: Position,
    /// Products whose document and columns may differ.
    pub(crate) documents: Keys,
    /// Products whose columns alone may differ.
    pub(crate) offers: Keys,
    /// Categories of another name or place.
    pub(crate) categories: Keys,
    /// Brands of another name.
    pub(crate) brands: Keys,
    /// Attributes of another code.
    pub(crate) attributes: Keys,
    /// Attribute values of another name or code.
    pub(crate) values: Keys,
    /// Whether a small table changed.
    pub(crate) tables: bool,
    /// Whether markets, cities or warehouses moved: every column may differ.
    pub(crate) places: bool,
    /// Whether dated prices changed, and with them the next instant that one begins or ends.
    pub(crate) dated_prices: bool,
    /// Whether a whole table was emptied, which names no rows.
    pub(crate) truncated: bool,
}

/// Keys that were named, each kept about once: memory follows the distinct keys, not the changes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Keys {
    keys: Vec<i64>,
    tidy_at: usize,
}

impl Changes {
    /// Adds what later transactions changed.
    pub(crate) fn merge(&mut self, later: Changes) {
        self.transactions.extend(later.transactions);
        self.position = self.position.max(later.position);
        self.documents.merge(later.documents);
        self.offers.merge(later.offers);
        self.categories.merge(later.categories);
        self.brands.merge(later.brands);
        self.attributes.merge(later.attributes);
        self.values.merge(later.values);
        self.tables |= later.tables;
        self.places |= later.places;
        self.dated_prices |= later.dated_prices;
        self.truncated |= later.truncated;
    }

    /// About how much work this is: products named.
    pub(crate) fn weight(&self) -> usize {
        self.documents.keys.len() + self.offers.keys.len()
    }

    /// Whether labels changed that stand in documents of other products.
    pub(crate) fn has_labels(&self) -> bool {
        let labelled = [&self.categories, &self.brands, &self.attributes, &self.values];
        labelled.iter().any(|keys| !keys.keys.is_empty())
    }
}

impl Keys {
    /// Adds a key.
    pub(crate) fn push(&mut self, key: i64) {
        self.keys.push(key);
        if self.keys.len() >= self.tidy_at.max(TIDY_LENGTH_MIN) {
            self.tidy();
        }
    }

    /// Each key once, in order.
    pub(crate) fn into_sorted(mut self) -> Vec<i64> {
        self.tidy();
        self.keys
    }

    fn merge(&mut self, later: Keys) {
        later.keys.into_iter().for_each(|key| self.push(key));
    }

    fn tidy(&mut self) {
        self.keys.sort_unstable();
        self.keys.dedup();
        self.tidy_at = self.keys.len() * 2;
    }
}

impl FromIterator<i64> for Keys {
    fn from_iter<I: IntoIterator<Item = i64>>(iterator: I) -> Self {
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
        let mut keys = Keys::default();
        for change in 0..1_000_000 {
            keys.push(change % 3);
        }

        assert!(keys.keys.len() <= TIDY_LENGTH_MIN, "{}", keys.keys.len());
        assert_eq!(keys.into_sorted(), [0, 1, 2]);
    }

    #[test]
    fn merged_changes_name_what_either_named() {
        let change = |key, position| Changes {
            transactions: vec![key],
            position: Position(position),
            documents: [key].into_iter().collect(),
            ..Changes::default()
        };
        let mut first = Changes { places: true, ..change(2, 10) };

        first.merge(Changes { tables: true, ..change(1, 20) });

        assert_eq!((first.position, first.places, first.tables), (Position(20), true, true));
        assert_eq!(first.transactions, [2, 1]);
        assert_eq!(first.documents.into_sorted(), [1, 2]);
    }
}
