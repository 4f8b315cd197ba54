//! Everything one request reads, and what it is answered.

use std::collections::HashMap;
use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use arc_swap::ArcSwapOption;
use jiff::Timestamp;
use jiff::civil::Date;
use souk_base::{
    CategoryId, CityId, Lang, MarketCode, Offer, Ordinal, Position, ProductId, Tables,
};
use tantivy::Term;
use tantivy::query::{AllQuery, ConstScoreQuery, TermQuery};
use tantivy::schema::IndexRecordOption;

use crate::collect::{Outcome, Pass, Ranked};
use crate::columns::{Columns, MarketColumns};
use crate::facets::facets;
use crate::highlight::Marker;
use crate::query::{Availability, Field, PageKey, Query, ResolvedWord, Sort, compile, resolve};
use crate::searcher::Searcher;
use crate::vocabulary::Vocabulary;
use crate::{Error, Result};

/// Everything one request reads: text and taxonomy, live columns and small tables of one moment.
#[derive(Clone)]
pub struct View {
    /// The index.
    pub searcher: Searcher,
    /// Offers and popularity.
    pub columns: Columns,
    /// What is shown by id.
    pub tables: Arc<Tables>,
    /// The position in the change stream that all of this contains.
    pub position: Position,
}

/// Holds the current view; readers and the one publisher never wait for each other.
#[derive(Default)]
pub struct Engine {
    view: ArcSwapOption<View>,
    suspicions: AtomicU64,
}

/// The answer to a query.
#[derive(Clone, Debug, PartialEq)]
pub struct Found {
    /// Products that match, whatever the page.
    pub total: u64,
    /// The page.
    pub hits: Vec<Hit>,
    /// Counts of the fields that were asked for, in that order.
    pub facets: Vec<Facet>,
    /// The text that was searched instead of the one typed.
    pub corrected: Option<String>,
    /// Words that not every hit has, because no product has all of them.
    pub relaxed: Vec<String>,
    /// Where the next page begins; none after the last.
    pub next: Option<PageKey>,
}

/// A product in an answer.
#[derive(Clone, Debug, PartialEq)]
pub struct Hit {
    /// Key of `products`.
    pub product_id: ProductId,
    /// The product's place in every column.
    pub ordinal: Ordinal,
    /// The id that the system it was imported from gave it.
    pub external_id: Option<String>,
    /// Readable part of its address.
    pub slug: String,
    /// The generated picture as `<still life>/<colour code>`.
    pub picture: String,
    /// Address of a photograph, when there is one.
    pub image: Option<String>,
    /// Name in the page's language, or the nearest there is.
    pub title: String,
    /// The part of the description that shows the match, plain text.
    pub snippet: String,
    /// Title and snippet as HTML.
    pub highlights: Highlights,
    /// The offer that is shown.
    pub offer: Offer,
    /// Whether that offer can be had: has a unit, in the city when one is chosen, for the day when one is.
    pub in_stock: bool,
    /// BM25 of the match; without a text or in another order the popularity.
    pub score: f32,
}

/// Texts with the matching words in `<mark>`, everything else escaped for HTML.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Highlights {
    /// The whole title.
    pub title: String,
    /// The snippet; when no word is found in the description, its beginning without a mark. None only
    /// when there is no description.
    pub description: Option<String>,
}

/// Counts of one field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Facet {
    /// Its name in requests.
    pub field: String,
    /// Its name for people.
    pub label: String,
    /// The most frequent value first, then by label. None has a count of 0.
    pub values: Vec<FacetValue>,
}

/// A value of a facet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FacetValue {
    /// Its name in filters.
    pub value: String,
    /// Its name for people.
    pub label: String,
    /// Products that have it and pass every other field's filters.
    pub count: u64,
    /// For a category the one above it.
    pub parent: Option<String>,
}

impl Engine {
    /// An engine without a view.
    #[must_use]
    pub fn new() -> Self {
        Engine::default()
    }

    /// The current view; none until the index has been filled once.
    #[must_use]
    pub fn view(&self) -> Option<Arc<View>> {
        self.view.load_full()
    }

    /// Makes a view the current one. Requests that run keep theirs.
    pub fn publish(&self, view: View) {
        self.view.store(Some(Arc::new(view)));
    }

    /// Says that the index may be damaged, because a search of it failed.
    pub fn suspect(&self) {
        self.suspicions.fetch_add(1, Ordering::Relaxed);
    }

    /// How often that was said.
    #[must_use]
    pub fn suspicions(&self) -> u64 {
        self.suspicions.load(Ordering::Relaxed)
    }
}

/// The words that were searched and what the pass over their documents found.
pub(crate) struct Searched {
    pub(crate) words: Vec<ResolvedWord>,
    pub(crate) corrected: Option<String>,
    pub(crate) relaxed: Vec<String>,
    pub(crate) outcome: Outcome,
}

impl View {
    /// Answers a query. Synchronous and bound to the processor: call it off the async threads.
    ///
    /// # Errors
    /// Only when the index cannot be read; a query without any match is answered with nothing.
    pub fn candidates(&self, query: &Query) -> Result<Found> {
        let market = self.columns.market(query.market);
        let searched = self.search(query, &market)?;
        let hits = self.hits(query, &market, &searched)?;
        let Searched { corrected, relaxed, outcome, .. } = searched;
        let last = outcome.page.last().filter(|_| outcome.remaining > hits.len() as u64);
        let next = last.map(|last| PageKey { key: last.key, ordinal: last.ordinal });
        let total = outcome.total;
        Ok(Found {
            total,
            hits,
            facets: facets(query, outcome, &self.tables),
            corrected,
            relaxed,
            next,
        })
    }

    /// How many products each category and its descendants show; with a city and a day, what can be had there
    /// and then.
    ///
    /// # Errors
    /// An unknown market or city, a day without a city, or an index that cannot be read.
    pub fn category_counts(
        &self,
        market: MarketCode,
        city: Option<CityId>,
        date: Option<Date>,
        now: Timestamp,
    ) -> Result<HashMap<CategoryId, u64>> {
        let known = self.tables.market(market).ok_or(Error::UnknownMarket { market })?;
        let availability = Availability::parse(city, date, now, known, &self.tables)?;
        self.counts_by_category(market, availability)
    }

    /// The same for what is available so.
    pub(crate) fn counts_by_category(
        &self,
        market: MarketCode,
        availability: Availability,
    ) -> Result<HashMap<CategoryId, u64>> {
        let query = Query {
            market,
            text: String::new(),
            words: Vec::new(),
            languages: Vec::new(),
            availability,
            category: None,
            groups: Vec::new(),
            facets: vec![Field::Category],
            sort: Sort::Popular,
            limit: 1,
            after: None,
            prefix: false,
        };
        let pass = Pass::new(&self.searcher, self.columns.market(market), &query, false);
        let outcome = self.searcher.inner().search(&AllQuery, &pass)?;
        Ok(outcome.counts.categories().collect())
    }

    /// Resolves the words and runs the pass; with fewer words where no product has all of them.
    pub(crate) fn search(&self, query: &Query, market: &Arc<MarketColumns>) -> Result<Searched> {
        let vocabulary =
            Vocabulary { searcher: &self.searcher, market, languages: &query.languages };
        let resolved = resolve(query, vocabulary)?;
        let words = resolved.words;
        let scored = !words.is_empty();
        let pass = Pass::new(&self.searcher, Arc::clone(market), query, scored);
        let mut outcome = match (scored, query.category) {
            (false, Some(category)) => self.browse(category, &pass)?,
            _ => {
                let all = ResolvedWord::all(&words, &query.languages, self.searcher.fields());
                self.searcher.inner().search(&all, &pass)?
            }
        };
        let mut relaxed = Vec::new();
        // Judged before filters and category: a filter must never add hits.
        if outcome.visible == 0 && words.len() > 1 {
            let (most, dropped) = self.most_words(&words, query, market)?;
            if most > 0 {
                let fields = self.searcher.fields();
                let some = ResolvedWord::at_least(most, &words, &query.languages, fields);
                outcome = self.searcher.inner().search(&some, &pass)?;
                relaxed = dropped;
            }
        }
        Ok(Searched { words, corrected: resolved.corrected, relaxed, outcome })
    }

    /// Without words only the category's own documents need to be looked at.
    fn browse(&self, category: CategoryId, pass: &Pass) -> Result<Outcome> {
        let term = Term::from_field_i64(self.searcher.fields().categories, category.get());
        let query = TermQuery::new(term, IndexRecordOption::Basic);
        let query = ConstScoreQuery::new(Box::new(query), 1.0);
        Ok(self.searcher.inner().search(&query, pass)?)
    }

    /// The most words that any visible product matches, and the words that not all of those match.
    fn most_words(
        &self,
        words: &[ResolvedWord],
        query: &Query,
        market: &MarketColumns,
    ) -> Result<(usize, Vec<String>)> {
        let mut matched: HashMap<Ordinal, u32> = HashMap::new();
        for (place, word) in words.iter().enumerate() {
            let one = compile(word, &query.languages, self.searcher.fields());
            self.searcher.visit(&*one, |_, ordinal| {
                if market.is_found(ordinal, None) {
                    *matched.entry(ordinal).or_default() |= 1 << place;
                }
                ControlFlow::Continue(())
            })?;
        }
        let most = matched.values().map(|mask| mask.count_ones()).max().unwrap_or(0);
        let best = matched.values().filter(|mask| mask.count_ones() == most);
        let common = best.fold(u32::MAX, |common, mask| common & mask);
        let dropped = (0..).zip(words).filter(|(place, _)| common & (1 << place) == 0);
        Ok((most as usize, dropped.map(|(_, word)| word.written.clone()).collect()))
    }

    /// The page's documents with their offers and highlights.
    pub(crate) fn hits(
        &self,
        query: &Query,
        market: &MarketColumns,
        searched: &Searched,
    ) -> Result<Vec<Hit>> {
        let markers = Lang::ALL.map(|lang| Marker::new(&searched.words, lang));
        let hit = |ranked: &Ranked| self.hit(ranked, query, market, &markers);
        searched.outcome.page.iter().filter_map(|ranked| hit(ranked).transpose()).collect()
    }

    /// One hit; every ranked document has an offer, since it was visible in the same columns.
    fn hit(
        &self,
        ranked: &Ranked,
        query: &Query,
        market: &MarketColumns,
        markers: &[Marker; 4],
    ) -> Result<Option<Hit>> {
        let ordinal = Ordinal(ranked.ordinal);
        let Some(offer) = query.availability.best(market, ordinal) else {
            return Ok(None);
        };
        let document = self.searcher.document(ranked.address)?;
        let (mut title, mut snippet) = (String::new(), String::new());
        let mut highlights = Highlights { title: String::new(), description: None };
        if let Some(text) = document.text(&query.languages) {
            let marker = &markers[text.lang.index()];
            highlights.title = marker.mark(&text.title);
            title.clone_from(&text.title);
            if !text.description.trim().is_empty() {
                let shown = marker.snippet(text.description.trim_start());
                snippet = shown.plain;
                highlights.description = Some(shown.marked);
            }
        }
        Ok(Some(Hit {
            product_id: document.product_id,
            ordinal,
            external_id: document.external_id,
            slug: document.slug,
            picture: document.picture,
            image: document.image,
            title,
            snippet,
            highlights,
            offer,
            in_stock: query.availability.has(&offer),
            score: ranked.score,
        }))
    }
}
