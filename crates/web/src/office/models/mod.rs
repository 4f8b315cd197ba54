//! `/office/models`: which versions of each model are kept, how good they are, and which of them serve.
//!
//! A version is promoted in two steps without a script: its button leads to this page again with a question above the list
//! (`?ask=promote&model=blend&version=…`), and the question's button does it.

mod chart;
mod page;
#[cfg(test)]
mod tests;
pub(crate) mod why;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Redirect, Response};
use page::ModelsPage;
use souk_api::pipeline::models as pipeline;
use souk_api::{AppState, Error};
use souk_base::{Market, Tables};
use souk_commerce::Error as ShopError;
use souk_commerce::models::{self, Version};

use super::form::Form;
use super::writes::{commit, open};
use super::{Colleague, refuse};
use crate::address::Address;
use crate::page as pages;
use crate::refusal::Refusal;
use crate::text::models::models as words_of;

/// The page.
const PLACE: &str = "/office/models";

/// What can be done to a model.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Act {
    Promote,
    RollBack,
}

impl Act {
    fn read(name: &str) -> Option<Act> {
        match name {
            "promote" => Some(Act::Promote),
            "roll-back" => Some(Act::RollBack),
            _ => None,
        }
    }

    const fn name(self) -> &'static str {
        match self {
            Act::Promote => "promote",
            Act::RollBack => "roll-back",
        }
    }
}

/// `GET /office/models`
pub(crate) async fn show(
    State(app): State<AppState>,
    colleague: Colleague,
) -> Result<Response, Refusal> {
    let page = read(&app, &colleague, None).await;
    let page = page.map_err(|error| refuse(&colleague.caller, error))?;
    Ok(pages::for_caller(&colleague.caller, &page))
}

/// `POST /office/models`: promotes a version, or takes the last promotion back.
pub(crate) async fn save(
    State(app): State<AppState>,
    colleague: Colleague,
    form: Form,
) -> Result<Response, Refusal> {
    let fail = |error: Error| refuse(&colleague.caller, error);
    let Some(act) = Act::read(form.get("act")) else { return Err(fail(Error::NotFound)) };
    match take(&app, &colleague, act, &form).await {
        Ok(()) => {
            let place = Address::new(PLACE).and("market", form.get("market"));
            let place = place.and("done", act.name());
            Ok(Redirect::to(&place.to_string()).into_response())
        }
        Err(Error::Commerce(ShopError::NotFound) | Error::NotFound | Error::Invalid(_)) => {
            let words = words_of(colleague.caller.lang());
            let problem = match act {
                Act::Promote => words.bad_version,
                Act::RollBack => words.bad_roll_back,
            };
            let page = read(&app, &colleague, Some(problem)).await.map_err(fail)?;
            Ok(pages::html(StatusCode::UNPROCESSABLE_ENTITY, &page))
        }
        Err(error) => Err(fail(error)),
    }
}

async fn take(app: &AppState, colleague: &Colleague, act: Act, form: &Form) -> Result<(), Error> {
    let (model, version) = (form.get("model"), form.get("version"));
    let market = form.get("market").parse().map_err(|_| Error::NotFound)?;
    let mut write = open(app, colleague).await?;
    match act {
        Act::Promote => _ = pipeline::promote(&mut write, model, market, version).await?,
        Act::RollBack => _ = models::roll_back_by_staff(&mut write, model, market).await?,
    }
    commit(app, write).await
}

async fn read(
    app: &AppState,
    colleague: &Colleague,
    problem: Option<&'static str>,
) -> Result<ModelsPage, Error> {
    let tables = app.view()?.tables.clone();
    let versions = {
        let mut connection = app.connection().await?;
        models::list(&mut connection).await?
    };
    let market = chosen(&colleague.caller.address, &tables, &versions).ok_or(Error::NotFound)?;
    Ok(ModelsPage::new(colleague, &tables, market, &versions, problem))
}

/// The market that is asked for, else the first with a model, else the first.
fn chosen<'t>(address: &Address, tables: &'t Tables, versions: &[Version]) -> Option<&'t Market> {
    let named = address.get("market").and_then(|code| code.parse().ok());
    let named = named.and_then(|code| tables.market(code));
    let has_some = |market: &&Market| versions.iter().any(|it| it.market == market.code);
    named.or_else(|| tables.markets.iter().find(has_some)).or_else(|| tables.markets.first())
}
