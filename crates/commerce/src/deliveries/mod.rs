//! Deliveries: when each city is delivered to, by whom, and until when orders for it are taken.
//!
//! A window belongs to a city and to one seller, or to every seller without windows of its own there. Times are
//! local, in the time zone of the city's market. What follows from all this is decided in `base`
//! ([`souk_base::Deliveries`]); here it is only read.
//!
//! Tables owned: `delivery_windows`, `delivery_closures`.

mod sql;
#[cfg(test)]
mod tests;

use std::collections::{BTreeSet, HashMap};

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use souk_base::{
    CityId, Deliveries, DeliveryClosure, DeliveryWindow, DeliveryWindowId, Market, SellerId, Slot,
    promise,
};
use sqlx::PgConnection;

use crate::{Error, Result};

/// How each city of these markets is delivered to; cities without windows are left out.
///
/// # Errors
/// [`Error::UnknownTimeZone`] for a market whose time zone this machine does not know.
pub async fn by_city(
    connection: &mut PgConnection,
    markets: &[Market],
) -> Result<HashMap<CityId, Deliveries>> {
    let zones = time_zones(markets)?;
    let mut deliveries: HashMap<CityId, Deliveries> = HashMap::new();
    for row in sql::windows(connection).await? {
        let city = CityId::new(row.city_id);
        let Some(time_zone) = zones.get(&city) else { continue };
        let empty =
            || Deliveries { time_zone: time_zone.clone(), windows: vec![], closures: vec![] };
        deliveries.entry(city).or_insert_with(empty).windows.push(row.into());
    }
    for row in sql::closures(connection).await? {
        if let Some(city) = deliveries.get_mut(&CityId::new(row.city_id)) {
            let seller_id = row.seller_id.map(Into::into);
            city.closures.push(DeliveryClosure { seller_id, date: row.date.to_jiff() });
        }
    }
    Ok(deliveries)
}

/// How one city is delivered to, and what its windows cost and take.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CityDeliveries {
    /// The windows and closures.
    pub deliveries: Deliveries,
    /// What delivery in each window costs, and how full it is.
    pub windows: HashMap<DeliveryWindowId, WindowTerms>,
}

/// What delivery in a window costs, in minor units of the market, and how full it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WindowTerms {
    /// For the goods of one seller.
    pub fee_minor: i64,
    /// Goods of one seller from this amount on are delivered free.
    pub free_from_minor: Option<i64>,
    /// Orders it takes on a day; none for as many as come.
    pub capacity: Option<i32>,
    /// Orders it has, by day from today on; days without any are left out.
    pub reserved: HashMap<Date, i32>,
}

impl WindowTerms {
    /// How many more orders it takes on this day; none for as many as come.
    #[must_use]
    pub fn left(&self, date: Date) -> Option<i32> {
        let reserved = self.reserved.get(&date).copied().unwrap_or_default();
        self.capacity.map(|capacity| (capacity - reserved).max(0))
    }
}

/// How one city is delivered to from now on.
///
/// # Errors
/// [`Error::NotFound`] for an unknown city; [`Error::UnknownTimeZone`] for one whose time zone this machine does not know.
pub async fn of_city(
    connection: &mut PgConnection,
    city: CityId,
    now: Timestamp,
) -> Result<CityDeliveries> {
    // Early enough for every time zone.
    let from = (now - SignedDuration::from_hours(48)).to_zoned(TimeZone::UTC).date();
    let row = sql::of_city(connection, city.get(), from.into()).await?;
    let time_zone =
        TimeZone::get(&row.time_zone).map_err(|_| Error::UnknownTimeZone(row.time_zone.clone()))?;
    let closure = |closure: sql::CityClosure| DeliveryClosure {
        seller_id: closure.seller_id.map(Into::into),
        date: closure.date,
    };
    let closures = row.closures.0.into_iter().map(closure).collect();
    let mut deliveries = Deliveries { time_zone, windows: Vec::new(), closures };
    let mut windows = HashMap::new();
    for window in row.windows.0 {
        windows.insert(window.id.into(), window.terms());
        deliveries.windows.push(window.into());
    }
    Ok(CityDeliveries { deliveries, windows })
}

/// A slot with what it costs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SlotOption {
    /// When.
    pub slot: Slot,
    /// What delivery in it costs.
    pub fee_minor: i64,
    /// How many more orders it takes; none for as many as come.
    pub left: Option<i32>,
}

impl CityDeliveries {
    /// A slot with what it costs; none for a window of another city.
    #[must_use]
    pub fn option(&self, slot: Slot) -> Option<SlotOption> {
        let terms = self.windows.get(&slot.window_id)?;
        Some(SlotOption { slot, fee_minor: terms.fee_minor, left: terms.left(slot.date) })
    }
}

/// The slots of a day in which anybody delivers to a city and for which orders are still taken, the first to begin first.
///
/// # Errors
/// As [`of_city`].
pub async fn slots(
    connection: &mut PgConnection,
    city: CityId,
    date: Date,
    now: Timestamp,
) -> Result<Vec<SlotOption>> {
    let city = of_city(connection, city, now).await?;
    let own = city.deliveries.windows.iter().filter_map(|window| window.seller_id);
    // No seller has this id, so it stands for all that have nothing of their own.
    let sellers: BTreeSet<SellerId> = own.chain([SellerId::new(i64::MIN)]).collect();
    let slots =
        sellers.into_iter().flat_map(|seller| city.deliveries.offered_on(seller, date, now));
    let open = slots.filter(|slot| promise(1, 0, slot, now));
    let mut options: Vec<_> = open.filter_map(|slot| city.option(slot)).collect();
    options.sort_by_key(|option| (option.slot.starts_at, option.slot.window_id));
    Ok(options)
}

impl sql::CityWindow {
    fn terms(&self) -> WindowTerms {
        WindowTerms {
            fee_minor: self.fee_minor,
            free_from_minor: self.free_from_minor,
            capacity: self.capacity,
            reserved: self.reserved.clone(),
        }
    }
}

impl From<sql::CityWindow> for DeliveryWindow {
    fn from(window: sql::CityWindow) -> DeliveryWindow {
        DeliveryWindow {
            id: window.id.into(),
            seller_id: window.seller_id.map(Into::into),
            weekdays: window.weekdays,
            starts_at: window.starts_at,
            ends_at: window.ends_at,
            cut_off_at: window.cut_off_at,
            cut_off_days: window.cut_off_days,
            first: window.first,
            last: window.last,
        }
    }
}

/// The time zone of each city.
fn time_zones(markets: &[Market]) -> Result<HashMap<CityId, TimeZone>> {
    let mut zones = HashMap::new();
    for market in markets {
        let zone = TimeZone::get(&market.time_zone)
            .map_err(|_| Error::UnknownTimeZone(market.time_zone.clone()))?;
        zones.extend(market.cities.iter().map(|city| (city.id, zone.clone())));
    }
    Ok(zones)
}

impl From<sql::WindowRow> for DeliveryWindow {
    fn from(row: sql::WindowRow) -> DeliveryWindow {
        DeliveryWindow {
            id: row.id.into(),
            seller_id: row.seller_id.map(Into::into),
            weekdays: row.weekdays,
            starts_at: row.starts_at.to_jiff(),
            ends_at: row.ends_at.to_jiff(),
            cut_off_at: row.cut_off_at.to_jiff(),
            cut_off_days: row.cut_off_days,
            first: row.first.to_jiff(),
            last: row.last.to_jiff(),
        }
    }
}
