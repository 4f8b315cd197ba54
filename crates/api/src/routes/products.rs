//! `GET /v1/{market}/products/{id}`

use axum::Json;
use axum::extract::State;
use jiff::Timestamp;
use serde::Deserialize;
use souk_base::{MarketCode, ProductId};
use utoipa::IntoParams;
use utoipa_axum::routes;

use crate::AppState;
use crate::error::Result;
use crate::extract::{Path, Query};
use crate::params::Reader;
use crate::pipeline::products::{self, ProductAnswer, ProductRequest};
use crate::policy::{Policy, Route, route};

pub(super) fn routes() -> Vec<Route> {
    vec![route(Policy::Public, routes!(get_product))]
}

/// How a product is to be shown.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct ProductParams {
    /// Language of the texts: ar, en, ru or kk; the market's first when not given.
    lang: Option<String>,
    /// Stock and delivery for this city.
    city: Option<String>,
    /// Wished day of delivery, YYYY-MM-DD in the city's time zone; needs `city`.
    #[param(format = Date)]
    date: Option<String>,
}

impl ProductParams {
    fn request(&self, market: MarketCode, id: ProductId) -> Result<ProductRequest> {
        let mut read = Reader::default();
        let request = ProductRequest {
            market,
            id,
            lang: read.optional("lang", self.lang.as_deref()),
            city: read.optional("city", self.city.as_deref()),
            date: read.date("date", self.date.as_deref()),
            now: Timestamp::now(),
        };
        read.finish()?;
        Ok(request)
    }
}

/// A product with its variants and offers.
#[utoipa::path(
    get,
    path = "/v1/{market}/products/{id}",
    tag = "shop",
    params(
        ("market" = String, Path, description = "Market code", example = "KW"),
        ("id" = String, Path, description = "Key of the product"),
        ProductParams,
    ),
    responses((status = 200, description = "The product", body = ProductAnswer))
)]
async fn get_product(
    State(app): State<AppState>,
    Path((market, id)): Path<(MarketCode, ProductId)>,
    Query(params): Query<ProductParams>,
) -> Result<Json<ProductAnswer>> {
    let request = params.request(market, id)?;
    products::run(&app, &request).await.map(Json)
}
