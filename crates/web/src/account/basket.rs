//! The cart that the browser remembers for a market, `id.secret.units`: what a guest had goes to the customer who logs in.

use axum::http::HeaderValue;
use axum_extra::extract::cookie::{Cookie, SameSite};
use jiff::Timestamp;
use souk_api::pipeline::accounts::{Entered, GuestCart};
use souk_api::{AppState, Error};
use souk_commerce::carts::{self, DAYS};

use crate::visit::Visit;

/// Beginning of the cookies' names; the market's code follows.
const CART: &str = "souk_cart_";

/// The guest's cart, whose secret may still be wrong.
pub(super) fn of_guest(visit: &Visit) -> Option<GuestCart> {
    let cookie = visit.caller.cookies.get(&format!("{CART}{}", visit.market))?;
    let mut parts = cookie.value().split('.');
    let (id, secret) = (parts.next()?, parts.next()?);
    Some(GuestCart { id: id.parse().ok()?, secret: secret.to_owned() })
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
    let units: i64 = cart.lines.iter().map(|line| i64::from(line.quantity)).sum();
    let name = format!("{CART}{}", visit.market);
    let value = format!("{}.{}.{units}", own.id, own.secret);
    let cookie = Cookie::build((name, value)).path("/").http_only(true);
    let cookie = cookie.same_site(SameSite::Lax).secure(encrypted).build();
    let seconds = i64::from(DAYS) * 24 * 60 * 60;
    Ok(HeaderValue::from_str(&format!("{cookie}; Max-Age={seconds}")).ok())
}
