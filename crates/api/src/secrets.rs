//! Secrets of guests: what reaches a cart or a purchase is known only to who made it. Each is an HMAC of its id, so that it
//! is stored nowhere and can be told again when a request is repeated.

use std::collections::HashMap;
use std::net::IpAddr;

use axum::extract::{FromRequest, FromRequestParts, Path, Request};
use axum::http::HeaderMap;
use axum::http::header::USER_AGENT;
use axum::http::request::Parts;
use serde::de::DeserializeOwned;
use souk_commerce::carts::CartId;
use souk_commerce::customers::Customer;
use souk_commerce::orders::OrderGroupId;

use crate::AppState;
use crate::cursor::Keys;
use crate::error::{Error, Result};
use crate::extract::{JSON, is_json, parse_json};
use crate::policy::CustomerSession;
use crate::visitor::X_VISITOR_ID;
use crate::writing::Asked;

/// The header with the secret of a cart.
pub(crate) const X_CART_SECRET: &str = "x-cart-secret";

/// The header with the secret of a purchase.
pub(crate) const X_ORDER_SECRET: &str = "x-order-secret";

/// The network address of a request's other end.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Peer(pub(crate) IpAddr);

/// The secret of a cart.
#[must_use]
pub fn of_cart(keys: &Keys, id: CartId) -> String {
    keys.secret(b"cart", &id.bytes())
}

/// The secret of a purchase.
#[must_use]
pub fn of_group(keys: &Keys, id: OrderGroupId) -> String {
    keys.secret(b"order", &id.bytes())
}

/// What leads a recipient to the gift that they are asked about: the purchase and a secret of its own, which says nothing
/// about the sender's.
#[must_use]
pub fn gift_token(keys: &Keys, id: OrderGroupId) -> String {
    format!("{id}.{}", keys.secret(b"gift", &id.bytes()))
}

/// The purchase that a token leads to.
#[must_use]
pub fn of_gift_token(keys: &Keys, token: &str) -> Option<OrderGroupId> {
    let id = token.split_once('.')?.0.parse().ok()?;
    is_same(token, &gift_token(keys, id)).then_some(id)
}

/// Whether somebody gave this secret; compared in constant time.
#[must_use]
pub fn is_same(given: &str, secret: &str) -> bool {
    bool::from(subtle::ConstantTimeEq::ct_eq(given.as_bytes(), secret.as_bytes()))
}

/// Whether the header has this secret.
pub(crate) fn is_shown(headers: &HeaderMap, name: &str, secret: &str) -> bool {
    let given = headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    is_same(given, secret)
}

/// The cart of the path, whose secret the request knows; else there is none.
pub(crate) struct CartAccess {
    pub(crate) id: CartId,
}

/// A change of such a cart, without a body.
pub(crate) struct CartAsked {
    pub(crate) id: CartId,
    pub(crate) asked: Asked,
}

/// A change of such a cart, with a JSON body.
pub(crate) struct CartChange<T> {
    pub(crate) id: CartId,
    pub(crate) asked: Asked,
    pub(crate) body: T,
    pub(crate) peer: Option<IpAddr>,
}

impl FromRequestParts<AppState> for CartAccess {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, app: &AppState) -> Result<Self> {
        let path = Path::<HashMap<String, String>>::from_request_parts(parts, app).await;
        let Path(path) = path.map_err(|_| Error::NotFound)?;
        let id: CartId = path.get("id").and_then(|id| id.parse().ok()).ok_or(Error::NotFound)?;
        let is_its = is_shown(&parts.headers, X_CART_SECRET, &of_cart(&app.keys, id));
        if is_its { Ok(CartAccess { id }) } else { Err(Error::NotFound) }
    }
}

impl FromRequest<AppState> for CartAsked {
    type Rejection = Error;

    async fn from_request(request: Request, app: &AppState) -> Result<Self> {
        let (mut parts, body) = request.into_parts();
        let CartAccess { id } = CartAccess::from_request_parts(&mut parts, app).await?;
        let (asked, _) = Asked::read_guest(&format!("cart:{id}"), &parts, body, app).await?;
        Ok(CartAsked { id, asked })
    }
}

impl<T: DeserializeOwned> FromRequest<AppState> for CartChange<T> {
    type Rejection = Error;

    async fn from_request(request: Request, app: &AppState) -> Result<Self> {
        let (mut parts, body) = request.into_parts();
        let CartAccess { id } = CartAccess::from_request_parts(&mut parts, app).await?;
        if !is_json(&parts.headers) {
            return Err(Error::MediaType(JSON));
        }
        let (asked, bytes) = Asked::read_guest(&format!("cart:{id}"), &parts, body, app).await?;
        Ok(CartChange { id, asked, body: parse_json(&bytes)?, peer: peer(&parts) })
    }
}

/// A customer's change, without a body.
pub(crate) struct CustomerAsked {
    pub(crate) customer: Customer,
    pub(crate) asked: Asked,
}

/// A customer's change, with a JSON body.
pub(crate) struct CustomerChange<T> {
    pub(crate) customer: Customer,
    pub(crate) asked: Asked,
    pub(crate) body: T,
}

impl FromRequest<AppState> for CustomerAsked {
    type Rejection = Error;

    async fn from_request(request: Request, app: &AppState) -> Result<Self> {
        let (mut parts, body) = request.into_parts();
        let CustomerSession { customer, .. } =
            CustomerSession::from_request_parts(&mut parts, app).await?;
        let scope = format!("customer:{}", customer.id);
        let (asked, _) = Asked::read_guest(&scope, &parts, body, app).await?;
        Ok(CustomerAsked { customer, asked })
    }
}

impl<T: DeserializeOwned> FromRequest<AppState> for CustomerChange<T> {
    type Rejection = Error;

    async fn from_request(request: Request, app: &AppState) -> Result<Self> {
        let (mut parts, body) = request.into_parts();
        let CustomerSession { customer, .. } =
            CustomerSession::from_request_parts(&mut parts, app).await?;
        if !is_json(&parts.headers) {
            return Err(Error::MediaType(JSON));
        }
        let scope = format!("customer:{}", customer.id);
        let (asked, bytes) = Asked::read_guest(&scope, &parts, body, app).await?;
        Ok(CustomerChange { customer, asked, body: parse_json(&bytes)? })
    }
}

/// Where a request comes from, where the server knows; an extractor.
#[derive(Clone, Copy)]
pub(crate) struct Network(pub(crate) Option<IpAddr>);

impl<S: Send + Sync> FromRequestParts<S> for Network {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(
        parts: &mut Parts,
        _: &S,
    ) -> std::result::Result<Self, Self::Rejection> {
        Ok(Network(peer(parts)))
    }
}

/// Where a request comes from, where the server knows.
#[must_use]
pub fn peer(parts: &Parts) -> Option<IpAddr> {
    parts.extensions.get::<Peer>().map(|peer| peer.0)
}

/// Whose idempotency keys those of a guest without a cart are: the device's, or what tells it from others.
pub(crate) fn guest_scope(parts: &Parts) -> String {
    let header = |name: &str| parts.headers.get(name).map(|value| value.as_bytes().escape_ascii());
    match header(X_VISITOR_ID) {
        Some(visitor) => format!("visitor:{visitor}"),
        None => {
            let agent = header(USER_AGENT.as_str()).map(|agent| agent.to_string());
            format!("guest:{:?}:{}", peer(parts), agent.unwrap_or_default())
        }
    }
}
