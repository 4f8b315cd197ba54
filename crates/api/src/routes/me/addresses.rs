//! `/v1/me/addresses`: places that a customer has things sent to.

use axum::Json;
use axum::extract::State;
use axum::response::Response;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use souk_base::{CityId, MarketCode};
use souk_commerce::carts;
use souk_commerce::customers::{self, Address, AddressId, NewAddress};
use souk_commerce::writes::Write;
use utoipa::ToSchema;
use utoipa_axum::routes;

use crate::AppState;
use crate::answer::{Listed, Written};
use crate::error::{Code, Error, FieldError, Result};
use crate::extract::Path;
use crate::params::Reader;
use crate::policy::{CustomerSession, Policy, Route, route};
use crate::routes::carts::{LocationBody, address};
use crate::secrets::{CustomerAsked, CustomerChange};
use crate::writing::{self, created, gone, shown};

pub(super) fn routes() -> Vec<Route> {
    vec![
        route(Policy::Customer, routes!(get_addresses, post_address)),
        route(Policy::Customer, routes!(put_address, delete_address)),
    ]
}

/// A place, as a customer says it.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct AddressBody {
    /// What they call it.
    #[serde(default)]
    #[schema(max_length = 100)]
    label: Option<String>,
    /// Key of the city.
    city: String,
    /// A text, or an object of the market's `address_fields`.
    #[schema(value_type = Object)]
    address: Value,
    /// Where exactly.
    #[serde(default)]
    location: Option<LocationBody>,
}

/// A place that things are sent to.
#[derive(Serialize, ToSchema)]
struct AddressAnswer {
    /// Its key.
    #[schema(value_type = String)]
    id: AddressId,
    /// What the customer calls it; may be empty.
    label: String,
    /// The market of its city.
    #[schema(value_type = String)]
    market: MarketCode,
    /// Key of the city.
    #[schema(value_type = String)]
    city: CityId,
    /// A text, or an object of the market's `address_fields`.
    #[schema(value_type = Object)]
    address: carts::Address,
    /// Where exactly.
    location: Option<LocationBody>,
}

impl From<Address> for AddressAnswer {
    fn from(Address { id, market, place }: Address) -> Self {
        AddressAnswer {
            id,
            label: place.label,
            market,
            city: place.city,
            address: place.address,
            location: place.location.map(LocationBody::of),
        }
    }
}

impl AddressBody {
    fn read(self) -> Result<NewAddress> {
        let mut read = Reader::default();
        let city = read.required("city", Some(&self.city));
        read.finish()?;
        let missing = || FieldError::new("/address", Code::MissingField, "address must be given");
        Ok(NewAddress {
            label: self.label.unwrap_or_default(),
            city: city.ok_or(Error::NotFound)?,
            address: address(self.address)?.ok_or_else(missing)?,
            location: self.location.map(|location| location.read()).transpose()?,
        })
    }
}

/// My addresses.
#[utoipa::path(
    get,
    path = "/v1/me/addresses",
    tag = "account",
    responses((status = 200, description = "The addresses", body = Listed<AddressAnswer>))
)]
async fn get_addresses(
    State(app): State<AppState>,
    CustomerSession { customer, .. }: CustomerSession,
) -> Result<Json<Listed<AddressAnswer>>> {
    let addresses = customers::addresses(&mut *app.connection().await?, customer.id).await?;
    Ok(Json(Listed::whole(addresses.into_iter().map(AddressAnswer::from).collect())))
}

/// Add an address.
#[utoipa::path(
    post,
    path = "/v1/me/addresses",
    tag = "account",
    request_body = AddressBody,
    responses((status = 201, description = "The address", body = AddressAnswer))
)]
async fn post_address(
    State(app): State<AppState>,
    CustomerChange { customer, asked, body }: CustomerChange<AddressBody>,
) -> Result<Written<Response>> {
    let new = body.read()?;
    writing::run(&app, asked, async |write: &mut Write| {
        let id = customers::add_address(write, customer.id, &new).await?;
        Ok(created(None, &read_one(write, customer.id, id).await?))
    })
    .await
}

/// Change an address; what is left out is gone.
#[utoipa::path(
    put,
    path = "/v1/me/addresses/{id}",
    tag = "account",
    params(("id" = String, Path, description = "Key of the address")),
    request_body = AddressBody,
    responses((status = 200, description = "The address", body = AddressAnswer))
)]
async fn put_address(
    State(app): State<AppState>,
    Path(id): Path<AddressId>,
    CustomerChange { customer, asked, body }: CustomerChange<AddressBody>,
) -> Result<Written<Response>> {
    let new = body.read()?;
    writing::run(&app, asked, async |write: &mut Write| {
        customers::change_address(write, customer.id, id, &new).await?;
        Ok(shown(&read_one(write, customer.id, id).await?))
    })
    .await
}

/// Take an address out.
#[utoipa::path(
    delete,
    path = "/v1/me/addresses/{id}",
    tag = "account",
    params(("id" = String, Path, description = "Key of the address")),
    responses((status = 204, description = "It is gone"))
)]
async fn delete_address(
    State(app): State<AppState>,
    Path(id): Path<AddressId>,
    CustomerAsked { customer, asked }: CustomerAsked,
) -> Result<Written<Response>> {
    writing::run(&app, asked, async |write: &mut Write| {
        customers::remove_address(write, customer.id, id).await?;
        Ok(gone())
    })
    .await
}

async fn read_one(
    write: &mut Write,
    customer: customers::CustomerId,
    id: AddressId,
) -> Result<AddressAnswer> {
    let found = customers::addresses(write, customer).await?;
    let found = found.into_iter().find(|address| address.id == id);
    found.map(AddressAnswer::from).ok_or(Error::NotFound)
}
