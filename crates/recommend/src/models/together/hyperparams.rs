//! What can be set of baskets.

use linfa::ParamGuard;

use crate::error::{Error, Result, require};

/// Parameters that may still be wrong.
#[derive(Clone, Debug, PartialEq)]
pub struct TogetherParams(TogetherValidParams);

/// Parameters that were checked.
#[derive(Clone, Debug, PartialEq)]
pub struct TogetherValidParams {
    pub(super) l2: f32,
    pub(super) length_power: f32,
    pub(super) items_max: usize,
}

impl Default for TogetherParams {
    fn default() -> TogetherParams {
        TogetherParams(TogetherValidParams { l2: 10.0, length_power: 0.5, items_max: 8_000 })
    }
}

impl TogetherParams {
    /// An `l2` of 10, baskets weighing 1/√lines.
    #[must_use]
    pub fn new() -> TogetherParams {
        TogetherParams::default()
    }

    /// λ of EASE over baskets; finite and above 0.
    #[must_use]
    pub const fn l2(mut self, l2: f32) -> TogetherParams {
        self.0.l2 = l2;
        self
    }

    /// A basket weighs lines^−power, from 0 (all the same) to 1 (every line of a long one says little).
    #[must_use]
    pub const fn length_power(mut self, power: f32) -> TogetherParams {
        self.0.length_power = power;
        self
    }

    /// How many of the most-used items take part; from 2 to 20,000.
    #[must_use]
    pub const fn items_max(mut self, items: usize) -> TogetherParams {
        self.0.items_max = items;
        self
    }
}

impl ParamGuard for TogetherParams {
    type Checked = TogetherValidParams;
    type Error = Error;

    fn check_ref(&self) -> Result<&TogetherValidParams> {
        let TogetherValidParams { l2, length_power, .. } = self.0;
        require(l2 > 0.0 && l2.is_finite(), "l2", "finite and above 0", l2)?;
        let holds = (0.0..=1.0).contains(&length_power);
        require(holds, "length_power", "from 0 to 1", length_power)?;
        Ok(&self.0)
    }

    fn check(self) -> Result<TogetherValidParams> {
        self.check_ref()?;
        Ok(self.0)
    }
}
