//! How far the feed has come: four positions that must not be confused, as a state machine without I/O.
//!
//! - *applied*: rows changed up to here were read again; their columns are published.
//! - *searchable*: documents up to here are in the published index as well. A View carries this one.
//! - *stored*: the checkpoint of the last index commit. Only this one is confirmed to PostgreSQL.
//! - *held*: where a slow re-index began. The checkpoint stays there until the last slice is in, as a
//!   restart would not know of the rest; View and confirmation of other changes go on.
//!
//! **Invariant**: stored ≤ searchable ≤ applied, but for a held checkpoint all three only grow.

use souk_base::Position;

/// How far the feed has come.
#[derive(Debug)]
pub(crate) struct Marks {
    applied: Position,
    searchable: Position,
    stored: Position,
    held: Option<Position>,
    /// Documents of applied changes wait for a commit.
    documents_wait: bool,
    /// Documents of a slow re-index wait for a commit.
    slice_waits: bool,
    commit: Option<Commit>,
}

/// A commit under way.
#[derive(Debug)]
struct Commit {
    applied: Position,
    documents_wait: bool,
}

impl Marks {
    /// An index with this checkpoint, and columns that are at least as new.
    pub(crate) fn resumed(checkpoint: Position) -> Marks {
        Marks {
            applied: checkpoint,
            searchable: checkpoint,
            stored: checkpoint,
            held: None,
            documents_wait: false,
            slice_waits: false,
            commit: None,
        }
    }

    /// Position for a View.
    pub(crate) fn searchable(&self) -> Position {
        self.searchable
    }

    /// Position that may be confirmed.
    pub(crate) fn stored(&self) -> Position {
        self.stored
    }

    /// Changes up to here were applied; `documents` tells whether documents were among them.
    pub(crate) fn apply(&mut self, position: Position, documents: bool) {
        self.applied = self.applied.max(position);
        self.documents_wait |= documents;
        self.settle();
    }

    /// A slow re-index begins with the changes after what is applied now.
    pub(crate) fn hold(&mut self) {
        self.held.get_or_insert(self.applied);
    }

    /// A slice of the slow re-index waits for a commit; `last` ends it.
    pub(crate) fn slice(&mut self, last: bool) {
        self.slice_waits = true;
        if last {
            self.held = None;
        }
    }

    /// Whether documents wait for a commit, and none is under way.
    pub(crate) fn wants_documents(&self) -> bool {
        self.commit.is_none() && (self.documents_wait || self.slice_waits || self.held.is_some())
    }

    /// Whether a commit would at least store a later position, and none is under way.
    pub(crate) fn wants_position(&self) -> bool {
        self.commit.is_none() && self.held.unwrap_or(self.applied) > self.stored
    }

    /// Whether a commit is under way.
    pub(crate) fn is_committing(&self) -> bool {
        self.commit.is_some()
    }

    /// A commit begins; returns the position to store with it.
    pub(crate) fn begin_commit(&mut self) -> Position {
        let documents_wait = std::mem::take(&mut self.documents_wait);
        self.slice_waits = false;
        self.commit = Some(Commit { applied: self.applied, documents_wait });
        self.held.unwrap_or(self.applied)
    }

    /// The commit under way ended, with this position stored.
    pub(crate) fn end_commit(&mut self, stored: Position) {
        self.stored = self.stored.max(stored);
        if let Some(commit) = self.commit.take() {
            self.searchable = self.searchable.max(commit.applied);
        }
        self.settle();
    }

    /// Without documents on their way, what is applied is searchable.
    fn settle(&mut self) {
        let on_their_way = self.commit.as_ref().is_some_and(|commit| commit.documents_wait);
        if !self.documents_wait && !on_their_way {
            self.searchable = self.applied;
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::{Just, Strategy, prop_assert, prop_oneof, proptest};

    use super::*;

    fn at(position: u64) -> Position {
        Position(position)
    }

    #[test]
    fn a_price_is_searchable_at_once_and_stored_with_the_next_commit() {
        let mut marks = Marks::resumed(at(10));

        marks.apply(at(20), false);

        assert_eq!((marks.searchable(), marks.stored()), (at(20), at(10)));
        assert!(marks.wants_position() && !marks.wants_documents());
    }

    #[test]
    fn a_document_is_searchable_after_its_commit_and_not_before() {
        let mut marks = Marks::resumed(at(10));
        marks.apply(at(20), true);
        assert_eq!(marks.searchable(), at(10));

        let stored = marks.begin_commit();
        marks.apply(at(30), false);
        assert_eq!(marks.searchable(), at(10));

        marks.end_commit(stored);
        assert_eq!((marks.searchable(), marks.stored()), (at(30), at(20)));
    }

    #[test]
    fn a_document_that_comes_during_a_commit_waits_for_the_next() {
        let mut marks = Marks::resumed(at(10));
        marks.apply(at(20), true);
        let stored = marks.begin_commit();
        marks.apply(at(30), true);

        marks.end_commit(stored);

        assert_eq!((marks.searchable(), marks.stored()), (at(20), at(20)));
        assert!(marks.wants_documents());
    }

    #[test]
    fn a_slow_reindex_holds_the_checkpoint_but_not_the_view() {
        let mut marks = Marks::resumed(at(10));
        marks.hold();
        marks.apply(at(20), false);
        marks.slice(false);
        let stored = marks.begin_commit();
        marks.end_commit(stored);
        assert_eq!((marks.searchable(), marks.stored()), (at(20), at(10)));

        marks.slice(true);
        let stored = marks.begin_commit();
        marks.end_commit(stored);

        assert_eq!(marks.stored(), at(20));
        assert!(!marks.wants_position() && !marks.wants_documents());
    }

    #[derive(Clone, Debug)]
    enum Step {
        Apply(u64, bool),
        Hold,
        Slice(bool),
        Begin,
        End,
    }

    fn step() -> impl Strategy<Value = Step> {
        prop_oneof![
            (1..9_u64, proptest::bool::ANY)
                .prop_map(|(far, documents)| Step::Apply(far, documents)),
            Just(Step::Hold),
            proptest::bool::ANY.prop_map(Step::Slice),
            Just(Step::Begin),
            Just(Step::End),
        ]
    }

    proptest! {
        #[test]
        fn what_is_stored_is_searchable_and_what_is_searchable_is_applied(
            steps in vec(step(), 0..60)
        ) {
            let mut marks = Marks::resumed(at(10));
            let mut under_way = None;
            for step in steps {
                let before = (marks.searchable, marks.stored);
                match step {
                    Step::Apply(far, documents) => {
                        marks.apply(at(marks.applied.0 + far), documents);
                    }
                    Step::Hold => marks.hold(),
                    Step::Slice(last) => marks.slice(last),
                    Step::Begin if under_way.is_none() => under_way = Some(marks.begin_commit()),
                    Step::End => {
                        if let Some(stored) = under_way.take() {
                            marks.end_commit(stored);
                        }
                    }
                    Step::Begin => {}
                }
                prop_assert!(marks.stored <= marks.searchable);
                prop_assert!(marks.searchable <= marks.applied);
                prop_assert!(before.0 <= marks.searchable && before.1 <= marks.stored);
            }
        }
    }
}
