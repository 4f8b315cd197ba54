//! What is promised of a delivery, as answers say it.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, Zoned};
use serde::{Serialize, Serializer};
use souk_base::{CityId, Slot, Tables, Terms};
use utoipa::ToSchema;

/// Whether and when something can be delivered to a city.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Deliverable {
    /// The city.
    #[schema(value_type = String)]
    pub city: CityId,
    /// Whether an order placed now is delivered: on the wished day, or without one within 60 days.
    pub available: bool,
    /// The first day it can arrive; null when it cannot arrive within 60 days.
    #[schema(value_type = Option<String>, format = Date)]
    pub earliest: Option<Date>,
    /// The first slot it can arrive in: on the wished day, or without one on the first day.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub slot: Option<DeliverySlot>,
}

/// A part of a day in which something is delivered, in the city's local time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct DeliverySlot {
    /// The day in the city.
    #[schema(value_type = String, format = Date)]
    pub date: Date,
    /// When it begins.
    #[serde(serialize_with = "rfc3339")]
    #[schema(value_type = String, format = DateTime, example = "2026-02-14T14:00:00+03:00")]
    pub starts_at: Zoned,
    /// When it ends.
    #[serde(serialize_with = "rfc3339")]
    #[schema(value_type = String, format = DateTime, example = "2026-02-14T18:00:00+03:00")]
    pub ends_at: Zoned,
    /// Until when orders for it are taken; at the instant itself no longer.
    #[serde(serialize_with = "rfc3339")]
    #[schema(value_type = String, format = DateTime, example = "2026-02-14T13:00:00+03:00")]
    pub cut_off_at: Zoned,
}

impl DeliverySlot {
    /// The slot in the local time of this zone.
    #[must_use]
    pub fn local(slot: &Slot, zone: &TimeZone) -> DeliverySlot {
        let at = |instant: Timestamp| instant.to_zoned(zone.clone());
        let [starts_at, ends_at, cut_off_at] =
            [slot.starts_at, slot.ends_at, slot.cut_off_at].map(at);
        DeliverySlot { date: slot.date, starts_at, ends_at, cut_off_at }
    }
}

/// Where, on which day if any, and as of when.
#[derive(Clone, Copy, Debug)]
pub(super) struct Wish {
    pub(super) city: CityId,
    pub(super) date: Option<Date>,
    pub(super) now: Timestamp,
}

impl Wish {
    /// The wish of a request; none without a city.
    pub(super) fn new(city: Option<CityId>, date: Option<Date>, now: Timestamp) -> Option<Wish> {
        Some(Wish { city: city?, date, now })
    }
}

impl Deliverable {
    /// What is promised of an offer with these terms.
    pub(super) fn of(wish: Wish, terms: &Terms, tables: &Tables) -> Deliverable {
        let Wish { city, date, now } = wish;
        let Some(deliveries) = tables.deliveries.get(&city) else {
            return Deliverable { city, available: false, earliest: None, slot: None };
        };
        let earliest = deliveries.earliest(terms, now);
        let slot = match date {
            Some(date) => deliveries.promised_on(terms, date, now),
            None => earliest,
        };
        Deliverable {
            city,
            available: slot.is_some(),
            earliest: earliest.map(|slot| slot.date),
            slot: slot.map(|slot| DeliverySlot::local(&slot, &deliveries.time_zone)),
        }
    }
}

/// With the city's offset and without its name, which RFC 3339 does not have.
fn rfc3339<S: Serializer>(instant: &Zoned, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(&instant.timestamp().display_with_offset(instant.offset()))
}
