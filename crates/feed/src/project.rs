//! From rows to what search holds: documents and column entries of whole products, and the products that
//! a changed label stands in.
//!
//! Everything is read by key and as it is now, never taken from the stream. So a change that is seen
//! twice, late or out of order leads to the same result: the current one.
//!
//! A streamed transaction may not be visible yet: PostgreSQL sends it when its commit record is on disk,
//! a moment before other sessions see it. A read in that moment would miss the change for good, as no
//! second message follows. [`read_after`] therefore only hands out snapshots that see the transactions.

use std::collections::{HashMap, HashSet};
use std::time::Duration;

use souk_base::{CategoryId, CitySet, MarketCode, Offer, Ordinal, ProductId, Tables};
use souk_commerce::offers::LiveOffer;
use souk_commerce::products::{Product, ProductText};
use souk_commerce::{offers, products};
use souk_search::{Columns, Document, ProductColumn, Text};
use sqlx::{Connection, PgConnection, Postgres, Transaction};
use tokio::time::{Instant, sleep};

use crate::changes::Changes;
use crate::{Error, Result, sql};

/// Products read by one statement.
pub(crate) const BATCH_LENGTH: usize = 2_000;
/// Pause between two looks whether a transaction became visible.
const VISIBLE_PAUSE: Duration = Duration::from_millis(1);
/// How long a streamed transaction may stay invisible, as it does while a synchronous standby is awaited.
const VISIBLE_WAIT_MAX: Duration = Duration::from_secs(30);
/// The attribute whose value colours the generated picture, and the colour of a product without one.
const COLOUR: (&str, &str) = ("colour", "mixed");
/// What stands between two names in a document's keywords.
const KEYWORD_SEPARATOR: &str = "\n";

/// Opens a snapshot that sees these streamed transactions. What one snapshot sees, every later one does.
pub(crate) async fn read_after<'c>(
    connection: &'c mut PgConnection,
    transactions: &[i64],
) -> Result<Transaction<'c, Postgres>> {
    let deadline = Instant::now() + VISIBLE_WAIT_MAX;
    while sql::any_invisible(connection, transactions).await? {
        if Instant::now() > deadline {
            return Err(Error::Invisible(VISIBLE_WAIT_MAX.as_secs()));
        }
        sleep(VISIBLE_PAUSE).await;
    }
    read(connection).await
}

/// Opens a snapshot of now.
pub(crate) async fn read(connection: &mut PgConnection) -> Result<Transaction<'_, Postgres>> {
    Ok(connection.begin_with("begin isolation level repeatable read read only").await?)
}

/// The documents of those among these products that are listed, in id order.
pub(crate) async fn documents(
    connection: &mut PgConnection,
    tables: &Tables,
    ids: &[ProductId],
) -> Result<Vec<Document>> {
    let listed = products::listed(connection, ids).await?;
    Ok(listed.into_iter().map(|product| document(product, tables)).collect())
}

/// What search indexes of a product.
fn document(product: Product, tables: &Tables) -> Document {
    let categories = tables.ancestry(product.category_id);
    let texts = product.texts.iter().map(|text| Text {
        lang: text.lang,
        title: text.title.clone(),
        description: text.description.clone(),
        keywords: keywords(&product, text, &categories, tables),
    });
    Document {
        texts: texts.collect(),
        product_id: product.id,
        ordinal: product.ordinal,
        picture: format!("{}/{}", product.picture, colour(&product, tables)),
        external_id: product.external_id,
        slug: product.slug,
        image: product.image,
        brand_id: product.brand_id,
        categories,
        values: product.values,
        codes: product.codes,
        created_at_s: product.created_at_s,
    }
}

/// Names of the category path, the brand and the attribute values in the text's language; a name that
/// is not translated is left out, so that no other language's words get in.
fn keywords(
    product: &Product,
    text: &ProductText,
    categories: &[CategoryId],
    tables: &Tables,
) -> String {
    let categories = categories.iter().filter_map(|id| tables.categories.get(id));
    let values = product.values.iter().filter_map(|id| tables.values.get(id));
    let brand = product.brand_id.and_then(|id| tables.brands.get(&id));
    let names: Vec<&str> = categories
        .filter_map(|category| category.label.exact(text.lang))
        .chain(brand.map(|brand| brand.name.as_str()))
        .chain(values.filter_map(|value| value.label.exact(text.lang)))
        .collect();
    names.join(KEYWORD_SEPARATOR)
}

/// The code of the product's colour: that of its first value of the attribute.
fn colour<'t>(product: &Product, tables: &'t Tables) -> &'t str {
    let Some(attribute) = tables.attribute(COLOUR.0) else { return COLOUR.1 };
    product
        .values
        .iter()
        .filter_map(|id| tables.values.get(id))
        .find(|value| value.attribute_id == attribute.id)
        .map_or(COLOUR.1, |value| value.code.as_str())
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
    for (ordinal, market, score) in offers::popularity(connection, ids).await? {
        if let Some(entry) = entries.columns.get_mut(&(market, ordinal)) {
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
        until: None,
    }
}

/// The columns as the feed writes them, and which product has which place in them.
#[derive(Default)]
pub(crate) struct Live {
    /// What a View shows; a clone is cheap.
    pub(crate) columns: Columns,
    ordinals: HashMap<ProductId, Ordinal>,
    /// Whose entries stand there: an ordinal may pass from one product to another.
    holders: HashMap<Ordinal, ProductId>,
}

impl Live {
    /// Every column, read anew.
    pub(crate) async fn load(connection: &mut PgConnection, tables: &Tables) -> Result<Live> {
        let markets = tables.markets.iter().map(|market| market.code);
        let mut live = Live { columns: Columns::new(markets), ..Live::default() };
        let mut after = ProductId::new(i64::MIN);
        loop {
            let ids = next_ids(connection, after).await?;
            let Some(&last) = ids.last() else { return Ok(live) };
            live.replace(&ids, entries(connection, tables, &ids).await?, tables);
            after = last;
        }
    }

    /// Puts the entries of these products in the place of what they had.
    pub(crate) fn replace(&mut self, ids: &[ProductId], mut entries: Entries, tables: &Tables) {
        let mut touched: HashSet<Ordinal> = ids.iter().filter_map(|&id| self.vacate(id)).collect();
        for (&id, &ordinal) in &entries.ordinals {
            self.ordinals.insert(id, ordinal);
            self.holders.insert(ordinal, id);
            touched.insert(ordinal);
        }
        for ordinal in touched {
            for market in &tables.markets {
                self.put(market.code, ordinal, entries.columns.remove(&(market.code, ordinal)));
            }
        }
    }

    /// Forgets a product's ordinal; returns it unless it has passed to another product meanwhile.
    fn vacate(&mut self, id: ProductId) -> Option<Ordinal> {
        let ordinal = self.ordinals.remove(&id)?;
        (self.holders.get(&ordinal) == Some(&id)).then(|| {
            self.holders.remove(&ordinal);
            ordinal
        })
    }

    /// Writes an entry unless it is there already: an equal one would copy its chunk for nothing.
    fn put(&mut self, market: MarketCode, ordinal: Ordinal, entry: Option<ProductColumn>) {
        match entry {
            None => self.columns.remove_from(market, ordinal),
            Some(entry) if self.columns.get(market, ordinal).as_ref() == Some(&entry) => {}
            Some(entry) => self.columns.set(market, ordinal, entry),
        }
    }
}

/// The next batch of products by id, listed or not.
pub(crate) async fn next_ids(
    connection: &mut PgConnection,
    after: ProductId,
) -> Result<Vec<ProductId>> {
    let limit = i64::try_from(BATCH_LENGTH).unwrap_or(i64::MAX);
    Ok(products::ids_after(connection, after, limit).await?)
}

/// Products whose documents hold a label that changed. A category's name stands in the documents of
/// everything below it; an attribute's code decides about the pictures of everything that has a value of it.
pub(crate) async fn fan_out(
    connection: &mut PgConnection,
    tables: &Tables,
    changes: &mut Changes,
) -> Result<Vec<ProductId>> {
    let named: HashSet<i64> = take(&mut changes.categories).into_iter().collect();
    let below: Vec<CategoryId> = tables
        .categories
        .keys()
        .copied()
        .filter(|&id| tables.ancestry(id).iter().any(|above| named.contains(&above.get())))
        .collect();
    let brands: Vec<_> = take(&mut changes.brands).into_iter().map(Into::into).collect();
    let attributes: HashSet<i64> = take(&mut changes.attributes).into_iter().collect();
    let of_attributes =
        tables.values.values().filter(|value| attributes.contains(&value.attribute_id.get()));
    let values = take(&mut changes.values).into_iter().map(Into::into);
    let values: Vec<_> = values.chain(of_attributes.map(|value| value.id)).collect();
    let mut ids = products::in_categories(connection, &below).await?;
    ids.extend(products::of_brands(connection, &brands).await?);
    ids.extend(products::with_values(connection, &values).await?);
    Ok(ids)
}

fn take(keys: &mut crate::changes::Keys) -> Vec<i64> {
    std::mem::take(keys).into_sorted()
}

#[cfg(test)]
mod tests {
    use souk_base::{
        Attribute, AttributeId, AttributeValue, AttributeValueId, Brand, BrandId, Category,
        Currency, Lang, Market, OfferId, SellerId, Translated, VariantId,
    };

    use super::*;

    fn label(texts: &[(Lang, &str)]) -> Translated {
        texts.iter().map(|&(lang, text)| (lang, text.to_owned())).collect()
    }

    fn tables() -> Tables {
        let category = |id, parent: Option<i64>, name| Category {
            id: CategoryId::new(id),
            parent_id: parent.map(CategoryId::new),
            slug: format!("c{id}"),
            label: label(&[(Lang::En, name)]),
            position: 0,
        };
        let value = |id, attribute, code: &str, texts| AttributeValue {
            id: AttributeValueId::new(id),
            attribute_id: AttributeId::new(attribute),
            code: code.to_owned(),
            label: label(texts),
            position: 0,
        };
        let attribute = |id, code: &str| Attribute {
            id: AttributeId::new(id),
            code: code.to_owned(),
            label: Translated::default(),
            position: 0,
        };
        let categories = [category(1, None, "Flowers"), category(2, Some(1), "Roses")];
        let values = [
            value(10, 1, "birthday", &[(Lang::En, "Birthday"), (Lang::Ar, "عيد ميلاد")][..]),
            value(11, 2, "red", &[(Lang::En, "Red")][..]),
        ];
        let brand =
            Brand { id: BrandId::new(5), slug: "petal".to_owned(), name: "Petal".to_owned() };
        Tables {
            categories: categories.into_iter().map(|category| (category.id, category)).collect(),
            attributes: vec![attribute(1, "occasion"), attribute(2, "colour")],
            values: values.into_iter().map(|value| (value.id, value)).collect(),
            brands: [(brand.id, brand)].into_iter().collect(),
            ..Tables::default()
        }
    }

    fn product(values: &[i64]) -> Product {
        let text = |lang, title: &str| ProductText {
            lang,
            title: title.to_owned(),
            description: String::new(),
        };
        Product {
            id: ProductId::new(1),
            ordinal: Ordinal(0),
            external_id: None,
            slug: "rose".to_owned(),
            picture: "rose".to_owned(),
            image: None,
            brand_id: Some(BrandId::new(5)),
            category_id: CategoryId::new(2),
            values: values.iter().copied().map(AttributeValueId::new).collect(),
            codes: vec!["R-1".to_owned()],
            created_at_s: 0,
            texts: vec![text(Lang::En, "Rose"), text(Lang::Ar, "ورد")],
        }
    }

    #[test]
    fn a_document_is_found_by_the_names_it_stands_under_in_its_own_language() {
        let document = document(product(&[10, 11]), &tables());

        assert_eq!(document.texts[0].keywords, "Roses\nFlowers\nPetal\nBirthday\nRed");
        assert_eq!(document.texts[1].keywords, "Petal\nعيد ميلاد");
        assert_eq!(document.categories, [2, 1].map(CategoryId::new));
    }

    #[test]
    fn the_picture_takes_the_products_colour_and_is_mixed_without_one() {
        assert_eq!(document(product(&[10, 11]), &tables()).picture, "rose/red");
        assert_eq!(document(product(&[10]), &tables()).picture, "rose/mixed");
    }

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

    #[tokio::test]
    async fn a_read_waits_until_a_streamed_transaction_can_be_seen() {
        let db = souk_testdb::TestDb::new().await;
        let mut writer = db.pool().begin().await.unwrap();
        sqlx::query("insert into brands (id, slug, name) values (1, 'petal', 'Petal')")
            .execute(&mut *writer)
            .await
            .unwrap();
        let transaction: i64 =
            sqlx::query_scalar("select pg_current_xact_id()::text::bigint & 4294967295")
                .fetch_one(&mut *writer)
                .await
                .unwrap();
        let mut reader = db.pool().acquire().await.unwrap();
        assert!(sql::any_invisible(&mut reader, &[transaction]).await.unwrap());

        let reading = tokio::spawn(async move {
            let mut snapshot = read_after(&mut reader, &[transaction]).await.unwrap();
            products::brands(&mut snapshot).await.unwrap()
        });
        tokio::task::yield_now().await;
        writer.commit().await.unwrap();

        assert_eq!(reading.await.unwrap()[&BrandId::new(1)].name, "Petal");
    }
}
