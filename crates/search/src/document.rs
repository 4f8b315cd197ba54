//! What is indexed of a product, and what is stored of it.

use serde::{Deserialize, Serialize};
use souk_base::{AttributeValueId, BrandId, CategoryId, Lang, Ordinal, Position, ProductId};

use crate::Result;

/// A product's text in one language.
#[derive(Clone, Debug, PartialEq, Eq)]
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
#[derive(Clone, Debug, PartialEq, Eq)]
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

/// A document as it is stored and read back. The names of its taxonomy are not repeated in it: their checksum
/// says whether they are the same.
///
/// The fields stand in the order in which they are stored; those of a `Card` come first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stored {
    /// Key of `products`.
    pub product_id: ProductId,
    /// The id that the system it was imported from gave it.
    pub external_id: Option<String>,
    /// Readable part of its address.
    pub slug: String,
    /// The generated picture.
    pub picture: String,
    /// Address of a photograph, when there is one.
    pub image: Option<String>,
    /// Its texts, at most one per language.
    pub texts: Vec<StoredText>,
    /// The product's place in every column.
    pub ordinal: Ordinal,
    /// Its maker.
    pub brand_id: Option<BrandId>,
    /// Its category and that one's ancestors, the leaf first.
    pub categories: Vec<CategoryId>,
    /// Its attribute values.
    pub values: Vec<AttributeValueId>,
    /// What it is found by exactly.
    pub codes: Vec<String>,
    /// When it was created, in Unix seconds.
    pub created_at_s: i64,
    /// CRC-32 of its keywords and the names of its values, in the order of the languages.
    pub names: u32,
}

/// A product's stored text in one language.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredText {
    /// The language of both.
    pub lang: Lang,
    /// Name of the product.
    pub title: String,
    /// Description, may be empty.
    pub description: String,
}

/// What a hit shows of a document: the beginning of a [`Stored`], where it lies in memory.
#[derive(Debug, Deserialize)]
pub(crate) struct Card<'s> {
    product_id: &'s str,
    pub(crate) external_id: Option<&'s str>,
    pub(crate) slug: &'s str,
    pub(crate) picture: &'s str,
    pub(crate) image: Option<&'s str>,
    #[serde(borrow)]
    pub(crate) texts: Vec<CardText<'s>>,
}

/// A text of a [`Card`]. Only the one that is shown is looked at, so all are bytes until then.
#[derive(Debug, Deserialize)]
pub(crate) struct CardText<'s> {
    pub(crate) lang: Lang,
    title: &'s [u8],
    description: &'s [u8],
}

impl Document {
    /// What is stored of it.
    #[must_use]
    pub fn stored(&self) -> Stored {
        let mut texts: Vec<&Text> = self.texts.iter().collect();
        texts.sort_unstable_by_key(|text| text.lang);
        let mut names = crc32fast::Hasher::new();
        for text in &texts {
            for name in [text.lang.code(), &text.keywords, &text.values] {
                names.update(name.as_bytes());
                names.update(&[0]);
            }
        }
        let text = |text: &Text| StoredText {
            lang: text.lang,
            title: text.title.clone(),
            description: text.description.clone(),
        };
        Stored {
            product_id: self.product_id,
            external_id: self.external_id.clone(),
            slug: self.slug.clone(),
            picture: self.picture.clone(),
            image: self.image.clone(),
            texts: self.texts.iter().map(text).collect(),
            ordinal: self.ordinal,
            brand_id: self.brand_id,
            categories: self.categories.clone(),
            values: self.values.clone(),
            codes: self.codes.clone(),
            created_at_s: self.created_at_s,
            names: names.finalize(),
        }
    }

    /// Whether this is exactly what was stored, whatever the order of its sets.
    #[must_use]
    pub fn matches(&self, stored: &Stored) -> bool {
        self.stored().in_order() == stored.clone().in_order()
    }
}

impl Stored {
    /// The bytes that lie in the index.
    pub(crate) fn to_bytes(&self) -> Vec<u8> {
        postcard::to_stdvec(self).expect("a document is plain data and memory grows")
    }

    /// The document in these bytes.
    pub(crate) fn from_bytes(bytes: &[u8]) -> Result<Stored> {
        Ok(postcard::from_bytes(bytes)?)
    }

    /// The same document with its sets sorted; categories are a path and keep their order.
    fn in_order(mut self) -> Stored {
        self.values.sort_unstable();
        self.codes.sort_unstable();
        self.texts.sort_unstable_by_key(|text| text.lang);
        self
    }
}

impl<'s> Card<'s> {
    /// The card at the beginning of a stored document.
    pub(crate) fn of(bytes: &'s [u8]) -> Result<Card<'s>> {
        Ok(postcard::take_from_bytes(bytes)?.0)
    }

    /// Key of `products`.
    pub(crate) fn product_id(&self) -> Result<ProductId> {
        self.product_id.parse().map_err(|_| postcard::Error::DeserializeBadEncoding.into())
    }

    /// The text in the first of these languages that the product has, else in any.
    pub(crate) fn text(&self, languages: &[Lang]) -> Option<&CardText<'s>> {
        languages
            .iter()
            .find_map(|&lang| self.texts.iter().find(|text| text.lang == lang))
            .or_else(|| self.texts.iter().find(|text| text.lang == Lang::En))
            .or_else(|| self.texts.first())
    }
}

impl<'s> CardText<'s> {
    pub(crate) fn title(&self) -> Result<&'s str> {
        readable(self.title)
    }

    pub(crate) fn description(&self) -> Result<&'s str> {
        readable(self.description)
    }
}

fn readable(bytes: &[u8]) -> Result<&str> {
    str::from_utf8(bytes).map_err(|_| postcard::Error::DeserializeBadUtf8.into())
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

        assert!(document.matches(&other.stored()));

        other.texts[0].keywords = "Roses".to_owned();
        assert!(!document.matches(&other.stored()));
        other.texts[0].keywords.clear();
        other.categories.reverse();
        assert!(!document.matches(&other.stored()));
    }

    #[test]
    fn a_stored_document_is_read_back_and_begins_with_its_card() {
        let text = |lang: Lang| Text {
            lang,
            title: format!("Rose {lang}"),
            description: "A red rose.".to_owned(),
            keywords: "Roses".to_owned(),
            values: "Red".to_owned(),
        };
        let document = Document {
            product_id: ProductId::new(71),
            ordinal: Ordinal(70),
            external_id: Some("R-1".to_owned()),
            slug: "rose".to_owned(),
            picture: "rose/red".to_owned(),
            image: None,
            brand_id: Some(BrandId::new(5)),
            categories: vec![CategoryId::new(2)],
            values: vec![AttributeValueId::new(3)],
            codes: vec!["R-1".to_owned()],
            created_at_s: -5,
            texts: vec![text(Lang::En), text(Lang::Ar)],
        };
        let bytes = document.stored().to_bytes();

        let card = Card::of(&bytes).unwrap();

        assert_eq!(Stored::from_bytes(&bytes).unwrap(), document.stored());
        assert_eq!(card.product_id().unwrap(), document.product_id);
        assert_eq!((card.external_id, card.slug, card.image), (Some("R-1"), "rose", None));
        assert_eq!(card.text(&[Lang::Ru, Lang::Ar]).unwrap().title().unwrap(), "Rose ar");
        assert_eq!(card.text(&[Lang::Ru]).unwrap().lang, Lang::En);
        assert!(Stored::from_bytes(&bytes[1..]).is_err());
    }
}
