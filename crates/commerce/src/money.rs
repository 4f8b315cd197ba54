//! Sharing and rounding money: whole minor units, and every sum exact.
//!
//! **Invariant**: what is shared adds up to what there was; no fraction is lost and none appears.

/// Basis points in one whole.
pub const WHOLE_BP: i64 = 10_000;

/// Shares an amount in proportion to weights, by largest remainder; of equal remainders the earlier gets the unit. With
/// no weight above zero, the first gets everything; with no weights, there is nobody to share with.
///
/// An amount below zero is shared like its opposite. Negative weights count as zero.
#[must_use]
pub fn allocate(minor: i64, weights: &[i64]) -> Vec<i64> {
    let weights: Vec<i128> = weights.iter().map(|&weight| i128::from(weight.max(0))).collect();
    let total: i128 = weights.iter().sum();
    let amount = i128::from(minor.unsigned_abs());
    if total == 0 {
        let mut shares = vec![0; weights.len()];
        if let Some(first) = shares.first_mut() {
            *first = minor;
        }
        return shares;
    }
    let mut shares: Vec<i128> = weights.iter().map(|weight| amount * weight / total).collect();
    let left = amount - shares.iter().sum::<i128>();
    let mut order: Vec<usize> = (0..weights.len()).collect();
    order.sort_by_key(|&at| (-(amount * weights[at] % total), at));
    // Fewer units are left than there are weights, since each lost less than one.
    for &at in order.iter().take(usize::try_from(left).unwrap_or_default()) {
        shares[at] += 1;
    }
    let sign = i128::from(minor.signum());
    let narrow = |share: i128| i64::try_from(share * sign).expect("a share is at most the amount");
    shares.into_iter().map(narrow).collect()
}

/// A part of an amount in basis points, half a unit rounded away from zero.
#[must_use]
pub fn part(minor: i64, rate_bp: i64) -> i64 {
    divide(i128::from(minor) * i128::from(rate_bp), i128::from(WHOLE_BP))
}

/// The tax that is contained in an amount, half a unit rounded away from zero.
#[must_use]
pub fn contained_tax(gross_minor: i64, rate_bp: i64) -> i64 {
    let numerator = i128::from(gross_minor) * i128::from(rate_bp);
    divide(numerator, i128::from(WHOLE_BP) + i128::from(rate_bp))
}

/// What rounding to the step adds, half a step rounded up; a step of one adds nothing.
#[must_use]
pub fn rounding(minor: i64, step: i64) -> i64 {
    let step = step.max(1);
    let over = minor.rem_euclid(step);
    if over * 2 >= step && over > 0 { step - over } else { -over }
}

/// The share of the first `count` of `of` units in an amount, so that the shares of all units one after the other add up
/// to it.
#[must_use]
pub fn share_of_units(minor: i64, count: i32, of: i32) -> i64 {
    let share = i128::from(minor) * i128::from(count) / i128::from(of.max(1));
    i64::try_from(share).expect("a share is at most the amount")
}

fn divide(numerator: i128, denominator: i128) -> i64 {
    let half = denominator / 2;
    let rounded = if numerator < 0 { numerator - half } else { numerator + half } / denominator;
    i64::try_from(rounded).expect("a part in basis points of at most one whole fits")
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::proptest;

    use super::*;

    proptest! {
        #[test]
        fn shares_add_up_and_are_in_proportion_to_less_than_a_unit(
            minor in -1_000_000_000_000_i64..1_000_000_000_000,
            weights in vec(0_i64..1_000_000_000_000, 1..30),
        ) {
            let shares = allocate(minor, &weights);

            assert_eq!(shares.iter().sum::<i64>(), minor);
            let total: i128 = weights.iter().map(|&weight| i128::from(weight)).sum();
            for (share, weight) in shares.iter().zip(&weights).filter(|_| total > 0) {
                let off = i128::from(*share) * total - i128::from(minor) * i128::from(*weight);
                assert!(off.abs() < total);
            }
        }

        #[test]
        fn units_given_back_one_by_one_give_back_everything(
            minor in 0_i64..1_000_000_000, of in 1_i32..1_000, first in 0_i32..1_000,
        ) {
            let first = first.min(of);
            let given = share_of_units(minor, first, of);
            let rest = share_of_units(minor, of, of) - given;

            assert_eq!(given + rest, minor);
            assert!(given >= 0 && rest >= 0);
        }

        #[test]
        fn a_rounded_total_is_a_whole_number_of_steps_and_off_by_half_a_step_at_most(
            minor in 0_i64..1_000_000_000, step in 1_i64..500,
        ) {
            let added = rounding(minor, step);

            assert_eq!((minor + added) % step, 0);
            assert!(added.abs() * 2 <= step);
        }

        #[test]
        fn contained_tax_is_what_adding_it_to_the_net_amount_gives(
            gross in 0_i64..1_000_000_000, rate_bp in 0_i64..3_000,
        ) {
            let tax = contained_tax(gross, rate_bp);

            assert!((part(gross - tax, rate_bp) - tax).abs() <= 1);
        }
    }

    #[test]
    fn equal_remainders_go_to_the_earlier() {
        assert_eq!(allocate(100, &[1, 1, 1]), [34, 33, 33]);
        assert_eq!(allocate(-100, &[1, 1, 1]), [-34, -33, -33]);
        assert_eq!(allocate(5, &[0, 0]), [5, 0]);
        assert_eq!(allocate(5, &[]), [0; 0]);
        assert_eq!((part(1_005, 1_500), contained_tax(1_150, 1_500)), (151, 150));
        assert_eq!([rounding(12_345, 10), rounding(12_344, 10), rounding(7, 1)], [5, -4, 0]);
    }
}
