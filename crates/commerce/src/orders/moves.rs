//! What shoppers, sellers and staff do with an order: each one transaction's part, with log, outbox, stock and books.

use jiff::Timestamp;
use serde_json::{Value, json};
use souk_base::{Currency, MarketCode, Money, SellerId};
use sqlx::PgConnection;

use super::refunds::Bought;
use super::{Event, OrderGroupId, OrderId, OrderLineId, State, accounts, moves_sql as sql};
use crate::carts::pricing::Amounts;
use crate::checkout::Refusal;
use crate::ledger::{self, Transfer};
use crate::{Error, Result, payments, promotions, reservations};

/// Units of a line that come back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Return {
    /// Of which line.
    pub line: OrderLineId,
    /// How many.
    pub quantity: i32,
}

/// Money that is to go back to the shopper.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refund {
    /// The purchase it was paid with.
    pub group: OrderGroupId,
    /// The order it is for.
    pub order: OrderId,
    /// How much, in the purchase's currency.
    pub minor: i64,
}

/// An order, locked together with its group.
struct Locked {
    id: OrderId,
    group: OrderGroupId,
    market: MarketCode,
    seller: SellerId,
    state: State,
    currency: Currency,
    /// The account that has its money; none while it is unpaid.
    account: Option<String>,
    left: Amounts,
}

/// Moves an order by what its seller, its courier or the staff did. Goods leave stock when it is ready.
///
/// # Errors
/// [`Error::NotFound`]; [`Error::IllegalMove`] from where it stands.
pub async fn advance(
    connection: &mut PgConnection,
    id: OrderId,
    event: Event,
    actor: &str,
    now: Timestamp,
) -> Result<State> {
    let order = lock(connection, id).await?;
    let to = order.state.next(event)?;
    if !matches!(
        event,
        Event::Accept
            | Event::Prepare
            | Event::Ready
            | Event::Dispatch
            | Event::Deliver
            | Event::FailDelivery
            | Event::Close
    ) {
        return Err(Error::IllegalMove(super::IllegalMove { from: order.state, event }));
    }
    if event == Event::Ready {
        reservations::consume(connection, id).await?;
    }
    set(connection, &order, to, actor, &json!({}), now).await?;
    complete_group(connection, order.group, now).await?;
    Ok(to)
}

/// The seller cannot do the order: what it holds is free, and exactly its shares go back.
///
/// # Errors
/// [`Error::NotFound`]; [`Error::IllegalMove`] once it is ready.
pub async fn reject(
    connection: &mut PgConnection,
    id: OrderId,
    actor: &str,
    reason: &str,
    now: Timestamp,
) -> Result<Option<Refund>> {
    give_up(connection, id, Event::Reject, actor, &json!({"reason": reason}), now).await
}

/// The shopper or the office gives an order up: as [`reject`]. With the last order of an unpaid purchase the purchase is
/// given up.
///
/// # Errors
/// [`Error::NotFound`]; [`Error::IllegalMove`] once work on it has begun.
pub async fn cancel(
    connection: &mut PgConnection,
    id: OrderId,
    actor: &str,
    now: Timestamp,
) -> Result<Option<Refund>> {
    give_up(connection, id, Event::Cancel, actor, &json!({}), now).await
}

async fn give_up(
    connection: &mut PgConnection,
    id: OrderId,
    event: Event,
    actor: &str,
    detail: &Value,
    now: Timestamp,
) -> Result<Option<Refund>> {
    let order = lock(connection, id).await?;
    let to = order.state.next(event)?;
    reservations::release(connection, id).await?;
    let refund = refund(connection, &order, order.left, now).await?;
    sql::return_everything(connection, id.get()).await?;
    set(connection, &order, to, actor, detail, now).await?;
    complete_group(connection, order.group, now).await?;
    Ok(refund)
}

/// Units go back: their shares go back, and with the last unit what wrapping cost. From an order that was delivered they
/// came back, and it is returned with the last of them. From one that was not yet they are taken out, since they cannot be
/// had: what was held of them is free, or back on the shelf, and with the last of them it is cancelled.
///
/// # Errors
/// [`Error::NotFound`] for the order or a line that is not its; [`Error::Refused`] for more units than are left;
/// [`Error::IllegalMove`] before it is paid, while it is on its way, and once it has come to an end.
pub async fn take_back(
    connection: &mut PgConnection,
    id: OrderId,
    returns: &[Return],
    actor: &str,
    now: Timestamp,
) -> Result<Option<Refund>> {
    let order = lock(connection, id).await?;
    let came_back = order.state.next(Event::Return);
    let to = came_back.or_else(|_| order.state.next(Event::TakeOut))?;
    let mut back = shares(connection, id, returns).await?;
    if came_back.is_err() {
        let units: Vec<(OrderLineId, i32)> =
            returns.iter().map(|one| (one.line, one.quantity)).collect();
        reservations::lessen(connection, id, &units).await?;
    }
    let is_all = sql::is_all_returned(connection, id.get()).await?;
    if is_all {
        // Nothing is left that is wrapped.
        back = Amounts::sum([back, sql::return_wrapping(connection, id.get()).await?]);
    }
    let refund = refund(connection, &order, back, now).await?;
    let detail = json!({"minor": back.total, "lines": returns.len()});
    if is_all {
        if came_back.is_err() {
            // Its places in windows are free, too.
            reservations::release(connection, id).await?;
        }
        set(connection, &order, to, actor, &detail, now).await?;
        complete_group(connection, order.group, now).await?;
    } else {
        let topic = match came_back {
            Ok(_) => "order.partly_returned",
            Err(_) => "order.partly_cancelled",
        };
        sql::note(connection, id.get(), topic, actor, &detail, now.into()).await?;
    }
    Ok(refund)
}

/// Counts units of lines as gone back; gives their shares.
async fn shares(connection: &mut PgConnection, id: OrderId, returns: &[Return]) -> Result<Amounts> {
    let mut back = Amounts::default();
    for one in returns {
        let row = sql::line(connection, id.get(), one.line.get()).await?;
        let bought = Bought {
            quantity: row.quantity,
            returned: row.returned_quantity,
            amounts: row.amounts(),
        };
        let share = bought.share(one.quantity).ok_or(Refusal::NotSoMany)?;
        sql::return_units(connection, one.line.get(), one.quantity, share.total).await?;
        back = Amounts::sum([back, share]);
    }
    Ok(back)
}

async fn lock(connection: &mut PgConnection, id: OrderId) -> Result<Locked> {
    // The payment, then the group, as payments do, so that two never wait for each other.
    let group = sql::order(connection, id.get()).await?.group_id;
    payments::lock(connection, group.parse().map_err(|_| Error::NotFound)?).await?;
    sql::lock_group_of(connection, id.get()).await?;
    let row = sql::order(connection, id.get()).await?;
    let left = row.left();
    Ok(Locked {
        id,
        group: row.group_id.parse().map_err(|_| Error::NotFound)?,
        market: row.market.parse()?,
        seller: row.seller_id.into(),
        state: State::of_code(&row.state).ok_or(Error::UnknownState(row.state))?,
        currency: row.currency.parse()?,
        account: row.account,
        left,
    })
}

/// Posts what goes back, and has the provider that was paid give it back; nothing for an order that nobody has paid.
async fn refund(
    connection: &mut PgConnection,
    order: &Locked,
    back: Amounts,
    now: Timestamp,
) -> Result<Option<Refund>> {
    let Some(account) = &order.account else { return Ok(None) };
    let entries = accounts::postings(order.market, order.seller, &back, account);
    let transfer = Transfer {
        kind: "order.refunded",
        group: Some(order.group),
        order: Some(order.id),
        currency: order.currency,
        entries: entries.into_iter().map(|(code, minor)| (code, -minor)).collect(),
    };
    ledger::post(connection, &transfer, now).await?;
    sql::add_refunded(connection, order.id.get(), back.total).await?;
    if payments::gives_back(account) && back.total > 0 {
        let refund = payments::Refund {
            group: order.group,
            amount: Some(Money::new(back.total, order.currency)),
            reason: "order given up or returned".to_owned(),
            actor: "system".to_owned(),
        };
        payments::refund(connection, &refund, now).await?;
    }
    Ok(Some(Refund { group: order.group, order: order.id, minor: back.total }))
}

/// Compare-and-set, with log and outbox.
async fn set(
    connection: &mut PgConnection,
    order: &Locked,
    to: State,
    actor: &str,
    detail: &Value,
    now: Timestamp,
) -> Result<()> {
    let (from, to) = (order.state.code(), to.code());
    let moved = sql::set_state(connection, order.id.get(), from, to, now.into()).await?;
    if !moved {
        return Err(Error::Stale);
    }
    let told = sql::Told { order: order.id.get(), from, to, actor, detail };
    Ok(sql::tell(connection, &told, now.into()).await?)
}

/// Ends a group of which nothing is left to do; one whose orders were all given up is cancelled, and uses nothing up.
async fn complete_group(
    connection: &mut PgConnection,
    group: OrderGroupId,
    now: Timestamp,
) -> Result<()> {
    let ended = sql::complete_group(connection, &group.to_string(), now.into()).await?;
    if ended.as_deref() == Some("cancelled") {
        promotions::release(connection, group).await?;
    }
    Ok(())
}
