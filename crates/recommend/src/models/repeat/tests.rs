//! Repeated purchases, by their known answers.

use linfa::DatasetBase;
use linfa::traits::Fit;

use super::Repeat;
use crate::event::{DAY_MS, Event, Events};
use crate::models::{Visit, best};

#[test]
fn the_share_of_those_who_come_back_is_smoothed_towards_the_shop() {
    let row = |user, item, day| Event { user, item, time_ms: day * DAY_MS };
    let rows = vec![row(0, 0, 0), row(0, 0, 30), row(1, 0, 1), row(1, 1, 1), row(0, 1, 2)];
    let params = Repeat::params().prior_buyers(2.0);
    let repeat = params.fit(&DatasetBase::new(Events::new(rows, 2, 2), ())).unwrap();

    // The shop: one of four pairs is bought again.
    assert!((repeat.share(0) - 1.5 / 4.0).abs() < 1e-6);
    assert!((repeat.share(1) - 0.5 / 4.0).abs() < 1e-6);
    assert_eq!(repeat.interval_days(0), Some(30.0));
    assert_eq!(repeat.interval_days(1), None);
}

#[test]
fn what_was_had_often_and_lately_comes_first() {
    let fitted = Repeat::params().half_life_days(10.0);
    let repeat = fitted.fit(&DatasetBase::new(Events::new(Vec::new(), 0, 3), ())).unwrap();
    let visit = |item, day| Visit { item, time_ms: day * DAY_MS };

    let scores =
        repeat.scores(&[visit(2, 0), visit(1, 90), visit(0, 80), visit(0, 90)], 100 * DAY_MS);

    let order: Vec<u32> = best(scores, 10).iter().map(|scored| scored.item).collect();
    assert_eq!(order, [0, 1, 2]);
}
