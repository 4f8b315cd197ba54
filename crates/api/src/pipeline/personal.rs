//! Hits in the order of a shopper whose history is known.
//!
//! Without a text the order within a window of the best hits is free; with one a hit goes up by at most [`PLACES`] and
//! never past one that fits the words better. What matches, filters and pins are the search's: only the order of a window
//! changes, and the cursor carries what is left of it, so that the next page neither repeats nor skips.

use std::sync::Arc;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use souk_base::MarketCode;
use souk_recommend::serve::{History, Shop, reordered};
use souk_search::{Found, Hit, LIMIT_MAX, PageKey, Query, Sort, View};

use super::search::SearchRequest;
use crate::AppState;
use crate::error::Result;
use crate::recommender::Who;

/// Hits that are put in order together: the multiple of a page that comes next to it.
const WINDOW: usize = 48;
/// Places that a hit may go up where a text was searched.
pub(super) const PLACES: f32 = 10.0;

/// Where a page begins.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(untagged)]
pub(super) enum Place {
    /// Within a window.
    Window {
        /// Where the window begins; none for the first.
        after: Option<PageKey>,
        /// What is left of it, in order.
        rest: Vec<u32>,
    },
    /// In the search's own order.
    Plain(PageKey),
}

/// Whose order it is.
#[derive(Clone)]
pub(super) struct Personal {
    history: Arc<History>,
    shop: Arc<Shop>,
}

impl Personal {
    /// What is known of a shopper; none for who did nothing, for codes, and where the order is another than relevance.
    pub(super) async fn of(
        app: &AppState,
        who: Who<'_>,
        request: &SearchRequest,
    ) -> Option<Personal> {
        let is_code = request.q.chars().any(|letter| letter.is_ascii_digit());
        if request.sort != Sort::Relevance || is_code {
            return None;
        }
        Personal::known(app, &*app.view().ok()?, who, request.market).await
    }

    /// What is known of a shopper; none for who did nothing.
    pub(super) async fn known(
        app: &AppState,
        view: &View,
        who: Who<'_>,
        market: MarketCode,
    ) -> Option<Personal> {
        let history = app.recommender.visitors.history(app, view, who, market).await.ok()?;
        let is_known = !history.clicks.is_empty() || !history.purchases.is_empty();
        let shop = app.recommender.stand(market).shop;
        is_known.then_some(Personal { history, shop })
    }

    /// How likely each of these items is meant, from 0 to 1.
    pub(super) fn affinities(&self, items: &[u32], now: Timestamp) -> Vec<f32> {
        self.shop.affinities(&self.history, items, now.as_millisecond())
    }

    /// The places of these hits, the first one first; pins stay where they are.
    fn order(&self, request: &SearchRequest, hits: &[Hit]) -> Vec<usize> {
        let free: Vec<usize> = (0..hits.len()).filter(|&place| !hits[place].pinned).collect();
        let items: Vec<u32> = free.iter().map(|&place| hits[place].ordinal.0).collect();
        let affinities = self.affinities(&items, request.now);
        let buckets: Vec<u64> =
            free.iter().map(|&place| hits[place].rank.bucket().into()).collect();
        let has_text = !request.q.trim().is_empty();
        let places = if has_text { PLACES } else { all(hits.len()) };
        let mut order: Vec<usize> = (0..hits.len()).collect();
        for (&place, moved) in free.iter().zip(reordered(&buckets, &affinities, places)) {
            order[place] = free[moved];
        }
        order
    }
}

/// So many places that even a little affinity decides.
fn all(hits: usize) -> f32 {
    f32::from(u16::try_from(hits).unwrap_or(u16::MAX)) * 4.0
}

/// One page of a window: its first when nothing of it was shown yet. Gives what is found with the page's hits, and where
/// the next page begins.
///
/// # Errors
/// As every search.
pub(super) fn page(
    view: &View,
    request: &SearchRequest,
    after: Option<PageKey>,
    whose: &Shown<'_>,
) -> Result<(Found, Option<Place>)> {
    let limit = request.limit;
    let window = (WINDOW.div_ceil(limit) * limit).min(LIMIT_MAX / limit * limit).max(limit);
    let wide = souk_search::Request { limit: window, ..request.as_search(after) };
    let query = Query::parse(&wide, &view.tables)?;
    let mut found = view.candidates(&query)?;
    let mut hits: Vec<Option<Hit>> =
        std::mem::take(&mut found.hits).into_iter().map(Some).collect();
    let order = match whose {
        Shown::First(personal) => {
            let whole: Vec<Hit> = hits.iter().flatten().cloned().collect();
            personal.order(request, &whole)
        }
        Shown::Rest(rest) => {
            let at = |item: &u32| {
                hits.iter().position(|hit| hit.as_ref().is_some_and(|hit| hit.ordinal.0 == *item))
            };
            rest.iter().filter_map(at).collect()
        }
    };
    let mut ordered = order.into_iter().filter_map(|place| hits[place].take());
    found.hits = ordered.by_ref().take(limit).collect();
    let rest: Vec<u32> = ordered.map(|hit| hit.ordinal.0).collect();
    let next = match (rest.is_empty(), found.next.take()) {
        (false, _) => Some(Place::Window { after, rest }),
        (true, next) => next.map(Place::Plain),
    };
    Ok((found, next))
}

/// What of a window is shown.
pub(super) enum Shown<'s> {
    /// Its beginning, in this shopper's order.
    First(&'s Personal),
    /// What is left of it.
    Rest(&'s [u32]),
}
