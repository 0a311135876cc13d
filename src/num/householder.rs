//! The diagonal of R in A = Q R of a matrix whose columns may depend on each other.
//!
//! For a regular matrix, the decomposition in [`matrix::qr`](super::matrix::qr) is unique up to signs,
//! and faster. Of a singular one there are many. Here a column that depends on those before it gets
//! a 0, and takes no direction away from the columns after it.

use ndarray::ArrayView2;

use super::hadamard::add_scaled;
use super::simd::{self, Kernel};
use super::vector;

/// The absolute values of the diagonal of R, column by column; what is left of a column counts as
/// nothing when its norm is at most `nothing`.
pub fn diagonal(a: ArrayView2<f64>, nothing: f64) -> Vec<f64> {
    simd::run(Reflections { a, nothing })
}

struct Reflections<'a> {
    a: ArrayView2<'a, f64>,
    nothing: f64,
}

impl Kernel for Reflections<'_> {
    type Output = Vec<f64>;

    #[inline(always)]
    fn run<const FMA: bool>(self) -> Vec<f64> {
        let Self { a, nothing } = self;
        let columns = a.ncols();
        let mut rows: Vec<Vec<f64>> = a.rows().into_iter().map(|row| row.to_vec()).collect();
        let mut left = &mut rows[..];
        let mut diagonal = vec![0.0; columns];
        for j in 0..columns {
            let mut v: Vec<f64> = left.iter().map(|row| row[j]).collect();
            let norm = vector::norm::<FMA>(&v);
            if norm <= nothing {
                continue;
            }
            diagonal[j] = norm;
            // The reflection x ← x − 2 v (v·x)/(v·v) takes the column to −sign(v_0) |column| e_0.
            v[0] += norm.copysign(v[0]);
            let square: f64 = v.iter().map(|x| x * x).sum();
            // Row by row, as they lie in memory.
            let mut along = vec![0.0; columns - j - 1];
            for (row, &v) in left.iter().zip(&v) {
                add_scaled(&mut along, v, &row[j + 1..]);
            }
            for (row, &v) in left.iter_mut().zip(&v) {
                add_scaled(&mut row[j + 1..], -2.0 * v / square, &along);
            }
            // The first row belongs to this column now.
            left = &mut left[1..];
        }
        diagonal
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::{Array2, arr2};

    #[test]
    fn a_regular_matrix_has_one_decomposition() {
        let a = Array2::from_shape_fn((6, 6), |(i, j)| ((i * 5 + j * j * 3 + 1) % 13) as f64 - 6.0);
        let (_, other) = crate::num::matrix::qr(a.view());
        for (got, want) in diagonal(a.view(), 0.0).iter().zip(other) {
            assert!((got - want.abs()).abs() < 1e-12);
        }
    }

    #[test]
    fn a_column_that_depends_on_others_takes_nothing_away() {
        let a = arr2(&[
            [0.0, 0.5, 1.0, 0.0],
            [0.0, 2.0, 4.0, 4.0],
            [0.0, 0.0, 0.0, 3.0],
        ]);
        let found = diagonal(a.view(), 1e-14);
        // What is left of the last column without the direction of the second, (1, 4).
        let left = (25.0 - 16.0 * 16.0 / 17.0f64).sqrt();
        for (got, want) in found.iter().zip([0.0, 4.25f64.sqrt(), 0.0, left]) {
            assert!((got - want).abs() < 1e-14, "{found:?}");
        }
    }
}
