//! `/v1/admin/orders`: finding orders, placing one for somebody on the telephone, moving them along.

use axum::Json;
use axum::extract::{FromRequest, Request, State};
use axum::response::Response;
use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use souk_base::{CityId, MarketCode, Money, SellerId, StaffId};
use souk_commerce::carts::CartId;
use souk_commerce::checkout::{Asked as Buying, Phone};
use souk_commerce::orders::{
    self, Buyer, Deed, Event, Filter, Listed as Found, OrderGroupId, OrderId, OrderLineId, Return,
    State as OrderState,
};
use souk_commerce::writes::Write;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::routes;

use super::paging::{LIMIT_DEFAULT, LIMIT_MAX, more, page};
use crate::AppState;
use crate::answer::{Listed, MoneySchema, Written};
use crate::cursor;
use crate::error::{Error, Result};
use crate::extract::{JSON, Path, Query, is_json, parse_json, read_body};
use crate::params::Reader;
use crate::pipeline::checkout::{self, PurchaseAnswer};
use crate::policy::{Permission, Policy, Route, Session, route};
use crate::routes::checkout::told;
use crate::routes::orders::OrderAnswer;
use crate::secrets;
use crate::writing::{self, Asked, Change, response, shown};

/// Longest reason, name or address, in characters.
const TEXT_LENGTH_MAX: usize = 254;

pub(super) fn routes() -> Vec<Route> {
    let (read, write) = (Permission::OrdersRead, Permission::OrdersWrite);
    vec![
        route(Policy::Staff(read), routes!(get_orders)),
        route(Policy::Staff(write), routes!(post_order)),
        route(Policy::Staff(read), routes!(get_order)),
        route(Policy::Staff(write), routes!(post_move)),
        route(Policy::Staff(write), routes!(post_return)),
    ]
}

/// Which orders, and how many.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct OrdersParams {
    /// A number, the telephone or e-mail address of who buys, or the name or telephone of who receives.
    q: Option<String>,
    /// Market code.
    market: Option<String>,
    /// Where they stand, such as `placed`.
    state: Option<String>,
    /// Key of a seller.
    seller: Option<String>,
    /// The day they are delivered, YYYY-MM-DD.
    date: Option<String>,
    /// Orders of the answer.
    #[param(value_type = Option<u8>, minimum = 1, maximum = 100, default = 50)]
    limit: Option<String>,
    /// `next` of the page before.
    cursor: Option<String>,
}

/// An order of the list.
#[derive(Debug, Serialize, ToSchema)]
struct ListedOrder {
    /// What people call it.
    number: String,
    /// The purchase it is part of.
    #[schema(value_type = String)]
    order_group: OrderGroupId,
    /// Where it was bought.
    #[schema(value_type = String)]
    market: MarketCode,
    /// Whose it is.
    #[schema(value_type = String)]
    seller_id: SellerId,
    /// Key of the city it goes to.
    #[schema(value_type = String)]
    city: CityId,
    /// Where it stands.
    #[schema(value_type = String, example = "placed")]
    state: OrderState,
    /// The day it is delivered.
    #[schema(value_type = Option<String>, format = Date)]
    date: Option<Date>,
    /// When its slot begins.
    #[schema(value_type = Option<String>, format = DateTime)]
    starts_at: Option<Timestamp>,
    /// When it ends.
    #[schema(value_type = Option<String>, format = DateTime)]
    ends_at: Option<Timestamp>,
    /// What it costs.
    #[schema(value_type = MoneySchema)]
    total: Money,
    /// Who receives it.
    recipient: Option<String>,
    /// The telephone of who buys.
    phone: String,
    /// Who of the staff took it down on the telephone; null where its shopper made it.
    #[schema(value_type = Option<String>)]
    placed_by: Option<StaffId>,
    /// When it was bought.
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
}

impl From<Found> for ListedOrder {
    fn from(order: Found) -> Self {
        ListedOrder {
            number: order.number,
            order_group: order.group,
            market: order.market,
            seller_id: order.seller_id,
            city: order.city,
            state: order.state,
            date: order.slot.map(|slot| slot.date),
            starts_at: order.slot.map(|slot| slot.starts_at),
            ends_at: order.slot.map(|slot| slot.ends_at),
            total: order.total,
            recipient: order.recipient,
            phone: order.phone,
            placed_by: order.staff,
            created_at: order.created_at,
        }
    }
}

/// An order with who bought it and all that happened.
#[derive(Debug, Serialize, ToSchema)]
struct AdminOrder {
    #[serde(flatten)]
    order: OrderAnswer,
    /// Who bought it.
    buyer: BuyerAnswer,
    /// What happened, the oldest first, and who did it.
    history: Vec<DeedAnswer>,
}

/// Who bought an order.
#[derive(Debug, Serialize, ToSchema)]
struct BuyerAnswer {
    /// Their telephone.
    phone: String,
    /// Where to write.
    email: Option<String>,
}

/// Something that happened.
#[derive(Debug, Serialize, ToSchema)]
struct DeedAnswer {
    /// What, such as `order.placed`.
    event: String,
    /// Who: `shopper`, `recipient`, `payments`, `system`, `staff:7`.
    by: String,
    /// The name of a member of the staff.
    staff: Option<String>,
    /// Why, where somebody said it.
    reason: Option<String>,
    /// When.
    #[schema(value_type = String, format = DateTime)]
    at: Timestamp,
}

impl From<&Deed> for DeedAnswer {
    fn from(deed: &Deed) -> Self {
        let reason = deed.detail.get("reason").and_then(|reason| reason.as_str());
        DeedAnswer {
            event: deed.topic.clone(),
            by: deed.actor.clone(),
            staff: deed.staff_name.clone(),
            reason: reason.filter(|reason| !reason.is_empty()).map(str::to_owned),
            at: deed.at,
        }
    }
}

/// A cart to be bought for somebody on the telephone.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewOrder {
    /// Key of the cart, which is filled over `/v1/carts/{id}`.
    #[schema(value_type = String)]
    cart: CartId,
    /// Its secret.
    cart_secret: String,
    /// Where to write.
    #[serde(default)]
    email: Option<String>,
    /// Where to call, with the country's code.
    phone: String,
    /// How it is paid: an id of `/v1/{market}/payment-methods`. What is not paid at the door is paid by a link, which the
    /// buyer gets in a message. Not needed where the total is zero.
    #[serde(default)]
    payment_method: String,
    /// What the buyer was told it costs.
    #[schema(value_type = MoneySchema)]
    expected_total: Money,
}

/// Where an order goes from where it stands.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewMove {
    /// What happens: `accept`, `prepare`, `ready`, `dispatch`, `deliver`, `fail_delivery`, `close`, `cancel` or `reject`.
    #[schema(value_type = String, example = "accept")]
    event: Event,
    /// Why, where it is turned down.
    #[serde(default)]
    #[schema(max_length = 254)]
    reason: String,
}

/// Units that go back.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewReturn {
    /// Of which lines.
    lines: Vec<ReturnedLine>,
}

/// So many units of a line.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ReturnedLine {
    /// Key of the line.
    #[schema(value_type = String)]
    id: OrderLineId,
    /// How many.
    #[schema(minimum = 1)]
    quantity: i32,
}

/// Orders, the newest first.
#[utoipa::path(
    get,
    path = "/v1/admin/orders",
    tag = "orders",
    params(OrdersParams),
    responses((status = 200, description = "Orders", body = Listed<ListedOrder>))
)]
async fn get_orders(
    State(app): State<AppState>,
    Query(params): Query<OrdersParams>,
) -> Result<Json<Listed<ListedOrder>>> {
    let (filter, limit) = params.read()?;
    let cursor = params.cursor.as_deref().filter(|cursor| !cursor.is_empty());
    let list = params.identity();
    let below = cursor.map(|cursor| cursor::read(&app.keys, &list, cursor)).transpose()?;
    let mut connection = app.connection().await?;
    let found = orders::list(&mut connection, &filter, below, more(limit)).await?;
    let (found, last) = page(found, limit, |order| order.id);
    let next = last.map(|id: OrderId| cursor::write(&app.keys, &list, &id));
    Ok(Json(Listed { items: found.into_iter().map(ListedOrder::from).collect(), next }))
}

impl OrdersParams {
    fn read(&self) -> Result<(Filter, usize)> {
        let mut read = Reader::default();
        read.length("q", self.q.as_deref(), TEXT_LENGTH_MAX);
        let state = self.state.as_deref().filter(|state| !state.is_empty());
        let filter = Filter {
            market: read.optional("market", self.market.as_deref()),
            state: state.and_then(OrderState::of_code),
            seller_id: read.optional("seller", self.seller.as_deref()),
            date: read.date("date", self.date.as_deref()),
            text: self.q.as_deref().map(str::trim).filter(|q| !q.is_empty()).map(str::to_owned),
        };
        let limit = read.number("limit", self.limit.as_deref(), 1..=LIMIT_MAX);
        if state.is_some() && filter.state.is_none() {
            read.refuse("state", "state must be one that orders have, such as placed");
        }
        read.finish()?;
        Ok((filter, limit.unwrap_or(LIMIT_DEFAULT)))
    }

    /// What a cursor is bound to.
    fn identity(&self) -> impl Serialize {
        let OrdersParams { q, market, state, seller, date, .. } = self;
        ("orders", [q, market, state, seller, date].map(Clone::clone))
    }
}

/// An order with who bought it, and all that happened.
#[utoipa::path(
    get,
    path = "/v1/admin/orders/{number}",
    tag = "orders",
    params(("number" = String, Path, description = "The order's number")),
    responses((status = 200, description = "The order", body = AdminOrder))
)]
async fn get_order(
    State(app): State<AppState>,
    Path(number): Path<String>,
) -> Result<Json<AdminOrder>> {
    let mut connection = app.connection().await?;
    read(&app, &mut connection, &number).await.map(Json)
}

async fn read(
    app: &AppState,
    connection: &mut souk_commerce::PgConnection,
    number: &str,
) -> Result<AdminOrder> {
    let purchase = orders::of_number(connection, number).await?;
    let Buyer { phone, email, history } = orders::buyer(connection, purchase.id).await?;
    let id = purchase.orders.iter().find(|order| order.number == number).map(|order| order.id);
    let its = history.iter().filter(|deed| deed.order_id.is_none() || deed.order_id == id);
    Ok(AdminOrder {
        order: OrderAnswer::of(app, number, &purchase)?,
        buyer: BuyerAnswer { phone, email },
        history: its.map(DeedAnswer::from).collect(),
    })
}

/// An order to be placed, under a key that is one of its cart's.
struct Placing {
    asked: Asked,
    body: NewOrder,
}

impl FromRequest<AppState> for Placing {
    type Rejection = Error;

    async fn from_request(request: Request, app: &AppState) -> Result<Self> {
        let (parts, body) = request.into_parts();
        if !is_json(&parts.headers) {
            return Err(Error::MediaType(JSON));
        }
        let bytes = read_body(Request::from_parts(parts.clone(), body), app).await?;
        let body: NewOrder = parse_json(&bytes)?;
        let asked = Asked::of_guest(&format!("cart:{}", body.cart), &parts, &bytes)?;
        Ok(Placing { asked, body })
    }
}

impl NewOrder {
    fn read(&self) -> Result<Phone> {
        let mut read = Reader::default();
        let phone = read.required("phone", Some(&self.phone));
        read.length("email", self.email.as_deref(), TEXT_LENGTH_MAX);
        read.length("payment_method", Some(&self.payment_method), 40);
        read.finish()?;
        phone.ok_or(Error::NotFound)
    }
}

/// Buy a cart for somebody on the telephone, once: as `POST /v1/carts/{id}/checkout`, with who placed it in the order's log.
#[utoipa::path(
    post,
    path = "/v1/admin/orders",
    tag = "orders",
    request_body = NewOrder,
    responses((status = 201, description = "The purchase", body = PurchaseAnswer))
)]
async fn post_order(
    State(app): State<AppState>,
    session: Session,
    Placing { asked, body }: Placing,
) -> Result<Written<Response>> {
    if !secrets::is_same(&body.cart_secret, &secrets::of_cart(&app.keys, body.cart)) {
        return Err(Error::NotFound);
    }
    let phone = body.read()?;
    let key = asked.required_key()?;
    let buying = Buying {
        cart: body.cart,
        email: body.email.filter(|email| !email.is_empty()),
        phone,
        payment_method: body.payment_method,
        expected_total: body.expected_total,
        network: None,
        staff: Some(session.staff.id),
    };
    let made = checkout::run(&app, key, buying).await?;
    let body = response(&told(&app, made.answer))?;
    match made.position {
        Some(position) => Ok(Written { position, body }),
        None => Written::now(&app, body).await,
    }
}

/// Move an order along, or give it up; what was paid for it goes back by itself then.
#[utoipa::path(
    post,
    path = "/v1/admin/orders/{number}/moves",
    tag = "orders",
    params(("number" = String, Path, description = "The order's number")),
    request_body = NewMove,
    responses((status = 200, description = "The order as it stands then", body = AdminOrder))
)]
async fn post_move(
    State(app): State<AppState>,
    Path(number): Path<String>,
    Change { asked, body }: Change<NewMove>,
) -> Result<Written<Response>> {
    let mut reader = Reader::default();
    reader.length("reason", Some(&body.reason), TEXT_LENGTH_MAX);
    reader.finish()?;
    writing::run(&app, asked, async |write: &mut Write| {
        let id = order_id(write, &number).await?;
        let now = Timestamp::now();
        orders::move_by_staff(write, id, body.event, &body.reason, now).await?;
        Ok(shown(&read(&app, write, &number).await?))
    })
    .await
}

/// Take units back from what was delivered, or out of what was not yet; their share of the price goes back to the buyer. With
/// the last unit the order is returned or cancelled.
#[utoipa::path(
    post,
    path = "/v1/admin/orders/{number}/returns",
    tag = "orders",
    params(("number" = String, Path, description = "The order's number")),
    request_body = NewReturn,
    responses((status = 200, description = "The order as it stands then", body = AdminOrder))
)]
async fn post_return(
    State(app): State<AppState>,
    Path(number): Path<String>,
    Change { asked, body }: Change<NewReturn>,
) -> Result<Written<Response>> {
    asked.must_have_key()?;
    let lines = body.lines.iter().map(|line| Return { line: line.id, quantity: line.quantity });
    let lines: Vec<Return> = lines.collect();
    writing::run(&app, asked, async |write: &mut Write| {
        let id = order_id(write, &number).await?;
        orders::take_back_by_staff(write, id, &lines, Timestamp::now()).await?;
        Ok(shown(&read(&app, write, &number).await?))
    })
    .await
}

async fn order_id(write: &mut Write, number: &str) -> Result<OrderId> {
    let purchase = orders::of_number(write, number).await?;
    let order = purchase.orders.iter().find(|order| order.number == number);
    Ok(order.ok_or(Error::NotFound)?.id)
}
