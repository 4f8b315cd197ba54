//! Orders as staff see them: the board of what is under way, and everything about one purchase.

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;
use souk_base::{CityId, MarketCode, Money, SellerId};
use sqlx::PgConnection;

use super::board_sql as sql;
use super::{Event, OrderGroupId, OrderId, Return, SlotTaken, State, moves};
use crate::writes::Write;
use crate::{Error, Result};

/// Orders of a column that are shown.
pub const COLUMN_MAX: i64 = 50;

/// How long a delivered order stays on the board.
const DELIVERED: SignedDuration = SignedDuration::from_hours(24);

/// An order on the board.
#[derive(Clone, Debug)]
pub struct BoardOrder {
    /// What people call it.
    pub number: String,
    /// Where it was bought.
    pub market: MarketCode,
    /// Whose it is.
    pub seller_id: SellerId,
    /// Where it goes.
    pub city: CityId,
    /// Where it stands.
    pub state: State,
    /// Orders that stand there, also those that are not shown.
    pub in_state: i64,
    /// When it was promised.
    pub slot: Option<SlotTaken>,
    /// What it costs.
    pub total: Money,
    /// Units in it.
    pub units: i64,
    /// Who receives it.
    pub recipient: Option<String>,
    /// Whether the recipient has still to say where and when.
    pub waits_for_recipient: bool,
}

/// Something that happened to a purchase, with who did it.
#[derive(Clone, Debug)]
pub struct Deed {
    /// To which order; none for all.
    pub order_id: Option<OrderId>,
    /// What, such as `order.placed`.
    pub topic: String,
    /// shopper, system, payments, staff:7.
    pub actor: String,
    /// The name of a member of the staff.
    pub staff_name: Option<String>,
    /// More about it, such as a reason.
    pub detail: Value,
    /// When.
    pub at: Timestamp,
}

/// Who bought, for staff alone.
#[derive(Clone, Debug)]
pub struct Buyer {
    /// Their telephone.
    pub phone: String,
    /// Where to write.
    pub email: Option<String>,
    /// What they did, the oldest first.
    pub history: Vec<Deed>,
}

/// What is under way, in every market or in one: by state, the earliest promise first.
///
/// # Errors
/// [`Error::UnknownState`] or [`Error::Unreadable`] for values this version does not know.
pub async fn board(
    connection: &mut PgConnection,
    market: Option<MarketCode>,
    now: Timestamp,
) -> Result<Vec<BoardOrder>> {
    let market = market.map(|market| market.to_string());
    let since = (now - DELIVERED).into();
    let rows = sql::board(connection, market.as_deref(), since, COLUMN_MAX).await?;
    rows.into_iter().map(BoardOrder::try_from).collect()
}

/// The newest thing that happened to any order; what is shown is looked at again when it changes.
///
/// # Errors
/// [`Error::Database`] when PostgreSQL does not answer.
pub async fn newest_change(connection: &mut PgConnection) -> Result<i64> {
    Ok(sql::newest_change(connection).await?)
}

/// Who bought a purchase, and all that happened to it.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn buyer(connection: &mut PgConnection, group: OrderGroupId) -> Result<Buyer> {
    let group = group.to_string();
    let row = sql::buyer(connection, &group).await?;
    let history = sql::history(connection, &group).await?.into_iter().map(|row| Deed {
        order_id: row.order_id.map(Into::into),
        topic: row.topic,
        actor: row.actor,
        staff_name: row.staff_name,
        detail: row.detail,
        at: row.at.to_jiff(),
    });
    Ok(Buyer { phone: row.phone, email: row.email, history: history.collect() })
}

/// A member of the staff moves an order; giving it up or turning it down gives its money back.
///
/// # Errors
/// As [`super::advance`], [`super::cancel`] and [`super::reject`].
pub async fn move_by_staff(
    write: &mut Write,
    id: OrderId,
    event: Event,
    reason: &str,
    now: Timestamp,
) -> Result<()> {
    let actor = actor(write);
    match event {
        Event::Cancel => _ = moves::cancel(write, id, &actor, now).await?,
        Event::Reject => _ = moves::reject(write, id, &actor, reason, now).await?,
        event => _ = moves::advance(write, id, event, &actor, now).await?,
    }
    let detail = serde_json::json!({"event": event, "reason": reason});
    write.note("orders.move", &id.to_string(), detail).await
}

/// A member of the staff takes units back; their shares go back to the shopper.
///
/// # Errors
/// As [`super::take_back`].
pub async fn take_back_by_staff(
    write: &mut Write,
    id: OrderId,
    returns: &[Return],
    now: Timestamp,
) -> Result<()> {
    let actor = actor(write);
    let refund = moves::take_back(write, id, returns, &actor, now).await?;
    let detail = serde_json::json!({"minor": refund.map(|refund| refund.minor)});
    write.note("orders.return", &id.to_string(), detail).await
}

fn actor(write: &Write) -> String {
    write.actor().map_or_else(|| "system".to_owned(), |id| format!("staff:{id}"))
}

impl TryFrom<sql::BoardRow> for BoardOrder {
    type Error = Error;

    fn try_from(row: sql::BoardRow) -> Result<BoardOrder> {
        let times = row.starts_at.zip(row.ends_at);
        let slot = row.date.zip(times).map(|(date, (starts_at, ends_at))| SlotTaken {
            date: date.to_jiff(),
            starts_at: starts_at.to_jiff(),
            ends_at: ends_at.to_jiff(),
        });
        Ok(BoardOrder {
            number: row.number,
            market: row.market.parse()?,
            seller_id: row.seller_id.into(),
            city: row.city_id.into(),
            state: State::of_code(&row.state).ok_or(Error::UnknownState(row.state))?,
            in_state: row.in_state,
            slot,
            total: Money::new(row.total_minor, row.currency.parse()?),
            units: row.units,
            recipient: row.name,
            waits_for_recipient: row.waits,
        })
    }
}
