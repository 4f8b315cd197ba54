//! As-you-type suggestions: whole queries, categories and products.

use std::cmp::Reverse;
use std::collections::{HashMap, HashSet};
use std::ops::ControlFlow;
use std::sync::Arc;

use jiff::Timestamp;
use jiff::civil::Date;
use souk_base::{Category, CategoryId, CityId, Lang, MarketCode};
use tantivy::Term;
use tantivy::query::TermQuery;
use tantivy::schema::IndexRecordOption;

use crate::analysis::{fold, is_stop_word, stem, words};
use crate::columns::MarketColumns;
use crate::query::{Query, Request, ResolvedWord, Sort};
use crate::rules::Effects;
use crate::segment::Key;
use crate::view::{Hit, Searched, View};
use crate::vocabulary::Vocabulary;
use crate::{Error, Result};

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
        let searched = self.search(&query, &market, &effects)?;
        let suggester = Suggester { view: self, query: &query, market: &market };
        let categories = suggester.categories(&searched.words, request.limit)?;
        let endings = suggester.counted_endings(&searched)?;
        let queries = suggester.queries(&searched, &endings, request.limit)?;
        let products = suggester.products(searched, endings.first(), effects)?;
        Ok(Suggestions { queries, categories, products })
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
}

impl Suggester<'_> {
    /// The best products of the best query, then what the text as typed finds: rare words outweigh
    /// frequent ones in its order, so that "ros" alone would show everything but roses.
    /// What rules hide from either is not shown.
    fn products(
        &self,
        mut searched: Searched,
        best: Option<&ResolvedWord>,
        mut effects: Effects,
    ) -> Result<Vec<Hit>> {
        let before = searched.words.split_last().filter(|(last, _)| last.completions.is_some());
        if let (Some(best), Some((last, before))) = (best, before) {
            let text = format!("{}{}", self.text_before(&searched, last), self.written(best)?);
            effects.hidden.extend(self.view.effects(self.query, &text).hidden);
            let words = followed_by(before, best);
            let found = self.view.search_words(self.query, self.market, words, &effects)?;
            let mut page = found.outcome.page;
            let mut left_out: HashSet<u32> = page.iter().map(|ranked| ranked.ordinal).collect();
            for &hidden in &effects.hidden {
                let place = self.view.searcher.place(hidden)?;
                left_out.extend(place.map(|(ordinal, _)| ordinal.0));
            }
            let others = std::mem::take(&mut searched.outcome.page).into_iter();
            page.extend(others.filter(|ranked| !left_out.contains(&ranked.ordinal)));
            page.truncate(self.query.limit);
            searched.outcome.page = page;
        }
        self.view.hits(self.query, self.market, &searched)
    }

    /// What the last word may become, with the most hits first and each word in one form only.
    fn counted_endings(&self, searched: &Searched) -> Result<Vec<ResolvedWord>> {
        let Some((last, before)) = searched.words.split_last() else {
            return Ok(Vec::new());
        };
        if !searched.complete {
            return Ok(Vec::new());
        }
        let mut counted = Vec::new();
        for ending in self.endings(last) {
            if before.iter().any(|word| self.stem(word) == self.stem(&ending)) {
                continue;
            }
            let count = self.count(&*self.all(&followed_by(before, &ending)))?;
            if count > 0 {
                counted.push((count, ending));
            }
        }
        // Stable: among equal counts the form of the word that is written most often stays first.
        counted.sort_by_key(|&(count, _)| Reverse(count));
        Ok(self.without_other_forms(counted.into_iter().map(|(_, ending)| ending)))
    }

    /// The words typed with each ending of the last one; the best one also in a category.
    fn queries(
        &self,
        searched: &Searched,
        endings: &[ResolvedWord],
        limit: usize,
    ) -> Result<Vec<SuggestedQuery>> {
        let Some((last, before)) = searched.words.split_last() else {
            return Ok(Vec::new());
        };
        let start = self.text_before(searched, last);
        let mut queries = Vec::new();
        for ending in endings.iter().take(limit) {
            let text = format!("{start}{}", self.written(ending)?);
            queries.push(SuggestedQuery { text, category: None });
            if queries.len() == 1 {
                queries.extend(self.in_category(&queries[0], before, ending)?);
            }
        }
        queries.truncate(limit);
        Ok(queries)
    }

    /// The query once more, in a category without others below it: one that is named after the last
    /// word, else the one that has most of its products.
    fn in_category(
        &self,
        query: &SuggestedQuery,
        before: &[ResolvedWord],
        ending: &ResolvedWord,
    ) -> Result<Option<SuggestedQuery>> {
        let counts = self.counts(&followed_by(before, ending))?;
        let leaves =
            counts.into_iter().filter(|&(id, _)| self.is_leaf(id)).filter_map(|(id, count)| {
                let category = self.view.tables.categories.get(&id)?;
                Some((self.is_named_after(category, ending), count, Reverse(id), category))
            });
        let best = leaves.max_by_key(|&(named, count, id, _)| (named, count, id));
        Ok(best.map(|(.., category)| SuggestedQuery {
            text: query.text.clone(),
            category: Some(category.slug.clone()),
        }))
    }

    /// How many products with all these words each category shows.
    fn counts(&self, words: &[ResolvedWord]) -> Result<HashMap<CategoryId, u64>> {
        let searcher = &self.view.searcher;
        let mut counts = HashMap::new();
        searcher.visit(&*self.all(words), |address, ordinal| {
            if self.query.availability.finds(self.market, ordinal) {
                for key in searcher.keys(address) {
                    if let Key::Category(id) = key {
                        *counts.entry(id).or_default() += 1;
                    }
                }
            }
            ControlFlow::Continue(())
        })?;
        Ok(counts)
    }

    /// Whether the category's name has the word, in any form.
    fn is_named_after(&self, category: &Category, word: &ResolvedWord) -> bool {
        let labels = category.label.iter().filter(|(lang, _)| self.query.languages.contains(lang));
        labels.into_iter().any(|(lang, label)| {
            let wanted = stem(lang, &word.folded);
            words(label).any(|word| stem(lang, &word.folded) == wanted)
        })
    }

    /// What the last word may become; itself when it is finished or nothing completes it.
    fn endings(&self, last: &ResolvedWord) -> Vec<ResolvedWord> {
        let completions = last.completions.as_deref().unwrap_or_default();
        if completions.is_empty() {
            return vec![ResolvedWord { completions: None, ..last.clone() }];
        }
        let tells = |word: &&String| word.chars().nth(1).is_some() && !is_stop_word(word);
        let words = completions.iter().map(|it| &it.folded).filter(tells);
        words.map(|word| ResolvedWord::finished(word)).collect()
    }

    /// Of the forms of one word ("rose", "roses") only the first.
    fn without_other_forms(&self, words: impl Iterator<Item = ResolvedWord>) -> Vec<ResolvedWord> {
        let mut seen = HashSet::new();
        words.filter(|word| seen.insert(self.stem(word))).collect()
    }

    /// What the forms of a word share in the page's language.
    fn stem(&self, word: &ResolvedWord) -> String {
        stem(self.query.languages.first().copied().unwrap_or(Lang::En), &word.folded)
    }

    /// The searched text up to the last word.
    fn text_before(&self, searched: &Searched, last: &ResolvedWord) -> String {
        let text = searched.corrected.as_deref().unwrap_or(&self.query.text).trim();
        text.rfind(last.written.as_str()).map_or("", |start| &text[..start]).to_owned()
    }

    fn written(&self, ending: &ResolvedWord) -> Result<String> {
        if ending.code {
            return Ok(ending.written.clone());
        }
        self.vocabulary().written(&ending.folded)
    }

    fn is_leaf(&self, id: CategoryId) -> bool {
        self.view.tables.categories.values().all(|category| category.parent_id != Some(id))
    }

    /// The query that every word must match.
    fn all(&self, words: &[ResolvedWord]) -> Box<dyn tantivy::query::Query> {
        ResolvedWord::all(words, &self.query.languages, &self.view.searcher)
    }

    /// Products that match and can be shown.
    fn count(&self, query: &dyn tantivy::query::Query) -> Result<u64> {
        let mut count = 0;
        self.view.searcher.visit(query, |_, ordinal| {
            count += u64::from(self.query.availability.finds(self.market, ordinal));
            ControlFlow::Continue(())
        })?;
        Ok(count)
    }

    /// Categories whose names have the words, those that begin with them first, then the largest.
    fn categories(&self, typed: &[ResolvedWord], limit: usize) -> Result<Vec<SuggestedCategory>> {
        if typed.is_empty() {
            return self.largest_categories(limit);
        }
        let typed: Vec<String> = typed.iter().map(|word| word.folded.clone()).collect();
        let mut found = Vec::new();
        for category in self.view.tables.categories.values() {
            let matches = category.label.iter().filter_map(|(lang, label)| {
                self.query.languages.contains(&lang).then(|| label_match(label, &typed))?
            });
            if let Some(best) = matches.min() {
                found.push((best, Reverse(self.category_count(category.id)?), category.id));
            }
        }
        found.sort_unstable();
        let shown = found.into_iter().filter(|&(_, Reverse(count), _)| count > 0);
        let shown = shown.filter_map(|(_, Reverse(count), id)| self.suggested(id, count));
        Ok(shown.take(limit).collect())
    }

    fn largest_categories(&self, limit: usize) -> Result<Vec<SuggestedCategory>> {
        let availability = self.query.availability.clone();
        let counts = self.view.counts_by_category(self.query.market, availability)?;
        let mut counts: Vec<_> =
            counts.into_iter().map(|(id, count)| (Reverse(count), id)).collect();
        counts.sort_unstable();
        let largest = counts.into_iter();
        Ok(largest
            .filter_map(|(Reverse(count), id)| self.suggested(id, count))
            .take(limit)
            .collect())
    }

    fn suggested(&self, id: CategoryId, count: u64) -> Option<SuggestedCategory> {
        let category = self.view.tables.categories.get(&id)?;
        let lang = self.query.languages.first().copied().unwrap_or(Lang::En);
        let label = category.label.get(lang).to_owned();
        Some(SuggestedCategory { slug: category.slug.clone(), label, count })
    }

    fn category_count(&self, id: CategoryId) -> Result<u64> {
        let term = Term::from_field_i64(self.view.searcher.fields().categories, id.get());
        self.count(&TermQuery::new(term, IndexRecordOption::Basic))
    }

    fn vocabulary(&self) -> Vocabulary<'_> {
        let nothing = &self.view.books.synonyms;
        self.view.vocabulary(self.query, self.market, [nothing, nothing])
    }
}

/// The words typed before, and the last one.
fn followed_by(before: &[ResolvedWord], last: &ResolvedWord) -> Vec<ResolvedWord> {
    before.iter().chain([last]).cloned().collect()
}

/// Whether the label has every word, the last one possibly unfinished; and whether it begins with them.
fn label_match(label: &str, typed: &[String]) -> Option<LabelMatch> {
    let label_words: Vec<String> = words(label).map(|word| word.folded).collect();
    let (unfinished, finished) = typed.split_last()?;
    let has = |typed: &String| label_words.contains(typed);
    let begins = |word: &String| word.starts_with(unfinished.as_str());
    if !finished.iter().all(has) || !label_words.iter().any(begins) {
        return None;
    }
    let at_start = fold(label).starts_with(&typed.concat());
    Some(if at_start { LabelMatch::Start } else { LabelMatch::Inside })
}

/// Where a label has the words typed; the start counts more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum LabelMatch {
    Start,
    Inside,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_label_matches_from_its_start_or_inside_but_never_in_the_middle_of_a_word() {
        let typed = |text: &str| words(text).map(|word| word.folded).collect::<Vec<_>>();

        assert_eq!(label_match("Garden & Flowers", &typed("gar")), Some(LabelMatch::Start));
        assert_eq!(label_match("Garden & Flowers", &typed("flo")), Some(LabelMatch::Inside));
        assert_eq!(label_match("Garden & Flowers", &typed("den")), None);
        assert_eq!(label_match("Garden & Flowers", &typed("gard flo")), None);
    }
}
