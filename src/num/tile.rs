//! The tile that products of dense matrices are made of: 4 × 8 sums, or 4 × 16 with the registers of
//! AVX-512, that stay in registers while the numbers of both factors stream by.

use super::simd::mul_add;

/// Columns of a strip, the left factor's share of a tile: as many rows has the tile.
pub const STRIP: usize = 4;

/// Columns of a panel, the right factor's share: as many columns has the tile.
pub const PANEL: usize = 8;

/// Σ_k s_k p_kᵀ over the rows of a strip and a panel.
#[inline(always)]
pub fn meet<const FMA: bool, const WIDTH: usize>(
    strip: &[[f64; STRIP]],
    panel: &[[f64; WIDTH]],
) -> [[f64; WIDTH]; STRIP] {
    let mut sums = [[0.0; WIDTH]; STRIP];
    for (a, b) in strip.iter().zip(panel) {
        for (sum, &a) in sums.iter_mut().zip(a) {
            for (s, &b) in sum.iter_mut().zip(b) {
                *s = mul_add::<FMA>(a, b, *s);
            }
        }
    }
    sums
}

/// Copies row t of so many steps into pieces of `WIDTH` columns, one after the other; the last one is
/// filled up with zeros.
#[inline(always)]
pub fn copy<const WIDTH: usize>(row: &[f64], pieces: &mut [[f64; WIDTH]], t: usize, steps: usize) {
    let (whole, rest) = row.as_chunks::<WIDTH>();
    for (k, columns) in whole.iter().enumerate() {
        pieces[k * steps + t] = *columns;
    }
    if !rest.is_empty() {
        let last = &mut pieces[whole.len() * steps + t];
        *last = [0.0; WIDTH];
        // So few numbers are moved sooner than a call to copy memory is made.
        last.iter_mut().zip(rest).for_each(|(x, y)| *x = *y);
    }
}

/// Writes the sums of a panel to a row from its first column on, or adds them; the last panel
/// reaches beyond it.
#[inline(always)]
pub fn put<const WIDTH: usize>(row: &mut [f64], sum: &[f64; WIDTH], more: bool) {
    match (row.first_chunk_mut::<WIDTH>(), more) {
        (Some(whole), false) => *whole = *sum,
        (Some(whole), true) => whole.iter_mut().zip(sum).for_each(|(x, s)| *x += s),
        (None, false) => row.iter_mut().zip(sum).for_each(|(x, s)| *x = *s),
        (None, true) => row.iter_mut().zip(sum).for_each(|(x, s)| *x += s),
    }
}
