//! Vectors whose numbers have an exponent each, for what lies thousands of decades apart.
//!
//! Slower than mantissas with one exponent, and nothing small is lost beside something large.

use ndarray::{ArrayView1, ArrayView2, ArrayViewMut1};

use super::Wide;
use super::scaled::Scaled;
use super::wide::scale_by_power_of_two;

/// Numbers this many powers of two apart are multiplied with a matrix at the same time.
const LAYER: i64 = 256;

/// Room for a sum of as many products as a row has.
const ROOM: i64 = 10;

/// The numbers x · 2^exponent.
#[must_use]
pub fn widen(x: &[f64], exponent: i64) -> Vec<Wide> {
    x.iter().map(|&x| Wide::new(x, exponent)).collect()
}

/// x ⊙ y.
#[must_use]
pub fn product(x: &[Wide], y: &[Wide]) -> Vec<Wide> {
    x.iter().zip(y).map(|(x, y)| x.times(*y)).collect()
}

/// sum ← sum + x.
pub fn add(sum: &mut [Wide], x: &[Wide]) {
    for (sum, x) in sum.iter_mut().zip(x) {
        *sum = sum.plus(*x);
    }
}

/// Σ x y.
#[must_use]
pub fn dot(x: &[Wide], y: &[Wide]) -> Wide {
    let terms = x.iter().zip(y).map(|(x, y)| x.times(*y));
    terms.fold(Wide::ZERO, Wide::plus)
}

/// |x|.
#[must_use]
pub fn norm(x: &[Wide]) -> Wide {
    scaled(x).norm::<false>()
}

/// The same vector with one exponent, in which only its largest numbers may be left.
#[must_use]
pub fn scaled(x: &[Wide]) -> Scaled {
    let exponent = top(x, i64::MAX).unwrap_or(0);
    let mantissas = x.iter().map(|x| x.shifted(-exponent).saturating_f64());
    Scaled::new(mantissas.collect(), exponent)
}

/// R x.
#[must_use]
pub fn times(r: ArrayView2<f64>, x: &[Wide]) -> Vec<Wide> {
    in_layers(x, r.nrows(), |x, sums| {
        for (sum, row) in sums.iter_mut().zip(r.rows()) {
            *sum = row.dot(&ArrayView1::from(x));
        }
    })
}

/// Rᵀ x.
#[must_use]
pub fn transposed_times(r: ArrayView2<f64>, x: &[Wide]) -> Vec<Wide> {
    in_layers(x, r.ncols(), |x, sums| {
        let mut sums = ArrayViewMut1::from(sums);
        sums.fill(0.0);
        for (row, &x) in r.rows().into_iter().zip(x).filter(|(_, x)| **x != 0.0) {
            sums.scaled_add(x, &row);
        }
    })
}

/// A linear map of ordinary numbers, of numbers that each have an exponent: of those of about the
/// same size at a time, from the largest on.
fn in_layers(x: &[Wide], rows: usize, mut map: impl FnMut(&[f64], &mut [f64])) -> Vec<Wide> {
    let mut out = vec![Wide::ZERO; rows];
    let mut sums = vec![0.0; rows];
    let mut layer = vec![0.0; x.len()];
    let mut below = i64::MAX;
    while let Some(top) = top(x, below) {
        for (part, x) in layer.iter_mut().zip(x) {
            let (mantissa, exponent) = x.parts();
            let here = exponent < below && exponent > top - LAYER;
            *part = if here {
                scale_by_power_of_two(mantissa, exponent - top - ROOM)
            } else {
                0.0
            };
        }
        map(&layer, &mut sums);
        for (out, &sum) in out.iter_mut().zip(&sums) {
            *out = out.plus(Wide::new(sum, top + ROOM));
        }
        below = top - LAYER + 1;
    }
    out
}

/// The largest exponent that is below this one; `None` when there is none.
fn top(x: &[Wide], below: i64) -> Option<i64> {
    let exponents = x.iter().filter(|x| !x.is_zero()).map(|x| x.parts().1);
    exponents.filter(|&exponent| exponent < below).max()
}

#[cfg(test)]
mod tests {
    use ndarray::array;

    use super::*;

    #[test]
    fn nothing_small_is_lost_beside_something_large() {
        let r = array![[2.0, 0.0, 1e300], [0.0, -3.0, 0.0], [1.0, 0.5, 0.0]];
        let x = [
            Wide::new(1.0, 5000),
            Wide::new(1.0, -5000),
            Wide::new(1.0, -5270),
        ];
        let got = times(r.view(), &x);
        assert_eq!(got[0], Wide::new(2.0, 5000));
        assert_eq!(got[1], Wide::new(-3.0, -5000));
        assert_eq!(got[2], Wide::new(1.0, 5000));
        let got = transposed_times(r.view(), &x);
        assert_eq!(got[0], Wide::new(2.0, 5000));
        assert_eq!(
            got[1],
            Wide::new(-3.0, -5000).plus(Wide::new(0.5, -5270)),
            "sums of layers"
        );
        assert_eq!(got[2], Wide::new(1e300, 5000));
    }

    #[test]
    fn norms_and_products_of_any_size() {
        let x = widen(&[3.0, 4.0], 9000);
        let y = widen(&[1.0, -1.0], -9001);
        assert_eq!(norm(&x), Wide::new(5.0, 9000));
        assert_eq!(dot(&x, &y), Wide::new(-1.0, -1));
        assert_eq!(norm(&[Wide::ZERO; 2]), Wide::ZERO);
    }
}
