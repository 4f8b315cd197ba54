//! `GET /office/synonyms`: synonyms, the newest first.

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use souk_api::{AppState, Error, Permission};
use souk_base::{Lang, Synonym, SynonymId, SynonymKind, Tables};
use souk_commerce::synonyms::{self, Filter};

use super::editor::{languages, markets};
use crate::address::Address;
use crate::frame::Frame;
use crate::office::desk::{self, Desk, Done};
use crate::office::fields::{Input, Problems, Select};
use crate::office::form::Form;
use crate::office::{Colleague, refuse};
use crate::page;
use crate::refusal::Refusal;
use crate::text::analytics::analytics;
use crate::text::desk::desk as words_of;
use crate::text::tuning::{Tuning, tuning};

/// Synonyms on a page.
const PAGE: i64 = 50;
/// Words that a line of the list tells.
const TOLD_MAX: usize = 8;

#[derive(Template)]
#[template(path = "office/synonyms.html")]
pub(super) struct SynonymsPage {
    frame: Frame,
    desk: Desk,
    words: &'static Tuning,
    may_write: bool,
    q: Input,
    market: Select,
    lang: Select,
    /// Whether the filters leave anything out.
    sieved: bool,
    rows: Vec<Row>,
    next: Option<String>,
    first: Option<String>,
}

/// A synonym of the list.
struct Row {
    href: String,
    words: Vec<String>,
    is_one_way: bool,
    market: String,
    lang: &'static str,
}

/// `GET /office/synonyms`
pub(crate) async fn show(
    State(app): State<AppState>,
    colleague: Colleague,
) -> Result<Response, Refusal> {
    let page = read(&app, &colleague).await.map_err(|error| refuse(&colleague.caller, error))?;
    Ok(page::for_caller(&colleague.caller, &page))
}

async fn read(app: &AppState, colleague: &Colleague) -> Result<SynonymsPage, Error> {
    let tables = app.view()?.tables.clone();
    let address = &colleague.caller.address;
    let filter = filter(address);
    let below = address.get("below").and_then(|id| id.parse::<SynonymId>().ok());
    let mut connection = app.connection().await?;
    let found = synonyms::find(&mut connection, &filter, below, PAGE).await?;
    Ok(SynonymsPage::new(colleague, &tables, &filter, &found))
}

fn filter(address: &Address) -> Filter {
    Filter {
        text: address.get("q").map(|text| text.replace('\0', "").trim().to_owned()),
        market: address.get("market").and_then(|market| market.parse().ok()),
        lang: address.get("language").and_then(|lang| lang.parse().ok()),
    }
}

impl SynonymsPage {
    /// The list of these synonyms.
    pub(super) fn new(
        colleague: &Colleague,
        tables: &Tables,
        filter: &Filter,
        found: &[Synonym],
    ) -> SynonymsPage {
        let caller = &colleague.caller;
        let (lang, words) = (caller.lang(), tuning(caller.lang()));
        let mut typed = Form::default();
        for name in ["q", "market", "language"] {
            typed.put(name, caller.address.get(name).unwrap_or_default());
        }
        let none = Problems::default();
        let place = caller.address.clone().without("below").without("done");
        let more = i64::try_from(found.len()).is_ok_and(|count| count == PAGE);
        let last = found.last().filter(|_| more);
        let next =
            |synonym: &Synonym| place.clone().with("below", &synonym.id.to_string()).to_string();
        SynonymsPage {
            frame: desk::frame(colleague, words.synonyms),
            desk: Desk::new(colleague, "/office/synonyms").with_done(done(colleague, words)),
            words,
            may_write: desk::may(&colleague.staff, Permission::SearchWrite),
            q: Input::new("q", &typed, &none),
            market: Select::new("market", markets(tables, lang), &typed, &none),
            lang: Select::new("language", languages(lang), &typed, &none),
            sieved: *filter != Filter::default(),
            rows: found.iter().map(|synonym| row(synonym, tables, lang)).collect(),
            next: last.map(next),
            first: caller.address.has("below").then(|| place.to_string()),
        }
    }
}

fn row(synonym: &Synonym, tables: &Tables, lang: Lang) -> Row {
    let market = synonym.market.and_then(|code| tables.market(code));
    let mut words: Vec<String> = synonym.words.iter().take(TOLD_MAX).cloned().collect();
    if synonym.words.len() > TOLD_MAX {
        words.push("…".to_owned());
    }
    Row {
        href: format!("/office/synonyms/{}", synonym.id),
        words,
        is_one_way: synonym.kind == SynonymKind::OneWay,
        market: market.map_or(words_of(lang).every_market, |it| it.label.get(lang)).to_owned(),
        lang: synonym.lang.map_or(analytics(lang).every_language, Lang::name),
    }
}

fn done(colleague: &Colleague, words: &'static Tuning) -> Option<Done> {
    let text = match colleague.caller.address.get("done")? {
        "saved" => words.synonym_saved,
        "removed" => words.synonym_removed,
        _ => return None,
    };
    Some(Done { text: text.to_owned(), link: None })
}
