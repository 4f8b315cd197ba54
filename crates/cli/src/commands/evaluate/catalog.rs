//! A catalogue file as a searchable view: the documents that the feed would make of it after an import.

use std::collections::{BTreeSet, HashMap};
use std::path::Path;
use std::sync::Arc;

use anyhow::Context as _;
use souk_base::{
    Attribute, AttributeId, AttributeValue, AttributeValueId, Brand, BrandId, Category, CategoryId,
    CitySet, Currency, Lang, Market, MarketCode, Offer, OfferId, Ordinal, Position, ProductId,
    Seller, SellerId, Tables, Translated, VariantId, slug,
};
use souk_commerce::imports::{self, Item};
use souk_commerce::products::Product;
use souk_search::{Books, Checkpoint, Columns, ProductColumn, View, Writer};

use super::file;

/// The seller of everything, and the first of every kind of key.
const FIRST: i64 = 1;
/// The category of what names none, as an import has it.
const OTHER: &str = "Other";

/// Everything a search reads, of one file.
pub(super) struct Catalog {
    pub(super) view: View,
    pub(super) market: MarketCode,
    /// Lines that are no product.
    pub(super) skipped: u64,
}

/// Indexes the file's products in this directory, all of them in stock.
///
/// # Errors
/// When the file or the index cannot be read or written, or no line of it is a product.
pub(super) fn read(path: &Path, dir: &Path, lang: Option<Lang>) -> anyhow::Result<Catalog> {
    let market: MarketCode = "GB".parse()?;
    let mut items = Vec::new();
    let mut skipped = 0;
    for item in imports::products(file::open(path)?, market) {
        match item.with_context(|| path.display().to_string())? {
            Ok(item) => items.push(item),
            Err(_) => skipped += 1,
        }
    }
    anyhow::ensure!(!items.is_empty(), "{}: no line is a product", path.display());
    let mut names = Names::default();
    let products: Vec<Product> =
        items.iter().zip(0..).map(|(item, place)| names.product(item, place)).collect();
    let tables = names.tables(languages(&items, lang), market);
    let mut writer = Writer::open(dir)?;
    writer.postpone_merges();
    let mut columns = Columns::new([market]);
    for (item, product) in items.iter().zip(products) {
        let ordinal = product.ordinal;
        writer.add(&souk_feed::document(product, &tables))?;
        columns.set(market, ordinal, column(item, ordinal));
    }
    let source = "evaluation".to_owned();
    writer.commit(&Checkpoint { source, position: Position(1), clock_us: 0 })?;
    let searcher = writer.searcher();
    writer.close()?;
    let books = Arc::new(Books::of(&tables));
    let (tables, position) = (Arc::new(tables), Position(1));
    let view = View { searcher, columns, tables, books, position };
    Ok(Catalog { view, market, skipped })
}

/// The languages of the texts, the wanted one first.
fn languages(items: &[Item], first: Option<Lang>) -> Vec<Lang> {
    let texts = items.iter().flat_map(|item| &item.texts);
    let known: BTreeSet<Lang> = texts.map(|text| text.lang).collect();
    let mut languages: Vec<Lang> = first.into_iter().collect();
    languages.extend(known.into_iter().filter(|&lang| Some(lang) != first));
    languages
}

/// One offer at the first price the file names.
fn column(item: &Item, ordinal: Ordinal) -> ProductColumn {
    let price = item.variants.iter().flat_map(|variant| &variant.prices).next();
    let id = i64::from(ordinal.0) + FIRST;
    let mut cities = CitySet::default();
    cities.insert(0);
    let offer = Offer {
        id: OfferId::new(id),
        variant_id: VariantId::new(id),
        seller_id: SellerId::new(FIRST),
        minor: price.map_or(0, |price| price.minor),
        list_minor: None,
        stock: 1,
        cities,
        preparation_minutes: 60,
        until: None,
    };
    ProductColumn { offers: [offer].into_iter().collect(), popularity: 0.0 }
}

/// What products point at, by name, as it is met.
#[derive(Default)]
struct Names {
    categories: HashMap<(Option<i64>, String), Category>,
    brands: HashMap<String, Brand>,
    attributes: HashMap<String, Attribute>,
    values: HashMap<(i64, String), AttributeValue>,
}

impl Names {
    fn product(&mut self, item: &Item, place: u32) -> Product {
        let id = i64::from(place) + FIRST;
        let codes = item
            .variants
            .iter()
            .flat_map(|variant| variant.eans.iter().chain([&variant.sku]).cloned());
        let codes: BTreeSet<String> = codes.chain([item.external_id.clone()]).collect();
        let mut values: Vec<_> = item
            .attributes
            .iter()
            .flatten()
            .flat_map(|attribute| {
                let id = self.attribute(&attribute.code);
                attribute.values.iter().map(|label| self.value(id, label)).collect::<Vec<_>>()
            })
            .collect();
        values.sort_unstable();
        values.dedup();
        Product {
            id: ProductId::new(id),
            ordinal: Ordinal(place),
            external_id: Some(item.external_id.clone()),
            slug: slug(item.title()),
            picture: item.picture.clone().unwrap_or_else(|| "box".to_owned()),
            image: item.images.first().cloned(),
            brand_id: item.brand.as_ref().map(|name| self.brand(name)),
            category_id: self.category(&item.category),
            values,
            codes: codes.into_iter().collect(),
            created_at_s: 0,
            texts: item.texts.clone(),
        }
    }

    /// The leaf of a path; the category of everything else without one.
    fn category(&mut self, path: &[Translated]) -> CategoryId {
        let other = [Translated::from_iter([(Lang::En, OTHER.to_owned())])];
        let path = if path.is_empty() { &other } else { path };
        let mut parent: Option<CategoryId> = None;
        for label in path {
            let name = label.get(Lang::En).to_owned();
            let id = CategoryId::new(length(&self.categories));
            let slug = format!("{}-{}", slug(&name), id.get());
            let key = (parent.map(CategoryId::get), name);
            let category = self.categories.entry(key).or_insert_with(|| Category {
                id,
                parent_id: parent,
                slug,
                label: label.clone(),
                position: 0,
            });
            parent = Some(category.id);
        }
        parent.unwrap_or_else(|| CategoryId::new(FIRST))
    }

    fn brand(&mut self, name: &str) -> BrandId {
        let id = BrandId::new(length(&self.brands));
        let brand = Brand { id, slug: slug(name), name: name.to_owned() };
        self.brands.entry(name.to_owned()).or_insert(brand).id
    }

    fn attribute(&mut self, code: &str) -> AttributeId {
        let id = AttributeId::new(length(&self.attributes));
        let label = Translated::from_iter([(Lang::En, code.to_owned())]);
        let attribute = Attribute { id, code: code.to_owned(), label, position: 0 };
        self.attributes.entry(code.to_owned()).or_insert(attribute).id
    }

    fn value(&mut self, attribute_id: AttributeId, label: &Translated) -> AttributeValueId {
        let id = AttributeValueId::new(length(&self.values));
        let name = label.get(Lang::En).to_owned();
        let code = slug(&name);
        let value = AttributeValue { id, attribute_id, code, label: label.clone(), position: 0 };
        self.values.entry((attribute_id.get(), name)).or_insert(value).id
    }

    fn tables(self, languages: Vec<Lang>, code: MarketCode) -> Tables {
        let market = Market {
            code,
            label: Translated::default(),
            currency: Currency::Gbp,
            payable_step: 1,
            languages,
            time_zone: "Europe/London".to_owned(),
            weekend: vec![6, 7],
            tax_rate_bp: 0,
            tax_inclusive: true,
            address_fields: Vec::new(),
            flags: serde_json::Map::new(),
            cities: Vec::new(),
        };
        let id = SellerId::new(FIRST);
        let seller = Seller { id, slug: "house".to_owned(), name: "House".to_owned(), house: true };
        let mut attributes: Vec<Attribute> = self.attributes.into_values().collect();
        attributes.sort_unstable_by_key(|attribute| attribute.id);
        Tables {
            markets: vec![market],
            categories: self.categories.into_values().map(|it| (it.id, it)).collect(),
            attributes,
            values: self.values.into_values().map(|it| (it.id, it)).collect(),
            brands: self.brands.into_values().map(|it| (it.id, it)).collect(),
            sellers: [(id, seller)].into_iter().collect(),
            ..Tables::default()
        }
    }
}

/// The key of the next one.
fn length<K, V>(known: &HashMap<K, V>) -> i64 {
    i64::try_from(known.len()).unwrap_or(i64::MAX - FIRST) + FIRST
}
