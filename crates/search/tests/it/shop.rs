//! A small shop: three markets, a category tree, a few attributes, and products as a test needs them.

use std::collections::HashMap;
use std::sync::Arc;

use jiff::Timestamp;
use smallvec::SmallVec;
use souk_base::{
    Attribute, AttributeId, AttributeValue, AttributeValueId, Brand, BrandId, Category, CategoryId,
    City, CityId, CitySet, Currency, Lang, Market, MarketCode, Offer, OfferId, Ordinal, Position,
    ProductId, Seller, SellerId, Tables, Translated, VariantId,
};
use souk_search::{
    Books, Checkpoint, Columns, Document, Error, Found, PageKey, ProductColumn, Query, Request,
    Sort, Text, View, Writer,
};
use tempfile::TempDir;

pub(crate) const GB: &str = "GB";
pub(crate) const KW: &str = "KW";
pub(crate) const KZ: &str = "KZ";

/// Leaf categories; 1 (gifts) is the root of all, 2 (flowers) is above 4 and 5.
pub(crate) const TOYS: i64 = 3;
pub(crate) const ROSES: i64 = 4;
pub(crate) const TULIPS: i64 = 5;

/// Colours red, white, blue are values 1, 2, 3; sizes small and large 11 and 12.
pub(crate) const COLOURS: [&str; 3] = ["red", "white", "blue"];

pub(crate) struct Shop {
    pub(crate) dir: TempDir,
    pub(crate) writer: Writer,
    pub(crate) columns: Columns,
    pub(crate) tables: Arc<Tables>,
    next: u32,
}

/// A product before it is put into the shop.
#[derive(Clone)]
pub(crate) struct Product {
    pub(crate) document: Document,
    pub(crate) columns: Vec<(MarketCode, ProductColumn)>,
}

impl Shop {
    pub(crate) fn new() -> Shop {
        let dir = tempfile::tempdir().unwrap();
        let writer = Writer::open(dir.path()).unwrap();
        let columns = Columns::new([GB, KW, KZ].map(market));
        Shop { dir, writer, columns, tables: Arc::new(tables()), next: 0 }
    }

    /// A shop in one market with products of these titles.
    pub(crate) fn with_titles(code: &str, titles: &[(Lang, &str)]) -> Shop {
        let mut shop = Shop::new();
        for &(lang, title) in titles {
            let product = shop.product().text(lang, title, "").offer(code, 1_000);
            shop.add(product);
        }
        shop.commit();
        shop
    }

    /// A new product in the roses category, with the next ordinal, sold nowhere yet.
    pub(crate) fn product(&mut self) -> Product {
        let ordinal = self.next;
        self.next += 1;
        let document = Document {
            product_id: ProductId::new(i64::from(ordinal) + 1_000),
            ordinal: Ordinal(ordinal),
            external_id: None,
            slug: format!("p{ordinal}"),
            picture: "rose/red".to_owned(),
            image: None,
            brand_id: None,
            categories: path(ROSES),
            values: vec![],
            codes: vec![format!("SKU-{ordinal}")],
            created_at_s: 1_700_000_000 + i64::from(ordinal),
            texts: vec![],
        };
        Product { document, columns: vec![] }
    }

    pub(crate) fn add(&mut self, product: Product) -> Ordinal {
        self.writer.upsert(&product.document).unwrap();
        for (market, column) in product.columns {
            self.columns.set(market, product.document.ordinal, column);
        }
        product.document.ordinal
    }

    pub(crate) fn commit(&mut self) {
        self.writer.commit(&checkpoint(1)).unwrap();
    }

    pub(crate) fn view(&self) -> View {
        View {
            searcher: self.writer.searcher(),
            columns: self.columns.clone(),
            tables: Arc::clone(&self.tables),
            books: Arc::new(Books::of(&self.tables)),
            position: Position(1),
        }
    }

    pub(crate) fn try_find(&self, request: &Request<'_>) -> Result<Found, Error> {
        self.view().candidates(&Query::parse(request, &self.tables)?)
    }

    pub(crate) fn find(&self, request: &Request<'_>) -> Found {
        self.try_find(request).unwrap()
    }

    /// Titles found for a text, best first.
    pub(crate) fn titles(&self, market: &str, text: &str) -> Vec<String> {
        self.find(&request(market, text)).hits.into_iter().map(|hit| hit.title).collect()
    }
}

impl Product {
    pub(crate) fn text(mut self, lang: Lang, title: &str, description: &str) -> Product {
        self.document.texts.push(Text {
            lang,
            title: title.to_owned(),
            description: description.to_owned(),
            keywords: String::new(),
            values: String::new(),
        });
        self
    }

    /// One offer by seller 1, in stock in every city.
    pub(crate) fn offer(self, code: &str, minor: i64) -> Product {
        let id = self.document.ordinal.0.into();
        self.column(code, 0.0, &[offer(id, minor, 1, 0b11)])
    }

    pub(crate) fn column(mut self, code: &str, popularity: f32, offers: &[Offer]) -> Product {
        let column = ProductColumn { offers: SmallVec::from_slice(offers), popularity };
        self.columns.push((market(code), column));
        self
    }
}

pub(crate) fn offer(id: i64, minor: i64, seller: i64, cities: u64) -> Offer {
    Offer {
        id: OfferId::new(id),
        variant_id: VariantId::new(id),
        seller_id: SellerId::new(seller),
        minor,
        list_minor: None,
        stock: cities.count_ones(),
        cities: CitySet(cities),
        preparation_minutes: 60,
        until: None,
    }
}

pub(crate) fn market(code: &str) -> MarketCode {
    code.parse().unwrap()
}

pub(crate) fn checkpoint(position: u64) -> Checkpoint {
    Checkpoint { source: "test".to_owned(), position: Position(position), clock_us: 0 }
}

/// The leaf and its ancestors.
pub(crate) fn path(leaf: i64) -> Vec<CategoryId> {
    let path: &[i64] = match leaf {
        ROSES | TULIPS => &[leaf, 2, 1],
        _ => &[leaf, 1],
    };
    path.iter().map(|&id| CategoryId::new(id)).collect()
}

pub(crate) fn request<'a>(code: &str, text: &'a str) -> Request<'a> {
    Request {
        market: market(code),
        text,
        lang: None,
        city: None,
        date: None,
        segment: None,
        now: Timestamp::UNIX_EPOCH,
        category: None,
        filters: &[],
        facets: &[],
        sort: Sort::Relevance,
        limit: 100,
        after: None,
        prefix: false,
    }
}

/// Every page of a request, put together.
pub(crate) fn all_pages(shop: &Shop, request: &Request<'_>) -> Vec<Found> {
    let view = shop.view();
    let mut after: Option<PageKey> = None;
    let mut pages = Vec::new();
    loop {
        let query = Query::parse(&Request { after, ..*request }, &shop.tables).unwrap();
        let page = view.candidates(&query).unwrap();
        after = page.next;
        pages.push(page);
        if after.is_none() {
            return pages;
        }
    }
}

pub(crate) fn owned(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|&text| text.to_owned()).collect()
}

fn tables() -> Tables {
    Tables {
        markets: vec![
            market_row(GB, Currency::Gbp, &[Lang::En], 10),
            market_row(KW, Currency::Kwd, &[Lang::Ar, Lang::En], 20),
            market_row(KZ, Currency::Kzt, &[Lang::Kk, Lang::Ru], 30),
        ],
        categories: [
            category(1, None, "gifts", "Gifts"),
            category(2, Some(1), "flowers", "Flowers and plants"),
            category(TOYS, Some(1), "toys", "Toys"),
            category(ROSES, Some(2), "roses", "Roses"),
            category(TULIPS, Some(2), "tulips", "Garden tulips"),
        ]
        .into(),
        attributes: vec![attribute(1, "colour", "Colour"), attribute(2, "size", "Size")],
        values: values(),
        brands: (1..=2).map(brand).collect(),
        sellers: (1..=3).map(seller).collect(),
        ..Tables::default()
    }
}

fn market_row(code: &str, currency: Currency, languages: &[Lang], first_city: i64) -> Market {
    let city = |id: i64| City {
        id: CityId::new(id),
        slug: format!("city-{id}"),
        label: Translated::default(),
        position: 0,
        active: id % 10 != 2,
    };
    Market {
        code: market(code),
        label: Translated::default(),
        currency,
        payable_step: 1,
        languages: languages.to_vec(),
        time_zone: "Etc/UTC".to_owned(),
        weekend: vec![6, 7],
        tax_rate_bp: 0,
        tax_inclusive: true,
        address_fields: vec![],
        flags: serde_json::Map::new(),
        cities: (first_city..first_city + 3).map(city).collect(),
    }
}

fn label(text: &str) -> Translated {
    [(Lang::En, text.to_owned())].into_iter().collect()
}

fn category(id: i64, parent: Option<i64>, slug: &str, name: &str) -> (CategoryId, Category) {
    let category = Category {
        id: CategoryId::new(id),
        parent_id: parent.map(CategoryId::new),
        slug: slug.to_owned(),
        label: label(name),
        position: 0,
    };
    (category.id, category)
}

fn attribute(id: i64, code: &str, name: &str) -> Attribute {
    Attribute { id: AttributeId::new(id), code: code.to_owned(), label: label(name), position: 0 }
}

fn values() -> HashMap<AttributeValueId, AttributeValue> {
    let colours = (1..).zip(COLOURS).map(|(id, code)| (id, 1, code));
    let sizes = (11..).zip(["small", "large"]).map(|(id, code)| (id, 2, code));
    let value = |(id, attribute, code): (i64, i64, &str)| AttributeValue {
        id: AttributeValueId::new(id),
        attribute_id: AttributeId::new(attribute),
        code: code.to_owned(),
        label: label(code),
        position: 0,
    };
    colours.chain(sizes).map(value).map(|value| (value.id, value)).collect()
}

fn brand(id: i64) -> (BrandId, Brand) {
    let brand =
        Brand { id: BrandId::new(id), slug: format!("brand-{id}"), name: format!("Brand {id}") };
    (brand.id, brand)
}

fn seller(id: i64) -> (SellerId, Seller) {
    let seller = Seller {
        id: SellerId::new(id),
        slug: format!("seller-{id}"),
        name: format!("Seller {id}"),
        house: id == 1,
    };
    (seller.id, seller)
}
