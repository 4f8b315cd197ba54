//! Resolved words as what is looked for in the index.

use souk_base::Lang;
use tantivy::Term;
use tantivy::query::{AllQuery, BooleanQuery, DisjunctionMaxQuery, Query, TermQuery};
use tantivy::schema::IndexRecordOption;

use super::{ResolvedWord, SPACE_COST};
use crate::matching::{Alternative, Clauses, Phrase};
use crate::ranking::Stems;
use crate::searcher::Searcher;
use crate::vocabulary::Vocabulary;

/// What a match in another language than the page's counts.
const OTHER_LANGUAGE_BOOST: f32 = 0.9;
/// What a synonym counts.
const SYNONYM_BOOST: f32 = 0.9;
/// What a completion counts that stands in no title, only in the name of a category or value.
const LABEL_BOOST: f32 = 0.6;
/// What a completion counts that hardly any document has, beside the one that most have.
const RARE_BOOST: f32 = 0.7;

/// What words of a query mean besides, by synonyms.
#[derive(Clone, Debug, Default)]
pub(crate) struct Meanings(Vec<Meaning>);

/// Words that stand for others.
#[derive(Clone, Debug)]
struct Meaning {
    lang: Lang,
    /// The words of the query that it stands for, a bit each.
    stands_for: u16,
    words: Vec<String>,
    cost: u8,
}

impl Meanings {
    /// Looks up the words as they were corrected, and what the last one completes to, in each language.
    pub(crate) fn of(words: &[ResolvedWord], vocabulary: Vocabulary<'_>) -> Meanings {
        let mut meanings = Meanings::default();
        let mut folded: Vec<&str> = words.iter().map(|word| word.folded.as_str()).collect();
        meanings.look_up(&folded, vocabulary);
        let completions = words.last().and_then(|last| last.completions.as_deref());
        for completion in completions.unwrap_or_default() {
            if let Some(last) = folded.last_mut() {
                *last = &completion.folded;
            }
            meanings.look_up(&folded, vocabulary);
        }
        meanings.join(words, vocabulary);
        // What stands for a word that was corrected is as far from what was typed.
        for meaning in &mut meanings.0 {
            let stands_for = |place: &usize| meaning.stands_for & 1 << place != 0;
            let places = (0..words.len()).filter(stands_for);
            meaning.cost += places.map(|place| words[place].cost).sum::<u8>();
        }
        meanings
    }

    /// Two words that titles write as one mean that one, too.
    fn join(&mut self, words: &[ResolvedWord], vocabulary: Vocabulary<'_>) {
        for (place, pair) in words.windows(2).enumerate() {
            let [one, other] = pair else { continue };
            let completions = other.completions.iter().flatten().map(|it| &it.folded);
            for other in [&other.folded].into_iter().chain(completions) {
                let joined = format!("{}{other}", one.folded);
                for &lang in
                    vocabulary.languages.iter().filter(|&&it| vocabulary.is_titled(it, &joined))
                {
                    let (stands_for, words) = (0b11 << place, vec![joined.clone()]);
                    self.0.push(Meaning { lang, stands_for, words, cost: SPACE_COST });
                }
            }
        }
    }

    fn look_up(&mut self, folded: &[&str], vocabulary: Vocabulary<'_>) {
        for &lang in vocabulary.languages {
            for book in vocabulary.synonyms {
                for meant in book.lookup(vocabulary.code, lang, folded) {
                    let stands_for = (meant.start..meant.start + meant.length)
                        .fold(0, |bits, place| bits | 1_u16 << place);
                    for words in meant.alternatives {
                        let known = self.0.iter().any(|it| {
                            it.lang == lang && it.stands_for == stands_for && it.words == words
                        });
                        if !known {
                            let words = words.to_vec();
                            self.0.push(Meaning { lang, stands_for, words, cost: 0 });
                        }
                    }
                }
            }
        }
    }

    /// Every word that the query's words stand for, with its language.
    pub(crate) fn words(&self) -> Vec<(Lang, String)> {
        let words = |meaning: &Meaning| {
            let lang = meaning.lang;
            meaning.words.iter().map(move |word| (lang, word.clone())).collect::<Vec<_>>()
        };
        self.0.iter().flat_map(words).collect()
    }

    /// Single words that mean the same as this word of the query, in a language.
    fn of_word(&self, place: usize, lang: Lang) -> impl Iterator<Item = &String> {
        let alike = move |it: &&Meaning| it.lang == lang && it.stands_for == 1 << place;
        self.0.iter().filter(alike).filter(|it| it.words.len() == 1).flat_map(|it| &it.words)
    }
}

/// The words and what they mean as clauses of a match.
pub(crate) fn clauses(
    words: &[ResolvedWord],
    meanings: &Meanings,
    languages: &[Lang],
    searcher: &Searcher,
) -> Clauses {
    let phrases = meanings.0.iter().map(|meaning| {
        let field = searcher.fields().of(meaning.lang).all;
        let word = |folded: &String| {
            let term = searcher.stem(meaning.lang, folded);
            vec![Alternative { field, term, cost: 0, boost: 1.0, grouped: false }]
        };
        let words = meaning.words.iter().map(word).collect();
        let (stands_for, cost) = (meaning.stands_for, meaning.cost);
        Phrase { stands_for, words, cost, boost: SYNONYM_BOOST }
    });
    let phrases = phrases.collect();
    let words = words.iter().map(|word| alternatives(word, languages, searcher)).collect();
    Clauses { words, phrases }
}

/// The same words as a title has them, by language.
pub(crate) fn stems(
    words: &[ResolvedWord],
    meanings: &Meanings,
    languages: &[Lang],
    searcher: &Searcher,
) -> Vec<Stems> {
    let stems = |&lang: &Lang| Stems {
        lang,
        words: words
            .iter()
            .enumerate()
            .map(|(place, word)| {
                let completions = word.completions.iter().flatten().map(|it| &it.folded);
                let forms = [&word.folded].into_iter().chain(completions);
                let forms = forms.chain(meanings.of_word(place, lang));
                let mut stems: Vec<String> = forms.map(|it| searcher.stem(lang, it)).collect();
                stems.sort_unstable();
                stems.dedup();
                stems
            })
            .collect(),
    };
    languages.iter().map(stems).collect()
}

/// Any form of the word in any of the languages, what it completes to, and the code it may be.
fn alternatives(word: &ResolvedWord, languages: &[Lang], searcher: &Searcher) -> Vec<Alternative> {
    let code = Alternative {
        field: searcher.fields().codes,
        term: word.folded.clone(),
        cost: word.cost,
        boost: 1.0,
        grouped: false,
    };
    if word.code {
        return vec![code];
    }
    let mut alternatives = vec![code];
    for (place, &lang) in languages.iter().enumerate() {
        let boost = if place == 0 { 1.0 } else { OTHER_LANGUAGE_BOOST };
        let field = searcher.fields().of(lang).all;
        let own = searcher.stem(lang, &word.folded);
        for completion in word.completions.iter().flatten() {
            let term = searcher.stem(lang, &completion.folded);
            let known = |it: &Alternative| it.field == field && it.term == term;
            if term != own && !alternatives.iter().any(known) {
                let boost = if completion.titled { boost } else { boost * LABEL_BOOST };
                let likely = RARE_BOOST + (1.0 - RARE_BOOST) * completion.share.sqrt();
                let boost = boost * likely;
                let cost = word.cost;
                alternatives.push(Alternative { field, term, cost, boost, grouped: true });
            }
        }
        let grouped = word.completions.is_some();
        let cost = word.cost;
        alternatives.push(Alternative { field, term: own, cost, boost, grouped });
    }
    alternatives
}

/// The query of one word: any of its alternatives.
pub(crate) fn compile(
    word: &ResolvedWord,
    languages: &[Lang],
    searcher: &Searcher,
) -> Box<dyn Query> {
    let alternatives = alternatives(word, languages, searcher).into_iter().map(|alternative| {
        let term = Term::from_field_text(alternative.field, &alternative.term);
        Box::new(TermQuery::new(term, IndexRecordOption::Basic)) as Box<dyn Query>
    });
    Box::new(DisjunctionMaxQuery::new(alternatives.collect()))
}

impl ResolvedWord {
    /// The query that every word must match; without words everything does.
    pub(crate) fn all(
        words: &[ResolvedWord],
        languages: &[Lang],
        searcher: &Searcher,
    ) -> Box<dyn Query> {
        match words {
            [] => Box::new(AllQuery),
            [word] => compile(word, languages, searcher),
            _ => {
                let words = words.iter().map(|word| compile(word, languages, searcher)).collect();
                Box::new(BooleanQuery::intersection(words))
            }
        }
    }
}
