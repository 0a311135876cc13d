//! The map x ↦ A x + b of many vectors at once: what all inputs of a window go through.
//!
//! The rows of A are copied once into panels of 8 and the vectors, as they come, into strips of 4;
//! where a strip meets a panel 32 sums stay in registers. Numbers that lie a row's length apart in A
//! are then read in one go.

use ndarray::{Array1, ArrayView2};

use super::aligned::Aligned;
use super::tile::{PANEL, STRIP, meet};

/// A and b.
#[derive(Clone, Debug)]
pub struct Affine {
    /// Panels of A, one after the other.
    panels: Aligned,
    /// b, filled up to whole panels.
    added: Aligned,
    /// Rows and columns of A.
    dim: (usize, usize),
    /// Memory for the strips.
    strips: Aligned,
}

impl Affine {
    /// Copies A and b; without b, zeros.
    pub fn new(a: ArrayView2<f64>, b: Option<&Array1<f64>>) -> Self {
        let (rows, columns) = a.dim();
        let filled = rows.next_multiple_of(PANEL);
        let mut added = Aligned::zeros(filled);
        for (place, &x) in added.iter_mut().zip(b.into_iter().flatten()) {
            *place = x;
        }
        let mut numbers = Aligned::zeros(filled * columns);
        let (panels, _) = numbers.as_chunks_mut::<PANEL>();
        for (j, row) in a.rows().into_iter().enumerate() {
            let panel = &mut panels[j / PANEL * columns..][..columns];
            for (place, &x) in panel.iter_mut().zip(row) {
                place[j % PANEL] = x;
            }
        }
        Self {
            panels: numbers,
            added,
            dim: (rows, columns),
            strips: Aligned::default(),
        }
    }

    /// Rows of A.
    pub fn rows(&self) -> usize {
        self.dim.0
    }

    /// out ← A x + b for every vector: in `x` they stand one after the other, of as many numbers as A has
    /// columns, in `out` their images, of as many as it has rows.
    #[inline(always)]
    pub fn map<const FMA: bool>(&mut self, x: &[f64], out: &mut [f64]) {
        let (rows, columns) = self.dim;
        self.copy(x);
        let (panels, _) = self.panels.as_chunks::<PANEL>();
        let (added, _) = self.added.as_chunks::<PANEL>();
        let (strips, _) = self.strips.as_chunks::<STRIP>();
        for (k, (panel, b)) in panels.chunks_exact(columns).zip(added).enumerate() {
            let first = k * PANEL;
            for (strip, out) in strips
                .chunks_exact(columns)
                .zip(out.chunks_mut(STRIP * rows))
            {
                let sums = meet::<FMA, PANEL>(strip, panel);
                for (out, sum) in out.chunks_exact_mut(rows).zip(&sums) {
                    match out[first..].first_chunk_mut::<PANEL>() {
                        Some(whole) => put(whole, sum, b),
                        None => put(&mut out[first..], sum, b),
                    }
                }
            }
        }
    }

    /// The vectors as strips. What stands in the last one beside the vectors has no meaning.
    #[inline(always)]
    fn copy(&mut self, x: &[f64]) {
        let columns = self.dim.1;
        let group = STRIP * columns;
        self.strips.resize(x.len().div_ceil(group) * group);
        let (strips, _) = self.strips.as_chunks_mut::<STRIP>();
        for (strip, group) in strips.chunks_exact_mut(columns).zip(x.chunks(group)) {
            for (k, x) in group.chunks_exact(columns).enumerate() {
                for (place, &x) in strip.iter_mut().zip(x) {
                    place[k] = x;
                }
            }
        }
    }
}

#[inline(always)]
fn put(out: &mut [f64], sum: &[f64; PANEL], b: &[f64; PANEL]) {
    for ((x, s), b) in out.iter_mut().zip(sum).zip(b) {
        *x = s + b;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::Array2;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn agrees_with_ndarray(count in 1usize..20, rows in 1usize..40, columns in 1usize..20, seed in 0u32..1000) {
            let value = |i: usize| f64::from((i as u32).wrapping_mul(2_654_435_761).wrapping_add(seed) % 1000) / 500.0 - 1.0;
            let a = Array2::from_shape_fn((rows, columns), |(i, j)| value(i * 71 + j));
            let x = Array2::from_shape_fn((count, columns), |(i, j)| value(i * 37 + j + 5));
            let b = Array1::from_shape_fn(rows, |i| value(i + 11));
            let mut out = Array2::from_elem((count, rows), 9.0);
            for (b, want) in [(None, x.dot(&a.t())), (Some(&b), x.dot(&a.t()) + &b)] {
                let mut affine = Affine::new(a.view(), b);
                affine.map::<true>(x.as_slice().unwrap(), out.as_slice_mut().unwrap());
                prop_assert!((&out - &want).iter().all(|d| d.abs() < 1e-12));
                affine.map::<false>(x.as_slice().unwrap(), out.as_slice_mut().unwrap());
                prop_assert!((&out - &want).iter().all(|d| d.abs() < 1e-12));
            }
        }
    }
}
