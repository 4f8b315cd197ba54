//! Adding and changing offers and their prices.

use souk_base::{DatedPriceId, OfferId, ProductId};
use sqlx::PgConnection;

use super::{EditableOffer, NewDatedPrice, NewOffer, OfferChange};
use crate::Result;
use crate::writes::Write;

/// Every offer of a product, shown or not, by variant, market and seller.
///
/// # Errors
/// [`crate::Error::Unreadable`] for a market or state this version does not know.
pub async fn of_product(
    connection: &mut PgConnection,
    id: ProductId,
) -> Result<Vec<EditableOffer>> {
    unimplemented!()
}

/// One offer, shown or not.
///
/// # Errors
/// [`crate::Error::NotFound`].
pub async fn get(connection: &mut PgConnection, id: OfferId) -> Result<EditableOffer> {
    unimplemented!()
}

/// The offer, locked against other writers until the write ends; `expected` is the `If-Match` of the caller.
///
/// # Errors
/// [`crate::Error::NotFound`]; [`crate::Error::Stale`] when it has changed since.
pub async fn lock(write: &mut Write, id: OfferId, expected: Option<&str>) -> Result<EditableOffer> {
    unimplemented!()
}

/// Adds an offer with its base price.
///
/// # Errors
/// [`crate::Error::Conflict`] when there is one, variant, seller or market do not exist, or the price cannot be.
pub async fn create(write: &mut Write, new: NewOffer) -> Result<OfferId> {
    unimplemented!()
}

/// Changes an offer.
///
/// # Errors
/// [`crate::Error::NotFound`]; [`crate::Error::Conflict`] when the price or the preparation cannot be.
pub async fn update(write: &mut Write, id: OfferId, change: OfferChange) -> Result<()> {
    unimplemented!()
}

/// Gives an offer a price for a time.
///
/// # Errors
/// [`crate::Error::NotFound`]; [`crate::Error::Conflict`] when another covers part of the time, the time is empty or
/// the price cannot be.
pub async fn put_dated_price(
    write: &mut Write,
    id: OfferId,
    new: NewDatedPrice,
) -> Result<DatedPriceId> {
    unimplemented!()
}

/// Takes a dated price away.
///
/// # Errors
/// [`crate::Error::NotFound`] when the offer has no such.
pub async fn remove_dated_price(
    write: &mut Write,
    id: OfferId,
    dated_price_id: DatedPriceId,
) -> Result<()> {
    unimplemented!()
}
