//! What a search that finds nothing offers: the nearest that the shop has, and what that has of the search.

use serde::Serialize;
use souk_search::{Query, Sort, View};
use utoipa::ToSchema;

use super::search::SearchRequest;
use super::{SearchHit, Shown, Wish};
use crate::error::{Error, Result};

/// Most products that are offered.
const PRODUCTS_MAX: usize = 12;

/// What comes near a search that found nothing.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Near {
    /// What the products have of the search.
    pub by: By,
    /// The products; none of them is a hit.
    pub hits: Vec<SearchHit>,
}

/// What products have of a search that they are near.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum By {
    /// Its words, but not what narrowed it.
    Words,
    /// Its category, but not its words and filters.
    Category,
    /// Nothing: they are what is bought most, where anything is to be had in the chosen city there.
    Popular,
}

/// The nearest that there is; none only where the market has nothing at all.
///
/// # Errors
/// As every search.
pub(super) fn near(view: &View, request: &SearchRequest) -> Result<Option<Near>> {
    let market = view.tables.market(request.market).ok_or(Error::NotFound)?;
    for (by, wider) in wider(request) {
        let found = view.candidates(&Query::parse(&wider.as_search(None), &view.tables)?)?;
        if !found.hits.is_empty() {
            let wish = Wish::new(wider.city, wider.date, wider.now);
            let shown = Shown { market, tables: &view.tables, wish, explain: false };
            let hits = found.hits.into_iter().map(|hit| shown.hit(hit)).collect();
            return Ok(Some(Near { by, hits }));
        }
    }
    Ok(None)
}

/// Searches that ask for less and less, the nearest first.
fn wider(request: &SearchRequest) -> Vec<(By, SearchRequest)> {
    let words = SearchRequest {
        category: None,
        filters: Vec::new(),
        facets: Vec::new(),
        sort: Sort::Relevance,
        limit: request.limit.min(PRODUCTS_MAX),
        cursor: None,
        ..request.clone()
    };
    let popular = SearchRequest { q: String::new(), sort: Sort::Popular, ..words.clone() };
    let anywhere = SearchRequest { city: None, date: None, ..popular.clone() };
    let category = SearchRequest { category: request.category.clone(), ..popular.clone() };
    let is_narrowed = request.category.is_some() || !request.filters.is_empty();
    let has_words = !request.q.trim().is_empty();
    let wider = [
        (By::Words, words, is_narrowed && has_words),
        (By::Category, category, request.category.is_some()),
        (By::Popular, popular, true),
        (By::Popular, anywhere, request.city.is_some()),
    ];
    wider.into_iter().filter(|it| it.2).map(|(by, request, _)| (by, request)).collect()
}
