//! Suggestions while somebody types.

use jiff::Timestamp;
use jiff::civil::Date;
use serde::Serialize;
use souk_base::{CityId, Lang, MarketCode};
use souk_search::{SuggestRequest as Asked, Suggestions, View};
use utoipa::ToSchema;

use super::{SearchHit, Shown, Wish};
use crate::AppState;
use crate::error::{Error, Result};

/// Suggestions of each kind when the request does not say.
pub const LIMIT_DEFAULT: usize = 8;

/// What has been typed so far.
#[derive(Clone, Debug)]
pub struct SuggestRequest {
    /// Where.
    pub market: MarketCode,
    /// The unfinished query.
    pub q: String,
    /// Language of the answer; the market's first when not given.
    pub lang: Option<Lang>,
    /// Only what can be bought in this city.
    pub city: Option<CityId>,
    /// Only what can be delivered to that city on this day, in its own time zone.
    pub date: Option<Date>,
    /// The instant that cut-offs are judged by.
    pub now: Timestamp,
    /// Suggestions of each kind.
    pub limit: usize,
}

/// How the query may go on.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct SuggestAnswer {
    /// Finished queries.
    pub queries: Vec<SuggestedQuery>,
    /// Categories whose name fits.
    pub categories: Vec<SuggestedCategory>,
    /// Products found already.
    pub products: Vec<SearchHit>,
    /// Earlier queries of the same visitor.
    pub recent: Vec<String>,
}

/// A finished query.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct SuggestedQuery {
    /// Its text.
    pub text: String,
    /// Slug of the category to search it in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub category: Option<String>,
}

/// A category whose name fits.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct SuggestedCategory {
    /// Slug of the category.
    pub slug: String,
    /// Its name in the asked language.
    pub label: String,
    /// Products in it.
    pub count: u64,
}

/// Suggests.
///
/// # Errors
/// [`Error::Search`] for what the request has wrong, [`Error::NotReady`] before the first fill.
pub async fn run(app: &AppState, request: &SuggestRequest) -> Result<SuggestAnswer> {
    let view = app.view()?;
    let request = request.clone();
    app.compute(move || suggest(&view, &request)).await
}

fn suggest(view: &View, request: &SuggestRequest) -> Result<SuggestAnswer> {
    let suggestions = view.suggest(&Asked {
        market: request.market,
        text: &request.q,
        lang: request.lang,
        city: request.city,
        date: request.date,
        now: request.now,
        limit: request.limit,
    })?;
    let market = view.tables.market(request.market).ok_or(Error::NotFound)?;
    let wish = Wish::new(request.city, request.date, request.now);
    let shown = Shown { market, tables: &view.tables, wish, explain: false };
    Ok(answer(suggestions, shown))
}

fn answer(suggestions: Suggestions, shown: Shown<'_>) -> SuggestAnswer {
    let queries = suggestions.queries.into_iter();
    let categories = suggestions.categories.into_iter();
    SuggestAnswer {
        queries: queries
            .map(|query| SuggestedQuery { text: query.text, category: query.category })
            .collect(),
        categories: categories
            .map(|category| SuggestedCategory {
                slug: category.slug,
                label: category.label,
                count: category.count,
            })
            .collect(),
        products: suggestions.products.into_iter().map(|hit| shown.hit(hit)).collect(),
        recent: Vec::new(),
    }
}
