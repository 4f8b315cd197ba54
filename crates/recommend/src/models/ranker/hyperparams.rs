//! What can be set of the ranker.

use linfa::ParamGuard;

use crate::error::{Error, Result, require};
use crate::numbers::count;

/// Parameters that may still be wrong.
#[derive(Clone, Debug, PartialEq)]
pub struct RankerParams(RankerValidParams);

/// Parameters that were checked.
#[derive(Clone, Debug, PartialEq)]
pub struct RankerValidParams {
    pub(super) alpha: f32,
    pub(super) l2: f32,
    pub(super) batch: usize,
    pub(super) epochs: usize,
    pub(super) negatives_kept: f32,
    pub(super) seed: u64,
}

impl Default for RankerParams {
    fn default() -> RankerParams {
        RankerParams(RankerValidParams {
            alpha: 0.1,
            l2: 0.5,
            batch: 64,
            epochs: 3,
            negatives_kept: 1.0,
            seed: 1,
        })
    }
}

impl RankerParams {
    /// A learning rate of 0.1, three times through the rows in batches of 64.
    #[must_use]
    pub fn new() -> RankerParams {
        RankerParams::default()
    }

    /// FTRL's learning rate; finite and above 0.
    #[must_use]
    pub const fn alpha(mut self, alpha: f32) -> RankerParams {
        self.0.alpha = alpha;
        self
    }

    /// Times that all rows are gone through; from 1 to 100.
    #[must_use]
    pub const fn epochs(mut self, epochs: usize) -> RankerParams {
        self.0.epochs = epochs;
        self
    }

    /// The share of the negatives that the rows hold, above 0 and at most 1.
    #[must_use]
    pub const fn negatives_kept(mut self, share: f32) -> RankerParams {
        self.0.negatives_kept = share;
        self
    }
}

impl ParamGuard for RankerParams {
    type Checked = RankerValidParams;
    type Error = Error;

    fn check_ref(&self) -> Result<&RankerValidParams> {
        let given = &self.0;
        let holds = given.alpha > 0.0 && given.alpha.is_finite();
        require(holds, "alpha", "finite and above 0", given.alpha)?;
        let holds = (1..=100).contains(&given.epochs);
        require(holds, "epochs", "from 1 to 100", count(given.epochs))?;
        let kept = given.negatives_kept;
        require(kept > 0.0 && kept <= 1.0, "negatives_kept", "above 0 and at most 1", kept)?;
        Ok(given)
    }

    fn check(self) -> Result<RankerValidParams> {
        self.check_ref()?;
        Ok(self.0)
    }
}
