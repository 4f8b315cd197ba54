//! Whose cart it is: a customer's is found wherever they are logged in; what a guest had goes to the customer who logs in.

use axum::http::HeaderValue;
use jiff::Timestamp;
use souk_api::pipeline::accounts::{Entered, GuestCart};
use souk_api::{AppState, Error, secrets};
use souk_base::MarketCode;
use souk_commerce::carts;
use souk_commerce::customers::Customer;

use super::{member, open};
use crate::caller::Caller;
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
    let mut connection = app.reading().await?;
    let cart = carts::read(&mut connection, own.id, Timestamp::now()).await?;
    Ok(cookie::of_cart(&cart, &app.keys, encrypted))
}

/// The cart to be shown in the top line: the customer's, else the browser's. A page needs no cart to be shown, so what goes
/// wrong here is only logged.
pub(crate) async fn shown(app: &AppState, visit: &Visit) -> Option<Basket> {
    let known = visit.basket.clone();
    match of_member(app, &visit.caller, visit.market).await {
        Ok(Some((_, own))) => own.or(known),
        Ok(None) => known,
        Err(error) => {
            tracing::warn!(%error, "a customer's cart is not found");
            known
        }
    }
}

/// The visitor's cart, and whose it is. What a customer's browser had as a guest's becomes theirs first.
pub(crate) async fn mine(
    app: &AppState,
    visit: &Visit,
) -> Result<(Option<Basket>, Option<Customer>), Error> {
    let known = Basket::of(&visit.caller, visit.market).filter(|own| own.is_genuine(&app.keys));
    let Some((customer, own)) = of_member(app, &visit.caller, visit.market).await? else {
        return Ok((known, None));
    };
    let is_own = |known: &Basket| own.as_ref().is_some_and(|own| own.id == known.id);
    let Some(guest) = known.filter(|known| !is_own(known)) else {
        return Ok((own, Some(customer)));
    };
    let mut write = open(app).await?;
    carts::adopt(&mut write, customer.id, guest.id, Timestamp::now()).await?;
    write.finish().await?;
    Ok((of_customer_in(app, &customer, visit.market).await?, Some(customer)))
}

/// Who is logged in, with their cart of a market.
async fn of_member(
    app: &AppState,
    caller: &Caller,
    market: MarketCode,
) -> Result<Option<(Customer, Option<Basket>)>, Error> {
    let Some(member) = member(app, caller).await? else { return Ok(None) };
    let own = of_customer_in(app, &member.customer, market).await?;
    Ok(Some((member.customer, own)))
}

async fn of_customer_in(
    app: &AppState,
    customer: &Customer,
    market: MarketCode,
) -> Result<Option<Basket>, Error> {
    let mut connection = app.connection().await?;
    let kept = carts::of_customer(&mut connection, customer.id).await?;
    let own = kept.into_iter().find(|cart| cart.market == market);
    Ok(own.map(|cart| Basket {
        id: cart.id,
        secret: secrets::of_cart(&app.keys, cart.id),
        units: cart.units.unsigned_abs(),
    }))
}
