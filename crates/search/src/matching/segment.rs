//! The walk over the postings of one segment.

use smallvec::SmallVec;
use tantivy::fieldnorm::FieldNormReader;
use tantivy::postings::{Postings, SegmentPostings};
use tantivy::schema::IndexRecordOption;
use tantivy::{DocId, DocSet, SegmentReader, TERMINATED};

use super::weigh::{Weighed, WeighedPhrase, number};
use super::{Match, Phrase};
use crate::Result;
use crate::columns::{MarketColumns, Shown};
use crate::schema::TITLE_WEIGHT;
use crate::segment::SegmentColumns;

/// Alternatives of a word that are walked at once.
const ABREAST_MAX: usize = 4;
/// Documents whose columns are read together: they lie anywhere in memory, and so the waits for them overlap.
const READ_TOGETHER: usize = 32;
/// Postings that are stepped over one by one before a jump pays.
const STEPS_MAX: u32 = 6;

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

/// Lists of matches that a thread keeps for the next query, at most.
const SPARE_MAX: usize = 12;
/// Matches that such a list has room for, at most.
const SPARE_LENGTH_MAX: usize = 8_192;

/// Room that a thread's queries use one after another: arrays by document that are all zeros between two uses, and lists.
#[derive(Default)]
pub(super) struct Scratch {
    of_word: Vec<OfWord>,
    met: Vec<DocId>,
    of_query: Vec<OfQuery>,
    touched: Vec<DocId>,
    /// Empty ones.
    spare: Vec<Vec<Match>>,
}

impl OfWord {
    /// What a document with this word alone has of the query.
    fn of_query(self, bit: u16) -> OfQuery {
        let titled = if self.titled { bit } else { 0 };
        OfQuery { score: self.score, matched: bit, titled, cost: self.cost }
    }
}

impl Scratch {
    /// Keeps the room of a list.
    pub(super) fn give_back(&mut self, mut matches: Vec<Match>) {
        if self.spare.len() < SPARE_MAX && matches.capacity() <= SPARE_LENGTH_MAX {
            matches.clear();
            self.spare.push(matches);
        }
    }

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
pub(super) struct Segment<'s> {
    pub(super) reader: &'s SegmentReader,
    pub(super) columns: &'s SegmentColumns,
    pub(super) market: &'s MarketColumns,
}

impl Segment<'_> {
    /// The documents that have every word; these come with their places in the query, the rarest first.
    pub(super) fn with_all(
        &self,
        words: &[(usize, &[Weighed])],
        scratch: &mut Scratch,
    ) -> Result<Vec<Match>> {
        let Some((&(place, rarest), others)) = words.split_first() else {
            return Ok(Vec::new());
        };
        let mut matches = self.with(rarest, 1 << place, scratch)?;
        for &(place, word) in others {
            self.narrow(word, 1 << place, &mut matches)?;
        }
        Ok(matches)
    }

    /// The documents that have this word, sorted.
    fn with(&self, word: &[Weighed], bit: u16, scratch: &mut Scratch) -> Result<Vec<Match>> {
        let mut shown = ShownOnly::new(self, scratch);
        if word.len() <= ABREAST_MAX {
            let walks = word.iter().filter_map(|alternative| self.open(alternative).transpose());
            let mut walks: Vec<Walk<'_>> = walks.collect::<Result<_>>()?;
            abreast(&mut walks, |document, of_word| shown.add(document, of_word.of_query(bit)));
            return Ok(shown.finish());
        }
        let walked = self.walk(word, scratch);
        scratch.met.sort_unstable();
        for document in scratch.met.drain(..) {
            let of_word = std::mem::take(&mut scratch.of_word[document as usize]);
            shown.add(document, of_word.of_query(bit));
        }
        walked.map(|()| shown.finish())
    }

    /// Leaves of these matches, which are sorted, those that have this word, too.
    fn narrow(&self, word: &[Weighed], bit: u16, matches: &mut Vec<Match>) -> Result<()> {
        let mut of_word = vec![OfWord::default(); matches.len()];
        for alternative in word {
            let Some(mut walk) = self.open(alternative)? else { continue };
            for (found, of_word) in matches.iter().zip(&mut of_word) {
                match walk.reach(found.document) {
                    Some(document) if document == found.document => walk.count(of_word),
                    Some(_) => {}
                    None => break,
                }
            }
        }
        let mut of_word = of_word.into_iter();
        matches.retain_mut(|found| {
            let of_word = of_word.next().unwrap_or_default();
            found.score += of_word.score;
            found.cost = found.cost.saturating_add(of_word.cost);
            found.matched |= bit;
            found.titled |= if of_word.titled { bit } else { 0 };
            of_word.met
        });
        Ok(())
    }

    /// The documents that have at least one word.
    pub(super) fn with_any(
        &self,
        words: &[Vec<Weighed>],
        phrases: &[WeighedPhrase<'_>],
        scratch: &mut Scratch,
    ) -> Result<Vec<Match>> {
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
        let mut shown = ShownOnly::new(self, scratch);
        for document in scratch.touched.drain(..) {
            let of_query = std::mem::take(&mut scratch.of_query[document as usize]);
            shown.add(document, of_query);
        }
        walked.map(|()| shown.finish())
    }

    /// Walks the postings of a word's alternatives.
    fn walk(&self, word: &[Weighed], scratch: &mut Scratch) -> Result<()> {
        scratch.grow(self.reader.max_doc());
        for alternative in word {
            let Some(mut walk) = self.open(alternative)? else { continue };
            while walk.document != TERMINATED {
                let of_word = &mut scratch.of_word[walk.document as usize];
                if !of_word.met {
                    scratch.met.push(walk.document);
                }
                walk.count(of_word);
                walk.document = walk.postings.advance();
            }
        }
        Ok(())
    }

    fn open<'w>(&self, alternative: &'w Weighed) -> Result<Option<Walk<'w>>> {
        let index = self.reader.inverted_index(alternative.field)?;
        let postings = index.read_postings(&alternative.term, IndexRecordOption::WithFreqs)?;
        let norms = self.reader.fieldnorms_readers().get_field(alternative.field)?;
        Ok(postings.map(|postings| Walk { document: postings.doc(), postings, norms, alternative }))
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

/// Of documents those that are alive and that the market shows, in the order they come in.
struct ShownOnly<'s> {
    segment: &'s Segment<'s>,
    waiting: SmallVec<[(DocId, OfQuery); READ_TOGETHER]>,
    matches: Vec<Match>,
}

impl<'s> ShownOnly<'s> {
    fn new(segment: &'s Segment<'s>, scratch: &mut Scratch) -> ShownOnly<'s> {
        let matches = scratch.spare.pop().unwrap_or_default();
        ShownOnly { segment, waiting: SmallVec::new(), matches }
    }

    fn add(&mut self, document: DocId, of_query: OfQuery) {
        self.waiting.push((document, of_query));
        if self.waiting.len() == READ_TOGETHER {
            self.read();
        }
    }

    fn finish(mut self) -> Vec<Match> {
        self.read();
        self.matches
    }

    /// Reads the columns of those that wait. The first loop decides nothing, so that no wait holds up the next.
    fn read(&mut self) {
        let Segment { reader, columns, market } = self.segment;
        let mut all_shown = [Shown::NOTHING; READ_TOGETHER];
        for (shown, (document, _)) in all_shown.iter_mut().zip(&self.waiting) {
            *shown = market.summary(columns.ordinal(*document));
        }
        for (shown, (document, of_query)) in all_shown.into_iter().zip(self.waiting.drain(..)) {
            if shown.is_visible() && !reader.is_deleted(document) {
                let OfQuery { score, matched, titled, cost } = of_query;
                self.matches.push(Match { document, matched, titled, cost, score, shown });
            }
        }
    }
}

/// The way through the postings of one alternative.
struct Walk<'w> {
    alternative: &'w Weighed,
    postings: SegmentPostings,
    norms: Option<FieldNormReader>,
    /// Where it is.
    document: DocId,
}

impl Walk<'_> {
    /// Goes on to this document or the next one that has the word; none when no further one has.
    fn reach(&mut self, document: DocId) -> Option<DocId> {
        let mut steps = 0;
        while self.document < document {
            self.document = match steps {
                STEPS_MAX => self.postings.seek(document),
                _ => self.postings.advance(),
            };
            steps += 1;
        }
        (self.document != TERMINATED).then_some(self.document)
    }

    /// Counts the document it is at.
    fn count(&self, of_word: &mut OfWord) {
        let alternative = self.alternative;
        let count = self.postings.term_freq();
        let frequency = number(count.into());
        // A code has no length: it is one term.
        let length = self.norms.as_ref().map_or(1, |norms| norms.fieldnorm_id(self.document));
        let length = alternative.lengths[usize::from(length)];
        let score = alternative.weight * frequency / (frequency + length);
        if of_word.met {
            of_word.cost = of_word.cost.min(alternative.cost);
            of_word.score = of_word.score.max(score);
        } else {
            *of_word = OfWord { score, cost: alternative.cost, titled: false, met: true };
        }
        of_word.titled |= count >= TITLE_WEIGHT;
    }
}

/// Goes through few alternatives at once, document by document.
fn abreast(walks: &mut [Walk<'_>], mut visit: impl FnMut(DocId, OfWord)) {
    while let Some(document) = walks.iter().map(|walk| walk.document).min()
        && document != TERMINATED
    {
        let mut of_word = OfWord::default();
        for walk in walks.iter_mut().filter(|walk| walk.document == document) {
            walk.count(&mut of_word);
            walk.document = walk.postings.advance();
        }
        visit(document, of_word);
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
