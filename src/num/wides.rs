//! Vectors whose numbers have an exponent each, for what lies thousands of decades apart.
//!
//! Slower than mantissas with one exponent, and nothing small is lost beside something large.

use ndarray::Array2;

use super::scaled::Scaled;
use super::simd::{self, Kernel};
use super::wide::scale_by_power_of_two;
use super::{Number, Packed, Wide, vector};

/// Numbers this many powers of two apart are multiplied with a matrix at the same time.
const LAYER: i64 = 256;

/// Weights below this, about 2^-700, are multiplied by themselves.
const TINY: f64 = 1e-211;

/// So many powers of two larger than they are.
const RAISED: i64 = 700;

/// Room for a sum of as many products as a row has.
const ROOM: i64 = 10;

/// What is so many powers of two smaller is nothing in a sum.
const DIGITS: i64 = 60;

/// The numbers x · 2^exponent.
pub fn widen<N: Number>(x: &[N], exponent: i64) -> Vec<Wide> {
    x.iter().map(|x| x.widened(exponent)).collect()
}

/// Σ x y.
pub fn dot(x: &[Wide], y: &[Wide]) -> Wide {
    let terms: Vec<Wide> = x.iter().zip(y).map(|(&x, &y)| x * y).collect();
    let top = top(&terms, i64::MAX).unwrap_or(0);
    Wide::new(terms.iter().map(|x| x.at(top)).sum(), top)
}

/// |x|.
pub fn norm(x: &[Wide]) -> Wide {
    let top = top(x, i64::MAX).unwrap_or(0);
    let squares = x.iter().map(|x| x.at(top) * x.at(top));
    Wide::new(squares.sum::<f64>().sqrt(), top)
}

/// `x` with one exponent for all, in which only its largest numbers may be left, unless they have one each.
pub fn scaled<N: Number>(x: &[Wide]) -> Scaled<N> {
    if N::EXACT {
        return Scaled::new(x.iter().map(|&x| N::of(x)).collect(), 0);
    }
    let exponent = top(x, i64::MAX).unwrap_or(0);
    let mantissas = x.iter().map(|x| N::from(x.at(exponent)));
    Scaled::new(mantissas.collect(), exponent)
}

/// A x.
pub fn times(a: &Packed, x: &[Wide]) -> Vec<Wide> {
    if a.range()[0] >= TINY {
        return simd::run(Layers { a, x });
    }
    // Without the weights that, times a number of a layer, may be no `f64`; and these, 2^RAISED times as large.
    let is_tiny = |x: f64| x.abs() < TINY;
    let raised = |x| scale_by_power_of_two(x, RAISED);
    let plain = a.map(|x| if is_tiny(x) { 0.0 } else { x });
    let tiny = a.map(|x| if is_tiny(x) { raised(x) } else { 0.0 });
    let mut sums = times(&plain, x);
    for (sum, x) in sums.iter_mut().zip(times(&tiny, x)) {
        *sum += x.shifted(-RAISED);
    }
    sums
}

/// A matrix times numbers that each have an exponent: those of about the same size at a time, from the
/// largest on, until what is left is nothing beside every sum.
struct Layers<'a> {
    a: &'a Packed,
    x: &'a [Wide],
}

impl Kernel for Layers<'_> {
    type Output = Vec<Wide>;

    #[inline(always)]
    fn run<const FMA: bool>(self) -> Vec<Wide> {
        let Self { a, x } = self;
        let [rows, _] = a.dim();
        let mut out = vec![Wide::ZERO; rows];
        let (mut sums, mut layer) = (vec![0.0; rows], vec![0.0; x.len()]);
        let mut below = i64::MAX;
        while let Some(top) = top(x, below) {
            if below < i64::MAX {
                let most = top + ROOM + DIGITS + vector::exponent_of(a.range()[1]);
                if out.iter().all(|sum| sum.size() > most) {
                    break;
                }
            }
            for (place, x) in layer.iter_mut().zip(x) {
                let here = x.size() < below && x.size() > top - LAYER;
                *place = if here { x.at(top + ROOM) } else { 0.0 };
            }
            a.product::<FMA, false>(&layer, &mut sums, false);
            for (out, &sum) in out.iter_mut().zip(&sums) {
                *out += Wide::new(sum, top + ROOM);
            }
            below = top - LAYER + 1;
        }
        out
    }
}

/// The largest exponent that is below this one; `None` when there is none.
#[inline(always)]
fn top(x: &[Wide], below: i64) -> Option<i64> {
    let sizes = x.iter().map(|x| x.size());
    let top = sizes.fold(
        i64::MIN,
        |top, size| {
            if size < below { top.max(size) } else { top }
        },
    );
    (top > Wide::ZERO.size()).then_some(top)
}

/// Σ_t a_t b_tᵀ, row by row, of rows a_t and b_t of so many numbers each, flat.
///
/// As many steps at a time as leave no column more than a layer apart are one product of ordinary
/// matrices.
pub fn outer(a: &[Wide], b: &[Wide], [m, n]: [usize; 2]) -> Vec<Wide> {
    let mut sums = vec![Wide::ZERO; m * n];
    let steps = a.len() / m.max(1);
    let mut first = 0;
    while first < steps {
        let (mut of_a, mut of_b) = (Columns::new(m), Columns::new(n));
        let mut last = first;
        while last < steps {
            let (a, b) = (&a[last * m..][..m], &b[last * n..][..n]);
            if !(of_a.fit(a) && of_b.fit(b)) {
                break;
            }
            of_a.take(a);
            of_b.take(b);
            last += 1;
        }
        let plain_a = of_a.plain(&a[first * m..last * m]);
        let plain_b = of_b.plain(&b[first * n..last * n]);
        let product = plain_a.t().dot(&plain_b);
        for (((j, k), &product), sum) in product.indexed_iter().zip(&mut sums) {
            if product != 0.0 {
                *sum = sum.plus(Wide::new(product, of_a.high[j] + of_b.high[k]));
            }
        }
        first = last;
    }
    sums
}

/// The exponents between which the numbers of every column lie.
struct Columns {
    low: Vec<i64>,
    high: Vec<i64>,
}

impl Columns {
    fn new(n: usize) -> Self {
        Self {
            low: vec![i64::MAX; n],
            high: vec![i64::MIN; n],
        }
    }

    /// Whether they would still lie close together with this row.
    fn fit(&self, row: &[Wide]) -> bool {
        let columns = self.low.iter().zip(&self.high).zip(row);
        columns
            .filter(|(_, x)| !x.is_zero())
            .all(|((&low, &high), x)| {
                let exponent = x.parts().1;
                high.max(exponent) - low.min(exponent) < LAYER
            })
    }

    fn take(&mut self, row: &[Wide]) {
        let columns = self.low.iter_mut().zip(&mut self.high).zip(row);
        for ((low, high), x) in columns.filter(|(_, x)| !x.is_zero()) {
            let exponent = x.parts().1;
            *low = exponent.min(*low);
            *high = exponent.max(*high);
        }
    }

    /// Rows as a matrix, every column beside its largest exponent.
    fn plain(&self, rows: &[Wide]) -> Array2<f64> {
        let n = self.high.len();
        Array2::from_shape_fn((rows.len() / n.max(1), n), |(t, j)| {
            let x = rows[t * n + j];
            if x.is_zero() {
                0.0
            } else {
                x.shifted(-self.high[j]).saturating_f64()
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use ndarray::{ArrayView2, array};
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn nothing_small_is_lost_beside_something_large() {
        let r = array![[2.0, 0.0, 1e300], [0.0, -3.0, 0.0], [1.0, 0.5, 0.0]];
        let x = [
            Wide::new(1.0, 5000),
            Wide::new(1.0, -5000),
            Wide::new(1.0, -5270),
        ];
        let got = times(&Packed::new(r.view()), &x);
        assert_eq!(got[0], Wide::new(2.0, 5000));
        assert_eq!(got[1], Wide::new(-3.0, -5000));
        assert_eq!(got[2], Wide::new(1.0, 5000));
        let got = times(&Packed::new(r.t()), &x);
        assert_eq!(got[0], Wide::new(2.0, 5000));
        assert_eq!(
            got[1],
            Wide::new(-3.0, -5000).plus(Wide::new(0.5, -5270)),
            "sums of layers"
        );
        assert_eq!(got[2], Wide::new(1e300, 5000));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        /// Whatever the sizes of weights and numbers, a product is what it is one by one, up to the
        /// rounding of a sum of so many terms.
        #[test]
        fn products_are_those_of_one_number_at_a_time(
            digits in proptest::collection::vec(-1.0..1.0f64, 30 * 20 + 30),
            sizes in proptest::collection::vec(-300i32..300, 30),
            // Close together, apart, or each in a layer of its own.
            spread in prop_oneof![Just(1i64), Just(40), Just(700)],
            kinds in proptest::collection::vec(0..3usize, 30 * 20),
        ) {
            let (weights, numbers) = digits.split_at(600);
            let scale = |k: usize| match kinds[k] {
                0 => 1.0,
                1 => 10f64.powi(sizes[k % 30]),
                _ => f64::MIN_POSITIVE / 1e10,
            };
            let r = Array2::from_shape_fn((20, 30), |(i, j)| weights[30 * i + j] * scale(30 * i + j));
            let wide = |(k, &x): (usize, &f64)| Wide::new(x, (k as i64 * 37 % 30 - 15) * spread);
            let x: Vec<Wide> = numbers.iter().enumerate().map(wide).collect();
            let y = &x[..20];
            let close = |got: Vec<Wide>, r: ArrayView2<f64>, x: &[Wide]| {
                got.iter().zip(r.rows()).all(|(got, row)| {
                    let row = widen(&row.to_vec(), 0);
                    let error = got.plus(dot(&row, x).negated());
                    let terms = row.iter().zip(x).map(|(r, x)| r.times(*x).hypot(Wide::ZERO));
                    let room = terms.fold(Wide::ZERO, Wide::plus).times(Wide::from_f64(1e-14));
                    error.hypot(Wide::ZERO) <= room
                })
            };
            prop_assert!(close(times(&Packed::new(r.view()), &x), r.view(), &x));
            prop_assert!(close(times(&Packed::new(r.t()), y), r.t(), y));
        }
    }

    #[test]
    fn weights_may_be_as_small_as_numbers_are() {
        let r = array![[1e-300, 0.0], [2.0, 5e-324]];
        let x = [Wide::new(1.0, -900), Wide::new(1.0, 5000)];
        let tiny = Wide::from_f64(5e-324).times(x[1]);
        let first = Wide::from_f64(1e-300).times(x[0]);
        let sum = x[0].shifted(1).plus(tiny);
        assert_eq!(times(&Packed::new(r.view()), &x), [first, sum]);
    }

    #[test]
    fn sums_of_products_of_any_size() {
        // δ and h grow by 2^30 a step in one unit, and die out in another.
        let steps = 90;
        let row = |by: [i64; 2], t: i64| by.map(|by| Wide::new(1.0 + 0.1 * t as f64, by * t));
        let rows = |by| -> Vec<Wide> { (0..steps).flat_map(|t| row(by, t)).collect() };
        let (a, b) = (rows([30, -45]), rows([-30, 0]));
        let got = outer(&a, &b, [2, 2]);
        for j in 0..2 {
            for k in 0..2 {
                let terms = a.chunks(2).zip(b.chunks(2)).map(|(a, b)| a[j].times(b[k]));
                let want = terms.fold(Wide::ZERO, Wide::plus);
                let error = got[2 * j + k].plus(want.negated());
                assert!(norm(&[error]) <= want.times(Wide::from_f64(1e-13)));
            }
        }
        assert_eq!(outer(&[Wide::ZERO; 3], &b[..3], [1, 1]), [Wide::ZERO]);
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
