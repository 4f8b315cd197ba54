//! A chosen day: everything an answer says is about offers that are delivered to the city on it.

use std::collections::HashMap;
use std::sync::Arc;

use jiff::civil::{Date, date, time};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::{ProptestConfig, Strategy, prop_assert_eq, proptest};
use souk_base::Lang::En;
use souk_base::{
    CityId, Deliveries, DeliveryClosure, DeliveryWindow, DeliveryWindowId, Offer, SellerId,
    best_offer,
};
use souk_search::{Found, Request, Sort, SuggestRequest};

use crate::shop::{GB, Shop, market, offer, owned, request};

/// Orders for the morning are taken until 9:00, for the evening until 19:00.
const TODAY: Date = date(2026, 10, 25);
const CITY: CityId = CityId::new(10);

fn window(id: i64, from: i8, to: i8) -> DeliveryWindow {
    DeliveryWindow {
        id: DeliveryWindowId::new(id),
        seller_id: None,
        weekdays: (1..=7).collect(),
        starts_at: time(from, 0, 0, 0),
        ends_at: time(to, 0, 0, 0),
        cut_off_at: time(to - 3, 0, 0, 0),
        cut_off_days: 0,
        first: Date::MIN,
        last: Date::MAX,
    }
}

/// Seller 2 has an hour in the morning of its own; seller 3 is closed today.
fn deliveries() -> Deliveries {
    let mut early = window(3, 7, 8);
    early.seller_id = Some(SellerId::new(2));
    let closed = DeliveryClosure { seller_id: Some(SellerId::new(3)), date: TODAY };
    Deliveries {
        time_zone: TimeZone::get("Europe/London").unwrap(),
        windows: vec![window(1, 8, 12), window(2, 18, 22), early],
        closures: vec![closed],
    }
}

/// Products with these offers, as `(minor, seller, cities, preparation, last day)`.
type Terms = (i64, i64, u64, u32, Option<Date>);

fn shop(products: &[(&str, Vec<Terms>)]) -> Shop {
    let mut shop = Shop::new();
    let tables = Arc::make_mut(&mut shop.tables);
    tables.deliveries = HashMap::from([(CITY, deliveries())]);
    let mut id = 0;
    for (title, offers) in products {
        let offers = offers.iter().map(|&(minor, seller, cities, preparation_minutes, until)| {
            id += 1;
            Offer { preparation_minutes, until, ..offer(id, minor, seller, cities) }
        });
        let offers: Vec<_> = offers.collect();
        let product = shop.product().text(En, title, "").column(GB, 1.0, &offers);
        shop.add(product);
    }
    shop.commit();
    shop
}

fn on(date: Date, now: &str) -> Request<'static> {
    Request {
        city: Some(CITY),
        date: Some(date),
        now: now.parse().unwrap(),
        sort: Sort::Price,
        ..request(GB, "")
    }
}

fn prices(found: &Found) -> Vec<i64> {
    found.hits.iter().map(|hit| hit.offer.minor).collect()
}

#[test]
fn a_cut_off_closes_to_the_second_and_the_price_of_what_is_left_is_shown() {
    let shop = shop(&[("Rose", vec![(500, 1, 0b01, 60, None), (400, 2, 0b01, 60, None)])]);
    let at = |now| {
        let found = shop.find(&on(TODAY, now));
        (found.total, prices(&found))
    };

    // The clock went back this night: London is at UTC again. Seller 2 takes orders until 5:00.
    assert_eq!(at("2026-10-25T04:59:59Z"), (1, vec![400]));
    assert_eq!(at("2026-10-25T05:00:00Z"), (1, vec![500]));
    assert_eq!(at("2026-10-25T18:59:59Z"), (1, vec![500]));
    assert_eq!(at("2026-10-25T19:00:00Z"), (0, vec![]));
}

#[test]
fn a_past_a_far_and_an_unserved_day_have_no_hits_and_a_day_needs_a_city() {
    let shop = shop(&[("Rose", vec![(500, 1, 0b11, 60, None)])]);
    let noon = "2026-10-25T12:00:00Z";
    let total = |request| shop.find(&request).total;

    assert_eq!(total(on(TODAY, noon)), 1);
    assert_eq!(total(on(TODAY.yesterday().unwrap(), noon)), 0);
    assert_eq!(total(on(date(2026, 12, 24), noon)), 1);
    assert_eq!(total(on(date(2026, 12, 25), noon)), 0);
    assert_eq!(total(Request { city: Some(CityId::new(11)), ..on(TODAY, noon) }), 0);
    let homeless = Request { city: None, ..on(TODAY, noon) };
    assert_eq!(shop.try_find(&homeless).unwrap_err().code(), "missing_city");
}

#[test]
fn facets_suggestions_and_categories_count_what_the_day_has() {
    let last = Some(TODAY);
    let shop = shop(&[
        ("Rose", vec![(500, 1, 0b01, 60, None), (400, 2, 0b01, 60, None)]),
        ("Rosemary", vec![(300, 3, 0b01, 60, None)]),
        ("Rosehip", vec![(200, 1, 0b01, 60, last), (100, 1, 0b10, 60, None)]),
    ]);
    let facets = owned(&["seller", "in_stock"]);
    let filters = owned(&["price:..450"]);
    let tomorrow = TODAY.tomorrow().unwrap();
    let asked =
        |date| Request { facets: &facets, filters: &filters, ..on(date, "2026-10-25T12:00:00Z") };
    let counts = |date| {
        let found = shop.find(&asked(date));
        let values = found.facets.iter().flat_map(|facet| &facet.values);
        values.map(|value| (value.value.clone(), value.count)).collect::<Vec<_>>()
    };
    let suggested = |date| {
        let Request { market, city, now, .. } = asked(date);
        let request = SuggestRequest {
            market,
            text: "ros",
            lang: None,
            city,
            date: Some(date),
            segment: None,
            now,
            limit: 9,
        };
        let products = shop.view().suggest(&request).unwrap().products;
        products.into_iter().map(|hit| (hit.title, hit.offer.minor)).collect::<Vec<_>>()
    };
    let roses = |date| {
        let now = asked(date).now;
        shop.view().category_counts(market(GB), Some(CITY), Some(date), now).unwrap()
    };

    let of =
        |pairs: &[(&str, u64)]| pairs.iter().map(|&(v, n)| (v.to_owned(), n)).collect::<Vec<_>>();
    assert_eq!(counts(TODAY), of(&[("seller-1", 1), ("true", 1)]));
    assert_eq!(counts(tomorrow), of(&[("seller-2", 1), ("seller-3", 1), ("true", 2)]));
    let titles =
        |pairs: &[(&str, i64)]| pairs.iter().map(|&(t, p)| (t.to_owned(), p)).collect::<Vec<_>>();
    assert_eq!(suggested(TODAY), titles(&[("Rose", 500), ("Rosehip", 200)]));
    assert_eq!(suggested(tomorrow), titles(&[("Rose", 400), ("Rosemary", 300)]));
    assert_eq!(roses(TODAY).values().max(), Some(&2));
    assert!(roses(date(2027, 10, 25)).is_empty());
}

fn terms() -> impl Strategy<Value = Terms> {
    let until = option::of(
        (-1_i64..4)
            .prop_map(|days| TODAY.checked_add(SignedDuration::from_hours(24 * days)).unwrap()),
    );
    (1_i64..9, 1_i64..=3, 0_u64..4, 0_u32..2_000, until)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn what_is_found_and_its_price_are_those_of_the_promises(
        products in vec(vec(terms(), 1..4), 1..12), half_hours in vec(-6_i64..60, 8),
        days in -1_i64..4,
    ) {
        let named: Vec<_> = products.into_iter().map(|offers| ("Rose", offers)).collect();
        let shop = shop(&named);
        let view = shop.view();
        let day = TODAY.checked_add(SignedDuration::from_hours(24 * days)).unwrap();
        for half_hour in half_hours {
            let start: Timestamp = "2026-10-25T00:00:00Z".parse().unwrap();
            let now = start + SignedDuration::from_mins(30 * half_hour);
            let promised = |offer: &Offer| deliveries().promised_on(&offer.terms(0), day, now).is_some();
            let best = view.columns.iter(market(GB)).filter_map(|(ordinal, column)| {
                let best = best_offer(column.offers, promised).filter(promised)?;
                Some((best.minor, ordinal, best.id))
            });
            let mut expected: Vec<_> = best.collect();
            expected.sort_unstable();

            let found = shop.find(&Request { now, ..on(day, "2026-10-25T00:00:00Z") });

            let found: Vec<_> = found.hits.iter().map(|hit| (hit.offer.minor, hit.ordinal, hit.offer.id)).collect();
            prop_assert_eq!(found, expected);
        }
    }
}
