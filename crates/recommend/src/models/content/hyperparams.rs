//! What can be set of content.

use linfa::ParamGuard;

use crate::error::{Error, Result, require};

/// Parameters that may still be wrong.
#[derive(Clone, Debug, PartialEq)]
pub struct ContentParams(ContentValidParams);

/// Parameters that were checked.
#[derive(Clone, Debug, PartialEq)]
pub struct ContentValidParams {
    pub(super) share_max: f32,
}

impl Default for ContentParams {
    fn default() -> ContentParams {
        ContentParams(ContentValidParams { share_max: 0.1 })
    }
}

impl ContentParams {
    /// Terms of at most a tenth of all items.
    #[must_use]
    pub fn new() -> ContentParams {
        ContentParams::default()
    }

    /// Share of the items that may have a term that says something; above 0, at most 1. In a catalogue of less than
    /// five hundred items every term says something.
    #[must_use]
    pub const fn share_max(mut self, share: f32) -> ContentParams {
        self.0.share_max = share;
        self
    }
}

impl ParamGuard for ContentParams {
    type Checked = ContentValidParams;
    type Error = Error;

    fn check_ref(&self) -> Result<&ContentValidParams> {
        let share = self.0.share_max;
        require(share > 0.0 && share <= 1.0, "share_max", "above 0 and at most 1", share)?;
        Ok(&self.0)
    }

    fn check(self) -> Result<ContentValidParams> {
        self.check_ref()?;
        Ok(self.0)
    }
}
