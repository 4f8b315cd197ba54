//! What can be set of ALS.

use linfa::ParamGuard;

use crate::error::{Error, Result, require};
use crate::numbers::count;

/// Parameters that may still be wrong.
#[derive(Clone, Debug, PartialEq)]
pub struct AlsParams(AlsValidParams);

/// Parameters that were checked.
#[derive(Clone, Debug, PartialEq)]
pub struct AlsValidParams {
    pub(super) factors: usize,
    pub(super) sweeps: usize,
    pub(super) alpha: f32,
    pub(super) l2: f32,
    pub(super) seed: u64,
}

impl Default for AlsParams {
    fn default() -> AlsParams {
        AlsParams(AlsValidParams { factors: 64, sweeps: 15, alpha: 5.0, l2: 0.05, seed: 1 })
    }
}

impl AlsParams {
    /// 64 factors, 15 sweeps, an `alpha` of 5 and an `l2` of 0.05.
    #[must_use]
    pub fn new() -> AlsParams {
        AlsParams::default()
    }

    /// Length of a vector; from 1 to 512.
    #[must_use]
    pub const fn factors(mut self, factors: usize) -> AlsParams {
        self.0.factors = factors;
        self
    }

    /// How often rows, then items are solved; from 1 to 1,000.
    #[must_use]
    pub const fn sweeps(mut self, sweeps: usize) -> AlsParams {
        self.0.sweeps = sweeps;
        self
    }

    /// Confidence that a weight of 1 adds; finite and above 0.
    #[must_use]
    pub const fn alpha(mut self, alpha: f32) -> AlsParams {
        self.0.alpha = alpha;
        self
    }

    /// λ; finite and above 0.
    #[must_use]
    pub const fn l2(mut self, l2: f32) -> AlsParams {
        self.0.l2 = l2;
        self
    }
}

impl ParamGuard for AlsParams {
    type Checked = AlsValidParams;
    type Error = Error;

    fn check_ref(&self) -> Result<&AlsValidParams> {
        let given = &self.0;
        let holds = (1..=512).contains(&given.factors);
        require(holds, "factors", "from 1 to 512", count(given.factors))?;
        let holds = (1..=1_000).contains(&given.sweeps);
        require(holds, "sweeps", "from 1 to 1,000", count(given.sweeps))?;
        for (name, value) in [("alpha", given.alpha), ("l2", given.l2)] {
            require(value > 0.0 && value.is_finite(), name, "finite and above 0", value)?;
        }
        Ok(given)
    }

    fn check(self) -> Result<AlsValidParams> {
        self.check_ref()?;
        Ok(self.0)
    }
}
