//! `/office/experiments`: what is tried on visitors, and what came of it, as lists and forms that need no script.
//!
//! A form has a line for each variant ([`typed`]). Starting and stopping are asked about first (`?ask=start`), since neither
//! can be taken back.

mod editor;
pub(crate) mod list;
mod results;
#[cfg(test)]
mod tests;
mod typed;

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Redirect, Response};
use editor::EditorPage;
use jiff::Timestamp;
use souk_api::pipeline::experiments::{Report, report};
use souk_api::{AppState, Error, Permission};
use souk_base::Lang;
use souk_commerce::experiments::{self, Experiment, ExperimentId, Move, State as Stage};
use souk_commerce::{Conflict, Error as ShopError};

use super::fields::Problems;
use super::form::Form;
use super::products::step::Stopped;
use super::writes::{commit, open};
use super::{Colleague, desk, refuse};
use crate::page;
use crate::refusal::Refusal;
use crate::text::desk::desk as words_of;
use crate::text::experiments::experiments as own_words_of;
use crate::text::fill;

/// The list.
const PLACE: &str = "/office/experiments";

/// What the page of an experiment shows of it.
struct Known {
    experiment: Experiment,
    /// None before anybody saw it, and for who may not see figures.
    report: Option<Report>,
}

/// `GET /office/experiments/new`
pub(crate) async fn show_new(
    State(app): State<AppState>,
    colleague: Colleague,
) -> Result<Response, Refusal> {
    let tables = app.view().map_err(|error| refuse(&colleague.caller, error))?.tables.clone();
    let form = typed::blank(&colleague.caller.address, colleague.caller.lang());
    let page = EditorPage::new(&colleague, &tables, None, &form, &Problems::default());
    Ok(page::for_caller(&colleague.caller, &page))
}

/// `GET /office/experiments/{id}`
pub(crate) async fn show(
    State(app): State<AppState>,
    Path(id): Path<String>,
    colleague: Colleague,
) -> Result<Response, Refusal> {
    let fail = |error: Error| refuse(&colleague.caller, error);
    let known = known(&app, &colleague, &id).await.map_err(fail)?;
    let tables = app.view().map_err(fail)?.tables.clone();
    let form = typed::filled(&known.experiment);
    let page = EditorPage::new(&colleague, &tables, Some(&known), &form, &Problems::default());
    Ok(page::for_caller(&colleague.caller, &page))
}

async fn known(app: &AppState, colleague: &Colleague, id: &str) -> Result<Known, Error> {
    let id: ExperimentId = id.parse().map_err(|_| Error::NotFound)?;
    let mut connection = app.connection().await?;
    let experiment = experiments::get(&mut connection, id).await?;
    let may_see = desk::may(&colleague.staff, Permission::AnalyticsRead);
    let report = if may_see && experiment.state != Stage::Draft {
        Some(report(&mut connection, &experiment).await?)
    } else {
        None
    };
    Ok(Known { experiment, report })
}

/// `POST /office/experiments/new`
pub(crate) async fn create(
    State(app): State<AppState>,
    colleague: Colleague,
    form: Form,
) -> Result<Response, Refusal> {
    answer(&app, &colleague, None, &form).await
}

/// `POST /office/experiments/{id}`
pub(crate) async fn save(
    State(app): State<AppState>,
    Path(id): Path<String>,
    colleague: Colleague,
    form: Form,
) -> Result<Response, Refusal> {
    let known = known(&app, &colleague, &id).await;
    let known = known.map_err(|error| refuse(&colleague.caller, error))?;
    answer(&app, &colleague, Some(&known), &form).await
}

/// Takes the form in and leads on, or shows it again with what is wrong.
async fn answer(
    app: &AppState,
    colleague: &Colleague,
    known: Option<&Known>,
    form: &Form,
) -> Result<Response, Refusal> {
    let fail = |error: Error| refuse(&colleague.caller, error);
    let problems = match take(app, colleague, known.map(|it| &it.experiment), form).await {
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
    before: Option<&Experiment>,
    form: &Form,
) -> Result<String, Stopped> {
    let lang = colleague.caller.lang();
    let stop = |error: ShopError| refused(error, lang);
    let mut write = open(app, colleague).await?;
    let done = match (before, form.get("act")) {
        (Some(before), "remove") => {
            experiments::lock(&mut write, before.id, Some(form.get("etag"))).await.map_err(stop)?;
            experiments::remove(&mut write, before.id).await.map_err(stop)?;
            format!("{PLACE}?done=removed")
        }
        (Some(before), act @ ("start" | "stop")) => {
            let wanted = if act == "start" { Move::Start } else { Move::Stop };
            let now = Timestamp::now();
            experiments::shift(&mut write, before.id, wanted, now).await.map_err(stop)?;
            format!("{PLACE}/{}?done={act}", before.id)
        }
        (Some(before), _) => {
            let new = typed::read(form, Some(before), lang).map_err(Stopped::Problems)?;
            experiments::lock(&mut write, before.id, Some(form.get("etag"))).await.map_err(stop)?;
            experiments::update(&mut write, before.id, &new).await.map_err(stop)?;
            format!("{PLACE}/{}?done=saved", before.id)
        }
        (None, _) => {
            let new = typed::read(form, None, lang).map_err(Stopped::Problems)?;
            let id = experiments::create(&mut write, &new).await.map_err(stop)?;
            format!("{PLACE}/{id}?done=saved")
        }
    };
    commit(app, write).await?;
    Ok(done)
}

/// A refusal beside the field that is to blame.
fn refused(error: ShopError, lang: Lang) -> Stopped {
    let (words, own) = (words_of(lang), own_words_of(lang));
    let (field, text) = match &error {
        ShopError::Stale => ("name", words.bad_changed.to_owned()),
        ShopError::Conflict(Conflict::ExperimentNameTaken | Conflict::ExperimentNameInvalid) => {
            ("name", own.bad_name.to_owned())
        }
        ShopError::Conflict(Conflict::ExperimentRunning) => ("place", own.bad_running.to_owned()),
        ShopError::Invalid { field: "place", reason } => ("place", reason.clone()),
        ShopError::Invalid { field: "market", reason } => ("market", reason.clone()),
        ShopError::Invalid { field: "kind", reason } => ("kind", reason.clone()),
        ShopError::Invalid { reason, .. } => {
            ("variant_name_0", fill(own.bad_variants, "reason", reason))
        }
        ShopError::IllegalExperimentMove(reason) => {
            ("name", fill(words.bad_other, "reason", &reason.to_string()))
        }
        ShopError::Conflict(conflict) => {
            ("name", fill(words.bad_other, "reason", &conflict.to_string()))
        }
        _ => return error.into(),
    };
    Stopped::Problems(Problems::of(field, "", text))
}
