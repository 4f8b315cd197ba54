//! The order of an address, for whose browser knows the secret of its purchase, and for the customer who bought it.

use axum::extract::{FromRequestParts, RawPathParams};
use axum::http::request::Parts;
use axum::response::{IntoResponse as _, Response};
use souk_api::{AppState, Error, secrets};
use souk_commerce::orders::{self, Order, Purchase};

use super::cookie;
use crate::account;
use crate::caller::Caller;
use crate::page;
use crate::refusal::Refusal;
use crate::visit::Visit;

/// A purchase with the visit of its market, and the number it was asked for by.
pub(crate) struct Bought {
    pub(crate) visit: Visit,
    pub(crate) purchase: Purchase,
    pub(crate) number: String,
}

impl Bought {
    /// The order of the address.
    pub(crate) fn order(&self) -> Option<&Order> {
        self.purchase.orders.iter().find(|order| order.number == self.number)
    }
}

impl FromRequestParts<AppState> for Bought {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, app: &AppState) -> Result<Self, Response> {
        let Ok(caller) = Caller::from_request_parts(parts, app).await;
        let (lang, address) = (caller.lang(), caller.address.clone());
        let number = number(parts, app).await.unwrap_or_default();
        match find(app, caller, number).await {
            Ok(Found::Known(bought)) => Ok(*bought),
            Ok(Found::Told(caller)) => Err(page::lead(&caller, &caller.address.to_string())),
            Err(error) => Err(Refusal::plain(lang, &address, error).into_response()),
        }
    }
}

enum Found {
    Known(Box<Bought>),
    /// The address has the secret, as a link in a message does: it moves into a cookie, so that it stands in no address bar.
    Told(Box<Caller>),
}

async fn find(app: &AppState, mut caller: Caller, number: String) -> Result<Found, Error> {
    let mut connection = app.connection().await?;
    let group = orders::group_of(&mut connection, &number).await?;
    let told = caller.address.get("secret").map(str::to_owned);
    if let Some(told) = told {
        if !secrets::is_same(&told, &secrets::of_group(&app.keys, group)) {
            return Err(Error::NotFound);
        }
        cookie::remember(&mut caller, &told);
        caller.address = caller.address.without("secret");
        return Ok(Found::Told(Box::new(caller)));
    }
    drop(connection);
    if !cookie::knows(&caller, &app.keys, group) && !is_own(app, &caller, &number).await? {
        return Err(Error::NotFound);
    }
    let mut connection = app.connection().await?;
    let purchase = orders::of_number(&mut connection, &number).await?;
    let tables = app.view()?.tables.clone();
    let visit = Visit::new(caller, tables, purchase.market.as_str()).ok_or(Error::NotFound)?;
    Ok(Found::Known(Box::new(Bought { visit, purchase, number })))
}

/// Whether whoever is logged in bought it.
async fn is_own(app: &AppState, caller: &Caller, number: &str) -> Result<bool, Error> {
    let Some(member) = account::member(app, caller).await? else { return Ok(false) };
    let mut connection = app.connection().await?;
    Ok(orders::is_of_customer(&mut connection, number, member.customer.id).await?)
}

/// The order's number in the path.
async fn number(parts: &mut Parts, app: &AppState) -> Option<String> {
    let params = RawPathParams::from_request_parts(parts, app).await.ok()?;
    let number = params.iter().find(|(name, _)| *name == "number")?.1;
    (!number.contains('\0')).then(|| number.to_owned())
}
