//! What can be set of popularity.

use linfa::ParamGuard;

use crate::error::{Error, Result, require};

/// Parameters that may still be wrong.
#[derive(Clone, Debug, PartialEq)]
pub struct PopularityParams(PopularityValidParams);

/// Parameters that were checked.
#[derive(Clone, Debug, PartialEq)]
pub struct PopularityValidParams {
    pub(super) half_life_days: f64,
    pub(super) now_ms: Option<i64>,
}

impl Default for PopularityParams {
    fn default() -> PopularityParams {
        PopularityParams(PopularityValidParams { half_life_days: 14.0, now_ms: None })
    }
}

impl PopularityParams {
    /// Fourteen days of half-life.
    #[must_use]
    pub fn new() -> PopularityParams {
        PopularityParams::default()
    }

    /// Days after which a buyer counts half; > 0.
    #[must_use]
    pub const fn half_life_days(mut self, days: f64) -> PopularityParams {
        self.0.half_life_days = days;
        self
    }

    /// The instant that ages are counted from [default: that of the last row].
    #[must_use]
    pub const fn now_ms(mut self, now_ms: i64) -> PopularityParams {
        self.0.now_ms = Some(now_ms);
        self
    }
}

impl ParamGuard for PopularityParams {
    type Checked = PopularityValidParams;
    type Error = Error;

    fn check_ref(&self) -> Result<&PopularityValidParams> {
        let days = self.0.half_life_days;
        let holds = days > 0.0 && days.is_finite();
        require(holds, "half_life_days", "finite and above 0", days)?;
        Ok(&self.0)
    }

    fn check(self) -> Result<PopularityValidParams> {
        self.check_ref()?;
        Ok(self.0)
    }
}
