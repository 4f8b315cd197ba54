//! What a message about a purchase needs to know.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use souk_base::{Lang, Money};
use sqlx::PgConnection;

use super::{OrderGroupId, OrderId, notices_sql as sql};
use crate::payments::{FREE, TRANSFER};
use crate::{Error, Result};

/// The account of money that is paid at the door.
const DUE: &str = "cash:due";

/// A recipient who has still to be asked where and when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unasked {
    /// The first language of the purchase's market: theirs is not known.
    pub lang: Lang,
    /// Where to call, as the buyer typed it.
    pub phone: String,
    /// Who sends it; none for a sender who is not to be told.
    pub from: Option<String>,
}

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
    /// Whether it costs nothing.
    pub is_free: bool,
    /// Whether a member of the staff took it down on the telephone.
    pub is_by_telephone: bool,
    /// Until when it waits for its money, in its market's time.
    pub held_until: String,
    /// Who is to be asked by a link where it goes and when.
    pub recipient: Option<Unasked>,
    /// Whether it waits for a bank transfer.
    pub is_transfer: bool,
    /// What who pays so is told, in the buyer's language.
    pub instructions: Option<String>,
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
    let lang = row.market_lang.parse()?;
    let from = row.gift_from.filter(|_| !row.anonymous);
    let recipient = row.recipient_phone.filter(|_| row.waits);
    Ok(Notice {
        recipient: recipient.map(|phone| Unasked { lang, phone, from }),
        group,
        lang: row.lang.parse()?,
        email: row.email,
        phone: row.phone,
        total: Money::new(row.total_minor, row.currency.parse().map_err(Error::from)?),
        is_due: row.account.as_deref() == Some(DUE),
        is_free: row.account.as_deref() == Some(FREE),
        is_by_telephone: row.staff_id.is_some(),
        is_transfer: row.connector.as_deref() == Some(TRANSFER),
        instructions: row.instructions,
        held_until: local(row.expires_at.to_jiff(), &row.time_zone),
        numbers: numbers.into_iter().map(|row| (row.id.into(), row.number)).collect(),
    })
}

/// An instant as everybody reads it alike, such as `2026-11-26 18:40`.
fn local(at: Timestamp, zone: &str) -> String {
    let zone = TimeZone::get(zone).unwrap_or(TimeZone::UTC);
    at.to_zoned(zone).strftime("%Y-%m-%d %H:%M").to_string()
}
