//! `/office/rules`: what search is told to do, as lists and forms that need no script.
//!
//! A form has a line for each condition and each action: its kind, and the words or name as people write them (an
//! address, an article, `colour:red`). [`typed`] turns lines into a rule and back; what cannot be read is said beside its line.

mod editor;
pub(crate) mod list;
#[cfg(test)]
mod tests;
mod typed;

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Redirect, Response};
use editor::{EditorPage, query};
use souk_api::pipeline::preview::Draft;
use souk_api::{AppState, Error};
use souk_base::{Lang, Rule, RuleId};
use souk_commerce::rules::{self, NewRule};
use souk_commerce::writes::Write;
use souk_commerce::{Conflict, Error as ShopError};
pub(crate) use typed::find;
use typed::{Names, filled, picked, read};

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
use crate::text::rules::rules as rule_words_of;

/// Longest name of a rule, in characters.
const NAME_LENGTH_MAX: usize = 200;

/// `GET /office/rules/new`
pub(crate) async fn show_new(
    State(app): State<AppState>,
    colleague: Colleague,
) -> Result<Response, Refusal> {
    let fail = |error: Error| refuse(&colleague.caller, error);
    let page = new_page(&app, &colleague).await.map_err(fail)?;
    Ok(page::for_caller(&colleague.caller, &page))
}

/// The form of a new rule; one that is to repair a query (`?query=…&market=KW`) shows what that finds now.
async fn new_page(app: &AppState, colleague: &Colleague) -> Result<EditorPage, Error> {
    let (tables, address) = (app.view()?.tables.clone(), &colleague.caller.address);
    let query = address.get("query").unwrap_or_default();
    let mut form = Form::default();
    form.put("name", query.chars().take(NAME_LENGTH_MAX).collect::<String>());
    form.put("enabled", "1");
    form.put("priority", "0");
    form.put("market", address.get("market").unwrap_or_default());
    form.put("where_kind_0", "query_is");
    form.put("where_text_0", query);
    form.put("try_q", query);
    let found = if query.is_empty() { Found::Nothing } else { now(app, colleague, &form).await? };
    let trial = Trial::new(&form, &tables, &found, colleague.caller.lang());
    Ok(EditorPage::new(colleague, &tables, None, &form, &Problems::default(), trial))
}

/// What the search of the form finds while there is nothing to try out.
async fn now(app: &AppState, colleague: &Colleague, form: &Form) -> Result<Found, Error> {
    trial::find(app, form, None, colleague.caller.lang()).await
}

/// `GET /office/rules/{id}`
pub(crate) async fn show(
    State(app): State<AppState>,
    Path(id): Path<String>,
    colleague: Colleague,
) -> Result<Response, Refusal> {
    let fail = |error: Error| refuse(&colleague.caller, error);
    let page = read_page(&app, &colleague, &id).await.map_err(fail)?;
    Ok(page::for_caller(&colleague.caller, &page))
}

async fn read_page(app: &AppState, colleague: &Colleague, id: &str) -> Result<EditorPage, Error> {
    let tables = app.view()?.tables.clone();
    let rule = known(app, id).await?;
    let mut connection = app.connection().await?;
    let names = Names::of(&mut connection, &tables, std::slice::from_ref(&rule)).await?;
    let mut form = filled(&rule, &names);
    form.put("try_q", query(&rule.conditions));
    let draft = Draft::Rule { replaces: Some(rule.id), rule: rule.clone().into() };
    let found = trial::find(app, &form, Some(&draft), colleague.caller.lang()).await?;
    let trial = Trial::new(&form, &tables, &found, colleague.caller.lang());
    Ok(EditorPage::new(colleague, &tables, Some(&rule), &form, &Problems::default(), trial))
}

async fn known(app: &AppState, id: &str) -> Result<Rule, Error> {
    let id: RuleId = id.parse().map_err(|_| Error::NotFound)?;
    let mut connection = app.connection().await?;
    Ok(rules::get(&mut connection, id).await?)
}

/// `POST /office/rules/new`
pub(crate) async fn create(
    State(app): State<AppState>,
    colleague: Colleague,
    form: Form,
) -> Result<Response, Refusal> {
    answer(&app, &colleague, None, &form).await
}

/// `POST /office/rules/{id}`
pub(crate) async fn save(
    State(app): State<AppState>,
    Path(id): Path<String>,
    colleague: Colleague,
    form: Form,
) -> Result<Response, Refusal> {
    let rule = known(&app, &id).await.map_err(|error| refuse(&colleague.caller, error))?;
    answer(&app, &colleague, Some(&rule), &form).await
}

/// Takes the form in and leads on, or shows it again with what is wrong.
async fn answer(
    app: &AppState,
    colleague: &Colleague,
    rule: Option<&Rule>,
    form: &Form,
) -> Result<Response, Refusal> {
    let fail = |error: Error| refuse(&colleague.caller, error);
    if trial::is_asked(form) {
        return try_out(app, colleague, rule, form).await.map_err(fail);
    }
    match take(app, colleague, rule.map(|rule| rule.id), form).await {
        Ok(address) => Ok(Redirect::to(&address).into_response()),
        Err(Stopped::Error(error)) => Err(fail(error)),
        Err(Stopped::Problems(problems)) => {
            let tables = app.view().map_err(fail)?.tables.clone();
            let trial = Trial::new(form, &tables, &Found::Nothing, colleague.caller.lang());
            let page = EditorPage::new(colleague, &tables, rule, form, &problems, trial);
            Ok(page::html(StatusCode::UNPROCESSABLE_ENTITY, &page))
        }
    }
}

/// Shows the form again as it was typed, with the search before and after what it describes.
async fn try_out(
    app: &AppState,
    colleague: &Colleague,
    rule: Option<&Rule>,
    form: &Form,
) -> Result<Response, Error> {
    let (lang, tables) = (colleague.caller.lang(), app.view()?.tables.clone());
    let form = picked(form);
    let (draft, problems) = match draft(app, rule, &form, lang).await {
        Ok(draft) => (Some(draft), Problems::default()),
        Err(Stopped::Problems(problems)) => (None, problems),
        Err(Stopped::Error(error)) => return Err(error),
    };
    let found = trial::find(app, &form, draft.as_ref(), lang).await?;
    let trial = Trial::new(&form, &tables, &found, lang);
    let page = EditorPage::new(colleague, &tables, rule, &form, &problems, trial);
    let wrong = !problems.is_empty();
    let status = if wrong { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    Ok(page::html(status, &page))
}

/// The rule that a form describes, to be tried out; its name does not matter yet.
async fn draft(
    app: &AppState,
    before: Option<&Rule>,
    form: &Form,
    lang: Lang,
) -> Result<Draft, Stopped> {
    let tables = app.view().map_err(Stopped::Error)?.tables.clone();
    let mut form = form.clone();
    if form.get("name").is_empty() {
        form.set("name", "?");
    }
    let mut connection = app.connection().await?;
    let names = Names::typed(&mut connection, &tables, &form).await?;
    let rule = read(&form, &names, before, lang).map_err(Stopped::Problems)?;
    rules::examine(&mut connection, &rule).await.map_err(|error| refused(error, lang))?;
    Ok(Draft::Rule { replaces: before.map(|rule| rule.id), rule })
}

/// Takes the form in; gives the address of the page that says so.
async fn take(
    app: &AppState,
    colleague: &Colleague,
    id: Option<RuleId>,
    form: &Form,
) -> Result<String, Stopped> {
    let lang = colleague.caller.lang();
    let removes = form.get("act") == "remove";
    let mut write = open(app, colleague).await?;
    let stop = |error: ShopError| refused(error, lang);
    let id = match id {
        Some(id) if removes => {
            rules::lock(&mut write, id, Some(form.get("etag"))).await.map_err(stop)?;
            rules::remove(&mut write, id).await.map_err(stop)?;
            None
        }
        Some(id) => {
            let before = rules::lock(&mut write, id, Some(form.get("etag"))).await.map_err(stop)?;
            let rule = new_rule(app, &mut write, form, Some(&before), lang).await?;
            rules::update(&mut write, id, &rule).await.map_err(stop)?;
            Some(id)
        }
        None => {
            let rule = new_rule(app, &mut write, form, None, lang).await?;
            Some(rules::create(&mut write, &rule).await.map_err(stop)?)
        }
    };
    commit(app, write).await?;
    Ok(match id {
        Some(id) => format!("/office/rules/{id}?done=saved"),
        None => "/office/rules?done=removed".to_owned(),
    })
}

/// The rule that a form describes.
async fn new_rule(
    app: &AppState,
    write: &mut Write,
    form: &Form,
    before: Option<&Rule>,
    lang: Lang,
) -> Result<NewRule, Stopped> {
    let tables = app.view().map_err(Stopped::Error)?.tables.clone();
    let names = Names::typed(write, &tables, form).await?;
    read(form, &names, before, lang).map_err(Stopped::Problems)
}

/// `POST /office/rules/{id}/switch`: switches a rule on or off, from the list.
pub(crate) async fn switch(
    State(app): State<AppState>,
    Path(id): Path<String>,
    colleague: Colleague,
    form: Form,
) -> Result<Response, Refusal> {
    let fail = |error: Error| refuse(&colleague.caller, error);
    let rule = known(&app, &id).await.map_err(fail)?;
    let id = rule.id;
    let new = NewRule { enabled: form.get("to") == "on", ..rule.into() };
    let switched = async {
        let mut write = open(&app, &colleague).await?;
        rules::update(&mut write, id, &new).await?;
        commit(&app, write).await
    };
    switched.await.map_err(fail)?;
    Ok(Redirect::to(&format!("/office/rules?{}", back(&form))).into_response())
}

/// Where the list was, as its own form says.
fn back(form: &Form) -> String {
    let address = format!("/office/rules?{}", form.get("back"));
    let query = address.parse::<axum::http::Uri>().ok();
    query.and_then(|uri| uri.query().map(str::to_owned)).unwrap_or_default()
}

/// A refusal beside the field that is to blame.
fn refused(error: ShopError, lang: Lang) -> Stopped {
    let (words, rule_words) = (words_of(lang), rule_words_of(lang));
    let (field, text) = match &error {
        ShopError::Stale => ("name", words.bad_changed.to_owned()),
        ShopError::Conflict(Conflict::RuleNameTaken) => {
            ("name", rule_words.bad_name_taken.to_owned())
        }
        ShopError::Conflict(Conflict::RuleNameInvalid) => ("name", rule_words.bad_name.to_owned()),
        ShopError::Conflict(Conflict::RulePriorityOutOfRange) => {
            ("priority", rule_words.bad_priority.to_owned())
        }
        ShopError::Conflict(Conflict::RuleEndsBeforeStart) => ("ends", words.bad_period.to_owned()),
        ShopError::Conflict(Conflict::RuleTimeOutOfRange) => ("starts", words.bad_time.to_owned()),
        ShopError::Invalid { reason, .. } => ("do_text_0", fill(words.bad_other, "reason", reason)),
        ShopError::Conflict(conflict) => {
            ("name", fill(words.bad_other, "reason", &conflict.to_string()))
        }
        _ => return error.into(),
    };
    Stopped::Problems(Problems::of(field, "", text))
}
