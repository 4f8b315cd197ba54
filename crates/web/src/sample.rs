//! Sample data for tests: two markets with a few cities, categories and attributes.

use std::collections::HashMap;
use std::sync::Arc;

use axum::http::header::{COOKIE, HOST};
use axum::http::{HeaderMap, HeaderValue};
use jiff::tz::TimeZone;
use souk_api::pipeline::search::{FacetValue, SearchAnswer};
use souk_api::pipeline::{Highlights, SearchHit};
use souk_api::{App, AppState};
use souk_base::{
    Attribute, AttributeId, Category, CategoryId, City, CityId, Currency, Deliveries, Lang, Market,
    MarketCode, Money, OfferId, ProductId, SellerId, Tables, Translated, VariantId,
};

use souk_commerce::Db;
use souk_commerce::searches::QueryId;
use souk_search::Engine;

use crate::address::Address;
use crate::caller::Caller;
use crate::visit::Visit;

/// A shop whose catalogue has not been read yet and whose database does not answer.
pub(crate) fn opening() -> AppState {
    let db = Db::connect_lazy("postgres://nobody@127.0.0.1:1/none").unwrap();
    Arc::new(App::new(db, Arc::new(Engine::new()), "a secret of thirty-two characters"))
}

/// Somebody who asks for a page in a language.
pub(crate) fn caller(uri: &str, lang: Lang) -> Caller {
    let mut headers = HeaderMap::new();
    let cookie = HeaderValue::from_str(&format!("souk_lang={lang}")).unwrap();
    headers.insert(COOKIE, cookie);
    headers.insert(HOST, HeaderValue::from_static("souk.example"));
    Caller::new(Address::of(&uri.parse().unwrap()), &headers)
}

/// A visit to the market that the address begins with.
pub(crate) fn visit(uri: &str, lang: Lang) -> Visit {
    Visit::new(caller(uri, lang), tables(), &uri[1..3]).unwrap()
}

pub(crate) fn tables() -> Arc<Tables> {
    let categories =
        [category(1, None, "flowers", "Flowers"), category(2, Some(1), "roses", "Roses")];
    Arc::new(Tables {
        markets: vec![
            market("KW", Currency::Kwd, [Lang::Ar, Lang::En], &[(285_704, "salmiya", "Salmiya")]),
            market("GB", Currency::Gbp, [Lang::En, Lang::Ar], &[(2_643_743, "london", "London")]),
        ],
        categories: HashMap::from(categories),
        attributes: vec![Attribute {
            id: AttributeId::new(1),
            code: "colour".to_owned(),
            label: named("Colour"),
            position: 1,
        }],
        deliveries: HashMap::from([(CityId::new(285_704), deliveries())]),
        ..Tables::default()
    })
}

/// A city that is delivered to, though nothing says when.
fn deliveries() -> Deliveries {
    let time_zone = TimeZone::get("Asia/Kuwait").unwrap();
    Deliveries { time_zone, windows: Vec::new(), closures: Vec::new() }
}

fn named(name: &str) -> Translated {
    Translated::from_iter([(Lang::En, name.to_owned())])
}

fn market(
    code: &str,
    currency: Currency,
    languages: [Lang; 2],
    cities: &[(i64, &str, &str)],
) -> Market {
    let cities = cities.iter().map(|&(id, slug, label)| City {
        id: CityId::new(id),
        slug: slug.to_owned(),
        label: named(label),
        position: 1,
        active: true,
    });
    Market {
        code: code.parse().unwrap(),
        label: named(if code == "KW" { "Kuwait" } else { "United Kingdom" }),
        currency,
        payable_step: 10,
        languages: languages.to_vec(),
        time_zone: "Asia/Kuwait".to_owned(),
        weekend: vec![5, 6],
        tax_rate_bp: 2_000,
        tax_inclusive: true,
        address_fields: Vec::new(),
        flags: serde_json::Map::new(),
        cities: cities.collect(),
    }
}

fn category(id: i64, parent: Option<i64>, slug: &str, label: &str) -> (CategoryId, Category) {
    let node = Category {
        id: CategoryId::new(id),
        parent_id: parent.map(CategoryId::new),
        slug: slug.to_owned(),
        label: named(label),
        position: 1,
    };
    (node.id, node)
}

/// A product in a list.
pub(crate) fn hit(title: &str, minor: i64, market: MarketCode) -> SearchHit {
    let currency = if market.as_str() == "KW" { Currency::Kwd } else { Currency::Gbp };
    SearchHit {
        product_id: ProductId::new(1),
        external_id: None,
        slug: "red-rose".to_owned(),
        variant_id: VariantId::new(1),
        offer_id: OfferId::new(1),
        seller_id: SellerId::new(1),
        title: title.to_owned(),
        snippet: String::new(),
        highlights: Highlights { title: format!("<mark>{title}</mark>"), description: None },
        image: "/pictures/rose/red/1.svg".to_owned(),
        price: Money::new(minor, currency),
        list_price: Some(Money::new(minor * 2, currency)),
        in_stock: true,
        deliverable: None,
        pinned: false,
        rank: None,
    }
}

/// A value of a facet.
pub(crate) fn value(value: &str, label: &str, count: u64, parent: Option<&str>) -> FacetValue {
    FacetValue {
        value: value.to_owned(),
        label: label.to_owned(),
        count,
        parent: parent.map(str::to_owned),
    }
}

/// An answer with these hits.
pub(crate) fn answer(hits: Vec<SearchHit>) -> SearchAnswer {
    SearchAnswer {
        redirect: None,
        banner: None,
        query_id: QueryId::new(jiff::Timestamp::UNIX_EPOCH, 1),
        total: hits.len() as u64,
        hits,
        facets: std::collections::BTreeMap::new(),
        corrected_query: None,
        relaxed: Vec::new(),
        not_sold: Vec::new(),
        near: None,
        rules: Vec::new(),
        behind: false,
        took_us: 1,
        next: None,
    }
}
