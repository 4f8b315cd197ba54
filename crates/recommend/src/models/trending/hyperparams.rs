//! What can be set of trends.

use linfa::ParamGuard;

use crate::error::{Error, Result, require};

/// Parameters that may still be wrong.
#[derive(Clone, Debug, PartialEq)]
pub struct TrendingParams(TrendingValidParams);

/// Parameters that were checked.
#[derive(Clone, Debug, PartialEq)]
pub struct TrendingValidParams {
    pub(super) half_life_days: f64,
    pub(super) weeks: u32,
    pub(super) now_ms: Option<i64>,
}

impl Default for TrendingParams {
    fn default() -> TrendingParams {
        TrendingParams(TrendingValidParams { half_life_days: 5.0, weeks: 6, now_ms: None })
    }
}

impl TrendingParams {
    /// Five days of half-life, against six weeks before.
    #[must_use]
    pub fn new() -> TrendingParams {
        TrendingParams::default()
    }

    /// Days after which a buyer counts half; > 0.
    #[must_use]
    pub const fn half_life_days(mut self, days: f64) -> TrendingParams {
        self.0.half_life_days = days;
        self
    }

    /// Weeks of the past that the present is compared with; from 1 to 52.
    #[must_use]
    pub const fn weeks(mut self, weeks: u32) -> TrendingParams {
        self.0.weeks = weeks;
        self
    }

    /// The instant that is the present [default: that of the last row].
    #[must_use]
    pub const fn now_ms(mut self, now_ms: i64) -> TrendingParams {
        self.0.now_ms = Some(now_ms);
        self
    }
}

impl ParamGuard for TrendingParams {
    type Checked = TrendingValidParams;
    type Error = Error;

    fn check_ref(&self) -> Result<&TrendingValidParams> {
        let TrendingValidParams { half_life_days, weeks, .. } = self.0;
        let holds = half_life_days > 0.0 && half_life_days.is_finite();
        require(holds, "half_life_days", "finite and above 0", half_life_days)?;
        require((1..=52).contains(&weeks), "weeks", "from 1 to 52", weeks)?;
        Ok(&self.0)
    }

    fn check(self) -> Result<TrendingValidParams> {
        self.check_ref()?;
        Ok(self.0)
    }
}
