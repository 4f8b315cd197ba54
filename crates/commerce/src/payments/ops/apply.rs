//! The one way in for whatever a provider says: webhook, return, answer and poll end here, and saying it twice changes nothing.

use jiff::Timestamp;
use serde_json::{Value, json};
use souk_base::MarketCode;
use souk_providers::payments::{Phase, RefundPhase, RefundReport, Report, VoidWhen};
use sqlx::PgConnection;

use super::super::sql::intents::IntentRow;
use super::super::sql::operations::{NewOperation, OperationRow};
use super::super::sql::{attempts, events, intents, operations};
use super::super::state::{
    Duty, Mismatch, OperationState, Source, Standing, duty, operation_pause, phase_code, take,
};
use super::super::{AttemptId, Gateways};
use super::{Attempt, name, sql_time};
use crate::orders::{self, GroupState, OrderGroupId, Paid, Settled};
use crate::outbox::{self, Event};
use crate::{Db, Error, Result, db};

/// A report, and whose account proves it.
#[derive(Clone, Copy, Debug)]
pub struct Told<'a> {
    /// The provider.
    pub connector: &'a str,
    /// The market of the account that was asked, or whose key proves the callback.
    pub market: MarketCode,
    /// What was said.
    pub report: &'a Report,
    /// The attempt that was asked about; none for a callback.
    pub attempt: Option<AttemptId>,
    /// The callback, as it came.
    pub body: &'a [u8],
}

impl<'a> Told<'a> {
    pub(super) fn of(attempt: &'a Attempt, report: &'a Report) -> Told<'a> {
        let market = attempt.market;
        Told { connector: &attempt.row.connector, market, report, attempt: None, body: &[] }
    }
}

/// What became of a report.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Heard {
    /// It was taken in.
    Taken(AttemptId),
    /// Its event was used before.
    Used(AttemptId),
    /// It is about this attempt, but not about what we asked for.
    Refused(AttemptId),
    /// It is about nothing of ours.
    Stranger,
}

/// Takes a report in.
///
/// # Errors
/// [`Error::Database`] when PostgreSQL does not answer; then nothing was taken in.
pub async fn apply(
    db: &Db,
    gateways: &Gateways,
    told: &Told<'_>,
    source: Source,
    now: Timestamp,
) -> Result<Heard> {
    let mut tx = db::begin(db).await?;
    let Some(id) = find(&mut tx, told).await? else { return Ok(Heard::Stranger) };
    let intent_id = attempts::one(&mut tx, id).await?.intent_id;
    let intent = intents::lock(&mut tx, intent_id).await?;
    // Read again: whoever had the lock may have changed it.
    let mut attempt = Attempt::read(attempts::one(&mut tx, id).await?)?;
    let judged = if attempt.market == told.market {
        take(&mut attempt.known, told.report)
    } else {
        Err(Mismatch::Merchant)
    };
    if !use_event(&mut tx, told, &attempt, source, judged.err(), now).await? {
        return Ok(Heard::Used(id.into()));
    }
    let heard = match judged {
        Ok(before) => {
            let case = Case { gateways, intent: &intent, attempt: &attempt, source, now };
            case.take_in(&mut tx, told.report, before).await?;
            Heard::Taken(id.into())
        }
        Err(mismatch) => {
            save(&mut tx, &attempt, &Report::default()).await?;
            tracing::warn!(payment = %attempt.row.reference, why = mismatch.code(), "a report was refused");
            Heard::Refused(id.into())
        }
    };
    tx.commit().await?;
    Ok(heard)
}

async fn find(connection: &mut PgConnection, told: &Told<'_>) -> Result<Option<i64>> {
    if let Some(attempt) = told.attempt {
        return Ok(Some(attempt.get()));
    }
    let Report { reference, provider_ref, .. } = told.report;
    let (reference, provider_ref) = (reference.as_deref(), provider_ref.as_deref());
    Ok(attempts::named(connection, told.connector, reference, provider_ref).await?)
}

/// Keeps a callback under its event's name; says whether the event is new. What is no callback has no event.
async fn use_event(
    connection: &mut PgConnection,
    told: &Told<'_>,
    attempt: &Attempt,
    source: Source,
    mismatch: Option<Mismatch>,
    now: Timestamp,
) -> Result<bool> {
    if !matches!(source, Source::Webhook | Source::Return) {
        return Ok(true);
    }
    let callback = events::NewCallback {
        connector: told.connector,
        event_key: told.report.event.as_deref(),
        attempt: Some(attempt.row.id),
        verified: true,
        outcome: mismatch.map_or("taken", Mismatch::code),
        body: told.body,
    };
    Ok(events::keep(connection, &callback, now.into()).await?)
}

/// A row of the log.
struct Fact<'a> {
    kind: &'a str,
    state: &'a str,
    amount_minor: i64,
    key: &'a str,
    detail: Option<&'a str>,
}

/// One report about one attempt, under the lock of its intent.
struct Case<'a> {
    gateways: &'a Gateways,
    intent: &'a IntentRow,
    attempt: &'a Attempt,
    source: Source,
    now: Timestamp,
}

impl Case<'_> {
    async fn take_in(
        &self,
        connection: &mut PgConnection,
        report: &Report,
        before: Phase,
    ) -> Result<()> {
        save(connection, self.attempt, report).await?;
        let after = self.attempt.known.phase;
        if before != after {
            self.note_phase(connection, after, report.reason.as_deref()).await?;
            self.end_operations(connection, after).await?;
            let standing = self.standing(connection).await?;
            if let Some(duty) = duty(before, after, standing) {
                self.fulfil(connection, duty, report).await?;
            }
        }
        for refund in &report.refunds {
            self.take_refund(connection, refund).await?;
        }
        if let Some(refunded) = report.refunded {
            self.count_refunds(connection, refunded.minor).await?;
        }
        Ok(())
    }

    async fn note_phase(
        &self,
        connection: &mut PgConnection,
        phase: Phase,
        detail: Option<&str>,
    ) -> Result<()> {
        let (kind, state) = match phase {
            Phase::Pending => return Ok(()),
            Phase::Failed => ("authorise", "failure"),
            Phase::Authorised => ("authorise", "success"),
            Phase::Voided => ("void", "success"),
            Phase::Captured => ("capture", "success"),
        };
        let (key, amount_minor) =
            (self.attempt.known.reference.as_str(), self.attempt.known.amount.minor);
        self.note(connection, Fact { kind, state, amount_minor, key, detail }).await
    }

    async fn note(&self, connection: &mut PgConnection, fact: Fact<'_>) -> Result<()> {
        let transaction = events::NewTransaction {
            attempt: self.attempt.row.id,
            kind: fact.kind,
            state: fact.state,
            amount_minor: fact.amount_minor,
            key: fact.key,
            provider_ref: self.attempt.known.provider_ref.as_deref(),
            source: self.source.code(),
            detail: fact.detail,
        };
        Ok(events::note(connection, &transaction, self.now.into()).await?)
    }

    /// A capture or a call-off is over once the attempt is where it wanted it, or past it.
    async fn end_operations(&self, connection: &mut PgConnection, phase: Phase) -> Result<()> {
        let ends = |kind: &str| match (kind, phase) {
            ("capture", Phase::Captured) | ("void", Phase::Voided | Phase::Failed) => {
                Some(OperationState::Success)
            }
            ("capture", Phase::Voided) | ("void", Phase::Captured) => Some(OperationState::Failure),
            _ => None,
        };
        for mut operation in operations::of_attempt(connection, self.attempt.row.id).await? {
            let Some(state) = ends(&operation.kind) else { continue };
            if open_state(&operation)? {
                state.code().clone_into(&mut operation.state);
                operations::save(connection, &operation, None).await?;
            }
        }
        Ok(())
    }

    async fn standing(&self, connection: &mut PgConnection) -> Result<Standing> {
        if let Some(paid) = self.intent.paid_attempt_id {
            let ours = paid == self.attempt.row.id;
            return Ok(if ours { Standing::Ours } else { Standing::Others });
        }
        Ok(match orders::unpaid(connection, self.group()?).await?.state {
            GroupState::PendingPayment => Standing::Open,
            GroupState::Placed | GroupState::Completed => Standing::Others,
            GroupState::Expired | GroupState::Cancelled => Standing::Over,
        })
    }

    async fn fulfil(
        &self,
        connection: &mut PgConnection,
        duty: Duty,
        report: &Report,
    ) -> Result<()> {
        match duty {
            Duty::Pay => self.pay(connection).await,
            Duty::GiveBack => self.give_back(connection, "paid_twice").await,
            Duty::Void => self.add(connection, "void", "not_needed").await,
            Duty::Capture if self.captures_apart() => {
                intents::set_state(connection, self.intent.id, "processing").await?;
                self.add(connection, "capture", "").await
            }
            // The provider takes it by itself, and tells.
            Duty::Capture => {
                Ok(intents::set_state(connection, self.intent.id, "processing").await?)
            }
            Duty::TellFailed => {
                let state = "requires_payment_method";
                intents::set_state(connection, self.intent.id, state).await?;
                let reason = report.reason.as_deref().unwrap_or("failed");
                orders::payment_failed(connection, self.group()?, reason, self.now).await
            }
        }
    }

    async fn pay(&self, connection: &mut PgConnection) -> Result<()> {
        let account = format!("provider:{}", self.attempt.row.connector);
        let paid = Paid { amount: self.attempt.known.amount, account };
        match orders::paid(connection, self.group()?, &paid, self.now).await? {
            Settled::Placed => {
                intents::set_paid(connection, self.intent.id, self.attempt.row.id).await?;
                self.call_others_off(connection).await
            }
            Settled::Before => self.give_back(connection, "paid_twice").await,
            Settled::GoesBack(reason) => {
                intents::set_state(connection, self.intent.id, "cancelled").await?;
                self.give_back(connection, reason_code(reason)).await
            }
        }
    }

    /// All of this attempt's money goes back, and the shopper is told why.
    async fn give_back(&self, connection: &mut PgConnection, why: &str) -> Result<()> {
        self.add(connection, "refund", why).await?;
        self.tell(connection, "payment.goes_back", &json!({"reason": why})).await
    }

    /// Tries that could still be paid are called off, so that nobody pays twice.
    async fn call_others_off(&self, connection: &mut PgConnection) -> Result<()> {
        for row in attempts::of_intent(connection, self.intent.id).await? {
            let other = Attempt::read(row)?;
            let capabilities = self.gateways.get(other.market, &other.row.connector);
            let when = capabilities.map(|gateway| gateway.capabilities().void);
            let can = match other.known.phase {
                Phase::Pending => {
                    when == Some(VoidWhen::Open) && other.known.provider_ref.is_some()
                }
                Phase::Authorised => when.is_some_and(|when| when != VoidWhen::Never),
                Phase::Failed | Phase::Voided | Phase::Captured => false,
            };
            if can && other.row.id != self.attempt.row.id {
                Case { attempt: &other, ..*self }.add(connection, "void", "paid_otherwise").await?;
            }
        }
        Ok(())
    }

    /// An operation on all of the attempt's money, due at once.
    async fn add(&self, connection: &mut PgConnection, kind: &str, reason: &str) -> Result<()> {
        let amount = self.attempt.known.amount;
        let new = NewOperation {
            attempt: self.attempt.row.id,
            kind,
            key: &name(kind.chars().next().unwrap_or('o')),
            amount_minor: amount.minor,
            currency: amount.currency.code(),
            reason,
            actor: "system",
            check_at: Some(sql_time(self.now)),
        };
        operations::insert(connection, &new).await?;
        Ok(())
    }

    /// A refund, ours by its key, or one that was made at the provider without us.
    async fn take_refund(
        &self,
        connection: &mut PgConnection,
        refund: &RefundReport,
    ) -> Result<()> {
        let known = operations::of_attempt(connection, self.attempt.row.id).await?;
        let ours = known.into_iter().find(|one| {
            let by_number =
                refund.provider_ref.is_some() && one.provider_ref == refund.provider_ref;
            one.kind == "refund" && (refund.reference.as_ref() == Some(&one.key) || by_number)
        });
        let operation = match ours {
            Some(operation) => operation,
            None => match self.foreign(connection, refund).await? {
                Some(operation) => operation,
                None => return Ok(()),
            },
        };
        self.raise(connection, operation, refund.phase.into(), refund.provider_ref.clone()).await
    }

    async fn foreign(
        &self,
        connection: &mut PgConnection,
        refund: &RefundReport,
    ) -> Result<Option<OperationRow>> {
        let (Some(number), Some(amount)) = (&refund.provider_ref, refund.amount) else {
            return Ok(None);
        };
        if refund.phase == RefundPhase::Failed
            || amount.currency != self.attempt.known.amount.currency
        {
            return Ok(None);
        }
        let new = NewOperation {
            attempt: self.attempt.row.id,
            kind: "refund",
            key: &format!("{}:{number}", self.attempt.row.connector),
            amount_minor: amount.minor,
            currency: amount.currency.code(),
            reason: "made_at_provider",
            actor: "provider",
            check_at: None,
        };
        match operations::insert(connection, &new).await? {
            Some(id) => Ok(Some(operations::one(connection, id).await?)),
            None => Ok(None),
        }
    }

    /// Merges what was told of an operation; the first time it is done, others are told.
    async fn raise(
        &self,
        connection: &mut PgConnection,
        mut operation: OperationRow,
        told: OperationState,
        provider_ref: Option<String>,
    ) -> Result<()> {
        let before = state_of(&operation)?;
        let after = before.max(told);
        operation.provider_ref = provider_ref.or(operation.provider_ref);
        after.code().clone_into(&mut operation.state);
        let later = operation_pause(operation.checks).filter(|_| !after.is_over());
        let next = later.map(|pause| sql_time(self.now + pause));
        operations::save(connection, &operation, next).await?;
        if before == after {
            return Ok(());
        }
        let (key, minor) = (operation.key.as_str(), operation.amount_minor);
        let fact =
            Fact { kind: "refund", state: after.code(), amount_minor: minor, key, detail: None };
        self.note(connection, fact).await?;
        let detail = json!({"minor": minor, "refund": operation.id.to_string()});
        match after {
            OperationState::Success => self.tell(connection, "payment.refunded", &detail).await,
            OperationState::Failure => {
                self.tell(connection, "payment.refund_failed", &detail).await
            }
            _ => Ok(()),
        }
    }

    /// What the provider counts as given back tells which refunds without an answer are done: the oldest first.
    async fn count_refunds(&self, connection: &mut PgConnection, total: i64) -> Result<()> {
        let all = operations::of_attempt(connection, self.attempt.row.id).await?;
        let refunds = all.into_iter().filter(|one| one.kind == "refund");
        let mut done = 0;
        let mut open = Vec::new();
        for operation in refunds {
            match state_of(&operation)? {
                OperationState::Success => done += operation.amount_minor,
                OperationState::Unknown | OperationState::Pending => open.push(operation),
                OperationState::Initiated | OperationState::Failure => {}
            }
        }
        for operation in open {
            if done + operation.amount_minor > total {
                break;
            }
            done += operation.amount_minor;
            self.raise(connection, operation, OperationState::Success, None).await?;
        }
        Ok(())
    }

    async fn tell(&self, connection: &mut PgConnection, topic: &str, detail: &Value) -> Result<()> {
        let mut payload = detail.clone();
        payload["order_group"] = json!(self.intent.group_id);
        let subject = format!("payment:{}", self.attempt.row.id);
        outbox::add(connection, &Event { topic: topic.to_owned(), subject, payload }).await?;
        Ok(())
    }

    fn captures_apart(&self) -> bool {
        let gateway = self.gateways.get(self.attempt.market, &self.attempt.row.connector);
        gateway.is_some_and(|gateway| gateway.capabilities().captures_apart)
    }

    fn group(&self) -> Result<OrderGroupId> {
        let unreadable = || Error::UnknownState(self.intent.group_id.clone());
        self.intent.group_id.parse().map_err(|_| unreadable())
    }
}

pub(super) fn state_of(operation: &OperationRow) -> Result<OperationState> {
    let state = OperationState::of_code(&operation.state);
    state.ok_or_else(|| Error::UnknownState(operation.state.clone()))
}

fn open_state(operation: &OperationRow) -> Result<bool> {
    Ok(!state_of(operation)?.is_over())
}

fn reason_code(reason: orders::Reason) -> &'static str {
    match reason {
        orders::Reason::SoldOut(_) => "sold_out",
        orders::Reason::SlotClosed => "slot_closed",
        orders::Reason::Cancelled => "cancelled",
        orders::Reason::OtherAmount => "other_amount",
    }
}

async fn save(connection: &mut PgConnection, attempt: &Attempt, report: &Report) -> Result<()> {
    let known = &attempt.known;
    let next = report.next.as_ref().map(|next| json!(next));
    let saved = attempts::Saved {
        id: attempt.row.id,
        phase: phase_code(known.phase),
        unknown: known.unknown,
        provider_ref: known.provider_ref.as_deref(),
        next_action: next.as_ref(),
        reason: report.reason.as_deref(),
        suspect: known.suspect.map(Mismatch::code),
        over: matches!(known.phase, Phase::Voided | Phase::Captured),
    };
    Ok(attempts::save(connection, &saved).await?)
}
