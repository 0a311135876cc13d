//! A = Q R of a matrix that may be singular, column by column.
//!
//! For a regular matrix, the decomposition in [`matrix::qr`](super::matrix::qr) is unique up to signs,
//! and faster. Of a singular one there are many. Here a column that depends on those before it
//! gets a 0 on the diagonal of R and takes up its row, so that the columns after it keep theirs.

use ndarray::{Array2, ArrayView2};

/// Q, and the diagonal of R; what is left of a column counts as nothing when its norm is at most
/// `nothing`.
#[must_use]
pub fn qr(a: ArrayView2<f64>, nothing: f64) -> (Array2<f64>, Vec<f64>) {
    let n = a.ncols();
    let mut r = a.to_owned();
    let mut q = Array2::eye(n);
    let mut diagonal = vec![0.0; n];
    for j in 0..n {
        let mut v: Vec<f64> = (j..n).map(|i| r[[i, j]]).collect();
        let norm = v.iter().fold(0.0, |norm: f64, x| norm.hypot(*x));
        if norm <= nothing {
            continue;
        }
        // The reflection x ← x − 2 v (v·x)/(v·v) takes the column to −sign(v_0) |column| e_0.
        diagonal[j] = -norm.copysign(v[0]);
        v[0] -= diagonal[j];
        let square: f64 = v.iter().map(|x| x * x).sum();
        for k in j..n {
            let along: f64 = v.iter().enumerate().map(|(i, v)| v * r[[j + i, k]]).sum();
            for (i, v) in v.iter().enumerate() {
                r[[j + i, k]] -= 2.0 * v * along / square;
            }
        }
        for mut row in q.rows_mut() {
            let along: f64 = v.iter().enumerate().map(|(i, v)| v * row[j + i]).sum();
            for (i, v) in v.iter().enumerate() {
                row[j + i] -= 2.0 * v * along / square;
            }
        }
    }
    (q, diagonal)
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::arr2;

    #[test]
    fn a_regular_matrix_has_one_decomposition() {
        let a = Array2::from_shape_fn((6, 6), |(i, j)| ((i * 5 + j * j * 3 + 1) % 13) as f64 - 6.0);
        let (q, diagonal) = qr(a.view(), 0.0);
        let (other_q, other) = crate::num::matrix::qr(a.view());
        for j in 0..6 {
            assert!((diagonal[j].abs() - other[j].abs()).abs() < 1e-12);
            let same = diagonal[j].signum() * other[j].signum();
            for i in 0..6 {
                assert!((q[[i, j]] - same * other_q[[i, j]]).abs() < 1e-12);
            }
        }
    }

    #[test]
    fn a_column_of_zeros_takes_up_its_row() {
        let a = arr2(&[[0.0, 0.5, 0.0], [0.0, 2.0, 4.0], [0.0, 0.0, 3.0]]);
        let (q, diagonal) = qr(a.view(), 1e-15);
        assert_eq!(diagonal[0], 0.0);
        assert!((diagonal[1].abs() - 2.0).abs() < 1e-15 && (diagonal[2].abs() - 3.0).abs() < 1e-15);
        let r = q.t().dot(&a);
        assert!((q.dot(&r) - &a).iter().all(|d| d.abs() < 1e-15));
        assert!(
            r.indexed_iter()
                .all(|((i, j), v)| i <= j || v.abs() < 1e-15)
        );
    }
}
