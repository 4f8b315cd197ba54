//! `GET /v1/{market}/suggest`

use axum::Json;
use axum::extract::State;
use jiff::Timestamp;
use serde::Deserialize;
use souk_base::MarketCode;
use souk_commerce::customers::CustomerId;
use utoipa::IntoParams;
use utoipa_axum::routes;

use crate::AppState;
use crate::error::Result;
use crate::extract::{Path, Query};
use crate::params::Reader;
use crate::pipeline::suggest::{self, LIMIT_DEFAULT, SuggestAnswer, SuggestRequest};
use crate::policy::{KnownCustomer, Policy, Route, route};
use crate::visitor::Visitor;

/// Most suggestions of each kind.
const LIMIT_MAX: usize = 20;

pub(super) fn routes() -> Vec<Route> {
    vec![route(Policy::Public, routes!(get_suggestions))]
}

/// What has been typed so far.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct SuggestParams {
    /// The unfinished query.
    #[param(max_length = 512)]
    q: Option<String>,
    /// Language of the answer: ar, en, ru or kk; the market's first when not given.
    lang: Option<String>,
    /// Only what can be bought in this city.
    city: Option<String>,
    /// Only what can be delivered to the city on this day, YYYY-MM-DD in its time zone; needs `city`.
    #[param(format = Date)]
    date: Option<String>,
    /// Suggestions of each kind.
    #[param(value_type = Option<u8>, minimum = 1, maximum = 20, default = 8)]
    limit: Option<String>,
    /// Whether what the visitor did may change the suggestions; true when not given.
    #[param(value_type = Option<bool>)]
    personalise: Option<String>,
}

impl SuggestParams {
    fn request(
        self,
        market: MarketCode,
        visitor: Option<String>,
        customer: Option<CustomerId>,
    ) -> Result<SuggestRequest> {
        let mut read = Reader::default();
        let limit = read.number("limit", self.limit.as_deref(), 1..=LIMIT_MAX);
        let request = SuggestRequest {
            market,
            lang: read.optional("lang", self.lang.as_deref()),
            city: read.optional("city", self.city.as_deref()),
            date: read.date("date", self.date.as_deref()),
            now: Timestamp::now(),
            limit: limit.unwrap_or(LIMIT_DEFAULT),
            q: self.q.unwrap_or_default(),
            visitor,
            customer,
            personalise: read.optional("personalise", self.personalise.as_deref()).unwrap_or(true),
        };
        read.finish()?;
        Ok(request)
    }
}

/// Suggest how an unfinished query may go on.
#[utoipa::path(
    get,
    path = "/v1/{market}/suggest",
    tag = "shop",
    params(
        ("market" = String, Path, description = "Market code", example = "KW"),
        ("X-Visitor-Id" = Option<String>, Header, description = "Your name for the device, at most 128 characters"),
        SuggestParams
    ),
    responses((status = 200, description = "Suggestions", body = SuggestAnswer))
)]
async fn get_suggestions(
    State(app): State<AppState>,
    Path(market): Path<MarketCode>,
    Visitor(visitor): Visitor,
    KnownCustomer(customer): KnownCustomer,
    Query(params): Query<SuggestParams>,
) -> Result<Json<SuggestAnswer>> {
    let request = params.request(market, visitor, customer)?;
    suggest::run(&app, &request).await.map(Json)
}
