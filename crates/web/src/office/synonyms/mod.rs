//! `/office/synonyms`: words that are searched along with others, as a list and a form that needs no script.
//!
//! The form has the words one a line; a search can be compared before and after (`trial`) without saving anything.

mod editor;
pub(crate) mod list;
#[cfg(test)]
mod tests;

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Redirect, Response};
use editor::EditorPage;
use souk_api::pipeline::preview::Draft;
use souk_api::{AppState, Error};
use souk_base::{Lang, Synonym, SynonymId, SynonymKind};
use souk_commerce::synonyms::{self, NewSynonym};
use souk_commerce::{Conflict, Error as ShopError};

use super::fields::Problems;
use super::form::Form;
use super::products::step::Stopped;
use super::trial::{self, Found, Trial};
use super::writes::{commit, open};
use super::{Colleague, refuse};
use crate::page;
use crate::refusal::Refusal;
use crate::text::desk::desk as words_of;
use crate::text::fill;
use crate::text::tuning::tuning;

/// `GET /office/synonyms/new`
///
/// One that is to repair a query comes with it (`?query=…&market=KW`), and with what is meant where that is known
/// (`&means=…`): then it is only to be looked at and saved.
pub(crate) async fn show_new(
    State(app): State<AppState>,
    colleague: Colleague,
) -> Result<Response, Refusal> {
    let address = &colleague.caller.address;
    let mut form = Form::default();
    let query = address.get("query").unwrap_or_default();
    let words: Vec<&str> = [Some(query), address.get("means")].into_iter().flatten().collect();
    form.put("words", words.join("\n"));
    form.put("kind", if query.is_empty() { "two_way" } else { "one_way" });
    form.put("market", address.get("market").unwrap_or_default());
    form.put("lang", address.get("language").unwrap_or_default());
    form.put("try_q", query);
    shown(&app, &colleague, None, &form).await.map_err(|error| refuse(&colleague.caller, error))
}

/// `GET /office/synonyms/{id}`
pub(crate) async fn show(
    State(app): State<AppState>,
    Path(id): Path<String>,
    colleague: Colleague,
) -> Result<Response, Refusal> {
    let fail = |error: Error| refuse(&colleague.caller, error);
    let synonym = known(&app, &id).await.map_err(fail)?;
    shown(&app, &colleague, Some(&synonym), &filled(&synonym)).await.map_err(fail)
}

async fn known(app: &AppState, id: &str) -> Result<Synonym, Error> {
    let id: SynonymId = id.parse().map_err(|_| Error::NotFound)?;
    let mut connection = app.connection().await?;
    Ok(synonyms::get(&mut connection, id).await?)
}

/// The form as it is opened, with a search before and after where it says enough for one.
async fn shown(
    app: &AppState,
    colleague: &Colleague,
    synonym: Option<&Synonym>,
    form: &Form,
) -> Result<Response, Error> {
    let (lang, tables) = (colleague.caller.lang(), app.view()?.tables.clone());
    let draft = draft(form, synonym, lang).ok();
    let found = match form.get("try_q") {
        "" => Found::Nothing,
        _ => trial::find(app, form, draft.as_ref(), lang).await?,
    };
    let trial = Trial::new(form, &tables, &found, lang);
    let page = EditorPage::new(colleague, &tables, synonym, form, &Problems::default(), trial);
    Ok(page::for_caller(&colleague.caller, &page))
}

/// `POST /office/synonyms/new`
pub(crate) async fn create(
    State(app): State<AppState>,
    colleague: Colleague,
    form: Form,
) -> Result<Response, Refusal> {
    answer(&app, &colleague, None, &form).await
}

/// `POST /office/synonyms/{id}`
pub(crate) async fn save(
    State(app): State<AppState>,
    Path(id): Path<String>,
    colleague: Colleague,
    form: Form,
) -> Result<Response, Refusal> {
    let synonym = known(&app, &id).await.map_err(|error| refuse(&colleague.caller, error))?;
    answer(&app, &colleague, Some(&synonym), &form).await
}

/// Takes the form in and leads on, or shows it again: with what is wrong, or with what was tried out.
async fn answer(
    app: &AppState,
    colleague: &Colleague,
    synonym: Option<&Synonym>,
    form: &Form,
) -> Result<Response, Refusal> {
    let fail = |error: Error| refuse(&colleague.caller, error);
    let lang = colleague.caller.lang();
    let problems = if trial::is_asked(form) {
        draft(form, synonym, lang).err().unwrap_or_default()
    } else {
        match take(app, colleague, synonym.map(|synonym| synonym.id), form).await {
            Ok(address) => return Ok(Redirect::to(address).into_response()),
            Err(Stopped::Error(error)) => return Err(fail(error)),
            Err(Stopped::Problems(problems)) => problems,
        }
    };
    let tables = app.view().map_err(fail)?.tables.clone();
    let draft = draft(form, synonym, lang).ok();
    let found = trial::find(app, form, draft.as_ref(), lang).await.map_err(fail)?;
    let trial = Trial::new(form, &tables, &found, lang);
    let page = EditorPage::new(colleague, &tables, synonym, form, &problems, trial);
    let wrong = !problems.is_empty();
    let status = if wrong { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    Ok(page::html(status, &page))
}

/// Takes the form in; gives the address of the page that says so.
async fn take(
    app: &AppState,
    colleague: &Colleague,
    id: Option<SynonymId>,
    form: &Form,
) -> Result<&'static str, Stopped> {
    let lang = colleague.caller.lang();
    let stop = |error: ShopError| refused(error, lang);
    let removes = form.get("act") == "remove";
    let mut write = open(app, colleague).await?;
    if let Some(id) = id {
        synonyms::lock(&mut write, id, Some(form.get("etag"))).await.map_err(stop)?;
    }
    match id {
        Some(id) if removes => synonyms::remove(&mut write, id).await.map_err(stop)?,
        Some(id) => synonyms::update(&mut write, id, &read(form)).await.map_err(stop)?,
        None => _ = synonyms::create(&mut write, &read(form)).await.map_err(stop)?,
    }
    commit(app, write).await?;
    Ok(if removes { "/office/synonyms?done=removed" } else { "/office/synonyms?done=saved" })
}

/// The synonym that a form describes, to be tried out.
fn draft(form: &Form, before: Option<&Synonym>, lang: Lang) -> Result<Draft, Problems> {
    let (new, words) = (read(form), tuning(lang));
    synonyms::check(&new).map_err(|_| Problems::of("words", "", words.bad_words))?;
    Ok(Draft::Synonym { replaces: before.map(|synonym| synonym.id), synonym: new })
}

/// The synonym that a form describes.
fn read(form: &Form) -> NewSynonym {
    let words = form.get("words").lines().map(str::trim).filter(|word| !word.is_empty());
    NewSynonym {
        market: form.get("market").parse().ok(),
        lang: form.get("lang").parse().ok(),
        kind: match form.get("kind") {
            "one_way" => SynonymKind::OneWay,
            _ => SynonymKind::TwoWay,
        },
        words: words.map(str::to_owned).collect(),
    }
}

/// A synonym as its form has it.
fn filled(synonym: &Synonym) -> Form {
    let mut form = Form::default();
    form.put("words", synonym.words.join("\n"));
    let kind = match synonym.kind {
        SynonymKind::OneWay => "one_way",
        SynonymKind::TwoWay => "two_way",
    };
    form.put("kind", kind);
    form.put("market", synonym.market.map(|market| market.to_string()).unwrap_or_default());
    form.put("lang", synonym.lang.map(|lang| lang.code().to_owned()).unwrap_or_default());
    form.put("try_q", synonym.words.first().cloned().unwrap_or_default());
    form
}

/// A refusal beside the field that is to blame.
fn refused(error: ShopError, lang: Lang) -> Stopped {
    let (words, tuning) = (words_of(lang), tuning(lang));
    let text = match &error {
        ShopError::Stale => words.bad_changed.to_owned(),
        ShopError::Invalid { .. } => tuning.bad_words.to_owned(),
        ShopError::Conflict(Conflict::SynonymExists) => tuning.bad_synonym_taken.to_owned(),
        ShopError::Conflict(conflict) => fill(words.bad_other, "reason", &conflict.to_string()),
        _ => return error.into(),
    };
    Stopped::Problems(Problems::of("words", "", text))
}
