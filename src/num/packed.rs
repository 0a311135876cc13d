//! A matrix packed for y ← A x, the product that a recurrent step consists of.
//!
//! Rows are cut into panels of up to 32, and a panel is stored column by column. One panel's sums
//! then stay in registers while its columns stream through once: no horizontal sums, and every
//! weight is read exactly once, in order.

use ndarray::ArrayView2;

use super::simd::mul_add;

/// A packed matrix.
#[derive(Clone, Debug)]
pub struct Packed {
    rows: usize,
    columns: usize,
    panels: Vec<f64>,
}

impl Packed {
    /// Packs a matrix. Pack Rᵀ (a transposed view costs nothing) for the way back.
    #[must_use]
    pub fn new(matrix: ArrayView2<f64>) -> Self {
        let (rows, columns) = matrix.dim();
        let mut panels = Vec::with_capacity(rows.next_multiple_of(4) * columns);
        for (first, width) in panels_of(rows) {
            for column in 0..columns {
                for row in first..first + width {
                    panels.push(if row < rows { matrix[[row, column]] } else { 0.0 });
                }
            }
        }
        Self { rows, columns, panels }
    }

    /// y ← A x; `x` has as many elements as A has columns, `y` as many as it has rows.
    #[inline(always)]
    pub fn times<const FMA: bool>(&self, x: &[f64], y: &mut [f64]) {
        assert!(x.len() == self.columns && y.len() == self.rows);
        let mut rest = self.panels.as_slice();
        for (first, width) in panels_of(self.rows) {
            let (panel, after) = rest.split_at(width * self.columns);
            rest = after;
            let y = &mut y[first..self.rows.min(first + width)];
            // Narrow panels take several columns at a time, to hide the latency of the sums.
            match width {
                32 => times_panel::<FMA, 32, 1>(panel, x, y),
                16 => times_panel::<FMA, 16, 2>(panel, x, y),
                8 => times_panel::<FMA, 8, 4>(panel, x, y),
                _ => times_panel::<FMA, 4, 8>(panel, x, y),
            }
        }
    }
}

/// First row and width (32, 16, 8 or 4) of every panel; the last may reach beyond the matrix.
#[inline(always)]
fn panels_of(rows: usize) -> impl Iterator<Item = (usize, usize)> {
    let mut first = 0;
    std::iter::from_fn(move || {
        let width = match rows - first.min(rows) {
            0 => return None,
            32.. => 32,
            16.. => 16,
            8.. => 8,
            _ => 4,
        };
        first += width;
        Some((first - width, width))
    })
}

#[inline(always)]
fn times_panel<const FMA: bool, const WIDTH: usize, const UNROLL: usize>(
    panel: &[f64],
    x: &[f64],
    y: &mut [f64],
) {
    let mut sums = [[0.0; WIDTH]; UNROLL];
    let (columns, _) = panel.as_chunks::<WIDTH>();
    let (groups, last) = columns.as_chunks::<UNROLL>();
    let (xs, last_x) = x.as_chunks::<UNROLL>();
    for (group, x) in groups.iter().zip(xs) {
        for ((sum, column), &x) in sums.iter_mut().zip(group).zip(x) {
            for (s, &a) in sum.iter_mut().zip(column) {
                *s = mul_add::<FMA>(a, x, *s);
            }
        }
    }
    for (column, &x) in last.iter().zip(last_x) {
        for (s, &a) in sums[0].iter_mut().zip(column) {
            *s = mul_add::<FMA>(a, x, *s);
        }
    }
    let mut total = sums[0];
    for sum in &sums[1..] {
        for (t, &s) in total.iter_mut().zip(sum) {
            *t += s;
        }
    }
    if y.len() == WIDTH {
        y.copy_from_slice(&total);
    } else {
        y.copy_from_slice(&total[..y.len()]);
    }
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
            Packed::new(a.view()).times::<true>(x.as_slice().unwrap(), &mut y);
            for (got, want) in y.iter().zip(a.dot(&x)) {
                prop_assert!((got - want).abs() < 1e-12);
            }
            Packed::new(a.view()).times::<false>(x.as_slice().unwrap(), &mut y);
            for (got, want) in y.iter().zip(a.dot(&x)) {
                prop_assert!((got - want).abs() < 1e-12);
            }
        }
    }
}
