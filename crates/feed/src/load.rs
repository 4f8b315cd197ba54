//! Every column, read anew: products by ranges of their ids, and of each range one kind of rows after the other.
//!
//! **Invariant**: what comes out is what [`crate::live::entries`] says about the same products. Beside the columns, memory
//! holds one range.

use std::collections::HashMap;
use std::ops::RangeInclusive;

use souk_base::{CitySet, Offer, OfferId, Ordinal, ProductId, Tables, WarehouseId};
use souk_commerce::offers::{self, ActiveOffer, Price, Units};
use souk_commerce::products;
use souk_search::Columns;
use sqlx::PgConnection;

use crate::Result;

/// Offers that a range is to have: some 5 MB of them.
const OFFERS_WANTED: usize = 50_000;
/// Products in the first range, before anything is known about their offers.
const PRODUCTS_FIRST: usize = 1_000;
/// Products in a range at most, however few offers they have.
const PRODUCTS_MAX: usize = 20_000;

/// Reads every column.
pub(crate) async fn columns(connection: &mut PgConnection, tables: &Tables) -> Result<Columns> {
    let markets = tables.markets.iter().map(|market| market.code);
    let mut columns = Columns::new(markets);
    let warehouses = warehouses(connection, tables).await?;
    let mut range = Range::new(tables, &warehouses);
    let (mut after, mut length) = (ProductId::new(i64::MIN), PRODUCTS_FIRST);
    loop {
        let limit = i64::try_from(length).unwrap_or(i64::MAX);
        let products = products::places_after(connection, after, limit).await?;
        let Some(&(last, _)) = products.last() else { return Ok(columns) };
        range.read(connection, &products, &mut columns).await?;
        length = next_length(products.len(), range.offers.len());
        after = last;
    }
}

/// Products of the next range, if they have as many offers as those of the last; at most twice as many as in that one, as
/// products that are not listed say nothing about the others.
fn next_length(products: usize, offers: usize) -> usize {
    let wanted = products * OFFERS_WANTED / offers.max(1);
    wanted.min(2 * products).clamp(1, PRODUCTS_MAX)
}

/// A city's market and its place there, by their places in [`Tables`]; none for a city that is not there.
type Place = Option<(usize, usize)>;

/// The warehouses whose units count, and where they stand.
async fn warehouses(
    connection: &mut PgConnection,
    tables: &Tables,
) -> Result<HashMap<WarehouseId, Place>> {
    let mut places = HashMap::new();
    for (at, market) in tables.markets.iter().enumerate() {
        let cities = market.cities.iter().enumerate();
        places.extend(cities.map(|(place, city)| (city.id, (at, place))));
    }
    let open = offers::open_warehouses(connection).await?;
    Ok(open.into_iter().map(|(id, city)| (id, places.get(&city).copied())).collect())
}

/// The offers of a range of products while they are put together.
struct Range<'t> {
    tables: &'t Tables,
    warehouses: &'t HashMap<WarehouseId, Place>,
    /// Those that are shown; in the order of their ids, once all are there.
    offers: Vec<Shown>,
    /// The prices that replace base prices now.
    dated: HashMap<OfferId, Price>,
}

/// An offer that is shown, and where.
struct Shown {
    /// The market's place in [`Tables`].
    market: usize,
    ordinal: Ordinal,
    offer: Offer,
}

impl<'t> Range<'t> {
    fn new(tables: &'t Tables, warehouses: &'t HashMap<WarehouseId, Place>) -> Range<'t> {
        Range { tables, warehouses, offers: Vec::new(), dated: HashMap::new() }
    }

    /// Reads these products, which are in id order, into the columns.
    async fn read(
        &mut self,
        connection: &mut PgConnection,
        products: &[(ProductId, Option<Ordinal>)],
        columns: &mut Columns,
    ) -> Result<()> {
        let (Some(&(first, _)), Some(&(last, _))) = (products.first(), products.last()) else {
            return Ok(());
        };
        let ids = first..=last;
        let listed = |id| {
            let place = products.binary_search_by_key(&id, |&(id, _)| id).ok()?;
            products[place].1
        };
        self.read_offers(connection, &ids, listed, columns).await?;
        for (place, market) in self.tables.markets.iter().enumerate() {
            let here = self.offers.iter().filter(|shown| shown.market == place);
            columns.set_many(market.code, here.map(|shown| (shown.ordinal, &shown.offer)));
        }
        offers::copy_popularity(connection, &ids, |product, market, score| {
            if let Some(ordinal) = listed(product) {
                columns.set_popularity(market, ordinal, score);
            }
        })
        .await?;
        Ok(())
    }

    async fn read_offers(
        &mut self,
        connection: &mut PgConnection,
        ids: &RangeInclusive<ProductId>,
        listed: impl Fn(ProductId) -> Option<Ordinal>,
        columns: &mut Columns,
    ) -> Result<()> {
        self.offers.clear();
        self.dated.clear();
        let dated = &mut self.dated;
        offers::copy_dated(connection, ids, |offer, price| _ = dated.insert(offer, price)).await?;
        offers::copy_active(connection, ids, |offer| {
            if let Some(ordinal) = listed(offer.product_id) {
                self.add(ordinal, &offer, columns);
            }
        })
        .await?;
        self.offers.sort_unstable_by_key(|shown| shown.offer.id);
        let mut last = 0;
        offers::copy_units(connection, ids, |units| {
            if let Some(place) = self.find(units.offer_id, last) {
                last = place;
                self.stock(place, units);
            }
        })
        .await?;
        Ok(())
    }

    /// The place of an offer. Units come mostly in the order of the offers, so it is looked for at the place of the last one
    /// that was found, and right after that.
    fn find(&self, id: OfferId, last: usize) -> Option<usize> {
        let is_at = |place: &usize| self.offers.get(*place).is_some_and(|it| it.offer.id == id);
        let near = [last, last + 1].into_iter().find(is_at);
        near.or_else(|| self.offers.binary_search_by_key(&id, |shown| shown.offer.id).ok())
    }

    /// Adds an offer of a listed product, if it has a price now.
    fn add(&mut self, ordinal: Ordinal, offer: &ActiveOffer, columns: &mut Columns) {
        let Some(price) = self.dated.get(&offer.id).copied().or(offer.price) else { return };
        columns.set_product(ordinal, Some(offer.product_id));
        let mut markets = self.tables.markets.iter();
        let Some(market) = markets.position(|market| market.code == offer.market) else { return };
        self.offers.push(Shown {
            market,
            ordinal,
            offer: Offer {
                id: offer.id,
                variant_id: offer.variant_id,
                seller_id: offer.seller_id,
                minor: price.minor,
                list_minor: price.list_minor,
                stock: 0,
                cities: CitySet::default(),
                preparation_minutes: u32::try_from(offer.preparation_minutes).unwrap_or_default(),
                until: offer.deliverable_until,
            },
        });
    }

    /// Adds units to the offer at this place, if they can be bought.
    fn stock(&mut self, place: usize, units: Units) {
        let Some(&city) = self.warehouses.get(&units.warehouse_id) else { return };
        let Shown { market, offer, .. } = &mut self.offers[place];
        offer.stock = offer.stock.saturating_add(u32::try_from(units.count).unwrap_or_default());
        // A city that has moved to another market still counts, but is none of this one's.
        if let Some((_, city)) = city.filter(|(of, _)| of == market) {
            offer.cities.insert(city);
        }
    }
}

#[cfg(test)]
mod tests {
    use souk_testdb::TestDb;
    use sqlx::PgPool;

    use super::*;
    use crate::live::Live;
    use crate::project::next_ids;

    /// Everything that an offer can be: 40 products of 12 variants in two markets, whose state, times, prices, stock
    /// and wanting go by their numbers. The ids have gaps, some before zero, and those of the offers are in no order.
    const CATALOGUE: &str = "
        insert into categories (id, slug) values (1, 'roses');
        insert into sellers (id, slug, name) values (50, 'other', 'Other');
        update cities set active = false where id in (select max(id) from cities where market = 'KW');
        insert into warehouses (city_id, seller_id, name)
        select cities.id, sellers.id, cities.id || ' ' || sellers.id from cities cross join sellers
        where market in ('KW', 'SA');
        insert into products (id, ordinal, slug, category_id, state, publish_at)
        select at * at * at - 500, (at * 37) % 2000, 'p' || at, 1,
               (array['active', 'active', 'active', 'draft', 'archived'])[1 + at % 5],
               case at % 4 when 0 then now() - interval '1 day' when 1 then now() + interval '1 day' end
        from generate_series(1, 40) as at;
        insert into variants (product_id, sku)
        select products.id, products.id || '-' || at from products cross join generate_series(1, 12) as at
        where products.ordinal % 11 > 0;
        insert into offers (id, variant_id, seller_id, market, state, preparation_minutes, deliverable_until)
        select 100 + (at * 7919) % 100003, variant_id, seller_id, market,
               case at % 6 when 0 then 'paused' else 'active' end, at,
               case at % 3 when 0 then date '2027-01-01' + at::int end
        from (select row_number() over (order by variants.id, seller.id, market) as at, variants.id as variant_id,
                     seller.id as seller_id, market
              from variants cross join (values (1), (50)) as seller (id)
                   cross join unnest(array['KW', 'SA']) as market) as all_offers;
        insert into prices (offer_id, minor, list_minor)
        select id, 1000 + id % 7, case id % 2 when 0 then 2000 end from offers where id % 9 > 0;
        insert into price_exceptions (offer_id, minor, list_minor, during)
        select id, 500 + id % 5, case id % 3 when 0 then 900 end, tstzrange(
                   now() + (id % 3 - 1) * interval '2 days' - interval '1 day',
                   now() + (id % 3 - 1) * interval '2 days' + interval '1 day')
        from offers where id % 4 = 0;
        insert into stock (offer_id, warehouse_id, on_hand, reserved)
        select offers.id, warehouses.id, (offers.id + warehouses.id) % 4,
               least(warehouses.id % 3, (offers.id + warehouses.id) % 4)
        from offers join cities on cities.market = offers.market
        join warehouses on warehouses.city_id = cities.id
        where (offers.id + warehouses.id) % 5 < 2;
        insert into stock (offer_id, warehouse_id, on_hand)
        select offers.id, warehouses.id, 2147483647 from offers join cities on cities.market = offers.market
        join warehouses on warehouses.city_id = cities.id where offers.id % 100 = 1 on conflict do nothing;
        insert into popularity (product_id, market, score)
        select id, market, abs(id % 13) from products cross join unnest(array['KW', 'AE']) as market where id % 2 = 0";

    async fn catalogue(pool: &PgPool) {
        sqlx::raw_sql(CATALOGUE).execute(pool).await.unwrap();
    }

    async fn read_by_keys(connection: &mut PgConnection, tables: &Tables) -> Columns {
        let mut live = Live::of(Columns::new(tables.markets.iter().map(|market| market.code)));
        let ids = next_ids(connection, ProductId::new(i64::MIN)).await.unwrap();
        live.read(connection, tables, &ids).await.unwrap();
        live.columns
    }

    fn file(columns: &Columns) -> Vec<u8> {
        let mut file = Vec::new();
        columns.write("", &mut file).unwrap();
        file
    }

    #[tokio::test]
    async fn all_columns_at_once_are_what_each_product_says_by_itself() {
        let db = TestDb::new().await;
        catalogue(db.pool()).await;
        let mut snapshot = db.pool().begin().await.unwrap();
        let tables = souk_commerce::tables(&mut snapshot).await.unwrap();

        let loaded = columns(&mut snapshot, &tables).await.unwrap();

        let expected = read_by_keys(&mut snapshot, &tables).await;
        for market in &tables.markets {
            let at_once: Vec<_> = loaded.iter(market.code).collect();
            assert_eq!(at_once, expected.iter(market.code).collect::<Vec<_>>());
        }
        let offers = |market: &str| {
            let columns = loaded.iter(market.parse().unwrap());
            columns.flat_map(|(_, column)| column.offers).collect::<Vec<Offer>>()
        };
        assert!(offers("KW").len() > 100 && offers("SA").len() > 100 && offers("AE").is_empty());
        assert!(offers("KW").iter().any(|offer| offer.stock == u32::MAX));
        assert!(offers("KW").iter().any(|offer| offer.stock == 0));
        assert_eq!(file(&loaded), file(&expected));
    }

    #[tokio::test]
    async fn ranges_of_any_length_give_the_same_columns() {
        let db = TestDb::new().await;
        catalogue(db.pool()).await;
        let mut snapshot = db.pool().begin().await.unwrap();
        let tables = souk_commerce::tables(&mut snapshot).await.unwrap();
        let expected = read_by_keys(&mut snapshot, &tables).await;
        let warehouses = warehouses(&mut snapshot, &tables).await.unwrap();
        let after = ProductId::new(i64::MIN);
        let products = products::places_after(&mut snapshot, after, 100).await.unwrap();

        for length in [1, 3, 39] {
            let mut loaded = Columns::new(expected.markets());
            let mut range = Range::new(&tables, &warehouses);
            for products in products.chunks(length) {
                range.read(&mut snapshot, products, &mut loaded).await.unwrap();
            }
            assert_eq!(file(&loaded), file(&expected), "ranges of {length}");
        }
    }

    #[test]
    fn the_next_range_is_as_long_as_the_offers_of_the_last_suggest() {
        assert_eq!(next_length(1_000, 30_000), 1_666);
        assert_eq!(next_length(1_000, 1_000_000), 50);
        assert_eq!(next_length(1_000, 0), 2_000);
        assert_eq!(next_length(1, 10_000_000), 1);
        assert_eq!(next_length(20_000, 20_000), PRODUCTS_MAX);
    }
}
