//! When segments are merged.
//!
//! Many small commits make many small segments, which make searches slow; every merge writes its documents
//! anew. What pays depends on how much is being written.

use tantivy::indexer::{LogMergePolicy, MergePolicy, NoMergePolicy};

/// Documents of one commit from which on many are being written.
const MANY: usize = 500;
/// Segments with fewer documents are all as small as each other.
const SMALL: u32 = 64;

/// How segments are merged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Merges {
    /// Not at all: a first fill is over sooner, and the merges come beside the work of every day.
    Postponed,
    /// A few small commits a second: early and in small layers (large ones would merge the same documents
    /// again with every few new ones). A segment of which a quarter is deleted is rewritten.
    Steady,
    /// A changed label or price list of texts: seldom. Each document is merged once or twice, and no segment is
    /// rewritten because most of it has been replaced, when the rest is about to be.
    Rushed,
}

impl Merges {
    /// How to go on when so many documents were written since the last commit.
    pub(crate) fn after(self, written: usize) -> Merges {
        match self {
            Merges::Postponed => Merges::Postponed,
            _ if written >= MANY => Merges::Rushed,
            _ => Merges::Steady,
        }
    }

    /// The same for tantivy.
    pub(crate) fn policy(self) -> Box<dyn MergePolicy> {
        let (segments, deleted) = match self {
            Merges::Postponed => return Box::new(NoMergePolicy),
            Merges::Steady => (4, 0.25),
            Merges::Rushed => (12, 0.75),
        };
        let mut policy = LogMergePolicy::default();
        policy.set_min_num_segments(segments);
        policy.set_min_layer_size(SMALL);
        policy.set_del_docs_ratio_before_merge(deleted);
        Box::new(policy)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rush_ends_with_the_first_small_commit_and_a_fill_never() {
        assert_eq!(Merges::Steady.after(MANY), Merges::Rushed);
        assert_eq!(Merges::Rushed.after(MANY - 1), Merges::Steady);
        assert_eq!(Merges::Postponed.after(0), Merges::Postponed);
    }
}
