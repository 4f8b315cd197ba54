//! `POST /v1/carts/{id}/checkout`: a cart becomes a purchase.

use axum::extract::State;
use axum::response::Response;
use serde::Deserialize;
use souk_base::Money;
use souk_commerce::checkout::{Asked, Phone};
use souk_commerce::orders::OrderGroupId;
use souk_commerce::writes::Answer;
use utoipa::ToSchema;
use utoipa_axum::routes;

use super::carts::with_secret;
use crate::AppState;
use crate::answer::{MoneySchema, Written};
use crate::error::{Error, Result};
use crate::params::Reader;
use crate::pipeline::checkout::{self, PurchaseAnswer};
use crate::policy::{Policy, Route, route};
use crate::secrets::{self, CartChange};
use crate::writing::response;

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
    /// How it is paid: an id of `/v1/{market}/payment-methods`; not needed where the total is zero.
    #[serde(default)]
    payment_method: String,
    /// What the shopper was told it costs.
    #[schema(value_type = MoneySchema)]
    expected_total: Money,
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
    let asked = Asked {
        cart: id,
        email: body.email.filter(|email| !email.is_empty()),
        phone,
        payment_method: body.payment_method,
        expected_total: body.expected_total,
        network: peer.map(|peer| peer.to_string()),
        staff: None,
    };
    let made = checkout::run(&app, key, asked).await?;
    let body = response(&told(&app, made.answer))?;
    match made.position {
        Some(position) => Ok(Written { position, body }),
        None => Written::now(&app, body).await,
    }
}

/// With the secret, which is kept nowhere.
pub(super) fn told(app: &AppState, answer: Answer) -> Answer {
    with_secret(answer, "order_group", "order_secret", |id: OrderGroupId| {
        secrets::of_group(&app.keys, id)
    })
}
