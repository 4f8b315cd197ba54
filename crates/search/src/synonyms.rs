//! Which words mean which others, by market and language.
//!
//! One or more words of a query are looked up, the most words first, from left to right and without overlap; what they mean
//! besides is given as it was written, never looked up again: a synonym of a synonym is none.

use rustc_hash::FxHashMap;
use souk_base::{Lang, MarketCode, Synonym, SynonymKind};

use crate::rules::folded;

/// Synonyms, found by their words.
#[derive(Clone, Debug, Default)]
pub struct SynonymBook {
    entries: FxHashMap<String, Vec<Meaning>>,
    /// Most words that one stands for.
    length_max: usize,
}

/// What words mean besides, and for whom.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Meaning {
    market: Option<MarketCode>,
    lang: Option<Lang>,
    words: Vec<String>,
}

/// Words of a query that mean others, too.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Meant<'b> {
    /// The first of them, counted from 0.
    pub start: usize,
    /// How many they are.
    pub length: usize,
    /// What they mean besides: words one after another, folded; each alternative once.
    pub alternatives: Vec<&'b [String]>,
}

impl SynonymBook {
    /// A book of these synonyms; the words are folded here.
    #[must_use]
    pub fn new(synonyms: &[Synonym]) -> SynonymBook {
        let mut book = SynonymBook::default();
        for synonym in synonyms {
            let scope = (synonym.market, synonym.lang);
            book.add(scope, synonym.kind, &synonym.words);
        }
        book
    }

    /// A book of one-way synonyms for everybody: the first of each list means the others.
    #[must_use]
    pub fn of_words(synonyms: &[&[String]]) -> SynonymBook {
        let mut book = SynonymBook::default();
        for words in synonyms {
            book.add((None, None), SynonymKind::OneWay, words);
        }
        book
    }

    fn add(
        &mut self,
        (market, lang): (Option<MarketCode>, Option<Lang>),
        kind: SynonymKind,
        words: &[String],
    ) {
        let words: Vec<Vec<String>> = words.iter().map(|words| folded(words)).collect();
        let heads = match kind {
            SynonymKind::OneWay => words.len().min(1),
            SynonymKind::TwoWay => words.len(),
        };
        for head in words.iter().take(heads).filter(|head| !head.is_empty()) {
            self.length_max = self.length_max.max(head.len());
            let meanings = self.entries.entry(head.join(" ")).or_default();
            let others = words.iter().filter(|words| *words != head && !words.is_empty());
            for words in others {
                let meaning = Meaning { market, lang, words: words.clone() };
                if !meanings.contains(&meaning) {
                    meanings.push(meaning);
                }
            }
        }
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// What the folded words of a query mean besides, in this market and language.
    #[must_use]
    pub fn lookup(&self, market: MarketCode, lang: Lang, words: &[&str]) -> Vec<Meant<'_>> {
        let mut found = Vec::new();
        let mut start = 0;
        while start < words.len() && self.length_max > 0 {
            match self.longest(market, lang, words, start) {
                Some(meant) => {
                    start += meant.length;
                    found.push(meant);
                }
                None => start += 1,
            }
        }
        found
    }

    /// The most words from here on that mean others.
    fn longest(
        &self,
        market: MarketCode,
        lang: Lang,
        words: &[&str],
        start: usize,
    ) -> Option<Meant<'_>> {
        let mut longest = None;
        let mut text = String::new();
        for (length, word) in (1..=self.length_max).zip(&words[start..]) {
            if length > 1 {
                text.push(' ');
            }
            text.push_str(word);
            let Some(meanings) = self.entries.get(&text) else { continue };
            let alternatives = in_scope(meanings, market, lang);
            if !alternatives.is_empty() {
                longest = Some(Meant { start, length, alternatives });
            }
        }
        longest
    }
}

/// Those that hold in this market and language, each once.
fn in_scope(meanings: &[Meaning], market: MarketCode, lang: Lang) -> Vec<&[String]> {
    let mut alternatives: Vec<&[String]> = Vec::new();
    for meaning in meanings {
        let holds = meaning.market.is_none_or(|it| it == market)
            && meaning.lang.is_none_or(|it| it == lang);
        if holds && !alternatives.contains(&&*meaning.words) {
            alternatives.push(&meaning.words);
        }
    }
    alternatives
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::option;
    use proptest::prelude::{Strategy, prop_assert_eq, proptest};
    use proptest::sample::select;

    use super::*;

    fn market(code: &str) -> MarketCode {
        code.parse().unwrap()
    }

    fn synonym(kind: SynonymKind, words: &[&str]) -> Synonym {
        let words = words.iter().map(|&word| word.to_owned()).collect();
        Synonym { id: 1.into(), market: None, lang: None, kind, words }
    }

    /// What each run of words means besides, as `words = alternative, alternative`.
    fn meanings(book: &SynonymBook, words: &[&str]) -> Vec<String> {
        let found = book.lookup(market("KW"), Lang::En, words);
        let shown = |meant: &Meant<'_>| {
            let run = words[meant.start..meant.start + meant.length].join(" ");
            let others: Vec<_> = meant.alternatives.iter().map(|words| words.join(" ")).collect();
            format!("{run} = {}", others.join(", "))
        };
        found.iter().map(shown).collect()
    }

    #[test]
    fn a_two_way_synonym_means_every_other_and_a_one_way_one_only_forward() {
        let book = SynonymBook::new(&[
            synonym(SynonymKind::TwoWay, &["bunch", "bouquet", "Posy"]),
            synonym(SynonymKind::OneWay, &["sofa", "couch"]),
        ]);

        assert_eq!(meanings(&book, &["posy"]), ["posy = bunch, bouquet"]);
        assert_eq!(meanings(&book, &["red", "bunch"]), ["bunch = bouquet, posy"]);
        assert_eq!(meanings(&book, &["sofa"]), ["sofa = couch"]);
        assert_eq!(meanings(&book, &["couch"]), [""; 0]);
    }

    #[test]
    fn most_words_come_first_and_words_are_used_once() {
        let book = SynonymBook::new(&[
            synonym(SynonymKind::TwoWay, &["mother's day", "8 march"]),
            synonym(SynonymKind::OneWay, &["day", "24 hours"]),
            synonym(SynonymKind::OneWay, &["mothers", "mums"]),
        ]);

        assert_eq!(
            meanings(&book, &["mothers", "day", "day"]),
            ["mothers day = 8 march", "day = 24 hours"]
        );
        assert_eq!(meanings(&book, &["8", "march"]), ["8 march = mothers day"]);
        assert_eq!(meanings(&book, &["mothers"]), ["mothers = mums"]);
    }

    #[test]
    fn a_synonym_of_a_synonym_is_none() {
        let book = SynonymBook::new(&[
            synonym(SynonymKind::OneWay, &["posy", "bunch"]),
            synonym(SynonymKind::OneWay, &["bunch", "bouquet"]),
        ]);

        assert_eq!(meanings(&book, &["posy"]), ["posy = bunch"]);
    }

    #[test]
    fn words_of_signs_and_of_the_same_folding_mean_nothing() {
        let book = SynonymBook::new(&[
            synonym(SynonymKind::TwoWay, &["!", "rose"]),
            synonym(SynonymKind::TwoWay, &["Lily", "LILY"]),
        ]);

        assert_eq!(meanings(&book, &["rose", "lily"]), [""; 0]);
    }

    const WORDS: [&str; 4] = ["a", "b", "c", "d"];

    fn some_words() -> impl Strategy<Value = String> {
        vec(select(WORDS.to_vec()), 1..4).prop_map(|words| words.join(" "))
    }

    fn some_synonym() -> impl Strategy<Value = Synonym> {
        let scope = (
            option::of(select(vec![market("KW"), market("GB")])),
            option::of(select(vec![Lang::En, Lang::Ar])),
        );
        let kind = select(vec![SynonymKind::OneWay, SynonymKind::TwoWay]);
        (scope, kind, vec(some_words(), 2..4)).prop_map(|((market, lang), kind, words)| Synonym {
            id: 1.into(),
            market,
            lang,
            kind,
            words,
        })
    }

    /// The same by trying every synonym at every place, the longest words first.
    fn naive(synonyms: &[Synonym], words: &[&str]) -> Vec<(usize, usize, Vec<String>)> {
        let mut found = Vec::new();
        let mut start = 0;
        while start < words.len() {
            let lengths = (1..=words.len() - start).rev();
            let meant = lengths.map(|length| {
                (length, naive_others(synonyms, &words[start..start + length].join(" ")))
            });
            let longest = meant.into_iter().find(|(_, others)| !others.is_empty());
            match longest {
                Some((length, others)) => {
                    found.push((start, length, others));
                    start += length;
                }
                None => start += 1,
            }
        }
        found
    }

    fn naive_others(synonyms: &[Synonym], text: &str) -> Vec<String> {
        let mut others: Vec<String> = Vec::new();
        for synonym in synonyms {
            let holds = synonym.market.is_none_or(|it| it == market("KW"))
                && synonym.lang.is_none_or(|it| it == Lang::En);
            let is_head = match synonym.kind {
                SynonymKind::OneWay => synonym.words[0] == text,
                SynonymKind::TwoWay => synonym.words.iter().any(|words| words == text),
            };
            if holds && is_head {
                others.extend(synonym.words.iter().filter(|words| *words != text).cloned());
            }
        }
        others.sort();
        others.dedup();
        others
    }

    proptest! {
        #[test]
        fn a_book_finds_what_trying_every_synonym_finds(
            synonyms in vec(some_synonym(), 0..12),
            words in vec(select(WORDS.to_vec()), 0..8),
        ) {
            let book = SynonymBook::new(&synonyms);

            let found: Vec<_> = book
                .lookup(market("KW"), Lang::En, &words)
                .into_iter()
                .map(|meant| {
                    let words = meant.alternatives.iter().map(|words| words.join(" "));
                    let mut others: Vec<String> = words.collect();
                    others.sort();
                    (meant.start, meant.length, others)
                })
                .collect();

            prop_assert_eq!(found, naive(&synonyms, &words));
        }
    }
}
