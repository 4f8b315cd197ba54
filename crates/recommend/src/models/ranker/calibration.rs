//! Probabilities by score: isotonic regression by pooling adjacent violators.
//!
//! Not linfa-linear's: its 0.8.1 compares a pooled block with the block that it just swallowed instead of the one before
//! it, so it pools one block too many each time, and half of the probability was lost on planted data.
//!
//! Source: Ayer et al., "An empirical distribution function for sampling with incomplete information", 1955.

/// Groups that the rows are cut into, by score: enough for a curve, few enough to be quick to ask.
const GROUPS: usize = 64;

/// One group, or several that were pooled.
#[derive(Clone, Copy)]
struct Pool {
    weight: f64,
    taken: f64,
    groups: usize,
}

/// Scores, ascending, each with its probability, of rows of (score, taken); a row that was left weighs `left_weight`.
///
/// None without both kinds of rows. Costs O(n log n).
pub(super) fn calibrate(mut rows: Vec<(f32, bool)>, left_weight: f32) -> Vec<(f32, f32)> {
    rows.sort_by(|one, other| one.0.total_cmp(&other.0));
    let taken = rows.iter().filter(|row| row.1).count();
    if taken == 0 || taken == rows.len() {
        return Vec::new();
    }
    let groups: Vec<&[(f32, bool)]> = rows.chunks(rows.len().div_ceil(GROUPS)).collect();
    let mut pools: Vec<Pool> = Vec::new();
    for group in &groups {
        let taken = group.iter().filter(|row| row.1).count() as f64;
        let left = (group.len() as f64 - taken) * f64::from(left_weight);
        let mut pool = Pool { weight: taken + left, taken, groups: 1 };
        // Less often taken than the one below it: together they say what both say.
        while let Some(below) =
            pools.pop_if(|below| below.taken * pool.weight >= pool.taken * below.weight)
        {
            pool.weight += below.weight;
            pool.taken += below.taken;
            pool.groups += below.groups;
        }
        pools.push(pool);
    }
    let shares =
        pools.iter().flat_map(|pool| std::iter::repeat_n(pool.taken / pool.weight, pool.groups));
    let points = groups.iter().zip(shares);
    let mut points: Vec<(f32, f32)> = points
        .map(|(group, share)| (group[group.len() / 2].0, crate::numbers::narrow(share)))
        .collect();
    points.dedup_by_key(|point| point.0);
    points
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_never_fall_and_pooled_ones_say_what_both_say() {
        // Ten rows a group: of 640 rows, groups take 0, 1, 0, 5, 5 … of ten.
        let takes = |row: usize| match row / 10 {
            0 | 2 => false,
            1 => row == 10,
            _ => row.is_multiple_of(2),
        };
        let rows = (0..640).map(|row| (crate::numbers::count(row), takes(row))).collect();

        let points = calibrate(rows, 1.0);

        assert_eq!(points.len(), 64);
        assert!(points.is_sorted_by(|one, next| one.1 <= next.1));
        assert!(points[0].1.abs() < 1e-6);
        assert!(
            (points[1].1 - 0.05).abs() < 1e-6 && (points[2].1 - 0.05).abs() < 1e-6,
            "{points:?}"
        );
        assert!((points[63].1 - 0.5).abs() < 1e-6);
    }

    #[test]
    fn one_kind_of_rows_says_nothing() {
        assert!(calibrate(vec![(1.0, true), (2.0, true)], 1.0).is_empty());
        assert!(calibrate(Vec::new(), 1.0).is_empty());
    }
}
