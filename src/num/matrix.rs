//! Sizes of square matrices (spectral radius, largest singular value) and random orthogonal ones,
//! over `faer`.

use faer::Mat;
use ndarray::{Array2, ArrayView1, ArrayView2, Axis, CowArray, Ix2};

use super::lanczos::{self, Found};
use super::vector;
use super::wide::scale_by_power_of_two;

/// A decomposition that did not converge.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the {0} of a matrix did not converge")]
pub struct NoConvergence(&'static str);

/// A complex number.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Complex {
    /// The real part.
    pub re: f64,
    /// The imaginary part.
    pub im: f64,
}

impl Complex {
    /// |z|.
    pub fn abs(self) -> f64 {
        self.re.hypot(self.im)
    }
}

/// All eigenvalues of a square matrix, those of largest modulus first: those of its irreducible blocks,
/// so that those of a triangular matrix are its diagonal, exactly, and those of a nilpotent one 0.
///
/// # Errors
/// When the eigenvalue iteration does not converge.
pub fn eigenvalues(a: ArrayView2<f64>) -> Result<Vec<Complex>, NoConvergence> {
    let mut values = Vec::with_capacity(a.nrows());
    for block in irreducible_blocks(a) {
        if let [j] = block[..] {
            values.push(Complex {
                re: a[[j, j]],
                im: 0.0,
            });
        } else {
            let of_block = a.select(Axis(0), &block).select(Axis(1), &block);
            values.extend(eigenvalues_of_block(of_block.view())?);
        }
    }
    values.sort_by(|a, b| b.abs().total_cmp(&a.abs()));
    Ok(values)
}

fn eigenvalues_of_block(a: ArrayView2<f64>) -> Result<Vec<Complex>, NoConvergence> {
    let (a, exponent) = near_one(a);
    let found = to_faer(a.view())
        .eigenvalues()
        .map_err(|_| NoConvergence("eigenvalues"))?;
    let back = |x| scale_by_power_of_two(x, exponent);
    let values = found.iter().map(|z| Complex {
        re: back(z.re),
        im: back(z.im),
    });
    Ok(values.collect())
}

/// The indices of the irreducible diagonal blocks of a square matrix: the strongly connected components
/// of the graph with an edge from i to j where A_ij is not 0. Every component is what one of its indices
/// both reaches and is reached from, and no other component is in two of the three sets beside it.
fn irreducible_blocks(a: ArrayView2<f64>) -> Vec<Vec<usize>> {
    let mut open = vec![(0..a.nrows()).collect::<Vec<_>>()];
    let mut blocks = Vec::new();
    while let Some(part) = open.pop() {
        if part.is_empty() {
            continue;
        }
        let [onward, back] = [a, a.reversed_axes()].map(|a| reached_by_first(a, &part));
        let mut parts = [const { Vec::new() }; 4];
        for ((j, onward), back) in part.into_iter().zip(onward).zip(back) {
            parts[2 * usize::from(onward) + usize::from(back)].push(j);
        }
        let [neither, before, after, block] = parts;
        blocks.push(block);
        open.extend([neither, before, after]);
    }
    blocks
}

/// Which of these indices the first of them reaches without leaving them.
fn reached_by_first(a: ArrayView2<f64>, part: &[usize]) -> Vec<bool> {
    let mut reached = vec![false; part.len()];
    reached[0] = true;
    let mut open = vec![part[0]];
    while let Some(i) = open.pop() {
        for (reached, &j) in reached.iter_mut().zip(part) {
            if !*reached && a[[i, j]] != 0.0 {
                *reached = true;
                open.push(j);
            }
        }
    }
    reached
}

/// Whether all eigenvalues of a square matrix are 0 by the places of its zeros.
pub fn is_nilpotent(a: ArrayView2<f64>) -> bool {
    let blocks = irreducible_blocks(a);
    blocks
        .iter()
        .all(|block| block.len() == 1 && a[[block[0], block[0]]] == 0.0)
}

/// ρ(A) = max |eigenvalue| of a square matrix.
///
/// # Errors
/// When the eigenvalue iteration does not converge.
pub fn spectral_radius(a: ArrayView2<f64>) -> Result<f64, NoConvergence> {
    Ok(eigenvalues(a)?.first().map_or(0.0, |z| z.abs()))
}

/// σ_max(A), the largest singular value.
///
/// # Errors
/// When the singular value iteration does not converge.
pub fn largest_singular_value(a: ArrayView2<f64>) -> Result<f64, NoConvergence> {
    if a.ncols() > LARGE {
        return Ok(largest_by_lanczos(a));
    }
    Ok(singular_values(a)?.first().copied().unwrap_or(0.0))
}

/// From this size on, the largest singular value alone is found in far less time than all of them.
const LARGE: usize = 128;
/// The part of its square that the error of that value may be.
const ERROR: f64 = 1e-14;

/// The largest singular value by products with the matrix alone ([`lanczos`]).
fn largest_by_lanczos(a: ArrayView2<f64>) -> f64 {
    let (a, exponent) = near_one(a);
    let transposed = a.t().as_standard_layout().into_owned();
    let n = a.ncols();
    let found = lanczos::largest_singular_value(n, n, ERROR, &mut |x, y| {
        let product = transposed.dot(&a.dot(&ArrayView1::from(x)));
        y.iter_mut()
            .zip(product)
            .for_each(|(y, product)| *y = product);
        Some(0)
    });
    match found {
        Some(Found::Value(value, _)) => value.shifted(exponent).saturating_f64(),
        // Of a matrix of zeros.
        _ => 0.0,
    }
}

/// All singular values, the largest first.
///
/// # Errors
/// When the singular value iteration does not converge.
pub fn singular_values(a: ArrayView2<f64>) -> Result<Vec<f64>, NoConvergence> {
    let (a, exponent) = near_one(a);
    let mut values = to_faer(a.view())
        .singular_values()
        .map_err(|_| NoConvergence("singular values"))?;
    values.sort_by(|a, b| b.total_cmp(a));
    for value in &mut values {
        *value = scale_by_power_of_two(*value, exponent);
    }
    Ok(values)
}

/// A = Q R with orthonormal columns of Q, as many as A has, and an upper triangular R; Q, and the
/// diagonal of R.
pub fn qr(a: ArrayView2<f64>) -> (Array2<f64>, Vec<f64>) {
    let qr = to_faer(a).qr();
    let (q, r) = (qr.compute_thin_Q(), qr.thin_R());
    let diagonal = (0..a.ncols()).map(|j| r[(j, j)]).collect();
    (Array2::from_shape_fn(a.dim(), |(i, j)| q[(i, j)]), diagonal)
}

/// The orthogonal factor of a matrix that has at least as many rows as columns, with the signs that make
/// R's diagonal positive; of a square gaussian matrix it is distributed uniformly over the orthogonal
/// group (Mezzadri 2007), and of a tall one as the first columns of such.
pub fn orthogonal_factor(a: ArrayView2<f64>) -> Array2<f64> {
    let qr = to_faer(a).qr();
    let (q, r) = (qr.compute_thin_Q(), qr.thin_R());
    Array2::from_shape_fn(a.dim(), |(i, j)| q[(i, j)] * r[(j, j)].signum())
}

/// The mantissas of a matrix and a binary exponent of their own where it lies so near an end of
/// float64 that fourth powers of its numbers, squares of those of AᵀA, do not.
fn near_one(a: ArrayView2<'_, f64>) -> (CowArray<'_, f64, Ix2>, i64) {
    let top = a.iter().fold(0.0, |top: f64, x| top.max(x.abs()));
    if top == 0.0 || (1e-50..1e50).contains(&top) {
        return (a.into(), 0);
    }
    let size = vector::exponent_of(top);
    (a.mapv(|x| scale_by_power_of_two(x, -size)).into(), size)
}

fn to_faer(a: ArrayView2<f64>) -> Mat<f64> {
    Mat::from_fn(a.nrows(), a.ncols(), |i, j| a[[i, j]])
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::array;
    use proptest::prelude::*;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(24))]

        /// A power of two on the matrix is the same power on all that is found, up to the ends of float64.
        #[test]
        fn sizes_scale(
            numbers in proptest::collection::vec(-1.0..1.0f64, 16),
            copies in prop_oneof![Just(1), Just(40)],
            exponent in -960i64..1010,
        ) {
            let n = 4 * copies;
            let a = Array2::from_shape_fn((n, n), |(i, j)| {
                let same = f64::from(u8::from(i / 4 == j / 4));
                same * numbers[i % 4 * 4 + j % 4]
            });
            let far = a.mapv(|x| scale_by_power_of_two(x, exponent));
            let near = |found: f64, want: f64, size: f64| {
                (scale_by_power_of_two(found, -exponent) - want).abs() <= 1e-12 * size
            };
            let size = largest_singular_value(a.view()).unwrap();
            prop_assert!(near(largest_singular_value(far.view()).unwrap(), size, size));
            let pairs = singular_values(far.view()).unwrap();
            for (found, want) in pairs.into_iter().zip(singular_values(a.view()).unwrap()) {
                prop_assert!(near(found, want, size));
            }
            // The eigenvalues of a matrix that is nearly defective keep half their digits only.
            let found = spectral_radius(far.view()).unwrap();
            let want = spectral_radius(a.view()).unwrap();
            prop_assert!((scale_by_power_of_two(found, -exponent) - want).abs() <= 1e-6 * size);
        }
    }

    /// A line of delays, forwards and backwards, and mixed with its units.
    #[test]
    fn what_is_nilpotent_has_radius_zero() {
        let n = 12;
        let order: Vec<usize> = (0..n).map(|j| 5 * j % n).collect();
        for step in [1, n - 1] {
            let delay = Array2::from_shape_fn((n, n), |(i, j)| {
                let next = j == (i + step) % n && i.min(j) + 1 == i.max(j);
                f64::from(u8::from(next))
            });
            let mixed = delay.select(Axis(0), &order).select(Axis(1), &order);
            for matrix in [delay, mixed] {
                assert!(is_nilpotent(matrix.view()));
                assert!(
                    eigenvalues(matrix.view())
                        .unwrap()
                        .iter()
                        .all(|z| z.abs() == 0.0)
                );
            }
        }
    }

    #[test]
    fn blocks_have_their_own_eigenvalues() {
        let turn = array![
            [0.0, -2.0, 7.0, 1.0],
            [2.0, 0.0, 3.0, 1e9],
            [0.0, 0.0, 1e-9, 5.0],
            [0.0, 0.0, 0.0, -3.0]
        ];
        let order = [2, 0, 3, 1];
        let mixed = turn.select(Axis(0), &order).select(Axis(1), &order);
        let found = eigenvalues(mixed.view()).unwrap();
        assert_eq!((found[0].re, found[3].re), (-3.0, 1e-9));
        assert!((found[1].abs() - 2.0).abs() < 1e-15 && found[1].re.abs() < 1e-15);
    }

    #[test]
    fn matrices_of_the_ends_of_float64() {
        for size in [1e-320, 1e-200, 1e200, 1e300] {
            let a = array![[0.0, -3.0], [4.0, 0.0]] * size;
            let slack = if size < 1e-300 { 1e-2 } else { 1e-14 };
            let near = |found: f64, want: f64| (found / size / want - 1.0).abs() < slack;
            assert!(
                near(spectral_radius(a.view()).unwrap(), 12f64.sqrt()),
                "{size}"
            );
            assert!(
                near(largest_singular_value(a.view()).unwrap(), 4.0),
                "{size}"
            );
            assert!(near(singular_values(a.view()).unwrap()[1], 3.0), "{size}");
        }
    }

    #[test]
    fn a_rotation_and_a_shear() {
        let rotation = array![[0.6, -0.8], [0.8, 0.6]];
        assert!((spectral_radius(rotation.view()).unwrap() - 1.0).abs() < 1e-15);
        // Not normal: both eigenvalues ½, and it still triples a vector.
        let shear = array![[0.5, 3.0], [0.0, 0.5]];
        assert!((spectral_radius(shear.view()).unwrap() - 0.5).abs() < 1e-15);
        assert!(largest_singular_value(shear.view()).unwrap() > 3.0);
    }

    #[test]
    fn eigenvalues_are_complex_and_sorted() {
        // A rotation by 90° times 2 beside a number: ±2i and −3.
        let a = array![[0.0, -2.0, 0.0], [2.0, 0.0, 0.0], [0.0, 0.0, -3.0]];
        let found = eigenvalues(a.view()).unwrap();
        assert!((found[0].re + 3.0).abs() < 1e-14 && found[0].im == 0.0);
        let mut pair = [found[1].im, found[2].im];
        pair.sort_by(f64::total_cmp);
        assert!((pair[0] + 2.0).abs() < 1e-14 && (pair[1] - 2.0).abs() < 1e-14);
        assert!(found[1].re.abs() < 1e-14);
    }

    #[test]
    fn a_is_q_times_r() {
        let a = Array2::from_shape_fn((7, 7), |(i, j)| ((i * 5 + j * j * 3 + 1) % 13) as f64 - 6.0);
        let (q, diagonal) = qr(a.view());
        let r = q.t().dot(&a);
        for ((i, j), &v) in r.indexed_iter() {
            assert!(i <= j || v.abs() < 1e-13, "below the diagonal: {v}");
            assert!(i != j || (v - diagonal[i]).abs() < 1e-13);
        }
        assert!((q.dot(&r) - &a).iter().all(|d| d.abs() < 1e-13));
        let values = singular_values(a.view()).unwrap();
        assert!(values.windows(2).all(|pair| pair[0] >= pair[1]));
        let frobenius = a.iter().map(|x| x * x).sum::<f64>();
        assert!((values.iter().map(|s| s * s).sum::<f64>() / frobenius - 1.0).abs() < 1e-13);
    }

    #[test]
    fn the_largest_singular_value_of_a_large_matrix_is_the_first_of_all() {
        let value = |i: usize, j: usize| ((i * 37 + j * 91 + i * j * 13) as f64).sin();
        let large = Array2::from_shape_fn((150, 150), |(i, j)| value(i, j));
        let orthogonal = orthogonal_factor(large.view());
        for a in [
            large,
            orthogonal,
            Array2::eye(140),
            Array2::zeros((130, 130)),
        ] {
            let largest = largest_singular_value(a.view()).unwrap();
            let all = singular_values(a.view()).unwrap();
            assert!(
                (largest - all[0]).abs() <= 1e-13 * all[0],
                "{largest} {}",
                all[0]
            );
        }
    }

    #[test]
    fn the_orthogonal_factor_is_orthogonal() {
        let a = Array2::from_shape_fn((5, 5), |(i, j)| ((i * 7 + j * 3) % 11) as f64 - 4.5);
        let q = orthogonal_factor(a.view());
        let identity = q.t().dot(&q);
        for ((i, j), v) in identity.indexed_iter() {
            assert!((v - f64::from(u8::from(i == j))).abs() < 1e-14);
        }
    }
}
