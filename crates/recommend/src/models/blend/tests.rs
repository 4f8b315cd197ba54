//! The blend, on a shop where people come back for some things and try what their like have.

use linfa::DatasetBase;
use linfa::traits::Fit;

use super::Blend;
use crate::event::{DAY_MS, Event, Events};
use crate::models::{Visit, best};
use crate::numbers::Dice;

/// Users of two tastes: every ten days the favourite of each, and something else of the taste's twenty items.
fn shop() -> Events {
    let mut dice = Dice::new(7);
    let mut rows = Vec::new();
    for user in 0..120 {
        let taste = (user % 2) * 20;
        let favourite = taste + user % 5;
        for visit in 0..20 {
            let time_ms = (visit * 10 + i64::from(user % 10)) * DAY_MS;
            let other = taste + u32::try_from(dice.below(20)).unwrap();
            rows.push(Event { user, item: favourite, time_ms });
            rows.push(Event { user, item: other, time_ms });
        }
    }
    Events::new(rows, 120, 40)
}

fn fitted() -> Blend {
    Blend::params().fit(&DatasetBase::new(shop(), ())).unwrap()
}

#[test]
fn the_favourite_comes_first_and_other_tastes_come_last() {
    let blend = fitted();
    let history: Vec<Visit> =
        shop().of(3).iter().map(|row| Visit { item: row.item, time_ms: row.time_ms }).collect();

    let list = best(blend.scores(&history, 200 * DAY_MS), 40);
    assert_eq!(list[0].item, 23);
    let own = list.iter().take(10).filter(|it| it.item >= 20).count();
    assert!(own >= 9, "{list:?}");
    assert!(list.iter().all(|it| (0.0..=1.0).contains(&it.score)));
}

#[test]
fn somebody_without_a_history_gets_what_sells() {
    assert!(best(fitted().scores(&[], 200 * DAY_MS), 20).len() == 20);
}

#[test]
fn two_fits_on_the_same_data_are_the_same() {
    assert_eq!(fitted(), fitted());
}
