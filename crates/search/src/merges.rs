//! When segments are merged.
//!
//! Many small commits make many small segments, which make searches slow; every merge writes its documents
//! anew. What pays depends on how much is being written.

use tantivy::SegmentMeta;
use tantivy::indexer::{LogMergePolicy, MergeCandidate, MergePolicy, NoMergePolicy};

/// Documents of one commit from which on many are being written.
const MANY: usize = 500;
/// Segments with fewer documents are all as small as each other.
const SMALL: u32 = 64;
/// A segment with more documents than this, and than [`LARGE_PART`] of all, is never merged with others.
const LARGE: u32 = 10_000;
/// One in so many.
const LARGE_PART: u32 = 8;

/// How segments are merged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Merges {
    /// Not at all: a first fill is over sooner.
    Postponed,
    /// A few small commits a second: early and in small layers (large ones would merge the same documents
    /// again with every few new ones). A segment of which three tenths are deleted is rewritten.
    Steady,
    /// The texts of half a shop: seldom. Each document is merged once or twice, and no segment is rewritten
    /// because much of it has been replaced, when the rest is about to be.
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
        match self {
            Merges::Postponed => Box::new(NoMergePolicy),
            Merges::Steady => Box::new(Layers::new(4, 0.3)),
            Merges::Rushed => Box::new(Layers::new(12, 0.75)),
        }
    }
}

/// Merges segments of about the same size, but leaves the largest alone until much of them is deleted: merging
/// those would write half the index anew for one segment less.
#[derive(Debug)]
struct Layers {
    small: LogMergePolicy,
    deleted: f32,
}

impl Layers {
    /// So many segments of a size are merged; so large a part of a segment may be deleted.
    fn new(segments: usize, deleted: f32) -> Layers {
        let mut small = LogMergePolicy::default();
        small.set_min_num_segments(segments);
        small.set_min_layer_size(SMALL);
        small.set_del_docs_ratio_before_merge(deleted);
        Layers { small, deleted }
    }

    #[expect(clippy::cast_precision_loss, reason = "a part of a segment, roughly")]
    fn is_worn(&self, segment: &SegmentMeta) -> bool {
        segment.num_deleted_docs() as f32 > self.deleted * segment.max_doc() as f32
    }
}

impl MergePolicy for Layers {
    fn compute_merge_candidates(&self, segments: &[SegmentMeta]) -> Vec<MergeCandidate> {
        let documents: u32 = segments.iter().map(SegmentMeta::num_docs).sum();
        let is_large =
            |segment: &SegmentMeta| segment.num_docs() > LARGE.max(documents / LARGE_PART);
        let (large, small): (Vec<_>, Vec<_>) = segments.iter().cloned().partition(is_large);
        let mut candidates = self.small.compute_merge_candidates(&small);
        let worn = large.iter().filter(|segment| self.is_worn(segment));
        candidates.extend(worn.map(|segment| MergeCandidate(vec![segment.id()])));
        candidates
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
