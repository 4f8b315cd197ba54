//! Which documents have which words of a query, and how well: one walk over the postings of each term.
//!
//! A word of a query has alternatives: its stem in each language of the market, what it completes to, what it
//! may have been meant to be. A document's score for the word is that of its best alternative (BM25, k1 1.2,
//! b 0.75, Robertson and Zaragoza 2009), its cost that of the cheapest. What remains of a document is one
//! [`Match`]; order, filters and counts work on those and never touch a posting.

use std::cell::RefCell;

use tantivy::fieldnorm::FieldNormReader;
use tantivy::postings::Postings;
use tantivy::schema::{Field, IndexRecordOption};
use tantivy::{DocId, DocSet, SegmentReader, TERMINATED, Term};

use crate::Result;
use crate::columns::MarketColumns;
use crate::schema::TITLE_WEIGHT;
use crate::searcher::Searcher;
use crate::segment::SegmentColumns;

const K1: f32 = 1.2;
const B: f32 = 0.75;

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
}

/// Every match of a query.
#[derive(Debug, Default)]
pub(crate) struct Matches {
    /// By segment, in order of the documents' numbers of being met.
    pub(crate) segments: Vec<Vec<Match>>,
    /// The highest score a document could have.
    pub(crate) best_score: f32,
}

impl Matches {
    /// Looks for the words in every segment.
    pub(crate) fn find(
        searcher: &Searcher,
        market: &MarketColumns,
        clauses: &Clauses,
    ) -> Result<Matches> {
        let weigher = Weigher { searcher };
        let words: Vec<Vec<Weighed>> =
            clauses.words.iter().map(|word| weigher.word(word)).collect::<Result<_>>()?;
        let phrases = clauses.phrases.iter().map(|phrase| {
            let words = phrase.words.iter().map(|word| weigher.word(word));
            Ok(WeighedPhrase { phrase, words: words.collect::<Result<_>>()? })
        });
        let phrases: Vec<WeighedPhrase<'_>> = phrases.collect::<Result<_>>()?;
        let best_score = words.iter().map(|word| best(word)).sum();
        let mut segments = Vec::new();
        for (_, reader, columns) in searcher.segments() {
            segments.push(SCRATCH.with_borrow_mut(|scratch| {
                let segment = Segment { reader, columns, market };
                segment.find(&words, &phrases, scratch)
            })?);
        }
        Ok(Matches { segments, best_score })
    }

    /// Every match.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &Match> {
        self.segments.iter().flatten()
    }
}

/// An alternative with what its score is made of.
struct Weighed {
    term: Term,
    field: Field,
    cost: u8,
    /// idf · (k1 + 1) · boost.
    weight: f32,
    /// k1 · (1 − b + b · length / average), by the code of the length.
    lengths: [f32; 256],
}

struct WeighedPhrase<'p> {
    phrase: &'p Phrase,
    words: Vec<Vec<Weighed>>,
}

fn best(word: &[Weighed]) -> f32 {
    word.iter().map(|it| it.weight).fold(0.0, f32::max)
}

/// Gives alternatives their weights, from counts over the whole index.
struct Weigher<'s> {
    searcher: &'s Searcher,
}

impl Weigher<'_> {
    /// Weights of one word's alternatives; those that no document has are left out.
    fn word(&self, alternatives: &[Alternative]) -> Result<Vec<Weighed>> {
        let mut weighed = Vec::new();
        let mut group = 0;
        for alternative in alternatives {
            let term = Term::from_field_text(alternative.field, &alternative.term);
            let frequency = self.searcher.frequency(&term)?;
            if frequency > 0 {
                group += if alternative.grouped { frequency } else { 0 };
                weighed.push((alternative, term, frequency));
            }
        }
        let documents = self.searcher.document_count();
        weighed
            .into_iter()
            .map(|(alternative, term, frequency)| {
                let frequency = if alternative.grouped { group } else { frequency };
                let idf = idf(frequency.min(documents), documents);
                Ok(Weighed {
                    term,
                    field: alternative.field,
                    cost: alternative.cost,
                    weight: idf * (K1 + 1.0) * alternative.boost,
                    lengths: self.lengths(alternative.field)?,
                })
            })
            .collect()
    }

    fn lengths(&self, field: Field) -> Result<[f32; 256]> {
        let average = self.searcher.average_length(field)?;
        let mut lengths = [0.0; 256];
        for (code, length) in (0..=u8::MAX).zip(&mut lengths) {
            let words = number(FieldNormReader::id_to_fieldnorm(code).into());
            *length = K1 * (1.0 - B + B * words / average);
        }
        Ok(lengths)
    }
}

#[expect(clippy::cast_precision_loss, reason = "a count that is compared, not counted on")]
const fn number(count: u64) -> f32 {
    count as f32
}

fn idf(frequency: u64, documents: u64) -> f32 {
    let (frequency, documents) = (number(frequency), number(documents.max(frequency)));
    (1.0 + (documents - frequency + 0.5) / (frequency + 0.5)).ln()
}

/// What a document has of the word that is being walked.
#[derive(Clone, Copy, Default)]
struct OfWord {
    score: f32,
    cost: u8,
    titled: bool,
    met: bool,
}

/// What a document has of all words so far.
#[derive(Clone, Copy, Default)]
struct OfQuery {
    score: f32,
    matched: u16,
    titled: u16,
    cost: u8,
}

/// Arrays by document that are all zeros between two uses.
#[derive(Default)]
struct Scratch {
    of_word: Vec<OfWord>,
    met: Vec<DocId>,
    of_query: Vec<OfQuery>,
    touched: Vec<DocId>,
}

thread_local! {
    static SCRATCH: RefCell<Scratch> = RefCell::default();
}

impl Scratch {
    fn grow(&mut self, documents: u32) {
        let documents = documents as usize;
        if self.of_word.len() < documents {
            self.of_word.resize(documents, OfWord::default());
            self.of_query.resize(documents, OfQuery::default());
        }
    }

    /// Counts the word that was walked as this word of the query.
    fn count_word(&mut self, place: usize) {
        let bit = 1 << place;
        for document in self.met.drain(..) {
            let of_word = std::mem::take(&mut self.of_word[document as usize]);
            let of_query = &mut self.of_query[document as usize];
            if of_query.matched == 0 {
                self.touched.push(document);
            }
            of_query.matched |= bit;
            of_query.score += of_word.score;
            of_query.cost = of_query.cost.saturating_add(of_word.cost);
            if of_word.titled {
                of_query.titled |= bit;
            }
        }
    }

    /// Counts a phrase for the words it stands for and the document lacks.
    fn count_phrase(&mut self, phrase: &Phrase, found: &[(DocId, OfWord)]) {
        for &(document, of_phrase) in found {
            let of_query = &mut self.of_query[document as usize];
            let missing = phrase.stands_for & !of_query.matched;
            if missing == 0 {
                continue;
            }
            if of_query.matched == 0 {
                self.touched.push(document);
            }
            let share = f64::from(missing.count_ones()) / f64::from(phrase.stands_for.count_ones());
            #[expect(clippy::cast_possible_truncation, reason = "a share between 0 and 1")]
            let share = share as f32;
            of_query.score += of_phrase.score * phrase.boost * share;
            of_query.matched |= missing;
            of_query.cost =
                of_query.cost.saturating_add(phrase.cost).saturating_add(of_phrase.cost);
            if of_phrase.titled {
                of_query.titled |= missing;
            }
        }
    }
}

/// A segment that is searched.
struct Segment<'s> {
    reader: &'s SegmentReader,
    columns: &'s SegmentColumns,
    market: &'s MarketColumns,
}

impl Segment<'_> {
    fn find(
        &self,
        words: &[Vec<Weighed>],
        phrases: &[WeighedPhrase<'_>],
        scratch: &mut Scratch,
    ) -> Result<Vec<Match>> {
        scratch.grow(self.reader.max_doc());
        let mut walked = Ok(());
        for (place, word) in words.iter().enumerate() {
            walked = walked.and_then(|()| self.walk(word, scratch));
            // Also after an error, so that the scratch is left clean.
            scratch.count_word(place);
        }
        for phrase in phrases {
            match walked.and_then(|()| self.phrase(&phrase.words, scratch)) {
                Ok(found) => {
                    scratch.count_phrase(phrase.phrase, &found);
                    walked = Ok(());
                }
                Err(error) => walked = Err(error),
            }
        }
        let mut matches = Vec::with_capacity(scratch.touched.len());
        for document in scratch.touched.drain(..) {
            let OfQuery { score, matched, titled, cost } =
                std::mem::take(&mut scratch.of_query[document as usize]);
            if !self.reader.is_deleted(document)
                && self.market.shown(self.columns.ordinal(document)).is_some()
            {
                matches.push(Match { document, matched, titled, cost, score });
            }
        }
        walked.map(|()| matches)
    }

    /// Walks the postings of a word's alternatives.
    fn walk(&self, word: &[Weighed], scratch: &mut Scratch) -> Result<()> {
        for alternative in word {
            let index = self.reader.inverted_index(alternative.field)?;
            let postings = index.read_postings(&alternative.term, IndexRecordOption::WithFreqs)?;
            let Some(mut postings) = postings else { continue };
            let norms = self.reader.fieldnorms_readers().get_field(alternative.field)?;
            let mut document = postings.doc();
            while document != TERMINATED {
                let count = postings.term_freq();
                let frequency = number(count.into());
                // A code has no length: it is one term.
                let length = norms.as_ref().map_or(1, |norms| norms.fieldnorm_id(document));
                let length = alternative.lengths[usize::from(length)];
                let score = alternative.weight * frequency / (frequency + length);
                let of_word = &mut scratch.of_word[document as usize];
                if of_word.met {
                    of_word.cost = of_word.cost.min(alternative.cost);
                    of_word.score = of_word.score.max(score);
                } else {
                    *of_word = OfWord { score, cost: alternative.cost, titled: false, met: true };
                    scratch.met.push(document);
                }
                of_word.titled |= count >= TITLE_WEIGHT;
                document = postings.advance();
            }
        }
        Ok(())
    }

    /// The documents that have every word of a phrase.
    fn phrase(
        &self,
        words: &[Vec<Weighed>],
        scratch: &mut Scratch,
    ) -> Result<Vec<(DocId, OfWord)>> {
        let mut found: Option<Vec<(DocId, OfWord)>> = None;
        for word in words {
            let walked = self.walk(word, scratch);
            let mut met: Vec<(DocId, OfWord)> = Vec::with_capacity(scratch.met.len());
            for document in scratch.met.drain(..) {
                met.push((document, std::mem::take(&mut scratch.of_word[document as usize])));
            }
            walked?;
            met.sort_unstable_by_key(|&(document, _)| document);
            found = Some(match found {
                None => met,
                Some(before) => both(before, &met),
            });
        }
        Ok(found.unwrap_or_default())
    }
}

/// The documents of both lists, which are sorted; with the sum of their scores.
fn both(before: Vec<(DocId, OfWord)>, met: &[(DocId, OfWord)]) -> Vec<(DocId, OfWord)> {
    let joined = before.into_iter().filter_map(|(document, one)| {
        let place = met.binary_search_by_key(&document, |&(document, _)| document).ok()?;
        let other = met[place].1;
        let score = one.score + other.score;
        let cost = one.cost.saturating_add(other.cost);
        Some((document, OfWord { score, cost, titled: one.titled && other.titled, met: true }))
    });
    joined.collect()
}
