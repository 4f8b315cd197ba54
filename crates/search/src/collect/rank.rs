//! The best documents by sort key and ordinal, from a given place on.

use std::cmp::Ordering;
use std::collections::BinaryHeap;

use tantivy::DocAddress;

use crate::query::PageKey;
use crate::ranking::Rank;

/// A document and its place in the order. Orders by rank: the first in the order is the least.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ranked {
    /// What comes before any key; larger comes first.
    pub(crate) bucket: u32,
    /// The sort key; larger comes first.
    pub(crate) key: u64,
    /// Among equal keys the smaller comes first.
    pub(crate) ordinal: u32,
    /// Where the key comes from, when a text was searched and relevance decides.
    pub(crate) rank: Rank,
    pub(crate) address: DocAddress,
    /// Whether a rule put it in its place.
    pub(crate) pinned: bool,
}

impl Ranked {
    /// The place behind it, `shown` hits and the pins up to `pin` included.
    pub(super) const fn page_key(&self, shown: u32, pin: u16) -> PageKey {
        PageKey { bucket: self.bucket, key: self.key, ordinal: self.ordinal, shown, pin }
    }
}

impl Ord for Ranked {
    fn cmp(&self, other: &Self) -> Ordering {
        let place = |it: &Ranked| (it.bucket, it.key);
        place(other).cmp(&place(self)).then(self.ordinal.cmp(&other.ordinal))
    }
}
impl PartialOrd for Ranked {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}
impl PartialEq for Ranked {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}
impl Eq for Ranked {}

/// Keeps the best documents behind a place in the order.
pub(super) struct Top {
    limit: usize,
    after: Option<PageKey>,
    /// Documents offered that lie behind the place.
    remaining: u64,
    /// The worst kept document on top.
    kept: BinaryHeap<Ranked>,
}

impl Top {
    pub(super) fn new(limit: usize, after: Option<PageKey>) -> Self {
        Top { limit, after, remaining: 0, kept: BinaryHeap::with_capacity(limit + 1) }
    }

    pub(super) fn offer(&mut self, document: Ranked) {
        let place = (document.bucket, document.key);
        let behind = |page: PageKey| {
            let end = (page.bucket, page.key);
            place < end || (place == end && document.ordinal > page.ordinal)
        };
        if !self.after.is_none_or(behind) {
            return;
        }
        self.remaining += 1;
        if self.kept.len() < self.limit {
            self.kept.push(document);
        } else if let Some(mut worst) = self.kept.peek_mut()
            && document < *worst
        {
            *worst = document;
        }
    }

    /// Whether nothing at or below this place would be kept, and everything there lies behind the page before.
    pub(super) fn is_above(&self, bucket: u32, key: u64) -> bool {
        self.kept.len() == self.limit
            && self.kept.peek().is_some_and(|worst| (bucket, key) < (worst.bucket, worst.key))
    }

    /// Counts a document that lies behind everything kept.
    pub(super) fn pass_over(&mut self) {
        self.remaining += 1;
    }

    /// How many lie behind the place, and the best of them in order.
    pub(super) fn into_sorted(self) -> (u64, Vec<Ranked>) {
        (self.remaining, self.kept.into_sorted_vec())
    }
}

/// Bits that order like the number.
pub(crate) const fn ordered_f32(number: f32) -> u32 {
    let bits = number.to_bits();
    if bits >> 31 == 0 { bits | 1 << 31 } else { !bits }
}

/// Bits that order like the number.
pub(super) const fn ordered_i64(number: i64) -> u64 {
    number.cast_unsigned() ^ (1 << 63)
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::{any, proptest};

    use super::*;

    proptest! {
        #[test]
        fn bits_order_like_their_numbers(
            (one, other) in any::<(f32, f32)>(), (price, dearer) in any::<(i64, i64)>()
        ) {
            if !one.is_nan() && !other.is_nan() && one != other {
                assert_eq!(ordered_f32(one).cmp(&ordered_f32(other)), one.total_cmp(&other));
            }
            assert_eq!(ordered_i64(price).cmp(&ordered_i64(dearer)), price.cmp(&dearer));
        }

        #[test]
        fn pages_put_together_are_the_whole_order(keys in vec(0_u64..5, 0..60), limit in 1_usize..7) {
            let documents: Vec<Ranked> = (0..).zip(&keys).map(|(ordinal, &key)| Ranked {
                bucket: 0, key, ordinal, rank: Rank::default(), address: DocAddress::new(0, ordinal), pinned: false,
            }).collect();
            let mut expected = documents.clone();
            expected.sort_unstable();

            let (mut pages, mut after) = (Vec::new(), None);
            loop {
                let mut top = Top::new(limit, after);
                documents.iter().for_each(|&document| top.offer(document));
                let (remaining, page) = top.into_sorted();
                assert_eq!(remaining, (documents.len() - pages.len()) as u64);
                let Some(last) = page.last() else { break };
                after = Some(last.page_key(0, 0));
                pages.extend(page);
            }

            assert_eq!(pages, expected);
        }
    }
}
