//! Products as the office edits them: whole, listed or not.
//!
//! A product that was ever sold cannot be deleted, only archived, since its sales name it. It keeps at least one
//! variant and, while it is active, at least one text.

mod bulk;
mod bulk_sql;
mod ops;
mod search;
mod search_sql;
mod sql;
#[cfg(test)]
mod tests;
mod variants;

pub use bulk::{BULK_PRODUCTS_MAX, BulkChange, BulkReport, PriceChange, StockChange, bulk};
use jiff::Timestamp;
pub use ops::{create, delete, get, lock, put_text, remove_text, set_values, update};
pub use search::{Filter, Found, count_found, find};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use souk_base::{AttributeValueId, BrandId, CategoryId, ProductId, VariantId};
pub use variants::{add_variant, remove_variant, update_variant};

use super::ProductText;
use crate::media::Picture;
use crate::{Error, Result};

/// Whether a product is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// In the making; never shown.
    Draft,
    /// Shown, from `publish_at` on if it has one.
    Active,
    /// Shown no longer; kept for what was sold of it.
    Archived,
}

/// A product with everything that the editor shows, offers and stock aside.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct EditableProduct {
    /// Key of the product.
    pub id: ProductId,
    /// The id it has in another system.
    pub external_id: Option<String>,
    /// Readable name for its address.
    pub slug: String,
    /// Whether it is shown.
    pub state: State,
    /// From when on it is listed, if active; none for at once.
    pub publish_at: Option<Timestamp>,
    /// Where it stands in the tree.
    pub category_id: CategoryId,
    /// Its maker.
    pub brand_id: Option<BrandId>,
    /// Which still life is drawn while it has no photograph.
    pub picture: String,
    /// Its attribute values, in id order.
    pub values: Vec<AttributeValueId>,
    /// Its texts, by language code.
    pub texts: Vec<ProductText>,
    /// Its variants in the shop's order.
    pub variants: Vec<EditableVariant>,
    /// Its photographs in order.
    pub media: Vec<Picture>,
    /// When it was added.
    pub created_at: Timestamp,
    /// When it was last changed here.
    pub updated_at: Timestamp,
}

/// A variant as the editor shows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct EditableVariant {
    /// Key of the variant.
    pub id: VariantId,
    /// The shop's code for it.
    pub sku: String,
    /// What tells it from its siblings: `{"size": "25 stems"}`, or by language `{"size": {"en": …, "ar": …}}`.
    pub options: Map<String, Value>,
    /// Its barcodes.
    pub eans: Vec<String>,
    /// Its place among its siblings, from 0.
    pub position: i32,
}

/// A product to be added.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewProduct {
    /// The id it has in another system.
    pub external_id: Option<String>,
    /// Readable name for its address; made from the English (else any) title where none is given.
    pub slug: Option<String>,
    /// Whether it is shown.
    pub state: State,
    /// From when on it is listed, if active.
    pub publish_at: Option<Timestamp>,
    /// Where it stands in the tree.
    pub category_id: CategoryId,
    /// Its maker.
    pub brand_id: Option<BrandId>,
    /// Which still life is drawn while it has no photograph; a box where none is given.
    pub picture: Option<String>,
    /// At least one text.
    pub texts: Vec<ProductText>,
    /// Its variants; a single one without options where none is given.
    pub variants: Vec<NewVariant>,
    /// Its attribute values.
    pub values: Vec<AttributeValueId>,
}

/// A variant to be added.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NewVariant {
    /// The shop's code for it; made from the product's id where none is given.
    pub sku: Option<String>,
    /// What tells it from its siblings.
    pub options: Map<String, Value>,
    /// Its barcodes.
    pub eans: Vec<String>,
}

/// What is to change of a product; what is none stays.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ProductChange {
    /// The id it has in another system, or that it has none.
    pub external_id: Option<Option<String>>,
    /// Readable name for its address.
    pub slug: Option<String>,
    /// Whether it is shown.
    pub state: Option<State>,
    /// From when on it is listed, or that it is at once.
    pub publish_at: Option<Option<Timestamp>>,
    /// Where it stands in the tree.
    pub category_id: Option<CategoryId>,
    /// Its maker, or that it has none.
    pub brand_id: Option<Option<BrandId>>,
    /// Which still life is drawn while it has no photograph.
    pub picture: Option<String>,
}

/// What is to change of a variant; what is none stays.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct VariantChange {
    /// The shop's code for it.
    pub sku: Option<String>,
    /// What tells it from its siblings.
    pub options: Option<Map<String, Value>>,
    /// Its barcodes.
    pub eans: Option<Vec<String>>,
    /// Its place among its siblings.
    pub position: Option<i32>,
}

impl State {
    /// Every state.
    pub const ALL: [State; 3] = [State::Draft, State::Active, State::Archived];

    /// The name in the database and in addresses.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            State::Draft => "draft",
            State::Active => "active",
            State::Archived => "archived",
        }
    }

    /// The state with this name.
    #[must_use]
    pub fn of_code(code: &str) -> Option<State> {
        State::ALL.into_iter().find(|state| state.code() == code)
    }

    fn read(code: &str) -> Result<State> {
        State::of_code(code).ok_or_else(|| Error::UnknownState(code.to_owned()))
    }
}

impl EditableProduct {
    /// Whether it is listed at this time, if it is offered.
    #[must_use]
    pub fn is_listed(&self, now: Timestamp) -> bool {
        self.state == State::Active && self.publish_at.is_none_or(|at| at <= now)
    }
}
