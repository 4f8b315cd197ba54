//! `/office/login` and `/office/logout`.

use askama::Template;
use axum::Form;
use axum::extract::State;
use axum::extract::rejection::FormRejection;
use axum::http::StatusCode;
use axum::http::header::SET_COOKIE;
use axum::response::{AppendHeaders, IntoResponse, Redirect, Response};
use axum_extra::extract::cookie::{Cookie, SameSite};
use jiff::Timestamp;
use serde::Deserialize;
use souk_api::AppState;
use souk_commerce::{Error as ShopError, staff};

use super::refuse;
use crate::caller::Caller;
use crate::frame::Frame;
use crate::page;
use crate::refusal::Refusal;
use crate::text::texts;

/// Holds the session token, for the office's pages only.
const SESSION: &str = "souk_staff";

#[derive(Template)]
#[template(path = "office/login.html")]
pub(crate) struct LoginPage {
    frame: Frame,
    email: String,
    failed: bool,
}

/// What the login form sends.
#[derive(Deserialize)]
pub(crate) struct Credentials {
    email: String,
    password: String,
}

impl LoginPage {
    pub(crate) fn new(caller: &Caller, email: &str, failed: bool) -> LoginPage {
        let lang = caller.lang();
        let frame = Frame::plain(lang, texts(lang).office_login, &caller.address);
        LoginPage { frame, email: email.to_owned(), failed }
    }
}

/// `GET /office/login`
pub(crate) async fn show(caller: Caller) -> Response {
    page::for_caller(&caller, &LoginPage::new(&caller, "", false))
}

/// `POST /office/login`
pub(crate) async fn log_in(
    State(app): State<AppState>,
    caller: Caller,
    form: Result<Form<Credentials>, FormRejection>,
) -> Result<Response, Refusal> {
    let Ok(Form(form)) = form else { return Ok(wrong(&caller, "")) };
    match staff::log_in(&app.db, &form.email, &form.password, Timestamp::now()).await {
        Ok(session) => {
            let cookie = cookie(&session.token, caller.is_encrypted);
            Ok((AppendHeaders([(SET_COOKIE, cookie)]), Redirect::to("/office")).into_response())
        }
        Err(ShopError::WrongCredentials) => Ok(wrong(&caller, &form.email)),
        Err(error) => Err(refuse(&caller, error.into())),
    }
}

/// The form again, with the words for credentials that do not fit.
fn wrong(caller: &Caller, email: &str) -> Response {
    page::html(StatusCode::UNAUTHORIZED, &LoginPage::new(caller, email, true))
}

/// `POST /office/logout`
pub(crate) async fn log_out(
    State(app): State<AppState>,
    caller: Caller,
) -> Result<Response, Refusal> {
    if let Some(token) = token(&caller) {
        staff::log_out(&app.db, token).await.map_err(|error| refuse(&caller, error.into()))?;
    }
    let forget = format!("{}; Max-Age=0", cookie("", false));
    Ok((AppendHeaders([(SET_COOKIE, forget)]), Redirect::to("/office/login")).into_response())
}

/// The session token that a caller carries.
pub(super) fn token(caller: &Caller) -> Option<&str> {
    caller.cookies.get(SESSION).map(Cookie::value).filter(|token| !token.is_empty())
}

/// A cookie that ends with the browser's session; the server ends it after its own time.
fn cookie(token: &str, encrypted: bool) -> String {
    let cookie = Cookie::build((SESSION, token.to_owned())).path("/office").http_only(true);
    cookie.same_site(SameSite::Lax).secure(encrypted).build().to_string()
}

#[cfg(test)]
mod tests {
    use souk_base::Lang;

    use super::*;
    use crate::sample;

    #[test]
    fn the_form_renders_in_every_language_and_keeps_the_address() {
        for lang in Lang::ALL {
            let caller = sample::caller("/office/login", lang);
            let html = LoginPage::new(&caller, "a@b.c\"><i>", true).render().unwrap();

            assert!(html.contains(texts(lang).log_in_failed));
            assert!(html.contains("a@b.c") && !html.contains("<i>"));
        }
    }

    #[test]
    fn the_session_cookie_is_for_the_office_alone_and_hidden_from_scripts() {
        let cookie = cookie("token", true);

        for part in ["souk_staff=token", "Path=/office", "HttpOnly", "SameSite=Lax", "Secure"] {
            assert!(cookie.contains(part), "{cookie}");
        }
    }
}
