//! The functions of a cell: the activation φ, what makes a gate of its pre-activation, and on which side
//! of the matrix the reset gate of a GRU stands. Frameworks differ in them, and weights do not say them.

use crate::num::Number;

/// A function of a pre-activation, or of the state.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
pub enum Activation {
    /// tanh x.
    #[default]
    Tanh,
    /// max(0, x), with the slope 0 at 0.
    Relu,
    /// x.
    Linear,
    /// σ(x) = 1/(1 + e^−x).
    Sigmoid,
    /// 0.2 x + 0.5, from 0 to 1: Keras 1 and 2, Theano, ONNX.
    HardSigmoid,
    /// x/6 + 0.5, from 0 to 1: Keras 3, `nn.Hardsigmoid`.
    HardSigmoid6,
    /// x above 0, e^x − 1 below.
    Elu,
    /// x/(1 + |x|).
    Softsign,
}

impl Activation {
    /// Every function, by the name that options and files call it.
    pub const WORDS: [(&'static str, Self); 8] = [
        ("tanh", Self::Tanh),
        ("relu", Self::Relu),
        ("linear", Self::Linear),
        ("sigmoid", Self::Sigmoid),
        ("hard_sigmoid", Self::HardSigmoid),
        ("hard_sigmoid_6", Self::HardSigmoid6),
        ("elu", Self::Elu),
        ("softsign", Self::Softsign),
    ];

    /// Those that a gate may have: from 0 to 1.
    pub const GATES: [(&'static str, Self); 3] = [Self::WORDS[3], Self::WORDS[4], Self::WORDS[5]];

    /// Its name.
    pub fn name(self) -> &'static str {
        let mut words = Self::WORDS.iter();
        words
            .find(|(_, other)| *other == self)
            .map_or("", |word| word.0)
    }

    /// What it is, as a sentence says it: the two hard sigmoids by their formulas.
    pub fn words(self) -> &'static str {
        match self {
            Self::HardSigmoid => "hard sigmoid 0.2x + 0.5",
            Self::HardSigmoid6 => "hard sigmoid x/6 + 0.5",
            other => other.name(),
        }
    }

    /// h ← φ(a) and its slope φ'(a).
    #[inline(always)]
    pub(super) fn apply<N: Number, const FMA: bool>(self, a: &[N], h: &mut [N], slope: &mut [N]) {
        match self {
            Self::Tanh => N::tanh::<FMA>(a, h, slope),
            Self::Sigmoid => N::sigmoid::<FMA>(a, h, slope),
            Self::Linear => {
                h.copy_from_slice(a);
                slope.fill(N::ONE);
            }
            other => other.apply_each(a, h, slope),
        }
    }

    /// The rarer functions, once for all instruction sets.
    #[inline(never)]
    fn apply_each<N: Number>(self, a: &[N], h: &mut [N], slope: &mut [N]) {
        for ((h, slope), &a) in h.iter_mut().zip(slope).zip(a) {
            (*h, *slope) = self.at(a);
        }
    }

    /// φ(x) and φ'(x).
    fn at<N: Number>(self, x: N) -> (N, N) {
        let (zero, one) = (N::default(), N::ONE);
        let hard = |slope: f64, y: N| {
            if y <= zero {
                (zero, zero)
            } else if y >= one {
                (one, zero)
            } else {
                (y, N::from(slope))
            }
        };
        match self {
            Self::Tanh | Self::Sigmoid | Self::Linear => {
                let (mut value, mut slope) = ([zero], [zero]);
                self.apply::<N, false>(&[x], &mut value, &mut slope);
                (value[0], slope[0])
            }
            Self::Relu | Self::Elu if x > zero => (x, one),
            Self::Relu => (zero, zero),
            Self::HardSigmoid => hard(0.2, N::from(0.2) * x + N::from(0.5)),
            Self::HardSigmoid6 => hard(1.0 / 6.0, x / N::from(6.0) + N::from(0.5)),
            Self::Elu => (x.exponential_less_one(), x.exponential()),
            Self::Softsign => {
                let d = one / (one + x.magnitude());
                (x * d, d * d)
            }
        }
    }

    /// Whether φ(x) or φ'(x) is below e^−bound, and not 0.
    pub(super) fn is_below(self, x: f64, bound: f64) -> bool {
        match self {
            Self::Sigmoid | Self::Elu => x < -bound,
            Self::Tanh => x.abs() > 0.5 * bound,
            Self::Softsign => x.abs() > (0.5 * bound).exp(),
            Self::Relu | Self::Linear | Self::HardSigmoid | Self::HardSigmoid6 => false,
        }
    }

    /// Whether φ(2^e x) = 2^e φ(x), so that the state may have a binary exponent of its own.
    #[inline(always)]
    pub(super) fn is_homogeneous(self) -> bool {
        matches!(self, Self::Relu | Self::Linear)
    }

    /// Its largest slope.
    pub const fn steepest(self) -> f64 {
        match self {
            Self::Tanh | Self::Relu | Self::Linear | Self::Elu | Self::Softsign => 1.0,
            Self::Sigmoid => 0.25,
            Self::HardSigmoid => 0.2,
            Self::HardSigmoid6 => 1.0 / 6.0,
        }
    }

    /// Whether its values stay between −1 and 1.
    pub const fn is_bounded(self) -> bool {
        !matches!(self, Self::Relu | Self::Linear | Self::Elu)
    }

    /// The ends of its values; `None` for no end.
    pub const fn range(self) -> (Option<f64>, Option<f64>) {
        match self {
            Self::Tanh | Self::Softsign => (Some(-1.0), Some(1.0)),
            Self::Relu => (Some(0.0), None),
            Self::Linear => (None, None),
            Self::Sigmoid | Self::HardSigmoid | Self::HardSigmoid6 => (Some(0.0), Some(1.0)),
            Self::Elu => (Some(-1.0), None),
        }
    }
}

/// What a cell computes where frameworks differ. By default it is what PyTorch's layers compute.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Semantics {
    /// φ of an RNN, of the block input z of an LSTM, of the candidate n of a GRU.
    pub activation: Activation,
    /// φ of an LSTM's state in h = φ(c) ⊙ o.
    pub state: Activation,
    /// What makes a gate of its pre-activation.
    pub gate: Activation,
    /// Where the reset gate of a GRU stands.
    pub reset: Reset,
}

impl Default for Semantics {
    fn default() -> Self {
        Self::of(Activation::Tanh)
    }
}

impl Semantics {
    /// With one φ throughout, as PyTorch's else.
    pub const fn of(activation: Activation) -> Self {
        Self {
            activation,
            state: activation,
            gate: Activation::Sigmoid,
            reset: Reset::After,
        }
    }
}

/// Where the reset gate of a GRU stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
pub enum Reset {
    /// n = φ(W x + b + r ⊙ (R h + b)): PyTorch, cuDNN, Keras with `reset_after`.
    #[default]
    After,
    /// n = φ(W x + R (r ⊙ h) + b): Cho et al. 2014, Keras without it, ONNX by default.
    Before,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slopes_are_those_of_the_functions_and_stay_below_the_steepest() {
        for (name, function) in Activation::WORDS {
            assert_eq!(function.name(), name);
            let (low, high) = function.range();
            for k in -400..400 {
                // Away from the kinks.
                let x = f64::from(k) * 0.0201 + 0.003;
                let d = 1e-6;
                let want = (function.at(x + d).0 - function.at(x - d).0) / (2.0 * d);
                let (value, slope) = function.at(x);
                assert!(
                    (slope - want).abs() < 1e-8,
                    "{name}({x}): {slope} for {want}"
                );
                assert!(slope <= function.steepest(), "{name}");
                assert!(
                    low.is_none_or(|low| value >= low) && high.is_none_or(|high| value <= high)
                );
                let (mut h, mut slopes) = ([0.0], [0.0]);
                function.apply::<_, false>(&[x], &mut h, &mut slopes);
                assert!((h[0] - value).abs() < 1e-14 && (slopes[0] - slope).abs() < 1e-14);
            }
        }
    }
}
