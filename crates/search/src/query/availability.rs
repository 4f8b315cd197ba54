//! Which offers a shopper can have: anywhere, in a city, or delivered to a city on a day.
//!
//! **Invariant**: filters, facets, order, the shown price and suggestions all ask here, so that none of them
//! speaks of an offer that another would not show.

use std::sync::Arc;

use jiff::Timestamp;
use jiff::civil::Date;
use souk_base::{CityId, Market, Offer, Ordinal, Reach, Tables, best_offer};

use crate::columns::MarketColumns;
use crate::{Error, Result};

/// Which offers count as available.
#[derive(Clone, Debug)]
pub(crate) enum Availability {
    /// What has a unit anywhere in the market; what has none is found, too.
    Market,
    /// What has a unit in the city at this place; nothing else is found.
    City(usize),
    /// What can be delivered to a city on a day; nothing else is found.
    Day(Arc<Reach>),
}

impl Availability {
    /// Reads city and day of a request.
    pub(crate) fn parse(
        city: Option<CityId>,
        date: Option<Date>,
        now: Timestamp,
        market: &Market,
        tables: &Tables,
    ) -> Result<Availability> {
        let Some(city) = city else {
            return if date.is_some() { Err(Error::MissingCity) } else { Ok(Availability::Market) };
        };
        let place = city_place(city, market)?;
        Ok(match (date, tables.deliveries.get(&city)) {
            (None, _) => Availability::City(place),
            (Some(date), None) => Availability::Day(Arc::new(Reach::nothing(place, date))),
            (Some(date), Some(city)) => Availability::Day(Arc::new(city.reach(place, date, now))),
        })
    }

    /// The chosen city's place in its market.
    pub(crate) fn place(&self) -> Option<usize> {
        match self {
            Availability::Market => None,
            Availability::City(place) => Some(*place),
            Availability::Day(reach) => Some(reach.place()),
        }
    }

    /// Whether a day is chosen, which no summary of a product's offers knows about.
    pub(crate) fn has_day(&self) -> bool {
        matches!(self, Availability::Day(_))
    }

    /// Whether the shopper can have it.
    pub(crate) fn has(&self, offer: &Offer) -> bool {
        match self {
            Availability::Day(reach) => reach.allows(offer),
            Availability::Market | Availability::City(_) => offer.has_stock(self.place()),
        }
    }

    /// Whether the product is found at all.
    pub(crate) fn finds(&self, market: &MarketColumns, ordinal: Ordinal) -> bool {
        market.is_found(ordinal, self.place())
            && (!self.has_day() || market.offers(ordinal).any(|offer| self.has(&offer)))
    }

    /// The offer a shopper is shown.
    pub(crate) fn best(&self, market: &MarketColumns, ordinal: Ordinal) -> Option<Offer> {
        match self {
            Availability::Day(_) => best_offer(market.offers(ordinal), |offer| self.has(offer)),
            Availability::Market | Availability::City(_) => market.best(ordinal, self.place()),
        }
    }
}

/// The bit of a city that is served now.
fn city_place(city: CityId, market: &Market) -> Result<usize> {
    market
        .city_place(city)
        .filter(|&place| market.cities[place].active)
        .ok_or(Error::UnknownCity { market: market.code, city })
}
