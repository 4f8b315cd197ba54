//! Promises: cut-offs to the second, days with a changed clock, and a scan's limits that agree with each promise.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

use jiff::civil::{Date, Time, date, time};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Span, Timestamp};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::{Strategy, any, prop_assert_eq, proptest};
use proptest::sample::select;
use souk_base::{
    CitySet, Deliveries, DeliveryClosure, DeliveryWindow, DeliveryWindowId, HORIZON_DAYS, Offer,
    OfferId, Reach, SellerId, Slot, Terms, VariantId, promise,
};

const ZONES: [&str; 4] = ["Europe/London", "Africa/Cairo", "Asia/Kuwait", "Asia/Almaty"];
const SELLER: SellerId = SellerId::new(1);

fn zone(name: &str) -> TimeZone {
    TimeZone::get(name).unwrap()
}

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn window(id: i64, from: i8, to: i8, cut_off: Time) -> DeliveryWindow {
    DeliveryWindow {
        id: DeliveryWindowId::new(id),
        seller_id: None,
        weekdays: (1..=7).collect(),
        starts_at: time(from, 0, 0, 0),
        ends_at: time(to, 0, 0, 0),
        cut_off_at: cut_off,
        cut_off_days: 0,
        first: Date::MIN,
        last: Date::MAX,
    }
}

fn city(zone_name: &str, windows: Vec<DeliveryWindow>) -> Deliveries {
    Deliveries { time_zone: zone(zone_name), windows, closures: vec![] }
}

fn terms(preparation_minutes: u32) -> Terms {
    Terms { seller_id: SELLER, stock: 1, preparation_minutes, until: None }
}

fn on(deliveries: &Deliveries, day: Date) -> Vec<Slot> {
    deliveries.slots_on(SELLER, day)
}

#[test]
fn a_cut_off_closes_to_the_second() {
    let kuwait = city("Asia/Kuwait", vec![window(1, 18, 22, time(19, 0, 0, 0))]);
    let slot = on(&kuwait, date(2026, 2, 14))[0];

    assert_eq!(slot.cut_off_at, at("2026-02-14T16:00:00Z"));
    assert!(promise(1, 60, &slot, at("2026-02-14T15:59:59Z")));
    assert!(promise(1, 60, &slot, at("2026-02-14T15:59:59.999999999Z")));
    assert!(!promise(1, 60, &slot, at("2026-02-14T16:00:00Z")));
    assert!(!promise(0, 60, &slot, at("2026-02-14T15:59:59Z")));
}

#[test]
fn what_is_not_prepared_when_the_slot_ends_is_not_promised() {
    let kuwait = city("Asia/Kuwait", vec![window(1, 18, 22, time(19, 0, 0, 0))]);
    let slot = on(&kuwait, date(2026, 2, 14))[0];
    let noon = at("2026-02-14T09:00:00Z");

    assert!(promise(1, 600, &slot, noon));
    assert!(!promise(1, 600, &slot, noon + SignedDuration::from_secs(1)));
    assert!(!promise(1, u32::MAX, &slot, noon));
}

#[test]
fn sellers_with_windows_of_their_own_have_no_others() {
    let mut deliveries = city("Asia/Kuwait", vec![window(1, 10, 14, time(9, 0, 0, 0))]);
    let own = DeliveryWindow {
        seller_id: Some(SellerId::new(2)),
        weekdays: vec![1],
        ..window(2, 8, 9, time(7, 0, 0, 0))
    };
    deliveries.windows.push(own);
    deliveries.closures.push(DeliveryClosure { seller_id: Some(SELLER), date: date(2026, 2, 16) });
    deliveries.closures.push(DeliveryClosure { seller_id: None, date: date(2026, 2, 17) });
    let slots = |seller, day| {
        let slots = deliveries.slots_on(SellerId::new(seller), date(2026, 2, day));
        slots.iter().map(|slot| slot.window_id.get()).collect::<Vec<_>>()
    };

    // A Sunday, a Monday and a Tuesday.
    assert_eq!((slots(1, 15), slots(2, 15), slots(3, 15)), (vec![1], vec![], vec![1]));
    assert_eq!((slots(1, 16), slots(2, 16), slots(3, 16)), (vec![], vec![2], vec![1]));
    assert_eq!((slots(1, 17), slots(2, 17), slots(3, 17)), (vec![], vec![], vec![]));
}

#[test]
fn london_keeps_its_local_times_over_both_changes_of_the_clock() {
    let mut evening_before = window(1, 10, 14, time(20, 0, 0, 0));
    evening_before.cut_off_days = 1;
    let london = city("Europe/London", vec![evening_before]);
    let hours = |day| {
        let slot = on(&london, day)[0];
        slot.cut_off_at.duration_until(slot.starts_at).as_hours()
    };

    assert_eq!(on(&london, date(2026, 3, 28))[0].starts_at, at("2026-03-28T10:00:00Z"));
    assert_eq!(on(&london, date(2026, 3, 29))[0].starts_at, at("2026-03-29T09:00:00Z"));
    assert_eq!(on(&london, date(2026, 10, 25))[0].starts_at, at("2026-10-25T10:00:00Z"));
    // The night of spring is an hour shorter, that of autumn an hour longer.
    assert_eq!([date(2026, 3, 28), date(2026, 3, 29), date(2026, 10, 25)].map(hours), [14, 13, 15]);
}

#[test]
fn a_time_that_the_clock_skips_moves_on_and_one_it_shows_twice_is_the_first() {
    let nightly = || window(1, 9, 12, time(1, 30, 0, 0));
    let london = city("Europe/London", vec![nightly()]);
    let mut before_midnight = window(2, 9, 12, time(23, 30, 0, 0));
    before_midnight.cut_off_days = 1;
    let mut midnight = window(3, 9, 12, time(0, 30, 0, 0));
    midnight.ends_at = time(13, 0, 0, 0);
    let cairo = city("Africa/Cairo", vec![before_midnight, midnight]);
    let cut_offs = |city: &Deliveries, day| {
        on(city, day).iter().map(|slot| slot.cut_off_at).collect::<Vec<_>>()
    };

    assert_eq!(cut_offs(&london, date(2026, 3, 29)), [at("2026-03-29T01:30:00Z")]);
    assert_eq!(cut_offs(&london, date(2026, 10, 25)), [at("2026-10-25T00:30:00Z")]);
    // Cairo has had summer time again since 2023: from the last Friday of April, 0:00, to the last Thursday of
    // October, 24:00. So 0:30 is skipped in spring, and 23:30 comes twice in autumn.
    let spring = cut_offs(&cairo, date(2026, 4, 24));
    assert_eq!(spring, [at("2026-04-23T21:30:00Z"), at("2026-04-23T22:30:00Z")]);
    let autumn = cut_offs(&cairo, date(2026, 10, 30));
    assert_eq!(autumn, [at("2026-10-29T20:30:00Z"), at("2026-10-29T22:30:00Z")]);
    assert_eq!(on(&cairo, date(2026, 4, 23))[0].starts_at, at("2026-04-23T07:00:00Z"));
    assert_eq!(on(&cairo, date(2026, 4, 24))[0].starts_at, at("2026-04-24T06:00:00Z"));
    assert_eq!(on(&cairo, date(2026, 10, 30))[0].starts_at, at("2026-10-30T07:00:00Z"));
}

#[test]
fn nothing_is_promised_for_yesterday_beyond_the_horizon_or_after_the_last_day() {
    let kuwait = city("Asia/Kuwait", vec![window(1, 10, 14, time(9, 0, 0, 0))]);
    let now = at("2026-02-14T12:00:00Z");
    let promised = |terms, day| kuwait.promised_on(&terms, day, now).is_some();
    let last = date(2026, 2, 14).checked_add(Span::new().days(HORIZON_DAYS)).unwrap();

    assert!(!promised(terms(0), date(2026, 2, 13)) && !promised(terms(0), date(2026, 2, 14)));
    assert!(promised(terms(0), last));
    assert!(!promised(terms(0), last.tomorrow().unwrap()));
    let until = Terms { until: Some(date(2026, 2, 15)), ..terms(0) };
    assert!(promised(until, date(2026, 2, 15)) && !promised(until, date(2026, 2, 16)));
    assert_eq!(kuwait.earliest(&until, now).unwrap().date, date(2026, 2, 15));
    // A week of preparation.
    assert_eq!(kuwait.earliest(&terms(7 * 1_440), now).unwrap().date, date(2026, 2, 22));
    assert_eq!(kuwait.earliest(&terms(60 * 1_440), now), None);
    assert_eq!(kuwait.earliest(&Terms { stock: 0, ..terms(0) }, now), None);
    assert!(!Reach::nothing(0, last).allows(&offer(1, 0, None)));
}

fn offer(seller: i64, preparation_minutes: u32, until: Option<Date>) -> Offer {
    Offer {
        id: OfferId::new(1),
        variant_id: VariantId::new(1),
        seller_id: SellerId::new(seller),
        minor: 1,
        list_minor: None,
        stock: 1,
        cities: CitySet(0b10),
        preparation_minutes,
        until,
    }
}

/// Sellers: one without anything of its own, two with small ids and one with a large one.
const SELLERS: [i64; 4] = [1, 2, 4_000, 9_000_000_000];

fn windows() -> impl Strategy<Value = DeliveryWindow> {
    let whose = option::of(select(&SELLERS[1..]));
    let days = (vec(1_i16..=7, 1..8), 0_i16..4);
    (whose, days, (0_i8..22, 1_i8..3), (0_i8..24, select(vec![0_i8, 30])), any::<bool>()).prop_map(
        |(seller, (weekdays, cut_off_days), (from, hours), (hour, minute), bounded)| {
            let until = (from + hours).min(23);
            let mut window = window(i64::from(from), from, until, time(hour, minute, 0, 0));
            window.seller_id = seller.map(SellerId::new);
            (window.weekdays, window.cut_off_days) = (weekdays, cut_off_days);
            if bounded {
                (window.first, window.last) = (date(2026, 3, 29), date(2026, 10, 30));
            }
            window
        },
    )
}

/// Half-hours around the changes of the clock, where mistakes would be.
fn instants() -> impl Strategy<Value = Timestamp> {
    const DAYS: [&str; 4] = ["2026-03-28", "2026-04-23", "2026-10-24", "2026-10-28"];
    (select(&DAYS[..]), 0_i64..144, -1_i64..2).prop_map(|(day, half_hours, seconds)| {
        at(&format!("{day}T00:00:00Z"))
            + SignedDuration::from_mins(half_hours * 30)
            + SignedDuration::from_secs(seconds)
    })
}

proptest! {
    #[test]
    fn a_scan_reaches_exactly_what_is_promised_and_the_earliest_day_is_the_first_it_reaches(
        zone_name in select(&ZONES[..]),
        windows in vec(windows(), 0..6),
        closed in vec((option::of(select(&SELLERS[..])), 0_i32..5), 0..4),
        now in instants(),
        seller in select(&SELLERS[..]),
        preparation in 0_u32..6_000,
        left in option::of(0_i32..6),
    ) {
        let mut deliveries = city(zone_name, windows);
        let today = deliveries.day_of(now);
        let later = |days: i32| today.checked_add(Span::new().days(days)).unwrap();
        deliveries.closures.extend(closed.into_iter().map(|(seller, days)| DeliveryClosure {
            seller_id: seller.map(SellerId::new), date: later(days),
        }));
        let offer = offer(seller, preparation, left.map(later));

        let mut first = None;
        for days in -1..=HORIZON_DAYS + 1 {
            let day = later(days);
            let slot = deliveries.promised_on(&offer.terms(1), day, now);
            prop_assert_eq!(deliveries.reach(1, day, now).allows(&offer), slot.is_some());
            // The other city has no unit.
            prop_assert_eq!(deliveries.promised_on(&offer.terms(0), day, now), None);
            prop_assert_eq!(deliveries.reach(0, day, now).allows(&offer), false);
            first = first.or(slot);
        }
        prop_assert_eq!(deliveries.earliest(&offer.terms(1), now), first);
    }
}
