//! `POST /v1/carts/{id}/checkout`: a cart becomes a purchase.

use axum::extract::State;
use axum::response::Response;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use souk_base::{Money, Position};
use souk_commerce::checkout::{self, Completed, Done, Phone, Till};
use souk_commerce::orders::{GroupState, OrderGroupId};
use souk_commerce::payments::{self, NextAction};
use souk_commerce::writes::Answer;
use utoipa::ToSchema;
use utoipa_axum::routes;

use super::carts::with_secret;
use crate::AppState;
use crate::answer::{MoneySchema, Written};
use crate::error::{Error, Result};
use crate::params::Reader;
use crate::policy::{Policy, Route, route};
use crate::secrets::{self, CartChange};
use crate::writing::{created, response};

/// Longest e-mail address, in characters (RFC 5321).
const EMAIL_LENGTH_MAX: usize = 254;

pub(super) fn routes() -> Vec<Route> {
    vec![route(Policy::Public, routes!(post_checkout))]
}

/// What a shopper says to buy a cart.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct CheckoutBody {
    /// Where to write.
    #[serde(default)]
    email: Option<String>,
    /// Where to call, with the country's code.
    phone: String,
    /// How it is paid: an id of `/v1/{market}/payment-methods`.
    payment_method: String,
    /// What the shopper was told it costs.
    #[schema(value_type = MoneySchema)]
    expected_total: Money,
}

/// A purchase that was made.
#[derive(Debug, Serialize, ToSchema)]
struct PurchaseAnswer {
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
struct OrderedAnswer {
    /// What people call it.
    #[schema(example = "KW-7KQ4M2XP")]
    number: String,
}

/// How a purchase is paid.
#[derive(Debug, Serialize, ToSchema)]
struct PaymentAnswer {
    /// Where the payment stands: `due` at the door, `requires_action`, `processing`, `succeeded`,
    /// `requires_payment_method` when it failed and another way can be tried.
    state: String,
    /// The way it is paid.
    method: String,
    /// Until when what it needs is held, while it is unpaid.
    #[schema(value_type = Option<String>, format = DateTime)]
    expires_at: Option<Timestamp>,
    /// What the shopper does next: go to an address, scan or show a code, or nothing.
    #[schema(value_type = Object, example = json!({"type": "redirect", "url": "https://pay.example/1"}))]
    next_action: NextAction,
}

impl PurchaseAnswer {
    fn of(completed: &Completed) -> PurchaseAnswer {
        let is_pending = completed.state == GroupState::PendingPayment;
        let orders = completed.numbers.iter().cloned().map(|number| OrderedAnswer { number });
        PurchaseAnswer {
            order_group: completed.group,
            orders: orders.collect(),
            total: completed.total,
            payment: PaymentAnswer {
                state: if is_pending { "requires_action" } else { "due" }.to_owned(),
                method: completed.method.code.clone(),
                expires_at: is_pending.then_some(completed.expires_at),
                next_action: NextAction::None,
            },
            order_secret: None,
        }
    }
}

impl CheckoutBody {
    fn read(&self) -> Result<Phone> {
        let mut read = Reader::default();
        let phone = read.required("phone", Some(&self.phone));
        read.length("email", self.email.as_deref(), EMAIL_LENGTH_MAX);
        read.length("payment_method", Some(&self.payment_method), 40);
        read.finish()?;
        phone.ok_or(Error::NotFound)
    }
}

/// Buy the cart, once: whatever happens to the answer, the same request with the same `Idempotency-Key` gets it again.
#[utoipa::path(
    post,
    path = "/v1/carts/{id}/checkout",
    tag = "shop",
    params(
        ("id" = String, Path, description = "Key of the cart"),
        ("X-Cart-Secret" = String, Header, description = "Its secret"),
        ("Idempotency-Key" = String, Header, description = "Names the request; required"),
    ),
    request_body = CheckoutBody,
    responses((status = 201, description = "The purchase", body = PurchaseAnswer))
)]
async fn post_checkout(
    State(app): State<AppState>,
    CartChange { id, asked, body, peer }: CartChange<CheckoutBody>,
) -> Result<Written<Response>> {
    let phone = body.read()?;
    let key = asked.required_key()?;
    let asked = checkout::Asked {
        cart: id,
        email: body.email.filter(|email| !email.is_empty()),
        phone,
        payment_method: body.payment_method,
        expected_total: body.expected_total,
        network: peer.map(|peer| peer.to_string()),
    };
    let now = Timestamp::now();
    // In a task of its own: a client that goes away must not leave it half-way through its statements.
    let inner = app.clone();
    let done = tokio::spawn(async move {
        let answer = |completed: &Completed| created(None, &PurchaseAnswer::of(completed));
        let till = Till { db: &inner.db, gateways: &inner.gateways, limits: inner.limits };
        let done = checkout::complete(till, key, &asked, now, answer).await?;
        started(&inner, done, now).await
    });
    let (answer, position) = done.await.map_err(|error| Error::Internal(error.to_string()))??;
    let body = response(&told(&app, answer))?;
    match position {
        Some(position) => Ok(Written { position, body }),
        None => Written::now(&app, body).await,
    }
}

/// The answer with the payment as it stands once its provider was called, which a repetition does where the first request
/// was cut short.
async fn started(app: &AppState, done: Done, now: Timestamp) -> Result<(Answer, Option<Position>)> {
    let (mut answer, position) = match done {
        Done::Before(answer) => (answer, None),
        Done::Now(_, answer, position) => (answer, Some(position)),
    };
    let Ok(mut body) = serde_json::from_str::<Value>(&answer.body) else {
        return Ok((answer, position));
    };
    let group = body["order_group"].as_str().and_then(|group| group.parse().ok());
    if let Some(group) = group {
        let started = payments::start(&app.db, &app.gateways, group, now).await?;
        body["payment"]["state"] = started.state.into();
        body["payment"]["next_action"] = serde_json::to_value(&started.next_action)
            .map_err(|error| Error::Internal(error.to_string()))?;
        answer.body = body.to_string();
    }
    Ok((answer, position))
}

/// With the secret, which is kept nowhere.
fn told(app: &AppState, answer: Answer) -> Answer {
    with_secret(answer, "order_group", "order_secret", |id: OrderGroupId| {
        secrets::of_group(&app.keys, id)
    })
}
