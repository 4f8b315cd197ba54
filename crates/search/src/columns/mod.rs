//! What changes by the minute: offers and popularity, in arrays by market and ordinal.
//!
//! **Invariants**: copy-on-write in chunks, so that a clone is a snapshot and a change costs
//! microseconds; a product is visible in a market exactly when it has an offer here; its offers are in
//! order of their ids, each id once.
//!
//! An offer takes 40 bytes. Ids of offers, variants and sellers from 2^32 on, prices from 2^40 - 1 minor
//! units on and last days outside 2000-01-02 to 2179-06-06 do not fit: such an offer is left out and an
//! error is logged that names it.

mod chunk;
mod file;
mod packed;
mod products;
#[cfg(test)]
mod tests;

use std::sync::{Arc, LazyLock};

use smallvec::SmallVec;
use souk_base::{MarketCode, Offer, OfferId, Ordinal, ProductId};
use tracing::{error, warn};

use chunk::{CHUNK_LENGTH, Chunk};
use packed::{Packed, best};
use products::Products;

pub(crate) use chunk::Shown;

/// Largest ordinal that is taken. Ordinals are given out densely, so a larger one is a mistake, and the
/// way to it would have to be kept in memory.
const ORDINAL_MAX: u32 = 50_000_000;
/// The chunk without any product; it stands wherever no ordinal was ever set, and is there once.
static HOLE: LazyLock<Arc<Chunk>> = LazyLock::new(Arc::default);

/// What the columns hold of one product in one market.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ProductColumn {
    /// Every live offer, by id; without one the product is not visible.
    pub offers: SmallVec<[Offer; 3]>,
    /// How much it is wanted here; larger is more.
    pub popularity: f32,
}

/// The live columns of every market, and which product holds which ordinal. A clone is a snapshot.
#[derive(Clone, Debug, Default)]
pub struct Columns {
    markets: Vec<(MarketCode, Arc<MarketColumns>)>,
    products: Products,
}

/// The columns of one market.
#[derive(Clone, Debug, Default)]
pub(crate) struct MarketColumns {
    chunks: Vec<Arc<Chunk>>,
}

/// The packed offers of one product.
type Offers = SmallVec<[Packed; 4]>;

impl Columns {
    /// Empty columns for these markets; others are unknown to it.
    #[must_use]
    pub fn new(markets: impl IntoIterator<Item = MarketCode>) -> Self {
        let markets = markets.into_iter().map(|market| (market, Arc::default())).collect();
        Columns { markets, products: Products::default() }
    }

    /// Sets a product's column; a market that was not given to [`Columns::new`] is added. An ordinal
    /// beyond 50 million is refused with a warning, an offer that does not fit is left out.
    pub fn set(&mut self, market: MarketCode, ordinal: Ordinal, product: ProductColumn) {
        if !is_in_range(ordinal) {
            return;
        }
        let pack = |offer| pack(market, ordinal, &offer);
        let mut offers: Offers = product.offers.into_iter().filter_map(pack).collect();
        offers.sort_by_key(Packed::id);
        offers.dedup_by_key(|offer| offer.id());
        self.change(market).put(ordinal, &offers, product.popularity);
    }

    /// Puts these offers, in any order, in the place of all that their products have in a market; how popular those are
    /// stays as it was. What does not fit or is out of range is left out as by [`Columns::set`]. Each chunk is written
    /// once, so this is for very many products.
    pub fn set_many<'o>(
        &mut self,
        market: MarketCode,
        offers: impl Iterator<Item = (Ordinal, &'o Offer)>,
    ) {
        let in_range = offers.filter(|&(ordinal, _)| is_in_range(ordinal));
        let pack = |(ordinal, offer)| Some((ordinal, pack(market, ordinal, offer)?));
        let mut packed: Vec<(Ordinal, Packed)> = in_range.filter_map(pack).collect();
        packed.sort_by_key(|(ordinal, offer)| (*ordinal, offer.id()));
        packed.dedup_by_key(|(ordinal, offer)| (*ordinal, offer.id()));
        let columns = self.change(market);
        let chunk = |ordinal: Ordinal| ordinal.index() / CHUNK_LENGTH;
        for offers in packed.chunk_by(|(one, _), (next, _)| chunk(*one) == chunk(*next)) {
            columns.chunk(offers[0].0).set_many(offers);
        }
    }

    /// Adds an offer of a product, or puts it in place of the one with its id; the product is visible
    /// from then on. One that does not fit is left out, and so is what it was before.
    pub fn set_offer(&mut self, market: MarketCode, ordinal: Ordinal, offer: Offer) {
        if !is_in_range(ordinal) {
            return;
        }
        let Some(packed) = pack(market, ordinal, &offer) else {
            self.remove_offer_from(market, ordinal, offer.id);
            return;
        };
        let columns = self.change(market);
        let mut offers = Offers::from_slice(columns.packed(ordinal));
        match offers.binary_search_by_key(&offer.id, Packed::id) {
            Ok(place) => offers[place] = packed,
            Err(place) => offers.insert(place, packed),
        }
        let popularity = columns.shown(ordinal).map_or(0.0, |shown| shown.popularity);
        columns.put(ordinal, &offers, popularity);
    }

    /// Removes an offer of a product from the market that has it, and says which that was. A product is
    /// not visible without its last one.
    pub fn remove_offer(&mut self, ordinal: Ordinal, offer: OfferId) -> Option<MarketCode> {
        let has = |columns: &MarketColumns| columns.offer_place(ordinal, offer).is_some();
        let &(market, _) = self.markets.iter().find(|(_, columns)| has(columns))?;
        self.remove_offer_from(market, ordinal, offer);
        Some(market)
    }

    /// Sets how much a product is wanted in a market; where it is not visible there is nothing to set.
    pub fn set_popularity(&mut self, market: MarketCode, ordinal: Ordinal, popularity: f32) {
        let shown = self.place(market).and_then(|place| self.markets[place].1.shown(ordinal));
        if shown.is_some_and(|shown| shown.popularity.to_bits() != popularity.to_bits()) {
            self.change(market).chunk(ordinal).set_popularity(place_in_chunk(ordinal), popularity);
        }
    }

    /// Removes a product from every market.
    pub fn remove(&mut self, ordinal: Ordinal) {
        for (_, columns) in &mut self.markets {
            if columns.shown(ordinal).is_some() {
                Arc::make_mut(columns).put(ordinal, &[], 0.0);
            }
        }
    }

    /// Removes a product from one market.
    pub fn remove_from(&mut self, market: MarketCode, ordinal: Ordinal) {
        if self.place(market).is_some_and(|place| self.markets[place].1.shown(ordinal).is_some()) {
            self.change(market).put(ordinal, &[], 0.0);
        }
    }

    /// A product's column in a market, when it is visible there.
    #[must_use]
    pub fn get(&self, market: MarketCode, ordinal: Ordinal) -> Option<ProductColumn> {
        self.markets[self.place(market)?].1.get(ordinal)
    }

    /// Whether a market shows a product.
    #[must_use]
    pub fn is_shown(&self, market: MarketCode, ordinal: Ordinal) -> bool {
        self.place(market).is_some_and(|place| self.markets[place].1.shown(ordinal).is_some())
    }

    /// Every product that is visible in a market, by ordinal.
    pub fn iter(&self, market: MarketCode) -> impl Iterator<Item = (Ordinal, ProductColumn)> {
        self.place(market).into_iter().flat_map(|place| self.markets[place].1.iter())
    }

    /// Every market that has columns.
    pub fn markets(&self) -> impl Iterator<Item = MarketCode> {
        self.markets.iter().map(|&(market, _)| market)
    }

    /// The product that holds an ordinal.
    #[must_use]
    pub fn product(&self, ordinal: Ordinal) -> Option<ProductId> {
        self.products.get(ordinal)
    }

    /// Sets which product holds an ordinal. Visibility is another matter: that is a question of offers.
    /// An ordinal beyond 50 million is refused with a warning.
    pub fn set_product(&mut self, ordinal: Ordinal, product: Option<ProductId>) {
        if is_in_range(ordinal) {
            self.products.set(ordinal, product);
        }
    }

    /// Every ordinal that a product holds, in order.
    pub fn products(&self) -> impl Iterator<Item = (Ordinal, ProductId)> {
        self.products.iter()
    }

    /// The columns of a market; empty ones when there are none.
    pub(crate) fn market(&self, market: MarketCode) -> Arc<MarketColumns> {
        self.place(market).map(|place| Arc::clone(&self.markets[place].1)).unwrap_or_default()
    }

    fn remove_offer_from(&mut self, market: MarketCode, ordinal: Ordinal, offer: OfferId) {
        let held = self.place(market).map(|place| &self.markets[place].1);
        let Some(place) = held.and_then(|held| held.offer_place(ordinal, offer)) else {
            return;
        };
        let columns = self.change(market);
        let mut offers = Offers::from_slice(columns.packed(ordinal));
        offers.remove(place);
        let popularity = columns.shown(ordinal).map_or(0.0, |shown| shown.popularity);
        columns.put(ordinal, &offers, popularity);
    }

    fn place(&self, market: MarketCode) -> Option<usize> {
        self.markets.iter().position(|&(code, _)| code == market)
    }

    /// The columns of a market to write into, added where there are none.
    fn change(&mut self, market: MarketCode) -> &mut MarketColumns {
        let place = self.place(market).unwrap_or_else(|| self.add(market));
        Arc::make_mut(&mut self.markets[place].1)
    }

    fn add(&mut self, market: MarketCode) -> usize {
        self.markets.push((market, Arc::default()));
        self.markets.len() - 1
    }
}

impl MarketColumns {
    /// A product's column.
    pub(crate) fn get(&self, ordinal: Ordinal) -> Option<ProductColumn> {
        let popularity = self.shown(ordinal)?.popularity;
        Some(ProductColumn { offers: self.offers(ordinal).collect(), popularity })
    }

    /// A product's offers, by id.
    pub(crate) fn offers(&self, ordinal: Ordinal) -> impl Iterator<Item = Offer> {
        self.packed(ordinal).iter().map(Packed::offer)
    }

    /// The summary of a visible product.
    pub(crate) fn shown(&self, ordinal: Ordinal) -> Option<&Shown> {
        self.chunks.get(ordinal.index() / CHUNK_LENGTH)?.shown(place_in_chunk(ordinal))
    }

    /// The summary of a product, visible or not.
    pub(crate) fn summary(&self, ordinal: Ordinal) -> Shown {
        let chunk = self.chunks.get(ordinal.index() / CHUNK_LENGTH);
        chunk.map_or(Shown::NOTHING, |chunk| chunk.summary(place_in_chunk(ordinal)))
    }

    /// Whether the product is visible and, when a city's place is given, can be bought there.
    pub(crate) fn is_found(&self, ordinal: Ordinal, city: Option<usize>) -> bool {
        self.shown(ordinal)
            .is_some_and(|shown| city.is_none_or(|place| shown.cities.contains(place)))
    }

    /// The offer a shopper is shown.
    pub(crate) fn best(&self, ordinal: Ordinal, city: Option<usize>) -> Option<Offer> {
        best(self.packed(ordinal), city).map(Packed::offer)
    }

    fn packed(&self, ordinal: Ordinal) -> &[Packed] {
        let chunk = self.chunks.get(ordinal.index() / CHUNK_LENGTH);
        chunk.map_or(&[], |chunk| chunk.offers(place_in_chunk(ordinal)))
    }

    fn offer_place(&self, ordinal: Ordinal, offer: OfferId) -> Option<usize> {
        self.packed(ordinal).binary_search_by_key(&offer, Packed::id).ok()
    }

    fn iter(&self) -> impl Iterator<Item = (Ordinal, ProductColumn)> {
        let filled = (0_u32..).zip(&self.chunks).filter(|(_, chunk)| !chunk.is_empty());
        let length = u32::try_from(CHUNK_LENGTH).expect("a chunk is short");
        let ordinals = filled.flat_map(move |(chunk, _)| chunk * length..(chunk + 1) * length);
        ordinals.map(Ordinal).filter_map(|ordinal| Some((ordinal, self.get(ordinal)?)))
    }

    fn put(&mut self, ordinal: Ordinal, offers: &[Packed], popularity: f32) {
        if !offers.is_empty() || self.shown(ordinal).is_some() {
            self.chunk(ordinal).set(place_in_chunk(ordinal), offers, popularity);
        }
    }

    fn put_chunk(&mut self, place: usize, chunk: Chunk) {
        if place >= self.chunks.len() {
            self.chunks.resize(place + 1, Arc::clone(&HOLE));
        }
        self.chunks[place] = Arc::new(chunk);
    }

    /// The chunk of an ordinal in range, to write into.
    fn chunk(&mut self, ordinal: Ordinal) -> &mut Chunk {
        let chunk = ordinal.index() / CHUNK_LENGTH;
        if chunk >= self.chunks.len() {
            self.chunks.resize(chunk + 1, Arc::clone(&HOLE));
        }
        Arc::make_mut(&mut self.chunks[chunk])
    }
}

fn place_in_chunk(ordinal: Ordinal) -> usize {
    ordinal.index() % CHUNK_LENGTH
}

fn is_in_range(ordinal: Ordinal) -> bool {
    if ordinal.0 > ORDINAL_MAX {
        warn!(ordinal = ordinal.0, max = ORDINAL_MAX, "a product's ordinal is out of range");
    }
    ordinal.0 <= ORDINAL_MAX
}

/// The offer packed; one that does not fit is reported and left out.
fn pack(market: MarketCode, ordinal: Ordinal, offer: &Offer) -> Option<Packed> {
    let refuse = |part: &&str| {
        let (id, ordinal) = (offer.id.get(), ordinal.0);
        error!(%market, ordinal, offer = id, "an offer is not shown: its {part} does not fit");
    };
    Packed::pack(offer).inspect_err(refuse).ok()
}
