//! What is simulated: the cells, their parameters, one step forward and one step back.
//!
//! A cell is one file that implements [`Cell`] and says in a [`Spec`] what it is called and made of,
//! and a line in the list below; everything above it (the backward sweep, paths, cuts, parameter
//! gradients, names and sentences on screen) is written once for all of them.

pub mod activation;
pub mod exact;
pub mod forward;
pub mod gru;
pub mod indrnn;
pub mod init;
pub mod jacobian;
pub mod link;
mod list;
pub mod lru;
pub mod lstm;
pub mod mingru;
pub mod minlstm;
pub mod parameters;
pub mod path;
mod range;
pub mod rnn;
pub mod spec;
pub mod stack;
pub mod tape;
pub mod variant;

pub use activation::{Activation, Reset, Semantics};
pub use gru::Gru;
pub use indrnn::IndRnn;
pub use jacobian::StepJacobian;
pub use link::{Factor, Link};
pub use lru::Lru;
pub use lstm::Lstm;
pub use mingru::MinGru;
pub use minlstm::MinLstm;
pub use parameters::{Diagonal, Parameters};
pub use path::{Path, PathSet};
pub use rnn::Rnn;
pub use spec::{Carried, Gate, Recurrence, Spec};
pub use stack::{Direction, LayerId, Projection, StackParameters};
pub use tape::Tape;
pub use variant::Variant;

use self::link::Name;
use self::list::cells;
use crate::num::Number;
use crate::num::hadamard::product;
use ndarray::Array1;

cells! { ($)
    /// h_t = φ(W x_t + R h_{t-1} + b).
    Rnn,
    /// Long short-term memory with block input z and gates i, f, o.
    Lstm,
    /// Gated recurrent unit with gates r, z and candidate n, as in PyTorch.
    Gru,
    /// The GRU whose gate sees the input only (Feng et al. 2024).
    MinGru,
    /// The LSTM whose gates see the input only, and add up to 1 (Feng et al. 2024).
    MinLstm,
    /// The linear recurrent unit h_t = λ ⊙ h_{t-1} + γ ⊙ B x_t (Orvieto et al. 2023).
    Lru,
    /// The RNN whose units see themselves only, h_t = φ(W x_t + u ⊙ h_{t-1} + b) (Li et al. 2018).
    IndRnn,
}

impl CellKind {
    /// The cell's name on the command line and on screen.
    pub const fn name(self) -> &'static str {
        self.spec().name
    }

    /// Gates G: the blocks of the pre-activations.
    pub const fn gates(self) -> usize {
        self.spec().gates.len()
    }

    /// Whether its gates have a function of their own.
    pub const fn has_gates(self) -> bool {
        matches!(self, Self::Lstm | Self::Gru)
    }

    /// Whether its gates see the state before, through a recurrent matrix each.
    pub const fn has_recurrent_matrices(self) -> bool {
        self.spec().blocks_of_r() > 0
    }

    /// Every path on which its gradient can come back from the next step.
    pub fn paths(self) -> impl Iterator<Item = Path> {
        self.spec().paths.iter().map(|carried| carried.path)
    }

    /// Whether its state has a c beside h.
    pub const fn has_c(self) -> bool {
        self.spec().has_c
    }
}

/// What a cell takes from the settings beside its parameters.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// Its functions, where frameworks differ.
    pub semantics: Semantics,
    /// What the forget gate of an LSTM is.
    pub forget: ForgetGate,
    /// The variant of an LSTM.
    pub variant: Variant,
}

/// How the recurrent matrices are drawn before they are scaled to their spectral radius.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
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
    /// What `nn.RNN`, `nn.LSTM` and `nn.GRU` of PyTorch draw: U(−1/√H, 1/√H) for all weights and both
    /// biases. By the circular law the radius of each gate's R tends to 1/√3 ≈ 0.577 as H grows; it is
    /// about 0.60 at H = 128.
    PyTorch,
    /// What Keras draws: glorot uniform input weights, a recurrent matrix of all gates that is
    /// orthogonal as a whole (H × G·H), a forget bias of 1, and no other bias. The radius of each gate's
    /// own block tends to 1/√G as H grows, and is not 1.
    Keras,
}

impl Init {
    /// Whether it is a framework's, with sizes and biases of its own.
    pub const fn is_framework(self) -> bool {
        matches!(self, Self::PyTorch | Self::Keras)
    }
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
    pub fn constant(self) -> Option<f64> {
        match self {
            Self::Learned(_) => None,
            Self::Pinned(f) => Some(f),
            Self::None => Some(1.0),
        }
    }
}

/// The part of the state that a path lands on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lands {
    /// h_t.
    H,
    /// c_t.
    C,
    /// i_t, where the gates see each other.
    GateI,
    /// f_t, where the gates see each other.
    GateF,
    /// o_t, where the gates see each other.
    GateO,
}

impl Lands {
    /// Its block in the state [h, c, i, f, o].
    #[inline(always)]
    pub const fn part(self) -> usize {
        match self {
            Self::H => 0,
            Self::C => 1,
            Self::GateI => 2,
            Self::GateF => 3,
            Self::GateO => 4,
        }
    }
}

/// Where a step back stands.
#[derive(Clone, Copy, Debug)]
pub struct At<'a, N: Number> {
    /// The tape of the forward pass.
    pub tape: &'a Tape<N>,
    /// The step, from 1.
    pub t: usize,
    /// The paths that bring nothing back.
    pub cuts: PathSet,
    /// The whole δh_t.
    pub grad_h: &'a [N],
    /// What comes from step t + 1 to c_t, and to i_t, f_t and o_t where the gates see each other: a block of
    /// H for each.
    pub from_next: &'a [N],
}

impl<'a, N: Number> At<'a, N> {
    /// The activation of a gate.
    #[inline(always)]
    pub fn activation(&self, gate: usize) -> &'a [N] {
        self.tape.activation(self.t, gate)
    }

    /// The slope of a gate.
    #[inline(always)]
    pub fn slope(&self, gate: usize) -> &'a [N] {
        self.tape.slope(self.t, gate)
    }

    /// h_{t-1}.
    #[inline(always)]
    pub fn h_before(&self) -> &'a [N] {
        self.tape.h(self.t - 1)
    }

    /// Whether matrices are read from their end, as in every other step.
    #[inline(always)]
    pub const fn fro(&self) -> bool {
        self.t % 2 == 1
    }
}

/// A recurrent cell: one step forward, one step back.
///
/// All vectors have H elements, pre-activations G·H (G gates, blocks in the order of
/// [`Parameters`]). Steps t run from 1 to T as in the formulas. Hot methods are generic over `FMA`
/// (see [`crate::num::simd`]), and whatever belongs to a window over its numbers ([`Number`]).
pub trait Cell: Sized {
    /// What the cell says about itself.
    const SPEC: &'static Spec;

    /// The cell of these parameters.
    fn build(parameters: Parameters, options: Options) -> Self;

    /// Which cell this is.
    fn kind(&self) -> CellKind {
        self.parameters().kind
    }

    /// Which variant of it, if it is an LSTM.
    fn variant(&self) -> Variant {
        Variant::Plain
    }

    /// Its functions; of a cell with but one form, PyTorch's.
    fn semantics(&self) -> Semantics {
        Semantics::default()
    }

    /// Its parameters.
    fn parameters(&self) -> &Parameters;

    /// The paths into a step from the one after it, in the order in which they are shown.
    fn carried(&self) -> &'static [Carried] {
        Self::SPEC.paths
    }

    /// An empty tape for `steps` steps.
    fn tape(&self, steps: usize) -> Tape {
        let kind = self.kind();
        Tape::new(
            self.parameters().hidden(),
            kind.gates(),
            steps,
            kind.has_c(),
        )
    }

    /// What is added to W x_t of every step: all biases, unless the cell adds one later itself.
    fn bias(&self) -> Option<Array1<f64>> {
        let [b_ih, b_hh] = self.parameters().biases.as_ref()?;
        Some(if b_hh.is_empty() {
            b_ih.clone()
        } else {
            b_ih + b_hh
        })
    }

    /// Step t forward: reads the state of t − 1 from the tape and writes that of t.
    /// `input` is W x_t + [`Cell::bias`] for all gates and is used up; its scale is 1.
    fn forward<N: Number, const FMA: bool>(&self, input: &mut [N], tape: &mut Tape<N>, t: usize);

    /// The functions that make activations of the pre-activations, by blocks; `None` for a gate that none of
    /// its own makes, and behind the last.
    fn functions(&self) -> [Option<Activation>; 4];

    /// Activations and slopes of all gates of a step, from the whole of their pre-activations.
    #[inline(always)]
    fn activate<N: Number, const FMA: bool>(&self, sums: &[N], act: &mut [N], slope: &mut [N]) {
        let n = self.parameters().hidden();
        let blocks = act.chunks_exact_mut(n).zip(slope.chunks_exact_mut(n));
        let functions = self.functions().into_iter().zip(sums.chunks_exact(n));
        for ((function, sums), (act, slope)) in functions.zip(blocks) {
            if let Some(function) = function {
                function.apply::<_, FMA>(sums, act, slope);
            }
        }
    }

    /// Step t back, inside the step: from the whole δh_t and what comes from step t + 1 to the whole δc_t
    /// (`grad_c`, empty for a cell without c) and the δ of all pre-activations. A path of
    /// [`Cell::same_step_path`] in `cuts` does not reach δc_t.
    fn backward<N: Number, const FMA: bool>(&self, at: At<N>, grad_c: &mut [N], delta: &mut [N]);

    /// Step t back, out of the step: what each path of [`Cell::carried`] brings to t − 1
    /// (`carry`, one block of H for each). What a path in `cuts` would bring is of no use, and need not be
    /// written. Here, what the gate brings that keeps h.
    #[inline(always)]
    fn carry<N: Number, const FMA: bool>(
        &self,
        at: At<N>,
        grad_c: &[N],
        delta: &[N],
        carry: &mut [N],
    ) {
        let _ = (grad_c, delta);
        if let Some(gate) = Self::SPEC.keeps {
            product(carry, at.activation(gate), at.grad_h);
        }
    }

    /// [`Parameters::extended`], which looks at every weight: asked once for each window.
    fn extended(&self) -> bool {
        self.parameters().extended()
    }

    /// Whether a unit whose gradient is small beside another's may come to be the larger one. Where it may
    /// not, it is not missed in a sum.
    fn mixes(&self) -> bool {
        true
    }

    /// The δ of R h_{t-1} for the whole window, from those of the pre-activations (`deltas`, T × G·H);
    /// `None` where they are the same.
    fn recurrent_deltas<N: Number>(&self, tape: &Tape<N>, deltas: &[N]) -> Option<Vec<N>> {
        let _ = (tape, deltas);
        None
    }

    /// What the last block of R multiplies, T rows of H numbers, where it is not h_{t-1}.
    fn seen_by_last<'a, N: Number>(&self, tape: &'a Tape<N>) -> Option<&'a [N]> {
        let _ = tape;
        None
    }

    /// How many recurrent matrices the term of a path crosses.
    fn crossings(&self, path: Path) -> usize {
        usize::from(path.crosses())
    }

    /// Writes J_t = ∂s_t/∂s_{t-1}, the Jacobian of the whole state at step t.
    ///
    /// That of a cell without c is the sum of its [`links`](Cell::link), each diag(a) M or diag(a).
    fn jacobian(&self, tape: &Tape, t: usize, out: &mut StepJacobian) {
        let links = self.carried().iter();
        let links: Vec<Link> = links
            .filter_map(|carried| self.link(carried.path, tape, t - 1))
            .collect();
        let terms: Vec<_> = links.iter().map(|link| link.matrix(tape.hidden)).collect();
        let through: Vec<_> = terms
            .iter()
            .filter_map(|(a, r)| Some((r.as_ref()?.view(), a.as_slice())))
            .collect();
        out.set_direct(&through);
        for (a, _) in terms.iter().filter(|(_, r)| r.is_none()) {
            out.add_to_diagonal(a);
        }
    }

    /// Writes J_t as what it consists of, where that is nothing but the matrices of R, each with a factor, and
    /// diagonals; false where it is not. `row`, of which every number is written, has H numbers for each block
    /// of R, which are diag(a)
    /// R's, and behind them the diagonal of ∂h_t/∂h_{t-1}. With a c they are d and g of [`StepJacobian`];
    /// the last block then lands on h and the others on c.
    fn factors(&self, tape: &Tape, t: usize, row: &mut [f64]) -> bool {
        let (n, parameters) = (tape.hidden, self.parameters());
        let places: Vec<_> = (0..parameters.matrices())
            .map(|block| parameters.recurrent(block).as_ptr())
            .collect();
        row.fill(0.0);
        self.carried().iter().all(|carried| {
            let Some(link) = self.link(carried.path, tape, t - 1) else {
                return true;
            };
            let (a, matrix) = link.matrix(n);
            let block = match matrix {
                None => Some(places.len()),
                Some(matrix) => places.iter().position(|place| *place == matrix.as_ptr()),
            };
            let sum = block.and_then(|block| row.get_mut(block * n..(block + 1) * n));
            sum.is_some_and(|sum| {
                sum.iter_mut().zip(a).for_each(|(sum, a)| *sum += a);
                true
            })
        })
    }

    /// The largest number that could stand beside R of a gate on its path back through one step with states
    /// like those of the window on `tape`, where [`Cell::factors`] does not say what does stand there. It is the largest slope of the gate's activation, times the largest of
    /// what else the path passes there where that can exceed 1.
    fn steepest(&self, tape: &Tape, gate: usize) -> f64 {
        let _ = (tape, gate);
        1.0
    }

    /// A term of δc_t that comes from within step t itself, not from t + 1 (the output peephole).
    fn same_step_path(&self) -> Option<Path> {
        None
    }

    /// Writes the term of [`Cell::same_step_path`].
    fn same_step_term<N: Number>(&self, delta: &[N], term: &mut [N]) {
        let _ = (delta, term);
    }

    /// Writes the own gain of the carousel at step t where peepholes add to it,
    /// f + p_i z i(1-i) + p_f c_{t-1} f(1-f) (H numbers); false, and nothing written, without peepholes.
    fn carousel_gain(&self, tape: &Tape, t: usize, out: &mut [f64]) -> bool {
        let _ = (tape, t, out);
        false
    }

    /// Which state's gradient the chain of a path alone lives on.
    fn alone_lives_on(&self, path: Path) -> Lands {
        let _ = path;
        Lands::H
    }

    /// What takes δc_T (for o_T, δh_T) to the gate that the chain of a path alone lives on; `None`
    /// where it lives on h or c.
    fn alone_starts_with<'a, N: Number>(
        &self,
        path: Path,
        tape: &'a Tape<N>,
    ) -> Option<Factor<'a, N>> {
        let _ = (path, tape);
        None
    }

    /// One link of the chain of a path alone: from `v` at step t + 1 to `out` at step t.
    #[inline(always)]
    fn alone<N: Number, const FMA: bool>(
        &self,
        path: Path,
        tape: &Tape<N>,
        t: usize,
        v: &[N],
        out: &mut [N],
    ) {
        // No path is left to bring the gradient that a path within a step begins with.
        let link = self.link(path, tape, t).filter(|link| link.start > t);
        match link {
            Some(link) => {
                let link = link.ending_on(self.alone_lives_on(path));
                out.copy_from_slice(v);
                link.apply::<FMA>(out, t % 2 == 1);
            }
            None => out.fill(N::default()),
        }
    }

    /// One step of a path from the state, 1 ≤ t < T (t = T too for one within a step), factor by
    /// factor: a link of its chain alone. `None` for a path that this cell does not have, and for
    /// `Loss`. Here, the path of the gate that keeps h.
    fn link<'a, N: Number>(
        &'a self,
        path: Path,
        tape: &'a Tape<N>,
        t: usize,
    ) -> Option<Link<'a, N>> {
        let block = Self::SPEC.keeps?;
        let (gate, keeping) = Self::SPEC.keeper()?;
        let kept = Factor::of(
            Name::Gate(gate.letter),
            t + 1,
            tape.activation(t + 1, block),
        );
        (path == keeping).then(|| Link::of(Lands::H, t + 1, vec![kept]))
    }

    /// The term of a path at step t: the products whose sum it is. That is [`Cell::link`] alone unless
    /// the gates see each other, so that more than the state comes back to them.
    fn terms<'a, N: Number>(&'a self, path: Path, tape: &'a Tape<N>, t: usize) -> Vec<Link<'a, N>> {
        self.link(path, tape, t).into_iter().collect()
    }
}
