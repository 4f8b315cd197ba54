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

use std::collections::HashMap;

use jiff::tz::TimeZone;
use souk_base::{CityId, Deliveries, DeliveryClosure, DeliveryWindow, Market};
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
