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
    /// Clicks back of the latest shared item after which a session's items weigh 1/e.
    pub(super) match_decay: f32,
    /// A session's similarity is divided by its length to this power.
    pub(super) length_power: f32,
    /// Days back after which a session weighs 1/e.
    pub(super) age_decay_days: f64,
    /// Places away from the shared item at which another one weighs 1/e.
    pub(super) distance_decay: f32,
    /// What an item before the shared one weighs, of one after it.
    pub(super) backward: f32,
    /// What the inverse document frequency of a scored item adds.
    pub(super) rarity: f32,
    /// What direct successors of the last item weigh beside neighbours.
    pub(super) successors: f32,
    /// What items that were clicked in this session keep of their score.
    pub(super) again: f32,
}

impl Default for SessionParams {
    fn default() -> SessionParams {
        SessionParams(SessionValidParams {
            sessions_max: 1_000,
            neighbours: 1_000,
            clicks_max: 10,
            click_decay: 4.0,
            match_decay: 1.0,
            length_power: 0.0,
            age_decay_days: 5.0,
            distance_decay: 2.5,
            backward: 1.0,
            rarity: 2.0,
            successors: 0.15,
            again: 1.0,
        })
    }
}

impl SessionParams {
    /// The 1,000 latest sessions of each of the last ten items, 1,000 neighbours.
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
            ("match_decay", given.match_decay),
            ("age_decay_days", crate::numbers::narrow(given.age_decay_days)),
            ("distance_decay", given.distance_decay),
        ] {
            require(value > 0.0 && value.is_finite(), name, "finite and above 0", value)?;
        }
        for (name, value) in [
            ("length_power", given.length_power),
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
