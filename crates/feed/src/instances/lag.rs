//! How old the oldest change is that search does not have.
//!
//! The stream of a feed that stands still says nothing, so age is taken from outside: where the log ended,
//! and when. Once search has passed such an end, everything committed until then is in it.

use std::collections::VecDeque;
use std::time::Duration;

use souk_base::Position;
use tokio::time::Instant;

/// Measurements kept; when there are more, every second one goes.
const LENGTH_MAX: usize = 1_024;

/// Where the log ended, and when; both only grow.
#[derive(Debug, Default)]
pub(super) struct Lag(VecDeque<(Position, Instant)>);

impl Lag {
    /// The log ends here now.
    pub(super) fn measured(&mut self, end: Position, now: Instant) {
        match self.0.back() {
            Some(&(last, _)) if last == end => return,
            // An older copy of the database came back: what was measured is about another log.
            Some(&(last, _)) if last > end => self.0.clear(),
            _ => {}
        }
        self.0.push_back((end, now));
        if self.0.len() > LENGTH_MAX {
            let mut keeps = false;
            self.0.retain(|_| {
                keeps = !keeps;
                keeps
            });
        }
    }

    /// How long ago the log ended somewhere that search has not reached yet; zero if it is up to date.
    pub(super) fn behind(&mut self, position: Position, now: Instant) -> Duration {
        while self.0.front().is_some_and(|&(end, _)| end <= position) {
            self.0.pop_front();
        }
        self.0.front().map(|&(_, at)| now.saturating_duration_since(at)).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_feed_is_as_far_behind_as_its_oldest_missing_change() {
        let start = Instant::now();
        let after = |seconds| start + Duration::from_secs(seconds);
        let mut lag = Lag::default();
        for second in 0..10 {
            lag.measured(Position(100 + second), after(second));
        }

        assert_eq!(lag.behind(Position(99), after(20)), Duration::from_secs(20));
        assert_eq!(lag.behind(Position(104), after(20)), Duration::from_secs(15));
        assert_eq!(lag.behind(Position(109), after(20)), Duration::ZERO);
    }

    #[test]
    fn days_of_standing_still_are_remembered_in_little_space() {
        let start = Instant::now();
        let mut lag = Lag::default();
        for second in 0..200_000 {
            lag.measured(Position(second + 1), start + Duration::from_secs(second));
        }

        assert!(lag.0.len() <= LENGTH_MAX);
        let now = start + Duration::from_secs(200_000);
        assert_eq!(lag.behind(Position(0), now), Duration::from_secs(200_000));
    }

    #[test]
    fn a_log_that_begins_again_counts_from_now() {
        let start = Instant::now();
        let mut lag = Lag::default();
        lag.measured(Position(100), start);

        lag.measured(Position(50), start + Duration::from_secs(5));

        assert_eq!(
            lag.behind(Position(40), start + Duration::from_secs(6)),
            Duration::from_secs(1)
        );
    }
}
