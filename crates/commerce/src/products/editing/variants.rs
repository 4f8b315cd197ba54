//! Adding, changing and removing variants.

use souk_base::{ProductId, VariantId};

use super::{NewVariant, VariantChange};
use crate::Result;
use crate::writes::Write;

/// Adds a variant behind the others.
///
/// # Errors
/// [`crate::Error::NotFound`]; [`crate::Error::Conflict`] when the SKU is taken or blank.
pub async fn add_variant(
    write: &mut Write,
    product_id: ProductId,
    new: NewVariant,
) -> Result<VariantId> {
    unimplemented!()
}

/// Changes a variant.
///
/// # Errors
/// As [`add_variant`].
pub async fn update_variant(
    write: &mut Write,
    product_id: ProductId,
    id: VariantId,
    change: VariantChange,
) -> Result<()> {
    unimplemented!()
}

/// Removes a variant with its offers and their stock.
///
/// # Errors
/// [`crate::Error::NotFound`]; [`crate::Error::Conflict`] for the last variant, or when some of it is reserved.
pub async fn remove_variant(write: &mut Write, product_id: ProductId, id: VariantId) -> Result<()> {
    unimplemented!()
}
