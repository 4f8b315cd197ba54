//! `GET /v1/{market}/search`

use axum::Json;
use axum::extract::State;
use jiff::Timestamp;
use serde::Deserialize;
use souk_base::MarketCode;
use souk_search::{LIMIT_MAX, Sort};
use utoipa::IntoParams;
use utoipa_axum::routes;

use crate::AppState;
use crate::error::Result;
use crate::extract::{Path, Query};
use crate::params::Reader;
use crate::pipeline::search::{self, LIMIT_DEFAULT, SearchAnswer, SearchRequest, Searcher};
use crate::policy::{Policy, Route, route};
use crate::visitor::Visitor;

pub(super) fn routes() -> Vec<Route> {
    vec![route(Policy::Public, routes!(get_search))]
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
    /// Fields to count values of, separated by commas; at most 20.
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
    /// Whether the visitor's history may change the order; there is none yet.
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
            facets: list(self.facets.as_deref().unwrap_or_default()),
            cursor: self.cursor.filter(|cursor| !cursor.is_empty()),
        };
        read.optional::<bool>("personalise", self.personalise.as_deref());
        read.finish()?;
        Ok(request)
    }
}

/// The entries of a list separated by commas.
fn list(text: &str) -> Vec<String> {
    text.split(',').map(str::trim).filter(|entry| !entry.is_empty()).map(str::to_owned).collect()
}

/// Search the products of a market.
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
    Query(params): Query<SearchParams>,
) -> Result<Json<SearchAnswer>> {
    let request = params.request(market)?;
    let searcher = Searcher { visitor, keystroke: false };
    search::run_for(&app, searcher, &request).await.map(Json)
}
