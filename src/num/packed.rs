//! A matrix packed for y ← A x, the product that a recurrent step consists of.
//!
//! Rows are cut into panels of up to 32, and a panel is stored column by column. One panel's sums
//! then stay in registers while its columns stream through once: no horizontal sums, and every
//! weight is read exactly once. A caller that multiplies again and again goes through the panels
//! to and fro: what the last product read at its end is still in the cache for the next.

use ndarray::{ArrayView2, Axis, Slice};

use super::Number;
use super::aligned::Aligned;
use super::simd::{self, mul_add};
use super::vector;

/// Rows of a panel, unless what is left is less.
const WIDEST: usize = 32;

/// As many numbers as the first cache holds beside others; the products of more wait for memory.
const NEAR: usize = 4096;

/// A packed matrix.
#[derive(Clone, Debug)]
pub struct Packed {
    rows: usize,
    columns: usize,
    /// First row and rows of each panel; the last may reach beyond the matrix.
    panels: Vec<(usize, usize)>,
    weights: Aligned,
    /// The smallest |weight| that is not 0, and the largest.
    range: [f64; 2],
    /// Whether every other column has sums of its own. One set of sums waits for itself: a multiply-add takes
    /// four cycles, and AVX-512 begins two in each. Without it the registers do not hold two sets, and a matrix
    /// of more than [`NEAR`] numbers waits for the cache.
    in_pairs: bool,
}

impl Packed {
    /// Packs a matrix. Pack Rᵀ (a transposed view costs nothing) for the way back.
    pub fn new(matrix: ArrayView2<f64>) -> Self {
        let (rows, columns) = matrix.dim();
        let panels = panels(rows);
        let mut weights = Vec::with_capacity(rows.next_multiple_of(4) * columns);
        for &(first, width) in &panels {
            let inside = matrix.slice_axis(Axis(0), Slice::from(first..rows.min(first + width)));
            for column in inside.columns() {
                weights.extend(&column);
                weights.resize(weights.len().next_multiple_of(width), 0.0);
            }
        }
        Self {
            rows,
            columns,
            panels,
            range: [vector::smallest(&weights), vector::largest(&weights)],
            weights: Aligned::from(weights.as_slice()),
            in_pairs: simd::wide() && rows * columns <= NEAR,
        }
    }

    /// The smallest |weight| that is not 0, ∞ when there is none; and the largest.
    pub(super) const fn range(&self) -> [f64; 2] {
        self.range
    }

    /// Rows and columns.
    pub(super) const fn dim(&self) -> [usize; 2] {
        [self.rows, self.columns]
    }

    /// A matrix of what this makes of every weight; of 0 it is to make 0.
    pub(super) fn map(&self, of: impl Fn(f64) -> f64) -> Self {
        let weights: Vec<f64> = self.weights.iter().map(|&x| of(x)).collect();
        Self {
            panels: self.panels.clone(),
            range: [vector::smallest(&weights), vector::largest(&weights)],
            weights: Aligned::from(weights.as_slice()),
            ..*self
        }
    }

    /// y ← A x; `x` has as many elements as A has columns, `y` as many as it has rows. `fro` goes
    /// through the panels from the last to the first; the result is the same.
    ///
    /// # Panics
    /// When the lengths do not fit.
    #[inline(always)]
    pub fn times<N: Number, const FMA: bool>(&self, x: &[N], y: &mut [N], fro: bool) {
        N::through::<FMA, false>(self, x, y, fro);
    }

    /// y ← y + A x, otherwise as [`times`](Self::times).
    ///
    /// # Panics
    /// When the lengths do not fit.
    #[inline(always)]
    pub fn add_times<N: Number, const FMA: bool>(&self, x: &[N], y: &mut [N], fro: bool) {
        N::through::<FMA, true>(self, x, y, fro);
    }

    /// As they, of `f64`.
    #[inline(always)]
    pub(super) fn product<const FMA: bool, const ADD: bool>(
        &self,
        x: &[f64],
        y: &mut [f64],
        fro: bool,
    ) {
        assert!(x.len() == self.columns && y.len() == self.rows);
        if let [x] = *x {
            // One unit: nothing to add up, and its panels are the column.
            for (y, a) in y.iter_mut().zip(&*self.weights) {
                *y = mul_add::<FMA>(*a, x, if ADD { *y } else { 0.0 });
            }
            return;
        }
        for k in 0..self.panels.len() {
            let (width, weights, y) = self.panel(k, fro, y);
            if self.in_pairs {
                panel_of_width::<FMA, ADD, 2>(width, weights, x, y);
            } else {
                panel_of_width::<FMA, ADD, 1>(width, weights, x, y);
            }
        }
    }

    /// Of a panel, the k-th or counted from the last, the width, the weights and its part of y.
    #[inline(always)]
    fn panel<'a>(&self, k: usize, fro: bool, y: &'a mut [f64]) -> (usize, &[f64], &'a mut [f64]) {
        let k = if fro { self.panels.len() - 1 - k } else { k };
        let (first, width) = self.panels[k];
        (
            width,
            &self.weights[first * self.columns..][..width * self.columns],
            &mut y[first..self.rows.min(first + width)],
        )
    }
}

/// Cuts so many rows into panels: as many of 32 as there are, then one each of 16, 8 and 4 as the
/// rest, filled up to a multiple of 4, needs them.
fn panels(rows: usize) -> Vec<(usize, usize)> {
    let mut panels = Vec::new();
    let (mut first, end) = (0, rows.next_multiple_of(4));
    for width in [WIDEST, 16, 8, 4] {
        while end - first >= width {
            panels.push((first, width));
            first += width;
        }
    }
    panels
}

#[inline(always)]
fn panel_of_width<const FMA: bool, const ADD: bool, const SETS: usize>(
    width: usize,
    panel: &[f64],
    x: &[f64],
    y: &mut [f64],
) {
    match width {
        WIDEST => self::panel::<FMA, ADD, SETS, WIDEST>(panel, x, y),
        16 => self::panel::<FMA, ADD, SETS, 16>(panel, x, y),
        8 => self::panel::<FMA, ADD, SETS, 8>(panel, x, y),
        _ => self::panel::<FMA, ADD, SETS, 4>(panel, x, y),
    }
}

#[inline(always)]
fn panel<const FMA: bool, const ADD: bool, const SETS: usize, const WIDTH: usize>(
    panel: &[f64],
    x: &[f64],
    y: &mut [f64],
) {
    let sums = columns::<FMA, SETS, WIDTH>(panel.as_chunks().0, x);
    // Number by number, and y at the end: a copy of the whole array, and sums that began with y, would
    // go through memory.
    let put = |(y, s): (&mut f64, f64)| *y = if ADD { *y + s } else { s };
    match y.as_chunks_mut::<WIDTH>() {
        ([whole], []) => whole.iter_mut().zip(sums).for_each(put),
        _ => y.iter_mut().zip(sums).for_each(put),
    }
}

/// Σ_j x_j column_j.
#[inline(always)]
fn columns<const FMA: bool, const SETS: usize, const WIDTH: usize>(
    columns: &[[f64; WIDTH]],
    x: &[f64],
) -> [f64; WIDTH] {
    let mut sums = [[0.0; WIDTH]; SETS];
    let (groups, last) = columns.as_chunks::<SETS>();
    let (x_groups, x_last) = x.as_chunks::<SETS>();
    for (columns, x) in groups.iter().zip(x_groups) {
        for ((sums, column), &x) in sums.iter_mut().zip(columns).zip(x) {
            for (s, &a) in sums.iter_mut().zip(column) {
                *s = mul_add::<FMA>(a, x, *s);
            }
        }
    }
    let mut sums = sums.into_iter();
    let mut sum = sums.next().unwrap_or([0.0; WIDTH]);
    for other in sums {
        sum.iter_mut().zip(other).for_each(|(s, x)| *s += x);
    }
    for (column, &x) in last.iter().zip(x_last) {
        for (s, &a) in sum.iter_mut().zip(column) {
            *s = mul_add::<FMA>(a, x, *s);
        }
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::{Array1, Array2};
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn agrees_with_ndarray(rows in 1usize..90, columns in 1usize..70, seed in 0u32..1000) {
            let value = |i: usize| f64::from((i as u32).wrapping_mul(2_654_435_761).wrapping_add(seed) % 1000) / 500.0 - 1.0;
            let a = Array2::from_shape_fn((rows, columns), |(i, j)| value(i * 71 + j));
            let x = Array1::from_shape_fn(columns, |j| value(j + 9));
            let mut y = vec![0.0; rows];
            Packed::new(a.view()).times::<_, true>(x.as_slice().unwrap(), &mut y, false);
            for (got, want) in y.iter().zip(a.dot(&x)) {
                prop_assert!((got - want).abs() < 1e-12);
            }
            Packed::new(a.view()).times::<_, false>(x.as_slice().unwrap(), &mut y, true);
            for (got, want) in y.iter().zip(a.dot(&x)) {
                prop_assert!((got - want).abs() < 1e-12);
            }
            Packed::new(a.view()).add_times::<_, true>(x.as_slice().unwrap(), &mut y, true);
            for (got, want) in y.iter().zip(a.dot(&x)) {
                prop_assert!((got - 2.0 * want).abs() < 1e-12);
            }
        }
    }
}
