//! Who had what: a sparse matrix of rows (users, baskets, sessions) by items.

use linfa::dataset::Records;
use ndarray::Array2;

use crate::event::Events;
use crate::numbers::index;

/// A matrix in compressed sparse rows, weights ≥ 0; what EASE and ALS are fitted on.
///
/// linfa's learners take dense arrays only; its `Records` is open, so that ours can be asked the same way.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Interactions {
    starts: Vec<usize>,
    items: Vec<u32>,
    weights: Vec<f32>,
    item_count: usize,
}

impl Interactions {
    /// Each pair of these rows once, weighing how often it occurs.
    #[must_use]
    pub fn counted(events: &Events) -> Interactions {
        let rows = (0..events.user_count()).map(|user| {
            let mut items: Vec<u32> = events.of(user).iter().map(|row| row.item).collect();
            items.sort_unstable();
            items
        });
        let rows = rows.map(|items| {
            let counted = items.chunk_by(|one, next| one == next);
            counted.map(|same| (same[0], same.len() as f32)).collect::<Vec<_>>()
        });
        Interactions::from_rows(rows, events.item_count())
    }

    /// Each pair of these rows once, weighing 1.
    #[must_use]
    pub fn once(events: &Events) -> Interactions {
        let mut interactions = Interactions::counted(events);
        interactions.weights.fill(1.0);
        interactions
    }

    /// The same pairs, the weights of each row times what `times` makes of its length.
    #[must_use]
    pub fn weighed(mut self, times: impl Fn(f32) -> f32) -> Interactions {
        for row in 0..self.nsamples() {
            let range = self.starts[row]..self.starts[row + 1];
            let factor = times(crate::numbers::count(range.len()));
            self.weights[range].iter_mut().for_each(|weight| *weight *= factor);
        }
        self
    }

    /// Rows of (item, weight), each item at most once and below `item_count`.
    #[must_use]
    pub fn from_rows(
        rows: impl IntoIterator<Item = Vec<(u32, f32)>>,
        item_count: usize,
    ) -> Interactions {
        let mut matrix = Interactions { starts: vec![0], item_count, ..Interactions::default() };
        for row in rows {
            for (item, weight) in row {
                matrix.items.push(item);
                matrix.weights.push(weight);
            }
            matrix.starts.push(matrix.items.len());
        }
        matrix
    }

    /// Starts of the rows, then items and weights of all of them.
    pub(crate) fn parts(&self) -> (&[usize], &[u32], &[f32]) {
        (&self.starts, &self.items, &self.weights)
    }

    /// The matrix of parts that fit together.
    pub(crate) const fn of_parts(
        starts: Vec<usize>,
        items: Vec<u32>,
        weights: Vec<f32>,
        item_count: usize,
    ) -> Interactions {
        Interactions { starts, items, weights, item_count }
    }

    /// How many pairs there are.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.items.len()
    }

    /// Whether nobody had anything.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.items.is_empty()
    }

    /// Items and weights of one row.
    #[must_use]
    pub fn row(&self, row: usize) -> (&[u32], &[f32]) {
        let range = self.starts[row]..self.starts[row + 1];
        (&self.items[range.clone()], &self.weights[range])
    }

    /// How many rows each item is in.
    #[must_use]
    pub fn row_counts(&self) -> Vec<usize> {
        let mut counts = vec![0; self.item_count];
        for &item in &self.items {
            counts[item as usize] += 1;
        }
        counts
    }

    /// Items by rows: the same pairs, asked the other way.
    #[must_use]
    pub fn transposed(&self) -> Interactions {
        let mut starts = vec![0; self.item_count + 1];
        for &item in &self.items {
            starts[item as usize + 1] += 1;
        }
        for item in 0..self.item_count {
            starts[item + 1] += starts[item];
        }
        let mut next = starts.clone();
        let mut items = vec![0; self.len()];
        let mut weights = vec![0.0; self.len()];
        for row in 0..self.nsamples() {
            let (columns, values) = self.row(row);
            for (&column, &value) in columns.iter().zip(values) {
                let place = next[column as usize];
                (items[place], weights[place]) = (index(row), value);
                next[column as usize] += 1;
            }
        }
        Interactions { starts, items, weights, item_count: self.nsamples() }
    }

    /// Only these items, under new numbers: the place in `kept`. Rows stay, some empty.
    #[must_use]
    pub fn only(&self, kept: &[u32]) -> Interactions {
        let mut numbers = vec![None; self.item_count];
        for (number, &item) in kept.iter().enumerate() {
            numbers[item as usize] = Some(index(number));
        }
        let rows = (0..self.nsamples()).map(|row| {
            let (items, weights) = self.row(row);
            let pairs = items.iter().zip(weights);
            pairs.filter_map(|(&item, &weight)| Some((numbers[item as usize]?, weight))).collect()
        });
        Interactions::from_rows(rows, kept.len())
    }

    /// `XᵀX`, items × items. Costs Σ row length².
    #[must_use]
    pub fn gram(&self) -> Array2<f32> {
        let mut gram = Array2::<f32>::zeros((self.item_count, self.item_count));
        for row in 0..self.nsamples() {
            let (items, weights) = self.row(row);
            for (&one, &weight) in items.iter().zip(weights) {
                let mut line = gram.row_mut(one as usize);
                let line = line.as_slice_mut().expect("rows of a new array are contiguous");
                for (&other, &value) in items.iter().zip(weights) {
                    line[other as usize] += weight * value;
                }
            }
        }
        gram
    }
}

impl Records for Interactions {
    type Elem = f32;

    fn nsamples(&self) -> usize {
        self.starts.len() - 1
    }

    fn nfeatures(&self) -> usize {
        self.item_count
    }
}

/// Users that each had these items, in this order.
#[cfg(test)]
pub(crate) fn events_of(rows: &[&[u32]], item_count: usize) -> Events {
    use crate::event::Event;

    let mut events = Vec::new();
    for (user, items) in rows.iter().enumerate() {
        for (&item, time_ms) in items.iter().zip(0..) {
            events.push(Event { user: index(user), item, time_ms });
        }
    }
    Events::new(events, rows.len(), item_count)
}

#[cfg(test)]
mod tests {
    use ndarray::array;

    use super::*;

    #[test]
    fn pairs_are_counted_once_and_can_be_asked_both_ways() {
        let interactions = Interactions::counted(&events_of(&[&[1, 0, 1], &[2], &[]], 3));

        assert_eq!(interactions.row(0), (&[0, 1][..], &[1.0, 2.0][..]));
        assert_eq!(interactions.row(2).0.len(), 0);
        assert_eq!(interactions.transposed().row(1), (&[0][..], &[2.0][..]));
        assert_eq!(interactions.transposed().transposed(), interactions);
        assert_eq!(interactions.only(&[1]).row(0), (&[0][..], &[2.0][..]));
    }

    #[test]
    fn the_gram_matrix_counts_what_was_had_together() {
        let interactions = Interactions::once(&events_of(&[&[0, 1], &[1, 2], &[1]], 3));

        let together = array![[1.0, 1.0, 0.0], [1.0, 3.0, 1.0], [0.0, 1.0, 1.0]];
        assert_eq!(interactions.gram(), together);
    }
}
