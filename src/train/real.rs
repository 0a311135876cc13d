//! The two kinds of numbers that a network is trained in: float64 and float32.

use ndarray::NdFloat;
use safetensors::Dtype;

use crate::num::elementwise;

/// A float of a training run. What is on the hot path is inlined into kernels
/// ([`crate::num::simd`]).
pub trait Real: faer::traits::ComplexField + NdFloat + Default {
    /// 1.
    const ONE: Self;
    /// Its type in a `.safetensors` file.
    const DTYPE: Dtype;

    /// The nearest number of this kind.
    fn of(x: f64) -> Self;
    /// This number in float64.
    fn wide(self) -> f64;
    /// Its bytes in a file, little-endian.
    fn bytes(self) -> impl IntoIterator<Item = u8>;
    /// σ(x).
    fn sigmoid<const FMA: bool>(self) -> Self;
    /// tanh(x).
    fn tanh<const FMA: bool>(self) -> Self;
}

macro_rules! real {
    ($type:ident, $dtype:ident, $exp:path) => {
        impl Real for $type {
            const ONE: Self = 1.0;
            const DTYPE: Dtype = Dtype::$dtype;

            #[inline(always)]
            fn of(x: f64) -> Self {
                x as Self
            }
            #[inline(always)]
            fn wide(self) -> f64 {
                f64::from(self)
            }
            fn bytes(self) -> impl IntoIterator<Item = u8> {
                self.to_le_bytes()
            }
            #[inline(always)]
            fn sigmoid<const FMA: bool>(self) -> Self {
                let (e, _) = $exp(-self.abs());
                let d = 1.0 / (1.0 + e);
                let squashed = if self >= 0.0 { d } else { e * d };
                // A pre-activation that is NaN is not to look like a closed gate.
                if self.is_nan() { self } else { squashed }
            }
            #[inline(always)]
            fn tanh<const FMA: bool>(self) -> Self {
                let (e, e_minus_1) = $exp(-2.0 * self.abs());
                let squashed = (-e_minus_1 / (1.0 + e)).copysign(self);
                if self.is_nan() { self } else { squashed }
            }
        }
    };
}

real!(f64, F64, elementwise::exp_of_negative::<FMA>);
real!(f32, F32, exp_of_negative::<FMA>);

/// (e^y, e^y − 1) for y ≤ 0 in float32, by the scheme of [`elementwise::exp_of_negative`] with a
/// series to r⁷, whose rest is below 2e-9.
#[inline(always)]
fn exp_of_negative<const FMA: bool>(y: f32) -> (f32, f32) {
    const SMALLEST: f32 = -87.0;
    /// Adding this rounds to an integer, which then stands in the low bits of the sum.
    const ROUND: f32 = 12_582_912.0; // 1.5 · 2^23
    const LN_2_HIGH: f32 = 0.693_359_4;
    const LN_2_LOW: f32 = -2.121_944_4e-4;
    let fma = |a: f32, b: f32, c: f32| if FMA { a.mul_add(b, c) } else { a * b + c };
    let clamped = if y < SMALLEST { SMALLEST } else { y };
    let shifted = clamped * std::f32::consts::LOG2_E + ROUND;
    let k = shifted - ROUND;
    let r = fma(k, -LN_2_LOW, fma(k, -LN_2_HIGH, clamped));
    let (r2, r4) = (r * r, (r * r) * (r * r));
    let low = fma(1.0 / 6.0, r, 0.5);
    let high = fma(1.0 / 120.0, r, 1.0 / 24.0);
    let top = fma(1.0 / 5040.0, r, 1.0 / 720.0);
    let p = fma(top, r4, fma(high, r2, low));
    let expm1 = fma(r2, p, r);
    let two_to_k =
        f32::from_bits(((shifted.to_bits() << 23) as i32).wrapping_add(127 << 23) as u32);
    let e = fma(two_to_k, expm1, two_to_k);
    let e_minus_1 = fma(two_to_k, expm1, two_to_k - 1.0);
    (if y < SMALLEST { 0.0 } else { e }, e_minus_1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn squashing_functions_of_both_kinds() {
        for i in -4000..=4000 {
            let x = f64::from(i) * 0.01;
            let sigmoid = 1.0 / (1.0 + (-x).exp());
            assert!(
                (x.sigmoid_and_tanh().0 - sigmoid).abs() <= 2e-15 * sigmoid,
                "{x}"
            );
            assert!((x.sigmoid_and_tanh().1 - x.tanh()).abs() <= 2e-15 * x.tanh().abs());
            let y = x as f32;
            let (wide, flat) = (f64::from(y), y.sigmoid_and_tanh());
            let sigmoid = 1.0 / (1.0 + (-wide).exp());
            assert!((f64::from(flat.0) - sigmoid).abs() <= 4e-7 * sigmoid, "{y}");
            assert!(
                (f64::from(flat.1) - wide.tanh()).abs() <= 4e-7 * wide.tanh().abs(),
                "{y}"
            );
        }
    }

    #[test]
    fn what_is_not_a_number_stays_so() {
        assert!(f64::NAN.sigmoid_and_tanh().0.is_nan() && f64::NAN.sigmoid_and_tanh().1.is_nan());
        assert!(f32::NAN.sigmoid_and_tanh().0.is_nan() && f32::NAN.sigmoid_and_tanh().1.is_nan());
        assert_eq!(f32::NEG_INFINITY.sigmoid_and_tanh(), (0.0, -1.0));
        assert_eq!(f64::INFINITY.sigmoid_and_tanh(), (1.0, 1.0));
    }

    trait Both: Real {
        fn sigmoid_and_tanh(self) -> (Self, Self) {
            (self.sigmoid::<true>(), Real::tanh::<true>(self))
        }
    }
    impl<T: Real> Both for T {}
}
