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
use crate::lexicon::{StemId, Word, WordId, Words};
use crate::query::ResolvedWord;
use crate::searcher::Searcher;
use crate::synonyms::SynonymBook;
use crate::totals::Totals;
use crate::typos::Typed;

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

/// Letters of each of two words that may have been written as one.
const PART_LETTERS_MIN: usize = 3;

/// Words that a misspelled one may have been meant to be at most.
const CANDIDATES_MAX: usize = 8;

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
pub(crate) struct Slip {
    pub(crate) folded: String,
    /// How far it is from what was typed.
    pub(crate) cost: u8,
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
            self.is_titled(lang, folded)
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
    pub(crate) fn meant(&self, folded: &str, prefix: bool) -> Result<Vec<Slip>> {
        let mut near = self.near(folded, prefix);
        near.sort_unstable_by(|one, other| {
            one.cost
                .cmp(&other.cost)
                .then_with(|| other.weight.total_cmp(&one.weight))
                .then_with(|| one.folded.cmp(&other.folded))
        });
        let mut meant: Vec<Slip> = Vec::new();
        for candidate in near {
            let farther = meant.first().is_some_and(|nearest| nearest.cost < candidate.cost);
            if farther || meant.len() == CANDIDATES_MAX {
                break;
            }
            if self.is_word_shown(&candidate.folded)? || self.means_others(&candidate.folded) {
                meant.push(candidate);
            }
        }
        Ok(meant)
    }

    /// The two words that this one is without the space between them: of those that products have together, the likelier.
    pub(crate) fn apart(&self, folded: &str) -> Result<Option<[String; 2]>> {
        if folded.chars().any(char::is_numeric) {
            return Ok(None);
        }
        let boundaries = folded.char_indices().map(|(at, _)| at).skip(PART_LETTERS_MIN);
        let mut parts: Vec<(f32, [&str; 2])> = Vec::new();
        for (one, other) in boundaries.map(|at| folded.split_at(at)) {
            let weight = self.weight(one).min(self.weight(other));
            if weight > 0.0 && other.chars().nth(PART_LETTERS_MIN - 1).is_some() {
                parts.push((weight, [one, other]));
            }
        }
        parts.sort_by(|one, other| other.0.total_cmp(&one.0));
        for (_, parts) in parts {
            let words = parts.map(ResolvedWord::finished);
            if self.together(&words)?.products > 0 {
                return Ok(Some(parts.map(str::to_owned)));
            }
        }
        Ok(None)
    }

    /// Whether a title in this language, of any market, has the word.
    pub(crate) fn is_titled(&self, lang: Lang, folded: &str) -> bool {
        !self.searcher.lexicon().read(lang).spelled(folded).is_empty()
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
            let title = text.map(|text| text.title()).transpose()?;
            if let Some(written) = title.and_then(|title| written_in(title, folded)) {
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
    fn near(&self, folded: &str, prefix: bool) -> Vec<Slip> {
        let Some(mut typed) = Typed::of(folded, prefix) else { return Vec::new() };
        let mut found: FxHashMap<String, (u8, f32)> = FxHashMap::default();
        for &lang in self.languages {
            let (known, totals) = (self.searcher.lexicon().read(lang), self.searcher.totals());
            typed.near(&known, |id, word, cost| {
                let weight = weight(totals, lang, id, word);
                found.entry(word.folded.to_string()).or_insert((cost, 0.0)).1 += weight;
            });
            typed.near(self.labels.words(lang), |_, word, cost| {
                found.entry(word.folded.to_string()).or_insert((cost, 0.0));
            });
        }
        let slip = |(folded, (cost, weight))| Slip { folded, cost, weight };
        found.into_iter().map(slip).collect()
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

/// The word as a title writes it.
fn written_in(title: &str, folded: &str) -> Option<String> {
    let word = words(title).find(|word| word.folded == folded)?;
    let written = title[word.start..word.end].to_lowercase();
    // Lower case can differ in what it folds to; then the folded spelling has to do.
    (fold(&written) == folded).then_some(written)
}
