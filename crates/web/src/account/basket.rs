//! The cart that the browser remembers: what a guest had goes to the customer who logs in.

use axum::http::HeaderValue;
use jiff::Timestamp;
use souk_api::pipeline::accounts::{Entered, GuestCart};
use souk_api::{AppState, Error};
use souk_commerce::carts;

use crate::cart::cookie::{self, Basket};
use crate::visit::Visit;

/// The guest's cart, whose secret may still be wrong.
pub(super) fn of_guest(visit: &Visit) -> Option<GuestCart> {
    let Basket { id, secret, .. } = Basket::of(&visit.caller, visit.market)?;
    Some(GuestCart { id, secret })
}

/// Has the browser remember the customer's cart of this market from now on, if there is one.
pub(super) async fn of_customer(
    app: &AppState,
    visit: &Visit,
    entered: &Entered,
    encrypted: bool,
) -> Result<Option<HeaderValue>, Error> {
    let own = entered.carts.iter().find(|cart| cart.market == visit.market);
    let Some(own) = own else { return Ok(None) };
    let mut connection = app.connection().await?;
    let cart = carts::read(&mut connection, own.id, Timestamp::now()).await?;
    Ok(cookie::of_cart(&cart, &app.keys, encrypted))
}
