//! The numbers that a window is computed with: `f64`, and [`Wide`] where that does not hold them all.
//!
//! What a cell does, and the way back through a window, is written once for both. With [`Wide`] no number is
//! too large or too small, and none is lost beside a larger one; it takes many times as long.

use std::fmt::Debug;
use std::ops::{Add, AddAssign, Div, Mul, MulAssign, Neg, Sub};

use super::hadamard::add;
use super::{Packed, Wide, elementwise, vector, wides};

/// A number of a window; by default 0. What is on the hot path is inlined into kernels ([`super::simd`]).
pub trait Number:
    Copy
    + Debug
    + Default
    + PartialOrd
    + From<f64>
    + Add<Output = Self>
    + Sub<Output = Self>
    + Mul<Output = Self>
    + Div<Output = Self>
    + Neg<Output = Self>
    + AddAssign
    + MulAssign
{
    /// Whether every number has an exponent of its own. Vectors of others share one beside them, which is 0
    /// for those of such.
    const EXACT: bool;
    /// 1.
    const ONE: Self;

    /// The number times 2^exponent.
    fn widened(self, exponent: i64) -> Wide;
    /// The number; ±∞ or 0 outside its range.
    fn of(x: Wide) -> Self;
    /// The number as an `f64`; ±∞ or 0 outside its range.
    fn plain(self) -> f64;
    /// |x|.
    fn magnitude(self) -> Self;
    /// e^x.
    fn exponential(self) -> Self;
    /// e^x − 1.
    fn exponential_less_one(self) -> Self;
    /// x ← x · 2^by.
    fn shift(x: &mut [Self], by: i64);
    /// max |x|; 0 for an empty vector.
    fn largest(x: &[Self]) -> Self;
    /// The smallest |x| that is not 0 among numbers that share an exponent; ∞ when there is none.
    fn smallest(x: &[Self]) -> f64;
    /// |x| of a vector.
    fn norm<const FMA: bool>(x: &[Self]) -> Self;
    /// Σ x y.
    fn dot<const FMA: bool>(x: &[Self], y: &[Self]) -> Self;
    /// s ← σ(x), slope ← σ'(x).
    fn sigmoid<const FMA: bool>(x: &[Self], s: &mut [Self], slope: &mut [Self]);
    /// s ← tanh(x), slope ← 1 − tanh²(x).
    fn tanh<const FMA: bool>(x: &[Self], s: &mut [Self], slope: &mut [Self]);
    /// y ← A x, or with `ADD` y ← y + A x ([`Packed::times`]).
    fn through<const FMA: bool, const ADD: bool>(a: &Packed, x: &[Self], y: &mut [Self], fro: bool);
}

/// The larger of two numbers.
#[inline(always)]
pub fn larger<N: PartialOrd>(a: N, b: N) -> N {
    if b > a { b } else { a }
}

impl Number for f64 {
    const EXACT: bool = false;
    const ONE: Self = 1.0;

    #[inline(always)]
    fn widened(self, exponent: i64) -> Wide {
        Wide::new(self, exponent)
    }

    fn of(x: Wide) -> Self {
        x.saturating_f64()
    }

    #[inline(always)]
    fn plain(self) -> f64 {
        self
    }

    #[inline(always)]
    fn magnitude(self) -> Self {
        self.abs()
    }

    #[inline(always)]
    fn exponential(self) -> Self {
        self.exp()
    }

    #[inline(always)]
    fn exponential_less_one(self) -> Self {
        self.exp_m1()
    }

    #[inline(always)]
    fn shift(x: &mut [Self], by: i64) {
        vector::shift(x, by);
    }

    #[inline(always)]
    fn largest(x: &[Self]) -> Self {
        vector::largest(x)
    }

    #[inline(always)]
    fn smallest(x: &[Self]) -> f64 {
        vector::smallest(x)
    }

    #[inline(always)]
    fn norm<const FMA: bool>(x: &[Self]) -> Self {
        vector::norm::<FMA>(x)
    }

    #[inline(always)]
    fn dot<const FMA: bool>(x: &[Self], y: &[Self]) -> Self {
        vector::dot::<FMA>(x, y)
    }

    #[inline(always)]
    fn sigmoid<const FMA: bool>(x: &[Self], s: &mut [Self], slope: &mut [Self]) {
        elementwise::sigmoid::<FMA>(x, s, slope);
    }

    #[inline(always)]
    fn tanh<const FMA: bool>(x: &[Self], s: &mut [Self], slope: &mut [Self]) {
        elementwise::tanh::<FMA>(x, s, slope);
    }

    #[inline(always)]
    fn through<const FMA: bool, const ADD: bool>(
        a: &Packed,
        x: &[Self],
        y: &mut [Self],
        fro: bool,
    ) {
        a.product::<FMA, ADD>(x, y, fro);
    }
}

/// Of so small a number tanh and e^x − 1 are the number itself.
const TINY: f64 = 1e-17;

impl Number for Wide {
    const EXACT: bool = true;
    const ONE: Self = Self::ONE;

    #[inline]
    fn widened(self, exponent: i64) -> Wide {
        self.shifted(exponent)
    }

    fn of(x: Wide) -> Self {
        x
    }

    fn plain(self) -> f64 {
        self.saturating_f64()
    }

    #[inline]
    fn magnitude(self) -> Self {
        if self < Self::ZERO { -self } else { self }
    }

    fn exponential(self) -> Self {
        Self::exp(self.saturating_f64())
    }

    fn exponential_less_one(self) -> Self {
        let plain = self.saturating_f64();
        if plain.abs() < TINY {
            return self;
        }
        Self::from(plain.exp_m1())
    }

    fn shift(x: &mut [Self], by: i64) {
        for x in x {
            *x = x.shifted(by);
        }
    }

    fn largest(x: &[Self]) -> Self {
        let sizes = x.iter().map(|x| x.magnitude());
        sizes.fold(Self::ZERO, larger)
    }

    fn smallest(_: &[Self]) -> f64 {
        f64::INFINITY
    }

    fn norm<const FMA: bool>(x: &[Self]) -> Self {
        wides::norm(x)
    }

    fn dot<const FMA: bool>(x: &[Self], y: &[Self]) -> Self {
        wides::dot(x, y)
    }

    /// The slope as [`elementwise::sigmoid`] has it, from 1 − s.
    fn sigmoid<const FMA: bool>(x: &[Self], s: &mut [Self], slope: &mut [Self]) {
        for ((x, s), slope) in x.iter().zip(s).zip(slope) {
            let x = x.saturating_f64();
            let e = Self::exp(-x.abs());
            let d = Self::from(1.0 / (1.0 + e.saturating_f64()));
            *s = if x >= 0.0 { d } else { e * d };
            *slope = s.times_plain(1.0 - s.saturating_f64());
        }
    }

    fn tanh<const FMA: bool>(x: &[Self], s: &mut [Self], slope: &mut [Self]) {
        for ((x, s), slope) in x.iter().zip(s).zip(slope) {
            let plain = x.saturating_f64();
            *s = if plain.abs() < TINY {
                *x
            } else {
                Self::from(plain.tanh())
            };
            let e = Self::exp(-2.0 * plain.abs());
            let d = 1.0 / (1.0 + e.saturating_f64());
            *slope = e.times_plain(4.0 * d * d);
        }
    }

    fn through<const FMA: bool, const ADD: bool>(a: &Packed, x: &[Self], y: &mut [Self], _: bool) {
        if !ADD {
            y.fill(Self::ZERO);
        }
        add(y, &wides::times(a, x));
    }
}
