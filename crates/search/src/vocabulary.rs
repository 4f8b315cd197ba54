//! The words of a market: what completes a prefix, what a misspelled word was meant to be, and how a
//! folded word is written.
//!
//! **Invariant**: a word that no visible product of the market has does not exist here.

use std::cmp::Reverse;
use std::collections::HashMap;
use std::ops::ControlFlow;

use souk_base::Lang;
use tantivy::query::{DfaWrapper, FuzzyTermQuery, Query, TermQuery};
use tantivy::schema::{Field, IndexRecordOption};
use tantivy::termdict::TermStreamer;
use tantivy::{DocAddress, DocSet, SegmentReader, TERMINATED, Term};

use crate::Result;
use crate::analysis::{fold, stem, words};
use crate::columns::MarketColumns;
use crate::document::Text;
use crate::searcher::Searcher;

/// Words that a prefix is completed to at most.
pub(crate) const COMPLETIONS_MAX: usize = 20;

/// Candidate words looked at for each that is kept, so that words of other markets, which are
/// passed over, do not crowd this market's out.
const CANDIDATES_PER_COMPLETION: usize = 25;

/// Letters from which one edit, and two, are forgiven.
const ONE_EDIT_FROM: usize = 4;
const TWO_EDITS_FROM: usize = 8;

/// The words of one market in some languages.
#[derive(Clone, Copy)]
pub(crate) struct Vocabulary<'v> {
    pub(crate) searcher: &'v Searcher,
    pub(crate) market: &'v MarketColumns,
    pub(crate) languages: &'v [Lang],
}

impl Vocabulary<'_> {
    /// Whether a visible product has the word, in any form.
    pub(crate) fn has(&self, folded: &str) -> Result<bool> {
        for &lang in self.languages {
            if self.is_shown(self.searcher.fields().of(lang).all, &stem(lang, folded))? {
                return Ok(true);
            }
        }
        self.has_code(folded)
    }

    /// Whether a visible product has the code.
    pub(crate) fn has_code(&self, code: &str) -> Result<bool> {
        self.is_shown(self.searcher.fields().codes, code)
    }

    /// The most frequent words that begin with the prefix, the word itself included.
    pub(crate) fn completions(&self, prefix: &str) -> Result<Vec<String>> {
        let mut found = HashMap::new();
        for (field, reader) in self.dictionaries() {
            let index = reader.inverted_index(field)?;
            let mut terms = index.terms().range().ge(prefix).into_stream()?;
            while terms.advance() && terms.key().starts_with(prefix.as_bytes()) {
                add(&mut found, terms.key(), u64::from(terms.value().doc_freq));
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

    /// The word that a word nobody has was meant to be: the nearest, then the one most products have.
    /// With `prefix` it may be the misspelled beginning of a longer word.
    pub(crate) fn correction(&self, folded: &str, prefix: bool) -> Result<Option<String>> {
        let letters = folded.chars().count();
        if letters < ONE_EDIT_FROM || folded.chars().any(char::is_numeric) {
            return Ok(None);
        }
        let edits = if letters < TWO_EDITS_FROM { 1 } else { 2 };
        let mut near: Vec<(usize, String)> = Vec::new();
        for candidate in self.near(folded, edits, prefix)? {
            let cost = typo_cost(folded, &candidate, prefix);
            if cost <= usize::from(edits) {
                near.push((cost, candidate));
            }
        }
        near.sort_unstable();
        self.most_frequent_of_nearest(&near)
    }

    /// How a folded word is written in a product that the market shows; lower case.
    pub(crate) fn written(&self, folded: &str) -> Result<String> {
        for &lang in self.languages {
            let field = self.searcher.fields().of(lang).words;
            let Some(address) = self.first_shown(field, folded)? else {
                continue;
            };
            let document = self.searcher.document(address)?;
            let text = document.texts.iter().find(|text| text.lang == lang);
            if let Some(written) = text.and_then(|text| written_in(text, folded)) {
                return Ok(written);
            }
        }
        Ok(folded.to_owned())
    }

    /// Among the candidates at the least cost that the market has, the one most of its products have.
    /// `near` is sorted by cost, then word.
    fn most_frequent_of_nearest(&self, near: &[(usize, String)]) -> Result<Option<String>> {
        let mut best: Option<(usize, u64, &str)> = None;
        for (cost, candidate) in near {
            if best.is_some_and(|(least, ..)| *cost > least) {
                break;
            }
            let frequency = self.frequency(candidate)?;
            if frequency > best.map_or(0, |(_, most, _)| most) {
                best = Some((*cost, frequency, candidate));
            }
        }
        Ok(best.map(|(.., candidate)| candidate.to_owned()))
    }

    /// Words that [`typo_cost`] may find within so many edits, in any market, each once. A wrong first
    /// letter costs an edit of its own: with one edit they are only where the first letter is right, with
    /// two one is left elsewhere (but the automaton of a beginning misses more with fewer edits).
    fn near(&self, folded: &str, edits: u8, prefix: bool) -> Result<Vec<String>> {
        let mut found = HashMap::new();
        let automaton = self.automaton(folded, edits, prefix)?;
        let elsewhere = self.automaton(folded, if prefix { edits } else { edits - 1 }, prefix)?;
        let first = folded.chars().next().map_or(0, char::len_utf8);
        let first = &folded[..first];
        for (field, reader) in self.dictionaries() {
            let index = reader.inverted_index(field)?;
            let terms = index.terms();
            add_all(
                &mut found,
                terms.search(&automaton).ge(first).lt(behind(first)).into_stream()?,
            );
            if edits > 1 {
                add_all(&mut found, terms.search(&elsewhere).lt(first).into_stream()?);
                add_all(&mut found, terms.search(&elsewhere).ge(behind(first)).into_stream()?);
            }
        }
        Ok(found.into_keys().collect())
    }

    fn automaton(&self, folded: &str, edits: u8, prefix: bool) -> Result<DfaWrapper> {
        let term = Term::from_field_text(self.searcher.fields().codes, folded);
        let fuzzy = if prefix {
            FuzzyTermQuery::new_prefix(term, edits, true)
        } else {
            FuzzyTermQuery::new(term, edits, true)
        };
        Ok(fuzzy.automaton()?)
    }

    /// Every dictionary of written words.
    fn dictionaries(&self) -> impl Iterator<Item = (Field, &SegmentReader)> {
        self.languages.iter().flat_map(|&lang| {
            let field = self.searcher.fields().of(lang).words;
            self.searcher.segments().map(move |(_, reader, _)| (field, reader))
        })
    }

    fn is_word_shown(&self, word: &str) -> Result<bool> {
        for &lang in self.languages {
            if self.is_shown(self.searcher.fields().of(lang).words, word)? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Visible products that have the word in title or keywords, in the language with most of them.
    fn frequency(&self, word: &str) -> Result<u64> {
        let mut most = 0;
        for &lang in self.languages {
            let mut count = 0;
            let term = Term::from_field_text(self.searcher.fields().of(lang).words, word);
            self.searcher.visit(&term_query(term), |_, ordinal| {
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

fn term_query(term: Term) -> impl Query {
    TermQuery::new(term, IndexRecordOption::Basic)
}

/// What is behind every word that begins with this letter: no byte of a text is 255.
fn behind(letter: &str) -> Vec<u8> {
    [letter.as_bytes(), &[u8::MAX]].concat()
}

fn add_all(found: &mut HashMap<String, u64>, mut terms: TermStreamer<'_, &DfaWrapper>) {
    while terms.advance() {
        add(found, terms.key(), 1);
    }
}

fn add(found: &mut HashMap<String, u64>, key: &[u8], count: u64) {
    // Terms come from our own tokenizer, which yields text.
    let Ok(word) = std::str::from_utf8(key) else {
        return;
    };
    match found.get_mut(word) {
        Some(total) => *total += count,
        None => {
            found.insert(word.to_owned(), count);
        }
    }
}

/// The word as title or keywords write it.
fn written_in(text: &Text, folded: &str) -> Option<String> {
    [&text.title, &text.keywords].into_iter().find_map(|part| {
        let word = words(part).find(|word| word.folded == folded)?;
        let written = part[word.start..word.end].to_lowercase();
        // Lower case can differ in what it folds to; then the folded spelling has to do.
        (fold(&written) == folded).then_some(written)
    })
}

/// Edits from what was typed to the candidate, or to the best beginning of it; a wrong first letter
/// is rarely a slip and counts twice.
fn typo_cost(typed: &str, candidate: &str, prefix: bool) -> usize {
    let typed: Vec<char> = typed.chars().collect();
    let candidate: Vec<char> = candidate.chars().collect();
    let last_row = edit_distances(&typed, &candidate);
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
    use std::collections::BTreeSet;

    use proptest::collection::vec;
    use proptest::prelude::{any, prop_assert_eq, proptest};
    use proptest::test_runner::Config;
    use souk_base::{Ordinal, Position, ProductId};

    use super::*;
    use crate::{Checkpoint, Document, Writer};

    /// An index of products with these titles.
    fn index(dir: &std::path::Path, titles: &[String]) -> Searcher {
        let mut writer = Writer::open(dir).unwrap();
        for (ordinal, title) in (0..).zip(titles) {
            let (description, keywords) = (String::new(), String::new());
            let text = Text { lang: Lang::En, title: title.clone(), description, keywords };
            let document = Document {
                product_id: ProductId::new(i64::from(ordinal)),
                ordinal: Ordinal(ordinal),
                external_id: None,
                slug: String::new(),
                picture: String::new(),
                image: None,
                brand_id: None,
                categories: vec![],
                values: vec![],
                codes: vec![],
                created_at_s: 0,
                texts: vec![text],
            };
            writer.upsert(&document).unwrap();
        }
        let source = "test".to_owned();
        writer.commit(&Checkpoint { source, position: Position(1), clock_us: 0 }).unwrap();
        let searcher = writer.searcher();
        writer.close().unwrap();
        searcher
    }

    #[test]
    fn a_swap_is_one_edit_and_a_wrong_first_letter_counts_twice() {
        assert_eq!(typo_cost("ligths", "lights", false), 1);
        assert_eq!(typo_cost("chrismas", "christmas", false), 1);
        assert_eq!(typo_cost("kandle", "candle", false), 2);
        assert_eq!(typo_cost("acndle", "candle", false), 2);
        assert_eq!(typo_cost("rose", "rose", false), 0);
        assert_eq!(typo_cost("", "ab", false), 3);
    }

    #[test]
    fn the_misspelled_beginning_of_a_word_is_measured_against_its_beginning() {
        assert_eq!(typo_cost("chrisma", "christmas", true), 1);
        assert_eq!(typo_cost("chri", "christmas", true), 0);
        assert_eq!(typo_cost("chrisma", "christmas", false), 2);
    }

    proptest! {
        #![proptest_config(Config { cases: 12, ..Config::default() })]

        #[test]
        fn every_word_that_may_have_been_meant_is_looked_at(
            titles in vec("[abя]{2,11}", 1..60), typed in vec("[abя]{4,11}", 12), prefix in any::<bool>()
        ) {
            let dir = tempfile::tempdir().unwrap();
            let searcher = index(dir.path(), &titles);
            let market = &MarketColumns::default();
            let vocabulary = Vocabulary { searcher: &searcher, market, languages: &[Lang::En] };
            for typed in typed {
                for edits in [1, 2] {
                    let automaton = vocabulary.automaton(&typed, edits, prefix).unwrap();
                    let mut everywhere = HashMap::new();
                    for (field, reader) in vocabulary.dictionaries() {
                        let index = reader.inverted_index(field).unwrap();
                        let terms = index.terms().search(&automaton).into_stream().unwrap();
                        add_all(&mut everywhere, terms);
                    }
                    let meant = |word: &String| typo_cost(&typed, word, prefix) <= edits.into();
                    let found = vocabulary.near(&typed, edits, prefix).unwrap();
                    let found: BTreeSet<String> = found.into_iter().filter(meant).collect();
                    let expected = everywhere.into_keys().filter(meant).collect();
                    prop_assert_eq!(found, expected);
                }
            }
        }
    }
}
