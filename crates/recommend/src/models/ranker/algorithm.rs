//! Starts with linfa-logistic, goes on with linfa-ftrl, calibrates on rows that neither saw.

use linfa::traits::{Fit, FitWith};
use linfa::{Dataset, DatasetBase, ParamGuard};
use linfa_ftrl::Ftrl;
use linfa_logistic::LogisticRegression;
use ndarray::{Array1, Array2, Axis};
use serde_json::json;

use super::calibration::calibrate;
use super::curves::Curves;
use super::hyperparams::{RankerParams, RankerValidParams};
use crate::error::{Error, Result};
use crate::numbers::{Dice, count, narrow};

/// Rows that the start is learned from; linfa-logistic takes fifty times as long a row as FTRL.
const START_ROWS_MAX: usize = 30_000;
/// Steps of the start.
const START_STEPS: u64 = 40;
/// Of so many rows one is kept for calibration.
const CALIBRATION: usize = 8;
/// Squared gradients that the start stands for: what FTRL sees first does not throw it over.
const START_GRADIENTS: f32 = 25.0;

/// Weights of bent features, and probabilities by score.
#[derive(Clone, Debug, PartialEq)]
pub struct Ranker {
    pub(super) curves: Curves,
    pub(super) weights: Vec<f32>,
    /// Scores, ascending, and the probability of each.
    pub(super) calibration: Vec<(f32, f32)>,
}

impl Fit<Array2<f32>, Array1<bool>, Error> for RankerValidParams {
    type Object = Ranker;

    fn fit(&self, dataset: &DatasetBase<Array2<f32>, Array1<bool>>) -> Result<Ranker> {
        let (rows, taken) = (dataset.records(), dataset.targets());
        let positives = taken.iter().filter(|&&taken| taken).count();
        for (what, given) in [("rows taken", positives), ("rows left", taken.len() - positives)] {
            if given < 10 {
                return Err(Error::NotEnough { model: "ranker", what, least: 10, given });
            }
        }
        let curves = Curves::of(rows);
        // In an order of its own, the same each time: neighbouring rows are of the same user.
        let mut order: Vec<usize> = (0..taken.len()).collect();
        shuffle(&mut order, self.seed);
        let (kept, learned) = order.split_at(taken.len() / CALIBRATION);
        let bent = |places: &[usize]| bend(&curves, rows, taken, places);
        let mut model = start(&curves, &bent(&learned[..learned.len().min(START_ROWS_MAX)]), self)?;
        let ftrl =
            Ftrl::<f32>::params().alpha(self.alpha).beta(1.0).l1_ratio(0.0).l2_ratio(self.l2);
        let ftrl = ftrl.check().map_err(refused)?;
        for _ in 0..self.epochs {
            for batch in learned.chunks(self.batch) {
                model = ftrl.fit_with(Some(model), &bent(batch)).map_err(refused)?;
            }
        }
        let weights = model.get_weights().to_vec();
        if weights.iter().any(|weight| !weight.is_finite()) {
            return Err(Error::Numbers {
                model: "ranker",
                what: "its weights are not finite; lower alpha",
            });
        }
        let mut ranker = Ranker { curves, weights, calibration: Vec::new() };
        ranker.calibration = ranker.calibrated(rows, taken, kept, self.negatives_kept);
        Ok(ranker)
    }
}

/// The rows at these places as FTRL reads them.
fn bend(
    curves: &Curves,
    rows: &Array2<f32>,
    taken: &Array1<bool>,
    places: &[usize],
) -> Dataset<f32, bool, ndarray::Ix1> {
    let mut columns = Vec::with_capacity(places.len() * curves.width());
    for &place in places {
        let row = rows.row(place);
        curves.bend(row.as_slice().expect("rows of a whole array are contiguous"), &mut columns);
    }
    let columns = Array2::from_shape_vec((places.len(), curves.width()), columns);
    let columns = columns.expect("every row has the same width");
    Dataset::new(columns, places.iter().map(|&place| taken[place]).collect())
}

/// FTRL's state with the weights of a logistic regression over the plain features.
fn start(
    curves: &Curves,
    sample: &Dataset<f32, bool, ndarray::Ix1>,
    params: &RankerValidParams,
) -> Result<Ftrl<f32>> {
    let features = curves.features();
    let mut plain = sample.records().to_owned();
    plain.slice_axis_inplace(Axis(1), ndarray::Slice::from(0..features));
    let logistic = LogisticRegression::<f32>::default().alpha(1.0).max_iterations(START_STEPS);
    let plain = Dataset::new(plain.as_standard_layout().to_owned(), sample.targets().to_owned());
    // A sample without both outcomes, or one that a line separates, says where to go without a start.
    let fitted = logistic.fit(&plain).ok();
    let mut weights = vec![0.0; curves.width()];
    if let Some(fitted) = fitted {
        // linfa-logistic chooses itself which label is the positive one.
        let sign = if fitted.labels().pos.class { 1.0 } else { -1.0 };
        weights
            .iter_mut()
            .zip(fitted.params())
            .for_each(|(weight, fitted)| *weight = sign * fitted);
        weights[curves.width() - 1] = sign * fitted.intercept();
    }
    let gradients = vec![START_GRADIENTS; weights.len()];
    let strength = (START_GRADIENTS.sqrt() + 1.0) / params.alpha + params.l2;
    let z = weights.iter().map(|weight| -weight * strength).collect::<Vec<_>>();
    let array = |values: Vec<f32>| json!({"v": 1, "dim": [values.len()], "data": values});
    // Its fields are private; its serialised form is the way to set them.
    let state = json!({
        "alpha": params.alpha, "beta": 1.0, "l1_ratio": 0.0, "l2_ratio": params.l2,
        "z": array(z), "n": array(gradients),
    });
    let what = "its start has a form that linfa-ftrl does not read";
    serde_json::from_value(state).map_err(|_| Error::Numbers { model: "ranker", what })
}

fn refused(error: linfa_ftrl::FtrlError) -> Error {
    match error {
        linfa_ftrl::FtrlError::LinfaError(error) => error.into(),
        other => linfa::Error::Parameters(other.to_string()).into(),
    }
}

fn shuffle(places: &mut [usize], seed: u64) {
    let mut dice = Dice::new(seed);
    for last in (1..places.len()).rev() {
        places.swap(last, dice.below(last + 1));
    }
}

impl Ranker {
    /// Parameters to fit it with.
    #[must_use]
    pub fn params() -> RankerParams {
        RankerParams::default()
    }

    /// How many features a row has.
    #[must_use]
    pub const fn features(&self) -> usize {
        self.curves.features()
    }

    /// The log-odds of one row, before calibration; `room` is overwritten.
    #[must_use]
    pub fn score(&self, row: &[f32], room: &mut Vec<f32>) -> f32 {
        room.clear();
        self.curves.bend(row, room);
        room.iter().zip(&self.weights).map(|(column, weight)| column * weight).sum()
    }

    /// The probability of a score; it rises with it even where the calibration is flat, so that no order is lost.
    #[must_use]
    pub fn probability(&self, score: f32) -> f32 {
        let plain = 1.0 / (1.0 + (-score).exp());
        let above = self.calibration.partition_point(|point| point.0 < score);
        let calibrated = match (
            above.checked_sub(1).map(|at| self.calibration[at]),
            self.calibration.get(above),
        ) {
            (Some(low), Some(high)) => {
                low.1 + (high.1 - low.1) * (score - low.0) / (high.0 - low.0).max(1e-9)
            }
            (Some(only), None) | (None, Some(&only)) => only.1,
            (None, None) => plain,
        };
        0.95 * calibrated + 0.05 * plain
    }

    /// Probabilities by score, on rows that the weights were not learned from.
    fn calibrated(
        &self,
        rows: &Array2<f32>,
        taken: &Array1<bool>,
        places: &[usize],
        negatives_kept: f32,
    ) -> Vec<(f32, f32)> {
        let mut room = Vec::new();
        let scored = places.iter().map(|&place| {
            let row = rows.row(place);
            let row = row.as_slice().expect("rows of a whole array are contiguous");
            (self.score(row, &mut room), taken[place])
        });
        calibrate(scored.collect(), 1.0 / negatives_kept)
    }

    /// The area under the ROC curve on these rows: how often a taken one scores above one that was left.
    #[must_use]
    pub fn auc(&self, rows: &Array2<f32>, taken: &Array1<bool>) -> f32 {
        let mut room = Vec::new();
        let mut scored: Vec<(f32, bool)> = rows
            .rows()
            .into_iter()
            .zip(taken)
            .map(|(row, &taken)| (self.score(&row.to_vec(), &mut room), taken))
            .collect();
        scored.sort_by(|one, other| one.0.total_cmp(&other.0));
        let (mut left, mut sum) = (0_usize, 0.0);
        for (_, taken) in &scored {
            if *taken { sum += f64::from(count(left)) } else { left += 1 }
        }
        narrow(sum / (left * (scored.len() - left)).max(1) as f64)
    }
}
