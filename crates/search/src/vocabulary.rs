//! The words of a market: what completes a prefix, what a misspelled word was meant to be, and how a
//! folded word is written.
//!
//! **Invariant**: a word that no visible product of the market has does not exist here.

use std::cmp::Reverse;
use std::ops::ControlFlow;

use rustc_hash::FxHashMap;
use souk_base::{Lang, Tables};
use tantivy::query::TermQuery;
use tantivy::schema::{Field, IndexRecordOption};
use tantivy::{DocAddress, DocSet, TERMINATED, Term};

use crate::Result;
use crate::analysis::{fold, stem, words};
use crate::columns::MarketColumns;
use crate::document::Text;
use crate::lexicon::{Outline, Word, Words};
use crate::searcher::Searcher;

/// Words that a prefix is completed to at most.
pub(crate) const COMPLETIONS_MAX: usize = 20;

/// Candidate words looked at for each that is kept, so that words of other markets, which are
/// passed over, do not crowd this market's out.
const CANDIDATES_PER_COMPLETION: usize = 25;

/// Candidates among the nearest whose products are counted.
const COUNTED_MAX: usize = 8;

/// Letters of the word that was meant from which one edit, and two, are forgiven.
const ONE_EDIT_FROM: usize = 4;
const TWO_EDITS_FROM: usize = 8;

/// The words of categories, brands and attribute values, which stand in no title.
#[derive(Debug, Default)]
pub struct Labels {
    /// By [`Lang::index`].
    languages: [Words; 4],
}

impl Labels {
    /// The words of these tables. Takes a moment where there are many: make them when the tables change, not
    /// when they are read.
    #[must_use]
    pub fn of(tables: &Tables) -> Labels {
        let mut labels = Labels::default();
        for (lang, known) in Lang::ALL.into_iter().zip(&mut labels.languages) {
            known.speak(lang);
            let categories = tables.categories.values().filter_map(|it| it.label.exact(lang));
            let values = tables.values.values().filter_map(|it| it.label.exact(lang));
            let brands = tables.brands.values().map(|brand| brand.name.as_str());
            for label in categories.chain(values).chain(brands) {
                for word in words(label) {
                    known.add(&label[word.start..word.end].to_lowercase());
                }
            }
        }
        labels
    }
}

/// The words of one market in some languages.
#[derive(Clone, Copy)]
pub(crate) struct Vocabulary<'v> {
    pub(crate) searcher: &'v Searcher,
    pub(crate) labels: &'v Labels,
    pub(crate) market: &'v MarketColumns,
    pub(crate) languages: &'v [Lang],
}

/// A word that may have been meant, and how many products have it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Meant {
    pub(crate) folded: String,
    pub(crate) cost: u8,
    pub(crate) products: u64,
}

impl Vocabulary<'_> {
    /// Whether a visible product has the word, in any form.
    pub(crate) fn has(&self, folded: &str) -> Result<bool> {
        Ok(self.is_word_shown(folded)? || self.has_code(folded)?)
    }

    /// Whether a visible product has the code.
    pub(crate) fn has_code(&self, code: &str) -> Result<bool> {
        self.is_shown(self.searcher.fields().codes, code)
    }

    /// The most frequent words that begin with the prefix, the word itself included.
    pub(crate) fn completions(&self, prefix: &str) -> Result<Vec<String>> {
        let mut found: FxHashMap<String, u64> = FxHashMap::default();
        for &lang in self.languages {
            let known = self.searcher.lexicon().read(lang);
            for id in known.beginning_with(prefix) {
                let documents = u64::from(self.searcher.totals().documents(lang, id));
                add(&mut found, &known.get(id).folded, documents);
            }
            let known = &self.labels.languages[lang.index()];
            for id in known.beginning_with(prefix) {
                let folded = &known.get(id).folded;
                let documents = self.documents(lang, folded)?;
                add(&mut found, folded, documents);
            }
        }
        let mut ranked: Vec<(String, u64)> = found.into_iter().collect();
        ranked.sort_unstable_by(|one, other| {
            (Reverse(one.1), &one.0).cmp(&(Reverse(other.1), &other.0))
        });
        let mut completions = Vec::new();
        for (word, _) in ranked.into_iter().take(COMPLETIONS_MAX * CANDIDATES_PER_COMPLETION) {
            if self.is_word_shown(&word)? {
                completions.push(word);
            }
            if completions.len() == COMPLETIONS_MAX {
                break;
            }
        }
        Ok(completions)
    }

    /// The words that a word nobody has may have been meant to be: the nearest, those that most products have
    /// first. With `prefix` it may be the misspelled beginning of a longer word.
    pub(crate) fn meant(&self, folded: &str, prefix: bool) -> Result<Vec<Meant>> {
        let mut near = self.near(folded, prefix)?;
        near.sort_unstable_by(|one, other| {
            let key = |it: &Meant| (it.cost, Reverse(it.products));
            key(one).cmp(&key(other)).then_with(|| one.folded.cmp(&other.folded))
        });
        let mut meant: Vec<Meant> = Vec::new();
        for candidate in near {
            if meant.len() == COUNTED_MAX || meant.first().is_some_and(|it| it.cost < candidate.cost) {
                break;
            }
            let products = self.frequency(&candidate.folded)?;
            if products > 0 {
                meant.push(Meant { products, ..candidate });
            }
        }
        meant.sort_by_key(|it| Reverse(it.products));
        Ok(meant)
    }

    /// How a folded word is written in a product that the market shows; lower case.
    pub(crate) fn written(&self, folded: &str) -> Result<String> {
        for &lang in self.languages {
            let term = stem(lang, folded);
            let field = self.searcher.fields().of(lang).all;
            let Some(address) = self.first_shown(field, &term)? else {
                continue;
            };
            let document = self.searcher.document(address)?;
            let text = document.texts.iter().find(|text| text.lang == lang);
            if let Some(written) = text.and_then(|text| written_in(text, folded)) {
                return Ok(written);
            }
            if let Some(written) = self.usual(lang, folded) {
                return Ok(written);
            }
        }
        Ok(folded.to_owned())
    }

    /// How titles, or else labels, write a folded word most often.
    fn usual(&self, lang: Lang, folded: &str) -> Option<String> {
        let totals = self.searcher.totals();
        let known = self.searcher.lexicon().read(lang);
        let most = known.spelled(folded).iter().max_by_key(|&&id| totals.documents(lang, id));
        if let Some(&id) = most {
            return Some(known.get(id).written.to_string());
        }
        let labels = &self.labels.languages[lang.index()];
        labels.spelled(folded).first().map(|&id| labels.get(id).written.to_string())
    }

    /// Words within the edits that their length forgives, in any market.
    fn near(&self, folded: &str, prefix: bool) -> Result<Vec<Meant>> {
        let typed = Typed::of(folded, prefix);
        if typed.letters.len() + 1 < ONE_EDIT_FROM || folded.chars().any(char::is_numeric) {
            return Ok(Vec::new());
        }
        let mut found: FxHashMap<String, (u8, u64)> = FxHashMap::default();
        let mut meet = |word: &Word, cost: u8, documents: u64| {
            let entry = found.entry(word.folded.to_string()).or_insert((cost, 0));
            entry.1 += documents;
        };
        for &lang in self.languages {
            let known = self.searcher.lexicon().read(lang);
            for (id, word) in known.iter() {
                if let Some(cost) = typed.cost(word) {
                    meet(word, cost, self.searcher.totals().documents(lang, id).into());
                }
            }
            for (_, word) in self.labels.languages[lang.index()].iter() {
                if let Some(cost) = typed.cost(word) {
                    meet(word, cost, self.documents(lang, &word.folded)?);
                }
            }
        }
        let meant = |(folded, (cost, products))| Meant { folded, cost, products };
        Ok(found.into_iter().map(meant).collect())
    }

    /// Documents of any market that have the word in any form.
    fn documents(&self, lang: Lang, folded: &str) -> Result<u64> {
        let field = self.searcher.fields().of(lang).all;
        self.searcher.frequency(&Term::from_field_text(field, &stem(lang, folded)))
    }

    fn is_word_shown(&self, word: &str) -> Result<bool> {
        for &lang in self.languages {
            if self.is_shown(self.searcher.fields().of(lang).all, &stem(lang, word))? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Visible products that have the word in any form, in the language with most of them.
    pub(crate) fn frequency(&self, word: &str) -> Result<u64> {
        let mut most = 0;
        for &lang in self.languages {
            let mut count = 0;
            let field = self.searcher.fields().of(lang).all;
            let term = Term::from_field_text(field, &stem(lang, word));
            let query = TermQuery::new(term, IndexRecordOption::Basic);
            self.searcher.visit(&query, |_, ordinal| {
                count += u64::from(self.market.is_found(ordinal, None));
                ControlFlow::Continue(())
            })?;
            most = most.max(count);
        }
        Ok(most)
    }

    fn is_shown(&self, field: Field, term: &str) -> Result<bool> {
        Ok(self.first_shown(field, term)?.is_some())
    }

    /// The first visible document with the term.
    fn first_shown(&self, field: Field, term: &str) -> Result<Option<DocAddress>> {
        let term = Term::from_field_text(field, term);
        for (segment, reader, columns) in self.searcher.segments() {
            let index = reader.inverted_index(field)?;
            let Some(postings) = index.read_postings(&term, IndexRecordOption::Basic)? else {
                continue;
            };
            let mut postings = postings;
            while postings.doc() != TERMINATED {
                let id = postings.doc();
                if !reader.is_deleted(id) && self.market.is_found(columns.ordinal(id), None) {
                    return Ok(Some(DocAddress::new(segment, id)));
                }
                postings.advance();
            }
        }
        Ok(None)
    }
}

fn add(found: &mut FxHashMap<String, u64>, word: &str, count: u64) {
    match found.get_mut(word) {
        Some(total) => *total += count,
        None => {
            found.insert(word.to_owned(), count);
        }
    }
}

/// A word that nobody has, to be compared with those that somebody has.
struct Typed {
    letters: Vec<char>,
    outline: Outline,
    prefix: bool,
}

impl Typed {
    fn of(folded: &str, prefix: bool) -> Typed {
        Typed { letters: folded.chars().collect(), outline: Outline::of(folded), prefix }
    }

    /// The cost of this word having been meant, when it is forgiven.
    fn cost(&self, word: &Word) -> Option<u8> {
        let meant = usize::from(word.outline.letters);
        // The beginning of a word forgives by what was typed of it.
        let length = if self.prefix { self.letters.len().min(meant) } else { meant };
        let edits = match length {
            0..ONE_EDIT_FROM => return None,
            ONE_EDIT_FROM..TWO_EDITS_FROM => 1,
            _ => 2,
        };
        let near = if self.prefix {
            self.outline.may_begin(word.outline, edits)
        } else {
            self.outline.may_be_within(word.outline, edits)
        };
        if !near || word.folded.chars().any(char::is_numeric) {
            return None;
        }
        let meant: Vec<char> = word.folded.chars().collect();
        let cost = u32::try_from(typo_cost(&self.letters, &meant, self.prefix)).ok()?;
        (cost > 0 && cost <= edits).then_some(cost).and_then(|cost| u8::try_from(cost).ok())
    }
}

/// The word as title or keywords write it.
fn written_in(text: &Text, folded: &str) -> Option<String> {
    [&text.title, &text.keywords, &text.values].into_iter().find_map(|part| {
        let word = words(part).find(|word| word.folded == folded)?;
        let written = part[word.start..word.end].to_lowercase();
        // Lower case can differ in what it folds to; then the folded spelling has to do.
        (fold(&written) == folded).then_some(written)
    })
}

/// Edits from what was typed to the candidate, or to the best beginning of it; a wrong first letter
/// is rarely a slip and counts twice.
fn typo_cost(typed: &[char], candidate: &[char], prefix: bool) -> usize {
    let last_row = edit_distances(typed, candidate);
    let distance = if prefix {
        last_row.into_iter().min().unwrap_or(typed.len())
    } else {
        last_row[candidate.len()]
    };
    distance + usize::from(typed.first() != candidate.first())
}

/// The edit distances (a swap of neighbours is one edit) from `typed` to every beginning of `candidate`.
fn edit_distances(typed: &[char], candidate: &[char]) -> Vec<usize> {
    let mut before_last: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=candidate.len()).collect();
    for row in 1..=typed.len() {
        let mut next = vec![row];
        for column in 1..=candidate.len() {
            let differs = usize::from(typed[row - 1] != candidate[column - 1]);
            let mut least =
                (last[column] + 1).min(next[column - 1] + 1).min(last[column - 1] + differs);
            let swapped = row > 1
                && column > 1
                && typed[row - 1] == candidate[column - 2]
                && typed[row - 2] == candidate[column - 1];
            if swapped {
                least = least.min(before_last[column - 2] + 1);
            }
            next.push(least);
        }
        before_last = std::mem::replace(&mut last, next);
    }
    last
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cost(typed: &str, candidate: &str, prefix: bool) -> usize {
        let letters = |word: &str| word.chars().collect::<Vec<char>>();
        typo_cost(&letters(typed), &letters(candidate), prefix)
    }

    #[test]
    fn a_swap_is_one_edit_and_a_wrong_first_letter_counts_twice() {
        assert_eq!(cost("ligths", "lights", false), 1);
        assert_eq!(cost("chrismas", "christmas", false), 1);
        assert_eq!(cost("kandle", "candle", false), 2);
        assert_eq!(cost("acndle", "candle", false), 2);
        assert_eq!(cost("rose", "rose", false), 0);
        assert_eq!(cost("", "ab", false), 3);
    }

    #[test]
    fn the_misspelled_beginning_of_a_word_is_measured_against_its_beginning() {
        assert_eq!(cost("chrisma", "christmas", true), 1);
        assert_eq!(cost("chri", "christmas", true), 0);
        assert_eq!(cost("chrisma", "christmas", false), 2);
    }
}
