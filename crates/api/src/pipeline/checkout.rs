//! Buying a cart, as `POST /v1/carts/{id}/checkout` and the pages do.

use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;
use souk_base::{Money, Position};
use souk_commerce::checkout::{self, Asked, Completed, Done, Till};
use souk_commerce::orders::{GroupState, OrderGroupId};
use souk_commerce::payments::{self, NextAction, Started};
use souk_commerce::writes::{self, Answer, IdempotencyKey};
use utoipa::ToSchema;

use crate::AppState;
use crate::answer::MoneySchema;
use crate::error::{Error, Result};
use crate::writing::created;

/// Where a payment stands until its provider was asked; no shopper sees it.
const STARTING: &str = "starting";

/// A purchase that was made.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PurchaseAnswer {
    /// Its key.
    #[schema(value_type = String)]
    order_group: OrderGroupId,
    /// Its orders, one a seller.
    orders: Vec<OrderedAnswer>,
    /// What it costs.
    #[schema(value_type = MoneySchema)]
    total: Money,
    /// How it is paid.
    payment: PaymentAnswer,
    /// What reaches its orders, in the header `X-Order-Secret`.
    #[serde(skip_serializing_if = "Option::is_none")]
    order_secret: Option<String>,
}

/// An order.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct OrderedAnswer {
    /// What people call it.
    #[schema(example = "KW-7KQ4M2XP")]
    number: String,
}

/// How a purchase is paid.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PaymentAnswer {
    /// Where the payment stands: `due` at the door, `requires_action`, `processing`, `succeeded`,
    /// `requires_payment_method` when it failed and another way can be tried.
    state: String,
    /// The way it is paid; `free` where it costs nothing.
    method: String,
    /// Until when what it needs is held, while it is unpaid.
    #[schema(value_type = Option<String>, format = DateTime)]
    expires_at: Option<Timestamp>,
    /// What the shopper does next: go to an address, scan or show a code, or nothing.
    #[schema(value_type = Object, example = json!({"type": "redirect", "url": "https://pay.example/1"}))]
    next_action: NextAction,
}

impl PaymentAnswer {
    /// How a payment stands that was started.
    pub(crate) fn of(started: Started) -> PaymentAnswer {
        let Started { state, method, next_action, .. } = started;
        PaymentAnswer { state, method: method.unwrap_or_default(), expires_at: None, next_action }
    }
}

impl PurchaseAnswer {
    fn of(completed: &Completed) -> PurchaseAnswer {
        let is_pending = completed.state == GroupState::PendingPayment;
        let state = match completed.method.connector.as_str() {
            _ if is_pending => STARTING,
            payments::FREE => "succeeded",
            _ => "due",
        };
        let orders = completed.numbers.iter().cloned().map(|number| OrderedAnswer { number });
        PurchaseAnswer {
            order_group: completed.group,
            orders: orders.collect(),
            total: completed.total,
            payment: PaymentAnswer {
                state: state.to_owned(),
                method: completed.method.code.clone(),
                expires_at: is_pending.then_some(completed.expires_at),
                next_action: NextAction::None,
            },
            order_secret: None,
        }
    }
}

/// A purchase that was made now, or by the same request before.
#[derive(Debug)]
pub struct Purchased {
    /// Its key.
    pub group: OrderGroupId,
    /// The number of its first order.
    pub number: String,
    /// What is answered.
    pub(crate) answer: Answer,
    /// From where on readers see it; none for a request that was answered before.
    pub(crate) position: Option<Position>,
}

/// Buys a cart once for each `key`, and starts its payment. In a task of its own: a client that goes away must not leave
/// it half-way through its statements.
///
/// # Errors
/// As [`checkout::complete`].
pub async fn run(app: &AppState, key: IdempotencyKey, asked: Asked) -> Result<Purchased> {
    let inner = app.clone();
    let done = tokio::spawn(async move {
        let now = Timestamp::now();
        let answer = |completed: &Completed| created(None, &PurchaseAnswer::of(completed));
        let till = Till { db: &inner.db, gateways: &inner.gateways, limits: inner.limits };
        let done = checkout::complete(till, key.clone(), &asked, now, answer).await?;
        started(&inner, &key, done, now).await
    });
    done.await.map_err(|error| Error::Internal(error.to_string()))?
}

/// With the payment as its provider started it, which a repetition does where the first request was cut short. Whoever
/// completes the answer first says what every repetition gets, byte for byte.
async fn started(
    app: &AppState,
    key: &IdempotencyKey,
    done: Done,
    now: Timestamp,
) -> Result<Purchased> {
    let (mut answer, position) = match done {
        Done::Before(answer) => (answer, None),
        Done::Now(_, answer, position) => (answer, Some(position)),
    };
    let unreadable = || Error::Internal("a saved purchase cannot be read".to_owned());
    let mut body: Value = serde_json::from_str(&answer.body).map_err(|_| unreadable())?;
    let group = body["order_group"].as_str().and_then(|group| group.parse().ok());
    let number = body["orders"][0]["number"].as_str().map(str::to_owned);
    let (group, number) = group.zip(number).ok_or_else(unreadable)?;
    if body["payment"]["state"] == STARTING {
        let started = payments::start(&app.db, &app.gateways, group, now).await?;
        body["payment"]["state"] = started.state.into();
        body["payment"]["next_action"] = serde_json::to_value(&started.next_action)
            .map_err(|error| Error::Internal(error.to_string()))?;
        let last = Answer { body: body.to_string(), ..answer.clone() };
        answer = writes::complete(&app.db, key, &answer, last).await?;
    }
    Ok(Purchased { group, number, answer, position })
}
