//! `POST /v1/events`

use axum::extract::{FromRequest, Request, State};
use axum::http::StatusCode;
use axum::response::Response;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use souk_base::{Money, Tables};
use souk_commerce::customers::CustomerId;
use souk_commerce::events::{self, Event, Kind};
use souk_commerce::searches::VISITOR_LENGTH_MAX;
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
/// Products of one event.
const ITEMS_MAX: usize = 100;
/// Longest id, in characters.
const ID_LENGTH_MAX: usize = 128;
/// Longest attribution token, in characters.
const TOKEN_LENGTH_MAX: usize = 4_096;
/// Furthest place of a hit.
const POSITION_MAX: i64 = 100_000;
/// Most units of a product in one event.
const QUANTITY_MAX: i64 = 1_000_000;

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
#[derive(Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct EventItemBody {
    /// Key of the product.
    product_id: String,
    /// Units.
    #[serde(skip_serializing_if = "Option::is_none")]
    quantity: Option<i64>,
    /// Price of a unit.
    #[schema(value_type = Option<MoneySchema>)]
    #[serde(skip_serializing_if = "Option::is_none")]
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
    let mut errors = Vec::new();
    let mut events = Vec::with_capacity(accepted);
    for (place, event) in body.events.into_iter().enumerate() {
        let reader = Reader { place, now, customer, tables: &view.tables, errors: &mut errors };
        events.extend(reader.read(event, visitor.as_deref()));
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

/// Reads one event and gathers what is wrong with it.
struct Reader<'a> {
    place: usize,
    now: Timestamp,
    /// Who is signed in.
    customer: Option<CustomerId>,
    tables: &'a Tables,
    errors: &'a mut Vec<FieldError>,
}

impl Reader<'_> {
    fn read(mut self, event: EventBody, visitor: Option<&str>) -> Option<Event> {
        let id = self.text("id", Some(event.id), ID_LENGTH_MAX);
        let visitor = event.visitor_id.or_else(|| visitor.map(str::to_owned));
        if visitor.is_none() {
            let detail = "visitor_id must be given here or as the header X-Visitor-Id";
            self.refuse("visitor_id", Code::MissingField, detail);
        }
        let visitor = self.text("visitor_id", visitor, VISITOR_LENGTH_MAX);
        let session = self.text("session_id", event.session_id, ID_LENGTH_MAX);
        let kind = Kind::of(&event.r#type);
        if kind.is_none() {
            let names = Kind::ALL.map(Kind::name).join(", ");
            self.refuse("type", Code::InvalidValue, &format!("a type is one of {names}"));
        }
        let market = event.market.parse().ok().filter(|code| self.tables.market(*code).is_some());
        if market.is_none() {
            self.refuse("market", Code::InvalidValue, "there is no such market");
        }
        let time = self.time(&event.time);
        let product_id = self.parsed("product_id", event.product_id.as_deref());
        let query_id = self.parsed("query_id", event.query_id.as_deref());
        let position = self.whole("position", event.position, POSITION_MAX);
        let items = self.items(event.items);
        let cart_id = self.text("cart_id", event.cart_id, ID_LENGTH_MAX);
        let order_id = self.text("order_id", event.order_id, ID_LENGTH_MAX);
        let placement = self.text("placement", event.placement, ID_LENGTH_MAX);
        let token = self.text("token", event.token, TOKEN_LENGTH_MAX);
        Some(Event {
            id: id?,
            time: time?,
            kind: kind?,
            visitor: visitor?,
            session,
            customer: self.customer,
            market: market?,
            product_id,
            items,
            query_id,
            position,
            cart_id,
            order_id,
            placement,
            token,
            list: None,
            value: event.value,
        })
    }

    fn time(&mut self, text: &str) -> Option<Timestamp> {
        let Ok(time) = text.parse::<Timestamp>() else {
            let detail = "a time is written as RFC 3339 has it, such as 2026-02-14T09:30:00Z";
            self.refuse("time", Code::InvalidValue, detail);
            return None;
        };
        if !events::is_in_time(time, self.now) {
            let detail = "an event is taken from 7 days after its time to 5 minutes before it";
            self.refuse("time", Code::OutOfRange, detail);
            return None;
        }
        Some(time)
    }

    fn items(&mut self, items: Option<Vec<EventItemBody>>) -> Option<serde_json::Value> {
        let items = items?;
        if items.len() > ITEMS_MAX {
            let detail = format!("at most {ITEMS_MAX} items, but these are {}", items.len());
            self.refuse("items", Code::TooMany, &detail);
        }
        for (place, item) in items.iter().enumerate() {
            let id: Option<souk_base::ProductId> =
                self.parsed(&format!("items/{place}/product_id"), Some(&item.product_id));
            if id.is_some() {
                self.whole(&format!("items/{place}/quantity"), item.quantity, QUANTITY_MAX);
            }
        }
        Some(serde_json::to_value(items).expect("items have text keys only"))
    }

    /// A text that is not empty.
    fn text(&mut self, field: &str, text: Option<String>, length_max: usize) -> Option<String> {
        let text = text?;
        if text.is_empty() {
            self.refuse(field, Code::InvalidValue, "this must not be empty");
            return None;
        }
        if text.chars().count() > length_max {
            let detail = format!("this must have at most {length_max} characters");
            self.refuse(field, Code::TooLong, &detail);
            return None;
        }
        Some(text)
    }

    fn parsed<T: std::str::FromStr>(&mut self, field: &str, text: Option<&str>) -> Option<T>
    where
        T::Err: std::fmt::Display,
    {
        match text?.parse() {
            Ok(value) => Some(value),
            Err(error) => {
                self.refuse(field, Code::InvalidValue, &T::Err::to_string(&error));
                None
            }
        }
    }

    /// A whole number from 1.
    fn whole(&mut self, field: &str, number: Option<i64>, max: i64) -> Option<i32> {
        let number = number?;
        if !(1..=max).contains(&number) {
            let detail = format!("this must be from 1 to {max}, but is {number}");
            self.refuse(field, Code::OutOfRange, &detail);
            return None;
        }
        i32::try_from(number).ok()
    }

    fn refuse(&mut self, field: &str, code: Code, detail: &str) {
        let pointer = format!("/events/{}/{field}", self.place);
        self.errors.push(FieldError::new(pointer, code, detail));
    }
}
