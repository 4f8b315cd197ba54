//! How sure a mean is: percentile bootstrap over users (Efron 1979), with a fixed seed.

use super::mean;
use crate::numbers::Dice;

/// Resamples; the ends of a 95 % interval then vary by about a fiftieth of its width.
const RESAMPLES: usize = 1_000;

/// A mean and the interval that holds it in 95 of 100 samples of users.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Interval {
    /// The mean itself.
    pub mean: f64,
    /// Its lower end.
    pub low: f64,
    /// Its upper end.
    pub high: f64,
}

/// The 95 % interval of the mean of these values.
#[must_use]
pub fn bootstrap(values: &[f64], seed: u64) -> Interval {
    resampled(values.len(), seed, mean(values), |users| {
        users.iter().map(|&user| values[user]).sum::<f64>() / users.len() as f64
    })
}

/// The 95 % interval of the mean difference `new` − `old`, the same users in both.
///
/// # Panics
/// When the two are not of the same users.
#[must_use]
pub fn paired(new: &[f64], old: &[f64], seed: u64) -> Interval {
    assert_eq!(new.len(), old.len(), "pairs of values of the same users");
    let differences: Vec<f64> = new.iter().zip(old).map(|(new, old)| new - old).collect();
    bootstrap(&differences, seed)
}

/// The interval of a figure that is computed from resampled places.
fn resampled(count: usize, seed: u64, figure: f64, of: impl Fn(&[usize]) -> f64) -> Interval {
    if count == 0 {
        return Interval { mean: figure, low: figure, high: figure };
    }
    let mut dice = Dice::new(seed);
    let mut sample = vec![0; count];
    let mut figures: Vec<f64> = (0..RESAMPLES)
        .map(|_| {
            sample.fill_with(|| dice.below(count));
            of(&sample)
        })
        .collect();
    figures.sort_by(f64::total_cmp);
    let (low, high) = (figures[RESAMPLES / 40], figures[RESAMPLES - 1 - RESAMPLES / 40]);
    Interval { mean: figure, low, high }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_interval_holds_the_mean_and_narrows_with_more_users() {
        let few: Vec<f64> = (0..40).map(|user| f64::from(user % 2)).collect();
        let many: Vec<f64> = (0..4_000).map(|user| f64::from(user % 2)).collect();

        let (few, many) = (bootstrap(&few, 1), bootstrap(&many, 1));
        assert!(few.low < 0.5 && few.high > 0.5);
        assert!(many.high - many.low < (few.high - few.low) / 5.0);
        assert_eq!(few, bootstrap(&(0..40).map(|user| f64::from(user % 2)).collect::<Vec<_>>(), 1));
    }

    #[test]
    fn a_small_but_steady_gain_is_seen_in_pairs() {
        let old: Vec<f64> = (0..200).map(|user| f64::from(user % 5)).collect();
        let new: Vec<f64> = old.iter().map(|value| value + 0.01).collect();

        assert!(paired(&new, &old, 1).low > 0.0);
    }
}
