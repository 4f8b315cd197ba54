//! What can be set of EASE.

use linfa::ParamGuard;

use crate::error::{Error, Result, require};
use crate::numbers::count;

/// Parameters that may still be wrong.
#[derive(Clone, Debug, PartialEq)]
pub struct EaseParams(EaseValidParams);

/// Parameters that were checked.
#[derive(Clone, Debug, PartialEq)]
pub struct EaseValidParams {
    pub(super) l2: f32,
    pub(super) items_max: usize,
    pub(super) neighbours: usize,
}

impl Default for EaseParams {
    fn default() -> EaseParams {
        EaseParams(EaseValidParams { l2: 100.0, items_max: 8_000, neighbours: 1_000 })
    }
}

impl EaseParams {
    /// An `l2` of 100 on the 8,000 most-used items, 1,000 neighbours each.
    #[must_use]
    pub fn new() -> EaseParams {
        EaseParams::default()
    }

    /// λ, added to the diagonal of `XᵀX`; finite and above 0.
    #[must_use]
    pub const fn l2(mut self, l2: f32) -> EaseParams {
        self.0.l2 = l2;
        self
    }

    /// How many of the most-used items take part; the fit costs their number cubed. From 2 to 20,000.
    #[must_use]
    pub const fn items_max(mut self, items: usize) -> EaseParams {
        self.0.items_max = items;
        self
    }

    /// How many weights of each item are kept, the strongest; at least 1.
    #[must_use]
    pub const fn neighbours(mut self, neighbours: usize) -> EaseParams {
        self.0.neighbours = neighbours;
        self
    }
}

impl ParamGuard for EaseParams {
    type Checked = EaseValidParams;
    type Error = Error;

    fn check_ref(&self) -> Result<&EaseValidParams> {
        let EaseValidParams { l2, items_max, neighbours } = self.0;
        require(l2 > 0.0 && l2.is_finite(), "l2", "finite and above 0", l2)?;
        let holds = (2..=20_000).contains(&items_max);
        require(holds, "items_max", "from 2 to 20,000", count(items_max))?;
        require(neighbours > 0, "neighbours", "at least 1", count(neighbours))?;
        Ok(&self.0)
    }

    fn check(self) -> Result<EaseValidParams> {
        self.check_ref()?;
        Ok(self.0)
    }
}
