//! The cart of an address, for whose browser knows its secret, and for the customer whose it is.

use axum::extract::{FromRequestParts, RawPathParams};
use axum::http::request::Parts;
use axum::response::{IntoResponse as _, Response};
use jiff::Timestamp;
use souk_api::{AppState, Error, secrets};
use souk_commerce::carts::{self, Cart, CartId};
use souk_commerce::orders;

use super::cookie::{self, Basket};
use crate::account;
use crate::caller::Caller;
use crate::orders::cookie as orders_cookie;
use crate::page;
use crate::refusal::Refusal;
use crate::visit::Visit;

/// A cart with the visit of its market. Who asks for one that was bought is led to its order.
pub(crate) struct Held {
    pub(crate) visit: Visit,
    pub(crate) cart: Cart,
    /// Where the request comes from, where that is known.
    pub(crate) network: Option<String>,
}

impl Held {
    /// The cart as it is now.
    pub(crate) async fn read_again(&mut self, app: &AppState) -> Result<(), Error> {
        let mut connection = app.reading().await?;
        self.cart = carts::read(&mut connection, self.cart.id, Timestamp::now()).await?;
        Ok(())
    }
}

impl FromRequestParts<AppState> for Held {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, app: &AppState) -> Result<Self, Response> {
        let Ok(caller) = Caller::from_request_parts(parts, app).await;
        let (lang, address) = (caller.lang(), caller.address.clone());
        let network = secrets::peer(parts).map(|peer| peer.to_string());
        let id = id(parts, app).await;
        match find(app, caller, id).await {
            Ok(Found::Open(open)) => {
                let (visit, cart) = *open;
                Ok(Held { visit, cart, network })
            }
            Ok(Found::Bought(caller, number)) => {
                Err(page::lead(&caller, &format!("/orders/{number}")))
            }
            Err(error) => Err(Refusal::plain(lang, &address, error).into_response()),
        }
    }
}

enum Found {
    Open(Box<(Visit, Cart)>),
    Bought(Box<Caller>, String),
}

async fn find(app: &AppState, mut caller: Caller, id: Option<CartId>) -> Result<Found, Error> {
    let id = id.ok_or(Error::NotFound)?;
    if Basket::known(&caller, id, &app.keys).is_none() && !is_own(app, &caller, id).await? {
        return Err(Error::NotFound);
    }
    let mut connection = app.reading().await?;
    let cart = carts::read(&mut connection, id, Timestamp::now()).await?;
    if cart.is_completed {
        let (group, number) = orders::of_cart(&mut connection, id).await?;
        orders_cookie::remember(&mut caller, &secrets::of_group(&app.keys, group));
        cookie::remember(&mut caller, &cart, &app.keys);
        return Ok(Found::Bought(Box::new(caller), number));
    }
    drop(connection);
    let tables = app.view()?.tables.clone();
    let visit = Visit::new(caller, tables, cart.market.as_str()).ok_or(Error::NotFound)?;
    // What the page says about a city is about the cart's.
    let city = cart.recipient.city.or(visit.city);
    let customer = account::customer(app, &visit.caller).await;
    let basket = Some(Basket::holding(&cart, &app.keys));
    Ok(Found::Open(Box::new((Visit { city, customer, basket, ..visit }, cart))))
}

/// Whether it is the cart of whoever is logged in.
async fn is_own(app: &AppState, caller: &Caller, id: CartId) -> Result<bool, Error> {
    let Some(member) = account::member(app, caller).await? else { return Ok(false) };
    let mut connection = app.connection().await?;
    Ok(carts::is_of_customer(&mut connection, id, member.customer.id).await?)
}

/// The cart's key in the path.
async fn id(parts: &mut Parts, app: &AppState) -> Option<CartId> {
    let params = RawPathParams::from_request_parts(parts, app).await.ok()?;
    params.iter().find(|(name, _)| *name == "id")?.1.parse().ok()
}
