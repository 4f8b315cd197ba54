//! `/v1/admin/warehouses`: places that hold stock.

use axum::Json;
use axum::extract::State;
use axum::response::Response;
use serde::{Deserialize, Serialize};
use souk_base::{CityId, MarketCode, SellerId, WarehouseId};
use souk_commerce::stock::{self, NewWarehouse, Warehouse};
use souk_commerce::writes::Write;
use utoipa::ToSchema;
use utoipa_axum::routes;

use crate::AppState;
use crate::answer::{Listed, Written};
use crate::error::Result;
use crate::policy::{Permission, Policy, Route, route};
use crate::writing::{self, Change, created};

pub(super) fn routes() -> Vec<Route> {
    vec![
        route(Policy::Staff(Permission::CatalogRead), routes!(get_warehouses)),
        route(Policy::Staff(Permission::StockWrite), routes!(post_warehouse)),
    ]
}

/// A place that holds stock.
#[derive(Debug, Serialize, ToSchema)]
struct AdminWarehouse {
    /// Key of the warehouse.
    #[schema(value_type = String)]
    id: WarehouseId,
    /// Where it stands.
    #[schema(value_type = String)]
    city_id: CityId,
    /// The market of that city.
    #[schema(value_type = String, example = "KW")]
    market: MarketCode,
    /// Whose it is.
    #[schema(value_type = String)]
    seller_id: SellerId,
    /// What the staff calls it.
    name: String,
}

impl From<Warehouse> for AdminWarehouse {
    fn from(warehouse: Warehouse) -> Self {
        let Warehouse { id, city_id, market, seller_id, name } = warehouse;
        AdminWarehouse { id, city_id, market, seller_id, name }
    }
}

/// A warehouse to be added.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewWarehouseBody {
    /// Where it stands.
    #[schema(value_type = String)]
    city_id: CityId,
    /// Whose it is; the house's when not given.
    #[schema(value_type = Option<String>)]
    seller_id: Option<SellerId>,
    /// What the staff calls it; the city's name when not given.
    name: Option<String>,
}

/// Every warehouse.
#[utoipa::path(
    get,
    path = "/v1/admin/warehouses",
    tag = "catalogue",
    responses((status = 200, description = "Warehouses", body = Listed<AdminWarehouse>))
)]
async fn get_warehouses(State(app): State<AppState>) -> Result<Json<Listed<AdminWarehouse>>> {
    let mut connection = app.connection().await?;
    let warehouses = stock::warehouses(&mut connection).await?;
    Ok(Json(Listed::whole(warehouses.into_iter().map(AdminWarehouse::from).collect())))
}

/// Add a warehouse; a seller has at most one in a city.
#[utoipa::path(
    post,
    path = "/v1/admin/warehouses",
    tag = "catalogue",
    request_body = NewWarehouseBody,
    responses((status = 201, description = "The warehouse", body = AdminWarehouse))
)]
async fn post_warehouse(
    State(app): State<AppState>,
    Change { asked, body }: Change<NewWarehouseBody>,
) -> Result<Written<Response>> {
    writing::run(&app, asked, async move |write: &mut Write| {
        let NewWarehouseBody { city_id, seller_id, name } = body;
        let new = NewWarehouse { city_id, seller_id, name };
        let warehouse = stock::add_warehouse(write, new).await?;
        Ok(created(None, &AdminWarehouse::from(warehouse)))
    })
    .await
}
