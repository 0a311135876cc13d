//! Sums of outer products, Σ_t a_t b_tᵀ: what the gradient of a weight matrix is.
//!
//! Both factors are rows of a window, one a step. Steps are taken in blocks; a block of b_t is
//! copied into panels of 8 columns, or of 16 with AVX-512, and one of a_t into strips of 4, and where a
//! strip meets a panel their sums stay in registers while the steps stream by. A panel stays in the
//! first-level cache for 16 strips, the strips in the second.

use super::aligned::Aligned;
use super::simd;
use super::tile::{PANEL, STRIP, copy, meet, put};

/// Steps of a block, and strips that meet a panel before the next one comes.
const STEPS: usize = 256;
const STRIPS: usize = 16;

/// T rows of `width` numbers, flat.
#[derive(Clone, Copy, Debug)]
pub struct Rows<'a> {
    /// Row by row.
    pub flat: &'a [f64],
    /// Numbers in a row.
    pub width: usize,
}

/// Memory for the copies.
#[derive(Clone, Debug, Default)]
pub struct Packing {
    /// Of each b.
    panels: [Aligned; 2],
    strips: Aligned,
}

/// For each b, at most two: out ← Σ_t s_t a_t b_tᵀ, row by row, as many rows as a_t has numbers and as many
/// columns as b_t. `scales` are the s_t; without them, 1.
///
/// # Panics
/// When the lengths do not fit.
#[inline(always)]
pub fn outer<const FMA: bool, const N: usize>(
    a: Rows,
    b: [Rows; N],
    scales: Option<&[f64]>,
    mut out: [&mut [f64]; N],
    packing: &mut Packing,
) {
    assert!(N <= 2);
    for (b, out) in b.iter().zip(&mut out) {
        assert!(out.len() == a.width * b.width);
    }
    let steps = a.flat.len() / a.width;
    if steps == 0 {
        for out in &mut out {
            out.fill(0.0);
        }
    }
    for first in (0..steps).step_by(STEPS) {
        let count = STEPS.min(steps - first);
        let scales = scales.map(|s| &s[first..first + count]);
        let (a, b) = (a.steps(first, count), b.map(|b| b.steps(first, count)));
        if simd::wide() {
            block::<FMA, N, { 2 * PANEL }>(a, b, scales, &mut out, first > 0, packing);
        } else {
            block::<FMA, N, PANEL>(a, b, scales, &mut out, first > 0, packing);
        }
    }
}

impl Rows<'_> {
    /// So many rows from `first` on.
    #[inline(always)]
    pub fn steps(self, first: usize, count: usize) -> Self {
        let flat = &self.flat[first * self.width..][..count * self.width];
        Self { flat, ..self }
    }
}

/// Writes the sums of one block of steps, or adds them.
#[inline(always)]
fn block<const FMA: bool, const N: usize, const WIDTH: usize>(
    a: Rows,
    b: [Rows; N],
    scales: Option<&[f64]>,
    out: &mut [&mut [f64]; N],
    more: bool,
    packing: &mut Packing,
) {
    let Packing { panels, strips } = packing;
    let steps = a.flat.len() / a.width;
    for (panels, b) in panels.iter_mut().zip(b) {
        panels.resize(steps * b.width.next_multiple_of(WIDTH));
        let (panels, _) = panels.as_chunks_mut::<WIDTH>();
        for (t, row) in b.flat.chunks_exact(b.width).enumerate() {
            copy(row, panels, t, steps);
        }
    }
    for group in (0..a.width).step_by(STRIPS * STRIP) {
        let columns = (STRIPS * STRIP).min(a.width - group);
        strips.resize(steps * columns.next_multiple_of(STRIP));
        let (strips, _) = strips.as_chunks_mut::<STRIP>();
        for (t, row) in a.flat.chunks_exact(a.width).enumerate() {
            copy(&row[group..group + columns], strips, t, steps);
        }
        if let Some(scales) = scales {
            for strip in strips.chunks_exact_mut(steps) {
                for (row, &scale) in strip.iter_mut().zip(scales) {
                    for x in row.iter_mut() {
                        *x *= scale;
                    }
                }
            }
        }
        for ((panels, b), out) in panels.iter().zip(b).zip(&mut *out) {
            let rows = &mut out[group * b.width..][..columns * b.width];
            let (panels, _) = panels.as_chunks::<WIDTH>();
            for (k, panel) in panels.chunks_exact(steps).enumerate() {
                for (strip, rows) in strips
                    .chunks_exact(steps)
                    .zip(rows.chunks_mut(STRIP * b.width))
                {
                    let sums = meet::<FMA, WIDTH>(strip, panel);
                    for (row, sum) in rows.chunks_exact_mut(b.width).zip(&sums) {
                        put(&mut row[k * WIDTH..], sum, more);
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::Array2;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn agrees_with_ndarray(steps in 0usize..600, left in 1usize..75, right in 1usize..20, seed in 0u32..1000) {
            let value = |i: usize| f64::from((i as u32).wrapping_mul(2_654_435_761).wrapping_add(seed) % 1000) / 500.0 - 1.0;
            let a = Array2::from_shape_fn((steps, left), |(i, j)| value(i * 71 + j));
            let b = Array2::from_shape_fn((steps, right), |(i, j)| value(i * 37 + j + 5));
            let scales: Vec<f64> = (0..steps).map(|t| value(t + 3)).collect();
            let scaled = Array2::from_shape_fn((steps, left), |(i, j)| a[[i, j]] * scales[i]);
            let rows = |x| Rows { flat: x, width: 0 };
            let a_rows = Rows { width: left, ..rows(a.as_slice().unwrap()) };
            let b_rows = Rows { width: right, ..rows(b.as_slice().unwrap()) };
            let mut packing = Packing::default();
            let mut out = vec![9.0; left * right];
            let mut again = vec![9.0; left * left];
            for (scales, want) in [(None, a.t().dot(&b)), (Some(scales.as_slice()), scaled.t().dot(&b))] {
                outer::<true, 2>(a_rows, [a_rows, b_rows], scales, [&mut again, &mut out], &mut packing);
                for (got, want) in out.iter().zip(want.iter()) {
                    prop_assert!((got - want).abs() < 1e-11);
                }
                outer::<false, 1>(a_rows, [b_rows], scales, [&mut out], &mut packing);
                for (got, want) in out.iter().zip(want.iter()) {
                    prop_assert!((got - want).abs() < 1e-11);
                }
            }
        }
    }
}
