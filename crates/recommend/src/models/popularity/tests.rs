//! Popularity, by its known answers.

use linfa::traits::Fit;
use linfa::{DatasetBase, ParamGuard};

use super::Popularity;
use crate::event::{DAY_MS, Event, Events};

#[test]
fn a_buyer_counts_once_and_half_after_the_half_life() {
    let row = |user, item, day| Event { user, item, time_ms: day * DAY_MS };
    let events = Events::new(vec![row(0, 0, 0), row(0, 0, 7), row(1, 1, 14), row(2, 0, 14)], 3, 2);

    let params = Popularity::params().half_life_days(7.0);
    let scores = params.fit(&DatasetBase::new(events, ())).unwrap().scores();

    assert!((scores[0].score - 1.5).abs() < 1e-6, "{scores:?}");
    assert!((scores[1].score - 1.0).abs() < 1e-6);
}

#[test]
fn a_half_life_of_nothing_is_refused_with_the_value() {
    let error = Popularity::params().half_life_days(0.0).check().unwrap_err();

    assert_eq!(error.to_string(), "half_life_days must be finite and above 0, but is 0");
}
