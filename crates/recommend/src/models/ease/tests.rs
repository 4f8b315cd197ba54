//! EASE, by its known answers.

use linfa::DatasetBase;
use linfa::traits::Fit;

use super::Ease;
use crate::interactions::{Interactions, events_of};

#[test]
fn weights_are_those_of_the_closed_form() {
    let rows: [&[u32]; 3] = [&[0, 1], &[0, 1, 2], &[2]];
    let interactions = Interactions::once(&events_of(&rows, 3));

    let ease = Ease::params().l2(1.0).fit(&DatasetBase::new(interactions, ())).unwrap();

    // P = (XᵀX + I)⁻¹ of [[3,2,1],[2,3,1],[1,1,3]] is [[8,−5,−1],[−5,8,−1],[−1,−1,5]] / 13.
    let scores = ease.scores(&[(0, 1.0)]);
    for (score, expected) in scores.iter().zip([0.0, 5.0 / 8.0, 1.0 / 5.0]) {
        assert!((score - expected).abs() < 1e-5, "{scores:?}");
    }
}

#[test]
fn two_fits_on_the_same_data_are_the_same() {
    let rows: Vec<Vec<u32>> =
        (0..60).map(|row| (0..40).filter(|item| (row * 7 + item * 5) % 11 < 3).collect()).collect();
    let rows: Vec<&[u32]> = rows.iter().map(Vec::as_slice).collect();
    let interactions = Interactions::once(&events_of(&rows, 40));
    let fit = || Ease::params().fit(&DatasetBase::new(interactions.clone(), ())).unwrap();

    assert_eq!(fit(), fit());
}

#[test]
fn rarely_used_items_and_weak_weights_stay_out_when_there_is_no_room() {
    let rows: [&[u32]; 4] = [&[0, 1, 2], &[0, 1, 2], &[0, 1], &[3]];
    let interactions = Interactions::once(&events_of(&rows, 4));

    let params = Ease::params().items_max(3).neighbours(1);
    let ease = params.fit(&DatasetBase::new(interactions, ())).unwrap();

    assert_eq!(ease.weights_of(0).0, [1]);
    assert_eq!(ease.weights_of(3).0.len(), 0);
}

#[test]
fn one_item_is_too_little() {
    let interactions = Interactions::once(&events_of(&[&[0]], 1));

    let error = Ease::params().fit(&DatasetBase::new(interactions, ())).unwrap_err();
    assert_eq!(error.to_string(), "ease needs at least 2 items, but there are 1");
}
