//! Suggestions while somebody types.

use std::collections::HashSet;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use jiff::civil::Date;
use serde::Serialize;
use souk_base::{CityId, Lang, MarketCode, PopularQueries};
use souk_commerce::customers::CustomerId;
use souk_commerce::searches::{self, folded};
use souk_recommend::serve::reordered;
use souk_search::{Hit, Query, Request, Sort, SuggestRequest as Asked, Suggestions, View};
use tokio::time::timeout;
use utoipa::ToSchema;

use super::personal::{PLACES, Personal};
use super::{SearchHit, Shown, Wish};
use crate::AppState;
use crate::error::{Error, Result};
use crate::recommender::Who;

/// Suggestions of each kind when the request does not say.
pub const LIMIT_DEFAULT: usize = 8;

/// Popular queries that stand before the others.
const POPULAR_MAX: usize = 3;

/// Popular queries that are looked up to find these: heavier ones that find nothing here, or are not what somebody means.
const LOOK_UPS_MAX: usize = 5;

/// Products of a popular query that say what it is about.
const SAMPLE: usize = 8;

/// Own queries of the visitor.
const RECENT_MAX: usize = 5;

/// Own queries among which those that go on as typed are looked for.
const RECENT_READ: usize = 50;

/// Longest wait for the visitor's own queries: suggestions do without them.
const RECENT_WAIT: Duration = Duration::from_millis(25);

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
    /// The device, whose own queries are suggested to it.
    pub visitor: Option<String>,
    /// Who is signed in.
    pub customer: Option<CustomerId>,
    /// Whether what they did may change the suggestions.
    pub personalise: bool,
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
    /// How long suggesting took, in microseconds.
    pub took_us: u64,
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
    let (view, popular) = (app.view()?, app.popular());
    let known = timeout(RECENT_WAIT, Typist::of(app, &view, request));
    let (asked, typist) = (request.clone(), known.await.unwrap_or_default());
    let suggested = app.compute(move || suggest(&view, &popular, &asked, &typist));
    let (answer, recent) = tokio::join!(suggested, recent(app, request));
    Ok(SuggestAnswer { recent, ..answer? })
}

/// What is known of who types.
#[derive(Default)]
struct Typist {
    /// The kind of customer, where some rule asks for it.
    segment: Option<u16>,
    /// What they did.
    personal: Option<Personal>,
}

impl Typist {
    /// Nothing where it is not wanted; for a code nothing is meant but the code.
    async fn of(app: &AppState, view: &View, request: &SuggestRequest) -> Typist {
        let SuggestRequest { market, now, .. } = *request;
        let who = Who { visitor: request.visitor.as_deref(), customer: request.customer };
        let mut typist = Typist::default();
        if request.personalise && view.asks_for_segments(market) {
            typist.segment = app.recommender.segment(app, view, who, market, now).await;
        }
        let is_code = request.q.chars().any(|letter| letter.is_ascii_digit());
        if request.personalise && !is_code {
            typist.personal = Personal::known(app, view, who, market).await;
        }
        typist
    }
}

/// The visitor's own queries that go on as typed; none when the database is slow or away.
async fn recent(app: &AppState, request: &SuggestRequest) -> Vec<String> {
    let Some(visitor) = request.visitor.as_deref() else { return Vec::new() };
    let read = async {
        let mut connection = app.connection().await.ok()?;
        searches::recent(&mut connection, visitor, request.market, request.now, RECENT_READ)
            .await
            .ok()
    };
    let own = timeout(RECENT_WAIT, read).await.ok().flatten().unwrap_or_default();
    let typed = folded(&request.q);
    let goes_on = |query: &String| {
        let text = folded(query);
        text != typed && text.starts_with(&typed)
    };
    own.into_iter().filter(goes_on).take(RECENT_MAX.min(request.limit)).collect()
}

/// A popular query, and some of what it finds.
struct Popular {
    query: SuggestedQuery,
    products: Vec<u32>,
}

/// At most so many popular queries that go on as typed and find something here and now, the heaviest first.
fn popular(
    view: &View,
    popular: &PopularQueries,
    request: &SuggestRequest,
    most: usize,
) -> Result<Vec<Popular>> {
    let market = view.tables.market(request.market).ok_or(Error::NotFound)?;
    let lang = request.lang.unwrap_or(market.languages[0]);
    let typed = folded(&request.q);
    let mut seen = HashSet::new();
    let fitting = popular
        .of(request.market, lang, request.city)
        .filter(|query| query.folded.starts_with(&typed) && seen.insert(&query.folded));
    let mut found = Vec::new();
    for query in fitting.take(LOOK_UPS_MAX) {
        if found.len() == most {
            break;
        }
        let products = some(view, request, &query.text)?;
        if !products.is_empty() {
            let query = SuggestedQuery { text: query.text.clone(), category: None };
            found.push(Popular { query, products });
        }
    }
    Ok(found)
}

/// Some products that have all words of a query.
fn some(view: &View, request: &SuggestRequest, text: &str) -> Result<Vec<u32>> {
    let query = Request {
        market: request.market,
        text,
        lang: request.lang,
        city: request.city,
        date: request.date,
        segment: None,
        now: request.now,
        category: None,
        filters: &[],
        facets: &[],
        sort: Sort::Relevance,
        limit: 1,
        after: None,
        prefix: false,
    };
    let found = view.some(&Query::parse(&query, &view.tables)?, SAMPLE)?;
    Ok(found.into_iter().map(|ordinal| ordinal.0).collect())
}

/// Lets products come up that somebody is likely to mean by what they did, and popular queries that find such.
fn raise(personal: &Personal, now: Timestamp, queries: &mut Vec<Popular>, products: &mut Vec<Hit>) {
    let of_queries = queries.iter().flat_map(|query| query.products.iter().copied());
    let items: Vec<u32> =
        products.iter().map(|product| product.ordinal.0).chain(of_queries).collect();
    let affinities = personal.affinities(&items, now);
    let (of_products, mut rest) = affinities.split_at(products.len());
    let mut of_queries = Vec::new();
    for query in &*queries {
        let own;
        (own, rest) = rest.split_at(query.products.len());
        of_queries.push(own.iter().copied().fold(0.0, f32::max));
    }
    in_order(queries, &of_queries);
    in_order(products, of_products);
}

/// Puts things in the order of their places and affinities.
fn in_order<T>(things: &mut Vec<T>, affinities: &[f32]) {
    let order = reordered(&vec![0; things.len()], affinities, PLACES);
    let mut before: Vec<Option<T>> = things.drain(..).map(Some).collect();
    things.extend(order.into_iter().filter_map(|place| before[place].take()));
}

/// Puts the popular queries before the others, each text once without a category.
fn merged(
    popular: Vec<SuggestedQuery>,
    others: Vec<SuggestedQuery>,
    limit: usize,
) -> Vec<SuggestedQuery> {
    let mut seen = HashSet::new();
    let mut queries: Vec<_> = popular.into_iter().chain(others).collect();
    queries.retain(|query| seen.insert((folded(&query.text), query.category.clone())));
    queries.truncate(limit);
    queries
}

fn suggest(
    view: &View,
    popular_queries: &PopularQueries,
    request: &SuggestRequest,
    typist: &Typist,
) -> Result<SuggestAnswer> {
    let started = Instant::now();
    let mut suggestions = view.suggest(&Asked {
        market: request.market,
        text: &request.q,
        lang: request.lang,
        city: request.city,
        date: request.date,
        segment: typist.segment,
        now: request.now,
        limit: request.limit,
    })?;
    let shown = POPULAR_MAX.min(request.limit);
    let most = if typist.personal.is_some() { LOOK_UPS_MAX } else { shown };
    let mut popular = popular(view, popular_queries, request, most)?;
    if let Some(personal) = &typist.personal {
        raise(personal, request.now, &mut popular, &mut suggestions.products);
    }
    popular.truncate(shown);
    let market = view.tables.market(request.market).ok_or(Error::NotFound)?;
    let wish = Wish::new(request.city, request.date, request.now);
    let shown = Shown { market, tables: &view.tables, wish, explain: false };
    let mut answer = answer(suggestions, shown);
    let popular = popular.into_iter().map(|popular| popular.query).collect();
    answer.queries = merged(popular, answer.queries, request.limit);
    answer.took_us = u64::try_from(started.elapsed().as_micros()).unwrap_or(u64::MAX);
    Ok(answer)
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
        took_us: 0,
    }
}
