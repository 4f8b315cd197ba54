//! Documents that wait to be indexed, and what that means for positions, as a state machine without I/O.
//!
//! Columns are applied at once; documents are queued here and taken in batches by whoever indexes them, so
//! that a large change of texts never delays a price. Since documents are re-read by key when they are
//! taken, one that is queued already need not be queued again.
//!
//! # Two lanes
//! A renamed category is shown at once, since labels come from the small tables. Its name also stands in the
//! searchable text of every product below it. Those products wait in the slow lane, which moves only behind
//! everything else, a slice at a time.
//!
//! # Positions
//! - *applied*: everything up to here is in the columns, and its documents are in the index or queued here.
//! - *searchable*: everything up to here is in the published index as well; a View carries this one. The
//!   slow lane does not hold it back.
//! - *stored*: the position of an index commit's checkpoint. The slow lane does hold it back, as a restart
//!   would not know of the rest.
//!
//! **Invariant**: searchable ≤ applied, stored ≤ searchable once the stream has passed the checkpoint that the
//! index began with, and none ever shrinks.

use std::collections::{BTreeSet, HashSet, VecDeque};
use std::sync::Arc;

use souk_base::{Position, ProductId, Tables};
use souk_search::Checkpoint;

/// Documents of one batch at most: a commit costs the same for few and for many.
const BATCH_LENGTH_MAX: usize = 16_000;
/// Documents that are not left to wait for each other any longer.
const BACKLOG_LENGTH: usize = 4_000;

/// Documents that wait, and how far everything is.
#[derive(Debug)]
pub(crate) struct Pending {
    tables: Arc<Tables>,
    applied: Position,
    /// In the order of the stream.
    groups: VecDeque<Group>,
    queued: HashSet<ProductId>,
    lane: BTreeSet<ProductId>,
    /// Where the oldest change lies whose products are in the slow lane or on their way from it.
    lane_since: Option<Position>,
    taken: Option<Taken>,
    stored: Position,
    /// Every instant up to here, in microseconds since 1970, was looked at and its documents queued.
    clock_us: i64,
    /// The same, as it can be stored: documents of an instant are not in the stream, so a restart must look again
    /// as long as they wait.
    clock_settled_us: i64,
}

/// Documents that came together.
#[derive(Debug)]
struct Group {
    /// Everything up to here came before them.
    since: Position,
    ids: Vec<ProductId>,
}

/// The batch that is being indexed.
#[derive(Debug)]
struct Taken {
    /// Everything up to here was indexed before it; none when it is only of the slow lane.
    since: Option<Position>,
    /// Whether it has the last of the slow lane.
    ends_lane: bool,
}

/// What to index next.
#[derive(Debug, PartialEq)]
pub(crate) struct Batch {
    /// Products to read again, each once, in id order.
    pub(crate) ids: Vec<ProductId>,
    /// The small tables, at least as new as the changes that named these products.
    pub(crate) tables: Arc<Tables>,
}

impl Pending {
    /// An index with this checkpoint, and a stream that begins at or before it.
    pub(crate) fn resumed(
        checkpoint: &Checkpoint,
        start: Position,
        tables: Arc<Tables>,
    ) -> Pending {
        Pending {
            tables,
            applied: start,
            groups: VecDeque::new(),
            queued: HashSet::new(),
            lane: BTreeSet::new(),
            lane_since: None,
            taken: None,
            stored: checkpoint.position,
            clock_us: checkpoint.clock_us,
            clock_settled_us: checkpoint.clock_us,
        }
    }

    /// Everything up to this position was applied; these documents of it wait.
    pub(crate) fn add(&mut self, position: Position, mut ids: Vec<ProductId>) {
        ids.retain(|&id| self.queued.insert(id));
        if !ids.is_empty() {
            self.groups.push_back(Group { since: self.applied, ids });
        }
        self.applied = self.applied.max(position);
    }

    /// Every instant up to here was looked at; these documents came or went by themselves.
    pub(crate) fn strike(&mut self, clock_us: i64, ids: Vec<ProductId>) {
        self.add(self.applied, ids);
        self.clock_us = clock_us;
    }

    /// These documents wait behind everything else. To be told before the change's own [`Pending::add`].
    pub(crate) fn add_slowly(&mut self, ids: impl IntoIterator<Item = ProductId>) {
        self.lane.extend(ids);
        if !self.lane.is_empty() {
            self.lane_since.get_or_insert(self.applied);
            if let Some(taken) = &mut self.taken {
                taken.ends_lane = false;
            }
        }
    }

    /// Other small tables, from now on.
    pub(crate) fn set_tables(&mut self, tables: Arc<Tables>) {
        self.tables = tables;
    }

    /// Whether documents wait.
    pub(crate) fn has_documents(&self) -> bool {
        !self.groups.is_empty() || !self.lane.is_empty()
    }

    /// Whether documents of the slow lane wait.
    pub(crate) fn has_lane(&self) -> bool {
        !self.lane.is_empty()
    }

    /// Whether many documents of the fast lane wait.
    pub(crate) fn has_backlog(&self) -> bool {
        self.queued.len() >= BACKLOG_LENGTH
    }

    /// Whether a commit would store a later position, though no document waits.
    pub(crate) fn has_position(&self) -> bool {
        self.storable() > self.stored
    }

    /// Takes what to index next, of the slow lane at most so many; possibly nothing, when only the position is to be
    /// stored.
    pub(crate) fn take(&mut self, slice_length: usize) -> Batch {
        debug_assert!(self.taken.is_none(), "one batch at a time");
        let since = self.groups.front().map(|group| group.since);
        let mut ids = Vec::new();
        while let Some(group) = self.groups.front_mut() {
            let room = BATCH_LENGTH_MAX - ids.len();
            ids.extend(group.ids.drain(..group.ids.len().min(room)));
            if !group.ids.is_empty() {
                break;
            }
            self.groups.pop_front();
        }
        for id in &ids {
            self.queued.remove(id);
            self.lane.remove(id);
        }
        for _ in ids.len()..slice_length {
            let Some(id) = self.lane.pop_first() else { break };
            ids.push(id);
        }
        ids.sort_unstable();
        self.taken = Some(Taken { since, ends_lane: self.lane.is_empty() });
        Batch { ids, tables: Arc::clone(&self.tables) }
    }

    /// Whether a batch was taken whose end was not told yet.
    pub(crate) fn is_taken(&self) -> bool {
        self.taken.is_some()
    }

    /// The position to store with the commit of the batch that was taken.
    pub(crate) fn storable(&self) -> Position {
        let waiting = self.groups.front().map_or(self.applied, |group| group.since);
        let lane_ends = self.taken.as_ref().is_some_and(|taken| taken.ends_lane);
        let reached = match self.lane_since {
            Some(since) if !lane_ends => waiting.min(since),
            _ => waiting,
        };
        // The index stays as far as it was, also while an older part of the stream is replayed.
        reached.max(self.stored)
    }

    /// The instant to store with it.
    pub(crate) fn storable_clock_us(&mut self) -> i64 {
        if self.groups.is_empty() {
            self.clock_settled_us = self.clock_us;
        }
        self.clock_settled_us
    }

    /// Position of the last commit's checkpoint.
    pub(crate) fn stored(&self) -> Position {
        self.stored
    }

    /// The batch that was taken is in the published index, which stores this position.
    pub(crate) fn end(&mut self, stored: Position) {
        if self.taken.take().is_some_and(|taken| taken.ends_lane) {
            self.lane_since = None;
        }
        self.stored = self.stored.max(stored);
    }

    /// Position for a View with the columns and the index of now.
    pub(crate) fn searchable(&self) -> Position {
        let taken = self.taken.as_ref().and_then(|taken| taken.since);
        let waiting = || self.groups.front().map(|group| group.since);
        taken.or_else(waiting).unwrap_or(self.applied)
    }

    /// Position up to which everything was applied.
    pub(crate) fn applied(&self) -> Position {
        self.applied
    }
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::{Just, Strategy, prop_assert, prop_assert_eq, prop_oneof, proptest};

    use super::*;

    const SLICE_LENGTH: usize = 1_000;

    fn at(position: u64) -> Position {
        Position(position)
    }

    fn products(ids: impl IntoIterator<Item = i64>) -> Vec<ProductId> {
        ids.into_iter().map(ProductId::new).collect()
    }

    fn checkpoint(position: u64) -> Checkpoint {
        Checkpoint { source: String::new(), position: at(position), clock_us: 1 }
    }

    fn resumed() -> Pending {
        Pending::resumed(&checkpoint(10), at(10), Arc::default())
    }

    /// Takes a batch, ends it, and returns what was stored with it.
    fn index(pending: &mut Pending) -> (Vec<ProductId>, Position) {
        let batch = pending.take(SLICE_LENGTH);
        let stored = pending.storable();
        pending.end(stored);
        (batch.ids, stored)
    }

    #[test]
    fn a_price_is_searchable_at_once_and_stored_with_the_next_commit() {
        let mut pending = resumed();

        pending.add(at(20), Vec::new());

        assert_eq!(pending.searchable(), at(20));
        assert!(pending.has_position() && !pending.has_documents());
        assert_eq!(index(&mut pending), (Vec::new(), at(20)));
        assert!(!pending.has_position());
    }

    #[test]
    fn a_document_is_searchable_after_its_commit_and_not_before() {
        let mut pending = resumed();
        pending.add(at(20), products([1]));
        assert_eq!(pending.searchable(), at(10));

        let batch = pending.take(SLICE_LENGTH);
        pending.add(at(30), Vec::new());
        assert_eq!((batch.ids, pending.searchable()), (products([1]), at(10)));

        pending.end(pending.storable());
        assert_eq!(pending.searchable(), at(30));
    }

    #[test]
    fn a_document_that_comes_during_a_commit_waits_for_the_next() {
        let mut pending = resumed();
        pending.add(at(20), products([1]));
        pending.take(SLICE_LENGTH);
        pending.add(at(30), products([1]));
        assert_eq!(pending.storable(), at(20));

        pending.end(at(20));

        assert_eq!(pending.searchable(), at(20));
        assert_eq!(index(&mut pending), (products([1]), at(30)));
    }

    #[test]
    fn a_large_change_is_taken_in_batches_and_stored_only_when_whole() {
        let mut pending = resumed();
        pending.add(at(20), products(0..17_000));
        pending.add(at(30), products([1]));

        let (first, stored) = index(&mut pending);
        assert_eq!((first.len(), stored, pending.searchable()), (16_000, at(10), at(10)));

        let (second, stored) = index(&mut pending);
        assert_eq!((second.len(), stored, pending.searchable()), (1_000, at(30), at(30)));
    }

    #[test]
    fn the_slow_lane_holds_the_checkpoint_but_not_the_view_and_lets_others_pass() {
        let mut pending = resumed();
        pending.add_slowly(products(0..1_500));
        pending.add(at(20), Vec::new());
        assert_eq!(pending.searchable(), at(20));
        pending.add(at(30), products([9_000]));

        let (first, stored) = index(&mut pending);
        assert_eq!((first.len(), stored, pending.searchable()), (1_000, at(10), at(30)));
        assert!(first.contains(&ProductId::new(9_000)));

        let (rest, stored) = index(&mut pending);
        assert_eq!((rest.len(), stored), (501, at(30)));
        assert!(!pending.has_documents() && !pending.has_position());
    }

    #[test]
    fn a_replay_before_the_checkpoint_leaves_it_where_it_is() {
        let mut pending = Pending::resumed(&checkpoint(100), at(50), Arc::default());
        pending.add(at(60), Vec::new());

        assert_eq!((pending.searchable(), pending.storable()), (at(60), at(100)));
        assert!(!pending.has_position());

        pending.add(at(110), Vec::new());
        assert_eq!(index(&mut pending), (Vec::new(), at(110)));
    }

    #[test]
    fn an_instant_is_stored_when_the_documents_that_came_with_it_are_indexed() {
        let mut pending = resumed();
        pending.strike(5, products([1]));
        assert_eq!(pending.storable_clock_us(), 1);

        pending.take(SLICE_LENGTH);
        assert_eq!(pending.storable_clock_us(), 5);
    }

    #[derive(Clone, Debug)]
    enum Step {
        Apply(u64, Vec<i64>),
        Slowly(Vec<i64>),
        Take,
        End,
    }

    fn step() -> impl Strategy<Value = Step> {
        prop_oneof![
            (1..9_u64, vec(0..5_000_i64, 0..3)).prop_map(|(far, ids)| Step::Apply(far, ids)),
            (0..5_000_i64).prop_map(|count| Step::Slowly((0..count).collect())),
            Just(Step::Take),
            Just(Step::End),
        ]
    }

    proptest! {
        #[test]
        fn positions_never_shrink_and_what_is_stored_was_indexed(steps in vec(step(), 0..60)) {
            let mut pending = resumed();
            // What a restart from the stored position would still have to index.
            let mut owed: Vec<(Position, ProductId)> = Vec::new();
            let mut batch: Option<Batch> = None;
            for step in steps {
                let before = (pending.stored, pending.searchable(), pending.applied);
                match step {
                    Step::Apply(far, ids) => {
                        let position = at(pending.applied.0 + far);
                        owed.extend(ids.iter().map(|&id| (position, ProductId::new(id))));
                        pending.add(position, products(ids));
                    }
                    Step::Slowly(ids) => {
                        let position = at(pending.applied.0 + 1);
                        owed.extend(ids.iter().map(|&id| (position, ProductId::new(id))));
                        pending.add_slowly(products(ids));
                        pending.add(position, Vec::new());
                    }
                    Step::Take if batch.is_none() => {
                        let taken = pending.take(SLICE_LENGTH);
                        owed.retain(|(_, id)| taken.ids.binary_search(id).is_err());
                        batch = Some(taken);
                    }
                    Step::End if batch.take().is_some() => {
                        let stored = pending.storable();
                        pending.end(stored);
                        prop_assert!(owed.iter().all(|&(position, _)| position > stored));
                    }
                    Step::Take | Step::End => {}
                }
                prop_assert!(pending.stored <= pending.searchable());
                prop_assert!(pending.searchable() <= pending.applied);
                prop_assert!(before.0 <= pending.stored && before.1 <= pending.searchable());
                prop_assert!(before.2 <= pending.applied);
            }
            if batch.take().is_some() {
                pending.end(pending.storable());
            }
            while pending.has_documents() {
                index(&mut pending);
            }
            prop_assert_eq!(index(&mut pending).1, pending.applied);
        }
    }
}
