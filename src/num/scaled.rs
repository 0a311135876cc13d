//! A vector with a binary exponent of its own, for sums of vectors that lie decades apart.

use super::wide::scale_by_power_of_two;
use super::{Wide, vector};

/// Mantissas are brought back near 1 when their largest passes 2^±this.
const ROOM: i64 = 200;

/// The vector `mantissas · 2^exponent`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Scaled {
    mantissas: Vec<f64>,
    exponent: i64,
}

impl Scaled {
    /// A vector of `n` zeros.
    pub fn zeros(n: usize) -> Self {
        Self {
            mantissas: vec![0.0; n],
            exponent: 0,
        }
    }

    /// The vector `mantissas · 2^exponent`.
    pub fn new(mantissas: Vec<f64>, exponent: i64) -> Self {
        let mut vector = Self {
            mantissas,
            exponent,
        };
        vector.renormalise();
        vector
    }

    /// The mantissas.
    #[inline(always)]
    pub fn mantissas(&self) -> &[f64] {
        &self.mantissas
    }

    /// The binary exponent.
    #[inline(always)]
    pub fn exponent(&self) -> i64 {
        self.exponent
    }

    /// Whether every element is zero.
    #[inline(always)]
    pub fn is_zero(&self) -> bool {
        vector::largest(&self.mantissas) == 0.0
    }

    /// The norm.
    #[inline(always)]
    pub fn norm<const FMA: bool>(&self) -> Wide {
        vector::wide_norm::<FMA>(&self.mantissas, self.exponent)
    }

    /// x ← 0.
    #[inline(always)]
    pub fn clear(&mut self) {
        self.mantissas.fill(0.0);
        self.exponent = 0;
    }

    /// x ← x · factor.
    pub fn scale(&mut self, factor: Wide) {
        if factor.is_zero() {
            return self.clear();
        }
        let (mantissa, exponent) = factor.parts();
        vector::scale(&mut self.mantissas, mantissa);
        self.exponent += exponent;
        self.renormalise();
    }

    /// x ← x + y · 2^exponent. What is too small beside the larger of the two is lost, as it would
    /// be in any sum of float64.
    #[inline(always)]
    pub fn add(&mut self, y: &[f64], exponent: i64) {
        let (mine, theirs) = (vector::largest(&self.mantissas), vector::largest(y));
        if theirs == 0.0 {
            return;
        }
        if mine == 0.0 {
            self.mantissas.copy_from_slice(y);
            self.exponent = exponent;
        } else {
            let top = self.exponent.max(exponent);
            if self.exponent < top {
                let down = scale_by_power_of_two(1.0, self.exponent - top);
                vector::scale(&mut self.mantissas, down);
                self.exponent = top;
            }
            let down = scale_by_power_of_two(1.0, exponent - top);
            for (x, &y) in self.mantissas.iter_mut().zip(y) {
                *x += down * y;
            }
        }
        self.renormalise();
    }

    /// x ← x − y.
    pub fn subtract(&mut self, y: &Self) {
        let negated: Vec<f64> = y.mantissas.iter().map(|y| -y).collect();
        self.add(&negated, y.exponent);
    }

    /// Elements that are not kept are 0.
    pub fn keep(&mut self, kept: impl Fn(usize) -> bool) {
        for (k, x) in self.mantissas.iter_mut().enumerate() {
            if !kept(k) {
                *x = 0.0;
            }
        }
        self.renormalise();
    }

    /// Whether [`Scaled::add`] would leave a number of either vector below `least`, since it has another
    /// exponent.
    #[inline(always)]
    pub fn loses(&self, y: &[f64], exponent: i64, least: f64) -> bool {
        let top = self.exponent.max(exponent);
        if self.exponent == exponent || self.is_zero() || vector::largest(y) == 0.0 {
            return false;
        }
        let mine = scale_by_power_of_two(1.0, self.exponent - top);
        let theirs = scale_by_power_of_two(1.0, exponent - top);
        let mut pairs = self.mantissas.iter().zip(y);
        pairs.any(|(&x, &y)| (x != 0.0 || y != 0.0) && (mine * x + theirs * y).abs() < least)
    }

    #[inline(always)]
    fn renormalise(&mut self) {
        let largest = vector::largest(&self.mantissas);
        let size = vector::exponent_of(largest);
        if largest > 0.0 && !(-ROOM..=ROOM).contains(&size) {
            vector::shift(&mut self.mantissas, -size);
            self.exponent += size;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_of_vectors_that_lie_decades_apart() {
        let mut x = Scaled::zeros(2);
        assert!(x.is_zero());
        x.add(&[3.0, -1.0], -9000);
        x.add(&[1.0, 1.0], -9001);
        assert_eq!(x.norm::<true>(), Wide::new(3.5f64.hypot(0.5), -9000));
        x.add(&[3e100, 4e100], 4000);
        x.add(&[1.0, 1.0], -4000);
        assert_eq!(x.norm::<true>(), Wide::new(5e100, 4000));
        x.add(&[-3e100, -4e100], 4000);
        assert!(x.is_zero());
    }
}
