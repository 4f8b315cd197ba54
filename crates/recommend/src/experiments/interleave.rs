//! Two rankings mixed into one list, so that each visitor compares them without knowing.
//!
//! Team draft (Radlinski, Kurup, Joachims, "How does clickthrough data reflect retrieval quality?", CIKM 2008): the rankings
//! take turns like two captains, who goes first in each round is chance, and each takes its best item that is not on the list
//! yet. A click counts for the ranking that brought the item.

use std::collections::HashSet;

use crate::numbers::Dice;

/// Which of two rankings brought an item.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Team {
    /// The first.
    One,
    /// The second.
    Other,
}

/// At most `length` items of two rankings, each once, with who brought it; the same for the same seed.
///
/// The teams differ by at most one as long as both rankings have something left. O(length of the rankings).
#[must_use]
pub fn team_draft(one: &[u32], other: &[u32], length: usize, seed: u64) -> Vec<(u32, Team)> {
    let mut dice = Dice::new(seed);
    let (mut drafted, mut taken) = (Vec::with_capacity(length), HashSet::new());
    let (mut ones, mut others) = (one.iter().copied(), other.iter().copied());
    while drafted.len() < length {
        let first = if dice.below(2) == 0 { Team::One } else { Team::Other };
        let mut picked = false;
        for team in [first, first.opponent()] {
            let ranking = if team == Team::One { &mut ones } else { &mut others };
            let best = ranking.find(|item| !taken.contains(item));
            if let Some(item) = best.filter(|_| drafted.len() < length) {
                taken.insert(item);
                drafted.push((item, team));
                picked = true;
            }
        }
        if !picked {
            break;
        }
    }
    drafted
}

impl Team {
    const fn opponent(self) -> Team {
        match self {
            Team::One => Team::Other,
            Team::Other => Team::One,
        }
    }
}
