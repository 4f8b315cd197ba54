//! `/{market}/suggest`: the panel under the search field, as a piece of HTML.

use askama::Template;
use axum::extract::State;
use axum::http::HeaderValue;
use axum::http::StatusCode;
use axum::http::header::CACHE_CONTROL;
use axum::response::Response;
use souk_api::AppState;
use souk_api::pipeline::suggest::{self, SuggestAnswer, SuggestRequest, SuggestedQuery};

use crate::address::Address;
use crate::cards::Card;
use crate::page;
use crate::refusal::Refusal;
use crate::text::{Text, fill};
use crate::visit::Visit;

/// Suggestions of each kind that are asked for.
const LIMIT: usize = 6;

/// Products that fit the panel.
const PRODUCTS: usize = 4;

#[derive(Template)]
#[template(path = "suggest.html")]
pub(crate) struct SuggestPanel {
    text: &'static Text,
    recent: Vec<QueryLink>,
    queries: Vec<QueryLink>,
    categories: Vec<CategoryLink>,
    products: Vec<Card>,
    all: String,
    all_label: String,
}

/// A finished query: what was typed, what is added, and where it is searched.
struct QueryLink {
    href: String,
    typed: String,
    added: String,
    place: Option<String>,
}

struct CategoryLink {
    href: String,
    label: String,
    count: String,
}

/// `GET /{market}/suggest`
pub(crate) async fn show(State(app): State<AppState>, visit: Visit) -> Result<Response, Refusal> {
    let request = SuggestRequest {
        market: visit.market,
        q: visit.caller.address.get("q").unwrap_or_default().to_owned(),
        lang: Some(visit.lang),
        city: visit.city,
        date: visit.date,
        now: visit.now,
        limit: LIMIT,
        visitor: visit.visitor.clone(),
        customer: visit.customer,
        personalise: true,
    };
    let answer = suggest::run(&app, &request).await.map_err(|error| Refusal::of(&visit, error))?;
    let mut response = page::html(StatusCode::OK, &SuggestPanel::new(&visit, &request.q, &answer));
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("private, max-age=30"));
    Ok(response)
}

impl SuggestPanel {
    pub(crate) fn new(visit: &Visit, typed: &str, answer: &SuggestAnswer) -> SuggestPanel {
        let text = visit.text();
        let categories = answer.categories.iter().map(|category| CategoryLink {
            href: visit.path(&format!("/c/{}", category.slug)),
            label: category.label.clone(),
            count: visit.numbers().whole(category.count),
        });
        let products = &answer.products[..answer.products.len().min(PRODUCTS)];
        let own = |text: &String| SuggestedQuery { text: text.clone(), category: None };
        SuggestPanel {
            text,
            recent: answer.recent.iter().map(|text| query_link(visit, typed, &own(text))).collect(),
            queries: answer.queries.iter().map(|query| query_link(visit, typed, query)).collect(),
            categories: categories.collect(),
            products: Card::all(visit, products),
            all: search(visit, typed).to_string(),
            all_label: fill(text.all_results, "query", typed),
        }
    }
}

fn search(visit: &Visit, query: &str) -> Address {
    Address::new(visit.path("/search")).and("q", query)
}

fn query_link(visit: &Visit, typed: &str, query: &SuggestedQuery) -> QueryLink {
    let category = query.category.as_deref().and_then(|slug| visit.tables.category_by_slug(slug));
    let mut address = search(visit, &query.text);
    if let Some(category) = category {
        address = address.and("category", &category.slug);
    }
    let (same, added) = split(typed, &query.text);
    let place = category
        .map(|category| fill(visit.text().in_category, "category", category.label.get(visit.lang)));
    QueryLink { href: address.to_string(), typed: same, added, place }
}

/// The part of a suggestion that was typed already, and the rest.
fn split(typed: &str, suggested: &str) -> (String, String) {
    let mut rest = suggested.chars();
    for wanted in typed.trim_start().chars() {
        let same = |next: char| next.to_lowercase().eq(wanted.to_lowercase());
        if !rest.clone().next().is_some_and(same) {
            break;
        }
        rest.next();
    }
    let rest = rest.as_str();
    (suggested[..suggested.len() - rest.len()].to_owned(), rest.to_owned())
}

#[cfg(test)]
mod tests {
    use souk_api::pipeline::suggest::SuggestedCategory;
    use souk_base::Lang;

    use super::*;
    use crate::sample;

    fn answer() -> SuggestAnswer {
        let category = Some("roses".to_owned());
        let hit = sample::hit("Red Rose", 1_500, "KW".parse().unwrap());
        SuggestAnswer {
            queries: vec![SuggestedQuery { text: "red roses".to_owned(), category }],
            categories: vec![SuggestedCategory {
                slug: "roses".to_owned(),
                label: "Roses".to_owned(),
                count: 22,
            }],
            products: vec![hit; 6],
            recent: vec!["red vase".to_owned()],
            took_us: 0,
        }
    }

    #[test]
    fn the_panel_has_its_groups_in_every_language() {
        for lang in Lang::ALL {
            let visit = sample::visit("/KW/suggest?q=red", lang);
            let panel = SuggestPanel::new(&visit, "red", &answer());

            assert_eq!(panel.products.len(), PRODUCTS);
            let (html, text) = (panel.render().unwrap(), visit.text());
            assert!(html.contains("red<b> roses</b>"), "{html}");
            assert!(html.contains("/KW/search?q=red+roses&#38;category=roses"), "{html}");
            assert!(html.contains("/KW/c/roses"));
            assert!(html.contains("red<b> vase</b>") && html.contains(text.recent_searches));
        }
    }

    #[test]
    fn what_is_added_is_told_from_what_was_typed() {
        let parts = |typed, suggested| split(typed, suggested);

        assert_eq!(parts("Red ro", "red roses"), ("red ro".to_owned(), "ses".to_owned()));
        assert_eq!(parts("ورد أ", "ورد أحمر"), ("ورد أ".to_owned(), "حمر".to_owned()));
        assert_eq!(parts("tulip", "roses"), (String::new(), "roses".to_owned()));
        assert_eq!(parts("rose", "rose"), ("rose".to_owned(), String::new()));
    }
}
