//! A small shop: rows in a database of its own, an index filled by hand, and a router to ask.

use std::collections::HashMap;
use std::sync::Arc;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderMap, Request, StatusCode};
use serde_json::Value;
use souk_api::{App, AppState, router, with_layers};
use souk_base::{CategoryId, CitySet, Lang, MarketCode, Offer, Ordinal, ProductId, Tables};
use souk_commerce::media::Store;
use souk_commerce::offers::{self, LiveOffer};
use souk_commerce::products::{self, Product};
use souk_commerce::staff::{self, NewStaff, Role};
use souk_search::{
    Books, Checkpoint, Columns, Document, Engine, ProductColumn, Text, View, Writer,
};
use souk_testdb::TestDb;
use tempfile::TempDir;
use tower::ServiceExt as _;

/// Password of every staff member here.
pub(crate) const PASSWORD: &str = "correct horse battery";

/// A red and a white rose and a lamp, sold in Kuwait; the lamp in Britain too. The white rose is sold out.
const ROWS: &str = "
    insert into categories (id, parent_id, slug, position) values
        (1, null, 'flowers', 1), (2, 1, 'roses', 1), (3, null, 'home', 2), (4, null, 'empty', 3);
    insert into category_translations values
        (1, 'en', 'Flowers'), (1, 'ar', 'زهور'), (2, 'en', 'Roses'), (3, 'en', 'Home'), (4, 'en', 'Empty');
    insert into brands (id, slug, name) values (1, 'lumen', 'Lumen');
    insert into attributes (id, code) values (1, 'colour');
    insert into attribute_translations values (1, 'en', 'Colour');
    insert into attribute_values (id, attribute_id, code) values (1, 1, 'red'), (2, 1, 'white');
    insert into attribute_value_translations values (1, 'en', 'Red'), (2, 'en', 'White');
    insert into products (id, external_id, slug, category_id, brand_id, picture) values
        (1, 'R-1', 'red-rose', 2, null, 'rose'), (2, null, 'white-rose', 2, null, 'rose'),
        (3, null, 'desk-lamp', 3, 1, 'lamp'), (4, null, 'old-vase', 3, null, 'box');
    update products set state = 'archived' where id = 4;
    insert into product_translations values
        (1, 'en', 'Red Rose', 'A red rose on a long stem.'), (1, 'ar', 'وردة حمراء', ''),
        (2, 'en', 'White Rose', 'A white rose <from> Ecuador.'), (3, 'en', 'Desk Lamp', ''), (4, 'en', 'Vase', '');
    insert into product_attribute_values values (1, 1), (2, 2);
    insert into variants (id, product_id, sku, options) values
        (1, 1, 'RR-1', '{\"stems\": \"25\"}'), (2, 2, 'WR-1', '{}'), (3, 3, 'DL-1', '{}'), (4, 4, 'OV-1', '{}');
    insert into offers (id, variant_id, seller_id, market) select id, id, (select id from sellers), 'KW' from variants;
    insert into offers (id, variant_id, seller_id, market) select 13, 3, (select id from sellers), 'GB';
    insert into prices (offer_id, minor, list_minor) values
        (1, 12500, 15000), (2, 9000, null), (3, 30000, null), (4, 1, null), (13, 4999, null);
    insert into warehouses (id, city_id, seller_id, name) values
        (1, 285787, (select id from sellers), 'Kuwait City'), (2, 285704, (select id from sellers), 'Salmiya'),
        (3, 2643743, (select id from sellers), 'London');
    insert into stock (offer_id, warehouse_id, on_hand) values (1, 1, 5), (1, 2, 2), (3, 1, 1), (13, 3, 7);
    -- What is added later gets keys behind the ones above.
    select setval(pg_get_serial_sequence(name, 'id'), 100)
    from unnest(array['categories', 'products', 'variants', 'offers', 'warehouses']) as name;
";

/// Kuwait City, which has red roses.
pub(crate) const KUWAIT_CITY: i64 = 285_787;

/// A shop of one test.
pub(crate) struct Shop {
    pub(crate) app: AppState,
    pub(crate) router: Router,
    /// The database, which lives as long as this value.
    pub(crate) db: TestDb,
    files: TempDir,
}

/// What came back.
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|_| panic!("not JSON: {}", self.text))
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map(|value| value.to_str().unwrap()).unwrap_or_default()
    }

    /// The code of a problem document, after checking that it is one.
    pub(crate) fn code(&self) -> String {
        assert_eq!(self.header("content-type"), "application/problem+json", "{}", self.text);
        let problem = self.json();
        assert_eq!(problem["status"], self.status.as_u16());
        assert_eq!(problem["trace_id"], self.header("x-request-id"));
        for key in ["type", "title", "detail"] {
            assert!(problem[key].as_str().is_some_and(|text| !text.is_empty()), "{problem}");
        }
        problem["code"].as_str().unwrap().to_owned()
    }
}

impl Shop {
    /// A shop whose index is filled.
    pub(crate) async fn open() -> Shop {
        let shop = Shop::closed().await;
        shop.publish().await;
        shop
    }

    /// A shop before the first fill of its index.
    pub(crate) async fn closed() -> Shop {
        let db = TestDb::new().await;
        db.run(ROWS).await;
        let files = TempDir::new().unwrap();
        let app = App::new(db.pool().clone(), Arc::new(Engine::new()), "secret");
        let app = Arc::new(app.with_media(Store::folder(&files.path().join("media")).unwrap()));
        let router = with_layers(router(app.clone()), &app);
        Shop { app, router, files, db }
    }

    /// Fills the index and shows it.
    pub(crate) async fn publish(&self) {
        let mut connection = self.app.connection().await.unwrap();
        let tables = souk_commerce::tables(&mut connection).await.unwrap();
        let position = souk_commerce::position(&mut connection).await.unwrap();
        let ids: Vec<_> = (1..=9).map(ProductId::new).collect();
        let products = products::listed(&mut connection, &ids).await.unwrap();
        let offers = offers::live(&mut connection, &ids).await.unwrap();
        let mut writer = Writer::open(self.files.path()).unwrap();
        for product in &products {
            writer.upsert(&document(product, &tables)).unwrap();
        }
        writer.commit(&Checkpoint { source: "test".to_owned(), position, clock_us: 0 }).unwrap();
        let mut columns = columns(&tables, &offers);
        for product in &products {
            columns.set_product(product.ordinal, Some(product.id));
        }
        let (searcher, books) = (writer.searcher(), Arc::new(Books::of(&tables)));
        let tables = Arc::new(tables);
        self.app.engine.publish(View { searcher, columns, tables, books, position });
    }

    /// The same shop on a pool of its own of this many connections.
    pub(crate) async fn connected(self, connections: u32) -> Shop {
        let db = souk_commerce::connect(&self.db.url(), connections).await.unwrap();
        let app = App::new(db, self.app.engine.clone(), "secret");
        let app = Arc::new(app.with_media(self.app.media().unwrap().clone()));
        let router = with_layers(router(app.clone()), &app);
        Shop { app, router, ..self }
    }

    /// The same shop behind another router.
    pub(crate) fn serving(self, router: Router) -> Shop {
        Shop { router, ..self }
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.send(Request::get(path).body(Body::empty()).unwrap()).await
    }

    /// Asks as the device of this name.
    pub(crate) async fn get_as(&self, visitor: &str, path: &str) -> Answer {
        self.send(Request::get(path).header("x-visitor-id", visitor).body(Body::empty()).unwrap())
            .await
    }

    pub(crate) async fn send(&self, request: Request<Body>) -> Answer {
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        // A stream of events ends when its client goes away.
        let is_stream = parts.headers.get(CONTENT_TYPE).is_some_and(|it| it == "text/event-stream");
        let body = if is_stream { Body::empty() } else { body };
        let bytes = to_bytes(body, 10_000_000).await.unwrap();
        let text = String::from_utf8_lossy(&bytes).into_owned();
        Answer { status: parts.status, headers: parts.headers, text }
    }

    /// Adds a staff member.
    pub(crate) async fn hire(&self, email: &str, role: Role) {
        let (email, password) = (email.to_owned(), PASSWORD.to_owned());
        let new = NewStaff { email, name: "Noor".to_owned(), password, roles: vec![role] };
        staff::add(&self.app.db, new, None).await.unwrap();
    }
}

fn document(product: &Product, tables: &Tables) -> Document {
    let categories = tables.ancestry(product.category_id);
    let texts = product.texts.iter().map(|text| Text {
        lang: text.lang,
        title: text.title.clone(),
        description: text.description.clone(),
        keywords: keywords(&categories, tables, text.lang),
        values: String::new(),
    });
    Document {
        product_id: product.id,
        ordinal: product.ordinal,
        external_id: product.external_id.clone(),
        slug: product.slug.clone(),
        picture: format!("{}/red", product.picture),
        image: product.image.clone(),
        brand_id: product.brand_id,
        values: product.values.clone(),
        codes: product.codes.clone(),
        created_at_s: product.created_at_s,
        texts: texts.collect(),
        categories,
    }
}

fn keywords(categories: &[CategoryId], tables: &Tables, lang: Lang) -> String {
    categories.iter().map(|id| tables.categories[id].label.get(lang)).collect::<Vec<_>>().join("\n")
}

fn columns(tables: &Tables, offers: &[LiveOffer]) -> Columns {
    let mut shown: HashMap<(MarketCode, Ordinal), ProductColumn> = HashMap::new();
    for offer in offers {
        let column = shown.entry((offer.market, offer.ordinal)).or_default();
        column.offers.push(live(offer, tables));
    }
    let mut columns = Columns::new(tables.markets.iter().map(|market| market.code));
    for ((market, ordinal), column) in shown {
        columns.set(market, ordinal, column);
    }
    columns
}

fn live(offer: &LiveOffer, tables: &Tables) -> Offer {
    let market = tables.market(offer.market).unwrap();
    let mut cities = CitySet::default();
    for city in &offer.cities {
        cities.insert(market.city_place(city.city_id).unwrap());
    }
    Offer {
        id: offer.id,
        variant_id: offer.variant_id,
        seller_id: offer.seller_id,
        minor: offer.minor,
        list_minor: offer.list_minor,
        stock: u32::try_from(offer.stock).unwrap(),
        cities,
        preparation_minutes: offer.preparation_minutes.cast_unsigned(),
        until: offer.deliverable_until,
    }
}
