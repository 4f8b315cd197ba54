//! What can be set of segments.

use linfa::ParamGuard;

use crate::error::{Error, Result, require};
use crate::numbers::count;

/// Parameters that may still be wrong.
#[derive(Clone, Debug, PartialEq)]
pub struct SegmentsParams(SegmentsValidParams);

/// Parameters that were checked.
#[derive(Clone, Debug, PartialEq)]
pub struct SegmentsValidParams {
    pub(super) segments: usize,
    pub(super) runs: usize,
    pub(super) now_ms: Option<i64>,
}

impl Default for SegmentsParams {
    fn default() -> SegmentsParams {
        SegmentsParams(SegmentsValidParams { segments: 5, runs: 10, now_ms: None })
    }
}

impl SegmentsParams {
    /// Five segments, the best of ten runs.
    #[must_use]
    pub fn new() -> SegmentsParams {
        SegmentsParams::default()
    }

    /// The most segments; from 2 to 50.
    #[must_use]
    pub const fn segments(mut self, segments: usize) -> SegmentsParams {
        self.0.segments = segments;
        self
    }

    /// How often centres are looked for from other beginnings; from 1 to 100.
    #[must_use]
    pub const fn runs(mut self, runs: usize) -> SegmentsParams {
        self.0.runs = runs;
        self
    }

    /// The instant that days are counted from [default: that of the last row].
    #[must_use]
    pub const fn now_ms(mut self, now_ms: i64) -> SegmentsParams {
        self.0.now_ms = Some(now_ms);
        self
    }
}

impl ParamGuard for SegmentsParams {
    type Checked = SegmentsValidParams;
    type Error = Error;

    fn check_ref(&self) -> Result<&SegmentsValidParams> {
        let SegmentsValidParams { segments, runs, .. } = self.0;
        require((2..=50).contains(&segments), "segments", "from 2 to 50", count(segments))?;
        require((1..=100).contains(&runs), "runs", "from 1 to 100", count(runs))?;
        Ok(&self.0)
    }

    fn check(self) -> Result<SegmentsValidParams> {
        self.check_ref()?;
        Ok(self.0)
    }
}
