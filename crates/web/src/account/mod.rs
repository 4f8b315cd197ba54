//! `/{market}/account…`: the cabinet. Customers log in with a code or a password, see their orders, and keep addresses,
//! recipients, occasions and favourites. Every page is a form that works without scripts.

pub(crate) mod basket;
mod entries;
mod favourites;
mod login;
mod orders;
mod profile;

use axum::extract::{FromRequestParts, Request, State};
use axum::http::HeaderValue;
use axum::http::header::SET_COOKIE;
use axum::http::request::Parts;
use axum::middleware::Next;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use axum_extra::extract::cookie::Cookie;
use jiff::Timestamp;
use souk_api::{AppState, Error, Policy};
use souk_commerce::customers::{self, Customer, CustomerId};
use souk_commerce::writes::{self, Begun, Write};

use crate::address::Address;
use crate::assets;
use crate::caller::Caller;
use crate::refusal::Refusal;
use crate::routes::{Route, route};
use crate::text::account::{Account, account};
use crate::visit::Visit;

/// The end of the path of the favourites.
const FAVOURITES: &str = "/account/favourites";

/// Holds the session token.
const SESSION: &str = "souk_customer";

/// The pages of the cabinet; only its door is open to strangers.
pub(crate) fn pages() -> Vec<Route> {
    let own = Policy::Customer;
    vec![
        route("/{market}/account/login", Policy::Public, get(login::show).post(login::go_on)),
        route("/{market}/account/logout", own, post(login::leave)),
        route("/{market}/account", own, get(orders::show)),
        route("/{market}/account/profile", own, get(profile::show).post(profile::save)),
        route(
            "/{market}/account/addresses",
            own,
            get(entries::addresses).post(entries::save_address),
        ),
        route(
            "/{market}/account/recipients",
            own,
            get(entries::recipients).post(entries::save_recipient),
        ),
        route(
            "/{market}/account/occasions",
            own,
            get(entries::occasions).post(entries::save_occasion),
        ),
        route("/{market}/account/favourites", own, get(favourites::show).post(favourites::save)),
    ]
}

/// Somebody who is logged in; an extractor for pages behind [`Policy::Customer`].
#[derive(Clone)]
pub(crate) struct Member {
    pub(crate) customer: Customer,
    pub(crate) token: String,
}

impl<S: Send + Sync> FromRequestParts<S> for Member {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Refusal> {
        let member = parts.extensions.get::<Member>().cloned();
        let Ok(caller) = Caller::from_request_parts(parts, state).await;
        let refuse = || Refusal::plain(caller.lang(), &caller.address, Error::Unauthenticated);
        member.ok_or_else(refuse)
    }
}

/// Lets customers pass, and leads strangers to the market's door.
pub(crate) async fn guard(
    State(app): State<AppState>,
    caller: Caller,
    mut request: Request,
    next: Next,
) -> Result<Response, Refusal> {
    let refuse = |error: Error| Refusal::plain(caller.lang(), &caller.address, error);
    let Some(member) = member(&app, &caller).await.map_err(refuse)? else {
        return Ok(Redirect::to(&door(&caller)).into_response());
    };
    request.extensions_mut().insert(member);
    Ok(next.run(request).await)
}

/// Who is logged in, where a page is worth having without: nobody while the database does not say.
pub(crate) async fn customer(app: &AppState, caller: &Caller) -> Option<CustomerId> {
    let found = member(app, caller).await;
    let found =
        found.inspect_err(|error| tracing::warn!(%error, "whose session it is could not be read"));
    Some(found.ok()??.customer.id)
}

/// Who is logged in; nobody without an open session.
pub(crate) async fn member(app: &AppState, caller: &Caller) -> Result<Option<Member>, Error> {
    let token = caller.cookies.get(SESSION).map(Cookie::value).filter(|token| !token.is_empty());
    let Some(token) = token else { return Ok(None) };
    let customer = customers::by_token(&app.db, token, Timestamp::now()).await?;
    Ok(customer.map(|customer| Member { customer, token: token.to_owned() }))
}

/// Where the customers of a page's market log in. What a stranger wanted to keep is kept once they have.
fn door(caller: &Caller) -> String {
    let path = caller.address.path();
    let market = path.split('/').nth(1).unwrap_or_default();
    let door = Address::new(format!("/{market}/account/login"));
    let product = caller.address.get("product").filter(|_| path.ends_with(FAVOURITES));
    product.map_or(door.clone(), |product| door.with("favourite", product)).to_string()
}

/// The ways between the pages of the cabinet.
pub(crate) struct Rail {
    pub(crate) links: Vec<RailLink>,
    pub(crate) logout: String,
    pub(crate) text: &'static Account,
    /// Who is logged in.
    pub(crate) who: String,
    /// What the cabinet's pages have besides the shop's styles.
    pub(crate) style: String,
}

/// A way to a page of the cabinet.
pub(crate) struct RailLink {
    pub(crate) href: String,
    pub(crate) label: &'static str,
    pub(crate) current: bool,
}

impl Rail {
    fn of(visit: &Visit, customer: &Customer, here: &str) -> Rail {
        let text = account(visit.lang);
        let link = |rest: &str, label| RailLink {
            href: visit.path(&format!("/account{rest}")),
            label,
            current: rest == here,
        };
        let reached = customer.email.as_ref().map(ToString::to_string);
        let reached = reached.or(customer.phone.as_ref().map(ToString::to_string));
        let is_named = !customer.name.is_empty();
        Rail {
            links: vec![
                link("", text.orders),
                link("/favourites", text.favourites),
                link("/addresses", text.addresses),
                link("/recipients", text.recipients),
                link("/occasions", text.occasions),
                link("/profile", text.profile),
            ],
            logout: visit.path("/account/logout"),
            text,
            style: style(),
            who: if is_named { customer.name.clone() } else { reached.unwrap_or_default() },
        }
    }
}

/// The cabinet's own styles.
fn style() -> String {
    assets::url("account.css")
}

/// The way to another page, with what the browser shall remember.
fn lead(cookies: &[HeaderValue], to: &str) -> Response {
    let mut response = Redirect::to(to).into_response();
    for cookie in cookies {
        response.headers_mut().append(SET_COOKIE, cookie.clone());
    }
    response
}

/// Opens a write of a customer's.
async fn open(app: &AppState) -> Result<Write, Error> {
    match writes::begin(&app.db, None, None).await? {
        Begun::New(write) => Ok(write),
        Begun::Before(_) => {
            Err(Error::Internal("a write without a key was answered before".to_owned()))
        }
    }
}
