//! When something can be delivered to a city: the one place where a promise is decided.
//!
//! A city's windows become slots of a day in its market's time zone. Where the clocks skip a time, the slot
//! moves forward with them; where they show a time twice, the first is meant (what RFC 5545 asks for).
//!
//! **Invariant**: search, product pages and everything that sells ask the functions here, with the same
//! `now`, so that they cannot disagree.

use std::collections::HashMap;

use jiff::civil::{Date, Time};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Span, Timestamp};

use crate::{DeliveryWindowId, Offer, SellerId};

/// The last day of delivery that can be asked for, counted from today in the city.
pub const HORIZON_DAYS: i32 = 60;
/// Sellers with ids below this have their limits in an array.
const DENSE_SELLERS: usize = 4_096;
/// The limit of a seller who does not deliver on the day at all.
const CLOSED: i64 = -1;

/// A part of the day in which a city is delivered to. All times are those of its market's time zone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeliveryWindow {
    /// Key of `delivery_windows`.
    pub id: DeliveryWindowId,
    /// Whose it is; without one it is for every seller that has no window of its own in the city.
    pub seller_id: Option<SellerId>,
    /// ISO weekday numbers of the delivery day, Monday = 1.
    pub weekdays: Vec<i16>,
    /// When it begins.
    pub starts_at: Time,
    /// When it ends, later the same day.
    pub ends_at: Time,
    /// Until when orders are taken; at the time itself no longer.
    pub cut_off_at: Time,
    /// How many days before the delivery day that is.
    pub cut_off_days: i16,
    /// The first delivery day it is valid for.
    pub first: Date,
    /// The last one.
    pub last: Date,
}

/// A day without delivery.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DeliveryClosure {
    /// Who does not deliver; nobody does without one.
    pub seller_id: Option<SellerId>,
    /// The day.
    pub date: Date,
}

/// How one city is delivered to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Deliveries {
    /// The time zone of all its days and times.
    pub time_zone: TimeZone,
    /// Its windows, those of every seller.
    pub windows: Vec<DeliveryWindow>,
    /// Its days without delivery.
    pub closures: Vec<DeliveryClosure>,
}

/// A window on one day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Slot {
    /// Key of the window.
    pub window_id: DeliveryWindowId,
    /// The day of delivery in the city.
    pub date: Date,
    /// When it begins.
    pub starts_at: Timestamp,
    /// When it ends.
    pub ends_at: Timestamp,
    /// Until when orders are taken; at the instant itself no longer.
    pub cut_off_at: Timestamp,
}

/// What a promise must know of an offer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Terms {
    /// Who delivers.
    pub seller_id: SellerId,
    /// Units in the city; only whether there is one matters.
    pub stock: u32,
    /// Minutes from order to hand-over.
    pub preparation_minutes: u32,
    /// The last day it can be delivered on.
    pub until: Option<Date>,
}

/// Which offers reach a city on a day, worked out once for a scan over many of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reach {
    place: usize,
    date: Date,
    /// The longest preparation in minutes that still makes the day, by seller id.
    limits: Vec<i64>,
    /// The same for large seller ids.
    other_limits: HashMap<SellerId, i64>,
    /// The same for sellers without windows or closures of their own.
    limit: i64,
}

/// Whether an order placed now is delivered in the slot: there is a unit, orders are still taken, and it is
/// prepared before the slot ends.
#[must_use]
pub fn promise(stock: u32, preparation_minutes: u32, slot: &Slot, now: Timestamp) -> bool {
    stock > 0 && i64::from(preparation_minutes) <= longest_preparation(slot, now)
}

/// The longest preparation in whole minutes that still makes the slot; [`CLOSED`] when it is too late.
fn longest_preparation(slot: &Slot, now: Timestamp) -> i64 {
    if now >= slot.cut_off_at || now > slot.ends_at {
        return CLOSED;
    }
    now.duration_until(slot.ends_at).as_mins()
}

impl Deliveries {
    /// The seller's slots of a day, the first to begin first.
    #[must_use]
    pub fn slots_on(&self, seller: SellerId, date: Date) -> Vec<Slot> {
        let closes = |closure: &DeliveryClosure| {
            closure.date == date && closure.seller_id.is_none_or(|id| id == seller)
        };
        if self.closures.iter().any(closes) {
            return Vec::new();
        }
        let has_own = self.windows.iter().any(|window| window.seller_id == Some(seller));
        let whose = has_own.then_some(seller);
        let windows = self.windows.iter().filter(|it| it.seller_id == whose && it.is_on(date));
        let mut slots: Vec<Slot> = windows.filter_map(|window| self.slot(window, date)).collect();
        slots.sort_unstable_by_key(|slot| (slot.starts_at, slot.ends_at, slot.window_id));
        slots
    }

    /// The seller's slots of a day that can be chosen now, whether or not their cut-off has passed: none before today
    /// and beyond [`HORIZON_DAYS`].
    #[must_use]
    pub fn offered_on(&self, seller: SellerId, date: Date, now: Timestamp) -> Vec<Slot> {
        if self.is_within_horizon(date, now) { self.slots_on(seller, date) } else { Vec::new() }
    }

    /// The first slot of the day that an order placed now is promised. None before today and beyond
    /// [`HORIZON_DAYS`].
    #[must_use]
    pub fn promised_on(&self, terms: &Terms, date: Date, now: Timestamp) -> Option<Slot> {
        let is_offered = terms.until.is_none_or(|until| date <= until);
        if terms.stock == 0 || !is_offered {
            return None;
        }
        let slots = self.offered_on(terms.seller_id, date, now);
        slots.into_iter().find(|slot| promise(terms.stock, terms.preparation_minutes, slot, now))
    }

    /// The first slot of all days that an order placed now is promised.
    #[must_use]
    pub fn earliest(&self, terms: &Terms, now: Timestamp) -> Option<Slot> {
        if terms.stock == 0 {
            return None;
        }
        // No slot of a day before it is prepared can be made. A day earlier, as clocks may go back over midnight.
        let preparation = SignedDuration::from_mins(i64::from(terms.preparation_minutes));
        let prepared = self.day_of(now.checked_add(preparation).ok()?).yesterday().ok()?;
        let today = self.day_of(now);
        let last = today.checked_add(Span::new().days(HORIZON_DAYS)).ok()?;
        let last = terms.until.map_or(last, |until| last.min(until));
        let days = today.max(prepared).series(Span::new().days(1));
        days.take_while(|&day| day <= last).find_map(|day| self.promised_on(terms, day, now))
    }

    /// Which offers reach the city on this day; `place` is the city's in its market's list.
    #[must_use]
    pub fn reach(&self, place: usize, date: Date, now: Timestamp) -> Reach {
        let mut reach = Reach::nothing(place, date);
        if !self.is_within_horizon(date, now) {
            return reach;
        }
        let limit = |seller| {
            let slots = self.slots_on(seller, date);
            slots.iter().map(|slot| longest_preparation(slot, now)).max().unwrap_or(CLOSED)
        };
        // No seller has this id, so it stands for all that have nothing of their own.
        reach.limit = limit(SellerId::new(i64::MIN));
        let windows = self.windows.iter().filter_map(|window| window.seller_id);
        let closures = self.closures.iter().filter(|closure| closure.date == date);
        for seller in windows.chain(closures.filter_map(|closure| closure.seller_id)) {
            reach.set(seller, limit(seller));
        }
        reach
    }

    /// The day it is in the city at this instant.
    #[must_use]
    pub fn day_of(&self, instant: Timestamp) -> Date {
        self.time_zone.to_datetime(instant).date()
    }

    fn is_within_horizon(&self, date: Date, now: Timestamp) -> bool {
        let today = self.day_of(now);
        let last = today.checked_add(Span::new().days(HORIZON_DAYS));
        date >= today && last.is_ok_and(|last| date <= last)
    }

    /// The window on this day; none at the ends of the calendar.
    fn slot(&self, window: &DeliveryWindow, date: Date) -> Option<Slot> {
        let at = |day: Date, time| self.time_zone.to_timestamp(day.to_datetime(time)).ok();
        let cut_off_day = date.checked_sub(Span::new().days(window.cut_off_days)).ok()?;
        Some(Slot {
            window_id: window.id,
            date,
            starts_at: at(date, window.starts_at)?,
            ends_at: at(date, window.ends_at)?,
            cut_off_at: at(cut_off_day, window.cut_off_at)?,
        })
    }
}

impl DeliveryWindow {
    fn is_on(&self, date: Date) -> bool {
        let weekday = i16::from(date.weekday().to_monday_one_offset());
        (self.first..=self.last).contains(&date) && self.weekdays.contains(&weekday)
    }
}

impl Reach {
    /// A day on which no offer reaches the city.
    #[must_use]
    pub fn nothing(place: usize, date: Date) -> Reach {
        Reach { place, date, limits: Vec::new(), other_limits: HashMap::new(), limit: CLOSED }
    }

    /// The city's place in its market's list.
    #[must_use]
    pub fn place(&self) -> usize {
        self.place
    }

    /// Whether [`Deliveries::promised_on`] would find a slot for the offer.
    #[must_use]
    pub fn allows(&self, offer: &Offer) -> bool {
        offer.cities.contains(self.place)
            && i64::from(offer.preparation_minutes) <= self.limit_of(offer.seller_id)
            && offer.until.is_none_or(|until| self.date <= until)
    }

    fn limit_of(&self, seller: SellerId) -> i64 {
        let dense = usize::try_from(seller.get()).ok().and_then(|place| self.limits.get(place));
        let own = dense.or_else(|| self.other_limits.get(&seller));
        own.copied().unwrap_or(self.limit)
    }

    fn set(&mut self, seller: SellerId, limit: i64) {
        match usize::try_from(seller.get()) {
            Ok(place) if place < DENSE_SELLERS => {
                if place >= self.limits.len() {
                    self.limits.resize(place + 1, self.limit);
                }
                self.limits[place] = limit;
            }
            _ => {
                self.other_limits.insert(seller, limit);
            }
        }
    }
}
