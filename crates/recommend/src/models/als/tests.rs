//! ALS, by what it must find.

use linfa::DatasetBase;
use linfa::traits::Fit;
use ndarray::{Array1, Array2};

use super::Als;
use crate::interactions::{Interactions, events_of};

/// Two tastes of ten items each; every row has eight of one.
fn tastes() -> Interactions {
    let rows: Vec<Vec<u32>> = (0..60)
        .map(|row: u32| {
            (0..10)
                .filter(|item| !(item + row).is_multiple_of(5))
                .map(|item| item + row % 2 * 10)
                .collect()
        })
        .collect();
    Interactions::once(&events_of(&rows.iter().map(Vec::as_slice).collect::<Vec<_>>(), 20))
}

fn fitted() -> Als {
    Als::params().factors(8).fit(&DatasetBase::new(tastes(), ())).unwrap()
}

#[test]
fn a_history_is_near_the_items_of_its_taste() {
    let scores = fitted().scores(&[(0, 1.0), (3, 1.0), (4, 1.0)]);

    let (own, other) = scores.split_at(10);
    assert!(own.iter().sum::<f32>() > 5.0 * other.iter().sum::<f32>(), "{scores:?}");
    assert!(scores[0].min(scores[3]).min(scores[4]) > 0.5, "what was had is near, too");
}

#[test]
fn a_folded_in_history_solves_its_system() {
    let als = fitted();
    let history = [(0, 1.0), (12, 2.0)];
    let point = Array1::from_vec(als.fold_in(&history));

    let mut system: Array2<f32> = als.shared.clone();
    let mut right = Array1::<f32>::zeros(8);
    for (item, weight) in history {
        let vector = als.items.row(item as usize);
        let column = vector.insert_axis(ndarray::Axis(1));
        system = system + column.dot(&column.t()) * (5.0 * weight);
        right = right + &vector * (1.0 + 5.0 * weight);
    }
    let off = (system.dot(&point) - &right).mapv(f32::abs);
    assert!(off.iter().all(|&off| off < 1e-2 * right.dot(&right).sqrt()), "{off}");
}

#[test]
fn two_fits_are_the_same_and_too_few_pairs_are_refused() {
    assert_eq!(fitted(), fitted());

    let few = Interactions::once(&events_of(&[&[0, 1]], 2));
    let error = Als::params().fit(&DatasetBase::new(few, ())).unwrap_err();
    assert_eq!(error.to_string(), "als needs at least 64 pairs, but there are 2");
}
