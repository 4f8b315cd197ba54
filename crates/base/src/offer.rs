//! What one seller asks for one variant in one market, and which of several a shopper is shown.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::{OfferId, SellerId, Terms, VariantId};

/// A set of a market's cities; the bit of a city is its place in the market's list.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct CitySet(pub u64);

impl CitySet {
    /// Cities a market can have.
    pub const CAPACITY: usize = 64;

    /// Adds the city at this place; places beyond the capacity are not representable and ignored.
    pub fn insert(&mut self, place: usize) {
        if place < Self::CAPACITY {
            self.0 |= 1 << place;
        }
    }

    /// Whether the city at this place is in the set.
    #[must_use]
    pub const fn contains(self, place: usize) -> bool {
        place < Self::CAPACITY && self.0 & (1 << place) != 0
    }

    /// Whether no city is in the set.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }
}

/// One seller's offer of one variant in one market, as the live columns hold it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Offer {
    /// Key of the offer.
    pub id: OfferId,
    /// What is offered.
    pub variant_id: VariantId,
    /// Who offers it.
    pub seller_id: SellerId,
    /// Price in the market's minor units.
    pub minor: i64,
    /// The price before, when it is reduced.
    pub list_minor: Option<i64>,
    /// Units that can be bought now in the whole market.
    pub stock: u32,
    /// Cities with at least one unit in stock.
    pub cities: CitySet,
    /// Minutes from order to hand-over.
    pub preparation_minutes: u32,
    /// The last day it can be delivered on, when it is not sold for ever.
    pub until: Option<Date>,
}

/// The offer a shopper is shown: one that is available before one that is not, then the lowest price,
/// then the lowest id, so that the answer never depends on the order of the rows.
#[must_use]
pub fn best_offer(
    offers: impl IntoIterator<Item = Offer>,
    is_available: impl Fn(&Offer) -> bool,
) -> Option<Offer> {
    offers.into_iter().min_by_key(|offer| (!is_available(offer), offer.minor, offer.id))
}

impl Offer {
    /// Whether it has a unit: in the city at this place of the market's list, when one is chosen.
    #[must_use]
    pub fn has_stock(&self, city: Option<usize>) -> bool {
        match city {
            Some(place) => self.cities.contains(place),
            None => self.stock > 0,
        }
    }

    /// What a promise must know of it, in the city at this place of the market's list.
    #[must_use]
    pub fn terms(&self, place: usize) -> Terms {
        Terms {
            seller_id: self.seller_id,
            stock: u32::from(self.cities.contains(place)),
            preparation_minutes: self.preparation_minutes,
            until: self.until,
        }
    }
}
