//! The fields of the index, and the hash that names this version of them.

use std::array::from_fn;

use sha2::{Digest, Sha256};
use souk_base::Lang;
use tantivy::schema::{
    FAST, Field, INDEXED, IndexRecordOption, STORED, Schema, TextFieldIndexing, TextOptions,
};

use crate::analysis;

/// Raised whenever the analysis of text changes: an index built before speaks another dialect.
const ANALYSIS_VERSION: u32 = 2;

/// Raised whenever the files are written differently (`blocks.rs`, `document.rs`).
const FILES_VERSION: u32 = 4;

/// How often the title's words are in the field that is searched: one field that holds everything ranks
/// better than a sum over several, once the title has its weight in it.
pub(crate) const TITLE_WEIGHT: u32 = 6;

/// The index's fields.
#[derive(Clone, Debug)]
pub(crate) struct Fields {
    /// Key of the product, to delete its document by.
    pub(crate) product: Field,
    /// What is stored of the document, see `document.rs`.
    pub(crate) document: Field,
    /// SKUs, EANs and other ids, each one term.
    pub(crate) codes: Field,
    /// Fast: the product's ordinal.
    pub(crate) ordinal: Field,
    /// Fast: Unix seconds.
    pub(crate) created_at: Field,
    /// Fast: attribute value ids.
    pub(crate) values: Field,
    /// Fast and indexed: ids of the category path.
    pub(crate) categories: Field,
    /// Fast: brand id.
    pub(crate) brand: Field,
    /// By [`Lang::index`].
    languages: [TextFields; 4],
}

/// The fields of one language.
#[derive(Clone, Copy, Debug)]
pub(crate) struct TextFields {
    /// Title (several times, see [`TITLE_WEIGHT`]), description and keywords, stemmed: what a search matches.
    pub(crate) all: Field,
    /// Fast: the words of the title as they are written, in lower case and in order.
    pub(crate) title: Field,
    /// Fast: what stands around each of those words, see `titles.rs`.
    pub(crate) marks: Field,
}

impl Fields {
    /// The schema and its fields.
    pub(crate) fn build() -> (Schema, Fields) {
        let mut schema = Schema::builder();
        let fields = Fields {
            product: schema.add_i64_field("product", INDEXED),
            document: schema.add_bytes_field("document", STORED),
            codes: schema.add_text_field("codes", text(analysis::CODES, false)),
            ordinal: schema.add_u64_field("ordinal", FAST),
            created_at: schema.add_i64_field("created_at", FAST),
            values: schema.add_i64_field("facet_values", FAST),
            categories: schema.add_i64_field("categories", FAST | INDEXED),
            brand: schema.add_i64_field("brand", FAST),
            languages: from_fn(|index| {
                let lang = Lang::ALL[index];
                let raw = TextOptions::default().set_fast("raw");
                TextFields {
                    all: schema.add_text_field(&format!("all_{lang}"), text(analysis::TERMS, true)),
                    title: schema.add_text_field(&format!("title_{lang}"), raw),
                    marks: schema.add_u64_field(&format!("marks_{lang}"), FAST),
                }
            }),
        };
        (schema.build(), fields)
    }

    /// The fields of a language.
    pub(crate) const fn of(&self, lang: Lang) -> TextFields {
        self.languages[lang.index()]
    }
}

/// An indexed, not stored text with term frequencies; `norms` decides whether length counts.
fn text(tokenizer: &str, norms: bool) -> TextOptions {
    TextOptions::default().set_indexing_options(
        TextFieldIndexing::default()
            .set_tokenizer(tokenizer)
            .set_index_option(IndexRecordOption::WithFreqs)
            .set_fieldnorms(norms),
    )
}

/// Names the schema and analysis of this build; the index lives in `<data>/index/<schema hash>/`.
#[must_use]
pub fn schema_hash() -> String {
    let (schema, _) = Fields::build();
    let json = serde_json::to_string(&schema).expect("a schema is plain data with text keys");
    let versions = format!("{ANALYSIS_VERSION} {FILES_VERSION} {}", tantivy::version_string());
    let digest = Sha256::digest(format!("{versions} {json}"));
    digest.iter().take(6).map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hash_is_short_hexadecimal_and_the_same_every_time() {
        let hash = schema_hash();

        assert_eq!(hash.len(), 12);
        assert!(hash.bytes().all(|byte| byte.is_ascii_hexdigit()));
        assert_eq!(hash, schema_hash());
    }
}
