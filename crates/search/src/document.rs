//! What is indexed of a product, and stored beside it whole.

use serde::{Deserialize, Serialize};
use souk_base::{AttributeValueId, BrandId, CategoryId, Lang, Ordinal, Position, ProductId};

/// A product's text in one language.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Text {
    /// The language of all of them.
    pub lang: Lang,
    /// Name of the product.
    pub title: String,
    /// Description, may be empty.
    pub description: String,
    /// Names of the category path and the brand, a line each.
    pub keywords: String,
    /// Names of the attribute values, a line each.
    pub values: String,
}

/// A product as the index holds it: text and taxonomy. Prices and stock live in [`crate::Columns`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Document {
    /// Key of `products`.
    pub product_id: ProductId,
    /// The product's place in every column.
    pub ordinal: Ordinal,
    /// The id that the system it was imported from gave it.
    pub external_id: Option<String>,
    /// Readable part of its address.
    pub slug: String,
    /// The generated picture as `<still life>/<colour code>`, such as `rose/red`.
    pub picture: String,
    /// Address of a photograph, when there is one.
    pub image: Option<String>,
    /// Its maker.
    pub brand_id: Option<BrandId>,
    /// Its category and that one's ancestors, the leaf first.
    pub categories: Vec<CategoryId>,
    /// Its attribute values.
    pub values: Vec<AttributeValueId>,
    /// What it is found by exactly: SKUs, EANs, the external id.
    pub codes: Vec<String>,
    /// When it was created, in Unix seconds.
    pub created_at_s: i64,
    /// Its texts, at most one per language.
    pub texts: Vec<Text>,
}

/// A document as it was stored, read back.
pub type Stored = Document;

impl Document {
    /// Whether this is exactly that document, whatever the order of its sets.
    #[must_use]
    pub fn matches(&self, other: &Document) -> bool {
        self.in_order() == other.in_order()
    }

    /// The text in the first of these languages that the product has, else in any.
    #[must_use]
    pub fn text(&self, languages: &[Lang]) -> Option<&Text> {
        languages
            .iter()
            .find_map(|&lang| self.texts.iter().find(|text| text.lang == lang))
            .or_else(|| self.texts.iter().find(|text| text.lang == Lang::En))
            .or_else(|| self.texts.first())
    }

    /// The same document with its sets sorted; categories are a path and keep their order.
    fn in_order(&self) -> Document {
        let mut sorted = self.clone();
        sorted.values.sort_unstable();
        sorted.codes.sort_unstable();
        sorted.texts.sort_unstable_by_key(|text| text.lang);
        sorted
    }
}

/// What an index contains: where it came from, and the position up to which everything is in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Checkpoint {
    /// Identity of the source (cluster, slot, …); another source means another truth.
    pub source: String,
    /// Everything up to here is in; some later changes may be in too.
    pub position: Position,
    /// What came or went by itself up to here, in microseconds since 1970, is in as well.
    #[serde(default)]
    pub clock_us: i64,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_document_matches_itself_in_another_order_and_nothing_else() {
        let text = |lang| Text {
            lang,
            title: lang.name().to_owned(),
            description: String::new(),
            keywords: String::new(),
            values: String::new(),
        };
        let document = Document {
            product_id: ProductId::new(1),
            ordinal: Ordinal(0),
            external_id: None,
            slug: "rose".to_owned(),
            picture: "rose/red".to_owned(),
            image: None,
            brand_id: None,
            categories: vec![CategoryId::new(2), CategoryId::new(1)],
            values: vec![AttributeValueId::new(3), AttributeValueId::new(4)],
            codes: vec!["a".to_owned(), "b".to_owned()],
            created_at_s: 0,
            texts: vec![text(Lang::En), text(Lang::Ar)],
        };
        let mut other = document.clone();
        other.values.reverse();
        other.codes.reverse();
        other.texts.reverse();

        assert!(document.matches(&other));
        assert_eq!(document.text(&[Lang::Ru, Lang::Ar]).unwrap().lang, Lang::Ar);
        assert_eq!(document.text(&[Lang::Ru]).unwrap().lang, Lang::En);

        other.categories.reverse();
        assert!(!document.matches(&other));
    }
}
