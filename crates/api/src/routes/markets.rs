//! `GET /v1/markets`

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use souk_base::{City, CityId, Currency, Lang, Market, MarketCode};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::routes;

use crate::AppState;
use crate::answer::Listed;
use crate::error::Result;
use crate::extract::Query;
use crate::params::Reader;
use crate::pipeline::payments::open_ways;
use crate::policy::{Policy, Route, route};

pub(super) fn routes() -> Vec<Route> {
    vec![route(Policy::Public, routes!(get_markets))]
}

/// How the markets are to be shown.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct MarketsParams {
    /// Language of the names: ar, en, ru or kk; each market's first when not given.
    lang: Option<String>,
}

/// A country the shop serves.
#[derive(Debug, Serialize, ToSchema)]
struct MarketAnswer {
    /// ISO 3166 code.
    #[schema(value_type = String, example = "KW")]
    code: MarketCode,
    /// Name of the country.
    name: String,
    /// ISO 4217 code of its one currency.
    #[schema(value_type = String, example = "KWD")]
    currency: Currency,
    /// Digits after the decimal point of that currency.
    currency_digits: u32,
    /// Totals are rounded to this many minor units.
    payable_step: i64,
    /// Languages of its pages and its search, the preferred one first.
    #[schema(value_type = Vec<String>, example = json!(["ar", "en"]))]
    languages: Vec<Lang>,
    /// IANA time zone.
    time_zone: String,
    /// ISO weekday numbers, Monday = 1.
    weekend: Vec<i16>,
    /// The parts of an address, in the order they are asked for.
    address_fields: Vec<String>,
    /// The cities that are served, the largest first.
    cities: Vec<CityAnswer>,
    /// Ways to pay that are open now, in the order in which they are offered; more about them under
    /// `/v1/{market}/payment-methods`.
    #[schema(example = json!(["knet", "cash"]))]
    payment_methods: Vec<String>,
    /// Features that are on or off.
    #[schema(value_type = Object)]
    flags: serde_json::Map<String, serde_json::Value>,
}

/// A city that is delivered to.
#[derive(Debug, Serialize, ToSchema)]
struct CityAnswer {
    /// Key of the city.
    #[schema(value_type = String)]
    id: CityId,
    /// Readable name for addresses.
    slug: String,
    /// Its name.
    name: String,
}

impl MarketAnswer {
    fn new(market: &Market, payment_methods: Vec<String>, lang: Option<Lang>) -> Self {
        let lang = lang.unwrap_or(market.languages[0]);
        let mut cities: Vec<&City> = market.cities.iter().filter(|city| city.active).collect();
        cities.sort_by_key(|city| (city.position, city.id));
        MarketAnswer {
            code: market.code,
            name: market.label.get(lang).to_owned(),
            currency: market.currency,
            currency_digits: market.currency.digits(),
            payable_step: market.payable_step,
            languages: market.languages.clone(),
            time_zone: market.time_zone.clone(),
            weekend: market.weekend.clone(),
            address_fields: market.address_fields.clone(),
            cities: cities.into_iter().map(|city| CityAnswer::new(city, lang)).collect(),
            payment_methods,
            flags: market.flags.clone(),
        }
    }
}

impl CityAnswer {
    fn new(city: &City, lang: Lang) -> Self {
        CityAnswer { id: city.id, slug: city.slug.clone(), name: city.label.get(lang).to_owned() }
    }
}

/// The markets with what a client must know of them.
#[utoipa::path(
    get,
    path = "/v1/markets",
    tag = "shop",
    params(MarketsParams),
    responses((status = 200, description = "Every market", body = Listed<MarketAnswer>))
)]
async fn get_markets(
    State(app): State<AppState>,
    Query(params): Query<MarketsParams>,
) -> Result<Json<Listed<MarketAnswer>>> {
    let mut read = Reader::default();
    let lang = read.optional("lang", params.lang.as_deref());
    read.finish()?;
    let view = app.view()?;
    let ways = open_ways(&app, &view.tables).await?;
    let markets = view.tables.markets.iter().map(|market| {
        let its = ways.iter().filter(|(code, _)| *code == market.code);
        MarketAnswer::new(market, its.map(|(_, way)| way.clone()).collect(), lang)
    });
    Ok(Json(Listed::whole(markets.collect())))
}
