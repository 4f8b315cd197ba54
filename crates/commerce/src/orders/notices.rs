//! What a message about a purchase needs to know.

use souk_base::{Lang, Money};
use sqlx::PgConnection;

use super::{OrderGroupId, OrderId, notices_sql as sql};
use crate::{Error, Result};

/// The account of money that is paid at the door.
const DUE: &str = "cash:due";

/// A purchase as its buyer is told of it.
#[derive(Clone, Debug)]
pub struct Notice {
    /// Its key.
    pub group: OrderGroupId,
    /// The buyer's language.
    pub lang: Lang,
    /// Where to write, as the buyer typed it.
    pub email: Option<String>,
    /// Where to call.
    pub phone: String,
    /// What it costs.
    pub total: Money,
    /// Whether it is paid at the door.
    pub is_due: bool,
    /// The numbers of its orders.
    pub numbers: Vec<(OrderId, String)>,
}

/// A purchase as its buyer is told of it.
///
/// # Errors
/// [`Error::NotFound`]; [`Error::Unreadable`] for values this version does not know.
pub async fn notice(connection: &mut PgConnection, group: OrderGroupId) -> Result<Notice> {
    let row = sql::group(connection, &group.to_string()).await?;
    let numbers = sql::numbers(connection, &group.to_string()).await?;
    Ok(Notice {
        group,
        lang: row.lang.parse()?,
        email: row.email,
        phone: row.phone,
        total: Money::new(row.total_minor, row.currency.parse().map_err(Error::from)?),
        is_due: row.account.as_deref() == Some(DUE),
        numbers: numbers.into_iter().map(|row| (row.id.into(), row.number)).collect(),
    })
}
