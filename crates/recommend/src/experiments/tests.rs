//! Who gets what, how lists are mixed, and that looking often finds nothing where nothing is.

use proptest::prelude::*;

use super::judge::chi_square;
use super::*;
use crate::numbers::Dice;

proptest! {
    #[test]
    fn a_visitor_gets_the_same_variant_always(
        experiment in 1_i64..1_000,
        visitor in ".{0,40}",
        weights in prop::collection::vec(0_u32..1_000, 1..10),
    ) {
        let variant = assign(experiment, &visitor, &weights);

        prop_assert_eq!(variant, assign(experiment, &visitor, &weights));
        prop_assert!(weights[variant] > 0 || weights.iter().all(|&weight| weight == 0));
    }

    #[test]
    fn a_variant_that_is_not_weighed_less_keeps_its_visitors(visitor in ".{0,40}", more in 1_u32..50) {
        // Room is made at the end: who had the first variant has it still.
        let before = assign(1, &visitor, &[50, 50]);
        let after = assign(1, &visitor, &[50 + more, 50 - more.min(50)]);

        prop_assert!(before == 1 || after == 0);
    }

    #[test]
    fn each_variant_gets_its_share(experiment in 1_i64..1_000, one in 1_u32..10, other in 1_u32..10) {
        let weights = [one, other, 0];
        let mut visitors = [0_u64; 3];
        for visitor in 0..4_000 {
            visitors[assign(experiment, &format!("visitor {visitor}"), &weights)] += 1;
        }

        prop_assert_eq!(visitors[2], 0);
        let (p, _) = shares_fit(&visitors, &weights);
        prop_assert!(p > 1e-6, "{visitors:?} for {weights:?}: {p}");
    }

    #[test]
    fn a_draft_has_the_best_of_both_once_and_is_fair(
        one in prop::collection::vec(0_u32..30, 0..20),
        other in prop::collection::vec(0_u32..30, 0..20),
        length in 0_usize..25,
        seed in any::<u64>(),
    ) {
        let drafted = team_draft(&one, &other, length, seed);

        prop_assert_eq!(&drafted, &team_draft(&one, &other, length, seed));
        let mut items: Vec<u32> = drafted.iter().map(|it| it.0).collect();
        let count = items.len();
        items.sort_unstable();
        items.dedup();
        prop_assert_eq!(items.len(), count, "an item comes once");
        let mut all = [one.clone(), other.clone()].concat();
        all.sort_unstable();
        all.dedup();
        prop_assert_eq!(count, length.min(all.len()), "nothing is left out while there is room");
        for (team, ranking) in [(Team::One, &one), (Team::Other, &other)] {
            let places = drafted.iter().filter(|it| it.1 == team);
            let places: Vec<_> =
                places.map(|it| ranking.iter().position(|item| *item == it.0)).collect();
            prop_assert!(places.iter().all(Option::is_some), "a team has what its ranking has");
            prop_assert!(places.is_sorted(), "the better first");
        }
    }

    #[test]
    fn rankings_with_nothing_in_common_bring_as_much_in_every_round(
        count in 0_u32..12,
        length in 0_usize..25,
        seed in any::<u64>(),
    ) {
        let (one, other): (Vec<u32>, Vec<u32>) = ((0..count).collect(), (100..100 + count).collect());
        let drafted = team_draft(&one, &other, length, seed);

        for round in drafted.chunks_exact(2) {
            prop_assert_ne!(round[0].1, round[1].1);
        }
    }

    #[test]
    fn clicks_of_chance_favour_no_ranking(seed in any::<u64>()) {
        let (one, other) = ([1, 2, 3, 4, 5, 6], [6, 5, 4, 3, 2, 1]);
        let mut dice = Dice::new(seed);
        let mut won = [0_u64; 2];
        for _ in 0..4_000 {
            let list = team_draft(&one, &other, 6, dice.next());
            won[usize::from(list[dice.below(6)].1 == Team::Other)] += 1;
        }
        let (p, _) = shares_fit(&won, &[1, 1]);
        prop_assert!(p > 1e-6, "{won:?}");
    }
}

/// Two variants whose visitors buy with these chances, looked at after every fiftieth visitor: the first look that says
/// something.
fn watched(chances: [f64; 2], visitors: u64, seed: u64) -> Option<(u64, Finding)> {
    let mut dice = Dice::new(seed);
    let (mut seen, mut bought) = ([0_u64; 2], [0_u64; 2]);
    for visitor in 0..visitors {
        let variant = dice.below(2);
        seen[variant] += 1;
        let thrown = dice.below(1_000_000) as f64 / 1e6;
        bought[variant] += u64::from(thrown < chances[variant]);
        if visitor % 50 == 49 {
            let of = |variant: usize| Mean::share(seen[variant], bought[variant]);
            let finding = compare(&of(0), &of(1), 1).map(|found| found.finding());
            if let Some(found @ (Finding::Better | Finding::Worse)) = finding {
                return Some((visitor, found));
            }
        }
    }
    None
}

#[test]
fn looking_four_hundred_times_finds_nothing_where_nothing_is() {
    let alarms = (0..300).filter(|&seed| watched([0.05, 0.05], 20_000, seed).is_some()).count();

    assert!(alarms <= 15, "{alarms} false alarms in 300 experiments");
}

#[test]
fn a_gain_is_found_and_its_direction_is_right() {
    let found: Vec<_> =
        (0..50).filter_map(|seed| watched([0.05, 0.07], 20_000, seed)).map(|it| it.1).collect();

    assert!(found.len() >= 45, "{} of 50 are found", found.len());
    assert!(found.iter().filter(|it| **it == Finding::Better).count() >= found.len() - 1);
}

#[test]
fn few_visitors_and_no_purchase_at_all_say_nothing() {
    assert_eq!(compare(&Mean::share(99, 1), &Mean::share(5_000, 900), 1), None);
    assert_eq!(compare(&Mean::share(500, 0), &Mean::share(500, 0), 1), None);
    let one = compare(&Mean::share(5_000, 250), &Mean::share(5_000, 350), 1).unwrap();
    let many = compare(&Mean::share(5_000, 250), &Mean::share(5_000, 350), 9).unwrap();
    assert!(one.p < many.p && one.high < many.high, "more comparisons, more caution");
}

#[test]
fn an_interval_and_its_p_value_say_the_same() {
    for bought in [250, 280, 290, 300, 310, 320, 330, 350] {
        let found = compare(&Mean::share(5_000, 250), &Mean::share(5_000, bought), 1).unwrap();

        assert_eq!(found.p < 0.05, found.finding() == Finding::Better, "{found:?}");
    }
    assert_eq!(preference(Preference { one: 40, other: 50 }), None);
    let even = preference(Preference { one: 500, other: 520 }).unwrap();
    assert_eq!(even.finding(), Finding::Open);
    let clear = preference(Preference { one: 700, other: 300 }).unwrap();
    assert_eq!(clear.finding(), Finding::Worse);
    assert!(clear.p < 0.001);
}

#[test]
fn shares_that_do_not_fit_are_told_from_chance() {
    assert!(shares_fit(&[5_000, 5_100], &[1, 1]).1);
    assert!(!shares_fit(&[5_000, 5_600], &[1, 1]).1);
    assert!(shares_fit(&[9_000, 1_010], &[90, 10]).1);
    assert!(!shares_fit(&[9_000, 1_010, 0], &[80, 10, 10]).1);
    assert_eq!(shares_fit(&[0, 0], &[1, 1]), (1.0, true), "before anybody came");
}

#[test]
fn the_tail_of_chi_square_is_that_of_the_tables() {
    // Abramowitz and Stegun, table 26.8.
    for (freedom, x, p) in [
        (1, 3.84146, 0.05),
        (2, 9.21034, 0.01),
        (3, 16.2662, 0.001),
        (4, 9.48773, 0.05),
        (7, 14.0671, 0.05),
    ] {
        let found = chi_square(x, freedom);
        assert!((found - p).abs() < 2e-6, "{freedom}: {found}");
    }
}
