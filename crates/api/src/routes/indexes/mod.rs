//! `/1/indexes`: search in Algolia's shape, so that a page written for its clients works with this shop behind it.
//!
//! **Invariants**: names in Algolia's style live in this folder only. A parameter that is not known is ignored, because
//! their clients send many; one that is known and wrong is a 400 and never read as something else. Application ids and
//! keys are ignored: what is found here is public. One search of a shopper is one row of the log, however many
//! queries a client sends to show it.

mod answer;
mod asked;
mod attributes;
mod expression;
mod filters;
mod highlights;
mod index;
mod params;
mod refused;
mod values;

use axum::Json;
use axum::extract::{FromRequest, FromRequestParts, Request, State};
use axum::http::header::HOST;
use axum::http::request::Parts;
use axum::http::uri::Authority;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};
use utoipa::ToSchema;
use utoipa_axum::routes;

use crate::AppState;
use crate::error::{Code, Error, FieldError, Result};
use crate::extract::{Path, parse_json, read_body};
use crate::pipeline::search::Searcher;
use crate::policy::{Policy, Route, route};
use crate::visitor::Visitor;
use asked::Asked;
use params::Params;
use refused::Refused;

/// Queries of one request.
const QUERIES_MAX: usize = 50;
/// Looks into the index that the pages of one request take together, each of a hundred hits.
const STEPS_MAX: usize = 100;
/// The name that stands for the indexes which the queries themselves name.
const EVERY_INDEX: &str = "*";

pub(super) fn routes() -> Vec<Route> {
    vec![
        route(Policy::Public, routes!(post_queries)).open_to_sites().without_key(),
        route(Policy::Public, routes!(post_query)).open_to_sites().without_key(),
        route(Policy::Public, routes!(post_facet_query)).open_to_sites().without_key(),
    ]
}

/// Several queries at once.
#[derive(Debug, Deserialize, ToSchema)]
struct QueriesBody {
    /// Queries, answered in this order; at most 50, whose pages reach 10,000 hits deep together.
    #[schema(max_items = 50)]
    requests: Vec<QueryBody>,
}

/// One query: its members, or the same as a query string in `params`. Members with other names are ignored.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[schema(example = json!({
    "indexName": "products_gb", "query": "christmas lights", "hitsPerPage": 20, "page": 0, "facets": ["category", "colour"],
    "facetFilters": [["colour:Red", "colour:White"]], "numericFilters": ["price<=20"],
    "highlightPreTag": "<em>", "highlightPostTag": "</em>",
}))]
struct QueryBody {
    /// `products_<market>`, then `_<language>` and an order, either of which may be left out: `_price_asc`, `_price_desc`,
    /// `_newest` or `_popular`; `_suggestions` instead of an order is the index of finished queries.
    #[serde(rename = "indexName")]
    index_name: Option<String>,
    /// `facet` for a search within the values of one facet, else the default.
    r#type: Option<String>,
    /// The attribute within whose values is searched, for the type `facet`.
    facet: Option<String>,
    /// Everything else: `query`, `facets`, `facetFilters`, `numericFilters`, `filters`, `hitsPerPage` (at most 1,000), `page` (the first
    /// 1,000 hits can be reached), `maxValuesPerFacet`, `attributesToRetrieve`, `attributesToHighlight`,
    /// `attributesToSnippet`, `highlightPreTag`, `highlightPostTag`, `facetQuery`, `maxFacetHits`, `userToken`, `analytics`.
    #[serde(flatten)]
    #[schema(value_type = Object)]
    others: Map<String, Value>,
}

/// A body of JSON, whatever it is announced as: their clients call it plain text, which browsers send without asking.
struct Body<T>(T);

/// The name that the shop was asked under.
struct Host(Option<String>);

/// What is said about the address of the first index in the document.
const INDEX: &str =
    "Name of an index, such as `products_gb`, `products_kw_ar` or `products_gb_price_asc`";

/// Answer several queries in Algolia's shape.
#[utoipa::path(
    post,
    path = "/1/indexes/{index}/queries",
    tag = "drop-in",
    params(("index" = String, Path, description = "Always `*`: each query names its own", example = "*")),
    request_body = QueriesBody,
    responses((status = 200, description = "`results`, one for each query, as Algolia answers", body = Object))
)]
async fn post_queries(
    State(app): State<AppState>,
    Path(index): Path<String>,
    Visitor(visitor): Visitor,
    Host(host): Host,
    Body(body): Body<QueriesBody>,
) -> Result<Json<Value>, Refused> {
    if index != EVERY_INDEX {
        return Err(Refused::NoIndex(index));
    }
    let queries = read(&app, body)?;
    let logged = queries.iter().position(|(asked, facet)| asked.is_search() && facet.is_none());
    let mut results = Vec::with_capacity(queries.len());
    for (place, (asked, facet)) in queries.iter().enumerate() {
        results.push(match facet {
            Some(facet) => values::answer(&app, asked, facet).await?,
            None => {
                let is_logged = logged == Some(place);
                let searcher = is_logged.then(|| searcher(visitor.clone(), asked));
                answer::answer(&app, asked, searcher, host.as_deref()).await?
            }
        });
    }
    Ok(Json(json!({ "results": results })))
}

/// Answer one query in Algolia's shape.
#[utoipa::path(
    post,
    path = "/1/indexes/{index}/query",
    tag = "drop-in",
    params(("index" = String, Path, description = INDEX, example = "products_gb")),
    request_body = QueryBody,
    responses((status = 200, description = "What was found, as Algolia answers", body = Object))
)]
async fn post_query(
    State(app): State<AppState>,
    Path(index): Path<String>,
    Visitor(visitor): Visitor,
    Host(host): Host,
    Body(body): Body<QueryBody>,
) -> Result<Json<Value>, Refused> {
    let asked = Asked::read(&index, Params::of(body.others)?, &app.view()?.tables)?;
    let searcher = asked.is_search().then(|| searcher(visitor, &asked));
    Ok(Json(answer::answer(&app, &asked, searcher, host.as_deref()).await?))
}

/// Search within the values of a facet in Algolia's shape.
#[utoipa::path(
    post,
    path = "/1/indexes/{index}/facets/{facet}/query",
    tag = "drop-in",
    params(
        ("index" = String, Path, description = INDEX, example = "products_gb"),
        ("facet" = String, Path, description = "Name of an attribute", example = "category"),
    ),
    request_body = QueryBody,
    responses((status = 200, description = "`facetHits`, as Algolia answers", body = Object))
)]
async fn post_facet_query(
    State(app): State<AppState>,
    Path((index, facet)): Path<(String, String)>,
    Body(body): Body<QueryBody>,
) -> Result<Json<Value>, Refused> {
    let asked = Asked::read(&index, Params::of(body.others)?, &app.view()?.tables)?;
    Ok(Json(values::answer(&app, &asked, &facet).await?))
}

/// The queries of a request, each with the facet that it searches within, if it does.
fn read(app: &AppState, body: QueriesBody) -> Result<Vec<(Asked, Option<String>)>, Refused> {
    let refuse = |detail: String| FieldError::new("/requests", Code::TooMany, detail);
    let given = body.requests.len();
    if given > QUERIES_MAX {
        return Err(refuse(format!(
            "a request must have at most {QUERIES_MAX} queries, but has {given}"
        ))
        .into());
    }
    let tables = app.view()?.tables.clone();
    let mut queries = Vec::with_capacity(given);
    for query in body.requests {
        let name = query.index_name.ok_or_else(|| {
            FieldError::new("/requests/indexName", Code::MissingField, "indexName must be given")
        })?;
        let asked = Asked::read(&name, Params::of(query.others)?, &tables)?;
        let is_facet = query.r#type.as_deref() == Some("facet");
        queries.push((asked, is_facet.then(|| query.facet.unwrap_or_default())));
    }
    let steps: usize = queries.iter().map(|(asked, _)| asked.window().steps()).sum();
    if steps > STEPS_MAX {
        let detail = "the pages of a request must reach at most 10,000 hits deep together";
        return Err(refuse(detail.to_owned()).into());
    }
    Ok(queries)
}

/// Who searches: the device that the request names, else the query.
fn searcher(visitor: Option<String>, asked: &Asked) -> Searcher {
    Searcher { visitor: visitor.or_else(|| asked.visitor()), ..Searcher::default() }
}

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Body<T> {
    type Rejection = Refused;

    async fn from_request(request: Request, state: &S) -> Result<Self, Refused> {
        Ok(Body(parse_json(&read_body(request, state).await?)?))
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Host {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self> {
        let named = parts.headers.get(HOST).and_then(|host| host.to_str().ok());
        let named = named.or_else(|| parts.uri.authority().map(Authority::as_str));
        let plain = |host: &&str| host.parse::<Authority>().is_ok() && !host.contains('@');
        Ok(Host(named.filter(plain).map(str::to_owned)))
    }
}
