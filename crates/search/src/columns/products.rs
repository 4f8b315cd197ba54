//! Which product holds which ordinal.

use std::sync::{Arc, LazyLock};

use souk_base::{Ordinal, ProductId};

use super::chunk::CHUNK_LENGTH;

/// Stands for an ordinal that no product holds.
const NOBODY: i64 = i64::MIN;
/// The chunk without any product.
static HOLE: LazyLock<Arc<[i64; CHUNK_LENGTH]>> =
    LazyLock::new(|| Arc::new([NOBODY; CHUNK_LENGTH]));

/// Products by ordinal, copy-on-write in chunks.
#[derive(Clone, Debug, Default)]
pub(super) struct Products {
    chunks: Vec<Arc<[i64; CHUNK_LENGTH]>>,
}

impl Products {
    pub(super) fn get(&self, ordinal: Ordinal) -> Option<ProductId> {
        let chunk = self.chunks.get(ordinal.index() / CHUNK_LENGTH)?;
        product(chunk[ordinal.index() % CHUNK_LENGTH])
    }

    /// Sets who holds an ordinal that is in range.
    pub(super) fn set(&mut self, ordinal: Ordinal, product: Option<ProductId>) {
        if self.get(ordinal) == product {
            return;
        }
        let (chunk, place) = (ordinal.index() / CHUNK_LENGTH, ordinal.index() % CHUNK_LENGTH);
        self.chunk(chunk)[place] = product.map_or(NOBODY, ProductId::get);
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (Ordinal, ProductId)> {
        let ids = self.chunks.iter().flat_map(|chunk| chunk.iter());
        (0..).map(Ordinal).zip(ids).filter_map(|(ordinal, &id)| Some((ordinal, product(id)?)))
    }

    /// Each chunk that is not a hole, with its place.
    pub(super) fn chunks(&self) -> impl Iterator<Item = (u32, &[i64; CHUNK_LENGTH])> {
        let places = (0..).zip(&self.chunks);
        places.filter(|(_, ids)| ids.iter().any(|&id| id != NOBODY)).map(|(at, ids)| (at, &**ids))
    }

    /// A chunk to write into.
    pub(super) fn chunk(&mut self, place: usize) -> &mut [i64; CHUNK_LENGTH] {
        if place >= self.chunks.len() {
            self.chunks.resize(place + 1, Arc::clone(&HOLE));
        }
        Arc::make_mut(&mut self.chunks[place])
    }
}

fn product(id: i64) -> Option<ProductId> {
    (id != NOBODY).then(|| ProductId::new(id))
}
