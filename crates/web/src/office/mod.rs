//! The office: pages for people who work in the shop.
//!
//! Staff log in with a form and carry their session in a cookie that scripts cannot read and other sites cannot
//! send along. Every form is refused when another site posts it. Every page but the login stands behind
//! [`Policy::SignedIn`].

mod analytics;
mod blocked_words;
mod categories;
pub(crate) mod desk;
mod experiments;
pub(crate) mod fields;
pub(crate) mod form;
mod login;
mod models;
mod orders;
pub(crate) mod products;
mod promotions;
mod rules;
mod search_settings;
mod synonyms;
mod today;
pub(crate) mod trial;
mod writes;

use axum::Router;
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::routing::{get, post};
use jiff::Timestamp;
use souk_api::{AppState, Error, Permission, Policy};
use souk_commerce::staff::{self, Staff};

use crate::caller::Caller;
use crate::refusal::Refusal;
use crate::routes::{Route, forms, route};

/// Where strangers are led.
pub(crate) const LOGIN: &str = "/office/login";

/// Who may see the catalogue.
const READ: Policy = Policy::Staff(Permission::CatalogRead);

/// Who may change it.
const WRITE: Policy = Policy::Staff(Permission::CatalogWrite);

/// Who may see what search is told to do.
const READ_SEARCH: Policy = Policy::Staff(Permission::SearchRead);

/// Who may change it.
const WRITE_SEARCH: Policy = Policy::Staff(Permission::SearchWrite);
/// Who may see what shoppers searched for.
const FIGURES: Policy = Policy::Staff(Permission::AnalyticsRead);

/// Who may see orders.
const READ_ORDERS: Policy = Policy::Staff(Permission::OrdersRead);

/// Who may move them.
const WRITE_ORDERS: Policy = Policy::Staff(Permission::OrdersWrite);

/// Who may look at promotions.
const READ_PROMOTIONS: Policy = Policy::Staff(Permission::PromotionsRead);
/// Who may change them.
const WRITE_PROMOTIONS: Policy = Policy::Staff(Permission::PromotionsWrite);
/// Who may say that money is there.
const WRITE_PAYMENTS: Policy = Policy::Staff(Permission::PaymentsWrite);

/// The office's pages.
pub(crate) fn pages() -> Vec<Route> {
    vec![
        route("/office", Policy::SignedIn, get(today::show)),
        route("/office/orders", READ_ORDERS, get(orders::board::show)),
        route(
            "/office/orders/new",
            WRITE_ORDERS,
            get(orders::telephone::show).post(orders::telephone::save),
        ),
        route("/office/orders/stream", READ_ORDERS, get(orders::stream)),
        route("/office/orders/{number}", READ_ORDERS, get(orders::show)),
        route("/office/orders/{number}/move", WRITE_ORDERS, post(orders::shift)),
        route("/office/orders/{number}/return", WRITE_ORDERS, post(orders::take_back)),
        route("/office/orders/{number}/received", WRITE_PAYMENTS, post(orders::received)),
        route("/office/promotions", READ_PROMOTIONS, get(promotions::list::show)),
        route(
            "/office/promotions/new",
            WRITE_PROMOTIONS,
            get(promotions::show_new).post(promotions::create),
        ),
        route("/office/promotions/{id}", READ_PROMOTIONS, get(promotions::show)),
        route("/office/promotions/{id}", WRITE_PROMOTIONS, post(promotions::save)),
        route("/office/products", READ, get(products::list::show)),
        route("/office/products/bulk", WRITE, post(products::list::change)),
        route("/office/products/export.csv", READ, get(products::sheet::export)),
        route(
            "/office/products/import",
            WRITE,
            get(products::sheet::show).post(products::sheet::take),
        ),
        route("/office/products/new", WRITE, get(products::show_new).post(products::create)),
        route("/office/products/{id}", READ, get(products::show)),
        route("/office/products/{id}", WRITE, post(products::save)),
        route("/office/products/{id}/preview", READ, get(products::preview::show)),
        route("/office/categories", READ, get(categories::show)),
        route("/office/categories", WRITE, post(categories::save)),
        route("/office/rules", READ_SEARCH, get(rules::list::show)),
        route("/office/rules/new", WRITE_SEARCH, get(rules::show_new).post(rules::create)),
        route("/office/rules/{id}", READ_SEARCH, get(rules::show)),
        route("/office/rules/{id}", WRITE_SEARCH, post(rules::save)),
        route("/office/rules/{id}/switch", WRITE_SEARCH, post(rules::switch)),
        route("/office/synonyms", READ_SEARCH, get(synonyms::list::show)),
        route("/office/synonyms/new", WRITE_SEARCH, get(synonyms::show_new).post(synonyms::create)),
        route("/office/synonyms/{id}", READ_SEARCH, get(synonyms::show)),
        route("/office/synonyms/{id}", WRITE_SEARCH, post(synonyms::save)),
        route("/office/search-settings", READ_SEARCH, get(search_settings::show)),
        route("/office/search-settings", WRITE_SEARCH, post(search_settings::save)),
        route("/office/models", READ_SEARCH, get(models::show)),
        route("/office/models", WRITE_SEARCH, post(models::save)),
        route("/office/models/why", READ_SEARCH, get(models::why::show)),
        route("/office/experiments", READ_SEARCH, get(experiments::list::show)),
        route(
            "/office/experiments/new",
            WRITE_SEARCH,
            get(experiments::show_new).post(experiments::create),
        ),
        route("/office/experiments/{id}", READ_SEARCH, get(experiments::show)),
        route("/office/experiments/{id}", WRITE_SEARCH, post(experiments::save)),
        route("/office/blocked-words", FIGURES, get(blocked_words::show)),
        route("/office/blocked-words", WRITE, post(blocked_words::save)),
        route("/office/analytics", FIGURES, get(analytics::show)),
        route(LOGIN, Policy::Public, get(login::show).post(login::log_in)),
        route("/office/logout", Policy::SignedIn, post(login::log_out)),
    ]
}

/// The office's pages behind their guards.
pub(crate) fn router(app: &AppState) -> Router<AppState> {
    forms(pages(), app)
}

/// Who of the staff a caller is; nobody without an open session.
pub(crate) async fn identify(app: &AppState, caller: &Caller) -> Result<Option<Staff>, Error> {
    match login::token(caller) {
        Some(token) => Ok(staff::by_token(&app.db, token, Timestamp::now()).await?),
        None => Ok(None),
    }
}

/// Somebody of the staff, as the guard has found them; an extractor for every page behind the login.
pub(crate) struct Colleague {
    pub(crate) staff: Staff,
    pub(crate) caller: Caller,
}

impl<S: Send + Sync> FromRequestParts<S> for Colleague {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Refusal> {
        let Ok(caller) = Caller::from_request_parts(parts, state).await;
        match parts.extensions.get::<Staff>().cloned() {
            Some(staff) => Ok(Colleague { staff, caller }),
            None => Err(refuse(&caller, Error::Unauthenticated)),
        }
    }
}

/// An error as a page of the office.
fn refuse(caller: &Caller, error: Error) -> Refusal {
    Refusal::plain(caller.lang(), &caller.address, error)
}
