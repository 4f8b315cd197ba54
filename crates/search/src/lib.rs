//! Full-text search with exact facets: tantivy for text and taxonomy, live columns for price and stock.
//!
//! **Invariants**: a request reads one immutable [`View`]; whatever a market does not show never
//! influences an answer given there; every order ends in the product's ordinal, so it is total.
//! tantivy is used in this crate only; it knows no SQL, no HTTP and no async runtime.

mod analysis;
mod blocks;
mod collect;
mod columns;
mod described;
mod directory;
mod document;
mod error;
pub mod evaluate;
mod facets;
mod highlight;
mod lexicon;
mod matching;
mod merges;
mod price_ranges;
mod query;
mod ranking;
mod recent;
mod rules;
mod schema;
mod scrub;
mod searcher;
mod segment;
mod shelf;
mod suggest;
mod synonyms;
mod title_lists;
mod titles;
mod totals;
mod typos;
mod view;
mod vocabulary;
mod writer;

pub use columns::{Columns, ProductColumn};
pub use described::Described;
pub use document::{Checkpoint, Document, Stored, StoredText, Text};
pub use error::{Error, Result};
pub use query::{
    FACETS_AUTO, FACETS_MAX, FILTERS_MAX, LIMIT_MAX, PageKey, Query, Request, Sort,
    TEXT_LENGTH_MAX, WORDS_MAX,
};
pub use ranking::Rank;
pub use rules::{Banner, Effects, FACTOR_MAX, FACTOR_MIN, RuleBook, Situation};
pub use schema::schema_hash;
pub use scrub::{Damage, Scrub};
pub use searcher::Searcher;
pub use shelf::Shelf;
pub use suggest::{SuggestRequest, SuggestedCategory, SuggestedQuery, Suggestions};
pub use synonyms::{Meant, SynonymBook};
pub use view::{Books, Engine, Facet, FacetValue, Found, Highlights, Hit, View};
pub use writer::Writer;
