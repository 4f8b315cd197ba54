//! The words of a market: what completes a prefix, what a misspelled word was meant to be, and how a
//! folded word is written.
//!
//! **Invariant**: a word that no visible product of the market has does not exist here.

use std::cmp::Reverse;

use rustc_hash::FxHashMap;
use souk_base::{Action, Lang, MarketCode, Tables};
use tantivy::schema::{Field, IndexRecordOption};
use tantivy::{DocAddress, DocSet, TERMINATED, Term};

use crate::Result;
use crate::analysis::{distance, fold, skeletons, words};
use crate::columns::MarketColumns;
use crate::document::Card;
use crate::lexicon::{Outline, StemId, Word, WordId, Words};
use crate::query::ResolvedWord;
use crate::searcher::Searcher;
use crate::synonyms::SynonymBook;
use crate::totals::Totals;

/// Words that a prefix is completed to at most.
pub(crate) const COMPLETIONS_MAX: usize = 20;

/// Candidate words looked at for each that is kept, so that words of other markets, which are
/// passed over, do not crowd this market's out.
const CANDIDATES_PER_COMPLETION: usize = 25;

/// A word alone is taken for the beginning of one that is as likely; behind others, which say what is looked
/// for, only of one that is so many times as likely.
const BEGINNING_FACTORS: [f32; 2] = [1.0, 5.0];

/// How likely a word that only describes is looked for, beside one that names a thing.
const DESCRIBING_WEIGHT: f32 = 0.3;

/// Words that a misspelled one may have been meant to be at most.
const CANDIDATES_MAX: usize = 8;

/// Letters of the word that was meant from which one edit, and two, are forgiven.
const ONE_EDIT_FROM: usize = 4;
const TWO_EDITS_FROM: usize = 8;

/// The words of categories, brands, attribute values and synonyms, which may stand in no title.
#[derive(Debug, Default)]
pub(crate) struct Labels {
    /// By [`Lang::index`].
    languages: [Words; 4],
}

impl Labels {
    /// The words of these tables.
    pub(crate) fn of(tables: &Tables) -> Labels {
        let mut labels = Labels::default();
        for (lang, known) in Lang::ALL.into_iter().zip(&mut labels.languages) {
            known.speak(lang);
            let categories = tables.categories.values().filter_map(|it| it.label.exact(lang));
            let values = tables.values.values().filter_map(|it| it.label.exact(lang));
            let brands = tables.brands.values().map(|brand| brand.name.as_str());
            let synonyms = tables.synonyms.iter().filter(|it| it.lang.is_none_or(|it| it == lang));
            let synonyms = synonyms.flat_map(|it| &it.words);
            let ruled = tables.rules.iter().flat_map(|rule| &rule.actions);
            let ruled = ruled.filter_map(|action| match action {
                Action::Synonym(words) => Some(words),
                _ => None,
            });
            let synonyms = synonyms.chain(ruled.flatten()).map(String::as_str);
            for label in categories.chain(values).chain(brands).chain(synonyms) {
                for word in words(label) {
                    known.add(&label[word.start..word.end].to_lowercase());
                }
            }
        }
        labels
    }

    /// Those of a language.
    pub(crate) const fn words(&self, lang: Lang) -> &Words {
        &self.languages[lang.index()]
    }
}

/// The words of one market in some languages.
#[derive(Clone, Copy)]
pub(crate) struct Vocabulary<'v> {
    pub(crate) searcher: &'v Searcher,
    pub(crate) labels: &'v Labels,
    /// The market's, and those of the rules that take part.
    pub(crate) synonyms: [&'v SynonymBook; 2],
    pub(crate) code: MarketCode,
    pub(crate) market: &'v MarketColumns,
    pub(crate) languages: &'v [Lang],
}

/// Products that have some words together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Together {
    /// One behind the other in the title.
    pub(crate) phrases: u64,
    /// Anywhere.
    pub(crate) products: u64,
}

/// A word that may have been meant.
#[derive(Clone, Debug, PartialEq)]
struct Meant {
    folded: String,
    cost: u8,
    weight: f32,
}

impl Vocabulary<'_> {
    /// Whether a visible product has the word, in any form, or it means others.
    pub(crate) fn has(&self, folded: &str) -> Result<bool> {
        Ok(self.is_word_shown(folded)? || self.has_code(folded)? || self.means_others(folded))
    }

    fn means_others(&self, folded: &str) -> bool {
        self.languages.iter().any(|&lang| {
            self.synonyms.iter().any(|book| !book.lookup(self.code, lang, &[folded]).is_empty())
        })
    }

    /// How likely somebody looks for the word: by the titles that have it in any of its spellings, where it
    /// names a thing, in the language with most of them.
    pub(crate) fn weight(&self, folded: &str) -> f32 {
        let totals = self.searcher.totals();
        let weights = self.languages.iter().map(|&lang| {
            let known = self.searcher.lexicon().read(lang);
            let ids = known.spelled(folded).iter();
            ids.map(|&id| weight(totals, lang, id, known.get(id))).sum()
        });
        weights.fold(0.0, f32::max)
    }

    /// Whether a label or a title of any market spells it so.
    fn is_spelled(&self, folded: &str) -> bool {
        self.languages.iter().any(|&lang| {
            !self.searcher.lexicon().read(lang).spelled(folded).is_empty()
                || !self.labels.languages[lang.index()].spelled(folded).is_empty()
        })
    }

    /// Whether it reads like the beginning of a word that is likelier, in any market.
    pub(crate) fn is_beginning(&self, folded: &str, alone: bool) -> bool {
        let factor = BEGINNING_FACTORS[usize::from(!alone)];
        let spelled = self.is_spelled(folded);
        let mut most = 0.0_f32;
        for &lang in self.languages {
            let (known, totals) = (self.searcher.lexicon().read(lang), self.searcher.totals());
            let own = known.stem_id(&known.stem_of(folded)).filter(|_| spelled);
            for id in known.beginning_with(folded) {
                let word = known.get(id);
                if &*word.folded != folded && Some(word.stem) != own {
                    most = most.max(weight(totals, lang, id, word));
                }
            }
        }
        most > 0.0 && most >= factor * self.weight(folded)
    }

    /// Whether a visible product has the code.
    pub(crate) fn has_code(&self, code: &str) -> Result<bool> {
        self.is_shown(self.searcher.fields().codes, code)
    }

    /// The most frequent words that begin with the prefix, the word itself included; each with the documents that
    /// have it, in all markets.
    pub(crate) fn completions(&self, prefix: &str) -> Result<Vec<(String, u64)>> {
        let mut found: FxHashMap<String, u64> = FxHashMap::default();
        for &lang in self.languages {
            let known = self.searcher.lexicon().read(lang);
            for id in known.beginning_with(prefix) {
                let documents = u64::from(self.searcher.totals().documents(lang, id));
                add(&mut found, &known.get(id).folded, documents);
            }
            let labels = &self.labels.languages[lang.index()];
            for id in labels.beginning_with(prefix) {
                let folded = &labels.get(id).folded;
                if known.spelled(folded).is_empty() {
                    add(&mut found, folded, self.documents(lang, folded)?);
                }
            }
        }
        let mut ranked: Vec<(String, u64)> = found.into_iter().collect();
        ranked.sort_unstable_by(|one, other| {
            (Reverse(one.1), &one.0).cmp(&(Reverse(other.1), &other.0))
        });
        let mut completions = Vec::new();
        for (word, documents) in
            ranked.into_iter().take(COMPLETIONS_MAX * CANDIDATES_PER_COMPLETION)
        {
            if self.is_word_shown(&word)? || self.means_others(&word) {
                completions.push((word, documents));
            }
            if completions.len() == COMPLETIONS_MAX {
                break;
            }
        }
        Ok(completions)
    }

    /// The words that a word nobody has may have been meant to be: the nearest, the likeliest first. With
    /// `prefix` it may be the misspelled beginning of a longer word.
    pub(crate) fn meant(&self, folded: &str, prefix: bool) -> Result<Vec<String>> {
        let mut near = self.near(folded, prefix)?;
        near.sort_unstable_by(|one, other| {
            one.cost
                .cmp(&other.cost)
                .then_with(|| other.weight.total_cmp(&one.weight))
                .then_with(|| one.folded.cmp(&other.folded))
        });
        let mut meant: Vec<Meant> = Vec::new();
        for candidate in near {
            let farther = meant.first().is_some_and(|nearest| nearest.cost < candidate.cost);
            if farther || meant.len() == CANDIDATES_MAX {
                break;
            }
            if self.is_word_shown(&candidate.folded)? || self.means_others(&candidate.folded) {
                meant.push(candidate);
            }
        }
        Ok(meant.into_iter().map(|it| it.folded).collect())
    }

    /// The word of another script that this is a Latin spelling of: the nearest, of equally near ones the
    /// likeliest.
    pub(crate) fn transliterated(&self, folded: &str) -> Result<Option<String>> {
        let mut near: Vec<(u32, String)> = Vec::new();
        let typed = skeletons(folded);
        for &lang in self.languages {
            let known = self.searcher.lexicon().read(lang);
            for words in [&*known, &self.labels.languages[lang.index()]] {
                let ids = typed.iter().flat_map(|skeleton| words.with_skeleton(skeleton));
                for word in ids.map(|&id| &words.get(id).folded) {
                    near.extend(distance(folded, word).map(|it| (it, word.to_string())));
                }
            }
        }
        near.sort_unstable();
        near.dedup();
        for near in near.chunk_by(|one, other| one.0 == other.0) {
            let mut weighed: Vec<(f32, &str)> =
                near.iter().map(|(_, word)| (self.weight(word), word.as_str())).collect();
            weighed.sort_by(|one, other| other.0.total_cmp(&one.0));
            for (_, word) in weighed {
                if self.is_word_shown(word)? {
                    return Ok(Some(word.to_owned()));
                }
            }
        }
        Ok(None)
    }

    /// Visible products that have all of these words.
    pub(crate) fn together(&self, words: &[ResolvedWord]) -> Result<Together> {
        let query = ResolvedWord::all(words, self.languages, self.searcher);
        let phrases: Vec<(Lang, Vec<StemId>)> = self
            .languages
            .iter()
            .filter_map(|&lang| Some((lang, self.phrase(lang, words)?)))
            .collect();
        let mut together = Together::default();
        self.searcher.visit_columns(&*query, |columns, document| {
            if self.market.is_found(columns.ordinal(document), None) {
                together.products += 1;
                let follow = |(lang, phrase): &(Lang, Vec<StemId>)| {
                    let title = columns.titles(*lang).get(document);
                    title.stems.windows(phrase.len()).any(|part| part == phrase)
                };
                together.phrases += u64::from(phrases.iter().any(follow));
            }
        })?;
        Ok(together)
    }

    /// The words' stems in a language, when titles know them all.
    fn phrase(&self, lang: Lang, words: &[ResolvedWord]) -> Option<Vec<StemId>> {
        let known = self.searcher.lexicon().read(lang);
        words.iter().map(|word| known.stem_id(&known.stem_of(&word.folded))).collect()
    }

    /// How a folded word is written in a product that the market shows; lower case.
    pub(crate) fn written(&self, folded: &str) -> Result<String> {
        for &lang in self.languages {
            let term = self.searcher.stem(lang, folded);
            let field = self.searcher.fields().of(lang).all;
            let Some(address) = self.first_shown(field, &term)? else {
                continue;
            };
            let stored = self.searcher.bytes(address)?;
            let card = Card::of(&stored)?;
            let text = card.texts.iter().find(|text| text.lang == lang);
            if let Some(written) = text.and_then(|text| written_in(text.title, folded)) {
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
        let mut found: FxHashMap<String, (u8, f32)> = FxHashMap::default();
        for &lang in self.languages {
            let (known, totals) = (self.searcher.lexicon().read(lang), self.searcher.totals());
            for (id, word) in known.iter() {
                if let Some(cost) = typed.cost(word) {
                    let weight = weight(totals, lang, id, word);
                    found.entry(word.folded.to_string()).or_insert((cost, 0.0)).1 += weight;
                }
            }
            for (_, word) in self.labels.languages[lang.index()].iter() {
                if let Some(cost) = typed.cost(word) {
                    found.entry(word.folded.to_string()).or_insert((cost, 0.0));
                }
            }
        }
        let meant = |(folded, (cost, weight))| Meant { folded, cost, weight };
        Ok(found.into_iter().map(meant).collect())
    }

    /// Documents of any market that have the word in any form.
    fn documents(&self, lang: Lang, folded: &str) -> Result<u64> {
        let field = self.searcher.fields().of(lang).all;
        self.searcher.frequency(&Term::from_field_text(field, &self.searcher.stem(lang, folded)))
    }

    fn is_word_shown(&self, word: &str) -> Result<bool> {
        for &lang in self.languages {
            let stem = self.searcher.stem(lang, word);
            if self.is_shown(self.searcher.fields().of(lang).all, &stem)? {
                return Ok(true);
            }
        }
        Ok(false)
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

#[expect(clippy::cast_precision_loss, reason = "a weight")]
fn weight(totals: &Totals, lang: Lang, id: WordId, word: &Word) -> f32 {
    let names = DESCRIBING_WEIGHT + (1.0 - DESCRIBING_WEIGHT) * totals.headness(lang, word.stem);
    totals.documents(lang, id) as f32 * names
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
        // A wrong first letter takes two edits.
        if edits == 1 && self.outline.first != word.outline.first {
            return None;
        }
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

/// The word as a title writes it.
fn written_in(title: &str, folded: &str) -> Option<String> {
    let word = words(title).find(|word| word.folded == folded)?;
    let written = title[word.start..word.end].to_lowercase();
    // Lower case can differ in what it folds to; then the folded spelling has to do.
    (fold(&written) == folded).then_some(written)
}

/// The cost of a word having been meant by what was typed of it, when that is forgiven; 0 when it begins so.
pub(crate) fn cost_of_beginning(typed: &str, meant: &str) -> Option<usize> {
    if meant.starts_with(typed) {
        return Some(0);
    }
    let letters = |text: &str| text.chars().collect::<Vec<char>>();
    let (typed, meant) = (letters(typed), letters(meant));
    let edits = match typed.len().min(meant.len()) {
        0..ONE_EDIT_FROM => 0,
        ONE_EDIT_FROM..TWO_EDITS_FROM => 1,
        _ => 2,
    };
    Some(typo_cost(&typed, &meant, true)).filter(|&cost| cost <= edits)
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
