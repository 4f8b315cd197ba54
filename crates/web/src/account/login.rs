//! `/{market}/account/login` and `/{market}/account/logout`.

use std::net::IpAddr;

use askama::Template;
use axum::Form;
use axum::extract::rejection::FormRejection;
use axum::extract::{FromRequestParts, State};
use axum::http::header::ORIGIN;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::Response;
use axum_extra::extract::cookie::{Cookie, SameSite};
use jiff::Timestamp;
use serde::Deserialize;
use souk_api::pipeline::accounts::{self, Entered};
use souk_api::{AppState, Error};
use souk_base::ProductId;
use souk_commerce::Error as Shop;
use souk_commerce::customers::{self, Caller, Contact, Proof};

use super::{FAVOURITES, Member, SESSION, basket, lead, open, style};
use crate::cart::cookie::forget_all;
use crate::frame::Frame;
use crate::page;
use crate::refusal::Refusal;
use crate::text::account::{Account, account};
use crate::text::fill;
use crate::visit::Visit;

#[derive(Template)]
#[template(path = "account/login.html")]
pub(crate) struct LoginPage {
    frame: Frame,
    words: &'static Account,
    style: String,
    action: String,
    contact: String,
    /// Whether a code is on its way, which is asked for then.
    sent: Option<String>,
    /// The product that is kept among the favourites once they are in.
    favourite: String,
    /// Whether the password is asked for.
    with_password: bool,
    wrong: Option<String>,
}

/// What the form sends; which button was pressed is `go`.
#[derive(Default, Deserialize)]
pub(crate) struct Typed {
    #[serde(default)]
    contact: String,
    #[serde(default)]
    code: String,
    #[serde(default)]
    password: String,
    #[serde(default)]
    favourite: String,
    #[serde(default)]
    go: String,
}

/// Where a request comes from, where the server knows.
#[derive(Clone, Copy)]
pub(crate) struct Network(pub(super) Option<IpAddr>);

impl<S: Sync> FromRequestParts<S> for Network {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Self::Rejection> {
        Ok(Network(souk_api::secrets::peer(parts)))
    }
}

impl LoginPage {
    fn new(visit: &Visit, contact: &str) -> LoginPage {
        let words = account(visit.lang);
        LoginPage {
            frame: Frame::of(visit, words.log_in_title),
            words,
            style: style(),
            action: visit.path("/account/login"),
            contact: contact.to_owned(),
            sent: None,
            favourite: visit.caller.address.get("favourite").unwrap_or_default().to_owned(),
            with_password: false,
            wrong: None,
        }
    }

    fn keeping(self, favourite: &str) -> LoginPage {
        LoginPage { favourite: favourite.to_owned(), ..self }
    }

    fn asking_for_code(self) -> LoginPage {
        let sent = fill(self.words.code_sent, "contact", &self.contact);
        LoginPage { sent: Some(sent), ..self }
    }

    fn asking_for_password(self) -> LoginPage {
        LoginPage { with_password: true, ..self }
    }

    fn wrong(self, why: String) -> LoginPage {
        LoginPage { wrong: Some(why), ..self }
    }
}

/// `GET /{market}/account/login`
pub(crate) async fn show(visit: Visit) -> Response {
    page::for_caller(&visit.caller, &LoginPage::new(&visit, ""))
}

/// `POST /{market}/account/login`
pub(crate) async fn go_on(
    State(app): State<AppState>,
    visit: Visit,
    network: Network,
    headers: HeaderMap,
    form: Result<Form<Typed>, FormRejection>,
) -> Result<Response, Refusal> {
    let typed = form.map(|Form(typed)| typed).unwrap_or_default();
    let form = LoginPage::new(&visit, &typed.contact).keeping(&typed.favourite);
    let Ok(contact) = typed.contact.parse::<Contact>() else {
        let why = form.words.bad_contact.to_owned();
        return Ok(page::html(StatusCode::BAD_REQUEST, &form.wrong(why)));
    };
    let form = LoginPage::new(&visit, contact.as_str()).keeping(&typed.favourite);
    let caller = Caller { contact, lang: visit.lang, network: network.0 };
    let now = Timestamp::now();
    let (form, proof) = match typed.go.as_str() {
        "code" => (form.asking_for_code(), Proof::Code(&typed.code)),
        "password" if typed.password.is_empty() => {
            return Ok(page::html(StatusCode::OK, &form.asking_for_password()));
        }
        "password" => (form.asking_for_password(), Proof::Password(&typed.password)),
        _ => {
            let asked = customers::request_code(&app.db, &app.door, &caller, now).await;
            let form = form.asking_for_code();
            return match asked {
                Ok(()) => Ok(page::html(StatusCode::OK, &form)),
                Err(error) => refused(&visit, form, error.into()),
            };
        }
    };
    let guest = basket::of_guest(&visit);
    match accounts::log_in(&app, &caller, proof, guest.as_ref(), now).await {
        Ok(entered) => entered_at(&app, &visit, &entered, &typed, is_encrypted(&headers))
            .await
            .map_err(|error| Refusal::of(&visit, error)),
        Err(error) => refused(&visit, form, error),
    }
}

/// The form again, with why; or a page that says that the shop is at fault.
fn refused(visit: &Visit, form: LoginPage, error: Error) -> Result<Response, Refusal> {
    let words = form.words;
    let why = match &error {
        Error::Commerce(Shop::WrongProof) => words.wrong.to_owned(),
        Error::Commerce(
            Shop::TooManyAttempts { retry_after_s } | Shop::TooManyCodes { retry_after_s },
        ) => fill(words.wait, "n", &visit.numbers().whole(*retry_after_s)),
        _ => return Err(Refusal::of(visit, error)),
    };
    Ok(page::html(error.status(), &form.wrong(why)))
}

/// To the cabinet, with the session and the cart.
async fn entered_at(
    app: &AppState,
    visit: &Visit,
    entered: &Entered,
    typed: &Typed,
    encrypted: bool,
) -> Result<Response, Error> {
    let session = &entered.session;
    let seconds = session.expires_at.duration_since(Timestamp::now()).as_secs();
    let mut cookies = vec![cookie(&session.token, encrypted, seconds)];
    cookies.extend(basket::of_customer(app, visit, entered, encrypted).await?);
    let to =
        if keep_favourite(app, entered, &typed.favourite).await? { FAVOURITES } else { "/account" };
    Ok(lead(&cookies, &visit.path(to)))
}

/// Keeps what they wanted to keep before they came in; says whether there was such a thing.
async fn keep_favourite(app: &AppState, entered: &Entered, product: &str) -> Result<bool, Error> {
    let Ok(product) = product.parse::<ProductId>() else { return Ok(false) };
    let customer = entered.session.customer.id;
    let mut write = open(app).await?;
    match customers::add_favourite(&mut write, customer, product, Timestamp::now()).await {
        Ok(()) => {
            write.finish().await?;
            Ok(true)
        }
        // It is gone, or there is no room.
        Err(Shop::NotFound | Shop::Conflict(_) | Shop::Invalid { .. }) => Ok(false),
        Err(error) => Err(error.into()),
    }
}

/// `POST /{market}/account/logout`; with `everywhere` from every device.
pub(crate) async fn leave(
    State(app): State<AppState>,
    mut visit: Visit,
    Member { customer, token }: Member,
    form: Result<Form<Typed>, FormRejection>,
) -> Result<Response, Refusal> {
    let is_everywhere = form.is_ok_and(|Form(typed)| typed.go == "everywhere");
    let done = if is_everywhere {
        customers::log_out_everywhere(&app.db, customer.id).await
    } else {
        customers::log_out(&app.db, &token).await
    };
    done.map_err(|error| Refusal::of(&visit, error.into()))?;
    // Whoever comes next to this device finds neither session nor cart.
    forget_all(&mut visit.caller);
    visit.caller.remember.push(cookie("", false, 0));
    Ok(lead(&visit.caller.remember, &visit.path("")))
}

fn cookie(token: &str, encrypted: bool, seconds: i64) -> HeaderValue {
    let cookie = Cookie::build((SESSION, token.to_owned())).path("/").http_only(true);
    let cookie = cookie.same_site(SameSite::Lax).secure(encrypted).build();
    HeaderValue::from_str(&format!("{cookie}; Max-Age={seconds}"))
        .expect("a token is hexadecimal digits")
}

/// Whether the form was posted from an https page, also behind a proxy that ends the encryption.
fn is_encrypted(headers: &HeaderMap) -> bool {
    headers.get(ORIGIN).is_some_and(|origin| origin.as_bytes().starts_with(b"https://"))
}

#[cfg(test)]
mod tests {
    use souk_base::Lang;

    use super::*;
    use crate::sample;

    #[test]
    fn the_form_renders_in_every_language_and_keeps_what_was_typed() {
        for lang in Lang::ALL {
            let visit = sample::visit("/KW/account/login", lang);
            let words = account(lang);
            let typed = "a@b.c\"><i>";

            let first = LoginPage::new(&visit, typed).wrong(words.wrong.to_owned());
            let first = first.render().unwrap();
            let second = LoginPage::new(&visit, typed).asking_for_code().render().unwrap();

            assert!(first.contains(words.send_code) && first.contains("role=\"alert\""));
            assert!(second.contains("one-time-code") && !second.contains("{contact}"));
            assert!(!first.contains("<i>") && !second.contains("<i>"));
        }
    }

    #[test]
    fn the_session_cookie_is_hidden_from_scripts_and_other_sites() {
        let cookie = cookie("token", true, 60);

        let text = cookie.to_str().unwrap();
        for part in ["souk_customer=token", "HttpOnly", "SameSite=Lax", "Secure", "Max-Age=60"] {
            assert!(text.contains(part), "{text}");
        }
    }
}
