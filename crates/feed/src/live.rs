//! The columns as the feed writes them: whole products or single offers, re-read by key.
//!
//! **Invariant**: an entry stands at the ordinal of the product that holds it, and nowhere else, though an
//! ordinal may pass from one product to another.

use std::collections::{BTreeSet, HashMap, HashSet};

use souk_base::{CitySet, MarketCode, Offer, OfferId, Ordinal, ProductId, Tables};
use souk_commerce::offers::{self, LiveOffer};
use souk_search::{Columns, ProductColumn};
use sqlx::PgConnection;

use crate::project::BATCH_LENGTH;
use crate::{Result, load};

/// Offers read by one statement.
const OFFERS_LENGTH: usize = 4_000;

/// The columns as the feed writes them, and which product has which place in them.
#[derive(Default)]
pub(crate) struct Live {
    /// What a View shows; a clone is cheap.
    pub(crate) columns: Columns,
    ordinals: HashMap<ProductId, Ordinal>,
}

/// The column entries of some products, as PostgreSQL has them now.
#[derive(Debug, Default)]
pub(crate) struct Entries {
    /// What each market shows.
    pub(crate) columns: HashMap<(MarketCode, Ordinal), ProductColumn>,
    /// The ordinals of the products that are shown anywhere.
    pub(crate) ordinals: HashMap<ProductId, Ordinal>,
}

/// Reads the column entries of these products.
pub(crate) async fn entries(
    connection: &mut PgConnection,
    tables: &Tables,
    ids: &[ProductId],
) -> Result<Entries> {
    let mut entries = Entries::default();
    for live in offers::live(connection, ids).await? {
        entries.ordinals.insert(live.product_id, live.ordinal);
        let entry = entries.columns.entry((live.market, live.ordinal)).or_default();
        entry.offers.push(offer(&live, tables));
    }
    for (product, market, score) in offers::popularity(connection, ids).await? {
        let ordinal = entries.ordinals.get(&product);
        if let Some(entry) = ordinal.and_then(|&it| entries.columns.get_mut(&(market, it))) {
            entry.popularity = score;
        }
    }
    Ok(entries)
}

fn offer(live: &LiveOffer, tables: &Tables) -> Offer {
    let mut cities = CitySet::default();
    let market = tables.market(live.market);
    for city in live.cities.iter().filter(|city| city.stock > 0) {
        if let Some(place) = market.and_then(|market| market.city_place(city.city_id)) {
            cities.insert(place);
        }
    }
    Offer {
        id: live.id,
        variant_id: live.variant_id,
        seller_id: live.seller_id,
        minor: live.minor,
        list_minor: live.list_minor,
        // More than this never matters, and less than none is none.
        stock: u32::try_from(live.stock.max(0)).unwrap_or(u32::MAX),
        cities,
        preparation_minutes: u32::try_from(live.preparation_minutes).unwrap_or_default(),
        until: live.deliverable_until,
    }
}

impl Live {
    /// Columns that were saved.
    pub(crate) fn of(columns: Columns) -> Live {
        let ordinals = columns.products().map(|(ordinal, product)| (product, ordinal)).collect();
        Live { columns, ordinals }
    }

    /// Every column, read anew.
    pub(crate) async fn load(connection: &mut PgConnection, tables: &Tables) -> Result<Live> {
        Ok(Live::of(load::columns(connection, tables).await?))
    }

    /// Reads these products again, with all of their offers.
    pub(crate) async fn read(
        &mut self,
        connection: &mut PgConnection,
        tables: &Tables,
        ids: &[ProductId],
    ) -> Result<()> {
        for ids in ids.chunks(BATCH_LENGTH) {
            self.replace(ids, entries(connection, tables, ids).await?, tables);
        }
        Ok(())
    }

    /// Reads these offers again; where that is not enough, the whole product.
    pub(crate) async fn read_offers(
        &mut self,
        connection: &mut PgConnection,
        tables: &Tables,
        named: &[(ProductId, OfferId)],
    ) -> Result<()> {
        let mut whole = BTreeSet::new();
        for named in named.chunks(OFFERS_LENGTH) {
            let ids: Vec<OfferId> = named.iter().map(|&(_, offer)| offer).collect();
            let live = offers::live_among(connection, &ids).await?;
            whole.extend(self.replace_offers(named, live, tables));
        }
        let whole: Vec<ProductId> = whole.into_iter().collect();
        self.read(connection, tables, &whole).await
    }

    /// Reads the popularity of these products again.
    pub(crate) async fn read_popularity(
        &mut self,
        connection: &mut PgConnection,
        tables: &Tables,
        ids: &[ProductId],
    ) -> Result<()> {
        for ids in ids.chunks(BATCH_LENGTH) {
            let scores = offers::popularity(connection, ids).await?;
            let scores: HashMap<(ProductId, MarketCode), f32> = scores
                .into_iter()
                .map(|(product, market, score)| ((product, market), score))
                .collect();
            for &id in ids {
                let Some(&ordinal) = self.ordinals.get(&id) else { continue };
                for market in &tables.markets {
                    let score = scores.get(&(id, market.code)).copied().unwrap_or_default();
                    self.columns.set_popularity(market.code, ordinal, score);
                }
            }
        }
        Ok(())
    }

    /// Puts the entries of these products in the place of what they had.
    pub(crate) fn replace(&mut self, ids: &[ProductId], mut entries: Entries, tables: &Tables) {
        let mut touched: BTreeSet<Ordinal> = ids.iter().filter_map(|&id| self.vacate(id)).collect();
        for (&id, &ordinal) in &entries.ordinals {
            self.ordinals.insert(id, ordinal);
            if self.columns.product(ordinal) != Some(id) {
                self.columns.set_product(ordinal, Some(id));
            }
            touched.insert(ordinal);
        }
        // In the order of the ordinals, as that is how the columns grow most easily.
        for ordinal in touched {
            if self
                .columns
                .product(ordinal)
                .is_some_and(|id| self.ordinals.get(&id) != Some(&ordinal))
            {
                self.columns.set_product(ordinal, None);
            }
            for market in &tables.markets {
                self.put(market.code, ordinal, entries.columns.remove(&(market.code, ordinal)));
            }
        }
    }

    /// Forgets a product's ordinal; returns it unless it has passed to another product meanwhile.
    fn vacate(&mut self, id: ProductId) -> Option<Ordinal> {
        let ordinal = self.ordinals.remove(&id)?;
        (self.columns.product(ordinal) == Some(id)).then_some(ordinal)
    }

    /// Writes an entry unless it is there already: an equal one would copy its chunk for nothing.
    fn put(&mut self, market: MarketCode, ordinal: Ordinal, entry: Option<ProductColumn>) {
        match entry {
            None => self.columns.remove_from(market, ordinal),
            Some(entry) if self.columns.get(market, ordinal).as_ref() == Some(&entry) => {}
            Some(entry) => self.columns.set(market, ordinal, entry),
        }
    }

    /// Puts the live ones in the place of the offers that were named. Returns the products that must be read
    /// whole: those that stand at no or another ordinal, or begin to be shown in a market, where their
    /// popularity is not known yet.
    fn replace_offers(
        &mut self,
        named: &[(ProductId, OfferId)],
        live: Vec<LiveOffer>,
        tables: &Tables,
    ) -> Vec<ProductId> {
        let mut whole = Vec::new();
        let mut found = HashSet::with_capacity(live.len());
        for live in live {
            found.insert(live.id);
            let stands = self.ordinals.get(&live.product_id) == Some(&live.ordinal);
            if stands && self.columns.is_shown(live.market, live.ordinal) {
                self.columns.set_offer(live.market, live.ordinal, offer(&live, tables));
            } else {
                whole.push(live.product_id);
            }
        }
        for &(product, offer) in named {
            if !found.contains(&offer)
                && let Some(&ordinal) = self.ordinals.get(&product)
            {
                self.columns.remove_offer(ordinal, offer);
            }
        }
        whole
    }
}

#[cfg(test)]
mod tests {
    use souk_base::{Currency, Lang, Market, SellerId, Translated, VariantId};

    use super::*;

    /// The columns' products by ordinal, each known by its seller.
    fn shown(live: &Live) -> Vec<(u32, i64)> {
        let columns = live.columns.iter(kw());
        columns.map(|(ordinal, column)| (ordinal.0, column.offers[0].seller_id.get())).collect()
    }

    fn kw() -> MarketCode {
        "KW".parse().unwrap()
    }

    fn markets() -> Tables {
        let market = Market {
            code: kw(),
            label: Translated::default(),
            currency: Currency::Kwd,
            payable_step: 1,
            languages: vec![Lang::Ar],
            time_zone: "Asia/Kuwait".to_owned(),
            weekend: vec![],
            tax_rate_bp: 0,
            tax_inclusive: true,
            address_fields: vec![],
            flags: Default::default(),
            cities: vec![],
        };
        Tables { markets: vec![market], ..Tables::default() }
    }

    /// Products with these ordinals; each has one offer, by a seller of its own id.
    fn products_at(places: &[(i64, u32)]) -> Entries {
        let mut entries = Entries::default();
        for &(id, ordinal) in places {
            let offer = Offer {
                id: OfferId::new(id),
                variant_id: VariantId::new(id),
                seller_id: SellerId::new(id),
                minor: 1,
                list_minor: None,
                stock: 1,
                cities: CitySet::default(),
                preparation_minutes: 0,
                until: None,
            };
            let column = ProductColumn { offers: [offer].into_iter().collect(), popularity: 0.0 };
            entries.ordinals.insert(ProductId::new(id), Ordinal(ordinal));
            entries.columns.insert((kw(), Ordinal(ordinal)), column);
        }
        entries
    }

    fn replace(live: &mut Live, ids: &[i64], now: &[(i64, u32)]) {
        let ids: Vec<ProductId> = ids.iter().copied().map(ProductId::new).collect();
        live.replace(&ids, products_at(now), &markets());
    }

    #[test]
    fn ordinals_may_change_pass_on_and_be_swapped_and_no_product_vanishes() {
        let mut live = Live::default();
        replace(&mut live, &[1, 2, 3], &[(1, 10), (2, 20), (3, 30)]);

        replace(&mut live, &[1], &[(1, 11)]);
        assert_eq!(shown(&live), [(11, 1), (20, 2), (30, 3)]);

        replace(&mut live, &[2, 3, 4], &[(3, 20), (4, 30)]);
        assert_eq!(shown(&live), [(11, 1), (20, 3), (30, 4)]);

        // In two batches of the same change.
        replace(&mut live, &[1], &[(1, 20)]);
        replace(&mut live, &[3], &[(3, 11)]);
        assert_eq!(shown(&live), [(11, 3), (20, 1), (30, 4)]);

        replace(&mut live, &[1, 3, 4], &[]);
        assert_eq!(shown(&live), []);
    }
}
