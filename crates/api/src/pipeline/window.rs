//! Hits by their place among all hits, for clients that page by number.
//!
//! Search pages by cursor; a window is reached by going through the pages before it. What changes meanwhile shifts
//! nothing else, because a cursor is a place in the order and no count.

use super::search::{self, SearchAnswer, SearchRequest, Searcher};
use crate::AppState;
use crate::error::Result;

/// Hits that can be reached: a window ends here.
pub const REACH_MAX: usize = 1_000;

/// Hits of one look into the index.
const STEP_MAX: usize = souk_search::LIMIT_MAX;

/// Which hits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    /// Hits before the first one.
    pub offset: usize,
    /// Hits at most; none to count only.
    pub length: usize,
}

impl Window {
    /// Hits of a page, pages counted from 0.
    #[must_use]
    pub fn page(page: usize, length: usize) -> Window {
        let offset = page.saturating_mul(length).min(REACH_MAX);
        Window { offset, length: length.min(REACH_MAX - offset) }
    }

    /// Looks into the index that it takes.
    #[must_use]
    pub const fn steps(self) -> usize {
        if self.length == 0 { 1 } else { (self.offset + self.length).div_ceil(STEP_MAX) }
    }
}

/// Answers a search with the hits of a window. Logged for the searcher, if there is one.
///
/// # Errors
/// As [`search::run`].
pub async fn run(
    app: &AppState,
    searcher: Option<Searcher>,
    request: &SearchRequest,
    window: Window,
) -> Result<SearchAnswer> {
    let start = match window.length {
        0 => None,
        _ => start(app, request, window.offset).await?,
    };
    let Some(Place(cursor)) = start else { return counted(app, request).await };
    let first = SearchRequest { limit: window.length.min(STEP_MAX), cursor, ..request.clone() };
    let mut answer = match searcher {
        Some(searcher) => search::run_for(app, searcher, &first).await?,
        None => search::run(app, &first).await?,
    };
    while answer.hits.len() < window.length && answer.next.is_some() {
        let limit = (window.length - answer.hits.len()).min(STEP_MAX);
        let page = search::run(app, &step(request, limit, answer.next.take())).await?;
        answer.hits.extend(page.hits);
        answer.next = page.next;
    }
    Ok(answer)
}

/// A place in the order of hits: behind a cursor, or the beginning.
struct Place(Option<String>);

/// The place behind this many hits; none where there are no more.
async fn start(app: &AppState, request: &SearchRequest, offset: usize) -> Result<Option<Place>> {
    let (mut cursor, mut left) = (None, offset);
    while left > 0 {
        let limit = left.min(STEP_MAX);
        cursor = search::run(app, &step(request, limit, cursor)).await?.next;
        if cursor.is_none() {
            return Ok(None);
        }
        left -= limit;
    }
    Ok(Some(Place(cursor)))
}

/// The request for some hits and nothing else.
fn step(request: &SearchRequest, limit: usize, cursor: Option<String>) -> SearchRequest {
    SearchRequest { facets: Vec::new(), limit, cursor, ..request.clone() }
}

/// Total and facets without hits.
async fn counted(app: &AppState, request: &SearchRequest) -> Result<SearchAnswer> {
    let answer = search::run(app, &SearchRequest { limit: 1, ..request.clone() }).await?;
    Ok(SearchAnswer { hits: Vec::new(), next: None, ..answer })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_ends_where_hits_cannot_be_reached_any_more() {
        assert_eq!(Window::page(0, 20), Window { offset: 0, length: 20 });
        assert_eq!(Window::page(33, 30), Window { offset: 990, length: 10 });
        assert_eq!(Window::page(50, 20), Window { offset: 1_000, length: 0 });
        assert_eq!(Window::page(usize::MAX, 7).length, 0);
        assert_eq!(Window::page(5, 0), Window { offset: 0, length: 0 });
        assert_eq!(
            [(0, 0), (0, 100), (1, 100), (9, 100)].map(|(p, n)| Window::page(p, n).steps()),
            [1, 1, 2, 10]
        );
    }
}
