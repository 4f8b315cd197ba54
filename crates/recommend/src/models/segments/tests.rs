//! Segments, by planted kinds of customers.

use linfa::traits::Fit;
use linfa::{DatasetBase, ParamGuard};

use super::Segments;
use crate::artifact::Artefact;
use crate::event::{DAY_MS, Event, Events};
use crate::models::Visit;

const NOW_MS: i64 = 400 * DAY_MS;

/// Customers who buy every week to this day, those who bought thrice in spring, and those who came once a year ago.
fn kinds() -> Events {
    let mut rows = Vec::new();
    for user in 0..90_u32 {
        let days: Vec<i64> = match user % 3 {
            0 => (0..50).map(|week| 399 - i64::from(user % 5) - week * 7).collect(),
            1 => vec![150, 170, 190 + i64::from(user % 5)],
            _ => vec![20 + i64::from(user % 5)],
        };
        rows.extend(days.iter().map(|day| Event { user, item: 0, time_ms: day * DAY_MS }));
    }
    Events::new(rows, 90, 1)
}

fn fitted(events: Events) -> Segments {
    let params = Segments::params().segments(3).now_ms(NOW_MS).check().unwrap();
    params.fit(&DatasetBase::new(events, ())).unwrap()
}

fn history(days: &[i64]) -> Vec<Visit> {
    days.iter().map(|day| Visit { item: 0, time_ms: day * DAY_MS }).collect()
}

#[test]
fn planted_kinds_of_customers_are_found_the_most_valuable_first() {
    let segments = fitted(kinds());
    let of = |days: &[i64]| segments.of(&history(days), NOW_MS);

    let weekly: Vec<i64> = (0..40).map(|week| 395 - week * 7).collect();
    assert_eq!([of(&weekly), of(&[160, 180, 192]), of(&[22])], [Some(1), Some(2), Some(3)]);
    assert_eq!(of(&[]), None);
    let described = segments.described();
    assert!(described.iter().all(|it| (it.share - 1.0 / 3.0).abs() < 1e-6), "{described:?}");
    assert!((described[0].lines - 50.0).abs() < 1.0 && (described[2].lines - 1.0).abs() < 0.1);
}

#[test]
fn two_fits_are_the_same_bytes_and_hold_nobody() {
    let (one, other) = (fitted(kinds()).to_weights(), fitted(kinds()).to_weights());

    assert_eq!(one.to_bytes(), other.to_bytes());
    assert!(one.to_bytes().len() < 1_000, "as large for ninety customers as for a million");
}

#[test]
fn customers_who_are_all_the_same_are_one_segment() {
    let rows = (0..40).map(|user| Event { user, item: 0, time_ms: 0 }).collect();

    let segments = fitted(Events::new(rows, 40, 1));

    assert_eq!(segments.len(), 1);
    assert_eq!(segments.of(&history(&[0]), NOW_MS), Some(1));
}

#[test]
fn a_few_customers_are_no_segments() {
    let params = Segments::params().segments(3).check().unwrap();
    let events = Events::new(vec![Event { user: 0, item: 0, time_ms: 0 }], 1, 1);

    let error = params.fit(&DatasetBase::new(events, ())).unwrap_err();

    assert_eq!(
        error.to_string(),
        "segments needs at least 30 customers who bought, but there are 1"
    );
}
