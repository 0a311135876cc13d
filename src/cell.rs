//! What is simulated: the cells, their parameters, one step forward and one step back.

pub mod parameters;

pub use parameters::Parameters;

use serde::{Deserialize, Serialize};

/// Which recurrent cell.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum CellKind {
    /// h_t = φ(W x_t + R h_{t-1} + b).
    Rnn,
    /// Long short-term memory with block input z and gates i, f, o.
    Lstm,
}

impl CellKind {
    /// The cell's name on the command line and on screen.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Rnn => "rnn",
            Self::Lstm => "lstm",
        }
    }
}

/// The activation φ of the vanilla RNN.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Activation {
    /// φ(x) = tanh x.
    #[default]
    Tanh,
    /// φ(x) = max(0, x), with φ'(0) = 0.
    Relu,
    /// φ(x) = x.
    Linear,
}

/// How the recurrent matrices are drawn before they are scaled to their spectral radius.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Init {
    /// A random orthogonal matrix (QR of a gaussian one): every singular value is ρ.
    #[default]
    Orthogonal,
    /// Independent normal entries: not normal, so that σ_max exceeds ρ.
    Gaussian,
    /// ρ times the identity; input weights drawn as usual.
    Identity,
    /// Every unit is the same scalar network h ← φ(ρ h + x): R = ρ I, all input weights alike.
    Scalar,
}

/// What the forget gate is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum ForgetGate {
    /// f_t = σ(…), with its mean bias set to the number when there is one.
    Learned(Option<f64>),
    /// f_t is this constant, from 0 to 1.05; no gradient enters its pre-activation.
    Pinned(f64),
    /// The cell of 1997: f_t = 1.
    None,
}
