//! `GET /v1/{market}/payment-methods`, and what payment providers and their shoppers come back with.

use axum::Json;
use axum::extract::{RawQuery, Request, State};
use axum::http::HeaderMap;
use axum::response::{NoContent, Redirect};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use souk_base::{CityId, Lang, Money};
use souk_commerce::payments::{self, Callback, Method, Source};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::routes;

use crate::AppState;
use crate::answer::{Listed, MoneySchema};
use crate::error::{Error, Result};
use crate::extract::{Path, Query, read_body};
use crate::params::Reader;
use crate::pipeline::payments::offered;
use crate::policy::{Policy, Route, route};

pub(super) fn routes() -> Vec<Route> {
    vec![
        route(Policy::Public, routes!(get_payment_methods)),
        route(Policy::Public, routes!(post_webhook)).without_key(),
        route(Policy::Public, routes!(get_return, post_return)).without_key(),
    ]
}

/// Which ways to pay.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct MethodsParams {
    /// Key of the city that is delivered to.
    city: Option<String>,
    /// The payer's country, ISO 3166.
    #[param(example = "KW")]
    country: Option<String>,
    /// Language of the names: ar, en, ru or kk; the market's first when not given.
    lang: Option<String>,
}

/// A way to pay.
#[derive(Debug, Serialize, ToSchema)]
struct PaymentMethodAnswer {
    /// What checkout takes as `payment_method`.
    #[schema(example = "knet")]
    id: String,
    /// `cash`, `card`, `wallet`, `redirect`, `qr`, `instalments`, `transfer` or `code`.
    kind: String,
    /// Who is behind it.
    connector: String,
    /// Its name.
    label: String,
    /// Least that can be paid so.
    #[schema(value_type = MoneySchema)]
    min: Money,
    /// Most that can be paid so.
    #[schema(value_type = MoneySchema)]
    max: Money,
}

impl PaymentMethodAnswer {
    fn new(method: Method, lang: Lang) -> Self {
        let label = method.label.get(lang).to_owned();
        let Method { code, kind, connector, min, max, .. } = method;
        PaymentMethodAnswer { id: code, kind, connector, label, min, max }
    }
}

/// The ways to pay that are open now, in the order in which they should be offered.
#[utoipa::path(
    get,
    path = "/v1/{market}/payment-methods",
    tag = "shop",
    params(("market" = String, Path, description = "Code of a market", example = "KW"), MethodsParams),
    responses((status = 200, description = "Ways to pay", body = Listed<PaymentMethodAnswer>))
)]
async fn get_payment_methods(
    State(app): State<AppState>,
    Path(market): Path<String>,
    Query(params): Query<MethodsParams>,
) -> Result<Json<Listed<PaymentMethodAnswer>>> {
    let mut read = Reader::default();
    let city = read.optional::<CityId>("city", params.city.as_deref());
    let lang = read.optional::<Lang>("lang", params.lang.as_deref());
    read.finish()?;
    let code = market.parse().map_err(|_| Error::NotFound)?;
    let view = app.view()?;
    let market = view.tables.market(code).ok_or(Error::NotFound)?;
    let lang = lang.unwrap_or(market.languages[0]);
    let ways = offered(&app, code, city, params.country.as_deref()).await?;
    let shown = ways.into_iter().map(|way| PaymentMethodAnswer::new(way, lang));
    Ok(Json(Listed::whole(shown.collect())))
}

/// What a payment provider reports. What cannot be proved only makes the shop ask the provider.
#[utoipa::path(
    post,
    path = "/v1/payments/webhooks/{connector}",
    tag = "shop",
    params(("connector" = String, Path, description = "The provider", example = "tap")),
    responses((status = 204, description = "Taken in, now or before"))
)]
async fn post_webhook(
    State(app): State<AppState>,
    Path(connector): Path<String>,
    RawQuery(query): RawQuery,
    request: Request,
) -> Result<NoContent> {
    heard(&app, &connector, query, request, Source::Webhook).await?;
    Ok(NoContent)
}

/// Where a shopper comes back to from a provider's page; goes on to the order.
#[utoipa::path(
    get,
    path = "/v1/payments/return/{connector}",
    tag = "shop",
    params(("connector" = String, Path, description = "The provider", example = "tap")),
    responses((status = 303, description = "On to the order's page"))
)]
async fn get_return(
    State(app): State<AppState>,
    Path(connector): Path<String>,
    RawQuery(query): RawQuery,
    request: Request,
) -> Result<Redirect> {
    let to = heard(&app, &connector, query, request, Source::Return).await?;
    Ok(Redirect::to(&to))
}

/// The same for providers that send the shopper back with a form, as KNET does.
#[utoipa::path(
    post,
    path = "/v1/payments/return/{connector}",
    tag = "shop",
    params(("connector" = String, Path, description = "The provider", example = "knet")),
    responses((status = 303, description = "On to the order's page"))
)]
async fn post_return(
    State(app): State<AppState>,
    Path(connector): Path<String>,
    RawQuery(query): RawQuery,
    request: Request,
) -> Result<Redirect> {
    let to = heard(&app, &connector, query, request, Source::Return).await?;
    Ok(Redirect::to(&to))
}

/// Takes in what came; gives where its shopper goes on.
async fn heard(
    app: &AppState,
    connector: &str,
    query: Option<String>,
    request: Request,
    source: Source,
) -> Result<String> {
    let headers = texts(request.headers());
    let body = read_body(request, app).await?.to_vec();
    let query = query.unwrap_or_default();
    let callback = Callback { connector, headers, query, body, source };
    // In a task of its own: a provider that hangs up does not leave it half done.
    let connector = connector.to_owned();
    let (app, callback) = (app.clone(), Callback { connector: "", ..callback });
    let taken = tokio::spawn(async move {
        let callback = Callback { connector: &connector, ..callback };
        payments::callback(&app.db, &app.gateways, callback, Timestamp::now()).await
    });
    let taken = taken.await.map_err(|error| Error::Internal(error.to_string()))?;
    Ok(taken?.1)
}

fn texts(headers: &HeaderMap) -> Vec<(String, String)> {
    let texts = headers.iter().filter_map(|(name, value)| {
        Some((name.as_str().to_owned(), value.to_str().ok()?.to_owned()))
    });
    texts.collect()
}
