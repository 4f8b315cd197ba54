//! Fits EASE over baskets and completes baskets by it.

use linfa::traits::Fit;
use linfa::{DatasetBase, ParamGuard};

use super::hyperparams::{TogetherParams, TogetherValidParams};
use crate::error::{Error, Result};
use crate::event::Events;
use crate::interactions::Interactions;
use crate::models::ease::Ease;
use crate::models::{ItemScore, strongest};

/// Weights between items of one basket.
#[derive(Clone, Debug, PartialEq)]
pub struct Together {
    pub(super) ease: Ease,
}

impl Fit<Events, (), Error> for TogetherValidParams {
    type Object = Together;

    fn fit(&self, dataset: &DatasetBase<Events, ()>) -> Result<Together> {
        let baskets = Interactions::once(dataset.records());
        // A weight w of each line is w² of the pair, which is what lines^−power is to be.
        let baskets = baskets.weighed(|lines| lines.powf(-self.length_power / 2.0));
        let ease = Ease::params().l2(self.l2).items_max(self.items_max).check()?;
        Ok(Together { ease: ease.fit(&DatasetBase::new(baskets, ()))? })
    }
}

impl Together {
    /// Parameters to fit it with.
    #[must_use]
    pub fn params() -> TogetherParams {
        TogetherParams::default()
    }

    /// The line of a basket that says most for an item; none when no line speaks for it.
    #[must_use]
    pub fn because(&self, basket: &[u32], item: u32) -> Option<u32> {
        strongest(basket, |of| self.ease.weight(of, item))
    }

    /// Every item that is not in the basket, by how well it completes it.
    #[must_use]
    pub fn scores(&self, basket: &[u32]) -> Vec<ItemScore> {
        let history: Vec<(u32, f32)> = basket.iter().map(|&item| (item, 1.0)).collect();
        let scores = self.ease.scores(&history).into_iter().zip(0..);
        let scores = scores.map(|(score, item)| ItemScore { item, score });
        scores.filter(|it| !basket.contains(&it.item)).collect()
    }
}
