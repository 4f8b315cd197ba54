//! Which line of a basket is missing.

use std::str::FromStr;

use linfa::DatasetBase;
use linfa::traits::Fit;
use serde_json::{Value, json};

use super::{LIST_MAX, SEED, Watch, figure};
use crate::error::{Error, Result};
use crate::interactions::Interactions;
use crate::metrics::{bootstrap, hit, mean, reciprocal_rank};
use crate::models::together::Together;
use crate::models::{ItemScore, best};
use crate::read::Log;
use crate::split::hidden_lines;

/// Models that can be asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BasketModel {
    /// EASE over baskets.
    Together,
    /// Cosine of the baskets of two items: what to beat.
    Cosine,
}

impl BasketModel {
    /// All of them, by name.
    const NAMES: [(&'static str, BasketModel); 2] =
        [("together", BasketModel::Together), ("cosine", BasketModel::Cosine)];
}

impl FromStr for BasketModel {
    type Err = Error;

    fn from_str(name: &str) -> Result<BasketModel> {
        super::named(name, &BasketModel::NAMES)
    }
}

/// Fits on the baskets before the cut, hides one line of each later one, and asks for it.
///
/// # Errors
/// When the model cannot be fitted on what is before the cut.
pub fn baskets(log: &Log, cut_ms: i64, model: BasketModel, watch: &mut Watch<'_>) -> Result<Value> {
    let (train, cases) = hidden_lines(&log.events, cut_ms, SEED);
    let started_s = (watch.cpu_s)();
    let together = match model {
        BasketModel::Together => {
            Some(Together::params().fit(&DatasetBase::new(train.clone(), ()))?)
        }
        BasketModel::Cosine => None,
    };
    let cosine = together.is_none().then(|| Cosine::of(&Interactions::once(&train)));
    let fit_cpu_s = (watch.cpu_s)() - started_s;
    let (mut hits_10, mut hits_20, mut ranks) = (Vec::new(), Vec::new(), Vec::new());
    for case in &cases {
        let scores = match (&together, &cosine) {
            (Some(together), _) => together.scores(&case.shown),
            (_, Some(cosine)) => cosine.scores(&case.shown),
            _ => Vec::new(),
        };
        let list = best(scores, LIST_MAX);
        (watch.answered)(log.users.name(case.basket), &list);
        let list: Vec<u32> = list.iter().map(|it| it.item).collect();
        hits_10.push(hit(&list, &[case.hidden], 10));
        hits_20.push(hit(&list, &[case.hidden], 20));
        ranks.push(reciprocal_rank(&list, &[case.hidden], 20));
    }
    let interval = bootstrap(&hits_20, SEED);
    Ok(json!({
        "baskets": cases.len(),
        "skipped": log.skipped,
        "hr_at_10": figure(mean(&hits_10)),
        "hr_at_20": figure(interval.mean),
        "hr_at_20_low": figure(interval.low),
        "hr_at_20_high": figure(interval.high),
        "mrr_at_20": figure(mean(&ranks)),
        "fit_cpu_s": figure(fit_cpu_s),
    }))
}

/// Baskets with both, divided by the root of the baskets with each.
struct Cosine {
    gram: ndarray::Array2<f32>,
}

impl Cosine {
    fn of(baskets: &Interactions) -> Cosine {
        let mut gram = baskets.gram();
        let norms = gram.diag().mapv(|count| count.max(1.0).sqrt());
        gram /= &norms;
        gram /= &norms.insert_axis(ndarray::Axis(1));
        Cosine { gram }
    }

    fn scores(&self, basket: &[u32]) -> Vec<ItemScore> {
        let mut scores = vec![0.0; self.gram.ncols()];
        for &shown in basket {
            scores
                .iter_mut()
                .zip(self.gram.row(shown as usize))
                .for_each(|(score, cosine)| *score += cosine);
        }
        let scores = scores.into_iter().zip(0..).map(|(score, item)| ItemScore { item, score });
        scores.filter(|it| !basket.contains(&it.item)).collect()
    }
}
