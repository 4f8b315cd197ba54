//! Counts of words over all segments of one commit.

use souk_base::Lang;

use crate::lexicon::{StemId, WordId};
use crate::segment::SegmentColumns;
use crate::titles::Habits;

/// How often words stand in titles, and how.
#[derive(Clone, Debug, Default)]
pub(crate) struct Totals {
    /// By [`Lang::index`].
    languages: [Language; 4],
}

#[derive(Clone, Debug, Default)]
struct Language {
    /// Documents with the word, by its number.
    documents: Vec<u32>,
    /// By the stem's number.
    habits: Vec<Habits>,
}

/// Fewer places than this say little about a word.
const PLACES_MIN: u32 = 3;
/// What such a word is taken for.
const UNKNOWN_HEAD: f32 = 0.3;
/// A word that describes more often than this describes.
const DESCRIBING_MIN: f32 = 0.8;
/// A describing word ends phrases at least so often.
const DESCRIBING_ENDS_MIN: f32 = 0.3;
/// Words that end a phrase now and then still are heads.
const ENDING_FACTOR: f32 = 1.2;
/// Places that are added to every count, so that few places say less.
const PRIOR_PLACES: f32 = 5.0;

impl Totals {
    /// Adds a segment's counts.
    pub(crate) fn add(&mut self, segment: &SegmentColumns) {
        self.change(segment, u32::wrapping_add);
    }

    /// Takes them away again.
    pub(crate) fn subtract(&mut self, segment: &SegmentColumns) {
        self.change(segment, u32::wrapping_sub);
    }

    fn change(&mut self, segment: &SegmentColumns, change: impl Fn(u32, u32) -> u32) {
        for (lang, language) in Lang::ALL.into_iter().zip(&mut self.languages) {
            let titles = segment.titles(lang);
            for &(word, documents) in &titles.words {
                let total = at(&mut language.documents, word.index());
                *total = change(*total, documents);
            }
            for &(stem, habits) in &titles.habits {
                let total = at(&mut language.habits, stem.index());
                total.places = change(total.places, habits.places);
                total.ending = change(total.ending, habits.ending);
                total.describing = change(total.describing, habits.describing);
                total.digit = habits.digit;
            }
        }
    }

    /// Documents whose title has the word.
    pub(crate) fn documents(&self, lang: Lang, word: WordId) -> u32 {
        self.languages[lang.index()].documents.get(word.index()).copied().unwrap_or(0)
    }

    /// Whether a digit is in the word.
    pub(crate) fn has_digit(&self, lang: Lang, stem: StemId) -> bool {
        self.languages[lang.index()].habits.get(stem.index()).is_some_and(|habits| habits.digit)
    }

    /// How surely the word names a thing rather than describes one, 0 to 1.
    pub(crate) fn headness(&self, lang: Lang, stem: StemId) -> f32 {
        let habits = self.languages[lang.index()].habits.get(stem.index()).copied();
        let Habits { places, ending, describing, .. } = habits.unwrap_or_default();
        if places < PLACES_MIN {
            return UNKNOWN_HEAD;
        }
        #[expect(clippy::cast_precision_loss, reason = "a share")]
        let share = |count: u32| count as f32 / (places as f32 + PRIOR_PLACES);
        let ends = share(ending);
        if share(describing) > DESCRIBING_MIN && ends > DESCRIBING_ENDS_MIN {
            return 0.0;
        }
        (ends * ENDING_FACTOR).min(1.0)
    }
}

fn at<T: Clone + Default>(list: &mut Vec<T>, index: usize) -> &mut T {
    if list.len() <= index {
        list.resize(index + 1, T::default());
    }
    &mut list[index]
}
