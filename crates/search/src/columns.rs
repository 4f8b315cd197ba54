//! What changes by the minute: offers and popularity, in arrays by market and ordinal.
//!
//! **Invariants**: copy-on-write in chunks, so that a clone is a snapshot and a change costs
//! microseconds; a product is visible in a market exactly when it has an offer here.

use std::sync::{Arc, LazyLock};

use smallvec::SmallVec;
use souk_base::{CitySet, MarketCode, Offer, Ordinal, SellerId, best_offer};
use tracing::warn;

/// Ordinals in a chunk: the unit that a change copies.
const CHUNK_LENGTH: usize = 1_024;
/// Largest ordinal that is taken. Ordinals are given out densely, so a larger one is a mistake, and the
/// way to it would have to be kept in memory.
const ORDINAL_MAX: u32 = 50_000_000;
/// The chunk without any product; it stands wherever no ordinal was ever set, and is there once.
static HOLE: LazyLock<Arc<Chunk>> = LazyLock::new(Arc::default);

/// What the columns hold of one product in one market.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ProductColumn {
    /// Every live offer; without one the product is not visible.
    pub offers: SmallVec<[Offer; 3]>,
    /// How much it is wanted here; larger is more.
    pub popularity: f32,
}

/// The live columns of every market. A clone is a snapshot.
#[derive(Clone, Debug, Default)]
pub struct Columns {
    markets: Vec<(MarketCode, Arc<MarketColumns>)>,
}

/// The columns of one market.
#[derive(Clone, Debug, Default)]
pub(crate) struct MarketColumns {
    chunks: Vec<Arc<Chunk>>,
}

/// The columns of [`CHUNK_LENGTH`] consecutive ordinals.
#[derive(Clone, Debug)]
struct Chunk {
    /// What a scan over many products reads, dense and without pointers.
    shown: Box<[Shown]>,
    columns: Box<[Option<ProductColumn>]>,
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
    /// As in [`ProductColumn`].
    pub(crate) popularity: f32,
    /// Offers there are; 0 when the product is not visible.
    pub(crate) offers: u16,
    /// Whether the best offer has a unit anywhere in the market.
    pub(crate) in_stock: bool,
}

impl Columns {
    /// Empty columns for these markets; others are unknown to it.
    #[must_use]
    pub fn new(markets: impl IntoIterator<Item = MarketCode>) -> Self {
        let markets = markets.into_iter().map(|market| (market, Arc::default())).collect();
        Columns { markets }
    }

    /// Sets a product's column; a market that was not given to [`Columns::new`] is added. An ordinal
    /// beyond 50 million is refused with a warning.
    pub fn set(&mut self, market: MarketCode, ordinal: Ordinal, product: ProductColumn) {
        let place = self.place(market).unwrap_or_else(|| {
            self.markets.push((market, Arc::default()));
            self.markets.len() - 1
        });
        Arc::make_mut(&mut self.markets[place].1).put(ordinal, Some(product));
    }

    /// Removes a product from every market.
    pub fn remove(&mut self, ordinal: Ordinal) {
        for (_, columns) in &mut self.markets {
            if columns.get(ordinal).is_some() {
                Arc::make_mut(columns).put(ordinal, None);
            }
        }
    }

    /// Removes a product from one market.
    pub fn remove_from(&mut self, market: MarketCode, ordinal: Ordinal) {
        if self.get(market, ordinal).is_some()
            && let Some(place) = self.place(market)
        {
            Arc::make_mut(&mut self.markets[place].1).put(ordinal, None);
        }
    }

    /// A product's column in a market.
    #[must_use]
    pub fn get(&self, market: MarketCode, ordinal: Ordinal) -> Option<ProductColumn> {
        self.markets[self.place(market)?].1.get(ordinal).cloned()
    }

    /// Every product with a column in a market, by ordinal.
    pub fn iter(&self, market: MarketCode) -> impl Iterator<Item = (Ordinal, ProductColumn)> {
        let chunks = self.place(market).map_or(&[][..], |place| &self.markets[place].1.chunks);
        let columns = chunks.iter().flat_map(|chunk| chunk.columns.iter());
        (0..)
            .map(Ordinal)
            .zip(columns)
            .filter_map(|(ordinal, column)| Some((ordinal, column.clone()?)))
    }

    /// Every market that has columns.
    pub fn markets(&self) -> impl Iterator<Item = MarketCode> {
        self.markets.iter().map(|&(market, _)| market)
    }

    /// The columns of a market; empty ones when there are none.
    pub(crate) fn market(&self, market: MarketCode) -> Arc<MarketColumns> {
        self.place(market).map(|place| Arc::clone(&self.markets[place].1)).unwrap_or_default()
    }

    fn place(&self, market: MarketCode) -> Option<usize> {
        self.markets.iter().position(|&(code, _)| code == market)
    }
}

impl MarketColumns {
    /// A product's column.
    pub(crate) fn get(&self, ordinal: Ordinal) -> Option<&ProductColumn> {
        let chunk = self.chunks.get(ordinal.index() / CHUNK_LENGTH)?;
        chunk.columns[ordinal.index() % CHUNK_LENGTH].as_ref()
    }

    /// The summary of a visible product.
    pub(crate) fn shown(&self, ordinal: Ordinal) -> Option<&Shown> {
        let chunk = self.chunks.get(ordinal.index() / CHUNK_LENGTH)?;
        let shown = &chunk.shown[ordinal.index() % CHUNK_LENGTH];
        (shown.offers > 0).then_some(shown)
    }

    /// Whether the product is visible and, when a city's place is given, can be bought there.
    pub(crate) fn is_found(&self, ordinal: Ordinal, city: Option<usize>) -> bool {
        self.shown(ordinal)
            .is_some_and(|shown| city.is_none_or(|place| shown.cities.contains(place)))
    }

    /// The offer a shopper is shown.
    pub(crate) fn best(&self, ordinal: Ordinal, city: Option<usize>) -> Option<Offer> {
        let offers = self.get(ordinal)?.offers.iter().copied();
        best_offer(offers, |offer| offer.has_stock(city))
    }

    fn put(&mut self, ordinal: Ordinal, column: Option<ProductColumn>) {
        if ordinal.0 > ORDINAL_MAX {
            warn!(ordinal = ordinal.0, max = ORDINAL_MAX, "a product's ordinal is out of range");
            return;
        }
        let (chunk, place) = (ordinal.index() / CHUNK_LENGTH, ordinal.index() % CHUNK_LENGTH);
        if chunk >= self.chunks.len() {
            self.chunks.resize(chunk + 1, Arc::clone(&HOLE));
        }
        let chunk = Arc::make_mut(&mut self.chunks[chunk]);
        chunk.shown[place] = column.as_ref().map_or(Shown::NOTHING, Shown::of);
        chunk.columns[place] = column;
    }
}

impl Default for Chunk {
    fn default() -> Self {
        Chunk {
            shown: vec![Shown::NOTHING; CHUNK_LENGTH].into(),
            columns: vec![None; CHUNK_LENGTH].into(),
        }
    }
}

impl Shown {
    /// The summary of a product that is not visible.
    const NOTHING: Shown = Shown {
        minor: 0,
        seller: SellerId::new(0),
        cities: CitySet(0),
        popularity: 0.0,
        offers: 0,
        in_stock: false,
    };

    fn of(column: &ProductColumn) -> Shown {
        let offers = column.offers.iter().copied();
        let Some(best) = best_offer(offers, |offer| offer.stock > 0) else {
            return Shown::NOTHING;
        };
        Shown {
            minor: best.minor,
            seller: best.seller_id,
            cities: CitySet(column.offers.iter().fold(0, |cities, offer| cities | offer.cities.0)),
            popularity: column.popularity,
            offers: u16::try_from(column.offers.len()).unwrap_or(u16::MAX),
            in_stock: best.stock > 0,
        }
    }
}

#[cfg(test)]
mod tests {
    use smallvec::smallvec;
    use souk_base::{OfferId, VariantId};

    use super::*;

    fn market() -> MarketCode {
        "KW".parse().unwrap()
    }

    fn column(minor: i64) -> ProductColumn {
        let offer = Offer {
            id: OfferId::new(1),
            variant_id: VariantId::new(1),
            seller_id: SellerId::new(1),
            minor,
            list_minor: None,
            stock: 1,
            cities: CitySet(1),
            preparation_minutes: 0,
            until: None,
        };
        ProductColumn { offers: smallvec![offer], popularity: 0.0 }
    }

    #[test]
    fn a_clone_is_a_snapshot_that_later_changes_do_not_reach() {
        let mut columns = Columns::new([market()]);
        columns.set(market(), Ordinal(5_000), column(100));
        let before = columns.clone();

        columns.set(market(), Ordinal(5_000), column(200));
        columns.set(market(), Ordinal(5_001), column(300));

        assert_eq!(before.get(market(), Ordinal(5_000)), Some(column(100)));
        assert_eq!(before.get(market(), Ordinal(5_001)), None);
        assert_eq!(columns.market(market()).shown(Ordinal(5_000)).unwrap().minor, 200);
    }

    #[test]
    fn a_removed_product_is_gone_from_every_market_and_iteration_is_by_ordinal() {
        let other: MarketCode = "GB".parse().unwrap();
        let mut columns = Columns::new([market(), other]);
        for ordinal in [2_000, 7, 1_023, 1_024] {
            columns.set(market(), Ordinal(ordinal), column(1));
            columns.set(other, Ordinal(ordinal), column(2));
        }

        columns.remove(Ordinal(1_024));

        let left: Vec<_> = columns.iter(other).map(|(ordinal, _)| ordinal.0).collect();
        assert_eq!(left, [7, 1_023, 2_000]);
        assert!(columns.get(market(), Ordinal(1_024)).is_none());
    }

    #[test]
    fn holes_between_ordinals_share_one_chunk() {
        let mut columns = Columns::new([market()]);

        columns.set(market(), Ordinal(100_000), column(1));
        columns.set(market(), Ordinal(3), column(2));

        let market_columns = columns.market(market());
        let holes = market_columns.chunks.iter().filter(|chunk| Arc::ptr_eq(chunk, &HOLE)).count();
        assert_eq!((holes, market_columns.chunks.len()), (96, 98));
        let set: Vec<_> = columns.iter(market()).map(|(ordinal, _)| ordinal.0).collect();
        assert_eq!(set, [3, 100_000]);
    }

    #[test]
    fn an_ordinal_out_of_range_is_refused_and_takes_no_memory() {
        let mut columns = Columns::new([market()]);

        columns.set(market(), Ordinal(u32::MAX), column(1));

        assert_eq!(columns.get(market(), Ordinal(u32::MAX)), None);
        assert!(columns.market(market()).chunks.is_empty());
    }

    #[test]
    fn a_product_without_offers_is_not_visible() {
        let mut columns = Columns::new([market()]);
        columns.set(market(), Ordinal(0), ProductColumn { popularity: 3.0, ..Default::default() });

        assert!(columns.market(market()).shown(Ordinal(0)).is_none());
        assert_eq!(columns.get(market(), Ordinal(0)).unwrap().popularity, 3.0);
    }
}
