//! `GET /v1/{market}/delivery/slots`: when a city can be delivered to.

use axum::Json;
use axum::extract::State;
use axum::http::HeaderMap;
use jiff::Timestamp;
use serde::Deserialize;
use souk_base::{CityId, MarketCode};
use souk_commerce::carts::{self, CartId};
use souk_commerce::deliveries;
use utoipa::IntoParams;
use utoipa_axum::routes;

use super::carts::answer::{SlotAnswer, time_zone};
use crate::AppState;
use crate::answer::Listed;
use crate::error::{Error, Result};
use crate::extract::{Path, Query};
use crate::params::Reader;
use crate::policy::{Policy, Route, route};
use crate::secrets::{self, X_CART_SECRET, is_shown};

pub(super) fn routes() -> Vec<Route> {
    vec![route(Policy::Public, routes!(get_slots))]
}

/// Where, when and for what.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct SlotsParams {
    /// Key of the city.
    city: Option<String>,
    /// The day, YYYY-MM-DD in the city's time zone; today when not given.
    #[param(format = Date)]
    date: Option<String>,
    /// Key of the cart that is to be delivered, with its secret in `X-Cart-Secret`: only slots that fit all of it.
    cart: Option<String>,
}

/// The slots of a day in which a city is delivered to and that can still be chosen.
#[utoipa::path(
    get,
    path = "/v1/{market}/delivery/slots",
    tag = "shop",
    params(
        ("market" = String, Path, description = "Market code", example = "KW"),
        SlotsParams,
    ),
    responses((status = 200, description = "Slots, the first to begin first", body = Listed<SlotAnswer>))
)]
async fn get_slots(
    State(app): State<AppState>,
    Path(market): Path<MarketCode>,
    Query(params): Query<SlotsParams>,
    headers: HeaderMap,
) -> Result<Json<Listed<SlotAnswer>>> {
    let mut read = Reader::default();
    let city: Option<CityId> = read.required("city", params.city.as_deref());
    let date = read.date("date", params.date.as_deref());
    let cart: Option<CartId> = read.optional("cart", params.cart.as_deref());
    read.finish()?;
    let city = city.ok_or(Error::NotFound)?;
    let now = Timestamp::now();
    let (zone, currency) = {
        let view = app.view()?;
        let found = view.tables.market(market).ok_or(Error::NotFound)?;
        let is_served = found.cities.iter().any(|it| it.id == city && it.active);
        if !is_served {
            return Err(souk_search::Error::UnknownCity { city, market }.into());
        }
        (time_zone(&app, market)?, found.currency)
    };
    let mut connection = app.reading().await?;
    let date = date.unwrap_or_else(|| now.to_zoned(zone.clone()).date());
    let options = match cart {
        Some(id) => {
            if !is_shown(&headers, X_CART_SECRET, &secrets::of_cart(&app.keys, id)) {
                return Err(Error::NotFound);
            }
            carts::slots(&mut connection, id, city, date, now).await?
        }
        None => deliveries::slots(&mut connection, city, date, now).await?,
    };
    let items = options.iter().map(|option| SlotAnswer::of(option, currency, &zone));
    Ok(Json(Listed::whole(items.collect())))
}
