//! `/v1/me/recipients`: people whom a customer sends things to.

use axum::Json;
use axum::extract::State;
use axum::response::Response;
use serde::{Deserialize, Serialize};
use souk_commerce::customers::{self, AddressId, NewRecipient, Recipient, RecipientId};
use souk_commerce::writes::Write;
use utoipa::ToSchema;
use utoipa_axum::routes;

use crate::AppState;
use crate::answer::{Listed, Written};
use crate::error::Result;
use crate::extract::Path;
use crate::params::Reader;
use crate::policy::{CustomerSession, Policy, Route, route};
use crate::secrets::{CustomerAsked, CustomerChange};
use crate::writing::{self, created, gone, shown};

pub(super) fn routes() -> Vec<Route> {
    vec![
        route(Policy::Customer, routes!(get_recipients, post_recipient)),
        route(Policy::Customer, routes!(put_recipient, delete_recipient)),
    ]
}

/// Somebody, as a customer says it.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct RecipientBody {
    /// Their name.
    #[schema(max_length = 200)]
    name: String,
    /// Their telephone, with the country's code.
    #[serde(default)]
    phone: Option<String>,
    /// Where they live, one of my addresses.
    #[serde(default)]
    address_id: Option<String>,
}

/// Somebody who is sent things.
#[derive(Serialize, ToSchema)]
struct RecipientAnswer {
    /// Their key.
    #[schema(value_type = String)]
    id: RecipientId,
    /// Their name.
    name: String,
    /// Their telephone.
    phone: Option<String>,
    /// Where they live, one of my addresses.
    #[schema(value_type = Option<String>)]
    address_id: Option<AddressId>,
}

impl From<Recipient> for RecipientAnswer {
    fn from(Recipient { id, person }: Recipient) -> Self {
        RecipientAnswer {
            id,
            name: person.name,
            phone: person.phone.map(|phone| phone.to_string()),
            address_id: person.address,
        }
    }
}

impl RecipientBody {
    fn read(self) -> Result<NewRecipient> {
        let mut read = Reader::default();
        let phone = read.optional("phone", self.phone.as_deref());
        let address = read.optional("address_id", self.address_id.as_deref());
        read.finish()?;
        Ok(NewRecipient { name: self.name, phone, address })
    }
}

fn shaped(id: RecipientId, new: &NewRecipient) -> RecipientAnswer {
    let person = NewRecipient { name: new.name.trim().to_owned(), ..new.clone() };
    RecipientAnswer::from(Recipient { id, person })
}

/// My recipients, by name.
#[utoipa::path(
    get,
    path = "/v1/me/recipients",
    tag = "account",
    responses((status = 200, description = "The recipients", body = Listed<RecipientAnswer>))
)]
async fn get_recipients(
    State(app): State<AppState>,
    CustomerSession { customer, .. }: CustomerSession,
) -> Result<Json<Listed<RecipientAnswer>>> {
    let recipients = customers::recipients(&mut *app.connection().await?, customer.id).await?;
    Ok(Json(Listed::whole(recipients.into_iter().map(RecipientAnswer::from).collect())))
}

/// Add a recipient.
#[utoipa::path(
    post,
    path = "/v1/me/recipients",
    tag = "account",
    request_body = RecipientBody,
    responses((status = 201, description = "The recipient", body = RecipientAnswer))
)]
async fn post_recipient(
    State(app): State<AppState>,
    CustomerChange { customer, asked, body }: CustomerChange<RecipientBody>,
) -> Result<Written<Response>> {
    let new = body.read()?;
    writing::run(&app, asked, async |write: &mut Write| {
        let id = customers::add_recipient(write, customer.id, &new).await?;
        Ok(created(None, &shaped(id, &new)))
    })
    .await
}

/// Change a recipient; what is left out is gone.
#[utoipa::path(
    put,
    path = "/v1/me/recipients/{id}",
    tag = "account",
    params(("id" = String, Path, description = "Key of the recipient")),
    request_body = RecipientBody,
    responses((status = 200, description = "The recipient", body = RecipientAnswer))
)]
async fn put_recipient(
    State(app): State<AppState>,
    Path(id): Path<RecipientId>,
    CustomerChange { customer, asked, body }: CustomerChange<RecipientBody>,
) -> Result<Written<Response>> {
    let new = body.read()?;
    writing::run(&app, asked, async |write: &mut Write| {
        customers::change_recipient(write, customer.id, id, &new).await?;
        Ok(shown(&shaped(id, &new)))
    })
    .await
}

/// Take a recipient out.
#[utoipa::path(
    delete,
    path = "/v1/me/recipients/{id}",
    tag = "account",
    params(("id" = String, Path, description = "Key of the recipient")),
    responses((status = 204, description = "They are gone"))
)]
async fn delete_recipient(
    State(app): State<AppState>,
    Path(id): Path<RecipientId>,
    CustomerAsked { customer, asked }: CustomerAsked,
) -> Result<Written<Response>> {
    writing::run(&app, asked, async |write: &mut Write| {
        customers::remove_recipient(write, customer.id, id).await?;
        Ok(gone())
    })
    .await
}
