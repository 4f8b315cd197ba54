//! A product as a file gives it: the one shape that every catalogue format is read into.

use std::collections::BTreeMap;

use souk_base::{Lang, MarketCode, Translated};

use crate::products::ProductText;

/// A product of a catalogue file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    /// The id it has where it comes from.
    pub external_id: String,
    /// The language the file's own texts are in.
    pub lang: Lang,
    /// Its texts, the file's own language first; never empty.
    pub texts: Vec<ProductText>,
    /// Its maker.
    pub brand: Option<String>,
    /// Names of its category and the ones above, the root first; empty when the file names none.
    pub category: Vec<Translated>,
    /// Its attributes; none when the file does not speak of attributes at all.
    pub attributes: Option<Vec<ItemAttribute>>,
    /// Which still life is drawn while it has no photograph.
    pub picture: Option<String>,
    /// Addresses of its photographs.
    pub images: Vec<String>,
    /// What can be bought; never empty.
    pub variants: Vec<ItemVariant>,
}

/// An attribute of an [`Item`] with its values.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ItemAttribute {
    /// Name in filters.
    pub code: String,
    /// The name the file gives it.
    pub name: String,
    /// One or more values.
    pub values: Vec<Translated>,
}

/// A variant of an [`Item`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ItemVariant {
    /// The shop's code for it.
    pub sku: String,
    /// What tells it from its siblings, such as size: 12 stems.
    pub options: BTreeMap<String, Translated>,
    /// Its barcodes.
    pub eans: Vec<String>,
    /// What the house asks for it, one price a market.
    pub prices: Vec<ItemPrice>,
    /// Units by city slug, when the file says.
    pub stock: BTreeMap<String, i32>,
}

/// A price of an [`ItemVariant`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ItemPrice {
    /// Where it holds.
    pub market: MarketCode,
    /// In the market's minor units.
    pub minor: i64,
    /// The price before, when it is reduced.
    pub list_minor: Option<i64>,
    /// Minutes from order to hand-over, when the file says.
    pub preparation_minutes: Option<i32>,
}

impl Item {
    /// The title by which addresses are made: the English one, else the file's own.
    #[must_use]
    pub fn title(&self) -> &str {
        let english = self.texts.iter().find(|text| text.lang == Lang::En);
        english.or(self.texts.first()).map(|text| text.title.as_str()).unwrap_or_default()
    }
}
