//! Categories as the office edits them.

use serde::Serialize;
use souk_base::{CategoryId, Lang, Translated};
use sqlx::PgConnection;

use crate::Result;
use crate::writes::Write;

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

/// Every category, each before the ones below it, siblings in the shop's order.
///
/// # Errors
/// [`crate::Error::Database`] when PostgreSQL does not answer.
pub async fn tree(connection: &mut PgConnection) -> Result<Vec<CategoryLine>> {
    unimplemented!()
}

/// One category.
///
/// # Errors
/// [`crate::Error::NotFound`].
pub async fn get(connection: &mut PgConnection, id: CategoryId) -> Result<EditableCategory> {
    unimplemented!()
}

/// The category, locked against other writers until the write ends; `expected` is the `If-Match` of the caller.
///
/// # Errors
/// [`crate::Error::NotFound`]; [`crate::Error::Stale`] when it has changed since.
pub async fn lock(
    write: &mut Write,
    id: CategoryId,
    expected: Option<&str>,
) -> Result<EditableCategory> {
    unimplemented!()
}

/// Adds a category.
///
/// # Errors
/// [`crate::Error::Invalid`] without a label or a slug; [`crate::Error::Conflict`] when the slug is taken or there is
/// no such parent.
pub async fn create(write: &mut Write, new: NewCategory) -> Result<CategoryId> {
    unimplemented!()
}

/// Changes a category; moving it takes along everything below it.
///
/// # Errors
/// [`crate::Error::NotFound`]; [`crate::Error::Conflict`] when it would come to stand below itself, the slug is taken
/// or there is no such parent.
pub async fn update(write: &mut Write, id: CategoryId, change: CategoryChange) -> Result<()> {
    unimplemented!()
}

/// Names a category in one language; none removes the name.
///
/// # Errors
/// [`crate::Error::NotFound`]; [`crate::Error::Conflict`] for the last name, or one that is blank.
pub async fn put_label(
    write: &mut Write,
    id: CategoryId,
    lang: Lang,
    label: Option<&str>,
) -> Result<()> {
    unimplemented!()
}

/// Removes an empty category.
///
/// # Errors
/// [`crate::Error::NotFound`]; [`crate::Error::Conflict`] while products or categories stand in it.
pub async fn remove(write: &mut Write, id: CategoryId) -> Result<()> {
    unimplemented!()
}
