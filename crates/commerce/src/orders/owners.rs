//! Whose a purchase is: that of the customer whose cart it was, or who has shown that its telephone or e-mail address is
//! theirs.

use jiff::Timestamp;
use jiff::civil::Date;
use serde_json::Value;
use souk_base::{MarketCode, Money};
use sqlx::PgConnection;

use super::{OrderGroupId, OrderId, State, owners_sql as sql};
use crate::checkout::Phone;
use crate::customers::{Customer, CustomerId, Email};
use crate::recommendations::Shopper;
use crate::{Error, Result, notices};

/// An order in a customer's list.
#[derive(Clone, Debug)]
pub struct Bought {
    /// Its key.
    pub id: OrderId,
    /// What people call it.
    pub number: String,
    /// The purchase it is part of.
    pub group: OrderGroupId,
    /// Where it was bought.
    pub market: MarketCode,
    /// Where it stands.
    pub state: State,
    /// What it cost.
    pub total: Money,
    /// When it was bought.
    pub created_at: Timestamp,
    /// The day it is delivered.
    pub date: Option<Date>,
    /// What its first line was called, by language.
    pub titles: Value,
    /// How many lines it has.
    pub lines: i64,
}

/// Gives a customer the guests' purchases that were made with their address or number; says how many.
///
/// # Errors
/// [`Error::Database`] when PostgreSQL does not answer.
pub async fn claim(connection: &mut PgConnection, customer: &Customer) -> Result<u64> {
    let email = customer.email.as_ref().map(Email::as_str);
    let phone = customer.phone.as_ref().map(Phone::as_str);
    let claimed = sql::claim(connection, customer.id.get(), email, phone).await?;
    if claimed > 0 {
        notices::of_buyers(connection, [Shopper::Customer(customer.id)]).await?;
    }
    Ok(claimed)
}

/// A customer's orders, the newest first; those older than `below` where it is given.
///
/// # Errors
/// [`Error::Unreadable`] or [`Error::UnknownState`] for values this version does not know.
pub async fn of_customer(
    connection: &mut PgConnection,
    customer: CustomerId,
    below: Option<OrderId>,
    limit: i64,
) -> Result<Vec<Bought>> {
    let below = below.map_or(i64::MAX, OrderId::get);
    let rows = sql::of_customer(connection, customer.get(), below, limit).await?;
    rows.into_iter().map(Bought::try_from).collect()
}

/// Whether the order with this number is this customer's.
///
/// # Errors
/// [`Error::Database`] when PostgreSQL does not answer.
pub async fn is_of_customer(
    connection: &mut PgConnection,
    number: &str,
    customer: CustomerId,
) -> Result<bool> {
    Ok(sql::is_of_customer(connection, number, customer.get()).await?)
}

impl TryFrom<sql::BoughtRow> for Bought {
    type Error = Error;

    fn try_from(row: sql::BoughtRow) -> Result<Bought> {
        Ok(Bought {
            id: row.id.into(),
            number: row.number,
            group: row.group.parse().map_err(|_| Error::NotFound)?,
            market: row.market.parse()?,
            state: State::of_code(&row.state).ok_or(Error::UnknownState(row.state))?,
            total: Money::new(row.total_minor, row.currency.parse()?),
            created_at: row.created_at.to_jiff(),
            date: row.date.map(jiff_sqlx::Date::to_jiff),
            titles: row.titles,
            lines: row.lines,
        })
    }
}
