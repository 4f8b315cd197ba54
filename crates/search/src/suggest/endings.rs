//! What an unfinished last word may become: words of titles that begin so, and how many products have them.
//!
//! Everything is read from titles in memory. Counts order the suggestions and are shown to nobody, so that of very
//! frequent words a sample is counted; whether there is any product at all is never a guess.

use std::cmp::Reverse;
use std::ops::ControlFlow;

use rustc_hash::FxHashMap;
use souk_base::Lang;
use tantivy::DocId;

use super::{Suggester, Typed};
use crate::Result;
use crate::analysis::{is_stop_word, stem};
use crate::lexicon::{StemId, WordId, Words};
use crate::query::ResolvedWord;
use crate::segment::SegmentColumns;

/// Beginnings of which so many words, the most frequent of all markets, are looked at.
const CANDIDATES_MAX: usize = 100;
/// Words that are looked up among labels where so few titles have any.
const LABELS_MAX: usize = 16;
const FEW_TITLED: usize = 20;
/// Endings that are counted at most.
const ENDINGS_MAX: usize = 20;
/// Documents of a word that are looked at to estimate how many the market has.
const SAMPLE: usize = 64;
/// Documents in which the words before stand together that are looked at.
const TOGETHER_MAX: usize = 1_500;
/// Documents that are looked at in all, so that no beginning takes long.
const LOOKS_MAX: usize = 30_000;

/// A word that the last one may become.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Ending {
    pub(super) folded: String,
    /// As titles write it.
    pub(super) written: String,
    /// Its number in titles; none when it only stands in labels.
    pub(super) titled: Option<(Lang, StemId)>,
    /// Titles of any market that have it, then products of this one.
    pub(super) count: u64,
}

/// The titles' words that begin so in one language, by stem: how many titles have it, its most frequent form, and
/// how many have that.
type Forms = FxHashMap<StemId, (u32, WordId, u32)>;

impl Suggester<'_> {
    /// What the last word may become, with the most products first. Empty when no product of the market has any.
    pub(super) fn endings(&self, typed: &Typed, prefix: &str) -> Result<Vec<Ending>> {
        let forms: Vec<(Lang, Forms)> =
            self.query.languages.iter().map(|&lang| (lang, self.forms(lang, prefix))).collect();
        let mut endings = if typed.before.is_empty() {
            self.alone(&forms, prefix)?
        } else {
            self.together(&forms, &typed.before)?
        };
        endings.sort_by(|one, other| {
            (Reverse(one.count), &one.folded).cmp(&(Reverse(other.count), &other.folded))
        });
        let mut seen: Vec<String> =
            typed.before.iter().map(|word| self.stem(&word.folded)).collect();
        endings.retain(|ending| {
            let stem = self.stem(&ending.folded);
            let new = !seen.contains(&stem);
            seen.push(stem);
            new
        });
        endings.truncate(ENDINGS_MAX);
        Ok(endings)
    }

    fn forms(&self, lang: Lang, prefix: &str) -> Forms {
        let searcher = &self.view.searcher;
        let (known, totals) = (searcher.lexicon().read(lang), searcher.totals());
        let mut forms = Forms::default();
        for id in known.beginning_with(prefix) {
            let documents = totals.documents(lang, id);
            if documents > 0 {
                let form = forms.entry(known.get(id).stem).or_insert((0, id, 0));
                form.0 += documents;
                if documents > form.2 {
                    (form.1, form.2) = (id, documents);
                }
            }
        }
        forms
    }

    /// The endings of a word that stands alone: the most frequent words, as far as the market has them.
    fn alone(&self, forms: &[(Lang, Forms)], prefix: &str) -> Result<Vec<Ending>> {
        let mut candidates = Vec::new();
        for (lang, forms) in forms {
            let known = self.view.searcher.lexicon().read(*lang);
            let mut frequent: Vec<_> =
                forms.iter().map(|(&stem, &(total, id, _))| (Reverse(total), id, stem)).collect();
            if frequent.len() > CANDIDATES_MAX {
                frequent.select_nth_unstable(CANDIDATES_MAX);
                frequent.truncate(CANDIDATES_MAX);
            }
            candidates.extend(frequent.into_iter().filter_map(|(Reverse(total), id, stem)| {
                Ending::of(&known, id, (*lang, stem), total.into())
            }));
        }
        if candidates.len() < FEW_TITLED {
            candidates.extend(self.labelled(prefix));
        }
        candidates.sort_by_key(|ending| Reverse(ending.count));
        let (mut endings, mut looks): (Vec<Ending>, usize) = (Vec::new(), 0);
        for mut ending in candidates {
            if endings.len() == ENDINGS_MAX || looks > LOOKS_MAX {
                break;
            }
            ending.count = match ending.titled {
                Some((lang, stem)) => self.estimate(lang, stem, &mut looks),
                None => self.count(&[ResolvedWord::finished(&ending.folded)])?,
            };
            if ending.count > 0 && endings.iter().all(|it| it.folded != ending.folded) {
                endings.push(ending);
            }
        }
        Ok(endings)
    }

    /// About how many products of the market have the word in their title; 0 only when none has.
    fn estimate(&self, lang: Lang, stem: StemId, looks: &mut usize) -> u64 {
        let (mut estimated, mut listed) = (0, 0);
        for (_, reader, columns) in self.view.searcher.segments() {
            let list = columns.title_lists(lang).get(stem);
            let step = list.len().div_ceil(SAMPLE).max(1);
            let found = list
                .iter()
                .step_by(step)
                .filter(|&&document| !reader.is_deleted(document) && self.finds(columns, document));
            estimated += found.count() * step;
            listed += list.len();
            *looks += list.len() / step;
        }
        if estimated == 0 && listed > SAMPLE && *looks < LOOKS_MAX {
            *looks += listed;
            estimated = self.documents(lang, &[stem], listed).len();
        }
        estimated.min(listed) as u64
    }

    /// The endings of a word behind others: what stands with those in titles, else in titles of products that have
    /// those elsewhere. Each document is looked at once.
    fn together(&self, forms: &[(Lang, Forms)], before: &[ResolvedWord]) -> Result<Vec<Ending>> {
        let mut endings = Vec::new();
        for (lang, forms) in forms {
            if let Some(stems) = self.stems(*lang, before) {
                let documents = self.documents(*lang, &stems, TOGETHER_MAX);
                endings.extend(self.counted(*lang, forms, &documents));
            }
        }
        if endings.is_empty() {
            let documents = self.having(before)?;
            for (lang, forms) in forms {
                endings.extend(self.counted(*lang, forms, &documents));
            }
        }
        Ok(endings)
    }

    /// The words of these that the documents' titles have.
    fn counted(&self, lang: Lang, forms: &Forms, documents: &[(u32, DocId)]) -> Vec<Ending> {
        let mut counts: FxHashMap<StemId, u64> = FxHashMap::default();
        for (columns, document) in self.with_columns(documents) {
            for stem in columns.titles(lang).get(document).stems {
                if forms.contains_key(stem) {
                    *counts.entry(*stem).or_default() += 1;
                }
            }
        }
        let known = self.view.searcher.lexicon().read(lang);
        let ending = |(stem, count)| Ending::of(&known, forms.get(&stem)?.1, (lang, stem), count);
        counts.into_iter().filter_map(ending).collect()
    }

    /// The first visible products that have these words anywhere.
    fn having(&self, words: &[ResolvedWord]) -> Result<Vec<(u32, DocId)>> {
        let mut found = Vec::new();
        self.visit(words, |address, _| {
            found.push((address.segment_ord, address.doc_id));
            if found.len() < TOGETHER_MAX {
                ControlFlow::Continue(())
            } else {
                ControlFlow::Break(())
            }
        })?;
        Ok(found)
    }

    /// Words of labels that begin so and that no title has, with how many documents of any market have them.
    fn labelled(&self, prefix: &str) -> Vec<Ending> {
        let mut endings = Vec::new();
        for &lang in &self.query.languages {
            let known = self.view.searcher.lexicon().read(lang);
            let labels = self.view.books.labels.words(lang);
            let untitled = labels.beginning_with(prefix).map(|id| labels.get(id)).filter(|word| {
                known.spelled(&word.folded).is_empty() && !is_stop_word(&word.folded)
            });
            endings.extend(untitled.take(LABELS_MAX).map(|word| Ending {
                folded: word.folded.to_string(),
                written: word.written.to_string(),
                titled: None,
                count: 1,
            }));
        }
        endings
    }

    /// Visible products whose titles have all these words in a language, in order of the index: so many at most.
    pub(super) fn documents(&self, lang: Lang, stems: &[StemId], max: usize) -> Vec<(u32, DocId)> {
        let mut found = Vec::new();
        for (segment, reader, columns) in self.view.searcher.segments() {
            let lists = columns.title_lists(lang);
            let Some(list) = stems.iter().map(|&stem| lists.get(stem)).min_by_key(|it| it.len())
            else {
                continue;
            };
            let has_all = |document: DocId| {
                let title = columns.titles(lang).get(document).stems;
                stems.len() == 1 || stems.iter().all(|stem| title.contains(stem))
            };
            let fitting = list.iter().copied().filter(|&document| {
                has_all(document) && !reader.is_deleted(document) && self.finds(columns, document)
            });
            found.extend(fitting.take(max - found.len()).map(|document| (segment, document)));
        }
        found
    }

    /// The same documents, each with its segment's columns.
    pub(super) fn with_columns(
        &self,
        documents: &[(u32, DocId)],
    ) -> impl Iterator<Item = (&SegmentColumns, DocId)> {
        let columns: Vec<&SegmentColumns> =
            self.view.searcher.segments().map(|(_, _, columns)| columns).collect();
        documents.iter().map(move |&(segment, document)| (columns[segment as usize], document))
    }

    /// The words' numbers in titles; none when one of them stands in no title.
    pub(super) fn stems(&self, lang: Lang, words: &[ResolvedWord]) -> Option<Vec<StemId>> {
        let known = self.view.searcher.lexicon().read(lang);
        words.iter().map(|word| known.stem_id(&stem(lang, &word.folded))).collect()
    }

    /// Whether the shopper can find a document's product.
    pub(super) fn finds(&self, columns: &SegmentColumns, document: DocId) -> bool {
        self.query.availability.finds(self.market, columns.ordinal(document))
    }

    /// What the forms of a word share in the page's language.
    fn stem(&self, folded: &str) -> String {
        stem(self.query.languages.first().copied().unwrap_or(Lang::En), folded)
    }
}

impl Ending {
    /// The word of this number, unless it says nothing by itself.
    fn of(known: &Words, id: WordId, titled: (Lang, StemId), count: u64) -> Option<Ending> {
        let word = known.get(id);
        let tells = word.folded.chars().nth(1).is_some() && !is_stop_word(&word.folded);
        tells.then(|| Ending {
            folded: word.folded.to_string(),
            written: word.written.to_string(),
            titled: Some(titled),
            count,
        })
    }

    /// As it is searched.
    pub(super) fn word(&self) -> ResolvedWord {
        ResolvedWord { written: self.written.clone(), ..ResolvedWord::finished(&self.folded) }
    }
}
