//! Categories as the office edits them.

use serde::Serialize;
use souk_base::{CategoryId, Translated};

/// A category with its labels exactly as they are.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct EditableCategory {
    /// Key of the category.
    pub id: CategoryId,
    /// The one above; none at the top.
    pub parent_id: Option<CategoryId>,
    /// Readable name for its address.
    pub slug: String,
    /// Its name, by language.
    pub labels: Translated,
    /// Its place among its siblings.
    pub position: i32,
}

/// A category of the list with what stands in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CategoryLine {
    /// The category.
    pub category: EditableCategory,
    /// How many steps it is below the top.
    pub depth: usize,
    /// Products that stand in it itself, listed or not.
    pub products: i64,
}

/// A category to be added.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NewCategory {
    /// The one above; none at the top.
    pub parent_id: Option<CategoryId>,
    /// Readable name for its address; made from the English (else any) label where none is given.
    pub slug: Option<String>,
    /// Its name, at least in one language.
    pub labels: Translated,
    /// Its place among its siblings; behind them where none is given.
    pub position: Option<i32>,
}

/// What is to change of a category; what is none stays.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CategoryChange {
    /// The one above, or that it is at the top.
    pub parent_id: Option<Option<CategoryId>>,
    /// Readable name for its address.
    pub slug: Option<String>,
    /// Its place among its siblings.
    pub position: Option<i32>,
}
