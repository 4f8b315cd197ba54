//! Everything one request reads, and what it is answered.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use arc_swap::ArcSwapOption;
use jiff::civil::Date;
use jiff::{Timestamp, ToSpan as _};
use souk_base::{
    CategoryId, CityId, Lang, MarketCode, Offer, Ordinal, Position, ProductId, RuleId, Tables,
};

use crate::analysis::words;
use crate::collect::{Among, Outcome, Overrides, Pass, Ranked};
use crate::columns::{Columns, MarketColumns};
use crate::document::Card;
use crate::facets::facets;
use crate::highlight::Marker;
use crate::matching::{Match, Matches};
use crate::query::{
    Availability, Field, Meanings, PageKey, Query, ResolvedWord, Sort, clauses, resolve, stems,
};
use crate::ranking::{self, Rank, Ranker};
use crate::rules::{Banner, Effects, RuleBook, Situation};
use crate::searcher::Searcher;
use crate::suggest::CategoryNames;
use crate::synonyms::SynonymBook;
use crate::vocabulary::{Labels, Vocabulary};
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
    /// What is looked up in them by words.
    pub books: Arc<Books>,
    /// The position in the change stream that all of this contains.
    pub position: Position,
}

/// What is looked up in the small tables by words.
#[derive(Debug, Default)]
pub struct Books {
    pub(crate) labels: Labels,
    pub(crate) categories: CategoryNames,
    pub(crate) rules: RuleBook,
    pub(crate) synonyms: SynonymBook,
}

impl Books {
    /// The books of these tables. Takes a moment where there is much in them: make them when the tables change,
    /// not when they are read.
    #[must_use]
    pub fn of(tables: &Tables) -> Books {
        Books {
            labels: Labels::of(tables),
            categories: CategoryNames::of(tables),
            rules: RuleBook::new(&tables.rules),
            synonyms: SynonymBook::new(&tables.synonyms),
        }
    }
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
    /// Words that not every hit has, because few products or none have all of them.
    pub relaxed: Vec<String>,
    /// Words that no product of the market has, however they are read.
    pub not_sold: Vec<String>,
    /// The rules that took part, the strongest first.
    pub rules: Vec<RuleId>,
    /// Where rules lead instead.
    pub redirect: Option<String>,
    /// What rules show above the hits.
    pub banner: Option<Banner>,
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
    /// What the order went by within its bucket; without a text or in another order the popularity.
    pub score: f32,
    /// Why it has its place; all zeros without a text or in another order than that of relevance.
    pub rank: Rank,
    /// Whether a rule put it in its place.
    pub pinned: bool,
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

/// With fewer hits than this, products that lack a word are shown behind those that have them all.
const FEW_HITS: u64 = 10;

/// The words that were searched and what the pass over their documents found.
pub(crate) struct Searched {
    pub(crate) words: Vec<ResolvedWord>,
    /// What they mean besides, by synonyms.
    pub(crate) synonyms: Vec<(Lang, String)>,
    pub(crate) corrected: Option<String>,
    pub(crate) relaxed: Vec<String>,
    /// Whether a product of the market has every word.
    pub(crate) complete: bool,
    pub(crate) outcome: Outcome,
}

impl Searched {
    /// What was found for words that some product has all of.
    pub(crate) const fn found(words: Vec<ResolvedWord>, outcome: Outcome) -> Searched {
        Searched {
            words,
            synonyms: Vec::new(),
            corrected: None,
            relaxed: Vec::new(),
            complete: true,
            outcome,
        }
    }
}

/// Where the words that were found are marked.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Marking {
    /// In titles and descriptions.
    All,
    /// In titles; a description is shown from its beginning.
    Titles,
}

/// The words that hits must have.
struct Demand {
    /// So many of them.
    words_min: u32,
    /// Whether a product has every word.
    complete: bool,
    /// Words that not every hit has, a bit each.
    relaxed: u16,
}

impl View {
    /// Answers a query. Synchronous and bound to the processor: call it off the async threads.
    ///
    /// # Errors
    /// Only when the index cannot be read; a query without any match is answered with nothing.
    pub fn candidates(&self, query: &Query) -> Result<Found> {
        let market = self.columns.market(query.market);
        let (ruled, effects) = self.ruled(query);
        let query = ruled.as_ref().unwrap_or(query);
        let searched = self.search(query, &market, &effects)?;
        let hits = self.hits(query, &market, &searched, Marking::All)?;
        let not_sold = self.not_sold(query, &market, &searched, &effects)?;
        let Searched { corrected, relaxed, outcome, .. } = searched;
        let (total, next) = (outcome.total, outcome.next);
        Ok(Found {
            total,
            hits,
            facets: facets(query, outcome, &self.tables),
            corrected,
            relaxed,
            not_sold,
            rules: effects.rules,
            redirect: effects.redirect,
            banner: effects.banner,
            next,
        })
    }

    /// The same view with other small tables: how the shop would answer with what is not saved yet.
    #[must_use]
    pub fn with_tables(&self, tables: Tables) -> View {
        let books = Arc::new(Books::of(&tables));
        View { tables: Arc::new(tables), books, ..self.clone() }
    }

    /// Whether some rule of this market asks what kind of customer searches.
    #[must_use]
    pub fn asks_for_segments(&self, market: MarketCode) -> bool {
        self.books.rules.asks_for_segments(market)
    }

    /// What rules do to this text in the query's place and time.
    pub(crate) fn effects(&self, query: &Query, text: &str) -> Effects {
        let folded: Vec<String> = words(text).map(|word| word.folded).collect();
        let folded: Vec<&str> = folded.iter().map(String::as_str).collect();
        let categories = query.category.map(|leaf| self.tables.ancestry(leaf)).unwrap_or_default();
        Effects::of(&self.books.rules.matching(&Situation {
            market: query.market,
            words: &folded,
            categories: &categories,
            city: query.city,
            segment: query.segment,
            now: query.now,
        }))
    }

    /// What rules do to a query, and the query that they make of it when they change it.
    fn ruled(&self, query: &Query) -> (Option<Query>, Effects) {
        let effects = self.effects(query, &query.text);
        if effects.replacement.is_none() && effects.filters.is_empty() {
            return (None, effects);
        }
        let mut ruled = match &effects.replacement {
            Some(text) => query.with_text(text),
            None => query.clone(),
        };
        ruled.narrow(&effects.filters, &self.tables);
        (Some(ruled), effects)
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
            city: None,
            date: None,
            segment: None,
            category: None,
            groups: Vec::new(),
            facets: vec![Field::Category],
            chooses_facets: false,
            sort: Sort::Popular,
            limit: 1,
            after: None,
            prefix: false,
            now: Timestamp::UNIX_EPOCH,
        };
        let market = self.columns.market(market);
        let nothing = Overrides::none();
        let pass = Pass::new(&self.searcher, &market, &query, false, &nothing);
        let outcome = pass.run(Among::All)?;
        Ok(outcome.counts.categories().collect())
    }

    /// Resolves the words and goes through the documents that have them; where few have all, through those
    /// that have most, too.
    pub(crate) fn search(
        &self,
        query: &Query,
        market: &MarketColumns,
        effects: &Effects,
    ) -> Result<Searched> {
        let synonyms = [&self.books.synonyms, &effects.synonyms];
        let vocabulary = self.vocabulary(query, market, synonyms);
        let resolved = resolve(query, vocabulary, false)?;
        let mut searched = self.search_words(query, market, resolved.words, effects)?;
        searched.corrected = resolved.corrected;
        if searched.relaxed.is_empty() {
            return Ok(searched);
        }
        // Few products have all words: one of these may have been meant to be another.
        let doubted = resolve(query, vocabulary, true)?;
        if doubted.corrected != searched.corrected {
            searched = self.search_words(query, market, doubted.words, effects)?;
            searched.corrected = doubted.corrected;
        }
        Ok(searched)
    }

    /// The words that this query may be about.
    pub(crate) fn vocabulary<'v>(
        &'v self,
        query: &'v Query,
        market: &'v MarketColumns,
        synonyms: [&'v SynonymBook; 2],
    ) -> Vocabulary<'v> {
        Vocabulary {
            searcher: &self.searcher,
            labels: &self.books.labels,
            synonyms,
            code: query.market,
            market,
            languages: &query.languages,
        }
    }

    /// Goes through the documents that have these words; without words through all of them.
    pub(crate) fn search_words(
        &self,
        query: &Query,
        market: &MarketColumns,
        words: Vec<ResolvedWord>,
        effects: &Effects,
    ) -> Result<Searched> {
        let overrides = Overrides::of(effects, &self.searcher)?;
        let pass = Pass::new(&self.searcher, market, query, !words.is_empty(), &overrides);
        let mut searched = Searched::found(words, Outcome::default());
        if searched.words.is_empty() {
            let among = query.category.map_or(Among::All, Among::Category);
            searched.outcome = pass.run(among)?;
            self.count_places(query, market, &overrides, among, &mut searched.outcome)?;
            return Ok(searched);
        }
        let words = &searched.words;
        let synonyms = [&self.books.synonyms, &effects.synonyms];
        let meanings = Meanings::of(words, self.vocabulary(query, market, synonyms));
        let clauses = clauses(words, &meanings, &query.languages, &self.searcher);
        let matches = Matches::find(&self.searcher, market, &clauses, FEW_HITS)?;
        let demand = Demand::of(&matches, words);
        let relaxed = (0..).zip(words).filter(|(place, _)| demand.relaxed & (1 << place) != 0);
        searched.relaxed = relaxed.map(|(_, word)| word.written.clone()).collect();
        searched.complete = demand.complete;
        searched.synonyms = meanings.words();
        let enough = matches.iter().filter(|it| it.words() >= demand.words_min);
        let field = ranking::Field::of(enough.map(|it| (it.shown.minor, it.shown.popularity)));
        let stems = stems(words, &meanings, &query.languages, &self.searcher);
        let weights = self.tables.weights(query.market);
        let now_s = query.now.as_second();
        let ranker = Ranker::new(&self.searcher, weights, &stems, &matches, field, now_s);
        let (matches, ranker, words_min) = (&matches, &ranker, demand.words_min);
        let among = Among::Matches { matches, ranker, words_min };
        searched.outcome = pass.run(among)?;
        self.count_places(query, market, &overrides, among, &mut searched.outcome)?;
        Ok(searched)
    }

    /// Of the words that not every hit has those that nothing has: the shop does not sell that.
    fn not_sold(
        &self,
        query: &Query,
        market: &MarketColumns,
        searched: &Searched,
        effects: &Effects,
    ) -> Result<Vec<String>> {
        let mut not_sold = Vec::new();
        let nothing = searched.outcome.total == 0;
        let vocabulary = self.vocabulary(query, market, [&self.books.synonyms, &effects.synonyms]);
        for word in &searched.words {
            let begins = word.completions.as_ref().is_some_and(|words| !words.is_empty());
            let is_missing = nothing || searched.relaxed.contains(&word.written);
            if is_missing && !begins && !word.code && !vocabulary.has(&word.folded)? {
                not_sold.push(word.written.clone());
            }
        }
        Ok(not_sold)
    }

    /// Counts what each city has, and each of the next days in the chosen city, when that was asked for: the hits of
    /// the same query for somebody there and then.
    fn count_places(
        &self,
        query: &Query,
        columns: &MarketColumns,
        overrides: &Overrides,
        among: Among<'_>,
        outcome: &mut Outcome,
    ) -> Result<()> {
        let Some(market) = self.tables.market(query.market) else { return Ok(()) };
        let total = |city: CityId, date: Option<Date>| {
            let there = Availability::parse(Some(city), date, query.now, market, &self.tables)?;
            Pass::total(&self.searcher, columns, query, there, overrides, among)
        };
        if query.facets.contains(&Field::City) {
            for city in market.cities.iter().filter(|city| city.active) {
                outcome.cities.push((city.id, total(city.id, query.date)?));
            }
        }
        if let Some(city) = query.city.filter(|_| query.facets.contains(&Field::Date)) {
            let today = self.tables.deliveries.get(&city).map(|it| it.day_of(query.now));
            let days = (0..DAYS).filter_map(|day| today?.checked_add(day.days()).ok());
            for date in days {
                outcome.days.push((date, total(city, Some(date))?));
            }
        }
        Ok(())
    }

    /// The page's documents with their offers and highlights.
    pub(crate) fn hits(
        &self,
        query: &Query,
        market: &MarketColumns,
        searched: &Searched,
        marking: Marking,
    ) -> Result<Vec<Hit>> {
        let markers = Lang::ALL.map(|lang| {
            let marker = Marker::new(&searched.words, &searched.synonyms, lang);
            match marking {
                Marking::All => [marker.clone(), marker],
                Marking::Titles => [marker, Marker::new(&[], &[], lang)],
            }
        });
        let hit = |ranked: &Ranked| self.hit(ranked, query, market, &markers);
        searched.outcome.page.iter().filter_map(|ranked| hit(ranked).transpose()).collect()
    }

    /// One hit; every ranked document has an offer, since it was visible in the same columns.
    pub(crate) fn hit(
        &self,
        ranked: &Ranked,
        query: &Query,
        market: &MarketColumns,
        markers: &[[Marker; 2]; 4],
    ) -> Result<Option<Hit>> {
        let ordinal = Ordinal(ranked.ordinal);
        let Some(offer) = query.availability.best(market, ordinal) else {
            return Ok(None);
        };
        let stored = self.searcher.bytes(ranked.address)?;
        let card = Card::of(&stored)?;
        let (mut title, mut snippet) = (String::new(), String::new());
        let mut highlights = Highlights { title: String::new(), description: None };
        if let Some(text) = card.text(&query.languages) {
            let [in_title, in_snippet] = &markers[text.lang.index()];
            text.title()?.clone_into(&mut title);
            highlights.title = in_title.mark(&title);
            let description = text.description()?.trim_start();
            if !description.is_empty() {
                let shown = in_snippet.snippet(description);
                snippet = shown.plain;
                highlights.description = Some(shown.marked);
            }
        }
        Ok(Some(Hit {
            product_id: card.product_id()?,
            ordinal,
            external_id: card.external_id.map(str::to_owned),
            slug: card.slug.to_owned(),
            picture: card.picture.to_owned(),
            image: card.image.map(str::to_owned),
            title,
            snippet,
            highlights,
            offer,
            in_stock: query.availability.has(&offer),
            score: match ranked.rank.matched_words {
                0 => market.shown(ordinal).map_or(0.0, |shown| shown.popularity),
                _ => ranked.rank.score,
            },
            rank: ranked.rank,
            pinned: ranked.pinned,
        }))
    }
}

/// Days that are counted.
const DAYS: i64 = 14;

impl Demand {
    /// All words, unless few products have them; then most. Judged before filters and category: a filter must
    /// never add hits.
    fn of(matches: &Matches, words: &[ResolvedWord]) -> Demand {
        let all = u32::try_from(words.len()).unwrap_or(u32::MAX);
        let mut having = vec![0_u64; words.len() + 1];
        for found in matches.iter() {
            having[found.words() as usize] += 1;
        }
        let complete = having.last().is_some_and(|&products| products > 0);
        let exact = complete && words.iter().any(|word| word.code);
        let (mut words_min, mut products) = (all, having[words.len()]);
        while !exact && products < FEW_HITS && words_min > 1 {
            let may_lack_more = products == 0 || (words_min - 1) * 2 >= all;
            if !may_lack_more {
                break;
            }
            words_min -= 1;
            products += having[words_min as usize];
        }
        // The least that brought anything.
        let hits = |it: &&Match| it.words() >= words_min;
        let common = matches.iter().filter(hits).fold(u16::MAX, |common, it| common & it.matched);
        Demand { words_min, complete, relaxed: if products == 0 { 0 } else { !common } }
    }
}
