//! Every word that titles have had since the start, by language, with the number it goes by in memory.
//!
//! **Invariant**: a word or stem keeps its number as long as the process lives; numbers are dense and never
//! stored. Words are only added, so a number read from any segment is valid in any later state.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::{PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use rustc_hash::FxHashMap;
use souk_base::Lang;

use crate::analysis::{fold, skeleton, stem};

/// The number of a written word in its language.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct WordId(pub(crate) u32);

/// The number of a stem in its language.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct StemId(pub(crate) u32);

impl WordId {
    pub(crate) const fn index(self) -> usize {
        self.0 as usize
    }
}

impl StemId {
    pub(crate) const fn index(self) -> usize {
        self.0 as usize
    }
}

/// The words of all languages.
#[derive(Debug)]
pub(crate) struct Lexicon {
    /// By [`Lang::index`].
    languages: [RwLock<Words>; 4],
}

/// The words of one language.
#[derive(Debug)]
pub(crate) struct Words {
    lang: Lang,
    /// By the word as it is written, in lower case.
    ids: FxHashMap<Box<str>, WordId>,
    words: Vec<Word>,
    /// Of the words; beside them, as they are looked through as a whole.
    outlines: Vec<Outline>,
    stem_ids: FxHashMap<Box<str>, StemId>,
    /// By number.
    stems: Vec<Stem>,
    /// Numbers of the words by their folded spelling.
    folded: BTreeMap<Box<str>, Vec<WordId>>,
    /// Numbers of the words by what their spellings in Latin letters share.
    skeletons: FxHashMap<String, Vec<WordId>>,
}

/// What the forms of a word have in common.
#[derive(Clone, Debug)]
struct Stem {
    text: Box<str>,
    /// Whether a digit is in it.
    digit: bool,
}

/// A word.
#[derive(Clone, Debug)]
pub(crate) struct Word {
    /// As it is written, in lower case.
    pub(crate) written: Box<str>,
    pub(crate) folded: Box<str>,
    pub(crate) stem: StemId,
}

/// The letters of a word, without their order: what words are compared by before anybody counts edits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Outline {
    pub(crate) first: char,
    pub(crate) letters: u8,
    /// A bit for each letter that occurs, by its code.
    set: u64,
}

impl Outline {
    pub(crate) fn of(folded: &str) -> Outline {
        let first = folded.chars().next().unwrap_or_default();
        let (mut letters, mut set) = (0_u8, 0);
        for letter in folded.chars() {
            letters = letters.saturating_add(1);
            set |= 1 << (u32::from(letter) % 64);
        }
        Outline { first, letters, set }
    }

    /// Whether so many edits may lie between the two: each changes the length by one at most, and brings or
    /// takes one letter at most, or both.
    pub(crate) const fn may_be_within(self, other: Outline, edits: u32) -> bool {
        self.letters.abs_diff(other.letters) as u32 <= edits
            && (self.set & !other.set).count_ones() <= edits
            && (other.set & !self.set).count_ones() <= edits
    }

    /// Whether so many edits may lie between this and a beginning of the other.
    pub(crate) const fn may_begin(self, other: Outline, edits: u32) -> bool {
        self.letters as u32 <= other.letters as u32 + edits
            && (self.set & !other.set).count_ones() <= edits
    }
}

impl Default for Lexicon {
    fn default() -> Self {
        let words = |lang| RwLock::new(Words { lang, ..Words::default() });
        Lexicon { languages: Lang::ALL.map(words) }
    }
}

impl Lexicon {
    /// The words of a language, to look up.
    pub(crate) fn read(&self, lang: Lang) -> RwLockReadGuard<'_, Words> {
        self.languages[lang.index()].read().unwrap_or_else(PoisonError::into_inner)
    }

    /// The words of a language, to add to.
    pub(crate) fn write(&self, lang: Lang) -> RwLockWriteGuard<'_, Words> {
        self.languages[lang.index()].write().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Default for Words {
    fn default() -> Self {
        Words {
            lang: Lang::En,
            ids: FxHashMap::default(),
            words: Vec::new(),
            outlines: Vec::new(),
            stem_ids: FxHashMap::default(),
            stems: Vec::new(),
            folded: BTreeMap::new(),
            skeletons: FxHashMap::default(),
        }
    }
}

impl Words {
    /// Makes these the words of that language.
    pub(crate) fn speak(&mut self, lang: Lang) {
        self.lang = lang;
    }

    /// The numbers of a written word and its stem; new ones when nobody wrote it before.
    pub(crate) fn add(&mut self, written: &str) -> (WordId, StemId) {
        if let Some(&id) = self.ids.get(written) {
            return (id, self.words[id.index()].stem);
        }
        let folded = fold(written);
        let stem = self.add_stem(&stem(self.lang, &folded));
        let id = WordId(next(self.words.len()));
        self.outlines.push(Outline::of(&folded));
        if let Some(skeleton) = skeleton(&folded) {
            self.skeletons.entry(skeleton).or_default().push(id);
        }
        let folded: Box<str> = folded.into();
        self.folded.entry(folded.clone()).or_default().push(id);
        self.words.push(Word { written: written.into(), folded, stem });
        self.ids.insert(written.into(), id);
        (id, stem)
    }

    fn add_stem(&mut self, stem: &str) -> StemId {
        if let Some(&id) = self.stem_ids.get(stem) {
            return id;
        }
        let id = StemId(next(self.stems.len()));
        self.stems.push(Stem { text: stem.into(), digit: stem.chars().any(char::is_numeric) });
        self.stem_ids.insert(stem.into(), id);
        id
    }

    /// The number of a stem that some title has had.
    pub(crate) fn stem_id(&self, stem: &str) -> Option<StemId> {
        self.stem_ids.get(stem).copied()
    }

    /// The stem of a folded word: looked up when some title has the word, which is faster than stemming.
    pub(crate) fn stem_of(&self, folded: &str) -> Cow<'_, str> {
        match self.spelled(folded).first() {
            Some(&id) => Cow::Borrowed(&self.stems[self.get(id).stem.index()].text),
            None => Cow::Owned(stem(self.lang, folded)),
        }
    }

    pub(crate) fn stem_count(&self) -> usize {
        self.stems.len()
    }

    pub(crate) fn has_digit(&self, stem: StemId) -> bool {
        self.stems[stem.index()].digit
    }

    /// The outline of every word.
    pub(crate) fn outlines(&self) -> impl Iterator<Item = (WordId, Outline)> {
        (0..).map(WordId).zip(self.outlines.iter().copied())
    }

    pub(crate) fn get(&self, id: WordId) -> &Word {
        &self.words[id.index()]
    }

    /// The words whose folded spelling begins so, in its order.
    pub(crate) fn beginning_with<'w>(
        &'w self,
        prefix: &'w str,
    ) -> impl Iterator<Item = WordId> + 'w {
        let range = self
            .folded
            .range::<str, _>((std::ops::Bound::Included(prefix), std::ops::Bound::Unbounded));
        range
            .take_while(move |(folded, _)| folded.starts_with(prefix))
            .flat_map(|(_, ids)| ids.iter().copied())
    }

    /// The words that have this skeleton.
    pub(crate) fn with_skeleton(&self, skeleton: &str) -> &[WordId] {
        self.skeletons.get(skeleton).map_or(&[], Vec::as_slice)
    }

    /// The words with this folded spelling.
    pub(crate) fn spelled(&self, folded: &str) -> &[WordId] {
        self.folded.get(folded).map_or(&[], Vec::as_slice)
    }
}

fn next(length: usize) -> u32 {
    u32::try_from(length).expect("no language has four billion words")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::proptest;

    use super::*;

    #[test]
    fn forms_of_a_word_share_a_stem_and_keep_their_own_numbers() {
        let lexicon = Lexicon::default();
        let mut words = lexicon.write(Lang::En);

        let (rose, stem) = words.add("rose");
        let (roses, same) = words.add("roses");

        assert_eq!((stem, words.add("rose")), (same, (rose, stem)));
        assert_ne!(rose, roses);
        assert_eq!(words.beginning_with("ros").collect::<Vec<_>>(), [rose, roses]);
        assert_eq!(words.spelled("roses"), [roses]);
        assert_eq!(words.stem_id("rose"), Some(stem));
        assert_eq!(words.stem_of("roses"), words.stem_of("rosing"));
    }

    proptest! {
        #[test]
        fn an_outline_never_rules_out_what_is_near(word in "[a-zя]{1,12}", at in 0..12_usize, letter in "[a-zя]") {
            let mut letters: Vec<char> = word.chars().collect();
            let at = at % letters.len();
            letters[at] = letter.chars().next().unwrap();
            let replaced: String = letters.iter().collect();
            letters.remove(at);
            let removed: String = letters.iter().collect();

            for other in [&replaced, &removed] {
                let (one, other) = (Outline::of(&word), Outline::of(other));
                assert!(one.may_be_within(other, 1) && other.may_be_within(one, 1));
                assert!(one.may_begin(other, 1) && other.may_begin(one, 1));
            }
        }
    }
}
