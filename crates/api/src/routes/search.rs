//! `GET /v1/{market}/search`

use axum::Json;
use axum::extract::State;
use jiff::Timestamp;
use serde::Deserialize;
use souk_base::MarketCode;
use souk_search::{FACETS_AUTO, LIMIT_MAX, Sort};
use utoipa::IntoParams;
use utoipa_axum::routes;

use crate::AppState;
use crate::error::Result;
use crate::extract::{Path, Query};
use crate::params::Reader;
use crate::pipeline::facet_values::{self, FacetValues, FacetValuesRequest};
use crate::pipeline::search::{self, LIMIT_DEFAULT, SearchAnswer, SearchRequest, Searcher};
use crate::policy::{KnownCustomer, Policy, Route, route};
use crate::visitor::Visitor;

/// Says that nothing is to be counted.
const NO_FACETS: &str = "none";

pub(super) fn routes() -> Vec<Route> {
    vec![
        route(Policy::Public, routes!(get_search)),
        route(Policy::Public, routes!(get_facet_values)),
    ]
}

/// A search as it stands in the query.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct SearchParams {
    /// What to search for; empty finds everything.
    #[param(max_length = 512)]
    q: Option<String>,
    /// Language of the answer: ar, en, ru or kk; the market's first when not given.
    lang: Option<String>,
    /// Only what can be bought in this city.
    city: Option<String>,
    /// Only what can be delivered to the city on this day, YYYY-MM-DD in its time zone; needs `city`.
    #[param(format = Date)]
    date: Option<String>,
    /// Slug of a category to stay within.
    category: Option<String>,
    /// `field:value`, repeatable; one field's values are alternatives, fields must all match.
    /// `price:1000..2000` takes minor units, and either end may be missing.
    #[serde(default)]
    #[param(max_items = 50, required = false)]
    filter: Vec<String>,
    /// Fields to count values of, separated by commas, at most 20: `category`, `brand`, `seller`, `in_stock`, `price`
    /// (ranges), `city`, `date` (the next 14 days, with a city) and every attribute. `auto`, or no such parameter, counts
    /// those that tell most about what is found, at most 8; `none` counts nothing.
    #[param(example = "category,brand")]
    facets: Option<String>,
    /// `relevance`, `price`, `-price`, `newest` or `popular`.
    sort: Option<String>,
    /// Hits of a page.
    #[param(value_type = Option<u8>, minimum = 1, maximum = 100, default = 24)]
    limit: Option<String>,
    /// `next` of the page before.
    cursor: Option<String>,
    /// Wait at most 500 ms until what was written up to this position is searched.
    #[param(example = "16/B374D848")]
    min_position: Option<String>,
    /// Whether what the visitor did may change the order; true when not given.
    #[param(value_type = Option<bool>)]
    personalise: Option<String>,
    /// Say how each hit was ranked.
    #[param(value_type = Option<bool>)]
    explain: Option<String>,
}

impl SearchParams {
    fn request(self, market: MarketCode) -> Result<SearchRequest> {
        let mut read = Reader::default();
        let request = SearchRequest {
            market,
            lang: read.optional("lang", self.lang.as_deref()),
            city: read.optional("city", self.city.as_deref()),
            date: read.date("date", self.date.as_deref()),
            segment: None,
            now: Timestamp::now(),
            sort: read.optional("sort", self.sort.as_deref()).unwrap_or(Sort::Relevance),
            limit: read
                .number("limit", self.limit.as_deref(), 1..=LIMIT_MAX)
                .unwrap_or(LIMIT_DEFAULT),
            min_position: read.optional("min_position", self.min_position.as_deref()),
            explain: read.optional("explain", self.explain.as_deref()).unwrap_or(false),
            q: self.q.unwrap_or_default(),
            category: self.category.filter(|slug| !slug.is_empty()),
            filters: self.filter,
            facets: facets(self.facets.as_deref().unwrap_or(FACETS_AUTO)),
            cursor: self.cursor.filter(|cursor| !cursor.is_empty()),
        };
        read.optional::<bool>("personalise", self.personalise.as_deref());
        read.finish()?;
        Ok(request)
    }
}

/// The fields to count, without any for `none`.
fn facets(text: &str) -> Vec<String> {
    if text == NO_FACETS { Vec::new() } else { list(text) }
}

/// The entries of a list separated by commas.
fn list(text: &str) -> Vec<String> {
    text.split(',').map(str::trim).filter(|entry| !entry.is_empty()).map(str::to_owned).collect()
}

/// Search the products of a market, in the order of who asks where their device or session is known.
#[utoipa::path(
    get,
    path = "/v1/{market}/search",
    tag = "shop",
    params(
        ("market" = String, Path, description = "Market code", example = "KW"),
        ("X-Visitor-Id" = Option<String>, Header, description = "Your name for the device, at most 128 characters"),
        SearchParams
    ),
    responses(
        (status = 200, description = "What was found", body = SearchAnswer),
    )
)]
async fn get_search(
    State(app): State<AppState>,
    Path(market): Path<MarketCode>,
    Visitor(visitor): Visitor,
    KnownCustomer(customer): KnownCustomer,
    Query(params): Query<SearchParams>,
) -> Result<Json<SearchAnswer>> {
    let personalise = params.personalise.as_deref() != Some("false");
    let request = params.request(market)?;
    let searcher = Searcher { visitor, customer, keystroke: false, personalise };
    search::run_for(&app, searcher, &request).await.map(Json)
}

/// What of a facet's values is looked for.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct FacetValueParams {
    /// The beginning of the words of a value's name; a slip is forgiven. Empty lists the most frequent values.
    #[param(max_length = 512)]
    value: Option<String>,
    /// The query whose facet it is.
    #[param(max_length = 512)]
    q: Option<String>,
    /// As in a search.
    lang: Option<String>,
    /// As in a search.
    city: Option<String>,
    /// As in a search.
    #[param(format = Date)]
    date: Option<String>,
    /// As in a search.
    category: Option<String>,
    /// As in a search. The field's own filters do not narrow its values.
    #[serde(default)]
    #[param(max_items = 50, required = false)]
    filter: Vec<String>,
    /// Values of the answer.
    #[param(value_type = Option<u8>, minimum = 1, maximum = 100, default = 24)]
    limit: Option<String>,
}

impl FacetValueParams {
    fn request(self, market: MarketCode, field: String) -> Result<FacetValuesRequest> {
        let (value, limit) = (self.value.unwrap_or_default(), self.limit.clone());
        let search = SearchParams {
            q: self.q,
            lang: self.lang,
            city: self.city,
            date: self.date,
            category: self.category,
            filter: self.filter,
            facets: Some(field.clone()),
            sort: None,
            limit: self.limit,
            cursor: None,
            min_position: None,
            personalise: None,
            explain: None,
        };
        let mut read = Reader::default();
        let limit = read.number("limit", limit.as_deref(), 1..=LIMIT_MAX);
        let search = search.request(market)?;
        Ok(FacetValuesRequest { search, field, value, limit: limit.unwrap_or(LIMIT_DEFAULT) })
    }
}

/// Search the values of a facet.
#[utoipa::path(
    get,
    path = "/v1/{market}/search/facets/{field}",
    tag = "shop",
    params(
        ("market" = String, Path, description = "Market code", example = "KW"),
        ("field" = String, Path, description = "Field whose values are searched", example = "brand"),
        FacetValueParams
    ),
    responses((status = 200, description = "Values with their counts, the best fitting first", body = FacetValues))
)]
async fn get_facet_values(
    State(app): State<AppState>,
    Path((market, field)): Path<(MarketCode, String)>,
    Query(params): Query<FacetValueParams>,
) -> Result<Json<FacetValues>> {
    facet_values::run(&app, &params.request(market, field)?).await.map(Json)
}
