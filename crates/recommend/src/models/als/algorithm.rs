//! Alternates between rows and items, a block of systems at a time.

use linfa::DatasetBase;
use linfa::dataset::Records;
use linfa::traits::Fit;
use ndarray::linalg::general_mat_mul;
use ndarray::{Array2, ArrayViewMut2, Axis, Slice};

use super::hyperparams::{AlsParams, AlsValidParams};
use crate::error::{Error, Result};
use crate::interactions::Interactions;
use crate::numbers::{Dice, count};

/// Systems that are solved together: their vectors fit into a core's first cache.
const BLOCK: usize = 64;
/// Steps of conjugate gradients in a sweep, each from the last sweep's solution.
const STEPS: usize = 3;
/// Steps from nothing, when a history is folded in.
const FOLD_IN_STEPS: usize = 12;

/// Vectors of the items.
#[derive(Clone, Debug, PartialEq)]
pub struct Als {
    /// Items × factors.
    pub(super) items: Array2<f32>,
    /// `YᵀY` + λI.
    pub(super) shared: Array2<f32>,
    pub(super) alpha: f32,
}

impl Fit<Interactions, (), Error> for AlsValidParams {
    type Object = Als;

    fn fit(&self, dataset: &DatasetBase<Interactions, ()>) -> Result<Als> {
        let by_row = dataset.records();
        let least = self.factors;
        if by_row.len() < least {
            let (what, given) = ("pairs", by_row.len());
            return Err(Error::NotEnough { model: "als", what, least, given });
        }
        let by_item = by_row.transposed();
        let mut dice = Dice::new(self.seed);
        // Small and of mean 0, as implicit does it: large first vectors would need more sweeps.
        let mut vector = |_| (count(dice.below(20_001)) / 10_000.0 - 1.0) * 0.01;
        let mut rows = Array2::from_shape_fn((by_row.nsamples(), self.factors), &mut vector);
        let mut items = Array2::from_shape_fn((by_row.nfeatures(), self.factors), &mut vector);
        for _ in 0..self.sweeps {
            solve(by_row, &shared(&items, self.l2), &items, &mut rows, self.alpha, STEPS);
            solve(&by_item, &shared(&rows, self.l2), &rows, &mut items, self.alpha, STEPS);
        }
        if items.iter().any(|value| !value.is_finite()) {
            let what = "its vectors are not finite; raise l2 or lower alpha";
            return Err(Error::Numbers { model: "als", what });
        }
        Ok(Als { shared: shared(&items, self.l2), items, alpha: self.alpha })
    }
}

/// What all systems have in common: `YᵀY` + λI.
fn shared(fixed: &Array2<f32>, l2: f32) -> Array2<f32> {
    let mut shared = fixed.t().dot(fixed);
    shared.diag_mut().mapv_inplace(|value| value + l2);
    shared
}

/// Moves each row's vector towards the solution of (`YᵀY` + λI + Σ α·w·y·yᵀ) x = Σ (1 + α·w) y.
fn solve(
    interactions: &Interactions,
    shared: &Array2<f32>,
    fixed: &Array2<f32>,
    solved: &mut Array2<f32>,
    alpha: f32,
    steps: usize,
) {
    for start in (0..solved.nrows()).step_by(BLOCK) {
        let end = (start + BLOCK).min(solved.nrows());
        let mut block = solved.slice_axis_mut(Axis(0), Slice::from(start..end));
        let systems = Systems { interactions, shared, fixed, alpha, start };
        systems.step(&mut block, steps);
    }
}

/// A block of systems, from row `start` on.
struct Systems<'s> {
    interactions: &'s Interactions,
    shared: &'s Array2<f32>,
    fixed: &'s Array2<f32>,
    alpha: f32,
    start: usize,
}

impl Systems<'_> {
    /// Conjugate gradients from `x`, rows × factors.
    fn step(&self, x: &mut ArrayViewMut2<'_, f32>, steps: usize) {
        let mut residual = Array2::zeros(x.dim());
        general_mat_mul(-1.0, x, self.shared, 0.0, &mut residual);
        for row in 0..x.nrows() {
            let (x, residual) = (x.row(row), residual.row_mut(row));
            let x = x.as_slice().expect("rows are contiguous");
            self.pairs(
                row,
                residual.into_slice().expect("rows are contiguous"),
                |vector, weight| 1.0 + weight - weight * dot(vector, x),
            );
        }
        let mut direction = residual.clone();
        let mut product = Array2::zeros(x.dim());
        let mut sizes: Vec<f32> = residual.rows().into_iter().map(|row| row.dot(&row)).collect();
        for _ in 0..steps {
            general_mat_mul(1.0, &direction, self.shared, 0.0, &mut product);
            for (row, old_size) in sizes.iter_mut().enumerate() {
                // Solved already: what is left would be rounding.
                if *old_size < 1e-20 {
                    continue;
                }
                let towards = slice(&mut direction, row);
                let product = slice(&mut product, row);
                self.pairs(row, product, |vector, weight| weight * dot(vector, towards));
                let length = *old_size / dot(towards, product);
                add(x.row_mut(row).into_slice().expect("rows are contiguous"), length, towards);
                let residual = slice(&mut residual, row);
                add(residual, -length, product);
                let size = dot(residual, residual);
                let keep = size / *old_size;
                towards.iter_mut().zip(residual).for_each(|(to, rest)| *to = *to * keep + *rest);
                *old_size = size;
            }
        }
    }

    /// Adds the vector of each of a row's pairs, times what `times` makes of it and α·w.
    fn pairs(&self, row: usize, sum: &mut [f32], times: impl Fn(&[f32], f32) -> f32) {
        let factors = self.fixed.ncols();
        let fixed = self.fixed.as_slice().expect("a whole array is contiguous");
        let (items, weights) = self.interactions.row(self.start + row);
        for (&item, &weight) in items.iter().zip(weights) {
            let vector = &fixed[item as usize * factors..][..factors];
            add(sum, times(vector, self.alpha * weight), vector);
        }
    }
}

fn slice(rows: &mut Array2<f32>, row: usize) -> &mut [f32] {
    rows.row_mut(row).into_slice().expect("rows of a whole array are contiguous")
}

/// Lanes that are summed apart, so that the compiler may do them at once.
const LANES: usize = 16;

fn dot(one: &[f32], other: &[f32]) -> f32 {
    let (mut ones, mut others) = (one.chunks_exact(LANES), other.chunks_exact(LANES));
    let mut sums = [0.0_f32; LANES];
    for (one, other) in ones.by_ref().zip(others.by_ref()) {
        for lane in 0..LANES {
            sums[lane] += one[lane] * other[lane];
        }
    }
    let rest = ones.remainder().iter().zip(others.remainder()).map(|(one, other)| one * other);
    sums.iter().sum::<f32>() + rest.sum::<f32>()
}

fn add(sum: &mut [f32], times: f32, vector: &[f32]) {
    sum.iter_mut().zip(vector).for_each(|(sum, value)| *sum += times * value);
}

impl Als {
    /// Parameters to fit it with.
    #[must_use]
    pub fn params() -> AlsParams {
        AlsParams::default()
    }

    /// The point of a history of (item, weight).
    #[must_use]
    pub fn fold_in(&self, history: &[(u32, f32)]) -> Vec<f32> {
        let interactions = Interactions::from_rows([history.to_vec()], self.items.nrows());
        let mut point = Array2::zeros((1, self.items.ncols()));
        solve(&interactions, &self.shared, &self.items, &mut point, self.alpha, FOLD_IN_STEPS);
        point.into_raw_vec_and_offset().0
    }

    /// Every item's score for a history of (item, weight).
    #[must_use]
    pub fn scores(&self, history: &[(u32, f32)]) -> Vec<f32> {
        let point = self.fold_in(history);
        let vector =
            |row: ndarray::ArrayView1<'_, f32>| row.iter().zip(&point).map(|(a, b)| a * b).sum();
        self.items.rows().into_iter().map(vector).collect()
    }
}
