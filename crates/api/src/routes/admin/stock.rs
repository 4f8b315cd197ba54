//! `/v1/admin/stock`: what an offer has in a warehouse.

use axum::Json;
use axum::extract::State;
use axum::response::Response;
use serde::{Deserialize, Serialize};
use souk_base::{CityId, OfferId, ProductId, WarehouseId};
use souk_commerce::stock::{self, Stock};
use souk_commerce::writes::Write;
use utoipa::ToSchema;
use utoipa_axum::routes;

use super::offers::OfProductParams;
use crate::AppState;
use crate::answer::{Listed, Written};
use crate::error::Result;
use crate::extract::{Path, Query};
use crate::policy::{Permission, Policy, Route, route};
use crate::writing::{self, Change, shown};

pub(super) fn routes() -> Vec<Route> {
    vec![
        route(Policy::Staff(Permission::CatalogRead), routes!(get_stock)),
        route(Policy::Staff(Permission::StockWrite), routes!(put_stock)),
        route(Policy::Staff(Permission::StockWrite), routes!(adjust_stock)),
    ]
}

/// What an offer has in a warehouse.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct AdminStock {
    /// The offer.
    #[schema(value_type = String)]
    offer_id: OfferId,
    /// Its product.
    #[schema(value_type = String)]
    product_id: ProductId,
    /// The warehouse.
    #[schema(value_type = String)]
    warehouse_id: WarehouseId,
    /// Where that stands.
    #[schema(value_type = String)]
    city_id: CityId,
    /// Units there, the reserved ones included.
    on_hand: i32,
    /// Units that are promised to orders.
    reserved: i32,
}

impl From<Stock> for AdminStock {
    fn from(stock: Stock) -> Self {
        let Stock { offer_id, product_id, warehouse_id, city_id, on_hand, reserved } = stock;
        AdminStock { offer_id, product_id, warehouse_id, city_id, on_hand, reserved }
    }
}

/// How many units there are.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct StockBody {
    /// Units there, the reserved ones included.
    on_hand: i32,
}

/// How many units have come or gone.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct AdjustmentBody {
    /// Units that have come; negative for those that have gone.
    delta: i32,
}

/// The stock of a product's offers; warehouses that never had any are left out.
#[utoipa::path(
    get,
    path = "/v1/admin/stock",
    tag = "catalogue",
    params(OfProductParams),
    responses((status = 200, description = "Stock", body = Listed<AdminStock>))
)]
async fn get_stock(
    State(app): State<AppState>,
    Query(params): Query<OfProductParams>,
) -> Result<Json<Listed<AdminStock>>> {
    let product = params.product()?;
    let mut connection = app.connection().await?;
    let stock = stock::of_product(&mut connection, product).await?;
    Ok(Json(Listed::whole(stock.into_iter().map(AdminStock::from).collect())))
}

/// Say how many units an offer has in a warehouse; never fewer than are reserved.
#[utoipa::path(
    put,
    path = "/v1/admin/stock/{offer_id}/{warehouse_id}",
    tag = "catalogue",
    params(
        ("offer_id" = String, Path, description = "Key of the offer"),
        ("warehouse_id" = String, Path, description = "Key of the warehouse"),
    ),
    request_body = StockBody,
    responses((status = 200, description = "The stock", body = AdminStock))
)]
async fn put_stock(
    State(app): State<AppState>,
    Path((offer_id, warehouse_id)): Path<(OfferId, WarehouseId)>,
    Change { asked, body }: Change<StockBody>,
) -> Result<Written<Response>> {
    writing::run(&app, asked, async move |write: &mut Write| {
        let stock = stock::set(write, offer_id, warehouse_id, body.on_hand).await?;
        Ok(shown(&AdminStock::from(stock)))
    })
    .await
}

/// Add units to what an offer has in a warehouse, or take some away; never below what is reserved.
#[utoipa::path(
    post,
    path = "/v1/admin/stock/{offer_id}/{warehouse_id}/adjust",
    tag = "catalogue",
    params(
        ("offer_id" = String, Path, description = "Key of the offer"),
        ("warehouse_id" = String, Path, description = "Key of the warehouse"),
    ),
    request_body = AdjustmentBody,
    responses((status = 200, description = "The stock", body = AdminStock))
)]
async fn adjust_stock(
    State(app): State<AppState>,
    Path((offer_id, warehouse_id)): Path<(OfferId, WarehouseId)>,
    Change { asked, body }: Change<AdjustmentBody>,
) -> Result<Written<Response>> {
    writing::run(&app, asked, async move |write: &mut Write| {
        let stock = stock::adjust(write, offer_id, warehouse_id, body.delta).await?;
        Ok(shown(&AdminStock::from(stock)))
    })
    .await
}
