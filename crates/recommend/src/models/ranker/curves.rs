//! Features made fit for a linear model: cut, standardised, and bent at quantiles.

use ndarray::{Array2, ArrayView1};

use crate::artifact::of_length;
use crate::error::{Error, Result};
use crate::numbers::{count, narrow};

/// Where a curve may bend, as quantiles of its feature.
const BENDS: [f64; 4] = [0.2, 0.5, 0.8, 0.95];
/// What lies beyond these quantiles says no more than they do.
const EXTREMES: [f64; 2] = [0.003, 0.997];
/// Columns that a feature becomes.
const WIDTH: usize = 1 + BENDS.len();

/// Turns rows of features into rows of columns: all features, then all bends, then a 1 as intercept.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Curves {
    features: Vec<Curve>,
}

#[derive(Clone, Debug, PartialEq)]
struct Curve {
    low: f32,
    high: f32,
    mean: f32,
    scale: f32,
    bends: [f32; BENDS.len()],
}

impl Curves {
    /// Measures each feature of these rows.
    pub(super) fn of(rows: &Array2<f32>) -> Curves {
        Curves { features: rows.columns().into_iter().map(Curve::of).collect() }
    }

    /// Floats that one curve takes.
    const FLOATS: usize = 4 + BENDS.len();

    /// All curves, one behind the other.
    pub(super) fn to_floats(&self) -> Vec<f32> {
        let curve = |it: &Curve| [&[it.low, it.high, it.mean, it.scale][..], &it.bends].concat();
        self.features.iter().flat_map(curve).collect()
    }

    /// What [`Curves::to_floats`] gave.
    ///
    /// # Errors
    /// When these are no whole curves, or one of them runs from high to low.
    pub(super) fn of_floats(floats: &[f32]) -> Result<Curves> {
        let (curves, rest) = floats.as_chunks::<{ Curves::FLOATS }>();
        of_length("curves", rest, 0)?;
        let curve = |&[low, high, mean, scale, ref bends @ ..]: &[f32; Curves::FLOATS]| {
            if low > high {
                return Err(Error::damaged(format!("has a curve from {low} to {high}")));
            }
            Ok(Curve { low, high, mean, scale, bends: *bends })
        };
        Ok(Curves { features: curves.iter().map(curve).collect::<Result<_>>()? })
    }

    /// How many features a row has.
    pub(super) const fn features(&self) -> usize {
        self.features.len()
    }

    /// How many columns a row becomes.
    pub(super) const fn width(&self) -> usize {
        self.features.len() * WIDTH + 1
    }

    /// Appends one row's columns.
    pub(super) fn bend(&self, row: &[f32], columns: &mut Vec<f32>) {
        let standardised = |(curve, value): (&Curve, &f32)| {
            // What is not a number says nothing.
            let value = if value.is_nan() { curve.mean } else { *value };
            (value.clamp(curve.low, curve.high) - curve.mean) * curve.scale
        };
        let start = columns.len();
        columns.extend(self.features.iter().zip(row).map(standardised));
        for (place, curve) in self.features.iter().enumerate() {
            let value = columns[start + place];
            columns.extend(curve.bends.iter().map(|bend| (value - bend).max(0.0)));
        }
        columns.push(1.0);
    }
}

impl Curve {
    fn of(values: ArrayView1<'_, f32>) -> Curve {
        let mut sorted: Vec<f32> =
            values.iter().copied().filter(|value| value.is_finite()).collect();
        sorted.sort_by(f32::total_cmp);
        let quantile = |share: f64| {
            #[expect(clippy::cast_possible_truncation, reason = "a place in an array")]
            let place = (sorted.len().saturating_sub(1) as f64 * share).round() as usize;
            sorted.get(place).copied().unwrap_or(0.0)
        };
        let [low, high] = EXTREMES.map(quantile);
        let cut = || sorted.iter().map(|value| f64::from(value.clamp(low, high)));
        let rows = f64::from(count(sorted.len().max(1)));
        let mean = cut().sum::<f64>() / rows;
        let variance = cut().map(|value| (value - mean).powi(2)).sum::<f64>() / rows;
        let scale = if variance > 1e-12 { narrow(1.0 / variance.sqrt()) } else { 0.0 };
        let mean = narrow(mean);
        Curve { low, high, mean, scale, bends: BENDS.map(|share| (quantile(share) - mean) * scale) }
    }
}
