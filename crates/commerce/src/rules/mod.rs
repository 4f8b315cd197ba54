//! Rules: what the staff wants search to do where certain conditions hold.
//!
//! A rule is checked when it is written (`check`), and what it names must exist then; what is deleted later is passed
//! over by search. A row that a script wrote and nobody can read takes no part in search, and stands in the lists of the staff
//! as [`State::Unreadable`], without conditions and actions. Times pass without a row: who reads a rule compares them.
//!
//! Table owned: `rules`.

mod check;
mod difference;
mod named;
mod ops;
mod sql;
#[cfg(test)]
mod tests;

pub use difference::Difference;
use jiff::Timestamp;
pub use named::Lost;
pub use ops::{apply, create, enabled, examine, find, get, list, lock, lost, remove, update};
use serde::{Deserialize, Serialize};
use souk_base::{Action, Condition, MarketCode, Rule};

/// Most conditions of a rule.
pub const CONDITIONS_MAX: usize = 100;
/// Most actions of a rule.
pub const ACTIONS_MAX: usize = 200;
/// The last place that a product can be put at.
pub const POSITION_MAX: u16 = 100;
/// Most percent that a score is raised by.
pub const BOOST_MAX: u16 = 900;
/// Most percent that a score is lowered by.
pub const BURY_MAX: u16 = 100;
/// The last kind of customer that there can be: models tell at most so many apart.
pub const SEGMENT_MAX: u16 = 50;
/// Longest text of a condition or action, in characters.
pub const TEXT_LENGTH_MAX: usize = 512;

/// A rule as it is written: all of it but its key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewRule {
    /// What the staff calls it; no two rules have the same name.
    pub name: String,
    /// Whether it can take part at all; true when not said.
    #[serde(default = "yes")]
    pub enabled: bool,
    /// From -1,000 to 1,000; 0 when not said.
    #[serde(default)]
    pub priority: i32,
    /// The market it is for; none for all.
    #[serde(default)]
    pub market: Option<MarketCode>,
    /// Where it takes part; everywhere without any.
    #[serde(default)]
    pub conditions: Vec<Condition>,
    /// What it does; at least one thing.
    pub actions: Vec<Action>,
    /// From when on.
    #[serde(default)]
    pub starts_at: Option<Timestamp>,
    /// Until right before when.
    #[serde(default)]
    pub ends_at: Option<Timestamp>,
}

const fn yes() -> bool {
    true
}

impl From<Rule> for NewRule {
    fn from(rule: Rule) -> NewRule {
        let Rule { name, enabled, priority, market, conditions, actions, .. } = rule;
        let (starts_at, ends_at) = (rule.starts_at, rule.ends_at);
        NewRule { name, enabled, priority, market, conditions, actions, starts_at, ends_at }
    }
}

/// Whether a rule takes part, and if not, why.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// It takes part.
    Live,
    /// Its time has not come yet.
    Scheduled,
    /// Its time is over.
    Ended,
    /// Somebody switched it off.
    Off,
    /// A script wrote it as nobody can read it.
    Unreadable,
}

impl State {
    /// Every state, in the order of lists.
    pub const ALL: [State; 5] =
        [State::Live, State::Scheduled, State::Ended, State::Off, State::Unreadable];

    /// The state of a rule at this instant.
    #[must_use]
    pub fn of(rule: &Rule, now: Timestamp) -> State {
        if rule.actions.is_empty() {
            State::Unreadable
        } else if !rule.enabled {
            State::Off
        } else if rule.ends_at.is_some_and(|end| end <= now) {
            State::Ended
        } else if rule.starts_at.is_some_and(|start| now < start) {
            State::Scheduled
        } else {
            State::Live
        }
    }

    /// The state as it is named outside.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            State::Live => "live",
            State::Scheduled => "scheduled",
            State::Ended => "ended",
            State::Off => "off",
            State::Unreadable => "unreadable",
        }
    }
}

/// Which rules a list shows; what is none does not narrow it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Filter {
    /// A part of the name, or of a text in conditions and actions.
    pub text: Option<String>,
    /// Those for this market, and those for all.
    pub market: Option<MarketCode>,
    /// Those in this state.
    #[serde(skip)]
    pub state: Option<State>,
}
