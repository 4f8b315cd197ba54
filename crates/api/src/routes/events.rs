//! `POST /v1/events`

use axum::extract::{FromRequest, Request, State};
use axum::http::StatusCode;
use axum::response::Response;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use souk_base::Money;
use souk_commerce::events::{Fault, Reading, Told, ToldItem, Wrong};
use souk_commerce::writes::Answer;
use utoipa::ToSchema;
use utoipa_axum::routes;

use crate::AppState;
use crate::answer::{MoneySchema, Written};
use crate::error::{Code, Error, FieldError, Result};
use crate::extract::{JSON, is_json, parse_json};
use crate::pipeline::events::{write, write_once};
use crate::policy::{MaybeCustomer, Policy, Route, route};
use crate::secrets::guest_scope;
use crate::visitor::Visitor;
use crate::writing::{Asked, response, shown};

/// Events of one request.
const EVENTS_MAX: usize = 500;

pub(super) fn routes() -> Vec<Route> {
    vec![route(Policy::Public, routes!(post_events)).open_to_sites()]
}

/// What happened.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct EventsBody {
    /// At most 500.
    #[schema(max_items = 500)]
    events: Vec<EventBody>,
}

/// Something that a shopper did.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct EventBody {
    /// Your own name for it, such as a UUID; the same again changes nothing.
    #[schema(min_length = 1, max_length = 128)]
    id: String,
    /// What: `search-click`, `detail-page-view`, `add-to-cart` and so on.
    #[schema(example = "search-click")]
    r#type: String,
    /// The device; that of the header `X-Visitor-Id` when not given.
    #[schema(min_length = 1, max_length = 128)]
    visitor_id: Option<String>,
    /// Your own name for this visit of the device, if you have one.
    #[schema(min_length = 1, max_length = 128)]
    session_id: Option<String>,
    /// Where.
    #[schema(example = "KW")]
    market: String,
    /// When, by your clock; at most 7 days ago and 5 minutes ahead.
    #[schema(format = DateTime)]
    time: String,
    /// The product it is about.
    product_id: Option<String>,
    /// The products it is about, when there are several.
    items: Option<Vec<EventItemBody>>,
    /// The `query_id` of the search that led to it.
    query_id: Option<String>,
    /// Place of the hit among those of the search, from 1.
    position: Option<i64>,
    /// The cart it is about.
    cart_id: Option<String>,
    /// The order it is about.
    order_id: Option<String>,
    /// Where recommendations were shown.
    placement: Option<String>,
    /// The `token` that the recommendations were answered with; only one that the shop signed counts for them.
    token: Option<String>,
    /// What it is worth, in your own measure.
    value: Option<f64>,
}

/// A product of an event.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct EventItemBody {
    /// Key of the product.
    product_id: String,
    /// Units.
    quantity: Option<i64>,
    /// Price of a unit.
    #[schema(value_type = Option<MoneySchema>)]
    price: Option<Money>,
}

/// What was taken.
#[derive(Debug, Serialize, ToSchema)]
struct EventsAnswer {
    /// Events of the request, those seen before included.
    accepted: usize,
}

/// What is told, and under which name.
struct Telling {
    asked: Asked,
    body: EventsBody,
}

impl FromRequest<AppState> for Telling {
    type Rejection = Error;

    async fn from_request(request: Request, app: &AppState) -> Result<Self> {
        let (parts, body) = request.into_parts();
        if !is_json(&parts.headers) {
            return Err(Error::MediaType(JSON));
        }
        let (asked, bytes) = Asked::read_guest(&guest_scope(&parts), &parts, body, app).await?;
        Ok(Telling { asked, body: parse_json(&bytes)? })
    }
}

/// Tell what shoppers did. All of the events are taken, or none. With a customer's session they are theirs on every device.
#[utoipa::path(
    post,
    path = "/v1/events",
    tag = "shop",
    request_body = EventsBody,
    responses((status = 202, description = "They are kept", body = EventsAnswer))
)]
async fn post_events(
    State(app): State<AppState>,
    Visitor(visitor): Visitor,
    MaybeCustomer(customer): MaybeCustomer,
    Telling { asked, body }: Telling,
) -> Result<Written<Response>> {
    let accepted = body.events.len();
    if accepted > EVENTS_MAX {
        let detail = format!("at most {EVENTS_MAX} events at once, but these are {accepted}");
        return Err(FieldError::new("/events", Code::TooMany, detail).into());
    }
    let (view, now) = (app.view()?, Timestamp::now());
    let customer = customer.map(|customer| customer.id);
    let markets = &view.tables.markets;
    let reading = Reading { now, customer, markets, is_history: false };
    let mut errors = Vec::new();
    let mut events = Vec::with_capacity(accepted);
    for (place, event) in body.events.into_iter().enumerate() {
        match reading.read(event.told(visitor.as_deref())) {
            Ok(event) => events.push(event),
            Err(faults) => errors.extend(faults.into_iter().map(|it| refused(place, it))),
        }
    }
    if !errors.is_empty() {
        return Err(Error::Invalid(errors));
    }
    let answer =
        Answer { status: StatusCode::ACCEPTED.as_u16(), ..shown(&EventsAnswer { accepted }) };
    if asked.has_key() {
        return write_once(&app, asked, events, answer).await;
    }
    let position = write(&app, events).await?;
    Ok(Written { position, body: response(&answer)? })
}

/// What is wrong with an event, as the request names it.
fn refused(place: usize, fault: Fault) -> FieldError {
    let (code, detail) = match fault.wrong {
        // Only the device has another place to be named.
        Wrong::Missing => {
            (Code::MissingField, format!("{} here or as the header X-Visitor-Id", fault.detail))
        }
        Wrong::Invalid => (Code::InvalidValue, fault.detail),
        Wrong::OutOfRange => (Code::OutOfRange, fault.detail),
        Wrong::TooLong => (Code::TooLong, fault.detail),
        Wrong::TooMany => (Code::TooMany, fault.detail),
    };
    FieldError::new(format!("/events/{place}/{}", fault.field), code, detail)
}

impl EventBody {
    /// The same for whoever reads events; the device is that of the request where none is named.
    fn told(self, visitor: Option<&str>) -> Told {
        let items = self.items.map(|items| items.into_iter().map(ToldItem::from).collect());
        Told {
            id: self.id,
            kind: self.r#type,
            visitor: self.visitor_id.or_else(|| visitor.map(str::to_owned)),
            session: self.session_id,
            market: self.market,
            time: self.time,
            product_id: self.product_id,
            items,
            query_id: self.query_id,
            position: self.position,
            cart_id: self.cart_id,
            order_id: self.order_id,
            placement: self.placement,
            token: self.token,
            value: self.value,
        }
    }
}

impl From<EventItemBody> for ToldItem {
    fn from(item: EventItemBody) -> ToldItem {
        ToldItem { product_id: item.product_id, quantity: item.quantity, price: item.price }
    }
}
