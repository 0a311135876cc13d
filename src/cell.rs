//! What is simulated: the cells, their parameters, one step forward and one step back.
//!
//! A cell is one file that implements [`Cell`]; everything above it (the backward sweep, paths,
//! cuts, parameter gradients) is written once for all of them.

pub mod any;
pub mod forward;
pub mod gru;
pub mod init;
pub mod jacobian;
pub mod link;
pub mod lstm;
pub mod parameters;
pub mod path;
pub mod rnn;
pub mod tape;

pub use any::{AnyCell, Visitor};
pub use gru::Gru;
pub use jacobian::StepJacobian;
pub use link::Link;
pub use lstm::Lstm;
pub use parameters::Parameters;
pub use path::{Path, PathSet};
pub use rnn::Rnn;
pub use tape::Tape;

use ndarray::Array1;
use serde::{Deserialize, Serialize};

/// Which recurrent cell.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum CellKind {
    /// h_t = φ(W x_t + R h_{t-1} + b).
    Rnn,
    /// Long short-term memory with block input z and gates i, f, o.
    Lstm,
    /// Gated recurrent unit with gates r, z and candidate n, as in PyTorch.
    Gru,
}

impl CellKind {
    /// The cell's name on the command line and on screen.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Rnn => "rnn",
            Self::Lstm => "lstm",
            Self::Gru => "gru",
        }
    }

    /// Every path on which its gradient can come back from the next step.
    #[must_use]
    pub const fn paths(self) -> &'static [Path] {
        match self {
            Self::Rnn => &[Path::Recurrent],
            Self::Lstm => &[
                Path::Carousel,
                Path::Block,
                Path::Input,
                Path::Forget,
                Path::Output,
                Path::PeepholeInput,
                Path::PeepholeForget,
                Path::PeepholeOutput,
            ],
            Self::Gru => &[Path::Leak, Path::Update, Path::Reset, Path::Candidate],
        }
    }

    /// Whether its state has a c beside h.
    #[must_use]
    pub const fn has_c(self) -> bool {
        matches!(self, Self::Lstm)
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

impl ForgetGate {
    /// The constant that f is, unless it is learned.
    #[must_use]
    pub fn constant(self) -> Option<f64> {
        match self {
            Self::Learned(_) => None,
            Self::Pinned(f) => Some(f),
            Self::None => Some(1.0),
        }
    }
}

/// A path that carries the gradient from step t + 1 to step t, and which part of the state it
/// lands on there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Carried {
    /// Which path.
    pub path: Path,
    /// Where it lands.
    pub lands: Lands,
    /// Whether it crosses a recurrent matrix, which raises the hop order by one.
    pub crosses: bool,
}

/// The part of the state that a path lands on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lands {
    /// h_t.
    H,
    /// c_t.
    C,
}

/// A recurrent cell: one step forward, one step back.
///
/// All vectors have H elements, pre-activations G·H (G gates, blocks in the order of
/// [`Parameters`]). Steps t run from 1 to T as in the formulas. Hot methods are generic over `FMA`
/// (see [`crate::num::simd`]).
pub trait Cell {
    /// Which cell this is.
    fn kind(&self) -> CellKind;

    /// Its parameters.
    fn parameters(&self) -> &Parameters;

    /// The paths into a step from the one after it, in the order in which they are shown.
    fn carried(&self) -> &'static [Carried];

    /// Names of the gates, in the order of their blocks.
    fn gate_names(&self) -> &'static [&'static str];

    /// An empty tape for `steps` steps.
    fn tape(&self, steps: usize) -> Tape;

    /// What is added to W x_t of every step: both biases, unless the cell adds one later itself.
    fn bias(&self) -> Option<Array1<f64>> {
        self.parameters()
            .biases
            .as_ref()
            .map(|[b_ih, b_hh]| b_ih + b_hh)
    }

    /// Step t forward: reads the state of t − 1 from the tape and writes that of t.
    /// `input` is W x_t + [`Cell::bias`] for all gates and is used up; its scale is 1.
    fn forward<const FMA: bool>(&self, input: &mut [f64], tape: &mut Tape, t: usize);

    /// Step t back, inside the step: from the whole δh_t and what lands on c_t (`carry_c`) to the
    /// whole δc_t (`grad_c`, empty for a cell without c) and the δ of all pre-activations. A path of
    /// [`Cell::same_step_path`] in `cuts` does not reach δc_t.
    fn backward<const FMA: bool>(
        &self,
        tape: &Tape,
        t: usize,
        cuts: PathSet,
        grad_h: &[f64],
        carry_c: &[f64],
        grad_c: &mut [f64],
        delta: &mut [f64],
    );

    /// Step t back, out of the step: what each path of [`Cell::carried`] brings to t − 1
    /// (`carry`, one block of H for each).
    fn carry<const FMA: bool>(
        &self,
        tape: &Tape,
        t: usize,
        grad_h: &[f64],
        grad_c: &[f64],
        delta: &[f64],
        carry: &mut [f64],
    );

    /// The δ of R h_{t-1} for the whole window, from those of the pre-activations (`deltas`, T × G·H);
    /// `None` where they are the same.
    fn recurrent_deltas(&self, tape: &Tape, deltas: &[f64]) -> Option<Vec<f64>> {
        let _ = (tape, deltas);
        None
    }

    /// Writes J_t = ∂s_t/∂s_{t-1}, the Jacobian of the whole state at step t.
    fn jacobian(&self, tape: &Tape, t: usize, out: &mut StepJacobian);

    /// A term of δc_t that comes from within step t itself, not from t + 1 (the output peephole).
    fn same_step_path(&self) -> Option<Path> {
        None
    }

    /// Writes the term of [`Cell::same_step_path`].
    fn same_step_term(&self, delta: &[f64], term: &mut [f64]) {
        let _ = (delta, term);
    }

    /// Which state's gradient the chain of a path alone starts from, and lives on.
    fn alone_lives_on(&self, path: Path) -> Lands;

    /// One link of the chain of a path alone: from `v` at step t + 1 to `out` at step t.
    fn alone<const FMA: bool>(&self, path: Path, tape: &Tape, t: usize, v: &[f64], out: &mut [f64]);

    /// The term of a path at step t, 1 ≤ t < T (t = T too for one within a step), factor by factor;
    /// `None` for a path that this cell does not have, and for `Loss`.
    fn link<'a>(&'a self, path: Path, tape: &'a Tape, t: usize) -> Option<Link<'a>>;
}
