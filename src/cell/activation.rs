//! The activation φ of a vanilla RNN.

use super::Squash;
use crate::num::elementwise;

/// φ.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
pub enum Activation {
    /// φ(x) = tanh x.
    #[default]
    Tanh,
    /// φ(x) = max(0, x), with φ'(0) = 0.
    Relu,
    /// φ(x) = x.
    Linear,
}

impl Activation {
    /// h ← φ(a) and its slope φ'(a).
    #[inline(always)]
    pub(super) fn apply<const FMA: bool>(self, a: &[f64], h: &mut [f64], slope: &mut [f64]) {
        match self {
            Self::Tanh => elementwise::tanh::<FMA>(a, h, slope),
            Self::Linear => {
                h.copy_from_slice(a);
                slope.fill(1.0);
            }
            Self::Relu => {
                for ((h, slope), &a) in h.iter_mut().zip(slope).zip(a) {
                    *slope = f64::from(u8::from(a > 0.0));
                    *h = a.max(0.0);
                }
            }
        }
    }

    /// Whether φ(2^e x) = 2^e φ(x), so that the state may have a binary exponent of its own.
    #[inline(always)]
    pub(super) fn is_homogeneous(self) -> bool {
        self != Self::Tanh
    }

    /// As a [`WideTape`](super::WideTape) has it.
    pub(super) const fn squash(self) -> Squash {
        match self {
            Self::Tanh => Squash::Tanh,
            Self::Linear => Squash::Linear,
            Self::Relu => Squash::Relu,
        }
    }
}
