//! Evaluation that cannot flatter: train before a moment, test after it, rank everything.

use std::collections::BTreeSet;

use crate::event::{Event, Events};
use crate::numbers::Dice;

/// What one user had before the cut and took after it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TemporalCase {
    /// Who.
    pub user: u32,
    /// Items after the cut that anyone had before it, each once, ascending.
    pub relevant: Vec<u32>,
    /// Those among them that this user never had before.
    pub new: Vec<u32>,
}

/// Rows before the cut, and a case for every user with rows on both sides.
#[must_use]
pub fn temporal(events: &Events, cut_ms: i64) -> (Events, Vec<TemporalCase>) {
    window(events, i64::MIN, cut_ms, i64::MAX)
}

/// The same of a window: train in `from_ms..cut_ms`, test in `cut_ms..to_ms`.
pub(crate) fn window(
    events: &Events,
    from_ms: i64,
    cut_ms: i64,
    to_ms: i64,
) -> (Events, Vec<TemporalCase>) {
    let train = events.between(from_ms, cut_ms);
    let test = events.between(cut_ms, to_ms);
    let mut known = vec![false; events.item_count()];
    train.rows().iter().for_each(|row| known[row.item as usize] = true);
    let mut cases = Vec::new();
    for user in 0..events.user_count() {
        let (before, after) = (train.of(user), test.of(user));
        if before.is_empty() || after.is_empty() {
            continue;
        }
        let had = before.iter().map(|row| row.item).collect::<BTreeSet<_>>();
        let after = after.iter().map(|row| row.item).filter(|&item| known[item as usize]);
        let relevant = after.collect::<BTreeSet<_>>();
        let new = relevant.difference(&had).copied().collect();
        let relevant = relevant.into_iter().collect::<Vec<_>>();
        if !relevant.is_empty() {
            cases.push(TemporalCase { user: crate::numbers::index(user), relevant, new });
        }
    }
    (train, cases)
}

/// A later basket without one of its lines.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HiddenLine {
    /// Which basket.
    pub basket: u32,
    /// The lines that are shown, ascending.
    pub shown: Vec<u32>,
    /// The line that is to be found.
    pub hidden: u32,
}

/// Fewest and most lines of a basket that says something.
pub(crate) const LINES: std::ops::RangeInclusive<usize> = 3..=100;

/// Baskets of 3–100 lines that begin before the cut, and one hidden line of each later one.
///
/// A hidden item that nobody bought before is a case like any other: it cannot be found.
#[must_use]
pub fn hidden_lines(events: &Events, cut_ms: i64, seed: u64) -> (Events, Vec<HiddenLine>) {
    let mut train: Vec<Event> = Vec::new();
    let mut cases = Vec::new();
    let mut dice = Dice::new(seed);
    for basket in 0..events.user_count() {
        let rows = events.of(basket);
        let mut lines: Vec<u32> = rows.iter().map(|row| row.item).collect();
        lines.sort_unstable();
        lines.dedup();
        if !LINES.contains(&lines.len()) {
            continue;
        }
        if rows[0].time_ms < cut_ms {
            train.extend_from_slice(rows);
        } else {
            let hidden = lines.remove(dice.below(lines.len()));
            cases.push(HiddenLine { basket: rows[0].user, shown: lines, hidden });
        }
    }
    (Events::new(train, events.user_count(), events.item_count()), cases)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(user: u32, item: u32, time_ms: i64) -> Event {
        Event { user, item, time_ms }
    }

    #[test]
    fn only_users_on_both_sides_and_items_known_before_the_cut_are_tested() {
        let rows = vec![
            row(0, 0, 1), // before: 0
            row(0, 0, 5), // again after the cut
            row(0, 1, 5), // new to this user, known from user 1
            row(0, 2, 5), // nobody had it before
            row(1, 1, 2), // never comes back
            row(2, 0, 6), // was never here before
        ];
        let (train, cases) = temporal(&Events::new(rows, 3, 3), 5);

        assert_eq!(train.rows().len(), 2);
        assert_eq!(cases, [TemporalCase { user: 0, relevant: vec![0, 1], new: vec![1] }]);
    }

    #[test]
    fn one_line_of_each_later_basket_is_hidden() {
        let mut rows = vec![row(0, 0, 1), row(0, 1, 1), row(0, 2, 1), row(1, 0, 9), row(1, 1, 9)];
        rows.extend([row(2, 3, 9), row(2, 1, 9), row(2, 0, 9), row(2, 0, 9)]);
        let (train, cases) = hidden_lines(&Events::new(rows, 3, 4), 5, 1);

        assert_eq!(train.rows().len(), 3);
        assert_eq!(cases.len(), 1, "a basket of two lines is no case");
        let mut lines = cases[0].shown.clone();
        lines.push(cases[0].hidden);
        lines.sort_unstable();
        assert_eq!(lines, [0, 1, 3]);
    }
}
