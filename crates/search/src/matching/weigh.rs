//! What each way in which a word may stand in a document scores: BM25's parts that are the same for every
//! document.

use std::rc::Rc;

use tantivy::Term;
use tantivy::fieldnorm::FieldNormReader;
use tantivy::schema::Field;

use super::{Alternative, Phrase};
use crate::Result;
use crate::searcher::Searcher;

const K1: f32 = 1.2;
const B: f32 = 0.75;

/// An alternative with what its score is made of.
pub(super) struct Weighed {
    pub(super) term: Term,
    pub(super) field: Field,
    pub(super) cost: u8,
    /// idf · (k1 + 1) · boost.
    pub(super) weight: f32,
    /// k1 · (1 − b + b · length / average), by the code of the length.
    pub(super) lengths: Rc<[f32; 256]>,
    /// Documents that have it, in all markets.
    pub(super) documents: u64,
}

pub(super) struct WeighedPhrase<'p> {
    pub(super) phrase: &'p Phrase,
    pub(super) words: Vec<Vec<Weighed>>,
}

/// The most that a word can score.
pub(super) fn best(word: &[Weighed]) -> f32 {
    word.iter().map(|it| it.weight).fold(0.0, f32::max)
}

/// Gives alternatives their weights, from counts over the whole index.
pub(super) struct Weigher<'s> {
    searcher: &'s Searcher,
    /// By field, as far as they were asked for.
    lengths: Vec<(Field, Rc<[f32; 256]>)>,
}

impl<'s> Weigher<'s> {
    pub(super) const fn new(searcher: &'s Searcher) -> Weigher<'s> {
        Weigher { searcher, lengths: Vec::new() }
    }

    /// Weights of one word's alternatives; those that no document has are left out.
    pub(super) fn word(&mut self, alternatives: &[Alternative]) -> Result<Vec<Weighed>> {
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
                let shared = if alternative.grouped { group } else { frequency };
                let idf = idf(shared.min(documents), documents);
                Ok(Weighed {
                    term,
                    field: alternative.field,
                    cost: alternative.cost,
                    weight: idf * (K1 + 1.0) * alternative.boost,
                    lengths: self.lengths(alternative.field)?,
                    documents: frequency,
                })
            })
            .collect()
    }

    fn lengths(&mut self, field: Field) -> Result<Rc<[f32; 256]>> {
        if let Some((_, lengths)) = self.lengths.iter().find(|(known, _)| *known == field) {
            return Ok(Rc::clone(lengths));
        }
        let average = self.searcher.average_length(field)?;
        let mut lengths = [0.0; 256];
        for (code, length) in (0..=u8::MAX).zip(&mut lengths) {
            let words = number(FieldNormReader::id_to_fieldnorm(code).into());
            *length = K1 * (1.0 - B + B * words / average);
        }
        let lengths = Rc::new(lengths);
        self.lengths.push((field, Rc::clone(&lengths)));
        Ok(lengths)
    }
}

#[expect(clippy::cast_precision_loss, reason = "a count that is compared, not counted on")]
pub(super) const fn number(count: u64) -> f32 {
    count as f32
}

fn idf(frequency: u64, documents: u64) -> f32 {
    let (frequency, documents) = (number(frequency), number(documents.max(frequency)));
    (1.0 + (documents - frequency + 0.5) / (frequency + 0.5)).ln()
}
