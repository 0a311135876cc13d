//! The tile that products of dense matrices are made of: 4 × 8 sums that stay in registers while the
//! numbers of both factors stream by.

use super::simd::mul_add;

/// Columns of a strip, the left factor's share of a tile: as many rows has the tile.
pub const STRIP: usize = 4;

/// Columns of a panel, the right factor's share: as many columns has the tile.
pub const PANEL: usize = 8;

/// Σ_k s_k p_kᵀ over the rows of a strip and a panel.
#[inline(always)]
#[must_use]
pub fn meet<const FMA: bool>(
    strip: &[[f64; STRIP]],
    panel: &[[f64; PANEL]],
) -> [[f64; PANEL]; STRIP] {
    let mut sums = [[0.0; PANEL]; STRIP];
    for (a, b) in strip.iter().zip(panel) {
        for (sum, &a) in sums.iter_mut().zip(a) {
            for (s, &b) in sum.iter_mut().zip(b) {
                *s = mul_add::<FMA>(a, b, *s);
            }
        }
    }
    sums
}
