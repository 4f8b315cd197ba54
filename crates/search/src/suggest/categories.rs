//! Categories whose names have what was typed.

use std::cmp::Reverse;

use rustc_hash::FxHashSet;
use souk_base::{CategoryId, Lang, Tables};
use tantivy::schema::IndexRecordOption;
use tantivy::{DocSet, TERMINATED, Term};

use super::{SuggestedCategory, Suggester};
use crate::Result;
use crate::analysis::{fold, stem, words};
use crate::segment::Key;

/// The names of all categories as they are compared with what is typed, made when the small tables change.
#[derive(Debug, Default)]
pub(crate) struct CategoryNames {
    names: Vec<Name>,
    /// Categories with others below them.
    parents: FxHashSet<CategoryId>,
}

/// A category's name in one language.
#[derive(Debug)]
struct Name {
    id: CategoryId,
    lang: Lang,
    /// Its words, folded.
    words: Vec<String>,
    /// All of them in one.
    joined: String,
    /// Their stems.
    stems: Vec<String>,
}

/// Where a name has the words typed; the start counts more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Place {
    Start,
    Inside,
}

impl CategoryNames {
    /// The names in these tables.
    pub(crate) fn of(tables: &Tables) -> CategoryNames {
        let names = tables.categories.values().flat_map(|category| {
            category.label.iter().map(|(lang, label)| Name::of(category.id, lang, label))
        });
        let parents = tables.categories.values().filter_map(|category| category.parent_id);
        CategoryNames { names: names.collect(), parents: parents.collect() }
    }

    /// Whether nothing is below the category.
    pub(super) fn is_leaf(&self, id: CategoryId) -> bool {
        !self.parents.contains(&id)
    }
}

impl Name {
    fn of(id: CategoryId, lang: Lang, label: &str) -> Name {
        let words: Vec<String> = words(label).map(|word| word.folded).collect();
        let stems = words.iter().map(|word| stem(lang, word)).collect();
        Name { id, lang, words, joined: fold(label), stems }
    }

    /// Whether it has every word, the last one possibly unfinished, and whether it begins with them.
    fn place(&self, typed: &[String]) -> Option<Place> {
        let (unfinished, finished) = typed.split_last()?;
        let begins = |word: &String| word.starts_with(unfinished.as_str());
        if !self.words.iter().any(begins) || !finished.iter().all(|it| self.words.contains(it)) {
            return None;
        }
        let at_start = self.joined.starts_with(&typed.concat());
        Some(if at_start { Place::Start } else { Place::Inside })
    }
}

impl Suggester<'_> {
    /// Categories whose names have the words, those that begin with them first, then the largest.
    pub(super) fn categories(
        &self,
        typed: &[String],
        limit: usize,
    ) -> Result<Vec<SuggestedCategory>> {
        if typed.is_empty() {
            return self.largest_categories(limit);
        }
        let mut candidates: Vec<(Place, Reverse<u64>, CategoryId)> = Vec::new();
        for name in &self.view.books.categories.names {
            if self.query.languages.contains(&name.lang)
                && let Some(place) = name.place(typed)
            {
                match candidates.iter_mut().find(|it| it.2 == name.id) {
                    Some(known) => known.0 = known.0.min(place),
                    None => candidates.push((place, Reverse(self.frequency(name.id)), name.id)),
                }
            }
        }
        candidates.sort_unstable();
        let mut found = Vec::new();
        for (place, _, id) in candidates {
            if found.len() == limit {
                break;
            }
            let count = self.category_count(id)?;
            if count > 0 {
                found.push((place, Reverse(count), id));
            }
        }
        found.sort_unstable();
        let shown =
            found.into_iter().filter_map(|(_, Reverse(count), id)| self.suggested(id, count));
        Ok(shown.collect())
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
        let label = category.label.get(self.lang()).to_owned();
        Some(SuggestedCategory { slug: category.slug.clone(), label, count })
    }

    /// Documents of any market in a category.
    fn frequency(&self, id: CategoryId) -> u64 {
        let segments = self.view.searcher.segments();
        segments.map(|(_, _, columns)| columns.frequency(Key::Category(id))).sum()
    }

    /// Products that the category shows.
    fn category_count(&self, id: CategoryId) -> Result<u64> {
        if self.query.availability.place().is_some() {
            return self.counted_category(id);
        }
        let market = (self.query.market, self.market);
        self.view.searcher.category_counts().get(market, id, || self.counted_category(id))
    }

    fn counted_category(&self, id: CategoryId) -> Result<u64> {
        let field = self.view.searcher.fields().categories;
        let term = Term::from_field_i64(field, id.get());
        let mut count = 0;
        for (_, reader, columns) in self.view.searcher.segments() {
            let index = reader.inverted_index(field)?;
            let Some(mut postings) = index.read_postings(&term, IndexRecordOption::Basic)? else {
                continue;
            };
            let mut document = postings.doc();
            while document != TERMINATED {
                let shown = !reader.is_deleted(document) && self.finds(columns, document);
                count += u64::from(shown);
                document = postings.advance();
            }
        }
        Ok(count)
    }

    /// Categories whose names have the word, in any form.
    pub(super) fn named_after(&self, folded: &str) -> FxHashSet<CategoryId> {
        let stems: Vec<(Lang, String)> =
            self.query.languages.iter().map(|&lang| (lang, stem(lang, folded))).collect();
        let has =
            |name: &&Name| stems.iter().any(|it| it.0 == name.lang && name.stems.contains(&it.1));
        self.view.books.categories.names.iter().filter(has).map(|name| name.id).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_matches_from_its_start_or_inside_but_never_in_the_middle_of_a_word() {
        let name = Name::of(CategoryId::new(1), Lang::En, "Garden & Flowers");
        let place =
            |text: &str| name.place(&words(text).map(|word| word.folded).collect::<Vec<_>>());

        assert_eq!(place("gar"), Some(Place::Start));
        assert_eq!(place("flo"), Some(Place::Inside));
        assert_eq!(place("den"), None);
        assert_eq!(place("gard flo"), None);
    }
}
