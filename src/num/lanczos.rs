//! The largest singular value of a matrix that is known by its products alone, by the iteration of
//! Lanczos on AᵀA, with full reorthogonalisation:
//!
//! ```text
//! AᵀA V_k = V_k T_k + β_k v_{k+1} e_kᵀ        T_k: k × k, tridiagonal
//! ```
//!
//! θ, the largest eigenvalue of T_k, comes to σ_1² from below. With ρ = β_k |q_k|, where q is θ's
//! eigenvector of length 1, the error of θ is at most ρ, and at most ρ² over its distance from the
//! other eigenvalues (Parlett, The Symmetric Eigenvalue Problem, sections 4.5 and 11.7), for which that
//! of T_k's own second one stands. The first vector is always the same, so that a result depends on
//! nothing but the matrix.

use super::Wide;
use super::hadamard::add_scaled;
use super::simd::{self, Kernel};
use super::vector;
use super::wide::scale_by_power_of_two;

/// What AᵀA makes of x: y ← AᵀA x · 2^−e, and e. `None` when the caller ended it.
pub type Square<'a> = &'a mut dyn FnMut(&[f64], &mut [f64]) -> Option<i64>;

/// What the iteration found.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Found {
    /// σ_1, after so many products.
    Value(Wide, usize),
    /// It has not come to rest within the products that were allowed, or A is 0.
    Nothing,
}

/// σ_1 of a matrix with so many columns, with at most `most` products; `error` is the part of θ that its error
/// may be, of which σ_1 has half. `None` when `square` ended it.
pub fn largest_singular_value(
    columns: usize,
    most: usize,
    error: f64,
    square: Square,
) -> Option<Found> {
    let mut basis = first(columns);
    let (mut diagonal, mut off_diagonal) = (Vec::new(), Vec::<f64>::new());
    let mut base = 0;
    let mut next = vec![0.0; columns];
    for k in 0..most.min(columns) {
        let last = &basis[k * columns..];
        let exponent = square(last, &mut next)?;
        if k == 0 {
            // Even, so that it has a root; all else is near it.
            base = exponent + vector::exponent_of(vector::largest(&next));
            base -= base.rem_euclid(2);
        }
        vector::scale(&mut next, scale_by_power_of_two(1.0, exponent - base));
        let (along, rest) = simd::run(Orthogonalise {
            basis: &basis,
            x: &mut next,
        });
        if !(along > 0.0 && along.is_finite()) {
            return Some(Found::Nothing);
        }
        diagonal.push(along);
        let [top, second] = two_largest(&diagonal, &off_diagonal);
        let left = rest * last_element(top, &diagonal, &off_diagonal);
        let apart = top - second;
        if k + 1 == columns || left <= 0.1 * error * top || left * left <= error * top * apart {
            let value = Wide::new(top.sqrt(), base / 2);
            return Some(Found::Value(value, k + 1));
        }
        off_diagonal.push(rest);
        let scale = 1.0 / rest;
        basis.extend(next.iter().map(|x| scale * x));
    }
    Some(Found::Nothing)
}

/// A vector of length 1 without a pattern of its own.
fn first(size: usize) -> Vec<f64> {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let mut draw = || {
        // Knuth's linear congruential generator, of which the upper bits are used.
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as f64 / f64::from(1u32 << 30) - 1.0
    };
    let mut x: Vec<f64> = (0..size).map(|_| draw()).collect();
    let norm = vector::norm::<false>(&x);
    vector::scale(&mut x, 1.0 / norm);
    x
}

/// Takes out of x what lies along the vectors of a basis: what lay along the last of them, and the
/// length of what is left.
struct Orthogonalise<'a> {
    basis: &'a [f64],
    x: &'a mut [f64],
}

impl Kernel for Orthogonalise<'_> {
    type Output = (f64, f64);

    #[inline(always)]
    fn run<const FMA: bool>(self) -> (f64, f64) {
        let Self { basis, x } = self;
        let mut along = 0.0;
        // The second time takes out what the rounding of the first left.
        for _ in 0..2 {
            let mut last = 0.0;
            for v in basis.chunks_exact(x.len()).rev() {
                let part = vector::dot::<FMA>(v, x);
                if last == 0.0 {
                    last = part;
                }
                add_scaled(x, -part, v);
            }
            along += last;
        }
        (along, vector::norm::<FMA>(x))
    }
}

/// The two largest eigenvalues of a tridiagonal matrix, the second of a single number being 0: by
/// bisection, counting the eigenvalues below a number by the signs of a Sturm sequence.
fn two_largest(diagonal: &[f64], off_diagonal: &[f64]) -> [f64; 2] {
    let off = |k: usize| off_diagonal.get(k).copied().unwrap_or(0.0);
    let reach = |k: usize| diagonal[k] + off(k) + if k > 0 { off(k - 1) } else { 0.0 };
    let most = (0..diagonal.len()).map(reach).fold(0.0, f64::max);
    let above = |x: f64| {
        let (mut count, mut d) = (0, 1.0);
        for (k, a) in diagonal.iter().enumerate() {
            let b = if k > 0 { off(k - 1) } else { 0.0 };
            d = a - x - b * b / if d == 0.0 { f64::MIN_POSITIVE } else { d };
            count += usize::from(d > 0.0);
        }
        count
    };
    let largest = |n: usize, digits: f64| {
        let (mut low, mut high) = (0.0, most);
        while high - low > digits * high {
            let middle = f64::midpoint(low, high);
            if middle <= low || middle >= high {
                break;
            }
            if above(middle) >= n {
                low = middle;
            } else {
                high = middle;
            }
        }
        f64::midpoint(low, high)
    };
    let top = largest(1, f64::EPSILON);
    let second = if diagonal.len() > 1 {
        largest(2, 1e-3).min(top)
    } else {
        0.0
    };
    [top, second]
}

/// The last number of the eigenvector of length 1 that belongs to the largest eigenvalue.
fn last_element(top: f64, diagonal: &[f64], off_diagonal: &[f64]) -> f64 {
    // From the last number up, which is how the vector grows.
    let (mut here, mut below) = (1.0, 0.0);
    let mut sum: f64 = 1.0;
    for k in (1..diagonal.len()).rev() {
        let b = off_diagonal.get(k).copied().unwrap_or(0.0);
        let up = ((top - diagonal[k]) * here - b * below) / off_diagonal[k - 1];
        (here, below) = (up, here);
        sum += up * up;
        if !sum.is_finite() {
            return 0.0;
        }
    }
    1.0 / sum.sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::num::matrix;
    use ndarray::Array2;
    use proptest::prelude::*;

    fn of(a: &Array2<f64>, most: usize, exponent: i64) -> Found {
        largest_singular_value(a.ncols(), most, 1e-10, &mut |x, y| {
            let x = ndarray::ArrayView1::from(x);
            y.copy_from_slice(a.t().dot(&a.dot(&x)).as_slice().unwrap());
            Some(exponent)
        })
        .unwrap()
    }

    proptest! {
        #[test]
        fn agrees_with_the_dense_value(size in 1usize..30, seed in 0u32..1000, exponent in -9000i64..9000) {
            let value = |i: usize| f64::from((i as u32).wrapping_mul(2_654_435_761).wrapping_add(seed * 7919) % 1009) / 504.0 - 1.0;
            let a = Array2::from_shape_fn((size, size), |(i, j)| value(i * 71 + j));
            let want = matrix::largest_singular_value(a.view()).unwrap();
            let Found::Value(found, _) = of(&a, size, 2 * exponent) else { panic!("all columns are enough") };
            let found = found.shifted(-exponent).to_f64().unwrap();
            prop_assert!((found - want).abs() < 1e-9 * want, "{found} {want}");
        }
    }

    #[test]
    fn says_where_it_does_not_come_to_rest() {
        // Sixty values within a thousandth.
        let diagonal = (0..60).map(|k| 1.0 + f64::from(k) / 60_000.0);
        let a = Array2::from_diag(&diagonal.collect::<ndarray::Array1<f64>>());
        assert_eq!(of(&a, 5, 0), Found::Nothing);
        assert!(matches!(of(&a, 60, 0), Found::Value(..)));
        assert_eq!(of(&Array2::zeros((4, 4)), 4, 0), Found::Nothing);
        // Every vector is an eigenvector.
        assert!(matches!(
            of(&(3.0 * Array2::eye(9)), 9, 0),
            Found::Value(_, 1)
        ));
    }
}
