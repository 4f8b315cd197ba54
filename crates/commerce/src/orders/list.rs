//! Orders as integrators and the office look for them, and what happened to any of them lately.

use jiff::Timestamp;
use jiff::civil::Date;
use souk_base::{CityId, MarketCode, Money, SellerId, StaffId};
use sqlx::PgConnection;

use super::list_sql as sql;
use super::{OrderGroupId, OrderId, SlotTaken, State};
use crate::{Error, Result};

/// Which orders are looked for; what is none narrows nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// Where they were bought.
    pub market: Option<MarketCode>,
    /// Where they stand.
    pub state: Option<State>,
    /// Whose they are.
    pub seller_id: Option<SellerId>,
    /// The day they are delivered.
    pub date: Option<Date>,
    /// A number, the telephone or e-mail address of who buys, or who receives.
    pub text: Option<String>,
}

/// An order of the list.
#[derive(Clone, Debug)]
pub struct Listed {
    /// Its key.
    pub id: OrderId,
    /// What people call it.
    pub number: String,
    /// The purchase it is part of.
    pub group: OrderGroupId,
    /// Where it was bought.
    pub market: MarketCode,
    /// Whose it is.
    pub seller_id: SellerId,
    /// Where it goes.
    pub city: CityId,
    /// Where it stands.
    pub state: State,
    /// When it was promised.
    pub slot: Option<SlotTaken>,
    /// What it costs.
    pub total: Money,
    /// Who receives it.
    pub recipient: Option<String>,
    /// The telephone of who buys.
    pub phone: String,
    /// Who of the staff took it down on the telephone.
    pub staff: Option<StaffId>,
    /// When it was bought.
    pub created_at: Timestamp,
}

/// Something that happened to an order.
#[derive(Clone, Debug)]
pub struct Happening {
    /// Grows with time, though two that happen at once may be seen in either order.
    pub id: i64,
    /// The order; none for what concerns all of its purchase.
    pub number: Option<String>,
    /// The purchase.
    pub group: OrderGroupId,
    /// Where it was made.
    pub market: MarketCode,
    /// What, such as `order.placed`.
    pub topic: String,
    /// Where the order stands since then, where that has changed.
    pub state: Option<State>,
    /// When.
    pub at: Timestamp,
}

/// Orders, the newest first; those older than `below` where it is given.
///
/// # Errors
/// [`Error::Unreadable`] or [`Error::UnknownState`] for values this version does not know.
pub async fn list(
    connection: &mut PgConnection,
    filter: &Filter,
    below: Option<OrderId>,
    limit: i64,
) -> Result<Vec<Listed>> {
    let below = below.map_or(i64::MAX, OrderId::get);
    let market = filter.market.map(|market| market.to_string());
    let wanted = sql::Wanted {
        market: market.as_deref(),
        state: filter.state.map(State::code),
        seller: filter.seller_id.map(SellerId::get),
        date: filter.date.map(Into::into),
        text: filter.text.as_deref(),
    };
    let rows = sql::list(connection, &wanted, below, limit).await?;
    rows.into_iter().map(Listed::try_from).collect()
}

/// What happened after this, the oldest first.
///
/// # Errors
/// As [`list`].
pub async fn happened_after(
    connection: &mut PgConnection,
    id: i64,
    limit: i64,
) -> Result<Vec<Happening>> {
    let rows = sql::happened_after(connection, id, limit).await?;
    let happening = |row: sql::HappeningRow| {
        Ok(Happening {
            id: row.id,
            number: row.number,
            group: row.group.parse().map_err(|_| Error::NotFound)?,
            market: row.market.parse()?,
            topic: row.topic,
            state: row.to_state.as_deref().and_then(State::of_code),
            at: row.at.to_jiff(),
        })
    };
    rows.into_iter().map(happening).collect()
}

impl TryFrom<sql::ListedRow> for Listed {
    type Error = Error;

    fn try_from(row: sql::ListedRow) -> Result<Listed> {
        let times = row.starts_at.zip(row.ends_at);
        let slot = row.date.zip(times).map(|(date, (starts_at, ends_at))| SlotTaken {
            date: date.to_jiff(),
            starts_at: starts_at.to_jiff(),
            ends_at: ends_at.to_jiff(),
        });
        Ok(Listed {
            id: row.id.into(),
            number: row.number,
            group: row.group.parse().map_err(|_| Error::NotFound)?,
            market: row.market.parse()?,
            seller_id: row.seller_id.into(),
            city: row.city_id.into(),
            state: State::of_code(&row.state).ok_or(Error::UnknownState(row.state))?,
            slot,
            total: Money::new(row.total_minor, row.currency.parse()?),
            recipient: row.name,
            phone: row.phone,
            staff: row.staff_id.map(Into::into),
            created_at: row.created_at.to_jiff(),
        })
    }
}
