//! `GET /office/experiments`: experiments, the newest first.

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use jiff::Timestamp;
use souk_api::{AppState, Error, Permission};
use souk_base::{Lang, Tables};
use souk_commerce::experiments::{self, Experiment, ExperimentId};

use super::PLACE;
use super::editor::state_name;
use crate::frame::Frame;
use crate::office::desk::{self, Desk, Done};
use crate::office::models::why::place_name;
use crate::office::products::filled::{local, zone};
use crate::office::{Colleague, refuse};
use crate::page;
use crate::refusal::Refusal;
use crate::text::desk::desk as words_of;
use crate::text::experiments::{Experiments as Words, experiments as own_words_of};
use crate::text::models::{Models, models};

/// Experiments on a page.
const PAGE: i64 = 50;

#[derive(Template)]
#[template(path = "office/experiments.html")]
pub(super) struct ExperimentsPage {
    frame: Frame,
    desk: Desk,
    words: &'static Words,
    places: &'static Models,
    may_write: bool,
    rows: Vec<Row>,
    next: Option<String>,
    first: Option<String>,
}

/// An experiment of the list.
struct Row {
    href: String,
    name: String,
    place: String,
    market: String,
    state: &'static str,
    state_name: &'static str,
    since: String,
    until: String,
    variants: String,
}

/// `GET /office/experiments`
pub(crate) async fn show(
    State(app): State<AppState>,
    colleague: Colleague,
) -> Result<Response, Refusal> {
    let page = read(&app, &colleague).await.map_err(|error| refuse(&colleague.caller, error))?;
    Ok(page::for_caller(&colleague.caller, &page))
}

async fn read(app: &AppState, colleague: &Colleague) -> Result<ExperimentsPage, Error> {
    let tables = app.view()?.tables.clone();
    let below = colleague.caller.address.get("below");
    let below = below.and_then(|id| id.parse::<ExperimentId>().ok());
    let mut connection = app.connection().await?;
    let found = experiments::find(&mut connection, None, below, PAGE).await?;
    Ok(ExperimentsPage::new(colleague, &tables, &found))
}

impl ExperimentsPage {
    /// The list of these experiments.
    pub(super) fn new(
        colleague: &Colleague,
        tables: &Tables,
        found: &[Experiment],
    ) -> ExperimentsPage {
        let lang = colleague.caller.lang();
        let words = own_words_of(lang);
        let more = i64::try_from(found.len()).is_ok_and(|count| count == PAGE);
        let last = found.last().filter(|_| more);
        let done = colleague.caller.address.get("done").filter(|done| *done == "removed");
        let done = done.map(|_| Done { text: words.removed.to_owned(), link: None });
        ExperimentsPage {
            frame: desk::frame(colleague, words.experiments),
            desk: Desk::new(colleague, PLACE).with_done(done),
            words,
            places: models(lang),
            may_write: desk::may(&colleague.staff, Permission::SearchWrite),
            rows: found.iter().map(|experiment| row(experiment, tables, lang)).collect(),
            next: last.map(|experiment| format!("{PLACE}?below={}", experiment.id)),
            first: colleague.caller.address.has("below").then(|| PLACE.to_owned()),
        }
    }
}

fn row(experiment: &Experiment, tables: &Tables, lang: Lang) -> Row {
    let market = experiment.market.and_then(|code| tables.market(code));
    let zone = market.map_or_else(|| zone(tables), |market| market.time_zone.clone());
    let time =
        |at: Option<Timestamp>| at.map(|at| local(at, &zone).replace('T', " ")).unwrap_or_default();
    let names: Vec<_> = experiment.variants.iter().map(|it| it.name.as_str()).collect();
    Row {
        href: format!("{PLACE}/{}", experiment.id),
        name: experiment.name.clone(),
        place: place_name(&experiment.place, models(lang)).to_owned(),
        market: market.map_or(words_of(lang).every_market, |it| it.label.get(lang)).to_owned(),
        state: experiment.state.code(),
        state_name: state_name(experiment.state, own_words_of(lang)),
        since: time(experiment.started_at),
        until: time(experiment.stopped_at),
        variants: names.join(" · "),
    }
}
