//! The products of a suggested query, and the category that they are mostly in.

use std::cmp::Reverse;
use std::collections::HashSet;

use rustc_hash::FxHashMap;
use souk_base::{CategoryId, Lang};
use tantivy::{DocAddress, DocId};

use super::endings::Ending;
use super::{SuggestedQuery, Suggester, Typed};
use crate::Result;
use crate::collect::{Outcome, Ranked, ordered_f32};
use crate::columns::Shown;
use crate::matching::{Match, Matches};
use crate::query::{Completion, Meanings, ResolvedWord, stems};
use crate::ranking::{Field, Ranker};
use crate::rules::Effects;
use crate::segment::Key;
use crate::view::{Hit, Marking, Searched};

/// Products of a query that are looked at: of very frequent words not all.
const LOOKED_AT_MAX: usize = 4_000;
/// The most popular of them are ranked as a search ranks them.
const RANKED_MAX: usize = 96;
/// Products of which the category is counted.
const CATEGORY_SAMPLE: usize = 256;
/// Endings whose products fill the page.
const ENDINGS_SHOWN: usize = 5;

impl Suggester<'_> {
    /// The query once more, in a category without others below it: one that is named after the last word, else the
    /// one that has most of its products.
    pub(super) fn in_category(
        &self,
        query: &SuggestedQuery,
        documents: &[(u32, DocId)],
        ending: &Ending,
    ) -> Option<SuggestedQuery> {
        let names = &self.view.books.categories;
        let mut counts: FxHashMap<CategoryId, u64> = FxHashMap::default();
        let step = documents.len().div_ceil(CATEGORY_SAMPLE).max(1);
        let sample: Vec<(u32, DocId)> = documents.iter().copied().step_by(step).collect();
        for (columns, document) in self.with_columns(&sample) {
            let keys = columns.codes(document).iter().map(|&code| columns.keys()[code as usize]);
            let categories = keys.filter_map(|key| match key {
                Key::Category(id) => Some(id),
                Key::Brand(_) | Key::Value(_) => None,
            });
            for id in categories.filter(|&id| names.is_leaf(id)) {
                *counts.entry(id).or_default() += 1;
            }
        }
        let named = self.named_after(&ending.folded);
        let leaves = counts.into_iter().filter_map(|(id, count)| {
            let category = self.view.tables.categories.get(&id)?;
            Some((named.contains(&id), count, Reverse(id), category))
        });
        let best = leaves.max_by_key(|&(named, count, id, _)| (named, count, id));
        best.map(|(.., category)| SuggestedQuery {
            text: query.text.clone(),
            category: Some(category.slug.clone()),
        })
    }

    /// Products whose titles have the words before and this ending.
    pub(super) fn of_ending(&self, typed: &Typed, ending: &Ending) -> Vec<(u32, DocId)> {
        let Some((lang, last)) = ending.titled else { return Vec::new() };
        let Some(mut stems) = self.stems(lang, &typed.before) else { return Vec::new() };
        stems.push(last);
        self.documents(lang, &stems, LOOKED_AT_MAX)
    }

    /// The best products of the best ending, then those of the next ones. What rules hide from the text typed, or from
    /// the query they are suggested for, is not shown.
    pub(super) fn products(
        &self,
        typed: &Typed,
        endings: &[Ending],
        best: &[(u32, DocId)],
    ) -> Result<Vec<Hit>> {
        let mut page: Vec<Ranked> = Vec::new();
        for (place, ending) in endings.iter().take(ENDINGS_SHOWN).enumerate() {
            let ranked = match place {
                0 => self.ranked(typed, ending, best),
                _ => self.ranked(typed, ending, &self.of_ending(typed, ending)),
            };
            let mut left_out = self.hidden(typed, ending)?;
            left_out.extend(page.iter().map(|it| it.ordinal));
            page.extend(ranked.into_iter().filter(|it| !left_out.contains(&it.ordinal)));
            if page.len() >= self.query.limit {
                break;
            }
        }
        page.truncate(self.query.limit);
        if page.is_empty() {
            return self.searched_products(typed, endings);
        }
        let completions = endings.iter().map(|ending| Completion {
            share: 1.0,
            folded: ending.folded.clone(),
            titled: ending.titled.is_some(),
        });
        let last = endings.first().map(|ending| ResolvedWord {
            completions: Some(completions.collect()),
            ..ending.word()
        });
        let words = typed.before.iter().cloned().chain(last).collect();
        let outcome = Outcome { page, ..Outcome::default() };
        let found = Searched::found(words, outcome);
        self.view.hits(self.query, self.market, &found, Marking::Titles)
    }

    /// What a search of the best ending finds, for words that no title has together, or whose products are all hidden.
    fn searched_products(&self, typed: &Typed, endings: &[Ending]) -> Result<Vec<Hit>> {
        let words = typed.before.iter().cloned().chain(endings.first().map(Ending::word)).collect();
        let mut effects = self.effects.clone();
        if let Some(ending) = endings.first() {
            effects.hidden.extend(self.effects_of(typed, ending).hidden);
        }
        let found = self.view.search_words(self.query, self.market, words, &effects)?;
        self.view.hits(self.query, self.market, &found, Marking::Titles)
    }

    fn effects_of(&self, typed: &Typed, ending: &Ending) -> Effects {
        self.view.effects(self.query, &format!("{}{}", typed.start, ending.written))
    }

    /// The ordinals of what rules hide from the text typed, and from it with this ending.
    fn hidden(&self, typed: &Typed, ending: &Ending) -> Result<HashSet<u32>> {
        let mut hidden = HashSet::new();
        let of_ending = self.effects_of(typed, ending).hidden;
        for &product in self.effects.hidden.iter().chain(&of_ending) {
            let place = self.view.searcher.place(product)?;
            hidden.extend(place.map(|(ordinal, _)| ordinal.0));
        }
        Ok(hidden)
    }

    /// The best of these documents for the words before and this ending, in the order of a search.
    fn ranked(&self, typed: &Typed, ending: &Ending, documents: &[(u32, DocId)]) -> Vec<Ranked> {
        let mut popular: Vec<(Reverse<u32>, u32, DocId, Shown)> = Vec::new();
        for (&(segment, document), (columns, _)) in
            documents.iter().zip(self.with_columns(documents))
        {
            if let Some(&shown) = self.market.shown(columns.ordinal(document)) {
                popular.push((Reverse(ordered_f32(shown.popularity)), segment, document, shown));
            }
        }
        let key = |it: &(Reverse<u32>, u32, DocId, Shown)| (it.0, it.1, it.2);
        if popular.len() > RANKED_MAX {
            popular.select_nth_unstable_by_key(RANKED_MAX, key);
            popular.truncate(RANKED_MAX);
        }
        let words: Vec<ResolvedWord> =
            typed.before.iter().cloned().chain([ending.word()]).collect();
        let searcher = &self.view.searcher;
        let ranker = Ranker::new(
            searcher,
            self.view.tables.weights(self.query.market),
            &stems(&words, &Meanings::default(), &self.query.languages, searcher),
            &Matches::default(),
            Field::of(popular.iter().map(|it| (it.3.minor, it.3.popularity))),
            self.query.now.as_second(),
        );
        let all = u16::try_from((1_u32 << words.len().min(16)) - 1).unwrap_or(u16::MAX);
        let columns: Vec<_> = searcher.segments().map(|(_, _, columns)| columns).collect();
        let ranked = popular.into_iter().map(|(_, segment, document, shown)| {
            let (matched, titled) = (all, all);
            let found = Match { document, matched, titled, cost: 0, score: 0.0, shown };
            let columns = columns[segment as usize];
            let in_stock = shown.in_stock || self.query.availability.place().is_some();
            let rank = ranker.rank(&found, columns, in_stock, 1.0);
            Ranked {
                bucket: rank.bucket(),
                key: u64::from(ordered_f32(rank.score)),
                ordinal: columns.ordinal(document).0,
                rank,
                address: DocAddress::new(segment, document),
                pinned: false,
            }
        });
        let mut ranked: Vec<Ranked> = ranked.collect();
        ranked.sort_unstable();
        ranked
    }

    /// The page's language.
    pub(super) fn lang(&self) -> Lang {
        self.query.languages.first().copied().unwrap_or(Lang::En)
    }
}
