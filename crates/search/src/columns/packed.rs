//! An offer in 40 bytes.

use jiff::SignedDuration;
use jiff::civil::{Date, date};
use souk_base::{CitySet, Offer, OfferId, SellerId, VariantId};

/// The day before the first that an offer can end on.
const DAY_ZERO: Date = date(2000, 1, 1);
/// Prices have 40 bits.
const PRICE_BITS: u32 = 40;
/// Stands for no list price, and is none itself.
const NO_PRICE: u64 = (1 << PRICE_BITS) - 1;

/// Bytes of a packed offer in a file.
pub(super) const PACKED_LENGTH: usize = 40;

/// An offer as the chunks hold it: ids of 32 bits, prices of 40, days since 2000.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Packed {
    cities: CitySet,
    id: u32,
    variant: u32,
    seller: u32,
    stock: u32,
    preparation_minutes: u32,
    /// The lower 32 bits of the prices, then the upper 8.
    minor_low: u32,
    list_low: u32,
    minor_high: u8,
    list_high: u8,
    /// Days since 2000-01-01; 0 when it is sold for ever.
    until: u16,
}

impl Packed {
    /// Packs an offer; the error names what of it does not fit.
    pub(super) fn pack(offer: &Offer) -> Result<Packed, &'static str> {
        let id = |id: i64, name| u32::try_from(id).map_err(|_| name);
        let (minor_low, minor_high) = split(offer.minor).ok_or("price")?;
        let list = offer.list_minor.map(|list| split(list).ok_or("list price"));
        let (list_low, list_high) = list.transpose()?.unwrap_or((u32::MAX, u8::MAX));
        Ok(Packed {
            cities: offer.cities,
            id: id(offer.id.get(), "id")?,
            variant: id(offer.variant_id.get(), "variant id")?,
            seller: id(offer.seller_id.get(), "seller id")?,
            stock: offer.stock,
            preparation_minutes: offer.preparation_minutes,
            minor_low,
            list_low,
            minor_high,
            list_high,
            until: offer.until.map_or(Ok(0), |day| days(day).ok_or("last day"))?,
        })
    }

    /// The offer that was packed.
    pub(super) fn offer(&self) -> Offer {
        let list = joined(self.list_low, self.list_high);
        Offer {
            id: self.id(),
            variant_id: VariantId::new(self.variant.into()),
            seller_id: self.seller(),
            minor: self.minor(),
            list_minor: (list.cast_unsigned() != NO_PRICE).then_some(list),
            stock: self.stock,
            cities: self.cities,
            preparation_minutes: self.preparation_minutes,
            until: (self.until > 0).then(|| {
                DAY_ZERO.saturating_add(SignedDuration::from_hours(24 * i64::from(self.until)))
            }),
        }
    }

    pub(super) fn id(&self) -> OfferId {
        OfferId::new(self.id.into())
    }

    pub(super) fn seller(&self) -> SellerId {
        SellerId::new(self.seller.into())
    }

    pub(super) fn minor(&self) -> i64 {
        joined(self.minor_low, self.minor_high)
    }

    pub(super) fn cities(&self) -> CitySet {
        self.cities
    }

    /// As [`Offer::has_stock`].
    pub(super) fn has_stock(&self, city: Option<usize>) -> bool {
        city.map_or(self.stock > 0, |place| self.cities.contains(place))
    }

    /// As a file has it.
    pub(super) fn to_bytes(self) -> [u8; PACKED_LENGTH] {
        let mut bytes = [0; PACKED_LENGTH];
        bytes[..8].copy_from_slice(&self.cities.0.to_le_bytes());
        let numbers = [
            self.id,
            self.variant,
            self.seller,
            self.stock,
            self.preparation_minutes,
            self.minor_low,
            self.list_low,
        ];
        for (place, number) in bytes[8..36].chunks_exact_mut(4).zip(numbers) {
            place.copy_from_slice(&number.to_le_bytes());
        }
        bytes[36..38].copy_from_slice(&[self.minor_high, self.list_high]);
        bytes[38..].copy_from_slice(&self.until.to_le_bytes());
        bytes
    }

    /// Reads what [`Packed::to_bytes`] wrote; any bytes are an offer.
    pub(super) fn from_bytes(bytes: &[u8; PACKED_LENGTH]) -> Packed {
        let number = |start: usize| {
            u32::from_le_bytes([bytes[start], bytes[start + 1], bytes[start + 2], bytes[start + 3]])
        };
        Packed {
            cities: CitySet(u64::from(number(0)) | u64::from(number(4)) << 32),
            id: number(8),
            variant: number(12),
            seller: number(16),
            stock: number(20),
            preparation_minutes: number(24),
            minor_low: number(28),
            list_low: number(32),
            minor_high: bytes[36],
            list_high: bytes[37],
            until: u16::from_le_bytes([bytes[38], bytes[39]]),
        }
    }
}

/// As [`souk_base::best_offer`], without unpacking any but the best.
pub(super) fn best(offers: &[Packed], city: Option<usize>) -> Option<&Packed> {
    offers.iter().min_by_key(|offer| (!offer.has_stock(city), offer.minor(), offer.id))
}

/// The lower 32 and the upper 8 bits of a price that has no more.
fn split(price: i64) -> Option<(u32, u8)> {
    let price = u64::try_from(price).ok().filter(|&price| price < NO_PRICE)?;
    let low = u32::try_from(price & u64::from(u32::MAX)).ok()?;
    Some((low, u8::try_from(price >> 32).ok()?))
}

fn joined(low: u32, high: u8) -> i64 {
    i64::from(low) | i64::from(high) << 32
}

/// Days since 2000-01-01, from 1 on.
fn days(day: Date) -> Option<u16> {
    let days = day.duration_since(DAY_ZERO).as_hours() / 24;
    u16::try_from(days).ok().filter(|&days| days > 0)
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::option;
    use proptest::prelude::{Strategy, any, proptest};
    use souk_base::best_offer;

    use super::*;

    /// Offers of which some do not fit.
    fn offers() -> impl Strategy<Value = Offer> {
        let ids = (-1..1_i64 << 33, 0..1_i64 << 32, 0..1_i64 << 32);
        let prices = (-1..1_i64 << 41, option::of(0..1_i64 << 40));
        let rest = (any::<u32>(), any::<u64>(), any::<u32>(), option::of(-100..70_000_i64));
        (ids, prices, rest).prop_map(|(ids, (minor, list_minor), rest)| Offer {
            id: OfferId::new(ids.0),
            variant_id: VariantId::new(ids.1),
            seller_id: SellerId::new(ids.2),
            minor,
            list_minor,
            stock: rest.0 / 2 * (rest.0 % 2),
            cities: CitySet(rest.1),
            preparation_minutes: rest.2,
            until: rest
                .3
                .map(|days| DAY_ZERO.saturating_add(SignedDuration::from_hours(24 * days))),
        })
    }

    fn plain() -> Offer {
        Offer {
            id: OfferId::new(1),
            variant_id: VariantId::new(1),
            seller_id: SellerId::new(1),
            minor: 1,
            list_minor: None,
            stock: 1,
            cities: CitySet(1),
            preparation_minutes: 60,
            until: None,
        }
    }

    #[test]
    fn an_offer_takes_forty_bytes() {
        assert_eq!(size_of::<Packed>(), PACKED_LENGTH);
    }

    #[test]
    fn what_does_not_fit_is_named() {
        let refused = |offer: Offer| Packed::pack(&offer).unwrap_err();
        let day = |year| Some(date(year, 1, 1));

        assert_eq!(refused(Offer { id: OfferId::new(1 << 32), ..plain() }), "id");
        assert_eq!(refused(Offer { variant_id: VariantId::new(-1), ..plain() }), "variant id");
        assert_eq!(refused(Offer { seller_id: SellerId::new(1 << 40), ..plain() }), "seller id");
        assert_eq!(refused(Offer { minor: -1, ..plain() }), "price");
        assert_eq!(refused(Offer { minor: (1 << 40) - 1, ..plain() }), "price");
        assert_eq!(refused(Offer { list_minor: Some(1 << 40), ..plain() }), "list price");
        assert_eq!(refused(Offer { until: day(2000), ..plain() }), "last day");
        assert_eq!(refused(Offer { until: day(2180), ..plain() }), "last day");
        // The dearest price that the database takes.
        assert!(Packed::pack(&Offer { minor: 1_000_000_000_000, ..plain() }).is_ok());
    }

    proptest! {
        #[test]
        fn what_fits_comes_back_from_memory_and_file(offer in offers()) {
            if let Ok(packed) = Packed::pack(&offer) {
                assert_eq!(packed.offer(), offer);
                assert_eq!(Packed::from_bytes(&packed.to_bytes()), packed);
            }
        }

        #[test]
        fn the_best_packed_offer_is_the_best_offer(
            offers in vec(offers(), 0..6), city in option::of(0..64_usize), minor in 0..3_i64
        ) {
            let cheap = |offer| Offer { minor, ..offer };
            let offers: Vec<Offer> =
                offers.iter().copied().chain(offers.iter().copied().map(cheap)).collect();
            let packed: Vec<Packed> =
                offers.iter().filter_map(|offer| Packed::pack(offer).ok()).collect();
            let fitting = packed.iter().map(Packed::offer);
            assert_eq!(
                best(&packed, city).map(Packed::offer),
                best_offer(fitting, |offer| offer.has_stock(city))
            );
        }
    }
}
