//! Resolved words as what is looked for in the index.

use souk_base::Lang;
use tantivy::Term;
use tantivy::query::{AllQuery, BooleanQuery, DisjunctionMaxQuery, Query, TermQuery};
use tantivy::schema::IndexRecordOption;

use super::ResolvedWord;
use crate::analysis::stem;
use crate::matching::{Alternative, Clauses};
use crate::ranking::Stems;
use crate::schema::Fields;

/// What a match in another language than the page's counts.
const OTHER_LANGUAGE_BOOST: f32 = 0.9;
/// What the least likely completion counts.
const UNLIKELY_BOOST: f32 = 0.9;

/// The words as clauses of a match.
pub(crate) fn clauses(words: &[ResolvedWord], languages: &[Lang], fields: &Fields) -> Clauses {
    let words = words.iter().map(|word| alternatives(word, languages, fields)).collect();
    Clauses { words, phrases: Vec::new() }
}

/// The same words as a title has them, by language.
pub(crate) fn stems(words: &[ResolvedWord], languages: &[Lang]) -> Vec<Stems> {
    let stems = |&lang: &Lang| Stems {
        lang,
        words: words
            .iter()
            .map(|word| {
                let completions = word.completions.iter().flatten().map(|it| &it.folded);
                let mut stems: Vec<String> =
                    [&word.folded].into_iter().chain(completions).map(|it| stem(lang, it)).collect();
                stems.sort_unstable();
                stems.dedup();
                stems
            })
            .collect(),
    };
    languages.iter().map(stems).collect()
}

/// Any form of the word in any of the languages, what it completes to, and the code it may be.
fn alternatives(word: &ResolvedWord, languages: &[Lang], fields: &Fields) -> Vec<Alternative> {
    let code = Alternative {
        field: fields.codes,
        term: word.folded.clone(),
        cost: 0,
        boost: 1.0,
        grouped: false,
    };
    if word.code {
        return vec![code];
    }
    let mut alternatives = vec![code];
    for (place, &lang) in languages.iter().enumerate() {
        let boost = if place == 0 { 1.0 } else { OTHER_LANGUAGE_BOOST };
        let field = fields.of(lang).all;
        let own = stem(lang, &word.folded);
        for completion in word.completions.iter().flatten() {
            let term = stem(lang, &completion.folded);
            let known = |it: &Alternative| it.field == field && it.term == term;
            if term != own && !alternatives.iter().any(known) {
                let boost = boost * (UNLIKELY_BOOST + (1.0 - UNLIKELY_BOOST) * completion.share);
                alternatives.push(Alternative { field, term, cost: 0, boost, grouped: true });
            }
        }
        let grouped = word.completions.is_some();
        alternatives.push(Alternative { field, term: own, cost: 0, boost, grouped });
    }
    alternatives
}

/// The query of one word: any of its alternatives.
pub(crate) fn compile(word: &ResolvedWord, languages: &[Lang], fields: &Fields) -> Box<dyn Query> {
    let alternatives = alternatives(word, languages, fields).into_iter().map(|alternative| {
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
        fields: &Fields,
    ) -> Box<dyn Query> {
        match words {
            [] => Box::new(AllQuery),
            [word] => compile(word, languages, fields),
            _ => {
                let words = words.iter().map(|word| compile(word, languages, fields)).collect();
                Box::new(BooleanQuery::intersection(words))
            }
        }
    }
}
