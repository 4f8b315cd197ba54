//! Sessions, by their known answers.

use linfa::DatasetBase;
use linfa::traits::Fit;

use super::{Scratch, Session};
use crate::event::{DAY_MS, Event, Events};

/// Sessions of these clicks, one a day, a second apart.
fn sessions(rows: &[&[u32]], item_count: usize) -> Events {
    let mut events = Vec::new();
    for (clicks, session) in rows.iter().zip(0..) {
        for (&item, second) in clicks.iter().zip(0..) {
            let time_ms = i64::from(session) * DAY_MS + second * 1_000;
            events.push(Event { user: session, item, time_ms });
        }
    }
    Events::new(events, rows.len(), item_count)
}

fn next(rows: &[&[u32]], clicks: &[u32]) -> Vec<u32> {
    let model = Session::params().fit(&DatasetBase::new(sessions(rows, 6), ())).unwrap();
    let mut scratch = Scratch::default();
    let first = model.next(clicks, 9 * DAY_MS, 6, &mut scratch);
    assert_eq!(
        first,
        model.next(clicks, 9 * DAY_MS, 6, &mut scratch),
        "a used scratch is as good as new"
    );
    first.into_iter().map(|it| it.item).collect()
}

#[test]
fn what_followed_before_follows_again() {
    let rows: [&[u32]; 4] = [&[0, 1, 2], &[0, 1, 2], &[3, 4], &[3, 5]];

    assert_eq!(next(&rows, &[0, 1])[0], 2);
    assert_eq!(next(&rows, &[3])[0], 5, "the later session counts more");
}

#[test]
fn an_unknown_or_an_empty_session_still_gets_a_full_list() {
    let rows: [&[u32]; 2] = [&[0, 1], &[0, 2]];

    assert_eq!(next(&rows, &[]).len(), 6);
    assert_eq!(next(&rows, &[99])[0], 0, "the most clicked first");
}

#[test]
fn sessions_of_one_click_are_too_little() {
    let error = Session::params().fit(&DatasetBase::new(sessions(&[&[1]], 2), ())).unwrap_err();

    assert_eq!(
        error.to_string(),
        "session needs at least 1 sessions of two clicks, but there are 0"
    );
}
