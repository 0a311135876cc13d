//! The gated recurrent unit of Cho et al. (2014), in PyTorch's form, and the code beside it.
//!
//! With reset gate r, update gate z, candidate n, and ⊙ the elementwise product:
//!
//! ```text
//! r_t = σ(W_r x_t + R_r h_{t-1} + b_r)
//! z_t = σ(W_z x_t + R_z h_{t-1} + b_z)
//! m_t = R_n h_{t-1} + b_hn
//! n_t = tanh(W_n x_t + b_in + r_t ⊙ m_t)
//! h_t = (1 - z_t) ⊙ n_t + z_t ⊙ h_{t-1}
//! ```
//!
//! and back, where δ is the gradient of the loss and a bar marks a pre-activation:
//!
//! ```text
//! δz̄_t = δh_t ⊙ (h_{t-1} - n_t) ⊙ z_t(1-z_t)
//! δn̄_t = δh_t ⊙ (1 - z_t) ⊙ (1-n_t²)
//! δr̄_t = δn̄_t ⊙ m_t ⊙ r_t(1-r_t)
//! δh_{t-1} = Δ_{t-1} + z_t ⊙ δh_t + R_zᵀ δz̄_t + R_rᵀ δr̄_t + R_nᵀ (r_t ⊙ δn̄_t)
//! ```
//!
//! The two biases of n do not merge, since r multiplies one of them: δb_in = Σ δn̄_t and
//! δb_hn = Σ r_t ⊙ δn̄_t. Other [`Semantics`] put other functions in the place of tanh and of σ; where the
//! reset gate stands before the matrix, `gru/before.rs` has the equations.

mod before;

use ndarray::{Array1, Axis, Slice};

use super::link::{Factor, Form, Link, Name};
use super::tape::rows;
use super::{
    Activation, At, Carried, Cell, CellKind, Gate, Lands, Options, Parameters, Path, Recurrence,
    Reset, Semantics, Spec, Tape,
};
use crate::num::hadamard::{add, add_product, multiply, product, product3};
use crate::num::{Number, Packed, vector};

/// Blocks of the pre-activations, in PyTorch's order.
const R: usize = 0;
const Z: usize = 1;
const NEW: usize = 2;

/// A GRU with its weights packed for both directions.
#[derive(Clone, Debug)]
pub struct Gru {
    parameters: Parameters,
    semantics: Semantics,
    /// R of the gates, and of the candidate where it multiplies h_{t-1}.
    recurrent: Packed,
    /// R_n where it multiplies r_t ⊙ h_{t-1}.
    inner: Option<Box<Packed>>,
    /// R_Gᵀ of each gate, in the order of the blocks.
    transposed: [Packed; 3],
}

impl Gru {
    /// A GRU of these parameters, as PyTorch has it.
    ///
    /// # Panics
    /// When the parameters are not a GRU's; loaders and initialisers check shapes.
    pub fn new(parameters: Parameters) -> Self {
        Self::with(parameters, Semantics::default())
    }

    /// A GRU with these functions.
    ///
    /// # Panics
    /// As [`Gru::new`].
    pub fn with(parameters: Parameters, semantics: Semantics) -> Self {
        assert!(parameters.kind == CellKind::Gru && parameters.gates() == 3);
        let transposed = [R, Z, NEW].map(|g| Packed::new(parameters.recurrent(g).reversed_axes()));
        let before = semantics.reset == Reset::Before;
        let gates = if before { NEW } else { NEW + 1 } * parameters.hidden();
        let of_gates = parameters.r.slice_axis(Axis(0), Slice::from(..gates));
        Self {
            recurrent: Packed::new(of_gates),
            inner: before.then(|| Box::new(Packed::new(parameters.recurrent(NEW)))),
            transposed,
            parameters,
            semantics,
        }
    }

    /// The slope of a gate.
    fn slope<'a, N: Number>(
        &self,
        tape: &'a Tape<N>,
        s: usize,
        letter: char,
        gate: usize,
    ) -> Factor<'a, N> {
        let function = if gate == NEW {
            self.semantics.activation
        } else {
            self.semantics.gate
        };
        let name = Name::Slope(letter, Form::Of(function));
        Factor::of(name, s, tape.slope(s, gate))
    }

    /// b_hn.
    #[inline(always)]
    fn candidate_bias(&self) -> Option<&[f64]> {
        let [_, b_hh] = self.parameters.biases.as_ref()?;
        b_hh.as_slice()
            .map(|b| &b[NEW * self.parameters.hidden()..])
    }
}

impl Cell for Gru {
    const SPEC: &'static Spec = &Spec {
        name: "gru",
        article: "a",
        title: "GRU",
        module: Some("nn.GRU"),
        gates: &[
            Gate::closing("reset", 'r'),
            Gate::closing("update", 'z'),
            Gate::open("candidate", 'n'),
        ],
        recurrence: Recurrence::Matrices,
        matrices: &[("update", Z), ("reset", R), ("candidate", NEW)],
        paths: &PATHS,
        cut_sets: &["gates"],
        keeps: Some(Z),
        stream: 3,
        ..Spec::PLAIN
    };

    fn build(parameters: Parameters, options: Options) -> Self {
        Self::with(parameters, options.semantics)
    }

    fn semantics(&self) -> Semantics {
        self.semantics
    }

    fn carried(&self) -> &'static [Carried] {
        match self.semantics.reset {
            Reset::After => &PATHS,
            Reset::Before => &before::PATHS,
        }
    }

    fn crossings(&self, path: Path) -> usize {
        let both = path == Path::Reset && self.inner.is_some();
        usize::from(path.crosses()) + usize::from(both)
    }

    fn parameters(&self) -> &Parameters {
        &self.parameters
    }

    fn tape(&self, steps: usize) -> Tape {
        let hidden = self.parameters.hidden();
        Tape {
            candidate: vec![0.0; steps * hidden],
            ..Tape::new(hidden, 3, steps, false)
        }
    }

    /// Both biases of r and z, and b_in; b_hn is inside m, if there is an m.
    fn bias(&self) -> Option<Array1<f64>> {
        let [b_ih, b_hh] = self.parameters.biases.as_ref()?;
        let mut bias = b_ih + b_hh;
        if self.inner.is_some() {
            return Some(bias);
        }
        let rows = Slice::from(NEW * self.parameters.hidden()..);
        bias.slice_axis_mut(Axis(0), rows)
            .assign(&b_ih.slice_axis(Axis(0), rows));
        Some(bias)
    }

    #[inline(always)]
    fn forward<N: Number, const FMA: bool>(&self, input: &mut [N], tape: &mut Tape<N>, t: usize) {
        let n = tape.hidden;
        let (h_before, h) = rows(&mut tape.h, t, n);
        let act = &mut tape.activations[(t - 1) * 3 * n..][..3 * n];
        let slope = &mut tape.slopes[(t - 1) * 3 * n..][..3 * n];
        let candidate = &mut tape.candidate[(t - 1) * n..][..n];

        // The activations' memory holds R h_{t-1} until they are known.
        let Semantics {
            activation, gate, ..
        } = self.semantics;
        let fro = t % 2 == 1;
        let (gates, of_n) = input.split_at_mut(2 * n);
        if let Some(inner) = &self.inner {
            self.recurrent.add_times::<_, FMA>(h_before, gates, fro);
            gate.apply::<_, FMA>(gates, &mut act[..2 * n], &mut slope[..2 * n]);
            let r = &act[R * n..][..n];
            Self::candidate_before::<_, FMA>(inner, h_before, r, candidate, of_n, fro);
        } else {
            self.recurrent.times::<_, FMA>(h_before, act, fro);
            add(gates, &act[..2 * n]);
            candidate.copy_from_slice(&act[NEW * n..]);
            if let Some(b_hn) = self.candidate_bias() {
                add(candidate, b_hn);
            }
            gate.apply::<_, FMA>(gates, &mut act[..2 * n], &mut slope[..2 * n]);
            add_product(of_n, &act[R * n..][..n], candidate);
        }
        activation.apply::<_, FMA>(of_n, &mut act[NEW * n..], &mut slope[NEW * n..]);
        let (z, new) = (&act[Z * n..][..n], &act[NEW * n..]);
        for j in 0..n {
            h[j] = (N::ONE - z[j]) * new[j] + z[j] * h_before[j];
        }
    }

    fn functions(&self) -> [Option<Activation>; 4] {
        let Semantics {
            activation, gate, ..
        } = self.semantics;
        [Some(gate), Some(gate), Some(activation), None]
    }

    #[inline(always)]
    fn backward<N: Number, const FMA: bool>(&self, at: At<N>, _: &mut [N], delta: &mut [N]) {
        let n = at.grad_h.len();
        let (delta_r, rest) = delta.split_at_mut(n);
        let (delta_z, delta_n) = rest.split_at_mut(n);
        // δn̄_t = δh_t ⊙ (1-z_t) ⊙ (1-n_t²). The subtraction is PyTorch's: where z saturates, both lose the
        // same digits.
        let (z, slope) = (at.activation(Z), at.slope(NEW));
        let factors = z.iter().zip(slope).zip(at.grad_h);
        for (d, ((&z, &slope), &g)) in delta_n.iter_mut().zip(factors) {
            *d = (N::ONE - z) * slope * g;
        }
        // δz̄_t = δh_t ⊙ (h_{t-1} - n_t) ⊙ z_t(1-z_t)
        let (before, new, slope) = (at.h_before(), at.activation(NEW), at.slope(Z));
        let factors = before.iter().zip(new).zip(slope).zip(at.grad_h);
        for (d, (((&h, &n), &slope), &g)) in delta_z.iter_mut().zip(factors) {
            *d = (h - n) * slope * g;
        }
        if self.inner.is_some() {
            self.reset_before::<_, FMA>(at, delta_n, delta_r);
        } else {
            // δr̄_t = δn̄_t ⊙ m_t ⊙ r_t(1-r_t)
            product3(delta_r, delta_n, at.tape.candidate(at.t), at.slope(R));
        }
    }

    #[inline(always)]
    fn carry<N: Number, const FMA: bool>(&self, at: At<N>, _: &[N], delta: &[N], carry: &mut [N]) {
        let n = at.grad_h.len();
        let fro = at.fro();
        let (leak, rest) = carry.split_at_mut(n);
        let (update, rest) = rest.split_at_mut(n);
        let (reset, candidate) = rest.split_at_mut(n);
        self.transposed[Z].times::<_, FMA>(&delta[Z * n..][..n], update, fro);
        self.transposed[R].times::<_, FMA>(&delta[R * n..][..n], reset, fro);
        if self.inner.is_some() {
            let seen = self.to_seen::<_, FMA>(&delta[NEW * n..], fro);
            product(candidate, at.activation(R), &seen);
        } else {
            // The leak's memory holds r ⊙ δn̄ until it is used.
            product(leak, at.activation(R), &delta[NEW * n..]);
            self.transposed[NEW].times::<_, FMA>(leak, candidate, fro);
        }
        product(leak, at.activation(Z), at.grad_h);
    }

    fn recurrent_deltas<N: Number>(&self, tape: &Tape<N>, deltas: &[N]) -> Option<Vec<N>> {
        if self.inner.is_some() {
            return None;
        }
        let n = tape.hidden;
        let mut all = deltas.to_vec();
        for (row, t) in all.chunks_exact_mut(3 * n).zip(1..) {
            let r = tape.activation(t, R);
            multiply(&mut row[NEW * n..], r);
        }
        Some(all)
    }

    fn seen_by_last<'a, N: Number>(&self, tape: &'a Tape<N>) -> Option<&'a [N]> {
        self.inner.as_ref().map(|_| tape.candidate.as_slice())
    }

    fn steepest(&self, tape: &Tape, gate: usize) -> f64 {
        let Semantics {
            activation,
            gate: function,
            ..
        } = self.semantics;
        let largest = vector::largest(&tape.h);
        let n = || {
            let largest = (1..=tape.steps).map(|t| vector::largest(tape.activation(t, NEW)));
            largest.fold(if activation.is_bounded() { 1.0 } else { 0.0 }, f64::max)
        };
        match gate {
            // Between h_{t-1} and n_t lies |h| + |n| at most.
            Z => function.steepest() * (n() + largest),
            R if self.inner.is_some() => self.steepest_reset(tape),
            R => function.steepest() * vector::largest(&tape.candidate),
            _ => activation.steepest(),
        }
    }

    fn link<'a, N: Number>(
        &'a self,
        path: Path,
        tape: &'a Tape<N>,
        t: usize,
    ) -> Option<Link<'a, N>> {
        let s = t + 1;
        let transposed = |letter, gate: usize| {
            Factor::transposed(Some(letter), s, self.parameters.recurrent(gate))
                .packed(&self.transposed[gate])
        };
        let gate = |letter, gate| Factor::of(Name::Gate(letter), s, tape.activation(s, gate));
        let slope = |letter, gate| self.slope(tape, s, letter, gate);
        let complement = || {
            let z = tape.activation(s, Z).iter();
            Factor::made(Name::Complement('z'), s, z.map(|&z| N::ONE - z))
        };
        let difference = || {
            let pairs = tape.h(t).iter().zip(tape.activation(s, NEW));
            Factor::made(Name::Difference, s, pairs.map(|(&h, &n)| h - n))
        };
        let factors = match path {
            Path::Leak => vec![gate('z', Z)],
            Path::Update => vec![transposed('z', Z), difference(), slope('z', Z)],
            Path::Reset | Path::Candidate if self.inner.is_some() => {
                let mut factors = self.outer_before(path, tape, s);
                factors.extend([complement(), slope('n', NEW)]);
                factors
            }
            Path::Reset => vec![
                transposed('r', R),
                Factor::of(Name::Candidate, s, tape.candidate(s)),
                slope('r', R),
                complement(),
                slope('n', NEW),
            ],
            Path::Candidate => vec![
                transposed('n', NEW),
                gate('r', R),
                complement(),
                slope('n', NEW),
            ],
            _ => return None,
        };
        Some(Link::of(Lands::H, s, factors))
    }
}

const PATHS: [Carried; 4] = [
    Carried {
        path: Path::Leak,
        lands: Lands::H,
        by: "by z alone",
        way: "The gradient stays in {h}, and the update gate alone multiplies it. No recurrent matrix is crossed.",
        bound: Some("{z} alone decides, and it stays below 1: this path cannot explode."),
    },
    Carried {
        path: Path::Update,
        lands: Lands::H,
        by: "through its matrix R",
        way: "The gradient leaves the next step through its update gate {z}, and comes back through the recurrent \
              matrix {R_z}.",
        bound: Some(
            "The slope of the gate is at most ¼; the difference of {h} and {n} and the matrix decide.",
        ),
    },
    Carried {
        path: Path::Reset,
        lands: Lands::H,
        by: "through its matrix R",
        way: "The gradient leaves the next step through its candidate {n} and from there through the reset gate {r}, \
              and comes back through the recurrent matrix {R_r}.",
        bound: Some(
            "The slope of the gate is at most ¼, but {m} grows with the matrix {R_n}: both matrices decide.",
        ),
    },
    Carried {
        path: Path::Candidate,
        lands: Lands::H,
        by: "through its matrix R",
        way: "The gradient leaves the next step through its candidate {n}, and comes back through the recurrent \
              matrix {R_n}.",
        bound: Some(
            "Apart from the matrix no factor exceeds 1: this path explodes only where {σ_n} exceeds 1.",
        ),
    },
];
