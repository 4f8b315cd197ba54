//! The page of an experiment: what came of it, and its form.

use askama::Template;
use souk_api::Permission;
use souk_base::{Lang, Tables};
use souk_commerce::experiments::{SEARCH, State};
use souk_commerce::recommendation_settings::PLACEMENTS;
use souk_commerce::writes;

use super::results::Figures;
use super::typed::{OBJECTIVES, lines};
use super::{Known, PLACE};
use crate::frame::Frame;
use crate::office::Colleague;
use crate::office::desk::{self, Desk, Done};
use crate::office::fields::{Input, Problem, Problems, Select};
use crate::office::form::Form;
use crate::office::models::why::place_name;
use crate::text::desk::desk as words_of;
use crate::text::experiments::{Experiments as Words, experiments};
use crate::text::fill;
use crate::text::models::{Models, models};

#[derive(Template)]
#[template(path = "office/experiment.html")]
pub(super) struct EditorPage {
    frame: Frame,
    desk: Desk,
    words: &'static Words,
    places: &'static Models,
    may_write: bool,
    heading: String,
    /// Where the form goes.
    action: String,
    state: Option<(&'static str, &'static str)>,
    /// Whether its variants can be changed.
    is_open: bool,
    is_new: bool,
    etag: String,
    problems: Vec<Problem>,
    notice: Option<String>,
    question: Option<Question>,
    /// What can be done next: its name, and its button.
    next: Option<(&'static str, &'static str)>,
    figures: Option<Figures>,
    name: Input,
    market: Select,
    place: Select,
    kind: Select,
    note: Input,
    lines: Vec<Line>,
}

/// Whether to start or to stop.
struct Question {
    act: &'static str,
    title: &'static str,
    lead: &'static str,
    button: &'static str,
}

/// The line of a variant.
struct Line {
    title: String,
    name: Input,
    weight: Input,
    objective: Select,
    diversity: Input,
    personalise: Select,
    models: Input,
}

impl EditorPage {
    /// The page of this experiment, or of a new one, as its form was filled.
    pub(super) fn new(
        colleague: &Colleague,
        tables: &Tables,
        known: Option<&Known>,
        form: &Form,
        problems: &Problems,
    ) -> EditorPage {
        let lang = colleague.caller.lang();
        let (desk_words, words) = (words_of(lang), experiments(lang));
        let experiment = known.map(|known| &known.experiment);
        let state = experiment.map(|it| it.state);
        let heading = experiment.map_or(words.add, |it| it.name.as_str()).to_owned();
        let count = u64::try_from(problems.all().len()).unwrap_or(u64::MAX);
        let notice = fill(desk_words.problems.form(count), "n", &count.to_string());
        let may_write = desk::may(&colleague.staff, Permission::SearchWrite);
        EditorPage {
            frame: desk::frame(colleague, &heading),
            desk: Desk::new(colleague, PLACE).with_done(done(colleague, words)),
            words,
            places: models(lang),
            may_write,
            heading,
            action: experiment.map_or(format!("{PLACE}/new"), |it| format!("{PLACE}/{}", it.id)),
            state: state.map(|state| (state.code(), state_name(state, words))),
            is_open: state.is_none_or(|state| state == State::Draft),
            is_new: experiment.is_none(),
            etag: experiment.map(writes::etag).unwrap_or_default(),
            problems: problems.all().to_vec(),
            notice: (count > 0).then_some(notice),
            question: state.and_then(|state| question(colleague, state, words)),
            next: state.and_then(|state| next(state, words)).filter(|_| may_write),
            figures: known.and_then(|known| {
                Some(Figures::new(known.report.as_ref()?, known.experiment.market, lang))
            }),
            name: Input::new("name", form, problems),
            market: Select::new("market", markets(tables, lang), form, problems),
            place: Select::new("place", places(lang), form, problems),
            kind: Select::new("kind", kinds(words), form, problems),
            note: Input::new("note", form, problems),
            lines: (0..count_of(form, experiment.map(|it| it.state)))
                .map(|line| Line::new(line, words, form, problems))
                .collect(),
        }
    }
}

/// Lines of the form; those that are filled where nothing can be added.
fn count_of(form: &Form, state: Option<State>) -> usize {
    let is_open = state.is_none_or(|state| state == State::Draft);
    let filled = (0..lines(form)).filter(|it| !form.get(&format!("variant_name_{it}")).is_empty());
    if is_open { lines(form) } else { filled.count() }
}

impl Line {
    fn new(line: usize, words: &'static Words, form: &Form, problems: &Problems) -> Line {
        let input = |name: &str| Input::new(format!("{name}_{line}"), form, problems);
        let select =
            |name: &str, options| Select::new(format!("{name}_{line}"), options, form, problems);
        Line {
            title: fill(words.variant, "n", &(line + 1).to_string()),
            name: input("variant_name"),
            weight: input("weight"),
            objective: select("objective", objectives(words)),
            diversity: input("diversity"),
            personalise: select("personalise", answers(words)),
            models: input("models"),
        }
    }
}

/// The question that the address asks, where it can be answered.
fn question(colleague: &Colleague, state: State, words: &'static Words) -> Option<Question> {
    if !desk::may(&colleague.staff, Permission::SearchWrite) {
        return None;
    }
    let (act, button) = next(state, words)?;
    let is_asked = colleague.caller.address.get("ask") == Some(act);
    let (title, lead) = match state {
        State::Draft => (words.ask_start, words.ask_start_lead),
        _ => (words.ask_stop, words.ask_stop_lead),
    };
    is_asked.then_some(Question { act, title, lead, button })
}

const fn next(state: State, words: &'static Words) -> Option<(&'static str, &'static str)> {
    match state {
        State::Draft => Some(("start", words.start)),
        State::Running => Some(("stop", words.stop)),
        State::Stopped => None,
    }
}

/// A state in words.
pub(super) const fn state_name(state: State, words: &'static Words) -> &'static str {
    match state {
        State::Draft => words.state_draft,
        State::Running => words.state_running,
        State::Stopped => words.state_stopped,
    }
}

fn done(colleague: &Colleague, words: &'static Words) -> Option<Done> {
    let text = match colleague.caller.address.get("done")? {
        "saved" => words.saved,
        "start" => words.started,
        "stop" => words.ended,
        _ => return None,
    };
    Some(Done { text: text.to_owned(), link: None })
}

/// Every market and none.
fn markets(tables: &Tables, lang: Lang) -> Vec<(String, String)> {
    let markets = tables.markets.iter();
    let markets = markets.map(|it| (it.code.to_string(), it.label.get(lang).to_owned()));
    let every = (String::new(), words_of(lang).every_market.to_owned());
    std::iter::once(every).chain(markets).collect()
}

fn places(lang: Lang) -> Vec<(String, String)> {
    let place = |code: &str| (code.to_owned(), place_name(code, models(lang)).to_owned());
    PLACEMENTS.into_iter().chain([SEARCH]).map(place).collect()
}

fn kinds(words: &Words) -> Vec<(String, String)> {
    let kinds = [("split", words.kind_split), ("interleaving", words.kind_interleaving)];
    kinds.map(|(code, label)| (code.to_owned(), label.to_owned())).to_vec()
}

fn objectives(words: &Words) -> Vec<(String, String)> {
    let labels = [
        words.objective_clicks,
        words.objective_conversion,
        words.objective_revenue,
        words.objective_margin,
    ];
    let named = OBJECTIVES.iter().zip(labels);
    let named = named.map(|((code, _), label)| ((*code).to_owned(), label.to_owned()));
    std::iter::once((String::new(), words.as_it_is.to_owned())).chain(named).collect()
}

fn answers(words: &Words) -> Vec<(String, String)> {
    let answers = [("", words.as_it_is), ("yes", words.yes), ("no", words.no)];
    answers.map(|(code, label)| (code.to_owned(), label.to_owned())).to_vec()
}
