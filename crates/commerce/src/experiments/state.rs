//! Where an experiment stands, and every move. Pure: no I/O, no clock.
//!
//! ```text
//! draft ── start ──► running ── stop ──► stopped
//! ```

use serde::{Deserialize, Serialize};

/// Where an experiment stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// It is being put together; nobody sees it.
    Draft,
    /// Visitors get its variants.
    Running,
    /// It is over for good: who comes back would not be the same visitor as before.
    Stopped,
}

/// What can be done to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Move {
    /// Show it.
    Start,
    /// End it.
    Stop,
}

/// A move that is not allowed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("an experiment that is {} cannot {}", .from.code(), .wanted.verb())]
pub struct IllegalMove {
    /// Where it stands.
    pub from: State,
    /// What was wanted.
    pub wanted: Move,
}

impl State {
    /// Every state.
    pub const ALL: [State; 3] = [State::Draft, State::Running, State::Stopped];

    /// The state after a move.
    ///
    /// # Errors
    /// [`IllegalMove`] where it cannot be done.
    pub const fn next(self, wanted: Move) -> Result<State, IllegalMove> {
        match (self, wanted) {
            (State::Draft, Move::Start) => Ok(State::Running),
            (State::Running, Move::Stop) => Ok(State::Stopped),
            (from, wanted) => Err(IllegalMove { from, wanted }),
        }
    }

    /// Its name in the table and at the outside.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            State::Draft => "draft",
            State::Running => "running",
            State::Stopped => "stopped",
        }
    }
}

impl Move {
    /// Every move.
    pub const ALL: [Move; 2] = [Move::Start, Move::Stop];

    const fn verb(self) -> &'static str {
        match self {
            Move::Start => "start",
            Move::Stop => "stop",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_experiment_starts_once_and_stops_for_good() {
        assert_eq!(State::Draft.next(Move::Start), Ok(State::Running));
        assert_eq!(State::Running.next(Move::Stop), Ok(State::Stopped));
        let legal = State::ALL.into_iter().flat_map(|from| Move::ALL.map(|to| from.next(to)));
        assert_eq!(legal.filter(Result::is_ok).count(), 2);
        let again = State::Stopped.next(Move::Start).unwrap_err();
        assert_eq!(again.to_string(), "an experiment that is stopped cannot start");
    }
}
