//! Fits EASE in closed form and scores histories by it.

use linfa::DatasetBase;
use linfa::dataset::Records;
use linfa::traits::Fit;
use ndarray::Array2;

use super::hyperparams::{EaseParams, EaseValidParams};
use super::inverse::inverse;
use crate::error::{Error, Result};
use crate::interactions::Interactions;
use crate::models::{ItemScore, best};
use crate::numbers::index;

/// Weights between items: those of an item are what having it says of others.
#[derive(Clone, Debug, PartialEq)]
pub struct Ease {
    /// Item × item, sparse; weights may be negative.
    pub(super) weights: Interactions,
}

impl Fit<Interactions, (), Error> for EaseValidParams {
    type Object = Ease;

    fn fit(&self, dataset: &DatasetBase<Interactions, ()>) -> Result<Ease> {
        let interactions = dataset.records();
        let kept = most_used(interactions, self.items_max);
        if kept.len() < 2 {
            let (what, given) = ("items", kept.len());
            return Err(Error::NotEnough { model: "ease", what, least: 2, given });
        }
        let mut gram = interactions.only(&kept).gram();
        gram.diag_mut().mapv_inplace(|count| count + self.l2);
        let inverse = inverse(gram).ok_or(Error::Numbers {
            model: "ease",
            what: "XᵀX + λI is not positive definite; raise l2",
        })?;
        Ok(Ease { weights: strongest(&inverse, &kept, interactions.nfeatures(), self.neighbours) })
    }
}

/// The items that most rows have, ascending; ties go to the lower item.
fn most_used(interactions: &Interactions, items_max: usize) -> Vec<u32> {
    let counts = interactions.row_counts();
    let mut items: Vec<usize> = (0..counts.len()).filter(|&item| counts[item] > 0).collect();
    items.sort_by_key(|&item| std::cmp::Reverse(counts[item]));
    items.truncate(items_max);
    items.sort_unstable();
    items.into_iter().map(index).collect()
}

/// −P / diag(P) without the diagonal: of each row the strongest, under the items' own numbers.
fn strongest(
    inverse: &Array2<f32>,
    kept: &[u32],
    item_count: usize,
    neighbours: usize,
) -> Interactions {
    let diagonal = inverse.diag();
    let mut rows = vec![Vec::new(); item_count];
    for (row, &item) in kept.iter().enumerate() {
        let weights = inverse.row(row);
        let weights = weights.iter().zip(&diagonal).map(|(value, diagonal)| -value / diagonal);
        let others = weights.zip(kept).filter(|&(_, &other)| other != item);
        // By their size: what speaks against an item counts as much as what speaks for it.
        let sizes = others.clone().map(|(weight, &item)| ItemScore { item, score: weight.abs() });
        let strongest = best(sizes, neighbours);
        let least = strongest.last().map_or(0.0, |last| last.score);
        let mut strong: Vec<(u32, f32)> = others
            .filter(|(weight, _)| weight.abs() >= least && *weight != 0.0)
            .map(|(weight, &item)| (item, weight))
            .collect();
        strong.truncate(neighbours);
        rows[item as usize] = strong;
    }
    Interactions::from_rows(rows, item_count)
}

impl Ease {
    /// Parameters to fit it with.
    #[must_use]
    pub fn params() -> EaseParams {
        EaseParams::default()
    }

    /// The weights of one item, by item.
    #[must_use]
    pub fn weights_of(&self, item: u32) -> (&[u32], &[f32]) {
        self.weights.row(item as usize)
    }

    /// What having one item says of another; 0 when nothing was kept of it.
    #[must_use]
    pub fn weight(&self, of: u32, item: u32) -> f32 {
        let (others, weights) = self.weights_of(of);
        others.binary_search(&item).map_or(0.0, |place| weights[place])
    }

    /// Every item's score for a history of (item, weight): Σ weight · B.
    ///
    /// Costs history × neighbours.
    #[must_use]
    pub fn scores(&self, history: &[(u32, f32)]) -> Vec<f32> {
        let mut scores = vec![0.0; self.weights.nfeatures()];
        for &(item, had) in history {
            let (others, weights) = self.weights_of(item);
            for (&other, &weight) in others.iter().zip(weights) {
                scores[other as usize] += had * weight;
            }
        }
        scores
    }
}
