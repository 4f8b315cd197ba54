//! Operations: taking, calling off and giving back. They are written down first, asked for after the commit, and asked for
//! again under the same key until their end is known.

use jiff::Timestamp;
use souk_base::Money;
use souk_providers::payments::{
    Action, Ask, Gateway, Lost, Outcome, Phase, RefundPhase, RefundReport, Report, VoidWhen,
    perform,
};
use sqlx::PgConnection;

use super::super::sql::operations::{NewOperation, OperationRow};
use super::super::sql::{attempts, intents, operations};
use super::super::state::{KEY_LIFE, OperationState, Source, operation_pause};
use super::super::{Gateways, OperationId, Refund, TRANSFER};
use super::apply::{Told, apply, state_of};
use super::{Attempt, LEASE, name, sql_time};
use crate::orders::OrderGroupId;
use crate::{Db, Error, Result};

/// Operations that are done in one go.
const BATCH: i64 = 20;

/// Writes a refund down, in the caller's transaction; the payments' round asks for it after the
/// commit.
///
/// # Errors
/// [`Error::NotFound`]; [`Error::Invalid`] for more than is left, and for a payment that no provider has.
pub async fn refund(
    connection: &mut PgConnection,
    refund: &Refund,
    now: Timestamp,
) -> Result<OperationId> {
    let intent = intents::lock_of_group(connection, &refund.group.to_string()).await?;
    let paid = intent.paid_attempt_id;
    let paid =
        paid.ok_or_else(|| Error::invalid("order", "no provider has money of this order"))?;
    let attempt = Attempt::read(attempts::one(connection, paid).await?)?;
    let left = left(connection, &attempt).await?;
    let amount = refund.amount.unwrap_or(left);
    if amount.currency != left.currency || !(1..=left.minor).contains(&amount.minor) {
        return Err(Error::invalid("amount", format!("{amount} cannot go back, {left} is left")));
    }
    let new = NewOperation {
        attempt: paid,
        kind: "refund",
        key: &name('r'),
        amount_minor: amount.minor,
        currency: amount.currency.code(),
        reason: &refund.reason,
        actor: &refund.actor,
        check_at: Some(sql_time(now)),
    };
    let id = operations::insert(connection, &new).await?;
    Ok(id.expect("its key is new").into())
}

/// Locks the payment of a purchase, which comes before the purchase itself; nothing where there is none.
///
/// # Errors
/// [`Error::Database`] when PostgreSQL does not answer.
pub async fn lock(connection: &mut PgConnection, group: OrderGroupId) -> Result<()> {
    match intents::lock_of_group(connection, &group.to_string()).await {
        Ok(_) | Err(sqlx::Error::RowNotFound) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

/// Whether money on this account of the books goes back through a provider; the office returns a bank transfer by hand.
#[must_use]
pub fn gives_back(account: &str) -> bool {
    account.strip_prefix("provider:").is_some_and(|connector| connector != TRANSFER)
}

/// What has not gone back and is not on its way back.
async fn left(connection: &mut PgConnection, attempt: &Attempt) -> Result<Money> {
    let mut left = attempt.known.amount;
    for operation in operations::of_attempt(connection, attempt.row.id).await? {
        if operation.kind == "refund" && state_of(&operation)? != OperationState::Failure {
            left.minor -= operation.amount_minor;
        }
    }
    Ok(left)
}

/// Has an attempt called off, where its provider can, and does it at once.
pub(super) async fn call_off(
    db: &Db,
    gateways: &Gateways,
    attempt: &Attempt,
    now: Timestamp,
) -> Result<()> {
    let Some(gateway) = gateways.get(attempt.market, &attempt.row.connector) else { return Ok(()) };
    let can = match gateway.capabilities().void {
        VoidWhen::Never => false,
        VoidWhen::Authorised => attempt.known.phase == Phase::Authorised,
        VoidWhen::Open => attempt.known.provider_ref.is_some(),
    };
    if !can {
        return Ok(());
    }
    let mut connection = db.acquire().await?;
    let new = NewOperation {
        attempt: attempt.row.id,
        kind: "void",
        key: &name('v'),
        amount_minor: attempt.known.amount.minor,
        currency: attempt.known.amount.currency.code(),
        reason: "given_up",
        actor: "system",
        check_at: Some(sql_time(now)),
    };
    operations::insert(&mut connection, &new).await?;
    drop(connection);
    drive(db, gateways, Some(attempt.row.id), now).await.map(drop)
}

/// Does what is due, of one attempt or of all; says how many operations.
pub(super) async fn drive(
    db: &Db,
    gateways: &Gateways,
    attempt: Option<i64>,
    now: Timestamp,
) -> Result<usize> {
    let mut connection = db.acquire().await?;
    let (time, lease) = (sql_time(now), sql_time(now + LEASE));
    let claimed = operations::claim(&mut connection, attempt, time, lease, BATCH).await?;
    drop(connection);
    for id in &claimed {
        operate(db, gateways, *id, now).await?;
    }
    Ok(claimed.len())
}

async fn operate(db: &Db, gateways: &Gateways, id: i64, now: Timestamp) -> Result<()> {
    let mut connection = db.acquire().await?;
    let operation = operations::one(&mut connection, id).await?;
    let attempt = Attempt::read(attempts::one(&mut connection, operation.attempt_id).await?)?;
    drop(connection);
    let Some(gateway) = gateways.get(attempt.market, &attempt.row.connector).cloned() else {
        return settle(db, &operation, Settle::Later("no account".to_owned()), now).await;
    };
    let outcome = ask(gateways, &*gateway, &attempt, &operation, now).await?;
    match outcome {
        Outcome::Told(report) => {
            let pending = waits(&operation, &report);
            let told = Told { attempt: Some(attempt.row.id.into()), ..Told::of(&attempt, &report) };
            apply(db, gateways, &told, Source::Answer, now).await?;
            if pending { settle(db, &operation, Settle::Pending, now).await } else { Ok(()) }
        }
        Outcome::Refused(why) => refused(db, gateways, &attempt, &operation, why, now).await,
        Outcome::NotSent(why) => settle(db, &operation, Settle::Later(why), now).await,
        Outcome::Unknown(why) => settle(db, &operation, Settle::Unknown(why), now).await,
    }
}

/// Asks for an operation, or after one that was asked for.
async fn ask(
    gateways: &Gateways,
    gateway: &dyn Gateway,
    attempt: &Attempt,
    operation: &OperationRow,
    now: Timestamp,
) -> Result<Outcome> {
    let payment = attempt.payment();
    let amount = Money::new(operation.amount_minor, operation.currency.parse()?);
    let provider_ref = operation.provider_ref.clone();
    let action = Action { key: operation.key.clone(), amount, provider_ref };
    let (first, client) = (state_of(operation)? == OperationState::Initiated, gateways.client());
    // Its key is worn out: from here on a repetition could take or give money again.
    let old = now > operation.created_at.to_jiff() + KEY_LIFE && !first;
    let ask = match operation.kind.as_str() {
        _ if old => Ask::Sync(&payment),
        "capture" => Ask::Capture(&payment, &action),
        "void" => Ask::Void(&payment, &action),
        _ if first => Ask::Refund(&payment, &action),
        _ => Ask::FindRefund(&payment, &action),
    };
    let outcome = perform(client, gateway, &ask).await;
    // Not found, by a provider that can be asked: it never happened, so it is asked for now.
    let asked = gateway.capabilities().lost_refund == Lost::Ask;
    let never = match &outcome {
        Outcome::Refused(_) => true,
        Outcome::Told(report) => !tells_of(report, operation, attempt.row.refunded_minor),
        Outcome::NotSent(_) | Outcome::Unknown(_) => false,
    };
    if matches!(ask, Ask::FindRefund(..)) && asked && never {
        return Ok(perform(client, gateway, &Ask::Refund(&payment, &action)).await);
    }
    Ok(outcome)
}

/// Whether a look at a payment shows this refund of it: by name, or because more went back than by the refunds that are
/// known to be done.
fn tells_of(report: &Report, operation: &OperationRow, done_minor: i64) -> bool {
    let named = |refund: &RefundReport| {
        refund.reference.as_ref() == Some(&operation.key) && refund.phase != RefundPhase::Failed
    };
    report.refunds.iter().any(named)
        || report
            .refunded
            .is_some_and(|refunded| refunded.minor >= done_minor + operation.amount_minor)
}

/// Whether an answer leaves an operation's end open.
fn waits(operation: &OperationRow, report: &Report) -> bool {
    let phase = report.phase;
    match operation.kind.as_str() {
        "capture" => phase != Some(Phase::Captured),
        "void" => !matches!(phase, Some(Phase::Voided | Phase::Failed)),
        // Its report was merged already, unless it says nothing of it.
        _ => report.refunds.is_empty(),
    }
}

/// A refusal is the end of a refund. A capture or a call-off that is refused may have been overtaken, so the payment
/// is looked at before it is given up.
async fn refused(
    db: &Db,
    gateways: &Gateways,
    attempt: &Attempt,
    operation: &OperationRow,
    why: String,
    now: Timestamp,
) -> Result<()> {
    if operation.kind != "refund" {
        super::tend::look(db, gateways, attempt.row.id, now).await?;
        return settle(db, operation, Settle::Failed(why), now).await;
    }
    let refund = RefundReport {
        reference: Some(operation.key.clone()),
        provider_ref: None,
        amount: None,
        phase: RefundPhase::Failed,
    };
    let reference = Some(attempt.known.reference.clone());
    let report = Report { reference, refunds: vec![refund], ..Report::default() };
    let told = Told { attempt: Some(attempt.row.id.into()), ..Told::of(attempt, &report) };
    apply(db, gateways, &told, Source::Answer, now).await?;
    settle(db, operation, Settle::Failed(why), now).await
}

/// How an operation stands after it was asked for.
enum Settle {
    Pending,
    Unknown(String),
    Later(String),
    Failed(String),
}

async fn settle(db: &Db, asked: &OperationRow, how: Settle, now: Timestamp) -> Result<()> {
    let mut connection = db.acquire().await?;
    // What was told meanwhile stays: states only rise.
    let mut operation = operations::one(&mut connection, asked.id).await?;
    let before = state_of(&operation)?;
    let (state, why) = match how {
        Settle::Pending => (OperationState::Pending, None),
        Settle::Unknown(why) => (OperationState::Unknown, Some(why)),
        Settle::Later(why) => (OperationState::Initiated, Some(why)),
        Settle::Failed(why) => (OperationState::Failure, Some(why)),
    };
    let after = before.max(state);
    after.code().clone_into(&mut operation.state);
    operation.failure = why.or(operation.failure);
    let later = operation_pause(operation.checks - 1).map(|pause| sql_time(now + pause));
    let check_at = if after.is_over() { None } else { later };
    operations::save(&mut connection, &operation, check_at).await?;
    Ok(())
}
