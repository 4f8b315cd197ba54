//! Training on planted data: what is learned, kept, taken up again and refused.

use super::{Data, Gathering, Kind, Settings, Size, Trial};
use super::{compare, cut, is_tunable, judge, train, tune};
use crate::artifact::Weights;
use crate::error::Error;
use crate::event::DAY_MS;
use crate::train::Kept;

const SMALL: Size = Size { items_max: 500, windows: 3, tuned: false };

/// 80 customers of two tastes over 120 days: each buys and clicks among the twenty items of the own taste.
fn shop() -> Data {
    let mut gathering = Gathering::default();
    for customer in 0..80_i64 {
        for visit in 0..8 {
            let time_ms = (visit * 15 + customer % 14) * DAY_MS + customer * 1_000;
            let taste = customer % 2 * 20;
            for line in 0..4 {
                let item = format!("{}", taste + (customer * 3 + visit * 5 + line * line * 2) % 20);
                let basket = format!("{customer}-{visit}");
                gathering.bought(Some(&customer.to_string()), &basket, &item, time_ms);
                gathering.clicked(&customer.to_string(), &item, time_ms + line * 1_000);
            }
        }
    }
    gathering.data()
}

fn now_ms(data: &Data) -> i64 {
    data.purchases.span_ms().unwrap().1 + 1
}

#[test]
fn every_model_is_taken_up_again_as_it_was_laid_down() {
    let data = shop();

    for kind in Kind::ALL {
        let trained = train(kind, &data, now_ms(&data), SMALL, &Settings::default()).unwrap();
        let bytes = trained.kept.to_weights(&data.items).to_bytes();
        let (again, names) =
            Kept::from_weights(kind, &Weights::from_bytes(&bytes).unwrap()).unwrap();

        assert_eq!(again, trained.kept, "{}", kind.name());
        assert_eq!(again.to_weights(&data.items).to_bytes(), bytes, "{}", kind.name());
        // Segments know no items.
        let items = if kind == Kind::Segments { 0 } else { 40 };
        assert_eq!(names.len(), items);
        let second = train(kind, &data, now_ms(&data), SMALL, &Settings::default()).unwrap();
        assert_eq!(second.kept.to_weights(&data.items).to_bytes(), bytes, "{} twice", kind.name());
        assert!(trained.judged.is_some_and(|it| it.values.len() >= 20), "{}", kind.name());
    }
}

#[test]
fn arrays_that_do_not_fit_together_are_refused_for_every_model() {
    let data = shop();

    for kind in Kind::ALL {
        let (kept, _) =
            super::fit(kind, data.of(kind), now_ms(&data), SMALL, &Settings::default()).unwrap();
        let weights = kept.to_weights(&data.items);
        assert!(Kept::from_weights(kind, &weights).is_ok());
        for name in weights.array_names() {
            for (what, broken) in weights.broken(&name) {
                let read = Kept::from_weights(kind, &broken);
                let refused = matches!(read, Err(Error::Damaged(_)) | Err(Error::Parameter { .. }));
                assert!(refused, "{} with {name} {what}", kind.name());
            }
        }
        let other = if kind == Kind::Blend { Kind::Als } else { Kind::Blend };
        assert!(Kept::from_weights(other, &weights).is_err(), "{} as another", kind.name());
    }
}

#[test]
fn a_model_of_the_wrong_items_is_worse_beyond_chance() {
    let data = shop();
    let cut_ms = cut(data.purchases.span_ms().unwrap());
    let fit = |kind| {
        super::fit(kind, &data.purchases.between(0, cut_ms), cut_ms, SMALL, &Settings::default())
            .unwrap()
            .0
    };

    let ease = judge(&fit(Kind::Ease), None, &data, cut_ms);
    let popularity = judge(&fit(Kind::Popularity), None, &data, cut_ms);

    let comparison = compare(&popularity, &ease).unwrap();
    assert!(comparison.is_worse() && !comparison.is_better(), "{comparison:?}");
    assert!(!compare(&ease, &ease).unwrap().is_worse());
}

#[test]
fn a_model_of_other_numbers_is_asked_by_names() {
    let data = shop();
    let cut_ms = cut(data.purchases.span_ms().unwrap());
    let mut other = Gathering::default();
    other.clicked("somebody", "unknown to the model", 0);
    other.clicked("somebody", "39", 0);
    for (user, row) in data.purchases.rows().iter().map(|row| (row.user, row)) {
        let (user, item) = (user.to_string(), data.items.name(row.item));
        other.bought(Some(&user), &format!("{user} {}", row.time_ms / DAY_MS), item, row.time_ms);
    }
    let other = other.data();

    for kind in [Kind::Ease, Kind::Blend, Kind::Repeat] {
        let (kept, _) = super::fit(
            kind,
            &data.purchases.between(0, cut_ms),
            cut_ms,
            SMALL,
            &Settings::default(),
        )
        .unwrap();
        let names: Vec<_> = (0..40).map(|item| data.items.name(item).to_owned()).collect();
        let plain = judge(&kept, None, &data, cut_ms);
        let named = judge(&kept, Some(&names), &other, cut_ms);
        assert!(plain.values.len() > 20);
        assert_eq!(plain.figures["users"], named.figures["users"], "{}", kind.name());
    }
}

#[test]
fn a_shop_without_clicks_has_no_sessions_to_learn_from() {
    let mut gathering = Gathering::default();
    gathering.bought(Some("a"), "1", "x", 0);

    let error =
        train(Kind::Session, &gathering.data(), 1, SMALL, &Settings::default()).unwrap_err();

    assert!(error.to_string().contains("clicks"), "{error}");
}

#[test]
fn what_clicks_faster_than_people_is_left_out() {
    let mut gathering = Gathering::default();
    for click in 0..2_000 {
        gathering.clicked("machine", "a", click * 1_000);
    }
    gathering.clicked("person", "a", 0);
    gathering.clicked("person", "b", 5_000);
    gathering.clicked("person", "b", 10_000_000);

    let data = gathering.data();

    assert_eq!(data.sessions.rows().len(), 3);
    assert_eq!(data.sessions.user_count(), 2);
}

#[test]
fn a_search_chooses_the_same_with_the_same_seed_and_number_of_trials() {
    let data = shop();

    for kind in Kind::ALL.into_iter().filter(|&kind| is_tunable(kind)) {
        let search = |seed, trials: usize| {
            let mut goes_on = |tried: &[Trial]| tried.len() < trials;
            tune(kind, &data, SMALL, &Settings::default(), seed, &mut goes_on).unwrap()
        };

        let found = search(1, 3);

        assert_eq!(found, search(1, 3), "{}", kind.name());
        assert_eq!(found.trials.len(), 3, "{}", kind.name());
        assert!(found.trials[0].parameters.is_empty(), "first without any");
        let best = found.trials[found.best].value;
        assert!(found.trials.iter().all(|trial| trial.value <= best), "{found:?}");
        let trained = train(kind, &data, now_ms(&data), SMALL, &found.trials[1].parameters);
        for (name, value) in found.trials[1].parameters.iter() {
            let told = trained.as_ref().unwrap().parameters[name].as_f64();
            assert_eq!(told, Some(value), "{} {name}", kind.name());
        }
    }
}

#[test]
fn a_search_never_sees_the_days_that_a_version_is_judged_by() {
    let data = shop();
    let cut_ms = cut(data.purchases.span_ms().unwrap());
    let mut other = data.clone();
    // From the cut on everybody does something else.
    let rows = data.purchases.rows().iter().map(|row| match row.time_ms < cut_ms {
        true => *row,
        false => crate::event::Event { item: 39 - row.item, ..*row },
    });
    other.purchases = crate::event::Events::new(rows.collect(), data.purchases.user_count(), 40);
    let search = |data: &Data| {
        let mut goes_on = |tried: &[Trial]| tried.len() < 4;
        tune(Kind::Repeat, data, SMALL, &Settings::default(), 1, &mut goes_on).unwrap()
    };

    assert_ne!(data.purchases.rows(), other.purchases.rows());
    assert_eq!(search(&data), search(&other));
}

#[test]
fn a_search_ends_when_everything_was_tried() {
    let data = shop();

    let found = tune(Kind::Repeat, &data, SMALL, &Settings::default(), 1, &mut |_| true).unwrap();

    assert_eq!(found.trials.len(), 9, "without any, and eight half-lives");
}
