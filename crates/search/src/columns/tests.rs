//! Columns against what they should be: a map from market and ordinal to offers.

use std::collections::BTreeMap;

use proptest::collection::vec;
use proptest::prelude::{Just, Strategy, any, prop_oneof, proptest};
use proptest::test_runner::Config;
use smallvec::smallvec;
use souk_base::{CitySet, SellerId, VariantId, best_offer};

use super::*;

fn market() -> MarketCode {
    "KW".parse().unwrap()
}

fn other() -> MarketCode {
    "GB".parse().unwrap()
}

fn offer(id: i64, minor: i64) -> Offer {
    Offer {
        id: OfferId::new(id),
        variant_id: VariantId::new(1),
        seller_id: SellerId::new(1),
        minor,
        list_minor: None,
        stock: 1,
        cities: CitySet(1),
        preparation_minutes: 0,
        until: None,
    }
}

fn column(minor: i64) -> ProductColumn {
    ProductColumn { offers: smallvec![offer(1, minor)], popularity: 0.0 }
}

#[test]
fn a_clone_is_a_snapshot_that_later_changes_do_not_reach() {
    let mut columns = Columns::new([market()]);
    columns.set(market(), Ordinal(5_000), column(100));
    columns.set_product(Ordinal(5_000), Some(ProductId::new(1)));
    let before = columns.clone();

    columns.set(market(), Ordinal(5_000), column(200));
    columns.set(market(), Ordinal(5_001), column(300));
    columns.set_product(Ordinal(5_000), None);

    assert_eq!(before.get(market(), Ordinal(5_000)), Some(column(100)));
    assert_eq!(before.get(market(), Ordinal(5_001)), None);
    assert_eq!(before.product(Ordinal(5_000)), Some(ProductId::new(1)));
    assert_eq!(columns.market(market()).shown(Ordinal(5_000)).unwrap().minor, 200);
}

#[test]
fn a_change_copies_one_chunk_and_shares_all_others() {
    let mut columns = Columns::new([market()]);
    (0..2_000).for_each(|ordinal| columns.set(market(), Ordinal(ordinal), column(1)));
    let before = columns.clone();

    columns.set_offer(market(), Ordinal(600), offer(2, 5));

    let (before, after) = (before.market(market()), columns.market(market()));
    let shared = before.chunks.iter().zip(&after.chunks).map(|(one, next)| Arc::ptr_eq(one, next));
    assert_eq!(shared.collect::<Vec<_>>(), [true, false, true, true]);
}

#[test]
fn a_removed_product_is_gone_from_every_market_and_iteration_is_by_ordinal() {
    let mut columns = Columns::new([market(), other()]);
    for ordinal in [2_000, 7, 511, 512] {
        columns.set(market(), Ordinal(ordinal), column(1));
        columns.set(other(), Ordinal(ordinal), column(2));
    }

    columns.remove(Ordinal(512));

    let left: Vec<_> = columns.iter(other()).map(|(ordinal, _)| ordinal.0).collect();
    assert_eq!(left, [7, 511, 2_000]);
    assert!(columns.get(market(), Ordinal(512)).is_none());
}

#[test]
fn holes_between_ordinals_share_one_chunk() {
    let mut columns = Columns::new([market()]);

    columns.set(market(), Ordinal(100_000), column(1));
    columns.set(market(), Ordinal(3), column(2));

    let market_columns = columns.market(market());
    let holes = market_columns.chunks.iter().filter(|chunk| Arc::ptr_eq(chunk, &HOLE)).count();
    assert_eq!((holes, market_columns.chunks.len()), (194, 196));
    let set: Vec<_> = columns.iter(market()).map(|(ordinal, _)| ordinal.0).collect();
    assert_eq!(set, [3, 100_000]);
}

#[test]
fn an_ordinal_out_of_range_is_refused_and_takes_no_memory() {
    let mut columns = Columns::new([market()]);

    columns.set(market(), Ordinal(u32::MAX), column(1));
    columns.set_offer(market(), Ordinal(u32::MAX), offer(1, 1));
    columns.set_product(Ordinal(u32::MAX), Some(ProductId::new(1)));
    columns.set_popularity(market(), Ordinal(u32::MAX), 1.0);

    assert_eq!(columns.get(market(), Ordinal(u32::MAX)), None);
    assert_eq!(columns.product(Ordinal(u32::MAX)), None);
    assert!(columns.market(market()).chunks.is_empty());
}

#[test]
fn a_product_without_offers_is_not_visible_and_takes_no_popularity() {
    let mut columns = Columns::new([market()]);

    columns.set(market(), Ordinal(0), ProductColumn { popularity: 3.0, ..Default::default() });
    columns.set_popularity(market(), Ordinal(0), 3.0);
    assert_eq!(columns.get(market(), Ordinal(0)), None);

    columns.set_offer(market(), Ordinal(0), offer(4, 1));
    assert_eq!(columns.get(market(), Ordinal(0)).unwrap().popularity, 0.0);
    assert_eq!(columns.remove_offer(Ordinal(0), OfferId::new(4)), Some(market()));
    assert_eq!(columns.get(market(), Ordinal(0)), None);
}

#[test]
fn an_offer_that_does_not_fit_is_left_out_and_takes_its_older_self_along() {
    let mut columns = Columns::new([market()]);
    let dear = Offer { minor: 1 << 50, ..offer(2, 1) };

    columns.set(
        market(),
        Ordinal(0),
        ProductColumn { offers: smallvec![offer(1, 9), dear], popularity: 2.0 },
    );
    columns.set_offer(market(), Ordinal(0), offer(3, 7));
    columns.set_offer(market(), Ordinal(0), Offer { minor: 1 << 50, ..offer(3, 1) });

    let held = columns.get(market(), Ordinal(0)).unwrap();
    assert_eq!(held, ProductColumn { offers: smallvec![offer(1, 9)], popularity: 2.0 });
}

/// What can be done to columns.
#[derive(Clone, Debug)]
enum Change {
    Set(MarketCode, u32, Vec<Offer>, f32),
    SetMany(MarketCode, Vec<(u32, Offer)>),
    SetOffer(MarketCode, u32, Offer),
    RemoveOffer(u32, i64),
    SetPopularity(MarketCode, u32, f32),
    Remove(u32),
    RemoveFrom(MarketCode, u32),
    SetProduct(u32, Option<i64>),
}

/// Columns as they would be if memory and time did not matter.
#[derive(Clone, Debug, Default, PartialEq)]
struct Naive {
    shown: BTreeMap<(MarketCode, u32), (BTreeMap<OfferId, Offer>, f32)>,
    products: BTreeMap<u32, i64>,
}

fn changes() -> impl Strategy<Value = Vec<Change>> {
    let market = || prop_oneof![Just(market()), Just(other())];
    let ordinal = || prop_oneof![0..4_u32, 510..515_u32, Just(3_000_u32)];
    let offers = || {
        (1..7_i64, 0..4_i64, 0..2_u32)
            .prop_map(|(id, minor, stock)| Offer { stock, ..offer(id, minor) })
    };
    let change = prop_oneof![
        (market(), ordinal(), vec(offers(), 0..5), 0..3_u8).prop_map(
            |(market, at, offers, wanted)| Change::Set(market, at, offers, wanted.into())
        ),
        (market(), vec((ordinal(), offers()), 0..12))
            .prop_map(|(market, offers)| Change::SetMany(market, offers)),
        (market(), ordinal(), offers())
            .prop_map(|(market, at, offer)| Change::SetOffer(market, at, offer)),
        (ordinal(), 1..7_i64).prop_map(|(at, id)| Change::RemoveOffer(at, id)),
        (market(), ordinal(), any::<f32>())
            .prop_map(|(market, at, wanted)| Change::SetPopularity(market, at, wanted)),
        ordinal().prop_map(Change::Remove),
        (market(), ordinal()).prop_map(|(market, at)| Change::RemoveFrom(market, at)),
        (ordinal(), any::<Option<u32>>())
            .prop_map(|(at, product)| Change::SetProduct(at, product.map(i64::from))),
    ];
    vec(change, 0..60)
}

impl Naive {
    fn change(&mut self, change: &Change) {
        match *change {
            Change::Set(market, at, ref offers, wanted) => {
                let mut kept = BTreeMap::new();
                offers.iter().for_each(|&offer| _ = kept.entry(offer.id).or_insert(offer));
                self.shown.insert((market, at), (kept, wanted));
            }
            Change::SetMany(market, ref offers) => {
                let mut kept: BTreeMap<u32, BTreeMap<OfferId, Offer>> = BTreeMap::new();
                for &(at, offer) in offers {
                    kept.entry(at).or_default().entry(offer.id).or_insert(offer);
                }
                for (at, offers) in kept {
                    self.shown.entry((market, at)).or_default().0 = offers;
                }
            }
            Change::SetOffer(market, at, offer) => {
                self.shown.entry((market, at)).or_default().0.insert(offer.id, offer);
            }
            Change::RemoveOffer(at, id) => {
                // Markets are looked through in the order they were added.
                for market in [market(), other()] {
                    let held = self.shown.get_mut(&(market, at));
                    if held.is_some_and(|held| held.0.remove(&OfferId::new(id)).is_some()) {
                        break;
                    }
                }
            }
            Change::SetPopularity(market, at, wanted) => {
                if let Some(held) = self.shown.get_mut(&(market, at)) {
                    held.1 = wanted;
                }
            }
            Change::Remove(at) => self.shown.retain(|&(_, ordinal), _| ordinal != at),
            Change::RemoveFrom(market, at) => _ = self.shown.remove(&(market, at)),
            Change::SetProduct(at, Some(product)) => _ = self.products.insert(at, product),
            Change::SetProduct(at, None) => _ = self.products.remove(&at),
        }
        self.shown.retain(|_, held| !held.0.is_empty());
    }

    fn of(columns: &Columns) -> Naive {
        let mut naive = Naive::default();
        for market in columns.markets() {
            for (ordinal, column) in columns.iter(market) {
                assert_eq!(columns.get(market, ordinal).as_ref(), Some(&column));
                let offers = column.offers.iter().map(|&offer| (offer.id, offer)).collect();
                naive.shown.insert((market, ordinal.0), (offers, column.popularity));
            }
        }
        naive.products = columns.products().map(|(at, product)| (at.0, product.get())).collect();
        naive
    }
}

fn apply(columns: &mut Columns, change: &Change) {
    match *change {
        Change::Set(market, at, ref offers, popularity) => {
            let product = ProductColumn { offers: SmallVec::from_slice(offers), popularity };
            columns.set(market, Ordinal(at), product);
        }
        Change::SetMany(market, ref offers) => {
            let offers = offers.iter().map(|(at, offer)| (Ordinal(*at), offer));
            columns.set_many(market, offers);
        }
        Change::SetOffer(market, at, offer) => columns.set_offer(market, Ordinal(at), offer),
        Change::RemoveOffer(at, id) => _ = columns.remove_offer(Ordinal(at), OfferId::new(id)),
        Change::SetPopularity(market, at, wanted) => {
            columns.set_popularity(market, Ordinal(at), wanted);
        }
        Change::Remove(at) => columns.remove(Ordinal(at)),
        Change::RemoveFrom(market, at) => columns.remove_from(market, Ordinal(at)),
        Change::SetProduct(at, product) => {
            columns.set_product(Ordinal(at), product.map(ProductId::new));
        }
    }
}

fn file(columns: &Columns, stamp: &str) -> Vec<u8> {
    let mut file = Vec::new();
    columns.write(stamp, &mut file).unwrap();
    file
}

/// Every summary says what the offers behind it say.
fn assert_summaries_are_true(columns: &Columns) {
    for market in columns.markets() {
        let held = columns.market(market);
        for (ordinal, column) in columns.iter(market) {
            let shown = held.shown(ordinal).unwrap();
            let best = best_offer(column.offers.iter().copied(), |it| it.stock > 0).unwrap();
            assert_eq!((shown.minor, shown.seller), (best.minor, best.seller_id));
            assert_eq!(usize::from(shown.offers), column.offers.len());
            assert_eq!(shown.in_stock, best.stock > 0);
            assert_eq!(held.best(ordinal, None), Some(best));
        }
    }
}

proptest! {
    #![proptest_config(Config { cases: 200, ..Config::default() })]

    #[test]
    fn columns_are_a_map_whose_clones_stand_still(changes in changes(), halfway in 0..60_usize) {
        let (mut columns, mut naive) = (Columns::new([market(), other()]), Naive::default());
        let (mut snapshot, mut then) = (columns.clone(), naive.clone());
        for (place, change) in changes.iter().enumerate() {
            apply(&mut columns, change);
            naive.change(change);
            if place == halfway {
                (snapshot, then) = (columns.clone(), naive.clone());
            }
        }

        assert_eq!(Naive::of(&columns), naive);
        assert_eq!(Naive::of(&snapshot), then);
        assert_summaries_are_true(&columns);
    }

    #[test]
    fn columns_come_back_from_their_file(changes in changes(), stamp in any::<String>()) {
        let mut columns = Columns::new([market(), other()]);
        changes.iter().for_each(|change| apply(&mut columns, change));
        let file = file(&columns, &stamp);

        let (read_stamp, read) = Columns::read(&file[..]).unwrap();

        assert_eq!(read_stamp, stamp);
        assert_eq!(Naive::of(&read), Naive::of(&columns));
        assert!(read.markets().eq(columns.markets()));
        assert_summaries_are_true(&read);
    }

    #[test]
    fn a_file_that_was_damaged_anywhere_is_refused(
        changes in changes(), place in any::<proptest::sample::Index>(), other in 1..=255_u8
    ) {
        let mut columns = Columns::default();
        changes.iter().for_each(|change| apply(&mut columns, change));
        let whole = file(&columns, "stamp");
        let place = place.index(whole.len());
        let mut flipped = whole.clone();
        flipped[place] ^= other;
        let longer = [&whole[..], &[other]].concat();

        for damaged in [&whole[..place], &flipped, &longer] {
            assert_eq!(Columns::read(damaged).unwrap_err().code(), "columns_damaged");
        }
    }

    #[test]
    fn no_bytes_at_all_make_the_reader_panic(
        bytes in vec(any::<u8>(), 0..3_000), sections in vec((0..7_u32, vec(any::<u8>(), 0..40)), 0..6)
    ) {
        assert!(Columns::read(&bytes[..]).is_err());
        // The same with a right beginning and checksums, as no accident makes them.
        let mut forged = file(&Columns::default(), "")[..24].to_vec();
        for (kind, payload) in sections {
            let length = u32::try_from(payload.len()).unwrap();
            let section = [&kind.to_le_bytes()[..], &length.to_le_bytes(), &payload].concat();
            forged.extend(&section);
            forged.extend(crc32fast::hash(&section).to_le_bytes());
        }
        _ = Columns::read(&forged[..]);
        let promise = [&forged[..], &[4, 0, 0, 0, 255, 255, 255, 255], &bytes].concat();
        assert!(Columns::read(&promise[..]).is_err());
    }
}
