//! Favourites: products that a customer wants to find again.

use jiff::Timestamp;
use souk_base::ProductId;
use sqlx::PgConnection;

use super::{CustomerId, book_sql as sql};
use crate::writes::Write;
use crate::{Error, Result};

/// Most favourites of a customer.
const FAVOURITES_MAX: i64 = 500;

/// A product that a customer wants to find again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Favourite {
    /// The product.
    pub product_id: ProductId,
    /// Since when.
    pub at: Timestamp,
}

/// A customer's favourites, the newest first.
///
/// # Errors
/// [`Error::Database`] when PostgreSQL does not answer.
pub async fn favourites(
    connection: &mut PgConnection,
    customer: CustomerId,
) -> Result<Vec<Favourite>> {
    let rows = sql::favourites(connection, customer.get()).await?;
    let favourite = |row: sql::FavouriteRow| Favourite {
        product_id: row.product_id.into(),
        at: row.at.to_jiff(),
    };
    Ok(rows.into_iter().map(favourite).collect())
}

/// Adds a product; one that is there stays as it is.
///
/// # Errors
/// [`Error::NotFound`] for a product that is not there; [`Error::Invalid`] for one too many.
pub async fn add_favourite(
    write: &mut Write,
    customer: CustomerId,
    product: ProductId,
    now: Timestamp,
) -> Result<()> {
    if !sql::is_product(write, product.get()).await? {
        return Err(Error::NotFound);
    }
    sql::insert_favourite(write, customer.get(), product.get(), now.into()).await?;
    if sql::count_favourites(write, customer.get()).await? <= FAVOURITES_MAX {
        return Ok(());
    }
    Err(Error::invalid("product_id", format!("at most {FAVOURITES_MAX} favourites are kept")))
}

/// Takes a product out; one that is not there changes nothing.
///
/// # Errors
/// [`Error::Database`] when PostgreSQL does not answer.
pub async fn remove_favourite(
    write: &mut Write,
    customer: CustomerId,
    product: ProductId,
) -> Result<()> {
    Ok(sql::delete_favourite(write, customer.get(), product.get()).await?)
}
