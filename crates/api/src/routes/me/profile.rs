//! `/v1/me`: who a customer is and how they log in.

use axum::Json;
use axum::extract::State;
use axum::response::{NoContent, Response};
use jiff::Timestamp;
use serde::Deserialize;
use souk_base::Lang;
use souk_commerce::customers::{self, Contact, Customer, Profile};
use souk_commerce::orders;
use souk_commerce::writes::Write;
use utoipa::ToSchema;
use utoipa_axum::routes;

use crate::AppState;
use crate::answer::{Listed, Written};
use crate::error::{Error, Result};
use crate::extract;
use crate::params::Reader;
use crate::pipeline::accounts;
use crate::policy::{CustomerSession, Policy, Route, route};
use crate::routes::auth::{CustomerAnswer, KeptCartAnswer, contact};
use crate::secrets::CustomerChange;
use crate::writing::{self, shown};

pub(super) fn routes() -> Vec<Route> {
    vec![
        route(Policy::Customer, routes!(get_me, patch_me)),
        route(Policy::Customer, routes!(put_password)).without_key(),
        route(Policy::Customer, routes!(put_email)).without_key(),
        route(Policy::Customer, routes!(put_phone)).without_key(),
        route(Policy::Customer, routes!(delete_sessions)).without_key(),
        route(Policy::Customer, routes!(get_carts)),
    ]
}

/// What a customer says about themselves; what is left out stays.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ProfileBody {
    /// How they want to be called.
    #[serde(default)]
    #[schema(max_length = 200)]
    name: Option<String>,
    /// The language they are written to in: ar, en, ru or kk.
    #[serde(default)]
    lang: Option<String>,
}

/// Another password.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct PasswordBody {
    /// The one before, if there is one.
    #[serde(default)]
    current: Option<String>,
    /// At least 10 characters.
    #[schema(max_length = 1024)]
    password: String,
}

/// Another e-mail address.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct EmailBody {
    /// The address.
    email: String,
    /// The code that was sent there: see `/v1/auth/codes`.
    code: String,
}

/// Another telephone number.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct PhoneBody {
    /// The number, with the country's code.
    phone: String,
    /// The code that was sent there: see `/v1/auth/codes`.
    code: String,
}

/// Who I am.
#[utoipa::path(
    get,
    path = "/v1/me",
    tag = "account",
    responses((status = 200, description = "The customer", body = CustomerAnswer))
)]
async fn get_me(CustomerSession { customer, .. }: CustomerSession) -> Json<CustomerAnswer> {
    Json(CustomerAnswer::from(&customer))
}

/// Change my name or language.
#[utoipa::path(
    patch,
    path = "/v1/me",
    tag = "account",
    request_body = ProfileBody,
    responses((status = 200, description = "The customer", body = CustomerAnswer))
)]
async fn patch_me(
    State(app): State<AppState>,
    CustomerChange { customer, asked, body }: CustomerChange<ProfileBody>,
) -> Result<Written<Response>> {
    let mut read = Reader::default();
    let lang: Option<Lang> = read.optional("lang", body.lang.as_deref());
    read.finish()?;
    let profile = Profile {
        name: body.name.unwrap_or_else(|| customer.name.clone()),
        lang: lang.unwrap_or(customer.lang),
    };
    writing::run(&app, asked, async |write: &mut Write| {
        customers::change_profile(write, customer.id, &profile).await?;
        let name = profile.name.trim().to_owned();
        let customer = Customer { name, lang: profile.lang, ..customer.clone() };
        Ok(shown(&CustomerAnswer::from(&customer)))
    })
    .await
}

/// Set a password. Every other session ends.
#[utoipa::path(
    put,
    path = "/v1/me/password",
    tag = "account",
    request_body = PasswordBody,
    responses((status = 204, description = "It is set"))
)]
async fn put_password(
    State(app): State<AppState>,
    CustomerSession { customer, token }: CustomerSession,
    extract::Json(body): extract::Json<PasswordBody>,
) -> Result<Written<NoContent>> {
    let (current, now) = (body.current.as_deref(), Timestamp::now());
    customers::set_password(&app.db, &customer, &token, current, body.password, now).await?;
    Written::now(&app, NoContent).await
}

/// Take another e-mail address, with the code that was sent there.
#[utoipa::path(
    put,
    path = "/v1/me/email",
    tag = "account",
    request_body = EmailBody,
    responses((status = 200, description = "The customer", body = CustomerAnswer))
)]
async fn put_email(
    State(app): State<AppState>,
    session: CustomerSession,
    extract::Json(body): extract::Json<EmailBody>,
) -> Result<Written<Json<CustomerAnswer>>> {
    let contact = contact(Some(&body.email), None)?;
    change_contact(&app, session, &contact, &body.code).await
}

/// Take another telephone number, with the code that was sent there.
#[utoipa::path(
    put,
    path = "/v1/me/phone",
    tag = "account",
    request_body = PhoneBody,
    responses((status = 200, description = "The customer", body = CustomerAnswer))
)]
async fn put_phone(
    State(app): State<AppState>,
    session: CustomerSession,
    extract::Json(body): extract::Json<PhoneBody>,
) -> Result<Written<Json<CustomerAnswer>>> {
    let contact = contact(None, Some(&body.phone))?;
    change_contact(&app, session, &contact, &body.code).await
}

async fn change_contact(
    app: &AppState,
    CustomerSession { customer, token }: CustomerSession,
    contact: &Contact,
    code: &str,
) -> Result<Written<Json<CustomerAnswer>>> {
    let now = Timestamp::now();
    customers::change_contact(&app.db, &app.door, customer.id, contact, code, now).await?;
    let customer = customers::by_token(&app.db, &token, now).await?;
    let customer = customer.ok_or(Error::Unauthenticated)?;
    orders::claim(&mut *app.connection().await?, &customer).await?;
    Written::now(app, Json(CustomerAnswer::from(&customer))).await
}

/// Log out everywhere: every session of mine ends, this one too.
#[utoipa::path(
    delete,
    path = "/v1/me/sessions",
    tag = "account",
    responses((status = 204, description = "They have ended"))
)]
async fn delete_sessions(
    State(app): State<AppState>,
    CustomerSession { customer, .. }: CustomerSession,
) -> Result<Written<NoContent>> {
    customers::log_out_everywhere(&app.db, customer.id).await?;
    Written::now(&app, NoContent).await
}

/// My carts that are not bought yet, with their secrets.
#[utoipa::path(
    get,
    path = "/v1/me/carts",
    tag = "account",
    responses((status = 200, description = "The carts", body = Listed<KeptCartAnswer>))
)]
async fn get_carts(
    State(app): State<AppState>,
    CustomerSession { customer, .. }: CustomerSession,
) -> Result<Json<Listed<KeptCartAnswer>>> {
    let mut connection = app.connection().await?;
    let carts = accounts::carts_of(&app, &mut connection, &customer).await?;
    Ok(Json(Listed::whole(carts.into_iter().map(KeptCartAnswer::from).collect())))
}
