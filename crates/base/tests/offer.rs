//! The offer that is shown of a product.

use souk_base::{CitySet, Offer, OfferId, SellerId, VariantId, best_offer};

fn offer(id: i64, minor: i64, cities: &[usize]) -> Offer {
    let mut set = CitySet::default();
    cities.iter().for_each(|&place| set.insert(place));
    Offer {
        id: OfferId::new(id),
        variant_id: VariantId::new(1),
        seller_id: SellerId::new(1),
        minor,
        list_minor: None,
        stock: u32::from(!cities.is_empty()),
        cities: set,
        preparation_minutes: 60,
        until: None,
    }
}

#[test]
fn the_cheapest_offer_in_stock_wins() {
    let offers = [offer(1, 500, &[0]), offer(2, 400, &[1]), offer(3, 100, &[])];

    let best = |city| best_offer(offers, |offer| offer.has_stock(city)).unwrap().id;
    assert_eq!(best(None), OfferId::new(2));
    assert_eq!(best(Some(0)), OfferId::new(1));
}

#[test]
fn sold_out_everywhere_still_shows_the_cheapest_and_ties_go_to_the_older() {
    let offers = [offer(9, 100, &[]), offer(4, 100, &[])];

    let best = best_offer(offers, |offer| offer.has_stock(Some(3)));
    assert_eq!(best.unwrap().id, OfferId::new(4));
    assert!(best_offer([], |_| true).is_none());
}
