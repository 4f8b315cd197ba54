//! From text to terms: words are split by script, folded to one spelling, and stemmed by language.
//!
//! **Invariant**: index, query, highlighting and vocabulary all go through here, so they cannot
//! disagree; a change to what comes out raises `ANALYSIS_VERSION` in `schema.rs`.

mod arabic;
mod fold;
mod kazakh;
mod layouts;
mod lexicon;
#[cfg(test)]
mod measured;
mod russian;
mod split;
mod stem;
mod stop;
mod terms;
mod transliterations;

pub(crate) use fold::fold;
pub(crate) use layouts::other_layouts;
pub(crate) use russian::is_irregular;
pub(crate) use split::{Word, spans, words};
pub(crate) use stem::stem;
pub(crate) use stop::is_stop_word;
pub(crate) use terms::{Analyzer, CODES, TERMS, TitleWord, register};
pub(crate) use transliterations::{distance, skeleton, skeletons};
