//! Sums of outer products, Σ_t a_t b_tᵀ, that grow while a matrix streams by.
//!
//! A step back of a cell waits for its weights: they come from the second-level cache at half the
//! speed at which they could be multiplied. In the meantime the sums of steps that are done can grow,
//! tile by tile ([`Packed::times_beside`](super::Packed::times_beside) takes them up), and what has
//! not found room so is added at the end. It takes registers for both ([`simd::wide`](super::simd::wide)):
//! with half as many, one product at the end is a tenth faster than this.

use super::aligned::Aligned;
use super::outer::Rows;
use super::tile::{PANEL, STRIP, copy, meet, put};

/// Steps that a tile takes in at once.
pub const BLOCK: usize = 32;

/// Columns of a tile: with 4 rows its sums fill eight of the 32 registers of AVX-512.
pub const WIDTH: usize = 16;

/// The sums for each of two b, and a block of steps that those for the second are about to take in; the
/// first, the inputs, are few and take in a block as it comes. By default there is nothing to do.
#[derive(Debug, Default)]
pub struct Growing {
    /// Numbers of each b_t.
    b: [usize; 2],
    /// Panels of the second b, and strips of a.
    dim: (usize, usize),
    /// The steps in hand, a as strips and b as panels, and how many they are.
    strips: Aligned,
    panels: Aligned,
    steps: usize,
    /// The same of the first b.
    narrow: Aligned,
    /// The next tile for them: its panel and its strip. Panels at the end: no more.
    next: (usize, usize),
    /// The sums for the first b, row by row.
    first: Aligned,
    /// Those for the second, tile by tile: all strips of a panel before the next panel.
    sums: Aligned,
    /// Whether they have taken in anything.
    begun: bool,
}

/// A tile's part of a strip and a panel, and its sums.
pub struct Tile<'a> {
    /// The numbers of a, step by step.
    pub strip: &'a [[f64; STRIP]],
    /// The numbers of b.
    pub panel: &'a [[f64; WIDTH]],
    sums: &'a mut [[f64; WIDTH]],
    begun: bool,
}

impl Tile<'_> {
    /// Takes in what the strip and the panel give ([`meet`]).
    #[inline(always)]
    pub fn take(self, more: &[[f64; WIDTH]; STRIP]) {
        for (row, more) in self.sums.iter_mut().zip(more) {
            put(row, more, self.begun);
        }
    }
}

impl Growing {
    /// Begins sums of a_t with so many numbers and b_t with so many.
    pub fn begin(&mut self, a: usize, b: [usize; 2]) {
        let (panels, strips) = (b[1].div_ceil(WIDTH), a.div_ceil(STRIP));
        (self.b, self.dim) = (b, (panels, strips));
        (self.steps, self.begun, self.next) = (0, false, (panels, 0));
        self.first.resize(a * b[0]);
        self.sums.resize(panels * strips * STRIP * WIDTH);
    }

    /// Gives the next steps, at most [`BLOCK`]; those before them are added up first.
    #[inline(always)]
    pub fn steps<const FMA: bool>(&mut self, a: Rows, b: [Rows; 2]) {
        while let Some(tile) = self.tile() {
            let more = meet::<FMA, WIDTH>(tile.strip, tile.panel);
            tile.take(&more);
        }
        self.begun = self.steps > 0;
        let steps = a.flat.len() / a.width;
        self.strips.resize(self.dim.1 * STRIP * BLOCK);
        copy_strips(a, self.strips.as_chunks_mut::<STRIP>().0, steps);
        copy_panels::<PANEL>(b[0], &mut self.narrow, steps);
        copy_panels::<WIDTH>(b[1], &mut self.panels, steps);
        (self.steps, self.next) = (steps, (0, 0));
        self.take_first::<FMA>();
    }

    /// The sums for the first b take in the steps in hand.
    #[inline(always)]
    fn take_first<const FMA: bool>(&mut self) {
        let width = self.b[0];
        let rows = self.first.chunks_mut(STRIP * width);
        for (strip, rows) in rows.enumerate() {
            let strip = piece(&self.strips, strip, self.steps);
            for (panel, first) in (0..width).step_by(PANEL).enumerate() {
                let more = meet::<FMA, PANEL>(strip, piece(&self.narrow, panel, self.steps));
                for (row, more) in rows.chunks_exact_mut(width).zip(&more) {
                    put(&mut row[first..], more, self.begun);
                }
            }
        }
    }

    /// Whether steps wait to be added.
    #[inline(always)]
    #[must_use]
    pub fn waits(&self) -> bool {
        self.next.0 < self.dim.0
    }

    /// The next tile for the steps in hand.
    #[inline(always)]
    pub fn tile(&mut self) -> Option<Tile<'_>> {
        let (panels, strips) = self.dim;
        let (panel, strip) = self.next;
        if panel == panels {
            return None;
        }
        self.next = if strip + 1 == strips {
            (panel + 1, 0)
        } else {
            (panel, strip + 1)
        };
        Some(Tile {
            strip: piece(&self.strips, strip, self.steps),
            panel: piece(&self.panels, panel, self.steps),
            sums: &mut self.sums.as_chunks_mut().0[(panel * strips + strip) * STRIP..][..STRIP],
            begun: self.begun,
        })
    }

    /// The sums for each b, row by row, as many rows as a_t has numbers; what is left of the steps in
    /// hand is added on the way.
    #[inline(always)]
    pub fn write<const FMA: bool>(&self, [of_first, of_second]: [&mut [f64]; 2]) {
        of_first.copy_from_slice(&self.first);
        let (strips, width) = (self.dim.1, self.b[1]);
        let (sums, _) = self.sums.as_chunks::<WIDTH>();
        for (panel, first) in (0..width).step_by(WIDTH).enumerate() {
            for (strip, rows) in of_second.chunks_mut(STRIP * width).enumerate() {
                let taken = (panel, strip) < self.next;
                let mut whole = if taken {
                    [[0.0; WIDTH]; STRIP]
                } else {
                    let strip = piece(&self.strips, strip, self.steps);
                    meet::<FMA, WIDTH>(strip, piece(&self.panels, panel, self.steps))
                };
                if taken || self.begun {
                    let sums = &sums[(panel * strips + strip) * STRIP..];
                    for (whole, sum) in whole.iter_mut().zip(sums) {
                        put(whole, sum, true);
                    }
                }
                for (row, sum) in rows.chunks_exact_mut(width).zip(&whole) {
                    put(&mut row[first..], sum, false);
                }
            }
        }
    }
}

/// Copies so many steps into panels.
#[inline(always)]
fn copy_panels<const WIDTH: usize>(b: Rows, panels: &mut Aligned, steps: usize) {
    panels.resize(b.width.next_multiple_of(WIDTH) * BLOCK);
    let (panels, _) = panels.as_chunks_mut::<WIDTH>();
    for (t, row) in b.flat.chunks_exact(b.width).enumerate() {
        copy(row, panels, t, steps);
    }
}

/// The k-th strip or panel of so many steps.
#[inline(always)]
fn piece<const WIDTH: usize>(pieces: &[f64], k: usize, steps: usize) -> &[[f64; WIDTH]] {
    &pieces.as_chunks().0[k * steps..][..steps]
}

/// Copies so many steps into strips: of all steps what stands in one line of the cache, then the
/// next.
#[inline(always)]
fn copy_strips(a: Rows, strips: &mut [[f64; STRIP]], steps: usize) {
    let whole = a.width / PANEL * PANEL;
    for first in (0..whole).step_by(PANEL) {
        let strips = &mut strips[first / STRIP * steps..][..PANEL / STRIP * steps];
        for (t, row) in a.flat.chunks_exact(a.width).enumerate() {
            copy(&row[first..first + PANEL], strips, t, steps);
        }
    }
    for (t, row) in a.flat.chunks_exact(a.width).enumerate() {
        copy(
            &row[whole..],
            &mut strips[whole / STRIP * steps..],
            t,
            steps,
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::Array2;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn agrees_with_ndarray(steps in 1usize..100, widths in (1usize..40, 1usize..20, 1usize..20), taken in 0usize..40, seed in 0u32..1000) {
            let value = |i: usize| f64::from((i as u32).wrapping_mul(2_654_435_761).wrapping_add(seed) % 1000) / 500.0 - 1.0;
            let matrix = |width: usize| Array2::from_shape_fn((steps, width), |(i, j)| value(i * 71 + j + width));
            let (a, x, h) = (matrix(widths.0), matrix(widths.1), matrix(widths.2));
            let mut growing = Growing::default();
            prop_assert!(growing.tile().is_none() && !growing.waits());
            // The second time nothing of the first may be left.
            for _ in 0..2 {
                growing.begin(widths.0, [widths.1, widths.2]);
                for first in (0..steps).step_by(BLOCK) {
                    let last = steps.min(first + BLOCK);
                    let rows = |m: &Array2<f64>| m.as_slice().unwrap()[first * m.ncols()..last * m.ncols()].to_vec();
                    let (a_rows, x_rows, h_rows) = (rows(&a), rows(&x), rows(&h));
                    let of = |flat, width| Rows { flat, width };
                    growing.steps::<true>(of(&a_rows, widths.0), [of(&x_rows, widths.1), of(&h_rows, widths.2)]);
                    prop_assert!(growing.waits());
                    for _ in 0..taken {
                        if let Some(tile) = growing.tile() {
                            let more = meet::<false, WIDTH>(tile.strip, tile.panel);
                            tile.take(&more);
                        }
                    }
                }
                let (mut of_x, mut of_h) = (vec![9.0; widths.0 * widths.1], vec![9.0; widths.0 * widths.2]);
                growing.write::<true>([&mut of_x, &mut of_h]);
                for (got, want) in of_x.iter().zip(a.t().dot(&x).iter()).chain(of_h.iter().zip(a.t().dot(&h).iter())) {
                    prop_assert!((got - want).abs() < 1e-11);
                }
            }
        }
    }
}
