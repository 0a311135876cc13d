//! A matrix packed for y ← A x, the product that a recurrent step consists of.
//!
//! Rows are cut into panels of up to 32, and a panel is stored column by column. One panel's sums
//! then stay in registers while its columns stream through once: no horizontal sums, and every
//! weight is read exactly once. A caller that multiplies again and again goes through the panels
//! to and fro: what the last product read at its end is still in the cache for the next.

use ndarray::ArrayView2;

use super::aligned::Aligned;
use super::growing::{BLOCK, Growing, WIDTH};
use super::simd::{self, mul_add};
use super::tile::STRIP;

/// Rows of a panel, unless what is left is less.
const WIDEST: usize = 32;

/// Columns of a panel that stream by while a tile of sums takes in a block of steps: two for each.
const TURN: usize = 2 * BLOCK;

/// Rows of a panel that are followed at once, two registers of eight numbers: what is done with them
/// waits for itself less than with one.
const PIECE: usize = 16;

/// What is to be done with rows of a product as soon as they are ready.
pub trait Follow {
    /// The 16 rows from this one on, a multiple of 16.
    fn rows<const FMA: bool>(&mut self, first: usize, y: &[f64]);
}

/// A packed matrix.
#[derive(Clone, Debug)]
pub struct Packed {
    rows: usize,
    columns: usize,
    /// First row and rows of each panel; the last may reach beyond the matrix.
    panels: Vec<(usize, usize)>,
    weights: Aligned,
}

impl Packed {
    /// Packs a matrix. Pack Rᵀ (a transposed view costs nothing) for the way back.
    #[must_use]
    pub fn new(matrix: ArrayView2<f64>) -> Self {
        let (rows, columns) = matrix.dim();
        let panels = panels(rows);
        let mut weights = Vec::with_capacity(rows.next_multiple_of(4) * columns);
        for &(first, width) in &panels {
            for column in 0..columns {
                for row in first..first + width {
                    weights.push(if row < rows {
                        matrix[[row, column]]
                    } else {
                        0.0
                    });
                }
            }
        }
        Self {
            rows,
            columns,
            panels,
            weights: Aligned::from(weights.as_slice()),
        }
    }

    /// y ← A x; `x` has as many elements as A has columns, `y` as many as it has rows. `fro` goes
    /// through the panels from the last to the first; the result is the same.
    ///
    /// # Panics
    /// When the lengths do not fit.
    #[inline(always)]
    pub fn times<const FMA: bool>(&self, x: &[f64], y: &mut [f64], fro: bool) {
        self.product::<FMA, false>(x, y, fro);
    }

    /// y ← y + A x, otherwise as [`times`](Self::times).
    ///
    /// # Panics
    /// When the lengths do not fit.
    #[inline(always)]
    pub fn add_times<const FMA: bool>(&self, x: &[f64], y: &mut [f64], fro: bool) {
        self.product::<FMA, true>(x, y, fro);
    }

    /// y ← A x, otherwise as [`times`](Self::times), while sums take in what waits for them: the product
    /// is held up by the memory that A comes from, so that this costs about half of what it would cost by itself.
    ///
    /// # Panics
    /// When the lengths do not fit.
    #[inline(always)]
    pub fn times_beside<const FMA: bool>(
        &self,
        x: &[f64],
        y: &mut [f64],
        fro: bool,
        growing: &mut Growing,
    ) {
        if !growing.waits() {
            return self.times::<FMA>(x, y, fro);
        }
        assert!(x.len() == self.columns && y.len() == self.rows);
        for k in 0..self.panels.len() {
            let (width, weights, y) = self.panel(k, fro, y);
            match y.as_chunks_mut::<WIDEST>() {
                ([y], []) => panel_beside::<FMA>(weights, x, y, growing),
                _ => panel_of_width::<FMA, false>(width, weights, x, y),
            }
        }
    }

    /// y ← y + A x, otherwise as [`times`](Self::times), while `follow` goes on with rows of y that are
    /// ready: those of a panel while the next one streams by.
    ///
    /// # Panics
    /// When the lengths do not fit, or the rows cannot be followed.
    #[inline(always)]
    pub fn add_times_followed<const FMA: bool, F: Follow>(
        &self,
        x: &[f64],
        y: &mut [f64],
        fro: bool,
        follow: &mut F,
    ) {
        const PIECES: usize = WIDEST / PIECE;
        assert!(x.len() == self.columns && y.len() == self.rows && self.can_be_followed());
        let (rows, _) = y.as_chunks_mut::<WIDEST>();
        let turn = self.columns / PIECES;
        let mut ready: Option<usize> = None;
        for k in 0..rows.len() {
            let k = if fro { rows.len() - 1 - k } else { k };
            let panel = &self.weights[k * WIDEST * self.columns..][..WIDEST * self.columns];
            let turns = panel.chunks(WIDEST * turn).zip(x.chunks(turn));
            let mut sums = [0.0; WIDEST];
            for (piece, (columns, x)) in turns.enumerate() {
                if let Some(ready) = ready {
                    let rows = &rows[ready][piece * PIECE..][..PIECE];
                    follow.rows::<FMA>(ready * WIDEST + piece * PIECE, rows);
                }
                add_columns::<FMA, WIDEST>(columns.as_chunks().0, x, &mut sums);
            }
            for (y, s) in rows[k].iter_mut().zip(sums) {
                *y += s;
            }
            ready = Some(k);
        }
        if let Some(ready) = ready {
            for (piece, rows) in rows[ready].chunks_exact(PIECE).enumerate() {
                follow.rows::<FMA>(ready * WIDEST + piece * PIECE, rows);
            }
        }
    }

    /// Whether the rows are whole panels, and the columns enough for a turn of each piece.
    #[inline(always)]
    #[must_use]
    pub fn can_be_followed(&self) -> bool {
        self.rows.is_multiple_of(WIDEST) && self.columns.is_multiple_of(PIECE)
    }

    /// Whether there is a panel that sums can grow beside, and registers for both.
    #[must_use]
    pub fn streams(&self) -> bool {
        simd::wide() && self.rows >= WIDEST && self.columns >= TURN
    }

    #[inline(always)]
    fn product<const FMA: bool, const ADD: bool>(&self, x: &[f64], y: &mut [f64], fro: bool) {
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
            panel_of_width::<FMA, ADD>(width, weights, x, y);
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
fn panel_of_width<const FMA: bool, const ADD: bool>(
    width: usize,
    panel: &[f64],
    x: &[f64],
    y: &mut [f64],
) {
    match width {
        WIDEST => self::panel::<FMA, ADD, WIDEST>(panel, x, y),
        16 => self::panel::<FMA, ADD, 16>(panel, x, y),
        8 => self::panel::<FMA, ADD, 8>(panel, x, y),
        _ => self::panel::<FMA, ADD, 4>(panel, x, y),
    }
}

#[inline(always)]
fn panel<const FMA: bool, const ADD: bool, const WIDTH: usize>(
    panel: &[f64],
    x: &[f64],
    y: &mut [f64],
) {
    let mut sums = [0.0; WIDTH];
    add_columns::<FMA, WIDTH>(panel.as_chunks().0, x, &mut sums);
    // Number by number, and y at the end: a copy of the whole array, and sums that began with y, would
    // go through memory.
    let put = |(y, s): (&mut f64, f64)| *y = if ADD { *y + s } else { s };
    match y.as_chunks_mut::<WIDTH>() {
        ([whole], []) => whole.iter_mut().zip(sums).for_each(put),
        _ => y.iter_mut().zip(sums).for_each(put),
    }
}

/// A panel whose columns stream by while tiles of other sums take in a block of steps each, a step
/// for every two columns.
#[inline(always)]
fn panel_beside<const FMA: bool>(
    panel: &[f64],
    x: &[f64],
    y: &mut [f64; WIDEST],
    growing: &mut Growing,
) {
    let mut sums = [0.0; WIDEST];
    let (columns, _) = panel.as_chunks::<WIDEST>();
    for (columns, x) in columns.chunks(TURN).zip(x.chunks(TURN)) {
        let tile = if x.len() == TURN {
            growing.tile()
        } else {
            None
        };
        match tile {
            None => add_columns::<FMA, WIDEST>(columns, x, &mut sums),
            Some(tile) => {
                let (paired, rest) = columns.split_at(2 * tile.strip.len());
                let (x, x_rest) = x.split_at(paired.len());
                let more = both::<FMA>(paired, x, &mut sums, tile.strip, tile.panel);
                tile.take(&more);
                add_columns::<FMA, WIDEST>(rest, x_rest, &mut sums);
            }
        }
    }
    *y = sums;
}

#[inline(always)]
fn add_columns<const FMA: bool, const WIDTH: usize>(
    columns: &[[f64; WIDTH]],
    x: &[f64],
    sums: &mut [f64; WIDTH],
) {
    let mut own = *sums;
    for (column, &x) in columns.iter().zip(x) {
        for (s, &a) in own.iter_mut().zip(column) {
            *s = mul_add::<FMA>(a, x, *s);
        }
    }
    *sums = own;
}

/// [`add_columns`] of pairs of columns and [`meet`](super::tile::meet), turn by turn.
#[inline(always)]
fn both<const FMA: bool>(
    columns: &[[f64; WIDEST]],
    x: &[f64],
    sums: &mut [f64; WIDEST],
    strip: &[[f64; STRIP]],
    panel: &[[f64; WIDTH]],
) -> [[f64; WIDTH]; STRIP] {
    let mut own = *sums;
    let mut tile = [[0.0; WIDTH]; STRIP];
    let pairs = columns.as_chunks::<2>().0.iter().zip(x.as_chunks::<2>().0);
    for (((columns, x), a), b) in pairs.zip(strip).zip(panel) {
        for (s, &w) in own.iter_mut().zip(&columns[0]) {
            *s = mul_add::<FMA>(w, x[0], *s);
        }
        for (sum, &a) in tile.iter_mut().zip(a) {
            for (s, &b) in sum.iter_mut().zip(b) {
                *s = mul_add::<FMA>(a, b, *s);
            }
        }
        for (s, &w) in own.iter_mut().zip(&columns[1]) {
            *s = mul_add::<FMA>(w, x[1], *s);
        }
    }
    *sums = own;
    tile
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::num::outer::Rows;
    use ndarray::{Array1, Array2};
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn agrees_with_ndarray(rows in 1usize..90, columns in 1usize..70, seed in 0u32..1000) {
            let value = |i: usize| f64::from((i as u32).wrapping_mul(2_654_435_761).wrapping_add(seed) % 1000) / 500.0 - 1.0;
            let a = Array2::from_shape_fn((rows, columns), |(i, j)| value(i * 71 + j));
            let x = Array1::from_shape_fn(columns, |j| value(j + 9));
            let mut y = vec![0.0; rows];
            Packed::new(a.view()).times::<true>(x.as_slice().unwrap(), &mut y, false);
            for (got, want) in y.iter().zip(a.dot(&x)) {
                prop_assert!((got - want).abs() < 1e-12);
            }
            Packed::new(a.view()).times::<false>(x.as_slice().unwrap(), &mut y, true);
            for (got, want) in y.iter().zip(a.dot(&x)) {
                prop_assert!((got - want).abs() < 1e-12);
            }
            Packed::new(a.view()).add_times::<true>(x.as_slice().unwrap(), &mut y, true);
            for (got, want) in y.iter().zip(a.dot(&x)) {
                prop_assert!((got - 2.0 * want).abs() < 1e-12);
            }
        }

        #[test]
        fn rows_are_followed_once_and_when_they_are_ready(panels in 1usize..6, sixteens in 1usize..5, fro: bool) {
            struct Seen(Vec<f64>);
            impl Follow for Seen {
                fn rows<const FMA: bool>(&mut self, first: usize, y: &[f64]) {
                    assert_eq!((first % PIECE, y.len()), (0, PIECE));
                    for (seen, y) in self.0[first..].iter_mut().zip(y) {
                        *seen += y;
                    }
                }
            }
            let value = |i: usize| ((i * 37 % 101) as f64 - 50.0) / 50.0;
            let (rows, columns) = (panels * WIDEST, sixteens * PIECE);
            let a = Packed::new(Array2::from_shape_fn((rows, columns), |(i, j)| value(i * 71 + j)).view());
            let x: Vec<f64> = (0..columns).map(|j| value(j + 9)).collect();
            let mut plain: Vec<f64> = (0..rows).map(value).collect();
            let (mut y, mut seen) = (plain.clone(), Seen(vec![0.0; rows]));
            a.add_times::<true>(&x, &mut plain, fro);
            a.add_times_followed::<true, _>(&x, &mut y, fro, &mut seen);
            prop_assert_eq!(&y, &plain);
            prop_assert_eq!(&seen.0, &plain);
        }

        #[test]
        fn what_stands_beside_changes_nothing(rows in 1usize..90, columns in 1usize..200, count in 1usize..=BLOCK, fro: bool) {
            let value = |i: usize| ((i * 37 % 101) as f64 - 50.0) / 50.0;
            let a = Packed::new(Array2::from_shape_fn((rows, columns), |(i, j)| value(i * 71 + j)).view());
            let x: Vec<f64> = (0..columns).map(|j| value(j + 9)).collect();
            let steps: Vec<f64> = (0..BLOCK * 100).map(value).collect();
            let mut growing = Growing::default();
            let given = |width| Rows { flat: &steps[..count * width], width };
            growing.begin(100, [3, 100]);
            growing.steps::<true>(given(100), [given(3), given(100)]);
            let (mut alone, mut beside) = (vec![0.0; rows], vec![0.0; rows]);
            a.times::<true>(&x, &mut alone, fro);
            a.times_beside::<true>(&x, &mut beside, fro, &mut growing);
            prop_assert_eq!(alone, beside);
            let mut left = 0;
            while growing.tile().is_some() {
                left += 1;
            }
            prop_assert_eq!(left, (7 * 25_usize).saturating_sub(rows / WIDEST * (columns / (2 * BLOCK))));
            prop_assert_eq!(a.streams(), simd::wide() && left < 175);
        }
    }
}
