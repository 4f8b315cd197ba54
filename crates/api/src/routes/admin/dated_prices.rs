//! `/v1/admin/offers/{id}/dated-prices`: prices that replace the base price for a time.

use axum::extract::State;
use axum::response::Response;
use jiff::Timestamp;
use serde::Deserialize;
use souk_base::{DatedPriceId, Money, OfferId};
use souk_commerce::offers::{self, NewDatedPrice};
use souk_commerce::writes::Write;
use utoipa::ToSchema;
use utoipa_axum::routes;

use super::fields::{Currencies, minor};
use super::offers::{AdminOffer, answer};
use crate::AppState;
use crate::answer::{MoneySchema, Written};
use crate::error::Result;
use crate::extract::Path;
use crate::policy::{Permission, Policy, Route, route};
use crate::writing::{self, Asked, Change, as_created};

pub(super) fn routes() -> Vec<Route> {
    vec![
        route(Policy::Staff(Permission::CatalogWrite), routes!(post_dated_price)),
        route(Policy::Staff(Permission::CatalogWrite), routes!(delete_dated_price)),
    ]
}

/// A price that is to hold for a time.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewDatedPriceBody {
    /// The price, in the market's currency.
    #[schema(value_type = MoneySchema)]
    price: Money,
    /// The old price shown beside it.
    #[schema(value_type = Option<MoneySchema>)]
    list_price: Option<Money>,
    /// When it begins.
    #[schema(value_type = String, format = DateTime)]
    from: Timestamp,
    /// When it ends; never when not given.
    #[schema(value_type = Option<String>, format = DateTime)]
    until: Option<Timestamp>,
}

/// Give an offer a price for a time that no other dated price covers.
#[utoipa::path(
    post,
    path = "/v1/admin/offers/{id}/dated-prices",
    tag = "catalogue",
    params(("id" = String, Path, description = "Key of the offer")),
    request_body = NewDatedPriceBody,
    responses((status = 201, description = "The offer", body = AdminOffer))
)]
async fn post_dated_price(
    State(app): State<AppState>,
    Path(id): Path<OfferId>,
    Change { asked, body }: Change<NewDatedPriceBody>,
) -> Result<Written<Response>> {
    let version = asked.version_if_said();
    writing::run(&app, asked, async move |write: &mut Write| {
        let offer = offers::lock(write, id, version.as_deref()).await?;
        let currency = Currencies::read(write).await?.of(offer.market)?;
        let list_price = body.list_price;
        let new = NewDatedPrice {
            minor: minor("price", body.price, currency)?,
            list_minor: list_price.map(|money| minor("list_price", money, currency)).transpose()?,
            from: body.from,
            until: body.until,
        };
        let dated = offers::put_dated_price(write, id, new).await?;
        let location = format!("/v1/admin/offers/{id}/dated-prices/{dated}");
        Ok(as_created(answer(write, id, currency).await?, Some(location)))
    })
    .await
}

/// Take a dated price away. `If-Match` is looked at when it is sent.
#[utoipa::path(
    delete,
    path = "/v1/admin/offers/{id}/dated-prices/{dated_price_id}",
    tag = "catalogue",
    params(
        ("id" = String, Path, description = "Key of the offer"),
        ("dated_price_id" = String, Path, description = "Key of the dated price"),
    ),
    responses((status = 200, description = "The offer", body = AdminOffer))
)]
async fn delete_dated_price(
    State(app): State<AppState>,
    Path((id, dated_price_id)): Path<(OfferId, DatedPriceId)>,
    asked: Asked,
) -> Result<Written<Response>> {
    let version = asked.version_if_said();
    writing::run(&app, asked, async move |write: &mut Write| {
        let offer = offers::lock(write, id, version.as_deref()).await?;
        let currency = Currencies::read(write).await?.of(offer.market)?;
        offers::remove_dated_price(write, id, dated_price_id).await?;
        answer(write, id, currency).await
    })
    .await
}
