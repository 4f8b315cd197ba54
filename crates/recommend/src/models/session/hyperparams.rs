//! What can be set of sessions.

use linfa::ParamGuard;

use crate::error::{Error, Result, require};
use crate::numbers::count;

/// Parameters that may still be wrong.
#[derive(Clone, Debug, PartialEq)]
pub struct SessionParams(pub(super) SessionValidParams);

/// Parameters that were checked.
#[derive(Clone, Debug, PartialEq)]
pub struct SessionValidParams {
    pub(super) sessions_max: usize,
    pub(super) neighbours: usize,
    pub(super) clicks_max: usize,
    /// Clicks back after which a shared item weighs 1/e.
    pub(super) click_decay: f32,
    /// Days back after which a session weighs 1/e.
    pub(super) age_decay_days: f64,
    /// Places away from the shared item at which another one weighs 1/e.
    pub(super) distance_decay: f32,
    /// What an item before the shared one weighs, of one after it.
    pub(super) backward: f32,
    /// Power of the inverse document frequency of a scored item.
    pub(super) rarity: f32,
    /// What direct successors of the last item weigh beside neighbours.
    pub(super) successors: f32,
    /// What items that were clicked in this session keep of their score.
    pub(super) again: f32,
}

impl Default for SessionParams {
    fn default() -> SessionParams {
        SessionParams(SessionValidParams {
            sessions_max: 500,
            neighbours: 300,
            clicks_max: 10,
            click_decay: 1.5,
            age_decay_days: 20.0,
            distance_decay: 2.0,
            backward: 0.8,
            rarity: 0.3,
            successors: 0.5,
            again: 0.6,
        })
    }
}

impl SessionParams {
    /// The 500 latest sessions of each of the last ten items, 300 neighbours.
    #[must_use]
    pub fn new() -> SessionParams {
        SessionParams::default()
    }

    /// How many sessions of an item are looked at, the latest; from 1 to 10,000.
    #[must_use]
    pub const fn sessions_max(mut self, sessions: usize) -> SessionParams {
        self.0.sessions_max = sessions;
        self
    }

    /// How many of them score items, the most similar; from 1 to 10,000.
    #[must_use]
    pub const fn neighbours(mut self, neighbours: usize) -> SessionParams {
        self.0.neighbours = neighbours;
        self
    }
}

impl ParamGuard for SessionParams {
    type Checked = SessionValidParams;
    type Error = Error;

    fn check_ref(&self) -> Result<&SessionValidParams> {
        let given = &self.0;
        for (name, value) in [
            ("sessions_max", given.sessions_max),
            ("neighbours", given.neighbours),
            ("clicks_max", given.clicks_max),
        ] {
            require((1..=10_000).contains(&value), name, "from 1 to 10,000", count(value))?;
        }
        for (name, value) in [
            ("click_decay", given.click_decay),
            ("age_decay_days", crate::numbers::narrow(given.age_decay_days)),
            ("distance_decay", given.distance_decay),
        ] {
            require(value > 0.0 && value.is_finite(), name, "finite and above 0", value)?;
        }
        for (name, value) in [
            ("backward", given.backward),
            ("rarity", given.rarity),
            ("successors", given.successors),
            ("again", given.again),
        ] {
            require((0.0..=10.0).contains(&value), name, "from 0 to 10", value)?;
        }
        Ok(given)
    }

    fn check(self) -> Result<SessionValidParams> {
        self.check_ref()?;
        Ok(self.0)
    }
}
