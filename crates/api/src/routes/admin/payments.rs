//! `/v1/admin/payments` and `/v1/admin/refunds`: what was paid and what went back.

use axum::Json;
use axum::extract::State;
use axum::response::Response;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use souk_base::Money;
use souk_commerce::payments::{self, AttemptId, OperationId, Record, Refund, RefundRecord};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::routes;

use super::paging::{LIMIT_DEFAULT, LIMIT_MAX, more, page};
use crate::AppState;
use crate::answer::{Listed, MoneySchema, Written};
use crate::cursor;
use crate::error::{Error, Result};
use crate::extract::{Path, Query};
use crate::params::Reader;
use crate::policy::{Permission, Policy, Route, route};
use crate::writing::{self, Asked, Change, created, shown};

/// Longest reason of a refund, in characters.
const REASON_LENGTH_MAX: usize = 200;

pub(super) fn routes() -> Vec<Route> {
    let (read, write) = (Permission::PaymentsRead, Permission::PaymentsWrite);
    vec![
        route(Policy::Staff(read), routes!(get_payments)),
        route(Policy::Staff(write), routes!(post_received)),
        route(Policy::Staff(read), routes!(get_refunds)),
        route(Policy::Staff(write), routes!(post_refund)),
    ]
}

/// Which payments, and how many.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct PaymentsParams {
    /// `true` for those that somebody has to look at.
    suspect: Option<String>,
    /// Payments of the answer.
    #[param(value_type = Option<u8>, minimum = 1, maximum = 100, default = 50)]
    limit: Option<String>,
    /// `next` of the page before.
    cursor: Option<String>,
}

/// How many refunds.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct RefundsParams {
    /// Refunds of the answer.
    #[param(value_type = Option<u8>, minimum = 1, maximum = 100, default = 50)]
    limit: Option<String>,
    /// `next` of the page before.
    cursor: Option<String>,
}

/// An attempt to pay.
#[derive(Debug, Serialize, ToSchema)]
struct AdminPayment {
    /// Key of the attempt.
    #[schema(value_type = String)]
    id: AttemptId,
    /// The purchase.
    order_group: String,
    /// Code of its market.
    market: String,
    /// The way to pay.
    method: String,
    /// The provider.
    connector: String,
    /// The shop's name for it there.
    reference: String,
    /// The provider's.
    provider_ref: Option<String>,
    /// How much.
    #[schema(value_type = MoneySchema)]
    amount: Money,
    /// How much of it has gone back.
    #[schema(value_type = MoneySchema)]
    refunded: Money,
    /// `pending`, `failed`, `authorised`, `voided` or `captured`.
    phase: String,
    /// Whether that is not known for sure yet.
    unknown: bool,
    /// Whether its money pays the purchase.
    pays: bool,
    /// Why it failed, in the provider's codes.
    reason: Option<String>,
    /// Why somebody has to look at it: `other_amount` or `second_payment`.
    suspect: Option<String>,
    /// When it was begun.
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
}

impl From<Record> for AdminPayment {
    fn from(record: Record) -> Self {
        AdminPayment {
            id: record.id,
            order_group: record.order_group,
            market: record.market,
            method: record.method,
            connector: record.connector,
            reference: record.reference,
            provider_ref: record.provider_ref,
            amount: record.amount,
            refunded: record.refunded,
            phase: record.phase,
            unknown: record.unknown,
            pays: record.pays,
            reason: record.reason,
            suspect: record.suspect,
            created_at: record.created_at,
        }
    }
}

/// A refund.
#[derive(Debug, Serialize, ToSchema)]
struct AdminRefund {
    /// Key of the refund.
    #[schema(value_type = String)]
    id: OperationId,
    /// The payment whose money goes back.
    #[schema(value_type = String)]
    payment: AttemptId,
    /// The purchase.
    order_group: String,
    /// How much.
    #[schema(value_type = MoneySchema)]
    amount: Money,
    /// `initiated`, `pending`, `unknown`, `success` or `failure`.
    state: String,
    /// Why it was asked for.
    reason: String,
    /// Why it failed, in the provider's codes.
    failure: Option<String>,
    /// Who asked: `staff:7`, `system`, `provider`.
    actor: String,
    /// When.
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
}

impl From<RefundRecord> for AdminRefund {
    fn from(record: RefundRecord) -> Self {
        AdminRefund {
            id: record.id,
            payment: record.payment,
            order_group: record.order_group,
            amount: record.amount,
            state: record.state,
            reason: record.reason,
            failure: record.failure,
            actor: record.actor,
            created_at: record.created_at,
        }
    }
}

/// Money to go back.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewRefund {
    /// The purchase.
    order_group: String,
    /// How much; all that is left when not given.
    #[schema(value_type = Option<MoneySchema>)]
    amount: Option<Money>,
    /// Why.
    #[schema(max_length = 200)]
    reason: String,
}

/// The key of what was asked for.
#[derive(Debug, Serialize, ToSchema)]
struct Made {
    /// Key of the refund.
    #[schema(value_type = String)]
    id: OperationId,
}

/// That a transfer's money is there.
#[derive(Debug, Serialize, ToSchema)]
struct Received {
    /// Key of the attempt.
    #[schema(value_type = String)]
    id: AttemptId,
}

/// Attempts to pay, the newest first.
#[utoipa::path(
    get,
    path = "/v1/admin/payments",
    tag = "payments",
    params(PaymentsParams),
    responses((status = 200, description = "Attempts", body = Listed<AdminPayment>))
)]
async fn get_payments(
    State(app): State<AppState>,
    Query(params): Query<PaymentsParams>,
) -> Result<Json<Listed<AdminPayment>>> {
    let mut read = Reader::default();
    let suspect = read.optional::<bool>("suspect", params.suspect.as_deref()).unwrap_or(false);
    let limit = read.number("limit", params.limit.as_deref(), 1..=LIMIT_MAX);
    read.finish()?;
    let limit = limit.unwrap_or(LIMIT_DEFAULT);
    // What the cursor is bound to.
    let list = ("payments", suspect);
    let cursor = params.cursor.filter(|cursor| !cursor.is_empty());
    let below = cursor.map(|cursor| cursor::read(&app.keys, &list, &cursor)).transpose()?;
    let mut connection = app.connection().await?;
    let found = payments::recent(&mut connection, below, suspect, more(limit)).await?;
    let (found, last) = page(found, limit, |record| record.id);
    let next = last.map(|id| cursor::write(&app.keys, &list, &id));
    Ok(Json(Listed { items: found.into_iter().map(AdminPayment::from).collect(), next }))
}

/// Say that the money of a bank transfer is there: the order is placed. Saying it twice changes nothing.
#[utoipa::path(
    post,
    path = "/v1/admin/payments/{id}/received",
    tag = "payments",
    params(("id" = String, Path, description = "Key of the attempt")),
    responses((status = 200, description = "Placed", body = Received))
)]
async fn post_received(
    State(app): State<AppState>,
    Path(id): Path<AttemptId>,
    asked: Asked,
) -> Result<Written<Response>> {
    writing::run(&app, asked, async |write| {
        // In transactions of its own, under the key's lock: a key that another request had changes nothing.
        payments::received(&app.db, &app.gateways, id, Timestamp::now()).await?;
        payments::note_received(write, id).await?;
        Ok(shown(&Received { id }))
    })
    .await
}

/// Refunds, the newest first.
#[utoipa::path(
    get,
    path = "/v1/admin/refunds",
    tag = "payments",
    params(RefundsParams),
    responses((status = 200, description = "Refunds", body = Listed<AdminRefund>))
)]
async fn get_refunds(
    State(app): State<AppState>,
    Query(params): Query<RefundsParams>,
) -> Result<Json<Listed<AdminRefund>>> {
    let mut read = Reader::default();
    let limit = read.number("limit", params.limit.as_deref(), 1..=LIMIT_MAX);
    read.finish()?;
    let limit = limit.unwrap_or(LIMIT_DEFAULT);
    let list = "refunds";
    let cursor = params.cursor.filter(|cursor| !cursor.is_empty());
    let below = cursor.map(|cursor| cursor::read(&app.keys, &list, &cursor)).transpose()?;
    let mut connection = app.connection().await?;
    let found = payments::refunds(&mut connection, None, below, more(limit)).await?;
    let (found, last) = page(found, limit, |record| record.id);
    let next = last.map(|id| cursor::write(&app.keys, &list, &id));
    Ok(Json(Listed { items: found.into_iter().map(AdminRefund::from).collect(), next }))
}

/// Give money back, all of it or a part. The provider is asked within seconds; its answer shows in the list.
#[utoipa::path(
    post,
    path = "/v1/admin/refunds",
    tag = "payments",
    request_body = NewRefund,
    responses((status = 201, description = "Asked for", body = Made))
)]
async fn post_refund(
    State(app): State<AppState>,
    Change { asked, body }: Change<NewRefund>,
) -> Result<Written<Response>> {
    asked.must_have_key()?;
    let mut read = Reader::default();
    read.length("reason", Some(&body.reason), REASON_LENGTH_MAX);
    read.finish()?;
    let group = body.order_group.parse().map_err(|_| Error::NotFound)?;
    let actor = format!("staff:{}", asked.staff()?);
    let refund = Refund { group, amount: body.amount, reason: body.reason, actor };
    writing::run(&app, asked, async |write| {
        let id = payments::refund_by_staff(write, &refund, Timestamp::now()).await?;
        Ok(created(None, &Made { id }))
    })
    .await
}
