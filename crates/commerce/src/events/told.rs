//! An event as a client or a file tells it, and what is wrong with it.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use souk_base::{Market, MarketCode, Money, ProductId};

use super::{AGE_MAX, AHEAD_MAX, DAYS, Event, Kind, is_in_time};
use crate::customers::CustomerId;
use crate::searches::VISITOR_LENGTH_MAX;

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

/// Something that a shopper did, in words that nobody has looked at.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Told {
    /// The teller's own name for it.
    pub id: String,
    /// The name of a [`Kind`].
    #[serde(rename = "type")]
    pub kind: String,
    /// The device.
    #[serde(rename = "visitor_id")]
    pub visitor: Option<String>,
    /// The teller's own name for a visit.
    #[serde(rename = "session_id")]
    pub session: Option<String>,
    /// Code of a market.
    pub market: String,
    /// As RFC 3339 has it.
    pub time: String,
    /// The product it is about.
    pub product_id: Option<String>,
    /// The products it is about, when there are several.
    pub items: Option<Vec<ToldItem>>,
    /// The search that led to it.
    pub query_id: Option<String>,
    /// Place among the hits, from 1.
    pub position: Option<i64>,
    /// The cart it is about.
    pub cart_id: Option<String>,
    /// The order it is about.
    pub order_id: Option<String>,
    /// Where recommendations were shown.
    pub placement: Option<String>,
    /// What the recommendations were answered with.
    pub token: Option<String>,
    /// What it is worth.
    pub value: Option<f64>,
}

/// A product of an event.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct ToldItem {
    /// Key of the product.
    pub product_id: String,
    /// Units.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub quantity: Option<i64>,
    /// Price of a unit.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub price: Option<Money>,
}

/// What kind of thing is wrong with a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wrong {
    /// It must be given.
    Missing,
    /// It is not of the form that it needs.
    Invalid,
    /// It is too small or too large, too old or ahead.
    OutOfRange,
    /// It has too many characters.
    TooLong,
    /// It has too many entries.
    TooMany,
}

/// Something that is wrong with an event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// Where, like `items/0/quantity`.
    pub field: String,
    /// What kind of thing.
    pub wrong: Wrong,
    /// The same for people.
    pub detail: String,
}

/// What an event is read against.
#[derive(Clone, Copy, Debug)]
pub struct Reading<'a> {
    /// The present.
    pub now: Timestamp,
    /// Who is signed in.
    pub customer: Option<CustomerId>,
    /// The markets there are.
    pub markets: &'a [Market],
    /// Whether it may be as old as events are kept, as history is, and not only as old as a client may be late.
    pub is_history: bool,
}

impl Reading<'_> {
    /// The event that was told.
    ///
    /// # Errors
    /// Everything that is wrong with it.
    pub fn read(&self, told: Told) -> Result<Event, Vec<Fault>> {
        let mut reader = Reader { reading: self, faults: Vec::new() };
        let event = reader.read(told);
        match event {
            Some(event) if reader.faults.is_empty() => Ok(event),
            _ => Err(reader.faults),
        }
    }
}

/// Reads one event and gathers what is wrong with it.
struct Reader<'a> {
    reading: &'a Reading<'a>,
    faults: Vec<Fault>,
}

impl Reader<'_> {
    fn read(&mut self, told: Told) -> Option<Event> {
        let id = self.text("id", Some(told.id), ID_LENGTH_MAX);
        if told.visitor.is_none() {
            self.refuse("visitor_id", Wrong::Missing, "visitor_id must be given");
        }
        let visitor = self.text("visitor_id", told.visitor, VISITOR_LENGTH_MAX);
        let session = self.text("session_id", told.session, ID_LENGTH_MAX);
        let kind = self.kind(&told.kind);
        let market = self.market(&told.market);
        let time = self.time(&told.time);
        let product_id = self.parsed("product_id", told.product_id.as_deref());
        let query_id = self.parsed("query_id", told.query_id.as_deref());
        let position = self.whole("position", told.position, POSITION_MAX);
        let items = self.items(told.items);
        let cart_id = self.text("cart_id", told.cart_id, ID_LENGTH_MAX);
        let order_id = self.text("order_id", told.order_id, ID_LENGTH_MAX);
        let placement = self.text("placement", told.placement, ID_LENGTH_MAX);
        let token = self.text("token", told.token, TOKEN_LENGTH_MAX);
        Some(Event {
            id: id?,
            time: time?,
            kind: kind?,
            visitor: visitor?,
            session,
            customer: self.reading.customer,
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
            value: told.value,
        })
    }

    fn kind(&mut self, name: &str) -> Option<Kind> {
        let kind = Kind::of(name);
        if kind.is_none() {
            let names = Kind::ALL.map(Kind::name).join(", ");
            self.refuse("type", Wrong::Invalid, &format!("a type is one of {names}"));
        }
        kind
    }

    fn market(&mut self, code: &str) -> Option<MarketCode> {
        let known = |code: &MarketCode| self.reading.markets.iter().any(|it| it.code == *code);
        let market = code.parse().ok().filter(known);
        if market.is_none() {
            self.refuse("market", Wrong::Invalid, "there is no such market");
        }
        market
    }

    fn time(&mut self, text: &str) -> Option<Timestamp> {
        let Ok(time) = text.parse::<Timestamp>() else {
            let detail = "a time is written as RFC 3339 has it, such as 2026-02-14T09:30:00Z";
            self.refuse("time", Wrong::Invalid, detail);
            return None;
        };
        let Reading { now, is_history, .. } = *self.reading;
        let is_ahead = time.duration_since(now) > AHEAD_MAX;
        if is_history && is_ahead {
            let minutes = AHEAD_MAX.as_mins();
            let detail = format!("an event is at most {minutes} minutes ahead, but is of {time}");
            self.refuse("time", Wrong::OutOfRange, &detail);
            return None;
        }
        if !is_history && !is_in_time(time, now) {
            let (days, minutes) = (AGE_MAX.as_hours() / 24, AHEAD_MAX.as_mins());
            let detail = format!(
                "an event is taken from {days} days after its time to {minutes} minutes before it"
            );
            self.refuse("time", Wrong::OutOfRange, &detail);
            return None;
        }
        Some(time)
    }

    fn items(&mut self, items: Option<Vec<ToldItem>>) -> Option<Value> {
        let items = items?;
        if items.len() > ITEMS_MAX {
            let detail = format!("at most {ITEMS_MAX} items, but these are {}", items.len());
            self.refuse("items", Wrong::TooMany, &detail);
        }
        for (place, item) in items.iter().enumerate() {
            let id: Option<ProductId> =
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
            self.refuse(field, Wrong::Invalid, "this must not be empty");
            return None;
        }
        if text.chars().count() > length_max {
            let detail = format!("this must have at most {length_max} characters");
            self.refuse(field, Wrong::TooLong, &detail);
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
                self.refuse(field, Wrong::Invalid, &T::Err::to_string(&error));
                None
            }
        }
    }

    /// A whole number from 1.
    fn whole(&mut self, field: &str, number: Option<i64>, max: i64) -> Option<i32> {
        let number = number?;
        if !(1..=max).contains(&number) {
            let detail = format!("this must be from 1 to {max}, but is {number}");
            self.refuse(field, Wrong::OutOfRange, &detail);
            return None;
        }
        i32::try_from(number).ok()
    }

    fn refuse(&mut self, field: &str, wrong: Wrong, detail: &str) {
        self.faults.push(Fault { field: field.to_owned(), wrong, detail: detail.to_owned() });
    }
}

/// Whether an event of this time is older than events are kept: the next hour would drop it.
#[must_use]
pub fn is_forgotten(time: Timestamp, now: Timestamp) -> bool {
    now.duration_since(time).as_hours() > i64::from(DAYS) * 24
}
