//! Documents that were read lately, so that what many answers show is not read and unpacked
//! for each; as they lie in the index.
//!
//! **Invariant**: a document of a segment never changes, so nothing here is ever wrong, only unused.

use std::sync::{Arc, Mutex, PoisonError};

use rustc_hash::FxHashMap;
use tantivy::DocId;
use tantivy::index::SegmentId;

/// Documents of each of the two halves; some 1.5 KB each.
const HALF_MAX: usize = 4_000;

type Half = FxHashMap<(SegmentId, DocId), Arc<Vec<u8>>>;

/// When the young half is full it becomes the old one, and what nobody read since it became old is forgotten.
#[derive(Debug, Default)]
pub(crate) struct Recent {
    halves: Mutex<[Half; 2]>,
}

impl Recent {
    /// The document, if it was read lately.
    pub(crate) fn get(&self, segment: SegmentId, document: DocId) -> Option<Arc<Vec<u8>>> {
        let mut halves = self.halves.lock().unwrap_or_else(PoisonError::into_inner);
        let [young, old] = &mut *halves;
        if let Some(known) = young.get(&(segment, document)) {
            return Some(Arc::clone(known));
        }
        let known = old.remove(&(segment, document))?;
        push(&mut halves, (segment, document), &known);
        Some(known)
    }

    /// Remembers a document that was read.
    pub(crate) fn put(&self, segment: SegmentId, document: DocId, read: &Arc<Vec<u8>>) {
        let mut halves = self.halves.lock().unwrap_or_else(PoisonError::into_inner);
        push(&mut halves, (segment, document), read);
    }
}

fn push(halves: &mut [Half; 2], key: (SegmentId, DocId), read: &Arc<Vec<u8>>) {
    let [young, old] = halves;
    if young.len() >= HALF_MAX {
        *old = std::mem::take(young);
    }
    young.insert(key, Arc::clone(read));
}
