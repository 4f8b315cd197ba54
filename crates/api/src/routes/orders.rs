//! `/v1/orders/{number}`: what was bought, for who has its secret, or bought it with an account.

use std::collections::HashMap;

use axum::Json;
use axum::extract::{FromRequest, FromRequestParts, Request, State};
use axum::http::request::Parts;
use axum::response::Response;
use jiff::Timestamp;
use jiff::civil::Date;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use souk_base::{Money, OfferId, ProductId, SellerId};
use souk_commerce::orders::{
    self, GroupState, Line, Order, OrderGroupId, OrderLineId, Purchase, State as OrderState,
};
use souk_commerce::writes::Write;
use utoipa::ToSchema;
use utoipa_axum::routes;

use crate::answer::{MoneySchema, Written};
use crate::error::{Error, Result};
use crate::extract::{JSON, is_json, parse_json};
use crate::params::Reader;
use crate::pipeline::checkout::PaymentAnswer;
use crate::pipeline::payments;
use crate::policy::{MaybeCustomer, Policy, Route, route};
use crate::secrets::{self, X_ORDER_SECRET, is_shown};
use crate::writing::{self, Asked, response, shown};
use crate::{App, AppState};

pub(super) fn routes() -> Vec<Route> {
    vec![
        route(Policy::Public, routes!(get_order)),
        route(Policy::Public, routes!(post_cancel)),
        route(Policy::Public, routes!(post_payment)),
    ]
}

/// The order of the path, whose secret the request knows, or which is its customer's; else there is none.
struct OrderAccess {
    number: String,
}

/// A change of such an order.
struct OrderAsked {
    number: String,
    asked: Asked,
}

/// A change of such an order, with a JSON body.
struct OrderChange<T> {
    number: String,
    asked: Asked,
    body: T,
}

impl FromRequestParts<AppState> for OrderAccess {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, app: &AppState) -> Result<Self> {
        let path =
            axum::extract::Path::<HashMap<String, String>>::from_request_parts(parts, app).await;
        let mut path = path.map_err(|_| Error::NotFound)?.0;
        let number = path.remove("number").ok_or(Error::NotFound)?;
        let group = orders::group_of(&mut *app.connection().await?, &number).await?;
        let secret = secrets::of_group(&app.keys, group);
        if is_shown(&parts.headers, X_ORDER_SECRET, &secret) {
            return Ok(OrderAccess { number });
        }
        let MaybeCustomer(customer) = MaybeCustomer::from_request_parts(parts, app).await?;
        let customer = customer.ok_or(Error::NotFound)?;
        let mut connection = app.connection().await?;
        let is_its = orders::is_of_customer(&mut connection, &number, customer.id).await?;
        if is_its { Ok(OrderAccess { number }) } else { Err(Error::NotFound) }
    }
}

impl FromRequest<AppState> for OrderAsked {
    type Rejection = Error;

    async fn from_request(request: Request, app: &AppState) -> Result<Self> {
        let (mut parts, body) = request.into_parts();
        let OrderAccess { number } = OrderAccess::from_request_parts(&mut parts, app).await?;
        let (asked, _) = Asked::read_guest(&format!("order:{number}"), &parts, body, app).await?;
        Ok(OrderAsked { number, asked })
    }
}

impl<T: DeserializeOwned> FromRequest<AppState> for OrderChange<T> {
    type Rejection = Error;

    async fn from_request(request: Request, app: &AppState) -> Result<Self> {
        let (mut parts, body) = request.into_parts();
        let OrderAccess { number } = OrderAccess::from_request_parts(&mut parts, app).await?;
        if !is_json(&parts.headers) {
            return Err(Error::MediaType(JSON));
        }
        let scope = format!("order:{number}");
        let (asked, bytes) = Asked::read_guest(&scope, &parts, body, app).await?;
        Ok(OrderChange { number, asked, body: parse_json(&bytes)? })
    }
}

/// Another try to pay.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct PaymentBody {
    /// How: an id of `/v1/{market}/payment-methods`.
    payment_method: String,
}

/// An order with its purchase.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct OrderAnswer {
    /// What people call it.
    number: String,
    /// Where it stands.
    #[schema(value_type = String, example = "placed")]
    state: OrderState,
    /// Whose it is.
    #[schema(value_type = String)]
    seller_id: SellerId,
    /// What is in it.
    lines: Vec<OrderLineAnswer>,
    /// When and to whom it is delivered.
    delivery: OrderDeliveryAnswer,
    /// Units times prices.
    #[schema(value_type = MoneySchema)]
    goods: Money,
    /// What promotions took off.
    #[schema(value_type = MoneySchema)]
    discount: Money,
    /// What delivery cost.
    #[schema(value_type = MoneySchema)]
    delivery_fee: Money,
    /// Whether it is wrapped as a gift.
    wrapped: bool,
    /// What wrapping cost.
    #[schema(value_type = MoneySchema)]
    wrapping: Money,
    /// Tax.
    #[schema(value_type = MoneySchema)]
    tax: Money,
    /// What rounding added.
    #[schema(value_type = MoneySchema)]
    rounding: Money,
    /// What it cost.
    #[schema(value_type = MoneySchema)]
    total: Money,
    /// What of that went back.
    #[schema(value_type = MoneySchema)]
    refunded: Money,
    /// How the whole purchase is paid.
    payment: OrderPaymentAnswer,
    /// What happened, the oldest first.
    timeline: Vec<MomentAnswer>,
    /// The purchase.
    order_group: GroupAnswer,
}

/// The purchase that an order is part of.
#[derive(Debug, Serialize, ToSchema)]
struct GroupAnswer {
    /// Its key.
    #[schema(value_type = String)]
    id: OrderGroupId,
    /// Where it stands.
    #[schema(value_type = String)]
    state: GroupState,
    /// What it costs.
    #[schema(value_type = MoneySchema)]
    total: Money,
    /// The numbers of its orders.
    orders: Vec<String>,
}

/// So many units as they were bought.
#[derive(Debug, Serialize, ToSchema)]
struct OrderLineAnswer {
    /// Its key.
    #[schema(value_type = String)]
    id: OrderLineId,
    /// The product.
    #[schema(value_type = String)]
    product_id: ProductId,
    /// The offer.
    #[schema(value_type = String)]
    offer_id: OfferId,
    /// The variant's number.
    sku: String,
    /// What it was called, by language.
    #[schema(value_type = Object)]
    titles: Value,
    /// How many.
    quantity: i32,
    /// What one cost.
    #[schema(value_type = MoneySchema)]
    price: Money,
    /// Its share in what was paid.
    #[schema(value_type = MoneySchema)]
    total: Money,
    /// Units that went back.
    returned: i32,
}

/// When and to whom an order is delivered.
#[derive(Debug, Serialize, ToSchema)]
struct OrderDeliveryAnswer {
    /// The day.
    #[schema(value_type = Option<String>, format = Date)]
    date: Option<Date>,
    /// When the slot begins.
    #[schema(value_type = Option<String>, format = DateTime)]
    starts_at: Option<Timestamp>,
    /// When it ends.
    #[schema(value_type = Option<String>, format = DateTime)]
    ends_at: Option<Timestamp>,
    /// Who receives it.
    recipient: Option<String>,
    /// Their telephone.
    phone: Option<String>,
    /// Where.
    #[schema(value_type = Object)]
    address: Option<Value>,
    /// What is written on the card.
    gift_message: Option<String>,
    /// What leads the recipient to `/gift/{token}` while they are asked where exactly and when.
    #[serde(skip_serializing_if = "Option::is_none")]
    gift_token: Option<String>,
}

/// How a purchase is paid.
#[derive(Debug, Serialize, ToSchema)]
struct OrderPaymentAnswer {
    /// The way.
    method: String,
    /// Until when what it needs is held, while it is unpaid.
    #[schema(value_type = Option<String>, format = DateTime)]
    expires_at: Option<Timestamp>,
}

/// Something that happened.
#[derive(Debug, Serialize, ToSchema)]
struct MomentAnswer {
    /// What, such as `order.placed`.
    event: String,
    /// When.
    #[schema(value_type = String, format = DateTime)]
    at: Timestamp,
}

impl OrderAnswer {
    pub(super) fn of(app: &App, number: &str, purchase: &Purchase) -> Result<OrderAnswer> {
        let order = purchase.orders.iter().find(|order| order.number == number);
        let order = order.ok_or(Error::NotFound)?;
        let money = |minor| Money::new(minor, purchase.currency);
        let is_its = |id: Option<orders::OrderId>| id.is_none_or(|id| id == order.id);
        let moments = purchase.moments.iter().filter(|moment| is_its(moment.order_id));
        let is_unpaid = purchase.state == GroupState::PendingPayment;
        Ok(OrderAnswer {
            number: order.number.clone(),
            state: order.state,
            seller_id: order.seller_id,
            lines: order.lines.iter().map(|line| OrderLineAnswer::of(line, money)).collect(),
            delivery: OrderDeliveryAnswer::of(app, order, purchase),
            goods: money(order.amounts.goods),
            discount: money(order.amounts.discount),
            delivery_fee: money(order.amounts.delivery),
            wrapped: order.wrapping.is_some(),
            wrapping: money(order.amounts.wrapping),
            tax: money(order.amounts.tax),
            rounding: money(order.amounts.rounding),
            total: money(order.amounts.total),
            refunded: money(order.refunded_minor),
            payment: OrderPaymentAnswer {
                method: purchase.payment_method.clone(),
                expires_at: is_unpaid.then_some(purchase.expires_at),
            },
            timeline: moments
                .map(|moment| MomentAnswer { event: moment.topic.clone(), at: moment.at })
                .collect(),
            order_group: GroupAnswer {
                id: purchase.id,
                state: purchase.state,
                total: money(purchase.amounts.total),
                orders: purchase.orders.iter().map(|order| order.number.clone()).collect(),
            },
        })
    }
}

impl OrderLineAnswer {
    fn of(line: &Line, money: impl Fn(i64) -> Money) -> OrderLineAnswer {
        OrderLineAnswer {
            id: line.id,
            product_id: line.product_id,
            offer_id: line.offer_id,
            sku: line.sku.clone(),
            titles: line.titles.clone(),
            quantity: line.quantity,
            price: money(line.unit_minor),
            total: money(line.amounts.total),
            returned: line.returned_quantity,
        }
    }
}

impl OrderDeliveryAnswer {
    fn of(app: &App, order: &Order, purchase: &Purchase) -> OrderDeliveryAnswer {
        let asks = purchase.waits_for_recipient && purchase.state == GroupState::Placed;
        OrderDeliveryAnswer {
            date: order.slot.map(|slot| slot.date),
            starts_at: order.slot.map(|slot| slot.starts_at),
            ends_at: order.slot.map(|slot| slot.ends_at),
            recipient: purchase.recipient.clone(),
            phone: purchase.recipient_phone.clone(),
            address: purchase.address.as_ref().and_then(|it| serde_json::to_value(it).ok()),
            gift_message: purchase.gift_message.clone(),
            gift_token: asks.then(|| secrets::gift_token(&app.keys, purchase.id)),
        }
    }
}

/// An order, for who has its secret.
#[utoipa::path(
    get,
    path = "/v1/orders/{number}",
    tag = "shop",
    params(
        ("number" = String, Path, description = "The order's number"),
        ("X-Order-Secret" = String, Header, description = "The secret of its purchase"),
    ),
    responses((status = 200, description = "The order", body = OrderAnswer))
)]
async fn get_order(State(app): State<AppState>, access: OrderAccess) -> Result<Json<OrderAnswer>> {
    let mut connection = app.connection().await?;
    let purchase = orders::of_number(&mut connection, &access.number).await?;
    OrderAnswer::of(&app, &access.number, &purchase).map(Json)
}

/// Give the order up, before work on it has begun.
#[utoipa::path(
    post,
    path = "/v1/orders/{number}/cancel",
    tag = "shop",
    params(
        ("number" = String, Path, description = "The order's number"),
        ("X-Order-Secret" = String, Header, description = "The secret of its purchase"),
    ),
    responses((status = 200, description = "The order", body = OrderAnswer))
)]
async fn post_cancel(
    State(app): State<AppState>,
    OrderAsked { number, asked }: OrderAsked,
) -> Result<Written<Response>> {
    writing::run(&app, asked, async |write: &mut Write| {
        let purchase = orders::of_number(write, &number).await?;
        let order = purchase.orders.iter().find(|order| order.number == number);
        let id = order.ok_or(Error::NotFound)?.id;
        orders::cancel(write, id, "shopper", Timestamp::now()).await?;
        let purchase = orders::of_number(write, &number).await?;
        Ok(shown(&OrderAnswer::of(&app, &number, &purchase)?))
    })
    .await
}

/// Try to pay again, by the same way or another, while the purchase waits for its money.
#[utoipa::path(
    post,
    path = "/v1/orders/{number}/payments",
    tag = "shop",
    params(
        ("number" = String, Path, description = "The order's number"),
        ("X-Order-Secret" = String, Header, description = "The secret of its purchase"),
        ("Idempotency-Key" = String, Header, description = "Names the request; required"),
    ),
    request_body = PaymentBody,
    responses((status = 201, description = "How the payment stands", body = PaymentAnswer))
)]
async fn post_payment(
    State(app): State<AppState>,
    OrderChange { number, asked, body }: OrderChange<PaymentBody>,
) -> Result<Written<Response>> {
    let mut read = Reader::default();
    read.length("payment_method", Some(&body.payment_method), 40);
    read.finish()?;
    let key = asked.required_key()?;
    let purchase = {
        let mut connection = app.connection().await?;
        orders::of_number(&mut connection, &number).await?
    };
    let (group, market) = (purchase.id, purchase.market);
    let method = &body.payment_method;
    let started = payments::again(&app, key.clone(), group, market, method).await?;
    let answer = payments::answer(&app, &key, started).await?;
    Written::now(&app, response(&answer)?).await
}
