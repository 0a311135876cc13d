//! A vector with a binary exponent of its own, for sums of vectors that lie decades apart.

use super::wide::scale_by_power_of_two;
use super::{Number, Wide, hadamard, vector};

/// Mantissas are brought back near 1 when their largest passes 2^±this.
const ROOM: i64 = 200;

/// The vector `mantissas · 2^exponent`; of numbers with an exponent each that of all is 0.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Scaled<N = f64> {
    mantissas: Vec<N>,
    exponent: i64,
}

impl<N: Number> Scaled<N> {
    /// A vector of `n` zeros.
    pub fn zeros(n: usize) -> Self {
        Self {
            mantissas: vec![N::default(); n],
            exponent: 0,
        }
    }

    /// The vector `mantissas · 2^exponent`.
    pub fn new(mantissas: Vec<N>, exponent: i64) -> Self {
        let mut vector = Self {
            mantissas,
            exponent,
        };
        vector.renormalise();
        vector
    }

    /// The mantissas.
    #[inline(always)]
    pub fn mantissas(&self) -> &[N] {
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
        N::largest(&self.mantissas) == N::default()
    }

    /// The norm.
    #[inline(always)]
    pub fn norm<const FMA: bool>(&self) -> Wide {
        N::norm::<FMA>(&self.mantissas).widened(self.exponent)
    }

    /// x ← 0.
    #[inline(always)]
    pub fn clear(&mut self) {
        self.mantissas.fill(N::default());
        self.exponent = 0;
    }

    /// x ← x + y · 2^exponent. What is too small beside the larger of the two is lost, as it would
    /// be in any sum of float64.
    #[inline(always)]
    pub fn add(&mut self, y: &[N], exponent: i64) {
        if N::EXACT {
            return hadamard::add(&mut self.mantissas, y);
        }
        let (mine, theirs) = (N::largest(&self.mantissas), N::largest(y));
        if theirs == N::default() {
            return;
        }
        if mine == N::default() {
            self.mantissas.copy_from_slice(y);
            self.exponent = exponent;
        } else {
            let top = self.exponent.max(exponent);
            if self.exponent < top {
                let down = scale_by_power_of_two(1.0, self.exponent - top);
                vector::scale(&mut self.mantissas, N::from(down));
                self.exponent = top;
            }
            let down = scale_by_power_of_two(1.0, exponent - top);
            hadamard::add_scaled(&mut self.mantissas, N::from(down), y);
        }
        self.renormalise();
    }

    /// x ← x − y.
    pub fn subtract(&mut self, y: &Self) {
        let negated: Vec<N> = y.mantissas.iter().map(|&y| -y).collect();
        self.add(&negated, y.exponent);
    }

    /// Elements that are not kept are 0.
    pub fn keep(&mut self, kept: impl Fn(usize) -> bool) {
        for (k, x) in self.mantissas.iter_mut().enumerate() {
            if !kept(k) {
                *x = N::default();
            }
        }
        self.renormalise();
    }

    /// Whether [`Scaled::add`] would leave a number of either vector below `least`, since it has another
    /// exponent.
    #[inline(always)]
    pub fn loses(&self, y: &[N], exponent: i64, least: f64) -> bool {
        let top = self.exponent.max(exponent);
        let zero = N::default();
        if self.exponent == exponent || self.is_zero() || N::largest(y) == zero {
            return false;
        }
        let mine = N::from(scale_by_power_of_two(1.0, self.exponent - top));
        let theirs = N::from(scale_by_power_of_two(1.0, exponent - top));
        let mut pairs = self.mantissas.iter().zip(y);
        pairs.any(|(&x, &y)| {
            (x != zero || y != zero) && (mine * x + theirs * y).magnitude() < N::from(least)
        })
    }

    #[inline(always)]
    fn renormalise(&mut self) {
        let largest = N::largest(&self.mantissas);
        self.exponent += vector::near_one(&mut self.mantissas, largest, ROOM);
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
