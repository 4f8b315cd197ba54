//! Resolved words as a tantivy query.
//!
//! A word scores as plain BM25 in the catch-all field of its best language, plus half of what it
//! scores in the title. A sum over many boosted fields ranks worse than that one field.

use souk_base::Lang;
use tantivy::Term;
use tantivy::query::{
    AllQuery, BooleanQuery, BoostQuery, DisjunctionMaxQuery, Occur, Query, TermQuery,
};
use tantivy::schema::{Field, IndexRecordOption};

use super::ResolvedWord;
use crate::analysis::stem;
use crate::schema::Fields;

/// How much a match in the title adds.
const TITLE_BOOST: f32 = 0.5;
/// What a match in another language than the page's counts.
const OTHER_LANGUAGE_BOOST: f32 = 0.9;
/// What a word counts that the unfinished one may become.
const COMPLETION_BOOST: f32 = 0.6;

/// The query of one word: any of its forms, in any of the languages, or as a code.
pub(crate) fn compile(word: &ResolvedWord, languages: &[Lang], fields: &Fields) -> Box<dyn Query> {
    let code = term(fields.codes, &word.folded);
    if word.code {
        return code;
    }
    let mut alternatives = Vec::new();
    for (place, &lang) in languages.iter().enumerate() {
        let boost = if place == 0 { 1.0 } else { OTHER_LANGUAGE_BOOST };
        let of = fields.of(lang);
        let stem = stem(lang, &word.folded);
        let title = boosted(term(of.title, &stem), TITLE_BOOST);
        let both = vec![(Occur::Must, term(of.all, &stem)), (Occur::Should, title)];
        alternatives.push(boosted(Box::new(BooleanQuery::new(both)), boost));
        for completion in word.completions.iter().flatten() {
            alternatives.push(boosted(term(of.words, completion), boost * COMPLETION_BOOST));
        }
    }
    alternatives.push(code);
    Box::new(DisjunctionMaxQuery::new(alternatives))
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

    /// The query that this many of the words must match.
    pub(crate) fn at_least(
        count: usize,
        words: &[ResolvedWord],
        languages: &[Lang],
        fields: &Fields,
    ) -> Box<dyn Query> {
        let words = words.iter().map(|word| compile(word, languages, fields)).collect();
        Box::new(BooleanQuery::union_with_minimum_required_clauses(words, count))
    }
}

fn term(field: Field, text: &str) -> Box<dyn Query> {
    Box::new(TermQuery::new(Term::from_field_text(field, text), IndexRecordOption::WithFreqs))
}

fn boosted(query: Box<dyn Query>, boost: f32) -> Box<dyn Query> {
    Box::new(BoostQuery::new(query, boost))
}
