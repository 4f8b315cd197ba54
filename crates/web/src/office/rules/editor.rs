//! The form of a rule.

use askama::Template;
use jiff::Timestamp;
use souk_api::Permission;
use souk_base::{Condition, Lang, Rule, Tables};
use souk_commerce::rules::State;
use souk_commerce::writes;

use super::list::state_label;
use super::typed::{ACTIONS, CONDITIONS, label, line_count};
use crate::address::Address;
use crate::frame::Frame;
use crate::office::Colleague;
use crate::office::desk::{self, Desk, Done};
use crate::office::fields::{Input, Problem, Problems, Select};
use crate::office::form::Form;
use crate::office::products::filled::zone;
use crate::office::trial::Trial;
use crate::text::desk::desk as words_of;
use crate::text::fill;
use crate::text::rules::{Rules as Words, rules as rule_words_of};

/// Empty lines behind those that say something.
const SPARE_LINES: usize = 2;
/// Lines of a part at least.
const LINES_MIN: usize = 3;

#[derive(Template)]
#[template(path = "office/rule.html")]
pub(super) struct EditorPage {
    frame: Frame,
    desk: Desk,
    words: &'static Words,
    may_write: bool,
    heading: String,
    /// Where the form goes.
    action: String,
    is_new: bool,
    etag: String,
    state: Option<(&'static str, &'static str)>,
    is_unreadable: bool,
    /// Where the rule can be seen at work.
    see: Option<String>,
    problems: Vec<Problem>,
    notice: Option<String>,
    name: Input,
    market: Select,
    priority: Input,
    enabled: bool,
    starts: Input,
    ends: Input,
    zone_hint: String,
    conditions: Vec<Line>,
    actions: Vec<Line>,
    banners: Vec<BannerField>,
    link: Input,
    has_banner: bool,
    trial: Trial,
}

/// A line of conditions or actions.
struct Line {
    kind: Select,
    text: Input,
    number: Input,
}

/// The banner in one language.
struct BannerField {
    input: Input,
    label: &'static str,
    attributes: String,
}

impl EditorPage {
    /// The form of this rule, or of a new one, as it was filled.
    pub(super) fn new(
        colleague: &Colleague,
        tables: &Tables,
        rule: Option<&Rule>,
        form: &Form,
        problems: &Problems,
        trial: Trial,
    ) -> EditorPage {
        let lang = colleague.caller.lang();
        let (desk_words, words) = (words_of(lang), rule_words_of(lang));
        let input = |name: &str| Input::new(name, form, problems);
        let state = rule.map(|rule| State::of(rule, Timestamp::now()));
        let heading = rule.map_or(words.new.to_owned(), |rule| rule.name.clone());
        let count = u64::try_from(problems.all().len()).unwrap_or(u64::MAX);
        let notice = fill(desk_words.problems.form(count), "n", &count.to_string());
        let banners = banners(form, problems);
        EditorPage {
            frame: desk::frame(colleague, &heading),
            desk: Desk::new(colleague, "/office/rules").with_done(done(colleague, words)),
            words,
            may_write: desk::may(&colleague.staff, Permission::SearchWrite),
            heading,
            action: rule.map_or("/office/rules/new".to_owned(), |rule| {
                format!("/office/rules/{}", rule.id)
            }),
            is_new: rule.is_none(),
            etag: rule.map(writes::etag).unwrap_or_default(),
            state: state.map(|state| (state.code(), state_label(state, words))),
            is_unreadable: state == Some(State::Unreadable),
            see: rule.and_then(|rule| see(rule, tables)),
            problems: problems.all().to_vec(),
            notice: (count > 0).then_some(notice),
            name: input("name"),
            market: Select::new("market", markets(tables, lang), form, problems),
            priority: input("priority"),
            enabled: form.has("enabled"),
            starts: input("starts"),
            ends: input("ends"),
            zone_hint: fill(words.zone_hint, "zone", &zone(tables)),
            conditions: lines("where", &CONDITIONS, form, problems, words),
            actions: lines("do", &ACTIONS, form, problems, words),
            has_banner: banners.iter().any(|banner| !banner.input.value.is_empty()),
            banners,
            link: input("banner_link"),
            trial,
        }
    }
}

fn markets(tables: &Tables, lang: Lang) -> Vec<(String, String)> {
    let markets = tables.markets.iter();
    let markets = markets.map(|it| (it.code.to_string(), it.label.get(lang).to_owned()));
    let every = (String::new(), words_of(lang).every_market.to_owned());
    std::iter::once(every).chain(markets).collect()
}

fn lines(
    part: &str,
    kinds: &[&'static str],
    form: &Form,
    problems: &Problems,
    words: &'static Words,
) -> Vec<Line> {
    let count = (line_count(form, part) + SPARE_LINES).max(LINES_MIN);
    let line = |place: usize| {
        let none = (String::new(), words.nothing.to_owned());
        let kinds = kinds.iter().map(|kind| ((*kind).to_owned(), label(kind, words).to_owned()));
        let options = std::iter::once(none).chain(kinds);
        Line {
            kind: Select::new(format!("{part}_kind_{place}"), options, form, problems),
            text: Input::new(format!("{part}_text_{place}"), form, problems),
            number: Input::new(format!("{part}_number_{place}"), form, problems),
        }
    };
    (0..count).map(line).collect()
}

fn banners(form: &Form, problems: &Problems) -> Vec<BannerField> {
    let field = |lang: Lang| BannerField {
        input: Input::new(format!("banner_{lang}"), form, problems),
        label: lang.name(),
        attributes: format!("lang=\"{lang}\" dir=\"{}\" maxlength=\"300\"", lang.direction()),
    };
    [Lang::En, Lang::Ar, Lang::Ru, Lang::Kk].map(field).into()
}

/// The search that a rule takes part in, in its market or the first one.
fn see(rule: &Rule, tables: &Tables) -> Option<String> {
    let market = rule.market.or_else(|| tables.markets.first().map(|market| market.code))?;
    let place = Address::new(format!("/{market}/search"));
    Some(place.with("q", query(&rule.conditions)).to_string())
}

/// The first query that conditions ask for; empty where they ask for none.
pub(super) fn query(conditions: &[Condition]) -> &str {
    let query = conditions.iter().find_map(|condition| match condition {
        Condition::QueryIs(words)
        | Condition::QueryBegins(words)
        | Condition::QueryContains(words) => Some(words.as_str()),
        _ => None,
    });
    query.unwrap_or_default()
}

fn done(colleague: &Colleague, words: &'static Words) -> Option<Done> {
    let saved = colleague.caller.address.get("done")? == "saved";
    saved.then(|| Done { text: words.saved.to_owned(), link: None })
}
