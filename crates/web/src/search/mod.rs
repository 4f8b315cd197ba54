//! `/{market}/search` and `/{market}/c/{category}`: results with facets, chips, sort and pages.

mod facets;
mod request;

use askama::Template;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::response::{IntoResponse as _, Redirect, Response};
use souk_api::pipeline::near::{By, Near};
use souk_api::pipeline::search::{self, Banner, SearchAnswer, Searcher};
use souk_api::{AppState, Error};
use souk_base::Tables;

use self::facets::{Chip, FacetGroup, PriceFields};
use self::request::Asked;
use crate::address::Address;
use crate::cards::Card;
use crate::frame::Frame;
use crate::home::{self, CategoryTile, Row};
use crate::promise::DayField;
use crate::refusal::Refusal;
use crate::text::{Text, fill};
use crate::visit::Visit;
use crate::{page, recommended};

/// Sent by the script when it needs only the results, to put them into the page that is there.
const FRAGMENT: &str = "souk-fragment";

/// What that says while somebody types.
const TYPING: &str = "typing";

#[derive(Template)]
#[template(path = "search.html")]
struct SearchPage {
    frame: Frame,
    results: Results,
    /// What is wanted more than lately in the category.
    row: Option<Row>,
}

/// The results alone.
#[derive(Template)]
#[template(path = "results.html")]
pub(crate) struct Results {
    text: &'static Text,
    /// The title of the page, which the script puts in the head.
    title: String,
    heading: String,
    breadcrumbs: Vec<Crumb>,
    total: String,
    notes: Vec<Note>,
    banner: Option<Banner>,
    chips: Vec<Chip>,
    clear: String,
    groups: Vec<FacetGroup>,
    price: PriceFields,
    day: Option<DayField>,
    sorts: Vec<SortChoice>,
    form: Form,
    cards: Vec<Card>,
    /// Names these results when one of them is clicked, and where that is told.
    query_id: String,
    told: String,
    next: Option<String>,
    first: Option<String>,
    nothing: Option<Nothing>,
}

/// A sentence above the results, with the words in it that stand out.
struct Note {
    before: String,
    strong: String,
    after: String,
}

/// A step on the way from home.
pub(crate) struct Crumb {
    pub(crate) href: String,
    pub(crate) label: String,
}

struct SortChoice {
    value: &'static str,
    label: &'static str,
    chosen: bool,
}

/// Where the forms of the page go and what they carry along.
struct Form {
    action: String,
    fields: Vec<(String, String)>,
}

/// What is shown when nothing was found.
struct Nothing {
    tiles: Vec<CategoryTile>,
    /// What comes near.
    near: Option<Row>,
}

/// `GET /{market}/search`
pub(crate) async fn show(
    State(app): State<AppState>,
    visit: Visit,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    let asked = Asked::read(&visit, None);
    answer(&app, &visit, &asked, &headers).await.map_err(|error| Refusal::of(&visit, error))
}

/// `GET /{market}/c/{category}`
pub(crate) async fn show_category(
    State(app): State<AppState>,
    visit: Visit,
    path: Result<Path<(String, String)>, PathRejection>,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    let Ok(Path((_, category))) = path else { return Err(Refusal::of(&visit, Error::NotFound)) };
    let asked = Asked::read(&visit, Some(category));
    answer(&app, &visit, &asked, &headers).await.map_err(|error| Refusal::of(&visit, error))
}

async fn answer(
    app: &AppState,
    visit: &Visit,
    asked: &Asked,
    headers: &HeaderMap,
) -> Result<Response, Error> {
    let fragment = headers.get(FRAGMENT);
    let keystroke = fragment.is_some_and(|part| part == TYPING);
    let (visitor, customer) = (visit.visitor.clone(), visit.customer);
    let searcher = Searcher { visitor, customer, keystroke, personalise: !keystroke };
    let found = search::run_for(app, searcher, &asked.request).await?;
    if let (Some(address), None) = (&found.redirect, &fragment) {
        return Ok(Redirect::to(address).into_response());
    }
    let nothing =
        if found.total == 0 { Some(around(app, visit, asked, &found).await?) } else { None };
    let results = Results::new(visit, asked, &found, nothing);
    if fragment.is_some() {
        return Ok(page::for_caller(&visit.caller, &results));
    }
    let row = match asked.request.category.as_deref() {
        Some(category) if found.total > 0 => recommended::of_category(app, visit, category).await?,
        _ => None,
    };
    let frame = Frame::of(visit, &results.heading);
    Ok(page::for_caller(&visit.caller, &SearchPage { frame, results, row }))
}

async fn around(
    app: &AppState,
    visit: &Visit,
    asked: &Asked,
    found: &SearchAnswer,
) -> Result<Nothing, Error> {
    let tiles = home::tiles(app, visit).await?;
    Ok(Nothing { tiles, near: found.near.as_ref().map(|near| row(visit, asked, near)) })
}

/// What comes near a search, under a title that says what it has of it.
fn row(visit: &Visit, asked: &Asked, near: &Near) -> Row {
    let text = visit.text();
    let category = asked.category(&visit.tables);
    let (title, href) = match (near.by, category) {
        (By::Words, _) => {
            let place = Address::new(visit.path("/search")).with("q", &asked.request.q);
            (text.whole_shop.to_owned(), place.to_string())
        }
        (By::Category, Some(category)) => {
            let label = category.label.get(visit.lang).to_owned();
            (label, visit.path(&format!("/c/{}", category.slug)))
        }
        (By::Category | By::Popular, _) => {
            let is_here = near.hits.iter().all(|hit| hit.deliverable.is_some());
            let title = if is_here && visit.city.is_some() {
                fill(text.popular_in, "place", visit.place())
            } else {
                text.popular.to_owned()
            };
            (title, visit.path("/search?sort=popular"))
        }
    };
    Row { title, href, cards: Card::all(visit, &near.hits) }
}

impl Results {
    fn new(
        visit: &Visit,
        asked: &Asked,
        found: &SearchAnswer,
        nothing: Option<Nothing>,
    ) -> Results {
        let (text, address) = (visit.text(), asked.address());
        let heading = heading(visit, asked, found);
        let total =
            fill(text.products_count.form(found.total), "n", &visit.numbers().whole(found.total));
        Results {
            text,
            title: format!("{heading} · {}", text.shop_name),
            heading,
            breadcrumbs: breadcrumbs(visit, asked),
            total,
            notes: notes(visit, asked, found),
            banner: found.banner.clone(),
            chips: facets::chips(visit, asked, &found.facets),
            clear: asked.cleared().to_string(),
            groups: facets::groups(visit, asked, found),
            price: PriceFields::new(visit, asked, found),
            day: DayField::of(visit),
            sorts: sorts(text, asked),
            form: form(&address),
            cards: Card::all(visit, &found.hits),
            query_id: found.query_id.to_string(),
            told: visit.path("/events"),
            next: found
                .next
                .as_deref()
                .map(|next| address.clone().with("cursor", next).to_string()),
            first: asked.request.cursor.as_ref().map(|_| address.to_string()),
            nothing,
        }
    }
}

fn heading(visit: &Visit, asked: &Asked, found: &SearchAnswer) -> String {
    let text = visit.text();
    let searched = found.corrected_query.as_deref().unwrap_or(&asked.request.q);
    let category = asked.category(&visit.tables).map(|node| node.label.get(visit.lang).to_owned());
    match (searched, category, found.total) {
        ("", _, 0) => text.nothing_with_filters.to_owned(),
        (query, _, 0) if asked.is_filtered() => {
            format!("{}: {query}", text.nothing_with_filters)
        }
        (query, _, 0) => fill(text.nothing_found, "query", query),
        ("", Some(category), _) => category,
        ("", None, _) => text.everything.to_owned(),
        (query, ..) => fill(text.results_for, "query", query),
    }
}

/// What was done to the query, in words; where nothing is found, only what is not sold.
fn notes(visit: &Visit, asked: &Asked, found: &SearchAnswer) -> Vec<Note> {
    let text = visit.text();
    let corrected = found
        .corrected_query
        .as_deref()
        .map(|query| Note::new(text.corrected, ("query", query), ("typed", &asked.request.q)));
    let note = |text, words: &[&str]| {
        (!words.is_empty()).then(|| Note::new(text, ("words", &words.join(", ")), ("", "")))
    };
    let not_sold: Vec<&str> = found.not_sold.iter().map(String::as_str).collect();
    let relaxed = found.relaxed.iter().map(String::as_str);
    let relaxed: Vec<&str> = relaxed.filter(|word| !not_sold.contains(word)).collect();
    let lacking = if relaxed.len() > 1 { text.relaxed_several } else { text.relaxed };
    let not_sold = note(text.not_sold, &not_sold);
    if found.total == 0 {
        return not_sold.filter(|_| found.near.is_some()).into_iter().collect();
    }
    [corrected, not_sold, note(lacking, &relaxed)].into_iter().flatten().collect()
}

impl Note {
    /// A text with one part that stands out and another that is filled in.
    fn new(text: &str, (name, strong): (&str, &str), (other, value): (&str, &str)) -> Note {
        let (before, after) = text.split_once(&format!("{{{name}}}")).unwrap_or((text, ""));
        Note {
            before: fill(before, other, value),
            strong: strong.to_owned(),
            after: fill(after, other, value),
        }
    }
}

/// From home down to the category the results stay within; empty elsewhere.
fn breadcrumbs(visit: &Visit, asked: &Asked) -> Vec<Crumb> {
    let Some(category) = asked.category(&visit.tables) else { return Vec::new() };
    let ancestors = visit.tables.ancestry(category.id).into_iter().skip(1);
    let mut crumbs: Vec<Crumb> = ancestors
        .filter_map(|id| visit.tables.categories.get(&id))
        .map(|node| Crumb {
            href: visit.path(&format!("/c/{}", node.slug)),
            label: node.label.get(visit.lang).to_owned(),
        })
        .collect();
    crumbs.push(Crumb { href: visit.path(""), label: visit.text().home.to_owned() });
    crumbs.reverse();
    crumbs
}

fn sorts(text: &Text, asked: &Asked) -> Vec<SortChoice> {
    let all = [
        ("relevance", text.sort_relevance),
        ("popular", text.sort_popular),
        ("newest", text.sort_newest),
        ("price", text.sort_price),
        ("-price", text.sort_price_descending),
    ];
    // Without a query everything matches alike, so "best match" says nothing.
    let offered =
        all.into_iter().filter(|(value, _)| *value != "relevance" || !asked.request.q.is_empty());
    let chosen = asked.sort_name();
    offered.map(|(value, label)| SortChoice { value, label, chosen: value == chosen }).collect()
}

fn form(address: &Address) -> Form {
    Form { action: address.path().to_owned(), fields: address.fields().cloned().collect() }
}

/// A category by its slug.
fn category<'a>(tables: &'a Tables, slug: &str) -> Option<&'a souk_base::Category> {
    tables.category_by_slug(slug)
}

#[cfg(test)]
mod tests;
