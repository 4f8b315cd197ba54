//! `GET /office/rules`: rules in order of priority, what each does, and whether it does it now.

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use jiff::Timestamp;
use souk_api::{AppState, Error, Permission};
use souk_base::{Action, Lang, Rule, RuleId, Tables, Translated};
use souk_commerce::rules::{self, Filter, State as RuleState};

use super::typed::{Names, label};
use crate::address::Address;
use crate::frame::Frame;
use crate::office::desk::{self, Desk, Done};
use crate::office::fields::{Input, Problems, Select};
use crate::office::form::Form;
use crate::office::products::filled::{local, zone};
use crate::office::{Colleague, refuse};
use crate::page;
use crate::refusal::Refusal;
use crate::text::desk::desk as words_of;
use crate::text::rules::{Rules as Words, rules as rule_words_of};

/// Rules on a page.
const PAGE: i64 = 50;
/// Conditions or actions that a line of the list tells.
const TOLD_MAX: usize = 4;

#[derive(Template)]
#[template(path = "office/rules.html")]
pub(super) struct RulesPage {
    frame: Frame,
    desk: Desk,
    words: &'static Words,
    may_write: bool,
    q: Input,
    state: Select,
    market: Select,
    /// Whether the filters leave anything out.
    sieved: bool,
    rows: Vec<Row>,
    /// The query of this page, for the way back.
    back: String,
    next: Option<String>,
    first: Option<String>,
}

/// A rule of the list.
struct Row {
    href: String,
    name: String,
    conditions: Vec<String>,
    actions: Vec<String>,
    state: &'static str,
    state_label: &'static str,
    market: String,
    priority: i32,
    period: Vec<String>,
    switch: Option<Switch>,
    /// What it names that is gone, in words.
    lost: Option<String>,
}

/// The button that switches a rule.
struct Switch {
    action: String,
    to: &'static str,
    label: &'static str,
}

/// `GET /office/rules`
pub(crate) async fn show(
    State(app): State<AppState>,
    colleague: Colleague,
) -> Result<Response, Refusal> {
    let page = read(&app, &colleague).await.map_err(|error| refuse(&colleague.caller, error))?;
    Ok(page::for_caller(&colleague.caller, &page))
}

async fn read(app: &AppState, colleague: &Colleague) -> Result<RulesPage, Error> {
    let tables = app.view()?.tables.clone();
    let (filter, after) = (filter(&colleague.caller.address), after(&colleague.caller.address));
    let mut connection = app.connection().await?;
    let now = Timestamp::now();
    let found = rules::find(&mut connection, &filter, now, after, PAGE).await?;
    let lost = rules::lost(&mut connection, &found).await?;
    let names = Names::of(&mut connection, &tables, &found).await?.with_lost(lost);
    Ok(RulesPage::new(colleague, &tables, &filter, &found, &names))
}

fn filter(address: &Address) -> Filter {
    let state = address.get("state");
    Filter {
        text: address.get("q").map(|text| text.replace('\0', "").trim().to_owned()),
        market: address.get("market").and_then(|market| market.parse().ok()),
        state: RuleState::ALL.into_iter().find(|known| Some(known.code()) == state),
    }
}

/// The last rule of the page before, as its priority and key.
fn after(address: &Address) -> Option<(i32, RuleId)> {
    let (priority, id) = address.get("after")?.split_once('_')?;
    Some((priority.parse().ok()?, id.parse().ok()?))
}

impl RulesPage {
    /// The list of these rules.
    pub(super) fn new(
        colleague: &Colleague,
        tables: &Tables,
        filter: &Filter,
        found: &[Rule],
        names: &Names<'_>,
    ) -> RulesPage {
        let caller = &colleague.caller;
        let (lang, words) = (caller.lang(), rule_words_of(caller.lang()));
        let may_write = desk::may(&colleague.staff, Permission::SearchWrite);
        let mut typed = Form::default();
        for name in ["q", "state", "market"] {
            typed.put(name, caller.address.get(name).unwrap_or_default());
        }
        let none = Problems::default();
        let place = caller.address.clone().without("after").without("done");
        let more = i64::try_from(found.len()).is_ok_and(|count| count == PAGE);
        let last = found.last().filter(|_| more);
        let next = |rule: &Rule| {
            let after = format!("{}_{}", rule.priority, rule.id);
            place.clone().with("after", &after).to_string()
        };
        let back = caller.address.clone().without("done").to_string();
        RulesPage {
            frame: desk::frame(colleague, words.rules),
            desk: Desk::new(colleague, "/office/rules").with_done(done(colleague, words)),
            words,
            may_write,
            q: Input::new("q", &typed, &none),
            state: Select::new("state", states(lang), &typed, &none),
            market: Select::new("market", markets(tables, lang), &typed, &none),
            sieved: *filter != Filter::default(),
            rows: found.iter().map(|rule| row(rule, tables, names, lang, may_write)).collect(),
            back: back.split_once('?').map_or_else(String::new, |(_, query)| query.to_owned()),
            next: last.map(next),
            first: caller.address.has("after").then(|| place.to_string()),
        }
    }
}

fn states(lang: Lang) -> Vec<(String, String)> {
    let words = rule_words_of(lang);
    let any = (String::new(), words_of(lang).state_any.to_owned());
    let states = RuleState::ALL.into_iter().filter(|state| *state != RuleState::Unreadable);
    let states =
        states.map(|state| (state.code().to_owned(), state_label(state, words).to_owned()));
    std::iter::once(any).chain(states).collect()
}

fn markets(tables: &Tables, lang: Lang) -> Vec<(String, String)> {
    let markets = tables.markets.iter();
    let markets = markets.map(|it| (it.code.to_string(), it.label.get(lang).to_owned()));
    let every = (String::new(), words_of(lang).every_market.to_owned());
    std::iter::once(every).chain(markets).collect()
}

/// A state in words.
pub(super) const fn state_label(state: RuleState, words: &'static Words) -> &'static str {
    match state {
        RuleState::Live => words.live,
        RuleState::Scheduled => words.scheduled,
        RuleState::Ended => words.ended,
        RuleState::Off => words.off,
        RuleState::Unreadable => words.unreadable,
    }
}

fn row(rule: &Rule, tables: &Tables, names: &Names<'_>, lang: Lang, may_write: bool) -> Row {
    let (words, state) = (rule_words_of(lang), RuleState::of(rule, Timestamp::now()));
    let market = rule.market.and_then(|code| tables.market(code));
    let (to, label) =
        if rule.enabled { ("off", words.switch_off) } else { ("on", words.switch_on) };
    let action = format!("/office/rules/{}/switch", rule.id);
    Row {
        href: format!("/office/rules/{}", rule.id),
        name: rule.name.clone(),
        conditions: conditions(rule, names, words),
        actions: actions(rule, names, words, lang),
        state: state.code(),
        state_label: state_label(state, words),
        market: market.map_or(words_of(lang).every_market, |it| it.label.get(lang)).to_owned(),
        priority: rule.priority,
        period: period(rule, tables, words),
        lost: names.lost(rule.id, words),
        switch: (may_write && state != RuleState::Unreadable).then_some(Switch {
            action,
            to,
            label,
        }),
    }
}

fn conditions(rule: &Rule, names: &Names<'_>, words: &'static Words) -> Vec<String> {
    let told = rule.conditions.iter().map(|condition| {
        let (kind, text) = names.condition(condition);
        let label = label(kind, words);
        if text.is_empty() { label.to_owned() } else { format!("{label}: \u{2068}{text}\u{2069}") }
    });
    let told: Vec<String> = told.collect();
    if told.is_empty() { vec![words.everywhere.to_owned()] } else { cut(told) }
}

fn actions(rule: &Rule, names: &Names<'_>, words: &'static Words, lang: Lang) -> Vec<String> {
    let told = rule.actions.iter().map(|action| match names.action(action) {
        Some((kind, text, number)) => {
            let sign = if kind == "pin" { "" } else { " %" };
            let number = number.map(|number| format!(" · {number}{sign}")).unwrap_or_default();
            format!("{}: \u{2068}{text}\u{2069}{number}", label(kind, words))
        }
        None => format!("{}: \u{2068}{}\u{2069}", words.banner, banner(action, lang)),
    });
    cut(told.collect())
}

fn banner(action: &Action, lang: Lang) -> String {
    let Action::Banner { text, .. } = action else { return String::new() };
    let texts: Translated = text.clone().into_iter().collect();
    texts.get(lang).to_owned()
}

/// The first few, and that there are more.
fn cut(mut told: Vec<String>) -> Vec<String> {
    if told.len() > TOLD_MAX {
        told.truncate(TOLD_MAX);
        told.push("…".to_owned());
    }
    told
}

/// When it takes part, in one or two pieces that do not break.
fn period(rule: &Rule, tables: &Tables, words: &'static Words) -> Vec<String> {
    let zone = zone(tables);
    let told = |label: &str, time: Option<Timestamp>| {
        time.map(|time| format!("{label} \u{2066}{}\u{2069}", local(time, &zone).replace('T', " ")))
    };
    let parts = [told(words.starts, rule.starts_at), told(words.ends, rule.ends_at)];
    let parts: Vec<String> = parts.into_iter().flatten().collect();
    if parts.is_empty() { vec![words.always.to_owned()] } else { parts }
}

fn done(colleague: &Colleague, words: &'static Words) -> Option<Done> {
    let removed = colleague.caller.address.get("done")? == "removed";
    removed.then(|| Done { text: words.removed.to_owned(), link: None })
}
