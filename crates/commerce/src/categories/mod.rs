//! Categories: the translated tree that products stand in.
//!
//! A product stands in one category and is found under all of its ancestors. Readers never loop, even
//! if somebody ties the tree into a ring.
//!
//! Tables owned: `categories`, `category_translations`.

mod editing;
mod ops;
mod sql;
#[cfg(test)]
mod tests;

use std::collections::HashMap;

pub use editing::{CategoryChange, CategoryLine, EditableCategory, NewCategory};
pub use ops::{create, get, lock, put_label, remove, tree, update};
use souk_base::{Category, CategoryId};
use sqlx::PgConnection;

use crate::Result;
use crate::markets::translated;

/// Every category by id.
///
/// # Errors
/// [`crate::Error::Unreadable`] for a language this version does not know.
pub async fn list(connection: &mut PgConnection) -> Result<HashMap<CategoryId, Category>> {
    let mut labels = sql::labels(connection).await?;
    let mut categories = HashMap::new();
    for row in sql::categories(connection).await? {
        let id = CategoryId::new(row.id);
        let category = Category {
            id,
            parent_id: row.parent_id.map(CategoryId::new),
            slug: row.slug,
            label: translated(labels.remove(&row.id))?,
            position: row.position,
        };
        categories.insert(id, category);
    }
    Ok(categories)
}
