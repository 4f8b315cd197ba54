//! Trends, by planted ones.

use linfa::DatasetBase;
use linfa::traits::Fit;

use super::Trending;
use crate::event::{DAY_MS, Event, Events};

/// One buyer a day and item over 100 days, another each time; item 0 has twenty a day throughout, item 1 only in the last
/// three days eight a day, item 2 used to have ten a day and has one.
fn shop() -> Events {
    let mut rows = Vec::new();
    let mut user = 0;
    for day in 0..100 {
        let many = [20, if day >= 97 { 8 } else { 1 }, if day < 80 { 10 } else { 1 }, 1];
        for (item, count) in (0..).zip(many) {
            for _ in 0..count {
                rows.push(Event { user, item, time_ms: day * DAY_MS });
                user += 1;
            }
        }
    }
    Events::new(rows, user as usize, 4)
}

fn fitted(events: Events) -> Trending {
    Trending::params().fit(&DatasetBase::new(events, ())).unwrap()
}

#[test]
fn what_rises_leads_and_not_what_always_sells() {
    let trending = fitted(shop());

    let scores: Vec<f32> = (0..4).map(|item| trending.score(item)).collect();
    assert!(scores[1] > 2.0 && scores[1] > 2.0 * scores[0], "{scores:?}");
    assert!(scores[2] <= 0.0, "what falls has no trend: {scores:?}");
}

#[test]
fn the_same_buyers_coming_back_are_no_rise() {
    // Ten customers who buy the same every day, and one each day who buys something else.
    let daily = (0..100).flat_map(|day| {
        let time_ms = day * DAY_MS;
        let loyal = (0..10).map(move |user| Event { user, item: 0, time_ms });
        let user = 10 + u32::try_from(day).unwrap();
        loyal.chain([Event { user, item: 1, time_ms }])
    });

    let trending = fitted(Events::new(daily.collect(), 110, 2));

    assert!(trending.score(0) < 0.1 && trending.score(1) < 0.1, "{trending:?}");
}

#[test]
fn a_shop_without_a_past_has_no_trends() {
    let rows = (0..50).map(|user| Event { user, item: 0, time_ms: i64::from(user) }).collect();

    assert!(fitted(Events::new(rows, 50, 1)).score(0) <= 0.0);
}
