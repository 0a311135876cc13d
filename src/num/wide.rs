//! A float64 with an exponent of its own, for numbers that leave the range of `f64`.
//!
//! Gradients of 1e±5000 are ordinary here (ρ = 1.5 over 20 000 steps). [`Wide`] keeps the 53 bits
//! of an `f64` and a binary exponent of 64 bits beside them.

use std::cmp::Ordering;
use std::ops::{Add, AddAssign, Div, Mul, MulAssign, Neg, Sub};

/// The number `mantissa · 2^exponent`, with ½ ≤ |mantissa| < 1, or exactly zero.
#[derive(Clone, Copy, Debug, PartialEq, Default)]
pub struct Wide {
    mantissa: f64,
    exponent: i64,
}

/// Below every exponent, and far enough from the end of an `i64` to be added to.
const NONE: i64 = i64::MIN / 4;

/// The product of a mantissa and a number from here on, 2^-1000, is normal.
const SAFE: f64 = 9.332_636_185_032_189e-302;

/// The bits of an `f64` that hold its exponent.
const EXPONENT: u64 = 0x7ff << 52;

impl Wide {
    /// Exactly 0.
    pub const ZERO: Self = Self {
        mantissa: 0.0,
        exponent: 0,
    };
    /// Exactly 1.
    pub const ONE: Self = Self {
        mantissa: 0.5,
        exponent: 1,
    };

    /// `value · 2^exponent`; `value` must be finite.
    #[inline]
    pub fn new(value: f64, exponent: i64) -> Self {
        debug_assert!(
            value.is_finite(),
            "a Wide holds finite numbers only, not {value}"
        );
        if value.to_bits() & EXPONENT == 0 {
            return Self::of_smallest(value, exponent);
        }
        let (mantissa, shift) = split(value);
        Self {
            mantissa,
            exponent: exponent + i64::from(shift),
        }
    }

    /// [`Wide::new`] of zero or of a subnormal number.
    #[cold]
    fn of_smallest(value: f64, exponent: i64) -> Self {
        if value == 0.0 {
            return Self::ZERO;
        }
        Self::new(value * power_of_two(64), exponent - 64)
    }

    /// An ordinary number.
    #[inline]
    pub fn from_f64(value: f64) -> Self {
        Self::new(value, 0)
    }

    /// Whether this is exactly zero.
    #[inline]
    pub fn is_zero(self) -> bool {
        self.mantissa == 0.0
    }

    /// Mantissa, ½ ≤ |mantissa| < 1, and exponent; zeros for 0.
    #[inline]
    pub fn parts(self) -> (f64, i64) {
        (self.mantissa, self.exponent)
    }

    /// log10 of the absolute value; −∞ for zero.
    pub fn log10(self) -> f64 {
        self.mantissa.abs().log10() + self.exponent as f64 * std::f64::consts::LOG10_2
    }

    /// The natural logarithm of the absolute value; −∞ for zero.
    pub fn ln(self) -> f64 {
        self.mantissa.abs().ln() + self.exponent as f64 * std::f64::consts::LN_2
    }

    /// The number as an `f64`, or `None` where it is too large or too small for one.
    pub fn to_f64(self) -> Option<f64> {
        let value = self.saturating_f64();
        (value.is_finite() && (value != 0.0 || self.is_zero())).then_some(value)
    }

    /// The number as an `f64`; ±∞ or 0 outside its range.
    #[inline]
    pub fn saturating_f64(self) -> f64 {
        scale_by_power_of_two(self.mantissa, self.exponent)
    }

    /// Whether the number is too small for a normal `f64`, whose digits it would lose, and not 0.
    pub fn is_below_f64(self) -> bool {
        !self.is_zero() && self.saturating_f64().abs() < f64::MIN_POSITIVE
    }

    /// The absolute value as digits, 1 ≤ digits < 10 with so many places, and exponent of ten. Beyond
    /// normal `f64`, all of ten places are right up to exponents of 10⁵.
    pub fn scientific(self, places: usize) -> (String, i64) {
        let value = self.saturating_f64().abs();
        if value.is_normal() || self.is_zero() {
            let text = format!("{value:.places$e}");
            if let Some((digits, exponent)) = text.split_once('e') {
                return (digits.to_owned(), exponent.parse().unwrap_or(0));
            }
        }
        let log = self.log10();
        #[allow(
            clippy::cast_possible_truncation,
            reason = "exponents are far below 2⁵³"
        )]
        let exponent = log.floor() as i64;
        let digits = format!("{:.places$}", 10f64.powf(log - exponent as f64));
        // Rounding may have carried 9.99… up to 10.
        if digits.starts_with("10") {
            return (format!("{:.places$}", 1.0), exponent + 1);
        }
        (digits, exponent)
    }

    /// |self| / |other|; zero divided by anything is zero, anything else divided by zero is `None`.
    pub fn ratio(self, other: Self) -> Option<Self> {
        if self.is_zero() {
            return Some(Self::ZERO);
        }
        (!other.is_zero()).then(|| {
            Self::new(
                (self.mantissa / other.mantissa).abs(),
                self.exponent - other.exponent,
            )
        })
    }

    /// The quotient by another number; 0 where that is 0.
    pub fn over(self, other: Self) -> Self {
        if other.is_zero() {
            return Self::ZERO;
        }
        Self::new(
            self.mantissa / other.mantissa,
            self.exponent - other.exponent,
        )
    }

    /// The product with another number.
    #[inline(always)]
    pub fn times(self, other: Self) -> Self {
        Self::normal(
            self.mantissa * other.mantissa,
            self.exponent + other.exponent,
        )
    }

    /// The product with an ordinary number.
    #[inline(always)]
    pub fn times_plain(self, x: f64) -> Self {
        if x.abs() < SAFE {
            return self.times(Self::from_f64(x));
        }
        Self::normal(self.mantissa * x, self.exponent)
    }

    /// The sum with another number.
    #[inline(always)]
    pub fn plus(self, other: Self) -> Self {
        let top = self.size().max(other.size());
        Self::normal(self.at(top) + other.at(top), top)
    }

    /// `value · 2^exponent` of a value that is 0 or normal: without a branch, for loops.
    #[inline(always)]
    fn normal(value: f64, exponent: i64) -> Self {
        let (mantissa, shift) = split(value);
        if value == 0.0 {
            Self::ZERO
        } else {
            Self {
                mantissa,
                exponent: exponent + i64::from(shift),
            }
        }
    }

    /// The exponent; of 0 one below all others.
    #[inline(always)]
    pub(super) fn size(self) -> i64 {
        if self.mantissa == 0.0 {
            NONE
        } else {
            self.exponent
        }
    }

    /// The number divided by 2^top, `top` being at least its size; what is less than 2^-1022 is lost.
    #[inline(always)]
    pub(super) fn at(self, top: i64) -> f64 {
        let down = self.size() - top;
        let part = self.mantissa * power_of_two(down.max(-1022));
        if down < -1022 { 0.0 } else { part }
    }

    /// The number with the other sign.
    #[inline]
    pub fn negated(self) -> Self {
        Self {
            mantissa: -self.mantissa,
            ..self
        }
    }

    /// e^x; beyond |x| = 2^50 that of the nearest such x. Its relative error is that of x itself: ½ |x|
    /// in its last place.
    pub fn exp(x: f64) -> Self {
        // x = k ln 2 + r, with ln 2 in two parts, of which the first has few enough bits to be
        // multiplied exactly.
        const HIGH: f64 = 6.931_471_803_691_238e-1;
        const LOW: f64 = 1.908_214_929_270_587_7e-10;
        const MOST: f64 = (1_u64 << 50) as f64;
        let x = x.clamp(-MOST, MOST);
        let k = (x * std::f64::consts::LOG2_E).round();
        let r = (x - k * HIGH) - k * LOW;
        Self::new(r.exp(), k as i64)
    }

    /// The number times 2^by.
    #[inline]
    pub fn shifted(self, by: i64) -> Self {
        if self.is_zero() {
            self
        } else {
            Self {
                exponent: self.exponent + by,
                ..self
            }
        }
    }

    /// √(self² + other²), for norms of parts.
    #[inline]
    pub fn hypot(self, other: Self) -> Self {
        let top = self.size().max(other.size());
        Self::normal(self.at(top).hypot(other.at(top)), top)
    }

    /// The `n`-th root of the absolute value, `n ≥ 1` (a growth factor per step).
    pub fn root(self, n: usize) -> Self {
        let n = n.max(1) as f64;
        if self.is_zero() {
            return Self::ZERO;
        }
        // ln of the mantissa and the exponent are kept apart, so that a root near 1 keeps its digits.
        let ln = self.mantissa.abs().ln() + self.exponent as f64 * std::f64::consts::LN_2;
        Self::exp(ln / n)
    }
}

impl From<f64> for Wide {
    #[inline]
    fn from(x: f64) -> Self {
        Self::from_f64(x)
    }
}

impl Add for Wide {
    type Output = Self;

    #[inline(always)]
    fn add(self, other: Self) -> Self {
        self.plus(other)
    }
}

impl Sub for Wide {
    type Output = Self;

    #[inline(always)]
    fn sub(self, other: Self) -> Self {
        self.plus(other.negated())
    }
}

impl Mul for Wide {
    type Output = Self;

    #[inline(always)]
    fn mul(self, other: Self) -> Self {
        self.times(other)
    }
}

impl Div for Wide {
    type Output = Self;

    /// 0 where the other number is.
    #[inline]
    fn div(self, other: Self) -> Self {
        self.over(other)
    }
}

impl Neg for Wide {
    type Output = Self;

    #[inline(always)]
    fn neg(self) -> Self {
        self.negated()
    }
}

impl AddAssign for Wide {
    #[inline(always)]
    fn add_assign(&mut self, other: Self) {
        *self = *self + other;
    }
}

impl MulAssign for Wide {
    #[inline(always)]
    fn mul_assign(&mut self, other: Self) {
        *self = *self * other;
    }
}

impl PartialOrd for Wide {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        let sign = |w: &Self| {
            if w.is_zero() {
                0.0
            } else {
                w.mantissa.signum()
            }
        };
        let (a, b) = (sign(self), sign(other));
        if a != b {
            return a.partial_cmp(&b);
        }
        let magnitude = (self.exponent, self.mantissa.abs())
            .partial_cmp(&(other.exponent, other.mantissa.abs()))?;
        Some(if a < 0.0 {
            magnitude.reverse()
        } else {
            magnitude
        })
    }
}

/// `x · 2^e` without intermediate overflow; saturates to ±∞ or 0.
#[inline]
pub fn scale_by_power_of_two(x: f64, e: i64) -> f64 {
    let mut x = x;
    let mut e = e.clamp(-4000, 4000);
    while e > 1000 {
        x *= power_of_two(1000);
        e -= 1000;
    }
    while e < -1000 {
        x *= power_of_two(-1000);
        e += 1000;
    }
    x * power_of_two(e)
}

/// 2^e for −1022 ≤ e ≤ 1023, exactly.
#[inline]
fn power_of_two(e: i64) -> f64 {
    f64::from_bits(((e + 1023) as u64) << 52)
}

/// Mantissa in [½, 1) and exponent of a normal number (`frexp`).
#[inline(always)]
fn split(value: f64) -> (f64, i32) {
    let bits = value.to_bits();
    let mantissa = f64::from_bits((bits & !EXPONENT) | (1022 << 52));
    (mantissa, ((bits & EXPONENT) >> 52) as i32 - 1022)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn round_trip(x in proptest::num::f64::NORMAL | proptest::num::f64::ZERO) {
            prop_assert_eq!(Wide::from_f64(x).to_f64(), Some(x));
        }

        #[test]
        fn order_is_that_of_f64(a in proptest::num::f64::NORMAL, b in proptest::num::f64::NORMAL) {
            prop_assert_eq!(Wide::from_f64(a).partial_cmp(&Wide::from_f64(b)), a.partial_cmp(&b));
        }

        #[test]
        fn arithmetic_agrees_with_f64(a in -1e100..1e100f64, b in 1e-100..1e100f64) {
            let (wa, wb) = (Wide::from_f64(a), Wide::from_f64(b));
            prop_assert_eq!(wa.times(wb).saturating_f64(), a * b);
            prop_assert_eq!(wa.ratio(wb).map(Wide::saturating_f64), Some((a / b).abs()));
            let h = wa.hypot(wb).saturating_f64();
            prop_assert!((h - a.hypot(b)).abs() <= 1e-15 * h);
        }
    }

    #[test]
    fn beyond_f64() {
        let huge = Wide::new(1.0, 11_699);
        assert_eq!(huge.to_f64(), None);
        assert!((huge.log10() - 11_699.0 * 2f64.log10()).abs() < 1e-9);
        assert!((huge.root(11_699).saturating_f64() - 2.0).abs() < 1e-14);
        let root = Wide::new(1.0, -6000).root(2);
        assert!((root.log10() - Wide::new(1.0, -3000).log10()).abs() < 1e-12);
        assert_eq!(Wide::new(1.0, -3000).to_f64(), None);
        assert_eq!(Wide::new(1.0, -3000).saturating_f64(), 0.0);
        assert_eq!(Wide::from_f64(5e-324).saturating_f64(), 5e-324);
    }

    #[test]
    fn exponentials_of_any_size() {
        for x in [0.0, 1.0, -0.3, -700.0, 700.0, 1e-20] {
            let (got, want) = (Wide::exp(x).saturating_f64(), x.exp());
            assert!((got - want).abs() <= 4e-16 * want, "e^{x}");
        }
        // By arithmetic with a hundred digits.
        let log = Wide::exp(-100_000.0).log10();
        assert!((log + 43_429.448_190_325_18).abs() < 1e-10);
        assert_eq!(Wide::exp(-1.0).negated().plus(Wide::exp(-1.0)), Wide::ZERO);
    }

    #[test]
    fn digits_of_any_size() {
        let of = |value, exponent| Wide::new(value, exponent).scientific(9);
        let digits = |digits: &str, exponent| (digits.to_owned(), exponent);
        assert_eq!(of(0.0, 0), digits("0.000000000", 0));
        assert_eq!(of(-0.134, 0), digits("1.340000000", -1));
        assert_eq!(of(9.999_999_999_9, 0), digits("1.000000000", 1));
        // By arithmetic with integers of any length.
        assert_eq!(of(1.0, -3000), digits("8.128548626", -904));
        assert_eq!(of(-1.0, -1050), digits("8.289046058", -317));
        assert_eq!(of(1.0, 11_699), digits("5.622368063", 3521));
    }

    #[test]
    fn what_is_below_f64() {
        for (value, exponent, below) in [
            (0.0, 0, false),
            (-1.0, -1022, false),
            (-1.0, -1023, true),
            (1.0, -3000, true),
            (1.0, 3000, false),
        ] {
            assert_eq!(Wide::new(value, exponent).is_below_f64(), below);
        }
    }
}
