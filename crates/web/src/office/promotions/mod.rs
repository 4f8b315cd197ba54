//! `/office/promotions`: what makes purchases cheaper, and the coupons that unlock it, as lists and forms that need no script.
//!
//! A form has a field for whatever any kind of promotion needs ([`typed`]); what the chosen kind does not need is left alone.
//! Ending one is asked about first (`?ask=end`), since what it was is told to shoppers.

mod editor;
pub(crate) mod list;
#[cfg(test)]
mod tests;
mod typed;

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Redirect, Response};
use editor::EditorPage;
use jiff::Timestamp;
use souk_api::{AppState, Error};
use souk_base::Lang;
use souk_commerce::promotions::{self, Managed, PromotionId};
use souk_commerce::{Conflict, Error as ShopError};
use typed::Products;

use super::fields::Problems;
use super::form::Form;
use super::products::step::Stopped;
use super::writes::{commit, open};
use super::{Colleague, refuse};
use crate::page;
use crate::refusal::Refusal;
use crate::text::desk::desk as words_of;
use crate::text::fill;
use crate::text::promotions::promotions as own_words_of;

/// The list.
const PLACE: &str = "/office/promotions";

/// `GET /office/promotions/new`
pub(crate) async fn show_new(
    State(app): State<AppState>,
    colleague: Colleague,
) -> Result<Response, Refusal> {
    let tables = app.view().map_err(|error| refuse(&colleague.caller, error))?.tables.clone();
    let form = typed::blank(&colleague.caller.address, &tables);
    let page = EditorPage::new(&colleague, &tables, None, &form, &Problems::default());
    Ok(page::for_caller(&colleague.caller, &page))
}

/// `GET /office/promotions/{id}`
pub(crate) async fn show(
    State(app): State<AppState>,
    Path(id): Path<String>,
    colleague: Colleague,
) -> Result<Response, Refusal> {
    let page = read(&app, &colleague, &id).await;
    let page = page.map_err(|error| refuse(&colleague.caller, error))?;
    Ok(page::for_caller(&colleague.caller, &page))
}

async fn read(app: &AppState, colleague: &Colleague, id: &str) -> Result<EditorPage, Error> {
    let tables = app.view()?.tables.clone();
    let known = known(app, id).await?;
    let mut connection = app.connection().await?;
    let products = Products::of(&mut connection, &known.terms).await?;
    let form = typed::filled(&known.terms, &tables, &products);
    Ok(EditorPage::new(colleague, &tables, Some(&known), &form, &Problems::default()))
}

async fn known(app: &AppState, id: &str) -> Result<Managed, Error> {
    let id: PromotionId = id.parse().map_err(|_| Error::NotFound)?;
    Ok(promotions::get(&mut *app.connection().await?, id).await?)
}

/// `POST /office/promotions/new`
pub(crate) async fn create(
    State(app): State<AppState>,
    colleague: Colleague,
    form: Form,
) -> Result<Response, Refusal> {
    answer(&app, &colleague, None, &form).await
}

/// `POST /office/promotions/{id}`
pub(crate) async fn save(
    State(app): State<AppState>,
    Path(id): Path<String>,
    colleague: Colleague,
    form: Form,
) -> Result<Response, Refusal> {
    let known = known(&app, &id).await;
    let known = known.map_err(|error| refuse(&colleague.caller, error))?;
    answer(&app, &colleague, Some(&known), &form).await
}

/// Takes the form in and leads on, or shows it again with what is wrong.
async fn answer(
    app: &AppState,
    colleague: &Colleague,
    known: Option<&Managed>,
    form: &Form,
) -> Result<Response, Refusal> {
    let fail = |error: Error| refuse(&colleague.caller, error);
    let problems = match take(app, colleague, known, form).await {
        Ok(address) => return Ok(Redirect::to(&address).into_response()),
        Err(Stopped::Error(error)) => return Err(fail(error)),
        Err(Stopped::Problems(problems)) => problems,
    };
    let tables = app.view().map_err(fail)?.tables.clone();
    let page = EditorPage::new(colleague, &tables, known, form, &problems);
    Ok(page::html(StatusCode::UNPROCESSABLE_ENTITY, &page))
}

/// Takes the form in; gives the address of the page that says so.
async fn take(
    app: &AppState,
    colleague: &Colleague,
    before: Option<&Managed>,
    form: &Form,
) -> Result<String, Stopped> {
    let lang = colleague.caller.lang();
    let stop = |error: ShopError| refused(error, lang);
    let tables = app.view()?.tables.clone();
    let mut write = open(app, colleague).await?;
    if let Some(before) = before.filter(|_| form.get("act") == "end") {
        promotions::end(&mut write, before.id, Timestamp::now()).await.map_err(stop)?;
        commit(app, write).await?;
        return Ok(format!("{PLACE}/{}?done=ended", before.id));
    }
    let products = Products::typed(&mut write, form.get("products")).await.map_err(stop)?;
    let terms = before.map(|before| &before.terms);
    let new = typed::read(form, &tables, &products, terms, lang).map_err(Stopped::Problems)?;
    let id = if let Some(before) = before {
        promotions::lock(&mut write, before.id, Some(form.get("etag"))).await.map_err(stop)?;
        promotions::update(&mut write, before.id, &new).await.map_err(stop)?;
        before.id
    } else {
        promotions::create(&mut write, &new).await.map_err(stop)?
    };
    commit(app, write).await?;
    Ok(format!("{PLACE}/{id}?done=saved"))
}

/// A refusal beside the field that is to blame.
fn refused(error: ShopError, lang: Lang) -> Stopped {
    let (words, own) = (words_of(lang), own_words_of(lang));
    let other = |reason: &str| fill(words.bad_other, "reason", reason);
    let (field, text) = match &error {
        ShopError::Stale => ("name", words.bad_changed.to_owned()),
        ShopError::Conflict(Conflict::PromotionNameTaken) => ("name", own.bad_name.to_owned()),
        ShopError::Conflict(Conflict::CouponTaken) => ("coupons", own.bad_taken.to_owned()),
        ShopError::Conflict(Conflict::PromotionUsedUp) => ("uses_max", own.bad_used.to_owned()),
        ShopError::Conflict(conflict) => ("name", other(&conflict.to_string())),
        ShopError::Invalid { field, reason } => match *field {
            "name" => ("name", own.bad_name.to_owned()),
            "label" => ("label_en", own.bad_label.to_owned()),
            "ends_at" => ("ends", words.bad_period.to_owned()),
            "coupons" => ("coupons", own.bad_coupons.to_owned()),
            "effect" => ("kind", own.bad_effect.to_owned()),
            "cities" => ("cities", own.bad_city.to_owned()),
            "products" => ("products", own.bad_product.to_owned()),
            "sellers" => ("sellers", own.bad_seller.to_owned()),
            "uses_max" | "uses_per_customer" => ("uses_max", own.bad_limit.to_owned()),
            _ => ("name", other(reason)),
        },
        _ => return error.into(),
    };
    Stopped::Problems(Problems::of(field, "", text))
}
