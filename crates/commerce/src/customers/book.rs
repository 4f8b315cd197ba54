//! The address book: where customers have things sent, to whom, and on which days of the year.

use jiff::civil::Date;
use souk_base::{CityId, MarketCode};
use sqlx::PgConnection;

use super::book_sql::{self as sql, AddressRow, OccasionRow, RecipientRow};
use super::{AddressId, CustomerId, NAME_LENGTH_MAX, OccasionId, RecipientId};
use crate::carts;
use crate::checkout::Phone;
use crate::writes::Write;
use crate::{Error, Result};

/// Most entries of each kind.
const ENTRIES_MAX: i64 = 100;

/// Longest label of an address, in characters.
const LABEL_LENGTH_MAX: usize = 100;

/// Most days before an occasion that a reminder comes.
const REMIND_DAYS_MAX: i32 = 60;

/// A place that things are sent to.
#[derive(Clone, Debug, PartialEq)]
pub struct Address {
    /// Its key.
    pub id: AddressId,
    /// The market of its city.
    pub market: MarketCode,
    /// What it is.
    pub place: NewAddress,
}

/// A place, as a customer says it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewAddress {
    /// What the customer calls it; may be empty.
    pub label: String,
    /// The city.
    pub city: CityId,
    /// A text, or an object of the market's address fields.
    pub address: carts::Address,
    /// Millionths of a degree, north and east.
    pub location: Option<(i32, i32)>,
}

/// Somebody who is sent things.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recipient {
    /// Their key.
    pub id: RecipientId,
    /// Who they are.
    pub person: NewRecipient,
}

/// Somebody, as a customer says it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewRecipient {
    /// Their name.
    pub name: String,
    /// Their telephone.
    pub phone: Option<Phone>,
    /// Where they live, an entry of the same book.
    pub address: Option<AddressId>,
}

/// A day to think of somebody.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Occasion {
    /// Its key.
    pub id: OccasionId,
    /// What it is.
    pub day: NewOccasion,
}

/// A day, as a customer says it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewOccasion {
    /// What is celebrated.
    pub title: String,
    /// The first time, or the only one.
    pub date: Date,
    /// Whether it comes again every year.
    pub yearly: bool,
    /// Whose day it is, an entry of the same book.
    pub recipient: Option<RecipientId>,
    /// Days before it that a reminder comes; 0 for none.
    pub remind_days: i32,
}

impl NewOccasion {
    /// When it is next, today included; none for one that is over. 29 February is 28 February in other years.
    #[must_use]
    pub fn next(&self, today: Date) -> Option<Date> {
        if !self.yearly || self.date >= today {
            return Some(self.date).filter(|date| *date >= today);
        }
        let years = today.year() - self.date.year();
        let in_year = |years: i16| self.date.checked_add(jiff::Span::new().years(years)).ok();
        in_year(years).filter(|date| *date >= today).or_else(|| in_year(years + 1))
    }
}

/// A customer's addresses, the oldest first.
///
/// # Errors
/// [`Error::Unreadable`] for values this version does not know.
pub async fn addresses(
    connection: &mut PgConnection,
    customer: CustomerId,
) -> Result<Vec<Address>> {
    let rows = sql::addresses(connection, customer.get()).await?;
    rows.into_iter().map(Address::try_from).collect()
}

/// Adds an address.
///
/// # Errors
/// [`Error::Conflict`] for a city that is not there; [`Error::Invalid`] for a label that is too long, or one entry too
/// many.
pub async fn add_address(
    write: &mut Write,
    customer: CustomerId,
    new: &NewAddress,
) -> Result<AddressId> {
    new.check()?;
    let id = sql::insert_address(write, customer.get(), &new.record()).await?;
    has_room(sql::count_addresses(write, customer.get()).await?)?;
    Ok(id.into())
}

/// Says anew what an address is.
///
/// # Errors
/// As [`add_address`]; [`Error::NotFound`] for somebody else's.
pub async fn change_address(
    write: &mut Write,
    customer: CustomerId,
    id: AddressId,
    new: &NewAddress,
) -> Result<()> {
    new.check()?;
    found(sql::update_address(write, customer.get(), id.get(), &new.record()).await?)
}

/// Takes an address out.
///
/// # Errors
/// [`Error::NotFound`] for somebody else's.
pub async fn remove_address(write: &mut Write, customer: CustomerId, id: AddressId) -> Result<()> {
    found(sql::delete_address(write, customer.get(), id.get()).await?)
}

/// A customer's recipients, by name.
///
/// # Errors
/// [`Error::Unreadable`] for values this version does not know.
pub async fn recipients(
    connection: &mut PgConnection,
    customer: CustomerId,
) -> Result<Vec<Recipient>> {
    let rows = sql::recipients(connection, customer.get()).await?;
    rows.into_iter().map(Recipient::try_from).collect()
}

/// Adds a recipient.
///
/// # Errors
/// [`Error::Invalid`] for a name that cannot be, or an address that is not the customer's, or one entry too many.
pub async fn add_recipient(
    write: &mut Write,
    customer: CustomerId,
    new: &NewRecipient,
) -> Result<RecipientId> {
    new.check(write, customer).await?;
    let id = sql::insert_recipient(write, customer.get(), &new.record()).await?;
    has_room(sql::count_recipients(write, customer.get()).await?)?;
    Ok(id.into())
}

/// Says anew who a recipient is.
///
/// # Errors
/// As [`add_recipient`]; [`Error::NotFound`] for somebody else's.
pub async fn change_recipient(
    write: &mut Write,
    customer: CustomerId,
    id: RecipientId,
    new: &NewRecipient,
) -> Result<()> {
    new.check(write, customer).await?;
    found(sql::update_recipient(write, customer.get(), id.get(), &new.record()).await?)
}

/// Takes a recipient out.
///
/// # Errors
/// [`Error::NotFound`] for somebody else's.
pub async fn remove_recipient(
    write: &mut Write,
    customer: CustomerId,
    id: RecipientId,
) -> Result<()> {
    found(sql::delete_recipient(write, customer.get(), id.get()).await?)
}

/// A customer's occasions, by the day of the year.
///
/// # Errors
/// [`Error::Database`] when PostgreSQL does not answer.
pub async fn occasions(
    connection: &mut PgConnection,
    customer: CustomerId,
) -> Result<Vec<Occasion>> {
    let rows = sql::occasions(connection, customer.get()).await?;
    Ok(rows.into_iter().map(Occasion::from).collect())
}

/// Adds an occasion.
///
/// # Errors
/// [`Error::Invalid`] for a title or a reminder that cannot be, a recipient who is not the customer's, or one entry too
/// many.
pub async fn add_occasion(
    write: &mut Write,
    customer: CustomerId,
    new: &NewOccasion,
) -> Result<OccasionId> {
    new.check(write, customer).await?;
    let id = sql::insert_occasion(write, customer.get(), &new.record()).await?;
    has_room(sql::count_occasions(write, customer.get()).await?)?;
    Ok(id.into())
}

/// Says anew what an occasion is.
///
/// # Errors
/// As [`add_occasion`]; [`Error::NotFound`] for somebody else's.
pub async fn change_occasion(
    write: &mut Write,
    customer: CustomerId,
    id: OccasionId,
    new: &NewOccasion,
) -> Result<()> {
    new.check(write, customer).await?;
    found(sql::update_occasion(write, customer.get(), id.get(), &new.record()).await?)
}

/// Takes an occasion out.
///
/// # Errors
/// [`Error::NotFound`] for somebody else's.
pub async fn remove_occasion(
    write: &mut Write,
    customer: CustomerId,
    id: OccasionId,
) -> Result<()> {
    found(sql::delete_occasion(write, customer.get(), id.get()).await?)
}

fn found(found: bool) -> Result<()> {
    if found { Ok(()) } else { Err(Error::NotFound) }
}

/// Counted after the entry was added, so that two at once cannot both be the last.
fn has_room(entries: i64) -> Result<()> {
    if entries <= ENTRIES_MAX {
        return Ok(());
    }
    Err(Error::invalid("", format!("at most {ENTRIES_MAX} of these are kept")))
}

/// Refuses a text that says nothing or too much.
fn fits(field: &'static str, text: &str, length_max: usize) -> Result<()> {
    let length = text.trim().chars().count();
    if text.contains('\0') || !(1..=length_max).contains(&length) {
        return Err(Error::invalid(field, format!("this takes from 1 to {length_max} characters")));
    }
    Ok(())
}

impl NewAddress {
    fn check(&self) -> Result<()> {
        if self.label.trim().is_empty() {
            return Ok(());
        }
        fits("label", &self.label, LABEL_LENGTH_MAX)
    }

    fn record(&self) -> sql::AddressRecord<'_> {
        sql::AddressRecord {
            label: self.label.trim(),
            city: self.city.get(),
            address: serde_json::to_value(&self.address).unwrap_or_default(),
            latitude_e6: self.location.map(|location| location.0),
            longitude_e6: self.location.map(|location| location.1),
        }
    }
}

impl NewRecipient {
    async fn check(&self, write: &mut Write, customer: CustomerId) -> Result<()> {
        fits("name", &self.name, NAME_LENGTH_MAX)?;
        let Some(address) = self.address else { return Ok(()) };
        if sql::has_address(write, customer.get(), address.get()).await? {
            return Ok(());
        }
        Err(Error::invalid("address_id", "this is none of your addresses"))
    }

    fn record(&self) -> sql::RecipientRecord<'_> {
        sql::RecipientRecord {
            name: self.name.trim(),
            phone: self.phone.as_ref().map(Phone::as_str),
            address: self.address.map(AddressId::get),
        }
    }
}

impl NewOccasion {
    async fn check(&self, write: &mut Write, customer: CustomerId) -> Result<()> {
        fits("title", &self.title, NAME_LENGTH_MAX)?;
        if !(0..=REMIND_DAYS_MAX).contains(&self.remind_days) {
            let reason = format!("a reminder comes from 0 to {REMIND_DAYS_MAX} days before");
            return Err(Error::invalid("remind_days", reason));
        }
        let Some(recipient) = self.recipient else { return Ok(()) };
        if sql::has_recipient(write, customer.get(), recipient.get()).await? {
            return Ok(());
        }
        Err(Error::invalid("recipient_id", "this is none of your recipients"))
    }

    fn record(&self) -> sql::OccasionRecord<'_> {
        sql::OccasionRecord {
            title: self.title.trim(),
            date: self.date.into(),
            yearly: self.yearly,
            recipient: self.recipient.map(RecipientId::get),
            remind_days: self.remind_days,
        }
    }
}

impl TryFrom<AddressRow> for Address {
    type Error = Error;

    fn try_from(row: AddressRow) -> Result<Address> {
        let unreadable = || Error::UnknownState(format!("address {}", row.id));
        Ok(Address {
            id: row.id.into(),
            market: row.market.parse()?,
            place: NewAddress {
                label: row.label,
                city: row.city_id.into(),
                address: serde_json::from_value(row.address).map_err(|_| unreadable())?,
                location: row.latitude_e6.zip(row.longitude_e6),
            },
        })
    }
}

impl TryFrom<RecipientRow> for Recipient {
    type Error = Error;

    fn try_from(row: RecipientRow) -> Result<Recipient> {
        Ok(Recipient {
            id: row.id.into(),
            person: NewRecipient {
                name: row.name,
                phone: row.phone.as_deref().map(str::parse).transpose()?,
                address: row.address_id.map(Into::into),
            },
        })
    }
}

impl From<OccasionRow> for Occasion {
    fn from(row: OccasionRow) -> Occasion {
        Occasion {
            id: row.id.into(),
            day: NewOccasion {
                title: row.title,
                date: row.date.to_jiff(),
                yearly: row.yearly,
                recipient: row.recipient_id.map(Into::into),
                remind_days: row.remind_days,
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_yearly_day_is_next_this_year_or_the_next_and_a_leap_day_is_never_skipped() {
        let next = |date: &str, yearly: bool, today: &str| {
            let date = date.parse().unwrap();
            let day = NewOccasion {
                title: "x".to_owned(),
                date,
                yearly,
                recipient: None,
                remind_days: 0,
            };
            day.next(today.parse().unwrap()).map(|date| date.to_string())
        };

        assert_eq!(next("1990-11-23", true, "2026-11-22").unwrap(), "2026-11-23");
        assert_eq!(next("1990-11-21", true, "2026-11-22").unwrap(), "2027-11-21");
        assert_eq!(next("2026-11-22", false, "2026-11-22").unwrap(), "2026-11-22");
        assert_eq!(next("2026-11-21", false, "2026-11-22"), None);
        assert_eq!(next("2024-02-29", true, "2026-02-01").unwrap(), "2026-02-28");
    }
}
