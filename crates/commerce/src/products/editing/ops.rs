//! Adding, changing and removing products and what belongs to them.

use souk_base::{AttributeValueId, Lang, ProductId};
use sqlx::PgConnection;

use super::{EditableProduct, NewProduct, ProductChange};
use crate::Result;
use crate::products::ProductText;
use crate::writes::Write;

/// The product, listed or not.
///
/// # Errors
/// [`crate::Error::NotFound`].
pub async fn get(connection: &mut PgConnection, id: ProductId) -> Result<EditableProduct> {
    unimplemented!()
}

/// The product, locked against other writers until the write ends; `expected` is the `If-Match` of the caller.
///
/// # Errors
/// [`crate::Error::NotFound`]; [`crate::Error::Stale`] when it has changed since.
pub async fn lock(
    write: &mut Write,
    id: ProductId,
    expected: Option<&str>,
) -> Result<EditableProduct> {
    unimplemented!()
}

/// Adds a product.
///
/// # Errors
/// [`crate::Error::Invalid`]; [`crate::Error::Conflict`] when slug, SKU or external id are taken, or the category,
/// brand or a value does not exist.
pub async fn create(write: &mut Write, new: NewProduct) -> Result<ProductId> {
    unimplemented!()
}

/// Changes a product.
///
/// # Errors
/// As [`create`]; [`crate::Error::NotFound`].
pub async fn update(write: &mut Write, id: ProductId, change: ProductChange) -> Result<()> {
    unimplemented!()
}

/// Writes the text of one language.
///
/// # Errors
/// [`crate::Error::NotFound`]; [`crate::Error::Conflict`] for a blank title or a text that is too long.
pub async fn put_text(write: &mut Write, id: ProductId, text: ProductText) -> Result<()> {
    unimplemented!()
}

/// Removes the text of one language.
///
/// # Errors
/// [`crate::Error::NotFound`]; [`crate::Error::Conflict`] for the last text.
pub async fn remove_text(write: &mut Write, id: ProductId, lang: Lang) -> Result<()> {
    unimplemented!()
}

/// Gives the product these attribute values and no others.
///
/// # Errors
/// [`crate::Error::NotFound`]; [`crate::Error::Conflict`] for a value that does not exist.
pub async fn set_values(
    write: &mut Write,
    id: ProductId,
    values: &[AttributeValueId],
) -> Result<()> {
    unimplemented!()
}

/// Deletes a product that was never sold, with its texts, variants, offers and stock.
///
/// # Errors
/// [`crate::Error::NotFound`]; [`crate::Error::Conflict`] when it was sold or some of it is reserved.
pub async fn delete(write: &mut Write, id: ProductId) -> Result<()> {
    unimplemented!()
}
