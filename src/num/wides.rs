//! Vectors whose numbers have an exponent each, for what lies thousands of decades apart.
//!
//! Slower than mantissas with one exponent, and nothing small is lost beside something large.

use ndarray::{Array2, ArrayView1, ArrayView2, ArrayViewMut1};

use super::Wide;
use super::scaled::Scaled;
use super::wide::scale_by_power_of_two;

/// Numbers this many powers of two apart are multiplied with a matrix at the same time.
const LAYER: i64 = 256;

/// Weights below this, about 2^-700, are multiplied by themselves.
const TINY: f64 = 1e-211;

/// So many powers of two larger than they are.
const RAISED: i64 = 700;

/// Room for a sum of as many products as a row has.
const ROOM: i64 = 10;

/// The numbers x · 2^exponent.
pub fn widen(x: &[f64], exponent: i64) -> Vec<Wide> {
    x.iter().map(|&x| Wide::new(x, exponent)).collect()
}

/// x ⊙ y.
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
pub fn dot(x: &[Wide], y: &[Wide]) -> Wide {
    let terms = x.iter().zip(y).map(|(x, y)| x.times(*y));
    terms.fold(Wide::ZERO, Wide::plus)
}

/// |x|.
pub fn norm(x: &[Wide]) -> Wide {
    scaled(x).norm::<false>()
}

/// `x` with one exponent for all, in which only its largest numbers may be left.
pub fn scaled(x: &[Wide]) -> Scaled {
    let exponent = top(x, i64::MAX).unwrap_or(0);
    let mantissas = x.iter().map(|x| x.shifted(-exponent).saturating_f64());
    Scaled::new(mantissas.collect(), exponent)
}

/// R x.
pub fn times(r: ArrayView2<f64>, x: &[Wide]) -> Vec<Wide> {
    if let Some([plain, tiny]) = without_tiny(r) {
        return together(times(plain.view(), x), &times(tiny.view(), x));
    }
    in_layers(x, r.nrows(), |x, sums| {
        for (sum, row) in sums.iter_mut().zip(r.rows()) {
            *sum = match x {
                Layer::Whole(x) => row.dot(&ArrayView1::from(x)),
                Layer::Few(few) => few.iter().map(|&(j, x)| row[j] * x).sum(),
            };
        }
    })
}

/// Rᵀ x.
pub fn transposed_times(r: ArrayView2<f64>, x: &[Wide]) -> Vec<Wide> {
    if let Some([plain, tiny]) = without_tiny(r) {
        let [plain, tiny] = [plain, tiny].map(|r| transposed_times(r.view(), x));
        return together(plain, &tiny);
    }
    in_layers(x, r.ncols(), |x, sums| {
        let mut sums = ArrayViewMut1::from(sums);
        sums.fill(0.0);
        let mut add = |(j, x): (usize, f64)| sums.scaled_add(x, &r.row(j));
        match x {
            Layer::Whole(x) => {
                let all = x.iter().copied().enumerate();
                all.filter(|(_, x)| *x != 0.0).for_each(add);
            }
            Layer::Few(few) => few.iter().copied().for_each(&mut add),
        }
    })
}

/// A matrix without those of its numbers that, times a number of a layer, may be no `f64`; and these,
/// 2^[`RAISED`] times as large. `None` where it has none.
fn without_tiny(r: ArrayView2<f64>) -> Option<[Array2<f64>; 2]> {
    let is_tiny = |x: f64| x != 0.0 && x.abs() < TINY;
    // Without a branch, for this is asked of every product.
    let any = |row: ArrayView1<f64>| row.iter().fold(false, |any, &x| any | is_tiny(x));
    if !r.rows().into_iter().any(any) {
        return None;
    }
    let plain = r.mapv(|x| if is_tiny(x) { 0.0 } else { x });
    let raised = |x| scale_by_power_of_two(x, RAISED);
    Some([plain, r.mapv(|x| if is_tiny(x) { raised(x) } else { 0.0 })])
}

/// The product with a matrix, of those with the parts of [`without_tiny`].
fn together(mut plain: Vec<Wide>, tiny: &[Wide]) -> Vec<Wide> {
    for (sum, x) in plain.iter_mut().zip(tiny) {
        *sum = sum.plus(x.shifted(-RAISED));
    }
    plain
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

/// Numbers of about the same size.
enum Layer<'a> {
    /// All places, with 0 where there is none.
    Whole(&'a [f64]),
    /// Few of them, with their places.
    Few(&'a [(usize, f64)]),
}

/// A layer with fewer than this part of the places has them as [`Layer::Few`].
const FEW: usize = 8;

/// A linear map of ordinary numbers, of numbers that each have an exponent: of those of about the
/// same size at a time, from the largest on.
fn in_layers(x: &[Wide], rows: usize, mut map: impl FnMut(Layer, &mut [f64])) -> Vec<Wide> {
    let mut out = vec![Wide::ZERO; rows];
    let mut sums = vec![0.0; rows];
    let mut whole = Vec::new();
    let mut few = Vec::with_capacity(x.len());
    let mut below = i64::MAX;
    while let Some(top) = top(x, below) {
        few.clear();
        few.extend(x.iter().enumerate().filter_map(|(j, x)| {
            let (mantissa, exponent) = x.parts();
            let here = exponent < below && exponent > top - LAYER && mantissa != 0.0;
            let value = || scale_by_power_of_two(mantissa, exponent - top - ROOM);
            here.then(|| (j, value()))
        }));
        if few.len() * FEW < x.len() {
            map(Layer::Few(&few), &mut sums);
        } else {
            whole.clear();
            whole.resize(x.len(), 0.0);
            for &(j, x) in &few {
                whole[j] = x;
            }
            map(Layer::Whole(&whole), &mut sums);
        }
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
            prop_assert!(close(times(r.view(), &x), r.view(), &x));
            prop_assert!(close(transposed_times(r.view(), y), r.t(), y));
        }
    }

    #[test]
    fn weights_may_be_as_small_as_numbers_are() {
        let r = array![[1e-300, 0.0], [2.0, 5e-324]];
        let x = [Wide::new(1.0, -900), Wide::new(1.0, 5000)];
        let tiny = Wide::from_f64(5e-324).times(x[1]);
        let first = Wide::from_f64(1e-300).times(x[0]);
        let sum = x[0].shifted(1).plus(tiny);
        assert_eq!(times(r.view(), &x), [first, sum]);
        assert_eq!(transposed_times(r.t(), &x), [first, sum]);
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
