//! Answers in Algolia's shape.

use serde_json::{Map, Number, Value, json};
use souk_base::{Money, Tables};
use souk_search::Sort;

use super::asked::{Asked, Listed};
use super::attributes::{Attribute, Attributes};
use super::index::Kind;
use crate::AppState;
use crate::error::Result;
use crate::pipeline::SearchHit;
use crate::pipeline::search::{self, FacetValue, SearchAnswer, SearchRequest, Searcher};
use crate::pipeline::suggest::{self, SuggestRequest};
use crate::pipeline::window::{self, REACH_MAX};

/// Most suggestions of an answer.
const SUGGESTIONS_MAX: usize = 20;

/// Members of an answer that no question changes.
fn exhaustive() -> Value {
    json!({
        "exhaustiveNbHits": true, "exhaustiveFacetsCount": true, "exhaustiveTypo": true,
        "exhaustive": { "nbHits": true, "facetsCount": true, "facetValues": true, "typo": true },
    })
}

/// Answers one query. `host` is the address that the shop was asked under.
///
/// # Errors
/// As [`search::run`].
pub(super) async fn answer(
    app: &AppState,
    asked: &Asked,
    searcher: Option<Searcher>,
    host: Option<&str>,
) -> Result<Value> {
    if asked.index.kind == Kind::Suggestions {
        return suggestions(app, asked, searcher).await;
    }
    let found = window::run(app, searcher, &asked.search, asked.window()).await?;
    let mut answer = common(asked, found.total, found.took_us / 1_000);
    let words =
        found.corrected_query.as_ref().unwrap_or(&asked.search.q).split_whitespace().count();
    let hits = found.hits.iter().map(|hit| shown(asked, hit, words, host));
    answer.insert("hits".to_owned(), hits.collect());
    answer.insert("queryID".to_owned(), json!(found.query_id));
    if !asked.facets.is_empty() {
        let tables = app.view()?.tables.clone();
        answer.insert("facets".to_owned(), facets(asked, &found, &tables));
        answer.insert("facets_stats".to_owned(), stats(app, asked, &found).await?);
    }
    Ok(Value::Object(answer))
}

/// What every answer has.
fn common(asked: &Asked, total: u64, took_ms: u64) -> Map<String, Value> {
    let reached = usize::try_from(total).unwrap_or(usize::MAX).min(REACH_MAX);
    let pages = if asked.per_page == 0 { 0 } else { reached.div_ceil(asked.per_page) };
    let mut answer = match exhaustive() {
        Value::Object(members) => members,
        _ => Map::new(),
    };
    answer.extend([
        ("index".to_owned(), json!(asked.index.name)),
        ("query".to_owned(), json!(asked.search.q)),
        ("params".to_owned(), json!(asked.params.as_query())),
        ("nbHits".to_owned(), json!(total)),
        ("page".to_owned(), json!(asked.page)),
        ("nbPages".to_owned(), json!(pages)),
        ("hitsPerPage".to_owned(), json!(asked.per_page)),
        ("processingTimeMS".to_owned(), json!(took_ms.max(1))),
    ]);
    answer
}

/// How an unfinished query may go on, as hits that have a `query`.
async fn suggestions(app: &AppState, asked: &Asked, searcher: Option<Searcher>) -> Result<Value> {
    let request = SuggestRequest {
        market: asked.index.market,
        q: asked.search.q.clone(),
        lang: Some(asked.index.lang),
        city: None,
        date: None,
        now: asked.search.now,
        limit: asked.per_page.clamp(1, SUGGESTIONS_MAX),
        customer: searcher.as_ref().and_then(|searcher| searcher.customer),
        personalise: searcher.as_ref().is_some_and(|searcher| searcher.personalise),
        visitor: searcher.and_then(|searcher| searcher.visitor),
    };
    let queries = suggest::run(app, &request).await?.queries;
    let hits = queries.iter().take(asked.per_page).map(|query| {
        let result = asked.tags.continued(&query.text, &asked.search.q);
        json!({ "objectID": query.text, "query": query.text, "_highlightResult": { "query": result } })
    });
    let hits: Vec<Value> = hits.collect();
    let mut answer = common(asked, hits.len() as u64, 0);
    answer.insert("hits".to_owned(), json!(hits));
    Ok(Value::Object(answer))
}

/// A product as pages show it.
fn shown(asked: &Asked, hit: &SearchHit, words: usize, host: Option<&str>) -> Value {
    let page = format!("/{}/p/{}?lang={}", asked.index.market, hit.slug, asked.index.lang);
    let mut members = match json!({
        "product_id": hit.product_id, "external_id": hit.external_id, "variant_id": hit.variant_id,
        "offer_id": hit.offer_id, "seller_id": hit.seller_id, "title": hit.title, "description": hit.snippet,
        "url": absolute(&page, host), "image": absolute(&hit.image, host), "in_stock": hit.in_stock,
        "price": major(hit.price), "list_price": hit.list_price.map(major), "currency": hit.price.currency,
    }) {
        Value::Object(members) => members,
        _ => Map::new(),
    };
    members.retain(|name, value| !value.is_null() && asked.retrieve.has(name));
    members.insert("objectID".to_owned(), json!(hit.product_id));
    for (name, listed) in
        [("_highlightResult", &asked.highlight), ("_snippetResult", &asked.snippet)]
    {
        let marked = marked(asked, hit, words, listed);
        if !marked.is_empty() {
            members.insert(name.to_owned(), Value::Object(marked));
        }
    }
    Value::Object(members)
}

/// The marked texts of a hit, as far as they are listed.
fn marked(asked: &Asked, hit: &SearchHit, words: usize, listed: &Listed) -> Map<String, Value> {
    let texts = [
        ("title", Some(&hit.highlights.title)),
        ("description", hit.highlights.description.as_ref()),
    ];
    let texts = texts.into_iter().filter(|(name, _)| listed.has(name));
    let marked = texts.filter_map(|(name, html)| Some((name, asked.tags.result(html?, words))));
    marked.map(|(name, result)| (name.to_owned(), result)).collect()
}

/// An address of the shop as pages of other sites can use it: under the name they asked, by their own scheme.
fn absolute(address: &str, host: Option<&str>) -> String {
    match host.filter(|_| address.starts_with('/')) {
        Some(host) => format!("//{host}{address}"),
        None => address.to_owned(),
    }
}

/// An amount in the currency's main unit, as pages show it.
fn major(money: Money) -> Value {
    let number = money.to_decimal().parse::<Number>();
    number.map_or(Value::Null, Value::Number)
}

/// Counts by attribute and name.
fn facets(asked: &Asked, found: &SearchAnswer, tables: &Tables) -> Value {
    let attributes = Attributes { tables, lang: asked.index.lang };
    let counted = asked.facets.iter().map(|attribute| {
        let counts = named_counts(attribute, attributes, found).take(asked.values_max);
        let counts = counts.map(|(name, value)| (name, json!(value.count)));
        (attribute.name(), Value::Object(counts.collect()))
    });
    Value::Object(counted.collect())
}

/// The counted values of an attribute with their names, most frequent first.
pub(super) fn named_counts<'a>(
    attribute: &Attribute,
    attributes: Attributes<'a>,
    found: &'a SearchAnswer,
) -> impl Iterator<Item = (String, &'a FacetValue)> {
    let mut names = attributes.names(attribute);
    let values = attribute.field().and_then(|field| found.facets.get(field));
    let values = values.into_iter().flatten();
    values.filter_map(move |value| Some((names.remove(value.value.as_str())?, value)))
}

/// The smallest and the largest price found, when prices are asked for.
async fn stats(app: &AppState, asked: &Asked, found: &SearchAnswer) -> Result<Value> {
    if !asked.facets.contains(&Attribute::Price) || found.total == 0 {
        return Ok(json!({}));
    }
    let is_relaxed = !found.relaxed.is_empty();
    let min = extreme(app, asked, Sort::Price, is_relaxed).await?;
    let max = extreme(app, asked, Sort::PriceDescending, is_relaxed).await?;
    Ok(json!({ "price": { "min": min.map(major), "max": max.map(major) } }))
}

/// The first price of an order. Where words were given up, hits with more of them come before any price, so that
/// the search is repeated for better prices until there is none.
async fn extreme(
    app: &AppState,
    asked: &Asked,
    sort: Sort,
    is_relaxed: bool,
) -> Result<Option<Money>> {
    let mut narrowing = asked.narrowing.clone();
    let mut best: Option<Money> = None;
    loop {
        let (filters, facets) = (narrowing.filters(), Vec::new());
        let request = SearchRequest { sort, filters, facets, limit: 1, ..asked.search.clone() };
        let Some(hit) = search::run(app, &request).await?.hits.into_iter().next() else { break };
        best = Some(hit.price);
        if !is_relaxed {
            break;
        }
        let minor = hit.price.minor;
        narrowing.within(&[match sort {
            Sort::Price => (i64::MIN, minor.saturating_sub(1)),
            _ => (minor.saturating_add(1), i64::MAX),
        }]);
    }
    Ok(best)
}
