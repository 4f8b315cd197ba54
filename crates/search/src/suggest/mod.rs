//! As-you-type suggestions: whole queries, categories and products.
//!
//! A keystroke costs no search: the last word's endings are words of titles, counted in titles (`endings`), and the
//! products shown are the most popular of the best ending's, ranked as a search ranks them (`products`). Only what no
//! title has so goes the long way of a search.

mod categories;
mod endings;
mod products;

use std::ops::ControlFlow;
use std::sync::Arc;

use jiff::Timestamp;
use jiff::civil::Date;
use souk_base::{CityId, Lang, MarketCode, Ordinal};
use tantivy::{DocAddress, DocId};

use crate::columns::MarketColumns;
use crate::query::{Query, Request, ResolvedWord, Sort, resolve};
use crate::rules::Effects;
use crate::view::{Hit, Marking, View};
use crate::vocabulary::Vocabulary;
use crate::{Error, Result};

pub(crate) use categories::CategoryNames;
use endings::Ending;

/// Most suggestions of a kind.
const LIMIT_MAX: usize = 20;
/// Products are shown with pictures, so a few are enough.
const PRODUCTS_MAX: usize = 6;

/// What has been typed so far.
#[derive(Clone, Copy, Debug)]
pub struct SuggestRequest<'a> {
    /// Where.
    pub market: MarketCode,
    /// The text so far.
    pub text: &'a str,
    /// Language of the page; the market's first when none is given.
    pub lang: Option<Lang>,
    /// Only what can be bought in this city.
    pub city: Option<CityId>,
    /// Only what can be delivered to that city on this day, in its own time zone.
    pub date: Option<Date>,
    /// The kind of customer that the shopper is, for rules that ask.
    pub segment: Option<u16>,
    /// The instant that cut-offs are judged by.
    pub now: Timestamp,
    /// Suggestions of each kind, 1 to 20; at most 6 products.
    pub limit: usize,
}

/// What the text may become.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Suggestions {
    /// Whole queries; each has at least one hit.
    pub queries: Vec<SuggestedQuery>,
    /// Categories whose names have the words, or the largest when nothing was typed.
    pub categories: Vec<SuggestedCategory>,
    /// The best products of the best query, then what else begins as typed; the most popular when
    /// nothing was typed.
    pub products: Vec<Hit>,
}

/// A query to suggest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SuggestedQuery {
    /// The text to search.
    pub text: String,
    /// Slug of the category to search it in; the whole shop when none.
    pub category: Option<String>,
}

/// A category to suggest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SuggestedCategory {
    /// Its name in addresses and filters.
    pub slug: String,
    /// Its name for people.
    pub label: String,
    /// Products it shows.
    pub count: u64,
}

impl View {
    /// What the text typed so far may become, from the first letter on; misspelled words too.
    ///
    /// # Errors
    /// An unknown market or city, a day without a city, a text or limit out of range, or an index that cannot be read.
    pub fn suggest(&self, request: &SuggestRequest<'_>) -> Result<Suggestions> {
        let query = self.suggest_query(request)?;
        let market = self.columns.market(query.market);
        let effects = self.effects(&query, &query.text).hiding();
        let suggester = Suggester { view: self, query: &query, market: &market, effects };
        let (typed, endings) = match suggester.begun()? {
            Some(begun) => begun,
            None => suggester.resolved()?,
        };
        let categories = suggester.categories(&typed.folded, request.limit)?;
        if endings.is_empty() {
            return suggester.searched(&typed, categories);
        }
        let best = suggester.of_ending(&typed, &endings[0]);
        let queries = suggester.queries(&typed, &endings, &best, request.limit);
        let products = suggester.products(&typed, &endings, &best)?;
        Ok(Suggestions { queries, categories, products })
    }

    /// At most so many products that have all words of a query, in no order and without a look farther than the last of them.
    ///
    /// # Errors
    /// When the index cannot be read.
    pub fn some(&self, query: &Query, most: usize) -> Result<Vec<Ordinal>> {
        let market = self.columns.market(query.market);
        let effects = Effects::default();
        let suggester = Suggester { view: self, query, market: &market, effects };
        let resolved = resolve(query, suggester.vocabulary(), false)?;
        suggester.some(&resolved.words, most)
    }

    fn suggest_query(&self, request: &SuggestRequest<'_>) -> Result<Query> {
        let (given, max) = (request.limit, LIMIT_MAX);
        if !(1..=max).contains(&given) {
            return Err(Error::OutOfRange { field: "limit", given, min: 1, max });
        }
        let request = Request {
            market: request.market,
            text: request.text,
            lang: request.lang,
            city: request.city,
            date: request.date,
            segment: request.segment,
            now: request.now,
            category: None,
            filters: &[],
            facets: &[],
            sort: Sort::Relevance,
            limit: given.min(PRODUCTS_MAX),
            after: None,
            prefix: !request.text.ends_with(char::is_whitespace),
        };
        Query::parse(&request, &self.tables)
    }
}

/// What suggestions of one text are made from.
struct Suggester<'s> {
    view: &'s View,
    query: &'s Query,
    market: &'s Arc<MarketColumns>,
    /// What rules hide from the text typed.
    effects: Effects,
}

/// What has been typed, as it is understood.
struct Typed {
    /// The words before the last one.
    before: Vec<ResolvedWord>,
    /// The text up to the last word, corrected.
    start: String,
    /// Every word, the last one as far as it goes.
    folded: Vec<String>,
}

impl Suggester<'_> {
    /// The text as it was typed, when its last word begins one of the market's; else it may be misspelled.
    fn begun(&self) -> Result<Option<(Typed, Vec<Ending>)>> {
        let Some((last, before)) = self.query.words.split_last() else { return Ok(None) };
        let is_code = self.query.words.iter().any(|word| word.code.is_some());
        if !self.query.prefix || is_code {
            return Ok(None);
        }
        let mut typed = Typed {
            before: Vec::new(),
            start: self.query.text[..last.start].trim_start().to_owned(),
            folded: Vec::new(),
        };
        if !before.is_empty() {
            let finished = Query { prefix: false, ..self.query.clone() };
            let resolved = resolve(&finished.with_text(&typed.start), self.vocabulary(), false)?;
            typed.before = resolved.words;
            typed.start = resolved.corrected.unwrap_or(typed.start);
        }
        let endings = self.endings(&typed, &last.folded)?;
        typed.folded = typed.before.iter().map(|word| word.folded.clone()).collect();
        typed.folded.push(last.folded.clone());
        Ok(Some((typed, endings)).filter(|(_, endings)| !endings.is_empty()))
    }

    /// The text as a search understands it: misspelled, in another script or layout, a code, or finished.
    fn resolved(&self) -> Result<(Typed, Vec<Ending>)> {
        let resolved = resolve(self.query, self.vocabulary(), false)?;
        let folded = resolved.words.iter().map(|word| word.folded.clone()).collect();
        let mut typed = Typed { before: Vec::new(), start: String::new(), folded };
        let Some((last, before)) = resolved.words.split_last() else {
            return Ok((typed, Vec::new()));
        };
        let text = resolved.corrected.as_deref().unwrap_or(&self.query.text).trim();
        typed.start = text.rfind(last.written.as_str()).map_or("", |at| &text[..at]).to_owned();
        typed.before = before.to_vec();
        if last.code {
            return Ok((typed, Vec::new()));
        }
        let finished = last.completions.is_none();
        let mut endings = self.endings(&typed, &last.folded)?;
        endings.retain(|ending| !finished || ending.folded == last.folded);
        Ok((typed, endings))
    }

    /// What a search of the text finds, for a text that no title's words complete.
    fn searched(&self, typed: &Typed, categories: Vec<SuggestedCategory>) -> Result<Suggestions> {
        let searched = self.view.search(self.query, self.market, &self.effects)?;
        let mut queries = Vec::new();
        if searched.complete && searched.outcome.total > 0 && !typed.folded.is_empty() {
            let text = searched.corrected.as_deref().unwrap_or(&self.query.text).trim().to_owned();
            queries.push(SuggestedQuery { text, category: None });
        }
        let products = self.view.hits(self.query, self.market, &searched, Marking::Titles)?;
        Ok(Suggestions { queries, categories, products })
    }

    /// The words typed with each ending of the last one; the best one also in a category.
    fn queries(
        &self,
        typed: &Typed,
        endings: &[Ending],
        best: &[(u32, DocId)],
        limit: usize,
    ) -> Vec<SuggestedQuery> {
        let mut queries = Vec::new();
        for ending in endings.iter().take(limit) {
            let text = format!("{}{}", typed.start, ending.written);
            queries.push(SuggestedQuery { text, category: None });
            if queries.len() == 1 {
                queries.extend(self.in_category(&queries[0], best, ending));
            }
        }
        queries.truncate(limit);
        queries
    }

    /// Products that have all of these words and can be shown.
    fn count(&self, words: &[ResolvedWord]) -> Result<u64> {
        let mut count = 0;
        self.visit(words, |_, _| {
            count += 1;
            ControlFlow::Continue(())
        })?;
        Ok(count)
    }

    /// At most so many of them.
    fn some(&self, words: &[ResolvedWord], most: usize) -> Result<Vec<Ordinal>> {
        let mut found = Vec::new();
        self.visit(words, |_, ordinal| {
            found.push(ordinal);
            if found.len() < most { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
        })?;
        Ok(found)
    }

    fn visit(
        &self,
        words: &[ResolvedWord],
        mut found: impl FnMut(DocAddress, Ordinal) -> ControlFlow<()>,
    ) -> Result<()> {
        let searcher = &self.view.searcher;
        let all = ResolvedWord::all(words, &self.query.languages, searcher);
        searcher.visit(&*all, |address, ordinal| {
            match self.query.availability.finds(self.market, ordinal) {
                true => found(address, ordinal),
                false => ControlFlow::Continue(()),
            }
        })
    }

    fn vocabulary(&self) -> Vocabulary<'_> {
        let nothing = &self.view.books.synonyms;
        self.view.vocabulary(self.query, self.market, [nothing, nothing])
    }
}
