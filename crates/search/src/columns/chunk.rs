//! The columns of some consecutive ordinals: summaries and offers, each in one piece of memory.

use souk_base::{CitySet, Ordinal, SellerId};

use super::packed::{Packed, best};

/// Ordinals in a chunk: the unit that a change copies, some 80 KB with three offers each.
pub(super) const CHUNK_LENGTH: usize = 512;

/// The columns of [`CHUNK_LENGTH`] consecutive ordinals in one market.
#[derive(Clone, Debug)]
pub(super) struct Chunk {
    /// What a scan over many products reads, dense and without pointers.
    shown: Box<[Shown]>,
    /// The product at `place` has the offers `offers[starts[place]..starts[place + 1]]`.
    starts: Box<[u32]>,
    /// By place, then by offer id.
    offers: Vec<Packed>,
}

/// The summary of a product's offers that filters, sorts and counts need when no city is chosen.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Shown {
    /// Price of the best offer.
    pub(crate) minor: i64,
    /// Seller of the best offer.
    pub(crate) seller: SellerId,
    /// Cities where any offer has a unit.
    pub(crate) cities: CitySet,
    /// As in [`super::ProductColumn`].
    pub(crate) popularity: f32,
    /// Offers there are; 0 when the product is not visible.
    pub(crate) offers: u16,
    /// Whether the best offer has a unit anywhere in the market.
    pub(crate) in_stock: bool,
}

impl Chunk {
    /// The chunk with so many offers for each place, and a popularity for each that has any. Counts add
    /// up to the offers; none when a product's offers are not in order of their ids.
    pub(super) fn of(counts: &[u32], popularities: Vec<f32>, offers: Vec<Packed>) -> Option<Chunk> {
        let mut chunk = Chunk { offers, ..Chunk::default() };
        let mut popularities = popularities.into_iter();
        for (place, &count) in counts.iter().enumerate() {
            chunk.starts[place + 1] = chunk.starts[place] + count;
            let held = chunk.offers(place);
            if !held.is_sorted_by(|one, next| one.id() < next.id()) {
                return None;
            }
            if count > 0 {
                chunk.shown[place] = Shown::of(held, popularities.next()?);
            }
        }
        Some(chunk)
    }

    /// The summary of the product at a place, when it is visible.
    pub(super) fn shown(&self, place: usize) -> Option<&Shown> {
        let shown = &self.shown[place];
        shown.is_visible().then_some(shown)
    }

    /// The summary of the product at a place, visible or not.
    pub(super) fn summary(&self, place: usize) -> Shown {
        self.shown[place]
    }

    /// The offers of the product at a place, by id.
    pub(super) fn offers(&self, place: usize) -> &[Packed] {
        &self.offers[self.starts[place] as usize..self.starts[place + 1] as usize]
    }

    /// Puts these offers in place of what the product has; without any it is not visible.
    pub(super) fn set(&mut self, place: usize, offers: &[Packed], popularity: f32) {
        let held = self.starts[place] as usize..self.starts[place + 1] as usize;
        if held.len() == offers.len() {
            self.offers[held].copy_from_slice(offers);
        } else {
            self.make_room(offers.len().saturating_sub(held.len()));
            let before = held.len();
            self.offers.splice(held, offers.iter().copied());
            for start in &mut self.starts[place + 1..] {
                let moved = *start as usize - before + offers.len();
                *start = u32::try_from(moved).expect("a chunk has fewer than 2^32 offers");
            }
        }
        self.shown[place] = Shown::of(offers, popularity);
    }

    /// Puts these offers, by ordinal and id, in the place of what their products have; at least one each.
    pub(super) fn set_many(&mut self, mut offers: &[(Ordinal, Packed)]) {
        let mut all = Vec::with_capacity(self.offers.len() + offers.len());
        let mut starts = self.starts.clone();
        for place in 0..CHUNK_LENGTH {
            let start = all.len();
            let is_here = |(ordinal, _): &(Ordinal, _)| ordinal.index() % CHUNK_LENGTH == place;
            let (here, others) =
                offers.split_at(offers.iter().take_while(|it| is_here(it)).count());
            if here.is_empty() {
                all.extend_from_slice(self.offers(place));
            } else {
                all.extend(here.iter().map(|(_, offer)| *offer));
                self.shown[place] = Shown::of(&all[start..], self.shown[place].popularity);
            }
            starts[place + 1] =
                u32::try_from(all.len()).expect("a chunk has fewer than 2^32 offers");
            offers = others;
        }
        (self.offers, self.starts) = (all, starts);
    }

    /// Sets the popularity of a product that is visible.
    pub(super) fn set_popularity(&mut self, place: usize, popularity: f32) {
        self.shown[place].popularity = popularity;
    }

    /// Whether no product is visible.
    pub(super) fn is_empty(&self) -> bool {
        self.offers.is_empty()
    }

    /// How many offers there are in all.
    pub(super) fn offer_count(&self) -> usize {
        self.offers.len()
    }

    /// Grows by an eighth, not to the double: most chunks never grow again once they are filled.
    fn make_room(&mut self, more: usize) {
        if self.offers.capacity() - self.offers.len() < more {
            self.offers.reserve_exact(more + self.offers.len() / 8);
        }
    }
}

impl Default for Chunk {
    fn default() -> Self {
        Chunk {
            shown: vec![Shown::NOTHING; CHUNK_LENGTH].into(),
            starts: vec![0; CHUNK_LENGTH + 1].into(),
            offers: Vec::new(),
        }
    }
}

impl Shown {
    /// The summary of a product that is not visible.
    pub(crate) const NOTHING: Shown = Shown {
        minor: 0,
        seller: SellerId::new(0),
        cities: CitySet(0),
        popularity: 0.0,
        offers: 0,
        in_stock: false,
    };

    /// Whether the market shows the product.
    pub(crate) const fn is_visible(&self) -> bool {
        self.offers > 0
    }

    fn of(offers: &[Packed], popularity: f32) -> Shown {
        let Some(best) = best(offers, None) else {
            return Shown::NOTHING;
        };
        Shown {
            minor: best.minor(),
            seller: best.seller(),
            cities: CitySet(offers.iter().fold(0, |cities, offer| cities | offer.cities().0)),
            popularity,
            offers: u16::try_from(offers.len()).unwrap_or(u16::MAX),
            in_stock: best.has_stock(None),
        }
    }
}
