//! What payments tell a purchase.

use jiff::Timestamp;
use serde_json::json;
use souk_base::Money;
use sqlx::PgConnection;

use super::{Event, GroupState, OrderGroupId, Paid, Reason, Settled, State, Unpaid, postings, sql};
use crate::ledger::{self, Transfer};
use crate::recommendations::Shopper;
use crate::{Error, Result, notices, promotions, reservations};

/// A purchase as its payment needs to know it, locked until the transaction ends.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn unpaid(connection: &mut PgConnection, id: OrderGroupId) -> Result<Unpaid> {
    let row = sql::lock_group(connection, &id.to_string()).await?.ok_or(Error::NotFound)?;
    Ok(Unpaid {
        id,
        state: GroupState::of_code(&row.state).ok_or(Error::UnknownState(row.state))?,
        total: Money::new(row.total_minor, row.currency.parse()?),
        expires_at: row.expires_at.to_jiff(),
    })
}

/// Money came for a purchase: it is placed, unless it cannot be any more. Telling it twice changes nothing.
///
/// # Errors
/// [`Error::NotFound`]; [`Error::Database`] when PostgreSQL does not answer.
pub async fn paid(
    connection: &mut PgConnection,
    id: OrderGroupId,
    paid: &Paid,
    now: Timestamp,
) -> Result<Settled> {
    let group = unpaid(connection, id).await?;
    match group.state {
        GroupState::Placed | GroupState::Completed => return Ok(Settled::Before),
        GroupState::Cancelled => return Ok(Settled::GoesBack(Reason::Cancelled)),
        GroupState::PendingPayment | GroupState::Expired => {}
    }
    if paid.amount != group.total {
        return Ok(Settled::GoesBack(Reason::OtherAmount));
    }
    if group.state == GroupState::PendingPayment {
        reservations::commit(connection, id).await?;
    } else if let Some(reason) = take_again(connection, id, now).await? {
        return Ok(Settled::GoesBack(reason));
    }
    let buyer = sql::place_group(connection, &id.to_string(), &paid.account, now.into()).await?;
    let customer = buyer.customer_id.map(Into::into);
    notices::of_buyers(connection, Shopper::all(buyer.visitor.as_deref(), customer)).await?;
    post(connection, id, &paid.account, now).await?;
    let detail = json!({"minor": paid.amount.minor, "account": paid.account});
    move_all(connection, &group, Event::Paid, "payments", &detail, now).await?;
    Ok(Settled::Placed)
}

/// What an expired purchase needs, for money that came late; says why it cannot be had.
async fn take_again(
    connection: &mut PgConnection,
    id: OrderGroupId,
    now: Timestamp,
) -> Result<Option<Reason>> {
    if sql::is_cut_off(connection, &id.to_string(), now.into()).await? {
        return Ok(Some(Reason::SlotClosed));
    }
    if let Some(scarce) = reservations::commit_late(connection, id).await? {
        return Ok(Some(Reason::SoldOut(scarce)));
    }
    promotions::redeem_again(connection, id).await?;
    Ok(None)
}

/// What each seller has earned.
async fn post(
    connection: &mut PgConnection,
    id: OrderGroupId,
    account: &str,
    now: Timestamp,
) -> Result<()> {
    for order in sql::amounts(connection, &id.to_string()).await? {
        let entries =
            postings(order.market.parse()?, order.seller_id.into(), &order.amounts(), account);
        let transfer = Transfer {
            kind: "order.paid",
            group: Some(id),
            order: Some(order.id.into()),
            currency: order.currency.parse()?,
            entries,
        };
        ledger::post(connection, &transfer, now).await?;
    }
    Ok(())
}

/// An attempt to pay failed: the purchase stays open for another one until its hold ends.
///
/// # Errors
/// [`Error::NotFound`]; [`Error::Database`] when PostgreSQL does not answer.
pub async fn payment_failed(
    connection: &mut PgConnection,
    id: OrderGroupId,
    reason: &str,
    now: Timestamp,
) -> Result<()> {
    let group = unpaid(connection, id).await?;
    if group.state == GroupState::PendingPayment {
        let detail = json!({"reason": reason});
        let id = id.to_string();
        sql::note_group(connection, &id, "order.payment_failed", "payments", &detail, now.into())
            .await?;
    }
    Ok(())
}

/// Lets a purchase hold what it needs until another instant, for a method that takes longer. Never past the cut-off of
/// its first slot; gives the instant it became.
///
/// # Errors
/// [`Error::NotFound`] also when it is no longer unpaid.
pub async fn extend_hold(
    connection: &mut PgConnection,
    id: OrderGroupId,
    until: Timestamp,
) -> Result<Timestamp> {
    Ok(sql::extend_hold(connection, &id.to_string(), until.into()).await?.to_jiff())
}

/// The hold of an unpaid purchase ended: what it held is free. Whoever calls this has asked the provider before, so that
/// money on its way is known. Says whether it was still unpaid and its time was over.
///
/// # Errors
/// [`Error::NotFound`]; [`Error::Database`] when PostgreSQL does not answer.
pub async fn hold_expired(
    connection: &mut PgConnection,
    id: OrderGroupId,
    now: Timestamp,
) -> Result<bool> {
    let group = unpaid(connection, id).await?;
    if group.state != GroupState::PendingPayment || now < group.expires_at {
        return Ok(false);
    }
    reservations::expire(connection, id).await?;
    promotions::release(connection, id).await?;
    sql::set_group_state(connection, &id.to_string(), GroupState::Expired.code()).await?;
    move_all(connection, &group, Event::Expired, "system", &json!({}), now).await?;
    Ok(true)
}

/// Unpaid purchases whose hold has ended, the earliest first.
///
/// # Errors
/// [`Error::Database`] when PostgreSQL does not answer.
pub async fn due_holds(
    connection: &mut PgConnection,
    now: Timestamp,
    limit: i64,
) -> Result<Vec<OrderGroupId>> {
    let ids = sql::due_holds(connection, now.into(), limit).await?;
    Ok(ids.into_iter().filter_map(|id| id.parse().ok()).collect())
}

/// Moves every order of a group that stands where the group stands, with log and outbox.
async fn move_all(
    connection: &mut PgConnection,
    group: &Unpaid,
    event: Event,
    actor: &str,
    detail: &serde_json::Value,
    now: Timestamp,
) -> Result<()> {
    let from = match group.state {
        GroupState::Expired => State::Expired,
        _ => State::PendingPayment,
    };
    let to = from.next(event)?;
    let id = group.id.to_string();
    let orders = sql::move_orders(connection, &id, from.code(), to.code(), now.into()).await?;
    let moved =
        sql::Moved { group: &id, orders: &orders, from: from.code(), to: to.code(), actor, detail };
    sql::tell(connection, &moved, now.into()).await?;
    Ok(())
}
