//! `/v1/{market}/carts` and `/v1/carts/{id}…`: what somebody means to buy.

pub(super) mod answer;

use axum::Json;
use axum::extract::{FromRequest, Request, State};
use axum::response::Response;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use souk_base::{CityId, Lang, MarketCode, OfferId, SellerId};
use souk_commerce::carts::{self, Address, CartId, CartLineId, Gift, NewCart, Recipient, SlotId};
use souk_commerce::writes::{Answer, Write};
use utoipa::ToSchema;
use utoipa_axum::routes;

use self::answer::CartAnswer;
use crate::AppState;
use crate::answer::Written;
use crate::error::{Code, Error, FieldError, Result};
use crate::extract::{JSON, Path, is_json, parse_json};
use crate::params::Reader;
use crate::policy::{MaybeCustomer, Policy, Route, route};
use crate::secrets::{self, CartAccess, CartAsked, CartChange, guest_scope};
use crate::visitor::Visitor;
use crate::writing::{self, Asked, created, shown};

/// Longest name, phone or line of an address, in characters.
const TEXT_LENGTH_MAX: usize = 200;

/// Longest message on a card.
const MESSAGE_LENGTH_MAX: usize = 1_000;

pub(super) fn routes() -> Vec<Route> {
    vec![
        route(Policy::Public, routes!(post_cart)),
        route(Policy::Public, routes!(get_cart)),
        route(Policy::Public, routes!(post_line)),
        route(Policy::Public, routes!(patch_line, delete_line)),
        route(Policy::Public, routes!(put_delivery)),
        route(Policy::Public, routes!(put_slot)),
        route(Policy::Public, routes!(put_gift)),
        route(Policy::Public, routes!(post_coupon)),
        route(Policy::Public, routes!(delete_coupon)),
    ]
}

/// A cart to be made.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct CartBody {
    /// The shopper's language: ar, en, ru or kk; the market's first when not given.
    #[serde(default)]
    lang: Option<String>,
}

/// So many units of an offer.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct LineBody {
    /// What.
    #[schema(value_type = String)]
    offer_id: OfferId,
    /// How many: 1 to 1,000.
    #[schema(minimum = 1, maximum = 1000)]
    quantity: i32,
}

/// How many units a line has.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct QuantityBody {
    /// 1 to 1,000.
    #[schema(minimum = 1, maximum = 1000)]
    quantity: i32,
}

/// For whom, where to and when.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct DeliveryBody {
    /// Who receives it.
    #[serde(default)]
    recipient: Option<String>,
    /// Their telephone, with the country's code.
    #[serde(default)]
    phone: Option<String>,
    /// A text, or an object of the market's `address_fields`.
    #[serde(default)]
    #[schema(value_type = Object)]
    address: Option<Value>,
    /// Where exactly.
    #[serde(default)]
    location: Option<LocationBody>,
    /// Key of the city.
    #[serde(default)]
    city: Option<String>,
    /// The wished day, YYYY-MM-DD in the city's time zone.
    #[serde(default)]
    date: Option<String>,
    /// The wished slot, taken for each seller whom it fits.
    #[serde(default)]
    slot_id: Option<String>,
    /// Whether the recipient is asked by a link where exactly in the city and when; then neither needs to be said here.
    #[serde(default)]
    ask_recipient: bool,
}

/// A place on earth.
#[derive(Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct LocationBody {
    /// Degrees north.
    lat: f64,
    /// Degrees east.
    lon: f64,
}

/// The slot of one delivery.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct SlotBody {
    /// Which of its options.
    #[serde(alias = "option_id")]
    slot_id: String,
}

/// What is written on the card, and what is wrapped.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct GiftBody {
    /// The message.
    #[serde(default)]
    message: Option<String>,
    /// Who it says it is from.
    #[serde(default)]
    from: Option<String>,
    /// Whether the recipient is not told who sent it.
    #[serde(default)]
    anonymous: bool,
    /// Keys of the deliveries that are to be wrapped; a delivery's `wrapping` says what that costs.
    #[serde(default)]
    #[schema(value_type = Vec<String>, max_items = 100)]
    wrapped: Vec<SellerId>,
}

/// A coupon.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct CouponBody {
    /// As it was handed out; capitals do not matter.
    code: String,
}

/// The market of the path and whatever the body says; it may be left out.
struct Opening {
    asked: Asked,
    body: CartBody,
}

impl FromRequest<AppState> for Opening {
    type Rejection = Error;

    async fn from_request(request: Request, app: &AppState) -> Result<Self> {
        let (parts, body) = request.into_parts();
        let (asked, bytes) = Asked::read_guest(&guest_scope(&parts), &parts, body, app).await?;
        if bytes.is_empty() {
            return Ok(Opening { asked, body: CartBody::default() });
        }
        if !is_json(&parts.headers) {
            return Err(Error::MediaType(JSON));
        }
        Ok(Opening { asked, body: parse_json(&bytes)? })
    }
}

/// Begin a cart. The answer's `secret` reaches it from now on, in the header `X-Cart-Secret`.
#[utoipa::path(
    post,
    path = "/v1/{market}/carts",
    tag = "shop",
    params(("market" = String, Path, description = "Market code", example = "KW")),
    request_body(content = CartBody, description = "May be left out"),
    responses((status = 201, description = "The cart", body = CartAnswer))
)]
async fn post_cart(
    State(app): State<AppState>,
    Path(market): Path<MarketCode>,
    Visitor(visitor): Visitor,
    MaybeCustomer(customer): MaybeCustomer,
    Opening { asked, body }: Opening,
) -> Result<Written<Response>> {
    let mut read = Reader::default();
    let lang: Option<Lang> = read.optional("lang", body.lang.as_deref());
    read.finish()?;
    let keys = app.keys.clone();
    let verb = async |write: &mut Write| {
        let now = Timestamp::now();
        let first = carts::first_language(write, market).await?;
        let lang = lang.unwrap_or(first);
        let id = carts::create(write, &NewCart { market, lang, visitor }, now).await?;
        if let Some(customer) = customer {
            carts::own(write, id, customer.id, now).await?;
        }
        let cart = CartAnswer::of(&carts::read(write, id, now).await?, &app)?;
        Ok(created(Some(format!("/v1/carts/{id}")), &cart))
    };
    writing::run_with(&app, asked, verb, |answer| {
        with_secret(answer, "id", "secret", |id: CartId| secrets::of_cart(&keys, id))
    })
    .await
}

/// The answer with the secret of what it names, which is kept nowhere.
pub(super) fn with_secret<I: std::str::FromStr>(
    mut answer: Answer,
    id: &str,
    name: &str,
    secret: impl Fn(I) -> String,
) -> Answer {
    let Ok(mut body) = serde_json::from_str::<Map<String, Value>>(&answer.body) else {
        return answer;
    };
    let named = body.get(id).and_then(Value::as_str).and_then(|id| id.parse().ok());
    if let Some(named) = named {
        body.insert(name.to_owned(), Value::from(secret(named)));
        answer.body = Value::Object(body).to_string();
    }
    answer
}

/// The cart with today's prices, and what stands against buying it.
#[utoipa::path(
    get,
    path = "/v1/carts/{id}",
    tag = "shop",
    params(
        ("id" = String, Path, description = "Key of the cart"),
        ("X-Cart-Secret" = String, Header, description = "Its secret"),
    ),
    responses((status = 200, description = "The cart", body = CartAnswer))
)]
async fn get_cart(State(app): State<AppState>, access: CartAccess) -> Result<Json<CartAnswer>> {
    let mut connection = app.reading().await?;
    let cart = carts::read(&mut connection, access.id, Timestamp::now()).await?;
    Ok(Json(CartAnswer::of(&cart, &app)?))
}

/// Runs a change of a cart and answers with the cart.
async fn change(
    app: &AppState,
    id: CartId,
    asked: Asked,
    verb: impl AsyncFnOnce(&mut Write, Timestamp) -> souk_commerce::Result<()>,
) -> Result<Written<Response>> {
    writing::run(app, asked, async move |write: &mut Write| {
        let now = Timestamp::now();
        verb(write, now).await?;
        let cart = carts::read(write, id, now).await?;
        Ok(shown(&CartAnswer::of(&cart, app)?))
    })
    .await
}

/// Put units of an offer in.
#[utoipa::path(
    post,
    path = "/v1/carts/{id}/lines",
    tag = "shop",
    params(
        ("id" = String, Path, description = "Key of the cart"),
        ("X-Cart-Secret" = String, Header, description = "Its secret"),
    ),
    request_body = LineBody,
    responses((status = 200, description = "The cart", body = CartAnswer))
)]
async fn post_line(
    State(app): State<AppState>,
    CartChange { id, asked, body, .. }: CartChange<LineBody>,
) -> Result<Written<Response>> {
    change(&app, id, asked, async |write, now| {
        carts::add_line(write, id, body.offer_id, body.quantity, now).await.map(drop)
    })
    .await
}

/// Say how many units a line has.
#[utoipa::path(
    patch,
    path = "/v1/carts/{id}/lines/{line}",
    tag = "shop",
    params(
        ("id" = String, Path, description = "Key of the cart"),
        ("line" = String, Path, description = "Key of the line"),
        ("X-Cart-Secret" = String, Header, description = "The cart's secret"),
    ),
    request_body = QuantityBody,
    responses((status = 200, description = "The cart", body = CartAnswer))
)]
async fn patch_line(
    State(app): State<AppState>,
    Path((_, line)): Path<(String, CartLineId)>,
    CartChange { id, asked, body, .. }: CartChange<QuantityBody>,
) -> Result<Written<Response>> {
    change(&app, id, asked, async |write, now| {
        carts::set_quantity(write, id, line, body.quantity, now).await
    })
    .await
}

/// Take a line out.
#[utoipa::path(
    delete,
    path = "/v1/carts/{id}/lines/{line}",
    tag = "shop",
    params(
        ("id" = String, Path, description = "Key of the cart"),
        ("line" = String, Path, description = "Key of the line"),
        ("X-Cart-Secret" = String, Header, description = "The cart's secret"),
    ),
    responses((status = 200, description = "The cart", body = CartAnswer))
)]
async fn delete_line(
    State(app): State<AppState>,
    Path((_, line)): Path<(String, CartLineId)>,
    CartAsked { id, asked }: CartAsked,
) -> Result<Written<Response>> {
    change(&app, id, asked, async |write, now| carts::remove_line(write, id, line, now).await).await
}

impl DeliveryBody {
    fn read(self) -> Result<(Recipient, Option<jiff::civil::Date>, Option<SlotId>)> {
        let mut read = Reader::default();
        read.length("recipient", self.recipient.as_deref(), TEXT_LENGTH_MAX);
        read.length("phone", self.phone.as_deref(), TEXT_LENGTH_MAX);
        let city: Option<CityId> = read.optional("city", self.city.as_deref());
        let date = read.date("date", self.date.as_deref());
        let slot = read.optional("slot_id", self.slot_id.as_deref());
        read.finish()?;
        let given = |text: Option<String>| text.filter(|text| !text.trim().is_empty());
        let recipient = Recipient {
            name: given(self.recipient),
            phone: given(self.phone),
            address: self.address.map(address).transpose()?.flatten(),
            location: self.location.map(|location| location.read()).transpose()?,
            city,
            is_asked: self.ask_recipient,
        };
        Ok((recipient, date, slot))
    }
}

/// A text or an object of texts, none of them long; nothing at all counts as not given.
pub(super) fn address(given: Value) -> Result<Option<Address>> {
    let refuse = |code, detail: &str| FieldError::new("/address", code, detail);
    let is_long = |text: &str| text.chars().count() > TEXT_LENGTH_MAX * 5;
    match given {
        Value::Null => Ok(None),
        Value::String(text) if is_long(&text) => {
            Err(refuse(Code::TooLong, "an address has at most 1000 characters").into())
        }
        Value::String(text) if text.trim().is_empty() => Ok(None),
        Value::String(text) => Ok(Some(Address::Text(text))),
        Value::Object(fields) if fields.is_empty() => Ok(None),
        Value::Object(fields) => {
            let is_text = |value: &Value| value.as_str().is_some_and(|text| !is_long(text));
            if fields.len() <= 20 && fields.values().all(is_text) {
                return Ok(Some(Address::Fields(fields)));
            }
            Err(refuse(Code::InvalidValue, "an address is an object of at most 20 texts").into())
        }
        _ => Err(refuse(Code::InvalidValue, "an address is a text or an object of texts").into()),
    }
}

impl LocationBody {
    /// What is read back.
    pub(super) fn of((latitude_e6, longitude_e6): (i32, i32)) -> LocationBody {
        LocationBody { lat: f64::from(latitude_e6) / 1e6, lon: f64::from(longitude_e6) / 1e6 }
    }

    /// Millionths of a degree, a tenth of a metre.
    pub(super) fn read(&self) -> Result<(i32, i32)> {
        let is_there = self.lat.abs() <= 90.0 && self.lon.abs() <= 180.0;
        if !is_there {
            let detail = "latitude is from -90 to 90 and longitude from -180 to 180";
            return Err(FieldError::new("/location", Code::OutOfRange, detail).into());
        }
        #[expect(clippy::cast_possible_truncation, reason = "180 million fits")]
        let e6 = |degrees: f64| (degrees * 1e6).round() as i32;
        Ok((e6(self.lat), e6(self.lon)))
    }
}

/// Say for whom it is, where it goes and when. It replaces what was said before.
#[utoipa::path(
    put,
    path = "/v1/carts/{id}/delivery",
    tag = "shop",
    params(
        ("id" = String, Path, description = "Key of the cart"),
        ("X-Cart-Secret" = String, Header, description = "Its secret"),
    ),
    request_body = DeliveryBody,
    responses((status = 200, description = "The cart", body = CartAnswer))
)]
async fn put_delivery(
    State(app): State<AppState>,
    CartChange { id, asked, body, .. }: CartChange<DeliveryBody>,
) -> Result<Written<Response>> {
    let (recipient, date, slot) = body.read()?;
    change(&app, id, asked, async |write, now| {
        carts::set_recipient(write, id, &recipient, date, slot, now).await
    })
    .await
}

/// Choose the slot of one delivery.
#[utoipa::path(
    put,
    path = "/v1/carts/{id}/deliveries/{delivery}",
    tag = "shop",
    params(
        ("id" = String, Path, description = "Key of the cart"),
        ("delivery" = String, Path, description = "Key of the delivery"),
        ("X-Cart-Secret" = String, Header, description = "The cart's secret"),
    ),
    request_body = SlotBody,
    responses((status = 200, description = "The cart", body = CartAnswer))
)]
async fn put_slot(
    State(app): State<AppState>,
    Path((_, seller)): Path<(String, SellerId)>,
    CartChange { id, asked, body, .. }: CartChange<SlotBody>,
) -> Result<Written<Response>> {
    let slot: SlotId = body.slot_id.parse()?;
    change(&app, id, asked, async |write, now| {
        carts::choose_slot(write, id, seller, slot, now).await
    })
    .await
}

/// Say what is written on the card, and which deliveries are wrapped. It replaces what was said before.
#[utoipa::path(
    put,
    path = "/v1/carts/{id}/gift",
    tag = "shop",
    params(
        ("id" = String, Path, description = "Key of the cart"),
        ("X-Cart-Secret" = String, Header, description = "Its secret"),
    ),
    request_body = GiftBody,
    responses((status = 200, description = "The cart", body = CartAnswer))
)]
async fn put_gift(
    State(app): State<AppState>,
    CartChange { id, asked, body, .. }: CartChange<GiftBody>,
) -> Result<Written<Response>> {
    let mut read = Reader::default();
    read.length("message", body.message.as_deref(), MESSAGE_LENGTH_MAX);
    read.length("from", body.from.as_deref(), TEXT_LENGTH_MAX);
    read.finish()?;
    let GiftBody { message, from, anonymous, wrapped } = body;
    let gift = Gift { message, from, anonymous, wrapped };
    change(&app, id, asked, async |write, now| carts::set_gift(write, id, &gift, now).await).await
}

/// Add a coupon.
#[utoipa::path(
    post,
    path = "/v1/carts/{id}/coupons",
    tag = "shop",
    params(
        ("id" = String, Path, description = "Key of the cart"),
        ("X-Cart-Secret" = String, Header, description = "Its secret"),
    ),
    request_body = CouponBody,
    responses((status = 200, description = "The cart", body = CartAnswer))
)]
async fn post_coupon(
    State(app): State<AppState>,
    CartChange { id, asked, body, .. }: CartChange<CouponBody>,
) -> Result<Written<Response>> {
    let mut read = Reader::default();
    read.length("code", Some(&body.code), 40);
    read.finish()?;
    change(&app, id, asked, async |write, now| carts::add_coupon(write, id, &body.code, now).await)
        .await
}

/// Take a coupon back.
#[utoipa::path(
    delete,
    path = "/v1/carts/{id}/coupons/{code}",
    tag = "shop",
    params(
        ("id" = String, Path, description = "Key of the cart"),
        ("code" = String, Path, description = "The coupon"),
        ("X-Cart-Secret" = String, Header, description = "The cart's secret"),
    ),
    responses((status = 200, description = "The cart", body = CartAnswer))
)]
async fn delete_coupon(
    State(app): State<AppState>,
    Path((_, code)): Path<(String, String)>,
    CartAsked { id, asked }: CartAsked,
) -> Result<Written<Response>> {
    change(&app, id, asked, async |write, now| carts::remove_coupon(write, id, &code, now).await)
        .await
}
