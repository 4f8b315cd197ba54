//! What staff read and say.

use jiff::Timestamp;
use serde_json::json;
use souk_base::Money;
use souk_providers::payments::{Phase, Report};
use sqlx::PgConnection;

use super::super::sql::attempts::{self, AttemptRow};
use super::super::sql::{intents, operations};
use super::super::state::Source;
use super::super::{AttemptId, Gateways, OperationId, Record, Refund, RefundRecord, TRANSFER};
use super::apply::{Told, apply};
use super::{Attempt, operate};
use crate::orders::OrderGroupId;
use crate::writes::Write;
use crate::{Db, Error, Result};

/// The newest attempts, of those below an id where one is given; `suspect` shows only those that somebody has to look at.
///
/// # Errors
/// [`Error::Database`] when PostgreSQL does not answer.
pub async fn recent(
    connection: &mut PgConnection,
    below: Option<AttemptId>,
    suspect: bool,
    limit: i64,
) -> Result<Vec<Record>> {
    let below = below.map_or(i64::MAX, AttemptId::get);
    let rows = attempts::recent(connection, below, suspect, limit).await?;
    rows.into_iter().map(Record::try_from).collect()
}

/// Every attempt to pay a purchase, the newest first; none for one that was made without a payment.
///
/// # Errors
/// [`Error::Database`] when PostgreSQL does not answer.
pub async fn of_purchase(
    connection: &mut PgConnection,
    group: OrderGroupId,
) -> Result<Vec<Record>> {
    let Ok(intent) = intents::of_group(connection, &group.to_string()).await else {
        return Ok(Vec::new());
    };
    let rows = attempts::of_intent(connection, intent.id).await?;
    rows.into_iter().map(Record::try_from).collect()
}

/// The newest refunds of one purchase or of all, of those below an id where one is given.
///
/// # Errors
/// [`Error::Database`] when PostgreSQL does not answer.
pub async fn refunds(
    connection: &mut PgConnection,
    group: Option<OrderGroupId>,
    below: Option<OperationId>,
    limit: i64,
) -> Result<Vec<RefundRecord>> {
    let below = below.map_or(i64::MAX, OperationId::get);
    let group = group.map(|group| group.to_string());
    let rows = operations::refunds(connection, group.as_deref(), below, limit).await?;
    let shown = rows.into_iter().map(|(row, order_group)| {
        Ok(RefundRecord {
            id: row.id.into(),
            payment: row.attempt_id.into(),
            order_group,
            amount: Money::new(row.amount_minor, row.currency.parse()?),
            state: row.state,
            reason: row.reason,
            failure: row.failure,
            actor: row.actor,
            created_at: row.created_at.to_jiff(),
        })
    });
    shown.collect()
}

/// Writes down that a member of the staff has money go back, and has it done after the commit.
///
/// # Errors
/// As [`super::refund`].
pub async fn refund_by_staff(
    write: &mut Write,
    refund: &Refund,
    now: Timestamp,
) -> Result<OperationId> {
    let id = operate::refund(write, refund, now).await?;
    let detail = json!({"order_group": refund.group.to_string(), "reason": refund.reason});
    write.note("payments.refund", &id.to_string(), detail).await?;
    Ok(id)
}

/// Writes down that a member of the staff has seen a transfer's money.
///
/// # Errors
/// [`Error::Database`] when PostgreSQL does not answer.
pub async fn note_received(write: &mut Write, id: AttemptId) -> Result<()> {
    write.note("payments.received", &id.to_string(), json!({})).await
}

/// The money of a bank transfer is there. Saying it twice changes nothing.
///
/// # Errors
/// [`Error::NotFound`]; [`Error::Invalid`] for what a provider is to tell.
pub async fn received(db: &Db, gateways: &Gateways, id: AttemptId, now: Timestamp) -> Result<()> {
    let attempt = Attempt::read(attempts::one(&mut *db.acquire().await?, id.get()).await?)?;
    if attempt.row.connector != TRANSFER {
        return Err(Error::invalid("payment", "only bank transfers are confirmed by hand"));
    }
    let report = Report {
        reference: Some(attempt.known.reference.clone()),
        amount: Some(attempt.known.amount),
        phase: Some(Phase::Captured),
        ..Report::default()
    };
    let told = Told { attempt: Some(id), ..Told::of(&attempt, &report) };
    apply(db, gateways, &told, Source::Staff, now).await?;
    operate::drive(db, gateways, Some(id.get()), now).await.map(drop)
}

impl TryFrom<AttemptRow> for Record {
    type Error = Error;

    fn try_from(row: AttemptRow) -> Result<Record> {
        let currency = row.currency.parse()?;
        Ok(Record {
            id: row.id.into(),
            order_group: row.group_id,
            market: row.market,
            method: row.method,
            connector: row.connector,
            reference: row.reference,
            provider_ref: row.provider_ref,
            amount: Money::new(row.amount_minor, currency),
            refunded: Money::new(row.refunded_minor, currency),
            phase: row.phase,
            unknown: row.unknown,
            pays: row.paid_attempt_id == Some(row.id),
            reason: row.reason,
            suspect: row.suspect,
            created_at: row.created_at.to_jiff(),
        })
    }
}
