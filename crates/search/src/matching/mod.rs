//! Which documents have which words of a query, and how well: one walk over the postings of each term.
//!
//! A word of a query has alternatives: its stem in each language of the market, what it completes to, what it
//! may have been meant to be. A document's score for the word is that of its best alternative (BM25, k1 1.2,
//! b 0.75, Robertson and Zaragoza 2009), its cost that of the cheapest. What remains of a document is one
//! [`Match`]; order, filters and counts work on those and never touch a posting.

mod segment;
mod weigh;

use std::cell::RefCell;

use tantivy::DocId;
use tantivy::schema::Field;

use crate::Result;
use crate::columns::{MarketColumns, Shown};
use crate::searcher::Searcher;
use segment::{Scratch, Segment};
use weigh::{Weighed, WeighedPhrase, Weigher, best};

/// One way in which a word of a query may stand in a document.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Alternative {
    pub(crate) field: Field,
    pub(crate) term: String,
    /// How far it is from what was typed: 0 is as typed.
    pub(crate) cost: u8,
    /// What its score counts.
    pub(crate) boost: f32,
    /// Whether it shares the rarity of its group: a rare completion must not outweigh a frequent one.
    pub(crate) grouped: bool,
}

/// Several words that together stand for one or more words of the query.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Phrase {
    /// The words of the query it stands for, a bit each.
    pub(crate) stands_for: u16,
    /// All of these have to match, each by one of its alternatives.
    pub(crate) words: Vec<Vec<Alternative>>,
    pub(crate) cost: u8,
    pub(crate) boost: f32,
}

/// A query's words as they are looked for.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Clauses {
    /// By word of the query; at most 16.
    pub(crate) words: Vec<Vec<Alternative>>,
    pub(crate) phrases: Vec<Phrase>,
}

/// A document that has at least one word of the query, alive and shown in the market.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Match {
    pub(crate) document: DocId,
    /// Words of the query it has, a bit each.
    pub(crate) matched: u16,
    /// Those of them that stand in its title.
    pub(crate) titled: u16,
    /// Sum of the costs of the words it has.
    pub(crate) cost: u8,
    /// Sum of BM25.
    pub(crate) score: f32,
    /// What the market's columns say of it: read once, as it lies anywhere in memory.
    pub(crate) shown: Shown,
}

impl Match {
    /// How many words of the query it has.
    pub(crate) const fn words(&self) -> u32 {
        self.matched.count_ones()
    }
}

thread_local! {
    static SCRATCH: RefCell<Scratch> = RefCell::default();
}

/// Every match of a query.
#[derive(Debug, Default)]
pub(crate) struct Matches {
    /// By segment.
    pub(crate) segments: Vec<Vec<Match>>,
    /// The highest score a document could have.
    pub(crate) best_score: f32,
}

/// Gives the lists back to the next query of the thread.
impl Drop for Matches {
    fn drop(&mut self) {
        let give_back = |scratch: &RefCell<Scratch>| {
            if let Ok(mut scratch) = scratch.try_borrow_mut() {
                self.segments.drain(..).for_each(|matches| scratch.give_back(matches));
            }
        };
        // A thread that ends has no next query.
        _ = SCRATCH.try_with(give_back);
    }
}

impl Matches {
    /// Looks for the words in every segment. When there are enough documents with all of them, those that
    /// lack one are not looked for.
    pub(crate) fn find(
        searcher: &Searcher,
        market: &MarketColumns,
        clauses: &Clauses,
        enough: u64,
    ) -> Result<Matches> {
        let mut weigher = Weigher::new(searcher);
        let words: Vec<Vec<Weighed>> =
            clauses.words.iter().map(|word| weigher.word(word)).collect::<Result<_>>()?;
        if clauses.phrases.is_empty() {
            let matches = Matches::with_all(searcher, market, &words)?;
            if words.len() == 1 || matches.iter().count() as u64 >= enough {
                return Ok(matches);
            }
        }
        let phrases = clauses.phrases.iter().map(|phrase| {
            let words = phrase.words.iter().map(|word| weigher.word(word));
            Ok(WeighedPhrase { phrase, words: words.collect::<Result<_>>()? })
        });
        let phrases: Vec<WeighedPhrase<'_>> = phrases.collect::<Result<_>>()?;
        Matches::of(searcher, market, &words, |segment, scratch| {
            segment.with_any(&words, &phrases, scratch)
        })
    }

    /// The documents that have every word: those with the rarest, and of them those with the others.
    fn with_all(
        searcher: &Searcher,
        market: &MarketColumns,
        words: &[Vec<Weighed>],
    ) -> Result<Matches> {
        let documents = |word: &[Weighed]| word.iter().map(|it| it.documents).sum::<u64>();
        let mut rarest_first: Vec<(usize, &[Weighed])> =
            words.iter().map(Vec::as_slice).enumerate().collect();
        rarest_first.sort_by_key(|(_, word)| documents(word));
        Matches::of(searcher, market, words, |segment, scratch| {
            segment.with_all(&rarest_first, scratch)
        })
    }

    fn of(
        searcher: &Searcher,
        market: &MarketColumns,
        words: &[Vec<Weighed>],
        find: impl Fn(&Segment<'_>, &mut Scratch) -> Result<Vec<Match>>,
    ) -> Result<Matches> {
        let segments = searcher.segments().map(|(_, reader, columns)| {
            let segment = Segment { reader, columns, market };
            SCRATCH.with_borrow_mut(|scratch| find(&segment, scratch))
        });
        let best_score = words.iter().map(|word| best(word)).sum();
        Ok(Matches { segments: segments.collect::<Result<_>>()?, best_score })
    }

    /// Every match.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &Match> {
        self.segments.iter().flatten()
    }
}
