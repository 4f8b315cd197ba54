//! The ranker on planted data.

use linfa::Dataset;
use linfa::traits::Fit;
use ndarray::{Array1, Array2};

use super::Ranker;
use crate::numbers::{Dice, count};

/// Rows of four features; taken with a probability that rises with the first and falls with the square of the second.
fn planted(rows: usize, seed: u64) -> (Array2<f32>, Array1<bool>) {
    let mut dice = Dice::new(seed);
    let mut unit = || count(dice.below(10_000)) / 5_000.0 - 1.0;
    let features = Array2::from_shape_fn((rows, 4), |_| unit());
    let taken = features.rows().into_iter().map(|row| {
        let score = 3.0 * row[0] - 4.0 * row[1] * row[1] - 1.0;
        count(dice.below(10_000)) / 10_000.0 < 1.0 / (1.0 + (-score).exp())
    });
    let taken = taken.collect();
    (features, taken)
}

fn fitted() -> Ranker {
    let (rows, taken) = planted(20_000, 1);
    Ranker::params().fit(&Dataset::new(rows, taken)).unwrap()
}

#[test]
fn what_was_planted_is_found_with_the_right_sign() {
    let (rows, taken) = planted(5_000, 2);
    let score = |row: &ndarray::ArrayView1<'_, f32>| 3.0 * row[0] - 4.0 * row[1] * row[1];

    let auc = fitted().auc(&rows, &taken);

    // What the true scores reach on these rows.
    let mut best: Vec<(f32, bool)> =
        rows.rows().into_iter().map(|row| score(&row)).zip(taken).collect();
    best.sort_by(|one, other| one.0.total_cmp(&other.0));
    let (mut left, mut pairs) = (0_u32, 0_u32);
    best.iter().for_each(|(_, taken)| if *taken { pairs += left } else { left += 1 });
    let taken = u32::try_from(best.len()).unwrap() - left;
    let reachable = f64::from(pairs) / (f64::from(left) * f64::from(taken));
    assert!(f64::from(auc) > reachable - 0.01, "{auc} of {reachable}");
}

#[test]
fn probabilities_are_calibrated_and_keep_the_order() {
    let ranker = fitted();
    let (rows, taken) = planted(5_000, 3);
    let mut room = Vec::new();
    let mut scores: Vec<f32> =
        rows.rows().into_iter().map(|row| ranker.score(&row.to_vec(), &mut room)).collect();

    let expected: f32 = scores.iter().map(|&score| ranker.probability(score)).sum();
    let happened = count(taken.iter().filter(|&&taken| taken).count());
    assert!((expected / happened - 1.0).abs() < 0.06, "{expected} of {happened}");
    scores.sort_by(f32::total_cmp);
    scores.dedup();
    assert!(scores.is_sorted_by(|one, next| ranker.probability(*one) <= ranker.probability(*next)));
}

#[test]
fn two_fits_are_the_same_and_too_few_rows_are_refused() {
    assert_eq!(fitted(), fitted());

    let (rows, taken) = planted(12, 1);
    let error = Ranker::params().fit(&Dataset::new(rows, taken)).unwrap_err();
    assert!(error.to_string().starts_with("ranker needs at least 10 rows"), "{error}");
}
