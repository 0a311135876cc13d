//! Sums over vectors: norms that neither overflow nor underflow, and scalar products.

use super::Number;
use super::simd::mul_add;
use super::wide::{Wide, scale_by_power_of_two};

/// Sums this many elements side by side, so that the loop vectorises.
const LANES: usize = 8;

/// |x| as an `f64`: exact to rounding whatever the size of the squares.
#[inline(always)]
pub fn norm<const FMA: bool>(x: &[f64]) -> f64 {
    if let [x] = x {
        return x.abs();
    }
    let squares = dot::<FMA>(x, x);
    if (1e-280..1e280).contains(&squares) {
        return squares.sqrt();
    }
    norm_of_extremes(x)
}

/// |x| when the squares leave the range of `f64`.
#[inline(never)]
fn norm_of_extremes(x: &[f64]) -> f64 {
    let top = largest(x);
    if top == 0.0 || !top.is_finite() {
        return top;
    }
    let exponent = exponent_of(top);
    let squares: f64 = x
        .iter()
        .map(|&v| scale_by_power_of_two(v, -exponent).powi(2))
        .sum();
    scale_by_power_of_two(squares.sqrt(), exponent)
}

/// |x| · 2^exponent.
#[inline(always)]
pub fn wide_norm<const FMA: bool>(x: &[f64], exponent: i64) -> Wide {
    Wide::new(norm::<FMA>(x), exponent)
}

/// Σ x y.
#[inline(always)]
pub fn dot<const FMA: bool>(x: &[f64], y: &[f64]) -> f64 {
    let (xs, x_last) = x.as_chunks::<LANES>();
    let (ys, y_last) = y.as_chunks::<LANES>();
    // A sum of its own for the rest keeps the lanes in registers.
    let mut rest = 0.0;
    for (&x, &y) in x_last.iter().zip(y_last) {
        rest = mul_add::<FMA>(x, y, rest);
    }
    if xs.is_empty() {
        return rest;
    }
    let mut sums = [0.0; LANES];
    for (x, y) in xs.iter().zip(ys) {
        for ((s, &x), &y) in sums.iter_mut().zip(x).zip(y) {
            *s = mul_add::<FMA>(x, y, *s);
        }
    }
    total(sums) + rest
}

/// Σ x.
#[inline(always)]
pub fn sum(x: &[f64]) -> f64 {
    let (chunks, last) = x.as_chunks::<LANES>();
    let rest = last.iter().sum::<f64>();
    if chunks.is_empty() {
        return rest;
    }
    let mut sums = [0.0; LANES];
    for chunk in chunks {
        for (sum, &v) in sums.iter_mut().zip(chunk) {
            *sum += v;
        }
    }
    total(sums) + rest
}

#[inline(always)]
fn total([a, b, c, d, e, f, g, h]: [f64; LANES]) -> f64 {
    // Half onto half, as registers are added up: added in neighbouring pairs, the lanes of `spread`
    // were shuffled in every turn of its loop.
    ((a + e) + (c + g)) + ((b + f) + (d + h))
}

/// max |x|; 0 for an empty vector.
#[inline(always)]
pub fn largest(x: &[f64]) -> f64 {
    extreme(x, 0.0, f64::abs, higher)
}

/// The smallest |x| that is not 0; ∞ when there is none.
#[inline(always)]
pub fn smallest(x: &[f64]) -> f64 {
    extreme(x, f64::INFINITY, size, lower)
}

/// The highest or lowest of the sizes of the elements, `none` for an empty vector.
#[inline(always)]
fn extreme(x: &[f64], none: f64, size: impl Fn(f64) -> f64, of: impl Fn(f64, f64) -> f64) -> f64 {
    let (chunks, last) = x.as_chunks::<LANES>();
    let mut found = none;
    if !chunks.is_empty() {
        let mut lanes = [none; LANES];
        for chunk in chunks {
            for (lane, &v) in lanes.iter_mut().zip(chunk) {
                *lane = of(size(v), *lane);
            }
        }
        found = of_lanes(lanes, &of);
    }
    for &v in last {
        found = of(size(v), found);
    }
    found
}

/// The highest or lowest of the lanes.
#[inline(always)]
fn of_lanes([a, b, c, d, e, f, g, h]: [f64; LANES], of: impl Fn(f64, f64) -> f64) -> f64 {
    of(of(of(a, e), of(c, g)), of(of(b, f), of(d, h)))
}

/// |v|, and ∞ for 0.
#[inline(always)]
fn size(v: f64) -> f64 {
    if v == 0.0 { f64::INFINITY } else { v.abs() }
}

/// Sum, smallest and largest of the elements; (0, ∞, −∞) for an empty vector. No element is NaN.
#[inline(always)]
pub fn spread(x: &[f64]) -> (f64, f64, f64) {
    let (chunks, last) = x.as_chunks::<LANES>();
    let (mut sum, mut low, mut high) = (0.0, f64::INFINITY, f64::NEG_INFINITY);
    if !chunks.is_empty() {
        let mut sums = [0.0; LANES];
        let mut lows = [f64::INFINITY; LANES];
        let mut highs = [f64::NEG_INFINITY; LANES];
        // A loop for each: one for all three would not be vectorised.
        for chunk in chunks {
            for (sum, &v) in sums.iter_mut().zip(chunk) {
                *sum += v;
            }
            for (low, &v) in lows.iter_mut().zip(chunk) {
                *low = lower(v, *low);
            }
            for (high, &v) in highs.iter_mut().zip(chunk) {
                *high = higher(v, *high);
            }
        }
        sum = total(sums);
        low = of_lanes(lows, lower);
        high = of_lanes(highs, higher);
    }
    for &v in last {
        sum += v;
        low = lower(v, low);
        high = higher(v, high);
    }
    (sum, low, high)
}

/// The smaller number by one comparison; `f64::min` has a care for NaN.
#[inline(always)]
fn lower(a: f64, b: f64) -> f64 {
    if a < b { a } else { b }
}

/// The larger number by one comparison.
#[inline(always)]
fn higher(a: f64, b: f64) -> f64 {
    if a > b { a } else { b }
}

/// x ← x · factor.
#[inline(always)]
pub fn scale<N: Number>(x: &mut [N], factor: N) {
    for v in x {
        *v *= factor;
    }
}

/// x ← x · 2^e, also where 2^e itself is beyond float64, as it is for what brings subnormal numbers
/// near 1.
#[inline(always)]
pub fn shift(x: &mut [f64], e: i64) {
    for v in x {
        *v = scale_by_power_of_two(*v, e);
    }
}

/// Brings numbers whose largest is about as large as `size` back near 1 when that has passed 2^±room; the
/// exponent that is taken out of them. Numbers with an exponent each are left alone.
#[inline(always)]
pub fn near_one<N: Number>(x: &mut [N], size: N, room: i64) -> i64 {
    let exponent = exponent_of(size.plain());
    if N::EXACT || size == N::default() || (-room..=room).contains(&exponent) {
        return 0;
    }
    N::shift(x, -exponent);
    exponent
}

/// The binary exponent of a positive number: 2^e is within a factor of two of it.
#[inline(always)]
pub fn exponent_of(value: f64) -> i64 {
    let biased = ((value.to_bits() >> 52) & 0x7ff) as i64;
    if biased == 0 && value != 0.0 {
        return exponent_of(value * 18_446_744_073_709_551_616.0) - 64;
    }
    biased - 1023
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn norms_scale(x in proptest::collection::vec(-1.0..1.0f64, 1..40), exponent in -1000i64..1000) {
            let plain = norm::<true>(&x);
            let scaled: Vec<f64> = x.iter().map(|&v| scale_by_power_of_two(v, exponent)).collect();
            let back = scale_by_power_of_two(norm::<true>(&scaled), -exponent);
            prop_assert!((back - plain).abs() <= 1e-12 * plain);
        }
    }

    #[test]
    fn the_smallest_is_not_zero() {
        assert_eq!(smallest(&[]), f64::INFINITY);
        assert_eq!(smallest(&[0.0, -0.0]), f64::INFINITY);
        let mut x = [3.0; 21];
        for (k, v) in [(2, -5e-324), (11, 0.0), (20, 1e-9)] {
            x[k] = v;
        }
        assert_eq!(smallest(&x), 5e-324);
        assert_eq!(smallest(&x[3..]), 1e-9);
    }

    #[test]
    fn norms_of_zero_and_of_the_smallest() {
        assert_eq!(norm::<true>(&[0.0; 5]), 0.0);
        assert_eq!(norm::<true>(&[3e-200, 4e-200]), 5e-200);
        assert!((norm::<true>(&[3e200, 4e200]) / 5e200 - 1.0).abs() < 1e-15);
    }
}
