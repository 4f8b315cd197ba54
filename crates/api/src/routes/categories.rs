//! `GET /v1/{market}/categories`

use axum::Json;
use axum::extract::State;
use jiff::Timestamp;
use serde::Deserialize;
use souk_base::MarketCode;
use utoipa::IntoParams;
use utoipa_axum::routes;

use crate::AppState;
use crate::answer::Listed;
use crate::error::Result;
use crate::extract::{Path, Query};
use crate::params::Reader;
use crate::pipeline::categories::{self, CategoriesRequest, CategoryNode};
use crate::policy::{Policy, Route, route};

pub(super) fn routes() -> Vec<Route> {
    vec![route(Policy::Public, routes!(get_categories))]
}

/// Which tree.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct CategoriesParams {
    /// Language of the names: ar, en, ru or kk; the market's first when not given.
    lang: Option<String>,
    /// Count only what can be bought in this city.
    city: Option<String>,
    /// Count only what can be delivered to the city on this day, YYYY-MM-DD in its time zone; needs `city`.
    #[param(format = Date)]
    date: Option<String>,
}

impl CategoriesParams {
    fn request(&self, market: MarketCode) -> Result<CategoriesRequest> {
        let mut read = Reader::default();
        let lang = read.optional("lang", self.lang.as_deref());
        let city = read.optional("city", self.city.as_deref());
        let date = read.date("date", self.date.as_deref());
        read.finish()?;
        Ok(CategoriesRequest { market, lang, city, date, now: Timestamp::now() })
    }
}

/// The category tree with counts; categories without products are left out.
#[utoipa::path(
    get,
    path = "/v1/{market}/categories",
    tag = "shop",
    params(("market" = String, Path, description = "Market code", example = "KW"), CategoriesParams),
    responses((status = 200, description = "The roots of the tree", body = Listed<CategoryNode>))
)]
async fn get_categories(
    State(app): State<AppState>,
    Path(market): Path<MarketCode>,
    Query(params): Query<CategoriesParams>,
) -> Result<Json<Listed<CategoryNode>>> {
    let request = params.request(market)?;
    let roots = categories::run(&app, request).await?;
    Ok(Json(Listed::whole(roots)))
}
