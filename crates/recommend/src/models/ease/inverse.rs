//! The inverse of a symmetric positive definite matrix by Cholesky, in blocks.
//!
//! All but n·BLOCK² of the n³ operations are matrix products, which ndarray's kernels do with the widest
//! instructions that the machine has: linfa's own factorisation takes eleven times as long.

use std::ops::Range;

use ndarray::linalg::general_mat_mul;
use ndarray::{Array2, ArrayView2, ArrayViewMut2, Axis, Slice};

/// Rows and columns of a block: a few of them fit into a core's second cache.
const BLOCK: usize = 128;

/// Columns of W that are computed together where zeros above the diagonal would be multiplied otherwise.
const STRIPE: usize = 512;

/// A⁻¹ of n × n; `None` when A is not positive definite (in f32).
pub(super) fn inverse(mut a: Array2<f32>) -> Option<Array2<f32>> {
    factor(&mut a)?;
    invert_lower(&mut a);
    Some(transposed_square(&a))
}

/// A = L·Lᵀ in place; what is above the diagonal becomes zero.
fn factor(a: &mut Array2<f32>) -> Option<()> {
    let n = a.nrows();
    for start in (0..n).step_by(BLOCK) {
        let end = (start + BLOCK).min(n);
        factor_block(part_mut(a, start..end, start..end))?;
        if end == n {
            break;
        }
        let diagonal = inverse_of_block(part(a, start..end, start..end));
        let below = part(a, end..n, start..end).dot(&diagonal.t());
        part_mut(a, end..n, start..end).assign(&below);
        for column in (end..n).step_by(BLOCK) {
            let column_end = (column + BLOCK).min(n);
            let left = part(&below, column - end..n - end, 0..end - start);
            let right = part(&below, column - end..column_end - end, 0..end - start);
            let mut rest = part_mut(a, column..n, column..column_end);
            general_mat_mul(-1.0, &left, &right.t(), 1.0, &mut rest);
        }
    }
    for row in 0..n {
        part_mut(a, row..row + 1, row + 1..n).fill(0.0);
    }
    Some(())
}

/// The same of one block, element by element.
fn factor_block(mut a: ArrayViewMut2<'_, f32>) -> Option<()> {
    for column in 0..a.ncols() {
        for row in column..a.nrows() {
            let pairs = a.row(row).into_iter().zip(a.row(column)).take(column);
            let sum: f32 = pairs.map(|(one, other)| one * other).sum();
            let rest = a[(row, column)] - sum;
            if row == column {
                // NaN is refused, too.
                if rest <= 0.0 || !rest.is_finite() {
                    return None;
                }
                a[(row, column)] = rest.sqrt();
            } else {
                a[(row, column)] = rest / a[(column, column)];
            }
        }
    }
    Some(())
}

/// L⁻¹ of one block of L; what is above its diagonal is not read.
fn inverse_of_block(l: ArrayView2<'_, f32>) -> Array2<f32> {
    let n = l.nrows();
    let mut inverse = Array2::zeros((n, n));
    for row in 0..n {
        inverse[(row, row)] = 1.0 / l[(row, row)];
        for column in 0..row {
            let sum: f32 = (column..row).map(|at| l[(row, at)] * inverse[(at, column)]).sum();
            inverse[(row, column)] = -sum / l[(row, row)];
        }
    }
    inverse
}

/// L becomes W = L⁻¹, a block of rows after the other: Wᵢ = −Lᵢᵢ⁻¹ · Lᵢ · W above.
fn invert_lower(l: &mut Array2<f32>) {
    let n = l.nrows();
    for start in (0..n).step_by(BLOCK) {
        let end = (start + BLOCK).min(n);
        let diagonal = inverse_of_block(part(l, start..end, start..end));
        let left = part(l, start..end, 0..start).to_owned();
        for column in (0..start).step_by(STRIPE) {
            let column_end = (column + STRIPE).min(start);
            let above = part(l, column..start, column..column_end);
            let product = part(&left, 0..end - start, column..start).dot(&above);
            let mut target = part_mut(l, start..end, column..column_end);
            general_mat_mul(-1.0, &diagonal, &product, 0.0, &mut target);
        }
        part_mut(l, start..end, start..end).assign(&diagonal);
    }
}

/// Wᵀ·W of a lower triangle W, both halves.
fn transposed_square(w: &Array2<f32>) -> Array2<f32> {
    let n = w.nrows();
    let mut square = Array2::zeros((n, n));
    for start in (0..n).step_by(BLOCK) {
        let end = (start + BLOCK).min(n);
        let left = part(w, start..n, start..end);
        let right = part(w, start..n, 0..end);
        let mut target = part_mut(&mut square, start..end, 0..end);
        general_mat_mul(1.0, &left.t(), &right, 0.0, &mut target);
    }
    for row in 0..n {
        for column in row + 1..n {
            square[(row, column)] = square[(column, row)];
        }
    }
    square
}

/// Some rows and columns. Not by ndarray's macro `s!`, whose expansion this workspace's `forbid(unsafe_code)` refuses.
fn part(a: &Array2<f32>, rows: Range<usize>, columns: Range<usize>) -> ArrayView2<'_, f32> {
    let mut part = a.view();
    part.slice_axis_inplace(Axis(0), Slice::from(rows));
    part.slice_axis_inplace(Axis(1), Slice::from(columns));
    part
}

/// The same to write to.
fn part_mut(
    a: &mut Array2<f32>,
    rows: Range<usize>,
    columns: Range<usize>,
) -> ArrayViewMut2<'_, f32> {
    let mut part = a.view_mut();
    part.slice_axis_inplace(Axis(0), Slice::from(rows));
    part.slice_axis_inplace(Axis(1), Slice::from(columns));
    part
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::numbers::{Dice, count};

    #[test]
    fn a_matrix_times_its_inverse_is_one_whatever_its_size() {
        for n in [1, 7, BLOCK, BLOCK + 1, 700] {
            let mut dice = Dice::new(3);
            let x = Array2::from_shape_fn((2 * n, n), |_| count(dice.below(1_000)) / 1_000.0);
            let a = x.t().dot(&x) + Array2::<f32>::eye(n) * 10.0;

            let product = inverse(a.clone()).unwrap().dot(&a);
            let off = (product - Array2::<f32>::eye(n)).mapv(f32::abs);
            assert!(
                off.iter().all(|&off| off < 2e-2),
                "{n}: {:?}",
                off.iter().copied().fold(0.0, f32::max)
            );
        }
    }

    #[test]
    fn what_has_no_inverse_is_refused() {
        assert_eq!(inverse(Array2::zeros((3, 3))), None);
        assert_eq!(inverse(Array2::from_elem((2, 2), f32::NAN)), None);
    }
}
