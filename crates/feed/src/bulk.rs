//! Offers of large transactions. They wait, so that a price list of a hundred thousand rows does not hold up
//! a single price.
//!
//! Rows are re-read by key, as they are when it is their turn, so a small change may overtake a large one. A
//! position is told only when nothing before it waits any more.
//!
//! **Invariant**: the offers of one transaction are shown at once, unless they are more than a slice may have.

use std::collections::VecDeque;

use souk_base::{OfferId, Position, ProductId};

/// Offers of a transaction from which on it is a large one.
pub(crate) const BULK_LENGTH_MIN: usize = 500;
/// Offers of one slice, about: single prices wait as long as it takes.
const SLICE_LENGTH: usize = 1_000;
/// Offers of one slice at most.
const SLICE_LENGTH_MAX: usize = 4_000;

/// An offer, with its product.
type Named = (ProductId, OfferId);

/// What waits, and how far everything else is.
#[derive(Debug, Default)]
pub(crate) struct Bulk {
    transactions: VecDeque<Vec<Named>>,
    reached: Position,
}

impl Bulk {
    /// Everything up to this position was applied, but for these offers.
    pub(crate) fn add(&mut self, reached: Position, transactions: Vec<Vec<Named>>) {
        self.reached = self.reached.max(reached);
        self.transactions.extend(transactions);
    }

    /// Whether nothing waits.
    pub(crate) fn is_empty(&self) -> bool {
        self.transactions.is_empty()
    }

    /// Everything up to here is applied when nothing waits.
    pub(crate) fn reached(&self) -> Position {
        self.reached
    }

    /// Takes the offers to read next.
    pub(crate) fn take(&mut self) -> Vec<Named> {
        let mut slice = self.transactions.pop_front().unwrap_or_default();
        if slice.len() > SLICE_LENGTH_MAX {
            self.transactions.push_front(slice.split_off(SLICE_LENGTH_MAX));
        }
        while let Some(next) = self.transactions.front()
            && slice.len() + next.len() <= SLICE_LENGTH
        {
            slice.extend(self.transactions.pop_front().unwrap_or_default());
        }
        slice
    }
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::proptest;

    use super::*;

    fn offers(length: usize) -> Vec<Named> {
        (0..).map(|id| (ProductId::new(id), OfferId::new(id))).take(length).collect()
    }

    fn slices(lengths: &[usize]) -> Vec<usize> {
        let mut bulk = Bulk::default();
        bulk.add(Position(1), lengths.iter().map(|&length| offers(length)).collect());
        let mut slices = Vec::new();
        while !bulk.is_empty() {
            slices.push(bulk.take().len());
        }
        slices
    }

    #[test]
    fn transactions_stay_whole_unless_they_are_larger_than_a_slice_may_be() {
        assert_eq!(slices(&[500, 500, 500]), [1_000, 500]);
        assert_eq!(slices(&[800, 500]), [800, 500]);
        assert_eq!(slices(&[3_999, 500]), [3_999, 500]);
        assert_eq!(slices(&[9_000, 500]), [4_000, 4_000, 1_000, 500]);
    }

    #[test]
    fn the_position_is_the_last_that_was_told() {
        let mut bulk = Bulk::default();
        bulk.add(Position(5), vec![offers(1)]);
        bulk.add(Position(9), Vec::new());
        bulk.add(Position(7), Vec::new());

        assert_eq!((bulk.reached(), bulk.is_empty()), (Position(9), false));
    }

    proptest! {
        #[test]
        fn every_offer_is_taken_once(lengths in vec(1..9_000_usize, 0..20)) {
            let slices = slices(&lengths);

            assert_eq!(slices.iter().sum::<usize>(), lengths.iter().sum::<usize>());
            assert!(slices.iter().all(|&length| (1..=SLICE_LENGTH_MAX).contains(&length)));
        }
    }
}
