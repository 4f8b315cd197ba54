//! `/v1/auth/…` of customers: a code, register, log in, log out.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::NoContent;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use souk_base::{Lang, MarketCode};
use souk_commerce::carts::CartId;
use souk_commerce::customers::{
    self, CODE_LIFE, Caller, Contact, Customer, CustomerId, Proof, RESEND_PAUSE, Registration,
};
use utoipa::ToSchema;
use utoipa_axum::routes;

use crate::AppState;
use crate::answer::{Written, WrittenJson};
use crate::error::{Code, FieldError, Result};
use crate::extract;
use crate::params::Reader;
use crate::pipeline::accounts::{self, Entered, GuestCart, KeptCart};
use crate::policy::{CustomerSession, Policy, Route, route};
use crate::secrets::Network;

pub(super) fn routes() -> Vec<Route> {
    vec![
        route(Policy::Public, routes!(post_code)).without_key(),
        route(Policy::Public, routes!(post_register)).without_key(),
        route(Policy::Public, routes!(post_login)).without_key(),
        route(Policy::Customer, routes!(post_logout)).without_key(),
    ]
}

/// Where a code is to be sent.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct CodeBody {
    /// An e-mail address; this or a telephone number.
    #[serde(default)]
    email: Option<String>,
    /// A telephone number with the country's code.
    #[serde(default)]
    phone: Option<String>,
    /// The language of the message: ar, en, ru or kk; English when not given.
    #[serde(default)]
    lang: Option<String>,
}

/// What a code is good for, the same for everybody.
#[derive(Serialize, ToSchema)]
struct CodeAnswer {
    /// Seconds that the code is good for.
    expires_in_s: i64,
    /// Seconds until another one can be asked for.
    resend_in_s: i64,
}

/// Who wants to be a customer, or to have another password.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct RegisterBody {
    /// An e-mail address; this or a telephone number.
    #[serde(default)]
    email: Option<String>,
    /// A telephone number with the country's code.
    #[serde(default)]
    phone: Option<String>,
    /// The code that was sent there.
    code: String,
    /// How they want to be called.
    #[serde(default)]
    #[schema(max_length = 200)]
    name: Option<String>,
    /// A password of at least 10 characters, if they want one.
    #[serde(default)]
    #[schema(max_length = 1024)]
    password: Option<String>,
    /// The language they are written to in; English when not given.
    #[serde(default)]
    lang: Option<String>,
    /// The guest's cart that is to be theirs.
    #[serde(default)]
    cart: Option<CartOfGuest>,
}

/// Who wants to come in.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct LoginBody {
    /// An e-mail address; this or a telephone number.
    #[serde(default)]
    email: Option<String>,
    /// A telephone number with the country's code.
    #[serde(default)]
    phone: Option<String>,
    /// The code that was sent there; this or the password.
    #[serde(default)]
    code: Option<String>,
    /// The password.
    #[serde(default)]
    password: Option<String>,
    /// The language of somebody new; English when not given.
    #[serde(default)]
    lang: Option<String>,
    /// The guest's cart that is to be theirs.
    #[serde(default)]
    cart: Option<CartOfGuest>,
}

/// A guest's cart.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct CartOfGuest {
    /// Its key.
    id: String,
    /// Its secret.
    secret: String,
}

/// A fresh session.
#[derive(Serialize, ToSchema)]
struct EnteredAnswer {
    /// To be sent as `Authorization: Bearer …`. It is not shown again.
    token: String,
    /// When the session ends.
    #[schema(value_type = String, format = DateTime)]
    expires_at: Timestamp,
    /// Whether they are new here.
    new: bool,
    /// Whose it is.
    customer: CustomerAnswer,
    /// Their carts, the guest's among them.
    carts: Vec<KeptCartAnswer>,
}

/// A customer.
#[derive(Serialize, ToSchema)]
pub(super) struct CustomerAnswer {
    /// Their key.
    #[schema(value_type = String)]
    id: CustomerId,
    /// Where to write; shown to be theirs.
    email: Option<String>,
    /// Where to call; shown to be theirs.
    phone: Option<String>,
    /// How they want to be called; may be empty.
    name: String,
    /// The language they are written to in.
    #[schema(value_type = String)]
    lang: Lang,
    /// Whether they can log in with a password.
    has_password: bool,
}

/// A cart of a customer.
#[derive(Serialize, ToSchema)]
pub(super) struct KeptCartAnswer {
    /// Its key.
    #[schema(value_type = String)]
    id: CartId,
    /// Where it buys.
    #[schema(value_type = String)]
    market: MarketCode,
    /// What reaches it, in the header `X-Cart-Secret`.
    secret: String,
}

impl From<&Customer> for CustomerAnswer {
    fn from(customer: &Customer) -> Self {
        CustomerAnswer {
            id: customer.id,
            email: customer.email.as_ref().map(ToString::to_string),
            phone: customer.phone.as_ref().map(ToString::to_string),
            name: customer.name.clone(),
            lang: customer.lang,
            has_password: customer.has_password,
        }
    }
}

impl From<KeptCart> for KeptCartAnswer {
    fn from(cart: KeptCart) -> Self {
        KeptCartAnswer { id: cart.id, market: cart.market, secret: cart.secret }
    }
}

impl From<Entered> for EnteredAnswer {
    fn from(entered: Entered) -> Self {
        let Entered { session, carts } = entered;
        EnteredAnswer {
            token: session.token,
            expires_at: session.expires_at,
            new: session.is_new,
            customer: CustomerAnswer::from(&session.customer),
            carts: carts.into_iter().map(KeptCartAnswer::from).collect(),
        }
    }
}

/// The address or number, of which one is given.
pub(super) fn contact(email: Option<&str>, phone: Option<&str>) -> Result<Contact> {
    let mut read = Reader::default();
    let email = read.optional("email", email).map(Contact::Email);
    let phone = read.optional("phone", phone).map(Contact::Phone);
    read.finish()?;
    match (email, phone) {
        (Some(contact), None) | (None, Some(contact)) => Ok(contact),
        _ => {
            let detail = "either an e-mail address or a telephone number must be given";
            Err(FieldError::new("/email", Code::MissingField, detail).into())
        }
    }
}

fn caller(
    email: Option<&str>,
    phone: Option<&str>,
    lang: Option<&str>,
    network: Network,
) -> Result<Caller> {
    let mut read = Reader::default();
    let lang = read.optional("lang", lang);
    read.finish()?;
    let contact = contact(email, phone)?;
    Ok(Caller { contact, lang: lang.unwrap_or(Lang::En), network: network.0 })
}

/// A cart whose id is none is as good as one that is not there.
fn guest(cart: Option<CartOfGuest>) -> Option<GuestCart> {
    let CartOfGuest { id, secret } = cart?;
    Some(GuestCart { id: id.parse().ok()?, secret })
}

/// Have a one-time code sent to an e-mail address or a telephone. The answer and what is done for it are the same whether
/// it is a customer's or not.
#[utoipa::path(
    post,
    path = "/v1/auth/codes",
    tag = "account",
    request_body = CodeBody,
    responses((status = 202, description = "A code is on its way", body = CodeAnswer))
)]
async fn post_code(
    State(app): State<AppState>,
    network: Network,
    extract::Json(body): extract::Json<CodeBody>,
) -> Result<(StatusCode, Json<CodeAnswer>)> {
    let lang = body.lang.as_deref();
    let caller = caller(body.email.as_deref(), body.phone.as_deref(), lang, network)?;
    customers::request_code(&app.db, &app.door, &caller, Timestamp::now()).await?;
    let answer =
        CodeAnswer { expires_in_s: CODE_LIFE.as_secs(), resend_in_s: RESEND_PAUSE.as_secs() };
    Ok((StatusCode::ACCEPTED, Json(answer)))
}

/// Become a customer, or set a new password, with a code that was sent. A new password ends the sessions before.
#[utoipa::path(
    post,
    path = "/v1/auth/register",
    tag = "account",
    request_body = RegisterBody,
    responses((status = 200, description = "A fresh session", body = EnteredAnswer))
)]
async fn post_register(
    State(app): State<AppState>,
    network: Network,
    extract::Json(body): extract::Json<RegisterBody>,
) -> Result<WrittenJson<EnteredAnswer>> {
    let lang = body.lang.as_deref();
    let caller = caller(body.email.as_deref(), body.phone.as_deref(), lang, network)?;
    let new = Registration {
        code: &body.code,
        name: body.name.as_deref().unwrap_or_default(),
        password: body.password.filter(|password| !password.is_empty()),
    };
    let cart = guest(body.cart);
    let entered = accounts::register(&app, &caller, new, cart.as_ref(), Timestamp::now()).await?;
    Written::now(&app, Json(entered.into())).await
}

/// Log in with a code that was sent, or with a password. A right code of somebody unknown makes them a customer. The
/// guest's cart becomes part of the customer's, and so do purchases that were made with their address or number.
#[utoipa::path(
    post,
    path = "/v1/auth/login",
    tag = "account",
    request_body = LoginBody,
    responses((status = 200, description = "A fresh session", body = EnteredAnswer))
)]
async fn post_login(
    State(app): State<AppState>,
    network: Network,
    extract::Json(body): extract::Json<LoginBody>,
) -> Result<WrittenJson<EnteredAnswer>> {
    let lang = body.lang.as_deref();
    let caller = caller(body.email.as_deref(), body.phone.as_deref(), lang, network)?;
    let proof = match (body.code.as_deref(), body.password.as_deref()) {
        (Some(code), None) => Proof::Code(code),
        (None, Some(password)) => Proof::Password(password),
        _ => {
            let detail = "either a code or a password must be given";
            return Err(FieldError::new("/code", Code::MissingField, detail).into());
        }
    };
    let cart = guest(body.cart);
    let entered = accounts::log_in(&app, &caller, proof, cart.as_ref(), Timestamp::now()).await?;
    Written::now(&app, Json(entered.into())).await
}

/// Log out: the session ends at once.
#[utoipa::path(
    post,
    path = "/v1/auth/logout",
    tag = "account",
    responses((status = 204, description = "The session has ended"))
)]
async fn post_logout(
    State(app): State<AppState>,
    CustomerSession { token, .. }: CustomerSession,
) -> Result<Written<NoContent>> {
    customers::log_out(&app.db, &token).await?;
    Written::now(&app, NoContent).await
}
