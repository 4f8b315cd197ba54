//! What a shopper's purchases make expect, judged once for as long as nothing changes: ranking hundreds of candidates takes
//! longer than all else of an answer, and people ask for several in a row.

use std::hash::{Hash, Hasher};
use std::sync::{Arc, Mutex, PoisonError};

use rustc_hash::FxHasher;

use crate::models::{ItemScore, Visit};

/// How long an expectation stands: its features count days.
const HOUR_MS: i64 = 3_600_000;

/// Candidates with the probability that they are taken next, the best first.
pub(super) type Expected = Arc<[ItemScore]>;

/// The latest expectation of a history. It goes with the history: a copy, which is about to become another history, begins
/// without.
#[derive(Debug, Default)]
pub struct Remembered(Mutex<Option<(u64, Expected)>>);

impl Remembered {
    /// What was expected of these purchases by this model within the hour, or what `judge` says now.
    pub(super) fn or_judge(
        &self,
        model: u64,
        purchases: &[Visit],
        now_ms: i64,
        judge: impl FnOnce() -> Vec<ItemScore>,
    ) -> Expected {
        let stamp = stamp(model, purchases, now_ms);
        if let Some((of, expected)) = &*self.0.lock().unwrap_or_else(PoisonError::into_inner)
            && *of == stamp
        {
            return expected.clone();
        }
        let expected: Expected = judge().into();
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *known = Some((stamp, expected.clone()));
        expected
    }
}

fn stamp(model: u64, purchases: &[Visit], now_ms: i64) -> u64 {
    let mut hasher = FxHasher::default();
    (model, now_ms.div_euclid(HOUR_MS), purchases.len()).hash(&mut hasher);
    purchases.iter().for_each(|visit| (visit.item, visit.time_ms).hash(&mut hasher));
    hasher.finish()
}

impl Clone for Remembered {
    fn clone(&self) -> Remembered {
        Remembered::default()
    }
}

/// Histories are the same when the same was done.
impl PartialEq for Remembered {
    fn eq(&self, _: &Remembered) -> bool {
        true
    }
}

impl Eq for Remembered {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_expectation_is_judged_anew_when_something_changes() {
        let remembered = Remembered::default();
        let bought = |item| vec![Visit { item, time_ms: 1 }];
        let ask = |model, purchases: &[Visit], now_ms, score| {
            let judge = || vec![ItemScore { item: 7, score }];
            remembered.or_judge(model, purchases, now_ms, judge)[0].score
        };

        assert_eq!(ask(1, &bought(1), 0, 0.1), 0.1);
        assert_eq!(ask(1, &bought(1), HOUR_MS - 1, 0.2), 0.1, "nothing changed");
        assert_eq!(ask(1, &bought(2), 0, 0.3), 0.3, "other purchases");
        assert_eq!(ask(2, &bought(2), 0, 0.4), 0.4, "another model");
        assert_eq!(ask(2, &bought(2), HOUR_MS, 0.5), 0.5, "another hour");
    }
}
