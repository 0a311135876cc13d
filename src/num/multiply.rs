//! A product of two dense matrices of moderate size, for chains of hundreds of them.
//!
//! Columns of B are copied into panels of 8, and 4 rows of A at a time meet a panel: 32 sums in
//! registers, each number of the panel used four times and each of A eight times. Everything is row
//! by row and flat.

use super::simd::mul_add;

/// Columns of a panel, and rows that meet it together.
const WIDTH: usize = 8;
const ROWS: usize = 4;

/// A panel: one group of columns of B, row by row.
pub type Panel = Vec<[f64; WIDTH]>;

/// out ← A B. A has rows of `inner` numbers; B has `inner` rows of `columns` numbers, each
/// `stride` after the last, and so has the result, whose rows are `out_stride` apart. `panel` is
/// memory.
#[inline(always)]
pub fn multiply<const FMA: bool>(
    (a, inner): (&[f64], usize),
    (b, stride): (&[f64], usize),
    columns: usize,
    (out, out_stride): (&mut [f64], usize),
    panel: &mut Panel,
) {
    panel.resize(inner, [0.0; WIDTH]);
    for first in (0..columns).step_by(WIDTH) {
        let width = WIDTH.min(columns - first);
        for (row, b) in panel.iter_mut().zip(b.chunks(stride)) {
            match b[first..].first_chunk::<WIDTH>() {
                Some(whole) if width == WIDTH => *row = *whole,
                _ => {
                    *row = [0.0; WIDTH];
                    // So few numbers are moved sooner than a call to copy memory is made.
                    row.iter_mut()
                        .zip(&b[first..first + width])
                        .for_each(|(x, y)| *x = *y);
                }
            }
        }
        let rows = a
            .chunks(ROWS * inner)
            .zip(out.chunks_mut(ROWS * out_stride));
        for (a, out) in rows {
            let sums = if a.len() == ROWS * inner {
                four::<FMA>(a, panel)
            } else {
                let mut sums = [[0.0; WIDTH]; ROWS];
                for (sum, a) in sums.iter_mut().zip(a.chunks_exact(inner)) {
                    *sum = one::<FMA>(a, panel);
                }
                sums
            };
            for (out, sum) in out.chunks_mut(out_stride).zip(&sums) {
                match out[first..].first_chunk_mut::<WIDTH>() {
                    Some(whole) if width == WIDTH => *whole = *sum,
                    _ => out[first..first + width]
                        .iter_mut()
                        .zip(sum)
                        .for_each(|(x, y)| *x = *y),
                }
            }
        }
    }
}

/// Four rows of A with a panel.
#[inline(always)]
fn four<const FMA: bool>(a: &[f64], panel: &Panel) -> [[f64; WIDTH]; ROWS] {
    let (a0, rest) = a.split_at(panel.len());
    let (a1, rest) = rest.split_at(panel.len());
    let (a2, a3) = rest.split_at(panel.len());
    let mut sums = [[0.0; WIDTH]; ROWS];
    for ((((b, &x0), &x1), &x2), &x3) in panel.iter().zip(a0).zip(a1).zip(a2).zip(a3) {
        for (sum, x) in sums.iter_mut().zip([x0, x1, x2, x3]) {
            for (s, &b) in sum.iter_mut().zip(b) {
                *s = mul_add::<FMA>(x, b, *s);
            }
        }
    }
    sums
}

/// One row of A with a panel.
#[inline(always)]
fn one<const FMA: bool>(a: &[f64], panel: &Panel) -> [f64; WIDTH] {
    let mut sums = [0.0; WIDTH];
    for (b, &x) in panel.iter().zip(a) {
        for (s, &b) in sums.iter_mut().zip(b) {
            *s = mul_add::<FMA>(x, b, *s);
        }
    }
    sums
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::Array2;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn agrees_with_ndarray(rows in 1usize..20, inner in 1usize..20, columns in 1usize..40, seed in 0u32..1000) {
            let value = |i: usize| f64::from((i as u32).wrapping_mul(2_654_435_761).wrapping_add(seed) % 1000) / 500.0 - 1.0;
            let a = Array2::from_shape_fn((rows, inner), |(i, j)| value(i * 71 + j));
            let b = Array2::from_shape_fn((inner, columns + 3), |(i, j)| value(i * 37 + j + 5));
            let (a_flat, b_flat) = (a.as_slice().unwrap(), b.as_slice().unwrap());
            let mut out = vec![9.0; rows * (columns + 1)];
            let mut panel = Panel::new();
            multiply::<true>((a_flat, inner), (b_flat, columns + 3), columns, (&mut out, columns + 1), &mut panel);
            let want = a.dot(&b);
            for (i, row) in out.chunks(columns + 1).enumerate() {
                for (j, got) in row[..columns].iter().enumerate() {
                    prop_assert!((got - want[[i, j]]).abs() < 1e-12);
                }
                prop_assert_eq!(row[columns], 9.0, "what stands between the rows is left alone");
            }
        }
    }
}
