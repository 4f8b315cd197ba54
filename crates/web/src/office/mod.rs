//! The office: pages for people who work in the shop.
//!
//! Staff log in with a form and carry their session in a cookie that scripts cannot read and other sites cannot
//! send along. Every form is refused when another site posts it. Every page but the login stands behind
//! [`Policy::SignedIn`].

mod login;
mod today;

use axum::Router;
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use jiff::Timestamp;
use souk_api::{AppState, Error, Policy};
use souk_commerce::staff::{self, Staff};
use tower_http::csrf::CsrfLayer;

use crate::caller::Caller;
use crate::refusal::Refusal;

/// The office's pages.
pub(crate) fn routes() -> Router<AppState> {
    Router::new()
        .route("/office", get(today::show))
        .route("/office/login", get(login::show).post(login::log_in))
        .route("/office/logout", post(login::log_out))
        .layer(CsrfLayer::new())
}

/// Somebody of the staff with an open session; an extractor for every page behind the login.
pub(crate) struct Colleague {
    pub(crate) staff: Staff,
    pub(crate) caller: Caller,
}

/// Why somebody does not get in.
pub(crate) enum Outside {
    /// Nobody is logged in, or no longer.
    Stranger,
    /// It could not be found out.
    Failed(Refusal),
}

impl FromRequestParts<AppState> for Colleague {
    type Rejection = Outside;

    async fn from_request_parts(parts: &mut Parts, app: &AppState) -> Result<Self, Outside> {
        let Ok(caller) = Caller::from_request_parts(parts, app).await;
        let Some(token) = login::token(&caller) else { return Err(Outside::Stranger) };
        let found = staff::by_token(&app.db, token, Timestamp::now()).await;
        let staff = found.map_err(|error| Outside::Failed(refuse(&caller, error.into())))?;
        Policy::SignedIn.check(staff.as_ref()).map_err(|_| Outside::Stranger)?;
        staff.map(|staff| Colleague { staff, caller }).ok_or(Outside::Stranger)
    }
}

impl IntoResponse for Outside {
    fn into_response(self) -> Response {
        match self {
            Outside::Stranger => Redirect::to("/office/login").into_response(),
            Outside::Failed(refusal) => refusal.into_response(),
        }
    }
}

/// An error as a page of the office.
fn refuse(caller: &Caller, error: Error) -> Refusal {
    Refusal::plain(caller.lang(), &caller.address, error)
}
