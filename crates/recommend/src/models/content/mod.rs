//! What products say of themselves: who is alike by the terms of titles, categories, brands and attributes.
//!
//! Fitted on [`Texts`], the terms of each item as numbers: a term weighs its inverse document frequency, an item's
//! weights have the length 1, and two items are as alike as the cosine of theirs. Nothing that anybody did is needed,
//! so an item is known as soon as it is described. Terms that more than a share of all items have say nothing and are
//! passed over. Cost: a fit takes Σ terms, an answer Σ items of each term of what was asked about.
//!
//! Not linfa-preprocessing's TF-IDF: it splits texts itself, by a function without state, and keeps a dense column a
//! term; terms that the search has numbered already fit neither.
//!
//! Source: Salton, Buckley, "Term-weighting approaches in automatic text retrieval", 1988.

mod algorithm;
mod hyperparams;
#[cfg(test)]
mod tests;

pub use algorithm::{Content, Texts};
pub use hyperparams::{ContentParams, ContentValidParams};
