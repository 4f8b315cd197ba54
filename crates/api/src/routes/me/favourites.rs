//! `/v1/me/favourites`: products that a customer wants to find again.

use axum::Json;
use axum::extract::State;
use axum::response::Response;
use jiff::Timestamp;
use serde::Serialize;
use souk_base::ProductId;
use souk_commerce::customers::{self, Favourite};
use souk_commerce::writes::Write;
use utoipa::ToSchema;
use utoipa_axum::routes;

use crate::AppState;
use crate::answer::{Listed, Written};
use crate::error::Result;
use crate::extract::Path;
use crate::policy::{CustomerSession, Policy, Route, route};
use crate::secrets::CustomerAsked;
use crate::writing::{self, gone};

pub(super) fn routes() -> Vec<Route> {
    vec![
        route(Policy::Customer, routes!(get_favourites)),
        route(Policy::Customer, routes!(put_favourite, delete_favourite)),
    ]
}

/// A product to find again.
#[derive(Serialize, ToSchema)]
struct FavouriteAnswer {
    /// The product.
    #[schema(value_type = String)]
    product_id: ProductId,
    /// Since when.
    #[schema(value_type = String, format = DateTime)]
    at: Timestamp,
}

impl From<Favourite> for FavouriteAnswer {
    fn from(favourite: Favourite) -> Self {
        FavouriteAnswer { product_id: favourite.product_id, at: favourite.at }
    }
}

/// My favourites, the newest first.
#[utoipa::path(
    get,
    path = "/v1/me/favourites",
    tag = "account",
    responses((status = 200, description = "The favourites", body = Listed<FavouriteAnswer>))
)]
async fn get_favourites(
    State(app): State<AppState>,
    CustomerSession { customer, .. }: CustomerSession,
) -> Result<Json<Listed<FavouriteAnswer>>> {
    let favourites = customers::favourites(&mut *app.connection().await?, customer.id).await?;
    Ok(Json(Listed::whole(favourites.into_iter().map(FavouriteAnswer::from).collect())))
}

/// Add a product; one that is there stays.
#[utoipa::path(
    put,
    path = "/v1/me/favourites/{product}",
    tag = "account",
    params(("product" = String, Path, description = "Key of the product")),
    responses((status = 204, description = "It is there"))
)]
async fn put_favourite(
    State(app): State<AppState>,
    Path(product): Path<ProductId>,
    CustomerAsked { customer, asked }: CustomerAsked,
) -> Result<Written<Response>> {
    writing::run(&app, asked, async |write: &mut Write| {
        customers::add_favourite(write, customer.id, product, Timestamp::now()).await?;
        Ok(gone())
    })
    .await
}

/// Take a product out; one that is not there changes nothing.
#[utoipa::path(
    delete,
    path = "/v1/me/favourites/{product}",
    tag = "account",
    params(("product" = String, Path, description = "Key of the product")),
    responses((status = 204, description = "It is not there"))
)]
async fn delete_favourite(
    State(app): State<AppState>,
    Path(product): Path<ProductId>,
    CustomerAsked { customer, asked }: CustomerAsked,
) -> Result<Written<Response>> {
    writing::run(&app, asked, async |write: &mut Write| {
        customers::remove_favourite(write, customer.id, product).await?;
        Ok(gone())
    })
    .await
}
