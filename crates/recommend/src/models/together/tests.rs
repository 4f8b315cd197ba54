//! Baskets, by their known answers.

use linfa::DatasetBase;
use linfa::traits::Fit;

use super::Together;
use crate::event::{DAY_MS, Event, Events};
use crate::models::best;

/// Baskets of these items, one a day.
fn baskets(rows: &[&[u32]], item_count: usize) -> Events {
    let mut events = Vec::new();
    for (items, basket) in rows.iter().zip(0..) {
        let time_ms = i64::from(basket) * DAY_MS;
        events.extend(items.iter().map(|&item| Event { user: basket, item, time_ms }));
    }
    Events::new(events, rows.len(), item_count)
}

#[test]
fn a_basket_is_completed_by_what_its_lines_were_bought_with() {
    let rows: [&[u32]; 5] = [&[0, 1], &[0, 1], &[2, 3], &[2, 3], &[0, 1, 4]];
    let together = Together::params().l2(1.0);
    let together = together.fit(&DatasetBase::new(baskets(&rows, 5), ())).unwrap();

    let first = best(together.scores(&[0]), 5);
    assert_eq!(first[0].item, 1);
    assert!(first.iter().all(|it| it.item != 0), "what is in the basket is not offered");
}

#[test]
fn a_line_of_a_long_basket_says_less() {
    let long: Vec<u32> = (4..40).chain([0, 1]).collect();
    let rows: [&[u32]; 3] = [&[0, 2], &long, &[3]];
    let together =
        Together::params().l2(1.0).fit(&DatasetBase::new(baskets(&rows, 40), ())).unwrap();

    assert_eq!(best(together.scores(&[0]), 1)[0].item, 2);
}
