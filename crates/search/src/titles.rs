//! The words of titles in their order, by document: what a word stands before decides what a product *is*.
//!
//! In "keyboard cover" the product is a cover, in "keyboard, black" a keyboard. Nothing says so in a list;
//! it is counted. A word that mostly ends its phrase is a head ("cover", "case"); one that its own product
//! also has as an attribute value ("black", "usb") only describes. So a word followed by a head is a modifier.
//!
//! **Invariant**: counts are sums over segments, deleted documents included until their segment is merged away;
//! they weigh the order and never decide whether a product is found.

use souk_base::Lang;
use tantivy::{DocId, SegmentReader};

use crate::Result;
use crate::analysis::TitleWord;
use crate::lexicon::{Lexicon, StemId, WordId};

/// Words of a title that have marks: three bits each fit one number.
const MARKED_MAX: usize = 21;
const MARK_BITS: usize = 3;

/// What stands behind a word of a title, or is known of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Mark(u8);

impl Mark {
    /// A phrase ends behind the word.
    pub(crate) const ENDS: Mark = Mark(1);
    /// The word is joined to the next one as an equal, as in "mouse / keyboard".
    pub(crate) const JOINS: Mark = Mark(2);
    /// The word stands in one of the product's attribute values.
    pub(crate) const DESCRIBES: Mark = Mark(4);

    pub(crate) const fn has(self, mark: Mark) -> bool {
        self.0 & mark.0 != 0
    }
}

/// The marks of a title while it is written into the index.
#[derive(Default)]
pub(crate) struct Marks {
    bits: u64,
    count: usize,
}

impl Marks {
    /// Adds the next word's.
    pub(crate) fn push(&mut self, word: &TitleWord<'_>, title: &str, describes: bool) {
        if self.count < MARKED_MAX {
            let mark = behind(&title[word.end..]).0 | if describes { Mark::DESCRIBES.0 } else { 0 };
            self.bits |= u64::from(mark) << (self.count * MARK_BITS);
            self.count += 1;
        }
    }

    /// All of them as one number.
    pub(crate) const fn bits(&self) -> u64 {
        self.bits
    }
}

/// What stands between a word and the next one.
fn behind(rest: &str) -> Mark {
    let signs = rest.chars().take_while(|sign| !sign.is_alphanumeric());
    let signs: Vec<char> = signs.filter(|sign| !sign.is_whitespace()).take(3).collect();
    let plural = rest.strip_prefix("(s)").is_some();
    match signs.as_slice() {
        _ if rest.trim().is_empty() => Mark::ENDS,
        _ if plural => Mark::default(),
        [] => Mark::default(),
        ['/' | '&' | '+' | '-'] => Mark::JOINS,
        _ => Mark::ENDS,
    }
}

/// The titles of one segment in one language.
#[derive(Debug, Default)]
pub(crate) struct Titles {
    /// Document `d` has the words `stems[starts[d]..starts[d + 1]]`.
    starts: Vec<u32>,
    stems: Vec<StemId>,
    /// By document.
    marks: Vec<u64>,
    /// How many documents have each word, each word once.
    pub(crate) words: Vec<(WordId, u32)>,
    /// Counts of each stem that occurs.
    pub(crate) habits: Vec<(StemId, Habits)>,
}

/// How a word stands in titles: numbers of places.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Habits {
    /// All of them.
    pub(crate) places: u32,
    /// Those where a phrase ends behind it, or a description follows.
    pub(crate) ending: u32,
    /// Those where the product has it as an attribute value too.
    pub(crate) describing: u32,
    /// Whether a digit is in it.
    pub(crate) digit: bool,
}

/// One title.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Title<'t> {
    pub(crate) stems: &'t [StemId],
    marks: u64,
}

impl Title<'_> {
    /// What is known of the word at this place.
    pub(crate) fn mark(&self, place: usize) -> Mark {
        if place < MARKED_MAX {
            Mark((self.marks >> (place * MARK_BITS)).to_le_bytes()[0] & 7)
        } else {
            Mark::ENDS
        }
    }
}

impl Titles {
    /// Reads a segment's titles in a language; its words become known to the lexicon.
    pub(crate) fn decode(reader: &SegmentReader, lang: Lang, lexicon: &Lexicon) -> Result<Titles> {
        let fast = reader.fast_fields();
        let Some(column) = fast.str(&format!("title_{lang}"))? else {
            return Ok(Titles::default());
        };
        let marks = fast.u64(&format!("marks_{lang}"))?;
        let mut ids: Vec<(WordId, StemId)> = Vec::with_capacity(column.num_terms());
        let mut known = lexicon.write(lang);
        let mut terms = column.dictionary().stream()?;
        while terms.advance() {
            // Terms come from our own analysis, which yields text.
            ids.push(known.add(std::str::from_utf8(terms.key()).unwrap_or_default()));
        }
        drop(known);
        let mut titles = Titles { starts: vec![0], ..Titles::default() };
        let mut counts = vec![0_u32; ids.len()];
        let mut seen: Vec<u64> = Vec::new();
        for document in 0..reader.max_doc() {
            seen.clear();
            for place in column.term_ords(document) {
                let Ok(index) = usize::try_from(place) else { continue };
                titles.stems.push(ids[index].1);
                if !seen.contains(&place) {
                    seen.push(place);
                    counts[index] += 1;
                }
            }
            titles.starts.push(u32::try_from(titles.stems.len()).unwrap_or(u32::MAX));
            titles.marks.push(marks.first(document).unwrap_or(0));
        }
        titles.words = ids.iter().map(|id| id.0).zip(counts).collect();
        titles.habits = titles.counted(lexicon, lang);
        Ok(titles)
    }

    /// The title of a document; empty when it has none in this language.
    pub(crate) fn get(&self, document: DocId) -> Title<'_> {
        let document = document as usize;
        let range = self.starts.get(document).zip(self.starts.get(document + 1));
        let stems =
            range.map_or(&[][..], |(&start, &end)| &self.stems[start as usize..end as usize]);
        Title { stems, marks: self.marks.get(document).copied().unwrap_or(0) }
    }

    /// How often each stem stands where.
    fn counted(&self, lexicon: &Lexicon, lang: Lang) -> Vec<(StemId, Habits)> {
        let known = lexicon.read(lang);
        let mut habits = vec![Habits::default(); known.stem_count()];
        for document in 0..u32::try_from(self.marks.len()).unwrap_or(u32::MAX) {
            let title = self.get(document);
            for (place, &stem) in title.stems.iter().enumerate() {
                let habit = &mut habits[stem.index()];
                let mark = title.mark(place);
                habit.places += 1;
                habit.describing += u32::from(mark.has(Mark::DESCRIBES));
                let next = title.stems.get(place + 1);
                let ends = mark.has(Mark::ENDS)
                    || mark.has(Mark::JOINS)
                    || next.is_none_or(|&next| known.has_digit(next))
                    || title.mark(place + 1).has(Mark::DESCRIBES);
                habit.ending += u32::from(ends);
            }
        }
        let counted = (0..).map(StemId).zip(habits).filter(|(_, habit)| habit.places > 0);
        counted
            .map(|(stem, habit)| (stem, Habits { digit: known.has_digit(stem), ..habit }))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signs_between_words_end_a_phrase_or_join_equals() {
        assert_eq!(behind(" cover"), Mark::default());
        assert_eq!(behind("(s)"), Mark::default());
        assert_eq!(behind(", black"), Mark::ENDS);
        assert_eq!(behind(" (2 m)"), Mark::ENDS);
        assert_eq!(behind(""), Mark::ENDS);
        assert_eq!(behind(" / mouse"), Mark::JOINS);
        assert_eq!(behind("-ray"), Mark::JOINS);
    }
}
