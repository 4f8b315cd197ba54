//! The janitor: asks again until everything is known, and ends holds, never before the provider was asked.

use jiff::{SignedDuration, Timestamp};
use souk_providers::payments::{Ask, Lost, Outcome, Phase, perform};

use super::super::sql::{attempts, events, intents};
use super::super::state::{KEY_LIFE, Source, pause};
use super::super::{Gateways, TRANSFER};
use super::apply::{Told, apply};
use super::{Attempt, LEASE, operate, sql_time, start};
use crate::orders::{self, GroupState, OrderGroupId};
use crate::{Db, Result, db};

/// Attempts and holds that are looked after in one go.
const BATCH: i64 = 20;
/// How long callbacks are kept word for word.
const BODIES_DAYS: i64 = 90;
/// A look that somebody else took this long ago is good enough for another one.
const FRESH: SignedDuration = SignedDuration::from_secs(2);

/// Looks after what is due now: operations, attempts whose end is open, holds that end. Says how many things; several
/// processes may do so at once.
///
/// # Errors
/// [`crate::Error::Database`] when PostgreSQL does not answer.
pub async fn tend(db: &Db, gateways: &Gateways, now: Timestamp) -> Result<usize> {
    let mut done = operate::drive(db, gateways, None, now).await?;
    let mut connection = db.acquire().await?;
    let (time, lease) = (sql_time(now), sql_time(now + LEASE));
    let due = attempts::claim_checks(&mut connection, time, lease, BATCH).await?;
    let forget = now - SignedDuration::from_hours(24 * BODIES_DAYS);
    events::forget(&mut connection, sql_time(forget)).await?;
    let holds = orders::due_holds(&mut connection, now, BATCH).await?;
    drop(connection);
    for id in due.iter().copied() {
        let attempt = look(db, gateways, id, now).await?;
        let later = pause(attempt.known.unknown, attempt.row.checks).map(|pause| now + pause);
        let open =
            matches!(attempt.known.phase, Phase::Pending | Phase::Authorised | Phase::Failed);
        let later = later.filter(|_| open).map(sql_time);
        attempts::set_check(&mut *db.acquire().await?, id, later).await?;
        operate::drive(db, gateways, Some(id), now).await?;
    }
    for group in &holds {
        end_hold(db, gateways, *group, now).await?;
    }
    done += due.len() + holds.len();
    Ok(done)
}

/// Asks the provider how far an attempt is, and takes the answer in; gives the attempt after it.
pub(super) async fn look(db: &Db, gateways: &Gateways, id: i64, now: Timestamp) -> Result<Attempt> {
    let attempt = read(db, id).await?;
    let begun = attempt.row.sent_at.map(jiff_sqlx::Timestamp::to_jiff);
    // Its first call is on its way and will tell.
    let starting = begun.is_some_and(|begun| now < begun + FRESH) && attempt.known.unknown;
    if begun.is_none() || starting || attempt.row.connector == TRANSFER {
        return Ok(attempt);
    }
    let Some(gateway) = gateways.get(attempt.market, &attempt.row.connector).cloned() else {
        return Ok(attempt);
    };
    let lost = gateway.capabilities().lost_authorise;
    if attempt.known.provider_ref.is_none() && lost != Lost::Ask {
        let young = begun.is_some_and(|begun| now < begun + KEY_LIFE);
        if lost == Lost::Repeat && attempt.known.unknown && young {
            start::begin(db, gateways, attempt, now).await?;
        } else if attempt.known.phase == Phase::Pending || attempt.known.unknown {
            start::fail(db, gateways, &attempt, "no_answer", now).await?;
        }
        return read(db, id).await;
    }
    match perform(gateways.client(), &*gateway, &Ask::Sync(&attempt.payment())).await {
        Outcome::Told(report) => {
            let told = Told { attempt: Some(id.into()), ..Told::of(&attempt, &report) };
            apply(db, gateways, &told, Source::Poll, now).await?;
        }
        // The provider knows of no payment: the shopper has not been there, or not yet.
        Outcome::Refused(_) if attempt.known.phase == Phase::Pending => {
            if is_over(db, &attempt).await? {
                start::fail(db, gateways, &attempt, "never_paid", now).await?;
            }
        }
        Outcome::Refused(why) | Outcome::NotSent(why) | Outcome::Unknown(why) => {
            tracing::info!(payment = %attempt.row.reference, why, "a payment could not be looked at");
        }
    }
    read(db, id).await
}

async fn read(db: &Db, id: i64) -> Result<Attempt> {
    Attempt::read(attempts::one(&mut *db.acquire().await?, id).await?)
}

async fn is_over(db: &Db, attempt: &Attempt) -> Result<bool> {
    let intent = intents::of_group(&mut *db.acquire().await?, &attempt.row.group_id).await?;
    Ok(matches!(intent.state.as_str(), "cancelled" | "succeeded"))
}

/// Ends the hold of a purchase: every try is looked at, then called off where that can be done; only what is still
/// unpaid then gives up what it held.
async fn end_hold(db: &Db, gateways: &Gateways, group: OrderGroupId, now: Timestamp) -> Result<()> {
    let mut connection = db.acquire().await?;
    let intent = intents::of_group(&mut connection, &group.to_string()).await;
    let Ok(intent) = intent else {
        // Made without a payment; it only has to end.
        drop(connection);
        return expire(db, None, group, now).await;
    };
    let tries = attempts::of_intent(&mut connection, intent.id).await?;
    drop(connection);
    for row in tries {
        let attempt = look(db, gateways, row.id, now).await?;
        operate::drive(db, gateways, Some(row.id), now).await?;
        if matches!(attempt.known.phase, Phase::Pending | Phase::Authorised) {
            operate::call_off(db, gateways, &attempt, now).await?;
        }
    }
    expire(db, Some(intent.id), group, now).await
}

async fn expire(db: &Db, intent: Option<i64>, group: OrderGroupId, now: Timestamp) -> Result<()> {
    let mut tx = db::begin(db).await?;
    if let Some(intent) = intent {
        intents::lock(&mut tx, intent).await?;
    }
    let expired = orders::hold_expired(&mut tx, group, now).await?;
    let ended = expired || orders::unpaid(&mut tx, group).await?.state == GroupState::Cancelled;
    if let Some(intent) = intent.filter(|_| ended) {
        intents::set_state(&mut tx, intent, "cancelled").await?;
    }
    tx.commit().await?;
    Ok(())
}
