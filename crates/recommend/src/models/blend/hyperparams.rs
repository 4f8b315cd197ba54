//! What can be set of the blend.

use linfa::ParamGuard;

use crate::error::{Error, Result, require};
use crate::numbers::count;

/// Parameters that may still be wrong.
#[derive(Clone, Debug, PartialEq)]
pub struct BlendParams(BlendValidParams);

/// Parameters that were checked.
#[derive(Clone, Debug, PartialEq)]
pub struct BlendValidParams {
    pub(super) windows: usize,
    pub(super) horizon_days: i64,
    pub(super) items_max: usize,
    pub(super) negatives: usize,
    pub(super) now_ms: Option<i64>,
    pub(super) seed: u64,
}

impl Default for BlendParams {
    fn default() -> BlendParams {
        BlendParams(BlendValidParams {
            windows: 3,
            horizon_days: 30,
            items_max: 5_000,
            negatives: 15,
            now_ms: None,
            seed: 1,
        })
    }
}

impl BlendParams {
    /// Three windows of 30 days, the 5,000 most-used items, 15 negatives for each positive.
    #[must_use]
    pub fn new() -> BlendParams {
        BlendParams::default()
    }

    /// How many windows before the present the heads learn on, where the data goes back so far; 1 to 24.
    #[must_use]
    pub const fn windows(mut self, windows: usize) -> BlendParams {
        self.0.windows = windows;
        self
    }

    /// What was not taken, for each that was, that the heads learn from; at least 1.
    #[must_use]
    pub const fn negatives(mut self, negatives: usize) -> BlendParams {
        self.0.negatives = negatives;
        self
    }

    /// How long a window is; 1 to 365 days.
    #[must_use]
    pub const fn horizon_days(mut self, days: i64) -> BlendParams {
        self.0.horizon_days = days;
        self
    }

    /// How many of the most-used items EASE is fitted on; from 2 to 20,000.
    #[must_use]
    pub const fn items_max(mut self, items: usize) -> BlendParams {
        self.0.items_max = items;
        self
    }

    /// The instant that is the present [default: that of the last row].
    #[must_use]
    pub const fn now_ms(mut self, now_ms: i64) -> BlendParams {
        self.0.now_ms = Some(now_ms);
        self
    }
}

impl ParamGuard for BlendParams {
    type Checked = BlendValidParams;
    type Error = Error;

    fn check_ref(&self) -> Result<&BlendValidParams> {
        let given = &self.0;
        require(
            (1..=24).contains(&given.windows),
            "windows",
            "from 1 to 24",
            count(given.windows),
        )?;
        let days = given.horizon_days;
        require(given.negatives > 0, "negatives", "at least 1", count(given.negatives))?;
        require((1..=365).contains(&days), "horizon_days", "from 1 to 365", days as f64)?;
        let items = given.items_max;
        require((2..=20_000).contains(&items), "items_max", "from 2 to 20,000", count(items))?;
        Ok(given)
    }

    fn check(self) -> Result<BlendValidParams> {
        self.check_ref()?;
        Ok(self.0)
    }
}
