//! Opening an intent, beginning an attempt, and saying how it stands.

use jiff::{SignedDuration, Timestamp};
use souk_providers::payments::{
    Ask, Customer, Lost, NextAction, Outcome, Phase, Purchase, Report, perform,
};
use sqlx::PgConnection;

use super::super::sql::attempts::AttemptRow;
use super::super::sql::{attempts, intents};
use super::super::state::{Source, pause};
use super::super::{CASH, FREE, Gateways, Intent, Method, Opening, Started, TRANSFER, lang};
use super::apply::{Told, apply};
use super::{Attempt, name, operate, sql_time};
use crate::orders::{self, GroupState, OrderGroupId};
use crate::writes::{self, Answer, Begun, IdempotencyKey, Write};
use crate::{Db, Error, Result};

/// The answer that [`again`] keeps under its key until the provider was asked; whoever tells the client completes it
/// ([`writes::complete`]).
pub const UNANSWERED: Answer = Answer { status: 201, headers: Vec::new(), body: String::new() };

/// How long a look for a shopper who waits is good for the next one.
const WATCH: SignedDuration = SignedDuration::from_secs(3);

/// Opens the payment of a purchase, in the transaction that makes the purchase; one statement.
///
/// # Errors
/// [`Error::Invalid`] for a way whose provider has no account in this market, and for an amount it does not take.
pub async fn open(
    connection: &mut PgConnection,
    gateways: &Gateways,
    opening: &Opening<'_>,
) -> Result<Intent> {
    let Opening { group, market, amount, method, return_to } = opening;
    let merchant = payable(gateways, opening)?;
    let reference = name('p');
    let (calls, state) = match method.connector.as_str() {
        CASH => (false, "due"),
        FREE => (false, "succeeded"),
        _ => (true, "requires_action"),
    };
    let attempt = intents::NewAttempt {
        reference: &reference,
        method: &method.code,
        connector: &method.connector,
        brand: &method.brand,
        merchant: &merchant,
        return_to: *return_to,
    };
    let new = intents::NewIntent {
        group: &group.to_string(),
        market: market.as_str(),
        state,
        amount_minor: amount.minor,
        currency: amount.currency.code(),
        attempt: calls.then_some(attempt),
    };
    let (id, attempt) = intents::insert(connection, &new).await?;
    Ok(Intent { id: id.into(), attempt: attempt.map(Into::into) })
}

/// The account that is to be paid, if the amount can be paid to it so.
fn payable(gateways: &Gateways, opening: &Opening<'_>) -> Result<String> {
    let Method { connector, brand, min, max, .. } = opening.method;
    let (amount, field) = (opening.amount, "payment_method");
    if amount.currency != min.currency || !(min.minor..=max.minor).contains(&amount.minor) {
        let reason = format!("{} cannot be paid this way, from {min} to {max} can", opening.amount);
        return Err(Error::invalid(field, reason));
    }
    if matches!(connector.as_str(), CASH | FREE | TRANSFER) {
        return Ok(String::new());
    }
    let gateway = gateways.get(opening.market, connector);
    let gateway = gateway.ok_or_else(|| Error::invalid(field, "this way is not open now"))?;
    match gateway.min_step(brand, amount.currency) {
        Some(step) if amount.minor % step == 0 => Ok(gateway.merchant().to_owned()),
        _ => Err(Error::invalid(field, format!("{amount} is not a step that this way takes"))),
    }
}

/// Another try, by the same way or another, of a purchase that is not paid yet; once for each `key`. What the tries before
/// held is looked after: they are called off where that can be done, and money of two of them goes back by itself.
///
/// # Errors
/// [`Error::NotFound`]; [`Error::Invalid`] as [`open`], and for a purchase that does not wait for money;
/// [`Error::KeyReused`], [`Error::KeyInUse`].
pub async fn again(
    db: &Db,
    gateways: &Gateways,
    key: Option<IdempotencyKey>,
    group: OrderGroupId,
    method: &Method,
    now: Timestamp,
) -> Result<Started> {
    // Read before the key is looked up: a repetition that overtakes must not call off the try that it repeats.
    let earlier = tries(db, group).await?;
    match writes::begin(db, None, key.clone()).await? {
        Begun::Before(_) => return start(db, gateways, group, now).await,
        Begun::New(write) => write.roll_back().await?,
    }
    settle(db, gateways, earlier, now).await?;
    match writes::begin(db, None, key).await? {
        Begun::Before(_) => {}
        Begun::New(mut write) => {
            begin_another(&mut write, gateways, group, method, now).await?;
            write.commit(db, &UNANSWERED).await?;
        }
    }
    start(db, gateways, group, now).await
}

async fn begin_another(
    write: &mut Write,
    gateways: &Gateways,
    group: OrderGroupId,
    method: &Method,
    now: Timestamp,
) -> Result<()> {
    let intent = intents::lock_of_group(write, &group.to_string()).await?;
    let unpaid = orders::unpaid(write, group).await?;
    if unpaid.state != GroupState::PendingPayment || intent.paid_attempt_id.is_some() {
        return Err(Error::invalid("payment_method", "this order does not wait for a payment"));
    }
    if method.pays_at_door() {
        return Err(Error::invalid("payment_method", "cash is chosen before an order is made"));
    }
    let opening = Opening {
        group,
        market: intent.market.parse()?,
        amount: unpaid.total,
        method,
        return_to: None,
    };
    let new = intents::NewAttempt {
        reference: &name('p'),
        method: &method.code,
        connector: &method.connector,
        brand: &method.brand,
        merchant: &payable(gateways, &opening)?,
        return_to: None,
    };
    intents::insert_attempt(write, intent.id, &new).await?;
    intents::set_state(write, intent.id, "requires_action").await?;
    orders::extend_hold(write, group, unpaid.expires_at.max(now + method.hold)).await?;
    Ok(())
}

async fn tries(db: &Db, group: OrderGroupId) -> Result<Vec<AttemptRow>> {
    let mut connection = db.acquire().await?;
    let intent = intents::of_group(&mut connection, &group.to_string()).await?;
    Ok(attempts::of_intent(&mut connection, intent.id).await?)
}

/// Asks how these tries stand, so that one that was paid is known, and calls off the others.
async fn settle(
    db: &Db,
    gateways: &Gateways,
    earlier: Vec<AttemptRow>,
    now: Timestamp,
) -> Result<()> {
    for row in earlier.into_iter().filter(|row| row.sent_at.is_some()) {
        let attempt = super::tend::look(db, gateways, row.id, now).await?;
        if matches!(attempt.known.phase, Phase::Pending | Phase::Authorised) {
            operate::call_off(db, gateways, &attempt, now).await?;
        }
    }
    Ok(())
}

/// How the payment of a purchase stands, for a shopper who waits for it: the provider is asked, at most once in three
/// seconds, since some tell nobody by themselves.
///
/// # Errors
/// [`Error::NotFound`]; [`Error::Database`] when PostgreSQL does not answer.
pub async fn watch(
    db: &Db,
    gateways: &Gateways,
    group: OrderGroupId,
    now: Timestamp,
) -> Result<Started> {
    if let Some(row) = tries(db, group).await?.first()
        && row.phase == "pending"
    {
        let mut connection = db.acquire().await?;
        let before = sql_time(now - WATCH);
        let ours = attempts::claim_watch(&mut connection, row.id, before, sql_time(now)).await?;
        drop(connection);
        if ours {
            super::tend::look(db, gateways, row.id, now).await?;
            operate::drive(db, gateways, Some(row.id), now).await?;
        }
    }
    status(db, group).await
}

/// Calls the provider for the newest attempt of a purchase, unless that was done; after the commit that made it. However
/// often and by however many this is called, the provider is asked once.
///
/// # Errors
/// [`Error::NotFound`]; [`Error::Database`] when PostgreSQL does not answer.
pub async fn start(
    db: &Db,
    gateways: &Gateways,
    group: OrderGroupId,
    now: Timestamp,
) -> Result<Started> {
    let mut connection = db.acquire().await?;
    let intent = intents::of_group(&mut connection, &group.to_string()).await?;
    let newest = attempts::of_intent(&mut connection, intent.id).await?.into_iter().next();
    let Some(row) = newest.filter(|row| row.connector != TRANSFER && row.sent_at.is_none()) else {
        return status_on(&mut connection, group).await;
    };
    let check_at = now + pause(true, 0).expect("there is a first look");
    let (now_sql, check_at) = (sql_time(now), sql_time(check_at));
    let ours = attempts::claim_start(&mut connection, row.id, now_sql, check_at).await?;
    drop(connection);
    if ours {
        begin(db, gateways, Attempt::read(row)?, now).await?;
    }
    status(db, group).await
}

/// Makes the first call of an attempt, or repeats one whose answer was lost.
pub(super) async fn begin(
    db: &Db,
    gateways: &Gateways,
    attempt: Attempt,
    now: Timestamp,
) -> Result<()> {
    let Some(gateway) = gateways.get(attempt.market, &attempt.row.connector).cloned() else {
        return fail(db, gateways, &attempt, "no_account", now).await;
    };
    let purchase = purchase(db, gateways, &attempt).await?;
    let ask = Ask::Authorise(&purchase);
    let lost = gateway.capabilities().lost_authorise;
    let mut outcome = perform(gateways.client(), &*gateway, &ask).await;
    // The shopper waits: what can be repeated is, once, before the janitor comes.
    let repeat = match outcome {
        Outcome::NotSent(_) => true,
        Outcome::Unknown(_) => lost == Lost::Repeat,
        Outcome::Told(_) | Outcome::Refused(_) => false,
    };
    if repeat {
        outcome = perform(gateways.client(), &*gateway, &ask).await;
    }
    match outcome {
        Outcome::Told(report) => {
            let told = Told { attempt: Some(attempt.row.id.into()), ..Told::of(&attempt, &report) };
            apply(db, gateways, &told, Source::Answer, now).await.map(drop)
        }
        Outcome::Refused(reason) => fail(db, gateways, &attempt, &reason, now).await,
        Outcome::NotSent(_) if attempt.row.checks == 0 => {
            fail(db, gateways, &attempt, "unreachable", now).await
        }
        Outcome::Unknown(_) if lost != Lost::Repeat => {
            fail(db, gateways, &attempt, "no_answer", now).await
        }
        // The janitor asks again.
        Outcome::Unknown(why) | Outcome::NotSent(why) => {
            tracing::warn!(payment = %attempt.row.reference, why, "a payment has no answer yet");
            Ok(())
        }
    }
}

/// An attempt came to nothing, as far as we can say: should it have been paid after all, a later report outranks this.
pub(super) async fn fail(
    db: &Db,
    gateways: &Gateways,
    attempt: &Attempt,
    reason: &str,
    now: Timestamp,
) -> Result<()> {
    let report = Report {
        reference: Some(attempt.known.reference.clone()),
        phase: Some(Phase::Failed),
        reason: Some(reason.to_owned()),
        ..Report::default()
    };
    let told = Told { attempt: Some(attempt.row.id.into()), ..Told::of(attempt, &report) };
    apply(db, gateways, &told, Source::Answer, now).await.map(drop)
}

async fn purchase(db: &Db, gateways: &Gateways, attempt: &Attempt) -> Result<Purchase> {
    let mut connection = db.acquire().await?;
    let payer = intents::payer(&mut connection, &attempt.row.group_id).await?;
    let connector = attempt.row.connector.as_str();
    Ok(Purchase {
        reference: attempt.known.reference.clone(),
        amount: attempt.known.amount,
        brand: attempt.row.brand.clone(),
        lang: lang(&payer.lang),
        customer: Customer { name: String::new(), email: payer.email, phone: Some(payer.phone) },
        description: format!("Souk {}", payer.number.unwrap_or_default()).trim_end().to_owned(),
        return_url: gateways.return_url(connector, &attempt.known.reference),
        webhook_url: gateways.webhook_url(connector),
        hold_only: false,
    })
}

/// How the payment of a purchase stands.
///
/// # Errors
/// [`Error::NotFound`]; [`Error::Database`] when PostgreSQL does not answer.
pub async fn status(db: &Db, group: OrderGroupId) -> Result<Started> {
    status_on(&mut *db.acquire().await?, group).await
}

async fn status_on(connection: &mut PgConnection, group: OrderGroupId) -> Result<Started> {
    let intent = intents::of_group(connection, &group.to_string()).await?;
    let newest = attempts::of_intent(connection, intent.id).await?.into_iter().next();
    let amount = souk_base::Money::new(intent.amount_minor, intent.currency.parse()?);
    let waits = matches!(intent.state.as_str(), "requires_action");
    let next = newest.as_ref().filter(|row| waits && row.phase == "pending");
    let next = next.and_then(|row| serde_json::from_value(row.next_action.clone()?).ok());
    Ok(Started {
        state: intent.state,
        method: newest.as_ref().map(|row| row.method.clone()),
        amount,
        next_action: next.unwrap_or(NextAction::None),
        reason: newest.and_then(|row| row.reason),
    })
}
