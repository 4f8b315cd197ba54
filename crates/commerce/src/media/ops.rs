//! Hanging pictures on products.

use souk_base::{Lang, MediaId, ProductId};
use sqlx::PgConnection;

use super::{Picture, Stored};
use crate::Result;
use crate::writes::Write;

/// The photographs of a product in order.
///
/// # Errors
/// [`crate::Error::Database`] when PostgreSQL does not answer.
pub async fn of_product(connection: &mut PgConnection, id: ProductId) -> Result<Vec<Picture>> {
    unimplemented!()
}

/// Hangs a stored picture behind the product's others; one that hangs there already stays where it is.
///
/// # Errors
/// [`crate::Error::NotFound`]; [`crate::Error::Conflict`] when the product has too many.
pub async fn attach(write: &mut Write, product_id: ProductId, stored: &Stored) -> Result<Picture> {
    unimplemented!()
}

/// Hangs a picture at an outside address behind the product's others.
///
/// # Errors
/// As [`attach`]; [`crate::Error::Invalid`] for what is no `http` or `https` address.
pub async fn attach_address(
    write: &mut Write,
    product_id: ProductId,
    url: &str,
) -> Result<Picture> {
    unimplemented!()
}

/// Puts the product's pictures in this order; those that are not named follow in theirs.
///
/// # Errors
/// [`crate::Error::NotFound`] when the product does not exist or one of them is not its picture.
pub async fn reorder(write: &mut Write, product_id: ProductId, order: &[MediaId]) -> Result<()> {
    unimplemented!()
}

/// Moves a picture to a place among its product's, from 0; gives that product.
///
/// # Errors
/// [`crate::Error::NotFound`].
pub async fn place(write: &mut Write, id: MediaId, position: usize) -> Result<ProductId> {
    unimplemented!()
}

/// Says in one language what a picture shows; none removes the text. Gives its product.
///
/// # Errors
/// [`crate::Error::NotFound`]; [`crate::Error::Conflict`] when the text is too long.
pub async fn put_alt(
    write: &mut Write,
    id: MediaId,
    lang: Lang,
    alt: Option<&str>,
) -> Result<ProductId> {
    unimplemented!()
}

/// Takes a picture off its product; gives that product. The files stay, since another product may show them.
///
/// # Errors
/// [`crate::Error::NotFound`].
pub async fn remove(write: &mut Write, id: MediaId) -> Result<ProductId> {
    unimplemented!()
}
