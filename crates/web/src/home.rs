//! `/{market}`: the home page.

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use souk_api::pipeline::categories::{self, CategoriesRequest, CategoryNode};
use souk_api::pipeline::search::{self, SearchRequest};
use souk_api::{AppState, Error};
use souk_search::Sort;

use crate::cards::Card;
use crate::frame::{CityLink, Frame};
use crate::refusal::Refusal;
use crate::text::{fill, texts};
use crate::visit::Visit;
use crate::{page, recommended, still};

/// Products of a row.
pub(crate) const ROW: usize = 10;

/// Categories of the grid; the rest are found under their parents and in the filters.
const CATEGORIES_MAX: usize = 12;

#[derive(Template)]
#[template(path = "home.html")]
pub(crate) struct HomePage {
    frame: Frame,
    lead: &'static str,
    search: String,
    suggest: String,
    cities: Vec<CityLink>,
    categories: Vec<CategoryTile>,
    rows: Vec<Row>,
}

/// A category as a picture with its name.
pub(crate) struct CategoryTile {
    pub(crate) href: String,
    pub(crate) label: String,
    pub(crate) count: String,
    pub(crate) picture: String,
}

/// A row of products.
pub(crate) struct Row {
    pub(crate) title: String,
    pub(crate) href: String,
    pub(crate) cards: Vec<Card>,
}

/// `GET /{market}`
pub(crate) async fn show(State(app): State<AppState>, visit: Visit) -> Result<Response, Refusal> {
    let page = read(&app, &visit).await.map_err(|error| Refusal::of(&visit, error))?;
    Ok(page::for_caller(&visit.caller, &page))
}

async fn read(app: &AppState, visit: &Visit) -> Result<HomePage, Error> {
    let categories = tiles(app, visit).await?;
    let for_you = recommended::for_you(app, visit).await?;
    let popular = row(app, visit, "popular").await?;
    let trending = recommended::trending(app, visit).await?;
    let newest = row(app, visit, "newest").await?;
    let rows = for_you.into_iter().chain([popular]).chain(trending).chain([newest]);
    Ok(HomePage::new(visit, categories, rows.collect()))
}

impl HomePage {
    pub(crate) fn new(visit: &Visit, categories: Vec<CategoryTile>, rows: Vec<Row>) -> HomePage {
        let text = visit.text();
        let frame = Frame::of_home(visit, text.tagline);
        let cities = Frame::of(visit, "").shop.map(|shop| shop.cities).unwrap_or_default();
        HomePage {
            frame,
            lead: text.home_lead,
            search: visit.path("/search"),
            suggest: visit.path("/suggest"),
            cities,
            categories,
            rows: rows.into_iter().filter(|row| !row.cards.is_empty()).collect(),
        }
    }
}

/// The categories that have products here, as tiles: every root, then the fullest ones below.
pub(crate) async fn tiles(app: &AppState, visit: &Visit) -> Result<Vec<CategoryTile>, Error> {
    let &Visit { market, lang, city, date, now, .. } = visit;
    let request = CategoriesRequest { market, lang: Some(lang), city, date, now };
    let roots = categories::run(app, request).await?;
    Ok(fullest(&roots).into_iter().map(|node| tile(visit, node)).collect())
}

fn fullest(roots: &[CategoryNode]) -> Vec<&CategoryNode> {
    let mut below: Vec<&CategoryNode> = roots.iter().flat_map(|root| &root.children).collect();
    below.sort_by_key(|node| std::cmp::Reverse(node.count));
    roots.iter().chain(below).take(CATEGORIES_MAX).collect()
}

fn tile(visit: &Visit, node: &CategoryNode) -> CategoryTile {
    let count = texts(visit.lang).products_count.form(node.count);
    CategoryTile {
        href: visit.path(&format!("/c/{}", node.slug)),
        label: node.label.clone(),
        count: fill(count, "n", &visit.numbers().whole(node.count)),
        picture: still::category(&node.slug),
    }
}

/// The products that come first in an order.
pub(crate) async fn row(app: &AppState, visit: &Visit, sort: &str) -> Result<Row, Error> {
    let text = visit.text();
    let (order, title) = match sort {
        "newest" => (Sort::Newest, text.newest.to_owned()),
        _ if visit.city.is_some() => (Sort::Popular, fill(text.popular_in, "place", visit.place())),
        _ => (Sort::Popular, text.popular.to_owned()),
    };
    let request = SearchRequest {
        lang: Some(visit.lang),
        city: visit.city,
        date: visit.date,
        now: visit.now,
        sort: order,
        limit: ROW,
        ..SearchRequest::of(visit.market)
    };
    let answer = search::run(app, &request).await?;
    let href = visit.path(&format!("/search?sort={sort}"));
    Ok(Row { title, href, cards: Card::all(visit, &answer.hits) })
}

#[cfg(test)]
mod tests {
    use askama::Template as _;
    use souk_base::Lang;

    use super::*;
    use crate::sample;

    #[test]
    fn the_page_renders_in_every_language_and_leaves_out_empty_rows() {
        for lang in Lang::ALL {
            let visit = sample::visit("/KW", lang);
            let hit = sample::hit("Red Rose", 1_500, visit.market);
            let full = Row {
                title: "Full".to_owned(),
                href: "/KW/search".to_owned(),
                cards: Card::all(&visit, &[hit]),
            };
            let empty = Row { title: "Empty".to_owned(), href: String::new(), cards: Vec::new() };
            let html = HomePage::new(&visit, Vec::new(), vec![full, empty]).render().unwrap();

            assert!(html.contains(texts(lang).home_title));
            assert!(html.contains("Full") && !html.contains("Empty"));
            assert_eq!(html.matches("role=\"search\"").count(), 1);
        }
    }

    #[test]
    fn a_country_without_products_says_so() {
        let visit = sample::visit("/KW", Lang::En);

        let html = HomePage::new(&visit, Vec::new(), Vec::new()).render().unwrap();

        assert!(html.contains(texts(Lang::En).empty_shop));
    }

    #[test]
    fn roots_come_first_then_the_fullest_below() {
        let node = |slug: &str, count, children| CategoryNode {
            category_id: souk_base::CategoryId::new(1),
            slug: slug.to_owned(),
            label: slug.to_owned(),
            count,
            children,
        };
        let below = vec![node("tulips", 2, Vec::new()), node("roses", 9, Vec::new())];
        let roots = [node("flowers", 11, below), node("cakes", 3, Vec::new())];

        let slugs: Vec<_> = fullest(&roots).into_iter().map(|node| node.slug.as_str()).collect();

        assert_eq!(slugs, ["flowers", "cakes", "roses", "tulips"]);
    }
}
