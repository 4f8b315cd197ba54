//! What can be set of repeated purchases.

use linfa::ParamGuard;

use crate::error::{Error, Result, require};

/// Parameters that may still be wrong.
#[derive(Clone, Debug, PartialEq)]
pub struct RepeatParams(RepeatValidParams);

/// Parameters that were checked.
#[derive(Clone, Debug, PartialEq)]
pub struct RepeatValidParams {
    pub(super) half_life_days: f64,
    pub(super) prior_buyers: f64,
}

impl Default for RepeatParams {
    fn default() -> RepeatParams {
        RepeatParams(RepeatValidParams { half_life_days: 120.0, prior_buyers: 20.0 })
    }
}

impl RepeatParams {
    /// 120 days of half-life, a prior of 20 buyers.
    #[must_use]
    pub fn new() -> RepeatParams {
        RepeatParams::default()
    }

    /// Days after which an own purchase counts half; > 0.
    #[must_use]
    pub const fn half_life_days(mut self, days: f64) -> RepeatParams {
        self.0.half_life_days = days;
        self
    }

    /// Buyers with the shop's mean habit that are added to each item's own; > 0.
    #[must_use]
    pub const fn prior_buyers(mut self, buyers: f64) -> RepeatParams {
        self.0.prior_buyers = buyers;
        self
    }
}

impl ParamGuard for RepeatParams {
    type Checked = RepeatValidParams;
    type Error = Error;

    fn check_ref(&self) -> Result<&RepeatValidParams> {
        let range = "finite and above 0";
        for (name, value) in
            [("half_life_days", self.0.half_life_days), ("prior_buyers", self.0.prior_buyers)]
        {
            require(value > 0.0 && value.is_finite(), name, range, value)?;
        }
        Ok(&self.0)
    }

    fn check(self) -> Result<RepeatValidParams> {
        self.check_ref()?;
        Ok(self.0)
    }
}
