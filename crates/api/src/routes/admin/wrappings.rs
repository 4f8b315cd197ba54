//! `/v1/admin/wrappings`: what sellers take for wrapping gifts.

use axum::Json;
use axum::extract::State;
use axum::response::Response;
use serde::{Deserialize, Serialize};
use souk_base::{MarketCode, Money, SellerId};
use souk_commerce::wrappings::{self, Wrapping};
use souk_commerce::writes::Write;
use utoipa::ToSchema;
use utoipa_axum::routes;

use super::fields::{Currencies, minor};
use crate::AppState;
use crate::answer::{Listed, MoneySchema, Written};
use crate::error::{Error, Result};
use crate::extract::Path;
use crate::policy::{Permission, Policy, Route, route};
use crate::writing::{self, Asked, Change, gone, shown};

pub(super) fn routes() -> Vec<Route> {
    vec![
        route(Policy::Staff(Permission::CatalogRead), routes!(get_wrappings)),
        route(Policy::Staff(Permission::CatalogWrite), routes!(put_wrapping)),
        route(Policy::Staff(Permission::CatalogWrite), routes!(delete_wrapping)),
    ]
}

/// What a seller takes in a market for wrapping its part of a purchase.
#[derive(Debug, Serialize, ToSchema)]
struct AdminWrapping {
    /// Who wraps.
    #[schema(value_type = String)]
    seller_id: SellerId,
    /// Where.
    #[schema(value_type = String, example = "KW")]
    market: MarketCode,
    /// What it takes, whatever the number of things.
    #[schema(value_type = MoneySchema)]
    price: Money,
}

/// What a seller is to take.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct WrappingBody {
    /// In the market's currency; 0 for nothing.
    #[schema(value_type = MoneySchema)]
    price: Money,
}

/// Every seller's prices; who is not listed for a market does not wrap there.
#[utoipa::path(
    get,
    path = "/v1/admin/wrappings",
    tag = "catalogue",
    responses((status = 200, description = "Prices", body = Listed<AdminWrapping>))
)]
async fn get_wrappings(State(app): State<AppState>) -> Result<Json<Listed<AdminWrapping>>> {
    let mut connection = app.connection().await?;
    let currencies = Currencies::read(&mut connection).await?;
    let found = wrappings::all(&mut connection).await?.into_iter();
    let found = found.map(|Wrapping { seller_id, market, minor }| {
        let price = Money { minor, currency: currencies.of(market)? };
        Ok(AdminWrapping { seller_id, market, price })
    });
    Ok(Json(Listed::whole(found.collect::<Result<_>>()?)))
}

/// Let a seller wrap in a market, at this price.
#[utoipa::path(
    put,
    path = "/v1/admin/wrappings/{seller_id}/{market}",
    tag = "catalogue",
    params(
        ("seller_id" = String, Path, description = "Key of the seller"),
        ("market" = String, Path, description = "Code of the market"),
    ),
    request_body = WrappingBody,
    responses((status = 200, description = "The price", body = AdminWrapping))
)]
async fn put_wrapping(
    State(app): State<AppState>,
    Path((seller_id, market)): Path<(SellerId, MarketCode)>,
    Change { asked, body }: Change<WrappingBody>,
) -> Result<Written<Response>> {
    writing::run(&app, asked, async move |write: &mut Write| {
        let currency = Currencies::read(write).await?.find(market).ok_or(Error::NotFound)?;
        let minor = minor("price", body.price, currency)?;
        wrappings::put(write, Wrapping { seller_id, market, minor }).await?;
        Ok(shown(&AdminWrapping { seller_id, market, price: body.price }))
    })
    .await
}

/// Let a seller wrap no more in a market. Carts that ask for it say so; orders keep what they have.
#[utoipa::path(
    delete,
    path = "/v1/admin/wrappings/{seller_id}/{market}",
    tag = "catalogue",
    params(
        ("seller_id" = String, Path, description = "Key of the seller"),
        ("market" = String, Path, description = "Code of the market"),
    ),
    responses((status = 204, description = "It wraps there no more"))
)]
async fn delete_wrapping(
    State(app): State<AppState>,
    Path((seller_id, market)): Path<(SellerId, MarketCode)>,
    asked: Asked,
) -> Result<Written<Response>> {
    writing::run(&app, asked, async move |write: &mut Write| {
        wrappings::remove(write, seller_id, market).await?;
        Ok(gone())
    })
    .await
}
