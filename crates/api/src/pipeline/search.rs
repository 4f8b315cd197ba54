//! A search request from its parameters to its answer.

use std::collections::BTreeMap;
use std::time::Instant;

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use souk_base::{CityId, Lang, MarketCode, Position, RuleId};
use souk_commerce::customers::CustomerId;
use souk_commerce::experiments::SEARCH;
use souk_commerce::searches::{QueryId, Search};
use souk_search::{Facet, Found, PageKey, Query, Request, Sort, View};
use utoipa::ToSchema;

use super::near::{self, Near};
use super::personal::{self, Personal, Place, Shown as Whose};
use super::{SearchHit, Shown, Wish};
use crate::AppState;
use crate::cursor::{self, Keys};
use crate::error::{Error, Result};
use crate::recommender::{Treatment, Who};

/// Hits of a page when the request does not say.
pub const LIMIT_DEFAULT: usize = 24;

/// What is searched for. Texts are as typed.
#[derive(Clone, Debug)]
pub struct SearchRequest {
    /// Where.
    pub market: MarketCode,
    /// The query; empty finds everything.
    pub q: String,
    /// Language of the answer; the market's first when not given.
    pub lang: Option<Lang>,
    /// Only what can be bought in this city.
    pub city: Option<CityId>,
    /// Only what can be delivered to that city on this day, in its own time zone.
    pub date: Option<Date>,
    /// The kind of customer who searches, for rules that ask; [`run_for`] finds it out where one does.
    pub segment: Option<u16>,
    /// The instant that cut-offs are judged by.
    pub now: Timestamp,
    /// Slug of a category to stay within.
    pub category: Option<String>,
    /// `field:value` each; one field's values are alternatives.
    pub filters: Vec<String>,
    /// Fields to count values of; [`souk_search::FACETS_AUTO`] alone for those that tell most.
    pub facets: Vec<String>,
    /// Order of the hits.
    pub sort: Sort,
    /// Hits of a page.
    pub limit: usize,
    /// Where to go on: [`SearchAnswer::next`] of the page before.
    pub cursor: Option<String>,
    /// Wait shortly until what was written up to here is searched.
    pub min_position: Option<Position>,
    /// Say how each hit was ranked.
    pub explain: bool,
}

impl SearchRequest {
    /// Everything of a market as of now, to be narrowed by setting fields.
    #[must_use]
    pub fn of(market: MarketCode) -> Self {
        SearchRequest {
            market,
            q: String::new(),
            lang: None,
            city: None,
            date: None,
            segment: None,
            now: Timestamp::now(),
            category: None,
            filters: Vec::new(),
            facets: Vec::new(),
            sort: Sort::Relevance,
            limit: LIMIT_DEFAULT,
            cursor: None,
            min_position: None,
            explain: false,
        }
    }

    /// The request as the search room takes it.
    pub(super) fn as_search(&self, after: Option<PageKey>) -> Request<'_> {
        Request {
            market: self.market,
            text: &self.q,
            lang: self.lang,
            city: self.city,
            date: self.date,
            segment: self.segment,
            now: self.now,
            category: self.category.as_deref(),
            filters: &self.filters,
            facets: &self.facets,
            sort: self.sort,
            limit: self.limit,
            after,
            prefix: false,
        }
    }

    /// What narrows the search besides its text, in short; none for nothing.
    fn narrowed(&self) -> Option<String> {
        let category = self.category.iter().map(|slug| format!("category:{slug}"));
        let date = self.date.iter().map(|date| format!("date:{date}"));
        let parts: Vec<_> = category.chain(self.filters.iter().cloned()).chain(date).collect();
        Some(parts.join(" ")).filter(|narrowed| !narrowed.is_empty())
    }

    fn turned(&self, keys: &Keys) -> Result<Option<Turned>> {
        match &self.cursor {
            Some(cursor) => Ok(Some(cursor::read(keys, &self.identity(), cursor)?)),
            None => Ok(None),
        }
    }

    /// What a cursor is bound to: all that decides which hits come in which order.
    fn identity(&self) -> impl Serialize {
        let scope = (self.market, self.lang, self.city, self.date, self.category.clone());
        ("search", self.q.clone(), scope, self.filters.clone(), self.sort.name())
    }
}

/// What a cursor says of the page that it begins.
#[derive(Serialize, Deserialize)]
struct Turned {
    #[serde(flatten)]
    place: Place,
    /// For which kind of customer the page before was: somebody may buy between two pages, and rules that begin or cease to
    /// hold would make hits come twice.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    segment: Option<u16>,
}

/// What was found.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct SearchAnswer {
    /// Names this answer in events about it.
    #[schema(value_type = String)]
    pub query_id: QueryId,
    /// Products found, on all pages together.
    pub total: u64,
    /// The page.
    pub hits: Vec<SearchHit>,
    /// Counts by field: exact, and a field's own filter does not lower its counts.
    pub facets: BTreeMap<String, Vec<FacetValue>>,
    /// The query that was searched instead, when a word was misspelt.
    pub corrected_query: Option<String>,
    /// Words that were given up because nothing has them all.
    pub relaxed: Vec<String>,
    /// Words that nothing here has, however they are read: the shop does not sell that. What is found is near it, or what
    /// is in `near`.
    pub not_sold: Vec<String>,
    /// What comes near the search; only where nothing is found.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub near: Option<Near>,
    /// Names of the merchandising rules that took part, the strongest first.
    pub rules: Vec<String>,
    /// Where a rule leads instead: a path of the shop or an address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub redirect: Option<String>,
    /// What a rule shows above the hits.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub banner: Option<Banner>,
    /// Whether writes up to `min_position` are not in this answer.
    pub behind: bool,
    /// Time spent on the answer, in microseconds.
    pub took_us: u64,
    /// Cursor of the next page; null on the last one.
    pub next: Option<String>,
}

/// A text that a rule shows above the hits.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Banner {
    /// In the asked language, else in the first there is.
    pub text: String,
    /// Where it leads.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub link: Option<String>,
}

/// A value of a field and how many of the products found have it.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct FacetValue {
    /// The value, as a filter takes it.
    pub value: String,
    /// Its name in the asked language.
    pub label: String,
    /// Products with it.
    pub count: u64,
    /// Slug of the category above; only in the facet `category`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parent: Option<String>,
}

impl From<souk_search::FacetValue> for FacetValue {
    fn from(value: souk_search::FacetValue) -> FacetValue {
        let souk_search::FacetValue { value, label, count, parent } = value;
        FacetValue { value, label, count, parent }
    }
}

/// Answers a search.
///
/// # Errors
/// [`Error::Search`] and [`Error::Invalid`] for what the
/// request has wrong, [`Error::NotReady`] before the first fill of the index.
pub async fn run(app: &AppState, request: &SearchRequest) -> Result<SearchAnswer> {
    run_as(app, None, request).await
}

/// Answers a search in the order of a shopper whose history is known.
async fn run_as(
    app: &AppState,
    personal: Option<Personal>,
    request: &SearchRequest,
) -> Result<SearchAnswer> {
    let started = Instant::now();
    let (view, behind) = app.view_at(request.min_position).await?;
    let (keys, request) = (app.keys.clone(), request.clone());
    let mut answer = app.compute(move || answer(&view, &keys, personal.as_ref(), &request)).await?;
    answer.behind = behind;
    answer.took_us = u64::try_from(started.elapsed().as_micros()).unwrap_or(u64::MAX);
    Ok(answer)
}

/// Who searches, for the log.
#[derive(Clone, Debug, Default)]
pub struct Searcher {
    /// The device, if it is known.
    pub visitor: Option<String>,
    /// Who is signed in.
    pub customer: Option<CustomerId>,
    /// Whether this is asked while they type.
    pub keystroke: bool,
    /// Whether what they did may change the order of hits.
    pub personalise: bool,
}

/// Answers a shopper's search and logs it.
///
/// # Errors
/// As [`run`]; a search that is not answered is not logged.
pub async fn run_for(
    app: &AppState,
    searcher: Searcher,
    request: &SearchRequest,
) -> Result<SearchAnswer> {
    let who = Who { visitor: searcher.visitor.as_deref(), customer: searcher.customer };
    let who = if searcher.personalise && is_personal(app, &searcher, request) {
        who
    } else {
        Who::default()
    };
    let personal = Personal::of(app, who, request).await;
    let segment = segment_of(app, &searcher, request).await;
    let request = &SearchRequest { segment, ..request.clone() };
    let answer = run_as(app, personal, request).await?;
    let view = app.view()?;
    let spoken = view.tables.market(request.market).and_then(|market| market.languages.first());
    let lang = request.lang.or_else(|| spoken.copied()).unwrap_or(Lang::En);
    app.searches.push(Search {
        lang,
        city: request.city,
        visitor: searcher.visitor,
        query: request.q.clone(),
        corrected: answer.corrected_query.clone(),
        relaxed: answer.relaxed.clone(),
        narrowed: request.narrowed(),
        further: request.cursor.is_some(),
        keystroke: searcher.keystroke,
        total: answer.total,
        took_us: answer.took_us,
        ..Search::of(answer.query_id, request.market)
    });
    Ok(answer)
}

/// Whether what a searcher did counts, as far as an experiment decides that; who sees one is written down.
fn is_personal(app: &AppState, searcher: &Searcher, request: &SearchRequest) -> bool {
    let treatment = treatment(app, searcher, request);
    let personalise = treatment.personalise();
    if let Some(seen) = treatment.seen {
        app.recommender.lists.expose(seen.exposure);
    }
    personalise
}

fn treatment(app: &AppState, searcher: &Searcher, request: &SearchRequest) -> Treatment {
    let stand = app.recommender.stand(request.market);
    stand.treatment(request.market, SEARCH, searcher.visitor.as_deref(), request.now)
}

/// The kind of customer who searches, where some rule asks for it. Later pages are for the kind that the first was for.
async fn segment_of(app: &AppState, searcher: &Searcher, request: &SearchRequest) -> Option<u16> {
    let view = app.view().ok()?;
    let is_known = request.segment.is_some() || request.cursor.is_some();
    if is_known || !view.asks_for_segments(request.market) {
        return request.segment;
    }
    if !searcher.personalise || !treatment(app, searcher, request).personalise() {
        return None;
    }
    let who = Who { visitor: searcher.visitor.as_deref(), customer: searcher.customer };
    app.recommender.segment(app, &view, who, request.market, request.now).await
}

/// The synchronous part.
fn answer(
    view: &View,
    keys: &Keys,
    personal: Option<&Personal>,
    request: &SearchRequest,
) -> Result<SearchAnswer> {
    let (place, segment) = match request.turned(keys)? {
        Some(turned) => (Some(turned.place), turned.segment),
        None => (None, request.segment),
    };
    let request = &SearchRequest { segment, ..request.clone() };
    let (found, next) = match (place, personal) {
        (Some(Place::Window { after, rest }), _) => {
            personal::page(view, request, after, &Whose::Rest(&rest))?
        }
        (None, Some(personal)) => personal::page(view, request, None, &Whose::First(personal))?,
        (Some(Place::Plain(after)), Some(personal)) => {
            personal::page(view, request, Some(after), &Whose::First(personal))?
        }
        (plain, None) => {
            let after = match plain {
                Some(Place::Plain(after)) => Some(after),
                _ => None,
            };
            let query = Query::parse(&request.as_search(after), &view.tables)?;
            let mut found = view.candidates(&query)?;
            let next = found.next.take().map(Place::Plain);
            (found, next)
        }
    };
    let mut answer = page(view, keys, request, found)?;
    if answer.total == 0 && answer.redirect.is_none() {
        answer.near = near::near(view, request)?;
    }
    let turned = next.map(|place| Turned { place, segment });
    answer.next = turned.map(|turned| cursor::write(keys, &request.identity(), &turned));
    Ok(answer)
}

/// The answer as clients read it.
pub(super) fn page(
    view: &View,
    keys: &Keys,
    request: &SearchRequest,
    found: Found,
) -> Result<SearchAnswer> {
    let market = view.tables.market(request.market).ok_or(Error::NotFound)?;
    let wish = Wish::new(request.city, request.date, request.now);
    let shown = Shown { market, tables: &view.tables, wish, explain: request.explain };
    Ok(SearchAnswer {
        query_id: QueryId::new(request.now, rand::random()),
        total: found.total,
        hits: found.hits.into_iter().map(|hit| shown.hit(hit)).collect(),
        facets: found.facets.into_iter().map(counts).collect(),
        corrected_query: found.corrected,
        relaxed: found.relaxed,
        not_sold: found.not_sold,
        near: None,
        rules: rule_names(view, &found.rules),
        redirect: found.redirect,
        banner: found.banner.and_then(|banner| spoken(banner, request.lang, &market.languages)),
        behind: false,
        took_us: 0,
        next: found.next.map(|key| cursor::write(keys, &request.identity(), &key)),
    })
}

fn rule_names(view: &View, rules: &[RuleId]) -> Vec<String> {
    let name = |id: &RuleId| view.tables.rules.iter().find(|rule| rule.id == *id);
    rules.iter().filter_map(name).map(|rule| rule.name.clone()).collect()
}

/// The banner in the asked language, else in the market's, else in any.
fn spoken(banner: souk_search::Banner, asked: Option<Lang>, languages: &[Lang]) -> Option<Banner> {
    let mut wanted = asked.into_iter().chain(languages.iter().copied());
    let text =
        wanted.find_map(|lang| banner.text.get(&lang)).or_else(|| banner.text.values().next());
    Some(Banner { text: text?.clone(), link: banner.link })
}

fn counts(facet: Facet) -> (String, Vec<FacetValue>) {
    (facet.field, facet.values.into_iter().map(FacetValue::from).collect())
}
