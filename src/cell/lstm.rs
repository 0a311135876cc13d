//! Long short-term memory, with the equations of Greff et al. (2015) and the code beside them.
//!
//! With block input z (PyTorch calls it g), gates i, f, o, and ⊙ the elementwise product:
//!
//! ```text
//! z_t = tanh(W_z x_t + R_z h_{t-1} + b_z)
//! i_t = σ(W_i x_t + R_i h_{t-1} + p_i ⊙ c_{t-1} + b_i)
//! f_t = σ(W_f x_t + R_f h_{t-1} + p_f ⊙ c_{t-1} + b_f)
//! c_t = z_t ⊙ i_t + c_{t-1} ⊙ f_t
//! o_t = σ(W_o x_t + R_o h_{t-1} + p_o ⊙ c_t + b_o)
//! h_t = tanh(c_t) ⊙ o_t
//! ```
//!
//! and back, where δ is the gradient of the loss and a bar marks a pre-activation:
//!
//! ```text
//! δō_t = δh_t ⊙ tanh(c_t) ⊙ o_t(1-o_t)
//! δc_t = δh_t ⊙ o_t ⊙ (1-tanh²c_t) + δc_{t+1} ⊙ f_{t+1} + p_o⊙δō_t + p_i⊙δī_{t+1} + p_f⊙δf̄_{t+1}
//! δf̄_t = δc_t ⊙ c_{t-1} ⊙ f_t(1-f_t)
//! δī_t = δc_t ⊙ z_t ⊙ i_t(1-i_t)
//! δz̄_t = δc_t ⊙ i_t ⊙ (1-z_t²)
//! ```
//!
//! A [`Variant`] changes a line of it: a gate that is not there is 1 and its slope 0, an activation
//! that is not there has slope 1, and with coupled gates f = 1 − i has no pre-activation of its own,
//! so that δī_t = δc_t ⊙ (z_t − c_{t-1}) ⊙ i_t(1-i_t) and δf̄_t = 0.
//!
//! With full gate recurrence i, f and o belong to the state, and every gate sees all three of the
//! step before: R_ii i_{t-1} + R_fi f_{t-1} + R_oi o_{t-1} stands in ī_t, and likewise in f̄_t and ō_t.
//! Back, δī_{t+1}, δf̄_{t+1} and δō_{t+1} land on the gates themselves, past h and c:
//!
//! ```text
//! δī_t = (δc_t ⊙ z_t     + R_iiᵀ δī_{t+1} + R_ifᵀ δf̄_{t+1} + R_ioᵀ δō_{t+1}) ⊙ i_t(1-i_t)
//! δf̄_t = (δc_t ⊙ c_{t-1} + R_fiᵀ δī_{t+1} + R_ffᵀ δf̄_{t+1} + R_foᵀ δō_{t+1}) ⊙ f_t(1-f_t)
//! δō_t = (δh_t ⊙ tanh(c_t) + R_oiᵀ δī_{t+1} + R_ofᵀ δf̄_{t+1} + R_ooᵀ δō_{t+1}) ⊙ o_t(1-o_t)
//! ```

mod link;
mod spec;
mod wide;

use ndarray::{Array1, Array2, ArrayView2, Axis, Slice};

use self::spec::{CARRIED, CARRIED_BY_GATES};
use super::link::{Factor, Link};
use super::wide_tape::{Squash, WideStep, WideTape};
use super::{
    Carried, Cell, CellKind, ForgetGate, Lands, Options, Parameters, Path, PathSet, Spec,
    StepJacobian, Tape, Variant,
};
use crate::num::hadamard::{add, add_product, product, product3};
use crate::num::{Packed, Wide, elementwise, vector};

/// Blocks of the pre-activations, in PyTorch's order.
const I: usize = 0;
const F: usize = 1;
const Z: usize = 2;
const O: usize = 3;

/// Their letters.
const LETTERS: [char; 4] = ['i', 'f', 'z', 'o'];

/// The blocks of the gates that see each other.
const GATES: [usize; 3] = [I, F, O];

/// An LSTM with its weights packed for both directions.
#[derive(Clone, Debug)]
pub struct Lstm {
    parameters: Parameters,
    forget: ForgetGate,
    variant: Variant,
    recurrent: Packed,
    /// R_Gᵀ of each gate, in the order of the blocks.
    transposed: [Packed; 4],
    far: bool,
    /// With full gate recurrence only; beside the others it would make every LSTM large.
    gates: Option<Box<Gates>>,
}

/// The nine matrices of full gate recurrence.
#[derive(Clone, Debug)]
struct Gates {
    /// All of them, 3H × 3H.
    recurrent: Packed,
    /// For each gate of i, f, o the transpose of its column: from all δ of a step to that gate of the
    /// step before.
    transposed: [Packed; 3],
}

impl Gates {
    fn new(r: ArrayView2<f64>) -> Self {
        let n = r.ncols() / 3;
        let column = |g: usize| r.slice_axis(Axis(1), Slice::from(g * n..(g + 1) * n));
        Self {
            recurrent: Packed::new(r),
            transposed: [0, 1, 2].map(|g| Packed::new(column(g).reversed_axes())),
        }
    }
}

impl Lstm {
    /// An LSTM of these parameters; `forget` says whether f is σ(…) or a constant.
    ///
    /// # Panics
    /// When the parameters are not an LSTM's; loaders and initialisers check shapes.
    #[must_use]
    pub fn new(parameters: Parameters, forget: ForgetGate) -> Self {
        Self::of_variant(parameters, forget, Variant::Plain)
    }

    /// A variant of the LSTM. Where the variant says what f is, `forget` does not.
    ///
    /// # Panics
    /// When the parameters are not an LSTM's, or have no `gates_r` for full gate recurrence.
    #[must_use]
    pub fn of_variant(mut parameters: Parameters, forget: ForgetGate, variant: Variant) -> Self {
        assert!(parameters.kind == CellKind::Lstm && parameters.gates() == 4);
        assert!(variant != Variant::Fgr || parameters.gates_r.is_some());
        let forget = match variant {
            Variant::Nfg => ForgetGate::None,
            Variant::Cifg => ForgetGate::Learned(None),
            _ => forget,
        };
        if variant == Variant::Np {
            parameters.peepholes = None;
        }
        if variant != Variant::Fgr {
            parameters.gates_r = None;
        }
        let gates = parameters
            .gates_r
            .as_ref()
            .map(|r| Box::new(Gates::new(r.view())));
        let transposed = [I, F, Z, O].map(|g| Packed::new(parameters.recurrent(g).reversed_axes()));
        Self {
            recurrent: Packed::new(parameters.r.view()),
            transposed,
            far: parameters.far(),
            parameters,
            forget,
            variant,
            gates,
        }
    }

    /// p_i, p_f or p_o as a slice.
    #[inline(always)]
    fn peephole(&self, which: usize) -> Option<&[f64]> {
        self.parameters
            .peepholes
            .as_ref()
            .and_then(|p| p[which].as_slice())
    }

    /// What takes δc_t (for `output` δh_t) to the pre-activation of a gate.
    fn to_gate(&self, tape: &Tape, t: usize, gate: usize) -> Vec<f64> {
        let (other, slope) = Self::factor(tape, t, gate);
        let mut x = vec![0.0; tape.hidden];
        product(&mut x, other, slope);
        self.couple(tape, t, gate, None, &mut x);
        x
    }

    /// With coupled gates, f is a function of ī: what `to_gate` or a chain of the forget gate has
    /// belongs to the input gate. `v` is the chain's δc_t.
    #[inline(always)]
    fn couple(&self, tape: &Tape, t: usize, gate: usize, v: Option<&[f64]>, x: &mut [f64]) {
        if self.variant != Variant::Cifg {
            return;
        }
        match (gate, v) {
            (I, None) => add_product(x, tape.c(t - 1), tape.slope(t, F)),
            (I, Some(v)) => {
                let (c, slope) = Self::factor(tape, t, F);
                for (((x, v), c), slope) in x.iter_mut().zip(v).zip(c).zip(slope) {
                    *x += v * c * slope;
                }
            }
            (F, _) => x.fill(0.0),
            _ => {}
        }
    }

    /// out ← f + p_i ⊙ i + p_f ⊙ f, where i and f take δc_t to the gates.
    fn keeps(&self, tape: &Tape, t: usize, [i, f]: [&[f64]; 2], out: &mut [f64]) {
        out.copy_from_slice(tape.activation(t, F));
        if let (Some(p_i), Some(p_f)) = (self.peephole(0), self.peephole(1)) {
            add_product(out, p_i, i);
            add_product(out, p_f, f);
        }
    }

    /// The Jacobian of the state [h, c, i, f, o], row by row, where the gates see each other.
    /// `to_gates` takes δc_t (for o, δh_t) to z, i, f and o.
    fn whole_jacobian(
        &self,
        tape: &Tape,
        t: usize,
        to_gates: [Vec<f64>; 4],
        gates_r: &Array2<f64>,
        out: &mut StepJacobian,
    ) {
        let n = tape.hidden;
        let [z, i, f, o] = &to_gates;
        let r = |gate| self.parameters.recurrent(gate);
        let mut keeps = vec![0.0; n];
        self.keeps(tape, t, [i, f], &mut keeps);
        let gain = tape.gain(t).unwrap_or_default();
        let p = |which: usize, j: usize| self.peephole(which).map_or(0.0, |p| p[j]);
        let whole = out.whole_mut();
        whole.fill(0.0);
        for j in 0..n {
            let mut row = |part: usize, value: &Array1<f64>| {
                whole.row_mut(part * n + j).assign(value);
            };
            // What the pre-activations of unit j's gates see of the state before; c_t comes between.
            let sees = |gate: usize, block: usize, peephole: f64| {
                let mut seen = Array1::zeros(5 * n);
                let part = |from: usize, to: usize| Slice::from(from * n..to * n);
                seen.slice_axis_mut(Axis(0), part(0, 1))
                    .assign(&r(gate).row(j));
                seen[n + j] = peephole;
                seen.slice_axis_mut(Axis(0), part(2, 5))
                    .assign(&gates_r.row(block * n + j));
                seen
            };
            let to_i = sees(I, 0, p(0, j));
            let to_f = sees(F, 1, p(1, j));
            let mut to_c = &to_i * i[j] + &to_f * f[j];
            to_c.slice_axis_mut(Axis(0), Slice::from(..n))
                .scaled_add(z[j], &r(Z).row(j));
            to_c[n + j] = keeps[j];
            let to_o = sees(O, 2, 0.0) + &to_c * p(2, j);
            row(0, &(&to_c * gain[j] + &to_o * o[j]));
            row(1, &to_c);
            row(2, &(to_i * tape.slope(t, I)[j]));
            row(3, &(to_f * tape.slope(t, F)[j]));
            row(4, &(to_o * tape.slope(t, O)[j]));
        }
    }

    /// The factor that takes the chain of a path alone (δc, for `output` δh) at step t to the
    /// pre-activation of its gate.
    #[inline(always)]
    fn factor(tape: &Tape, t: usize, gate: usize) -> (&[f64], &[f64]) {
        let other = match gate {
            I => tape.activation(t, Z),
            F => tape.c(t - 1),
            Z => tape.activation(t, I),
            _ => tape.squashed(t),
        };
        (other, tape.slope(t, gate))
    }
}

impl Cell for Lstm {
    const SPEC: &'static Spec = &spec::SPEC;

    fn build(parameters: Parameters, options: Options) -> Self {
        Self::of_variant(parameters, options.forget, options.variant)
    }

    fn variant(&self) -> Variant {
        self.variant
    }

    fn parameters(&self) -> &Parameters {
        &self.parameters
    }

    fn carried(&self) -> &'static [Carried] {
        let peepholes = self.parameters.peepholes.is_some();
        match (&self.gates, peepholes) {
            (None, true) => &CARRIED,
            (None, false) => &CARRIED[..5],
            (Some(_), true) => &CARRIED_BY_GATES,
            (Some(_), false) => &CARRIED_BY_GATES[..8],
        }
    }

    fn tape(&self, steps: usize) -> Tape {
        let hidden = self.parameters.hidden();
        let rows = if self.gates.is_some() { steps + 1 } else { 0 };
        Tape {
            gate_state: vec![0.0; rows * 3 * hidden],
            ..Tape::new(hidden, 4, steps, true)
        }
    }

    #[inline(always)]
    fn forward<const FMA: bool>(&self, input: &mut [f64], tape: &mut Tape, t: usize) {
        let n = tape.hidden;
        let (h_before, h) = rows(&mut tape.h, t, n);
        let (c_before, c) = rows(&mut tape.c, t, n);
        let act = &mut tape.activations[(t - 1) * 4 * n..][..4 * n];
        let slope = &mut tape.slopes[(t - 1) * 4 * n..][..4 * n];
        let squashed = &mut tape.squashed[(t - 1) * n..][..n];
        let gain = &mut tape.gain[(t - 1) * n..][..n];

        if let (Some(p_i), Some(p_f)) = (self.peephole(0), self.peephole(1)) {
            add_product(&mut input[I * n..][..n], p_i, c_before);
            add_product(&mut input[F * n..][..n], p_f, c_before);
        }
        if let Some(gates) = &self.gates {
            let before = &tape.gate_state[(t - 1) * 3 * n..][..3 * n];
            let mut seen = vec![0.0; 3 * n];
            gates.recurrent.times::<FMA>(before, &mut seen, t % 2 == 1);
            for (gate, seen) in GATES.into_iter().zip(seen.chunks_exact(n)) {
                add(&mut input[gate * n..][..n], seen);
            }
        }
        self.recurrent.add_times::<FMA>(h_before, input, t % 2 == 1);
        let blocks = input.chunks_exact(n);
        let gates = act.chunks_exact_mut(n).zip(slope.chunks_exact_mut(n));
        for ((gate, x), (act, slope)) in blocks.enumerate().zip(gates) {
            match (gate, self.variant) {
                (Z, Variant::Niaf) => {
                    act.copy_from_slice(x);
                    slope.fill(1.0);
                }
                (Z, _) => elementwise::tanh::<FMA>(x, act, slope),
                _ => elementwise::sigmoid::<FMA>(x, act, slope),
            }
        }
        let fixed = |act: &mut [f64], slope: &mut [f64], gate: usize, value: f64| {
            act[gate * n..][..n].fill(value);
            slope[gate * n..][..n].fill(0.0);
        };
        if let Some(f) = self.forget.constant() {
            fixed(act, slope, F, f);
        }
        match self.variant {
            Variant::Nig => fixed(act, slope, I, 1.0),
            Variant::Cifg => {
                // f as a function of ī: its slope is −i(1-i).
                for j in 0..n {
                    act[F * n + j] = 1.0 - act[I * n + j];
                    slope[F * n + j] = -slope[I * n + j];
                }
            }
            _ => {}
        }
        let (i, f, z) = (&act[I * n..][..n], &act[F * n..][..n], &act[Z * n..][..n]);
        for j in 0..n {
            c[j] = z[j] * i[j] + c_before[j] * f[j];
        }
        if let Some(p_o) = self.peephole(2) {
            // What o_t was to be without its peephole.
            let input = &mut input[O * n..][..n];
            add_product(input, p_o, c);
            elementwise::sigmoid::<FMA>(input, &mut act[O * n..][..n], &mut slope[O * n..][..n]);
        }
        if self.variant == Variant::Nog {
            fixed(act, slope, O, 1.0);
        }
        if self.variant == Variant::Noaf {
            squashed.copy_from_slice(c);
            gain.fill(1.0);
        } else {
            elementwise::tanh::<FMA>(c, squashed, gain);
        }
        let o = &act[O * n..][..n];
        for j in 0..n {
            gain[j] *= o[j];
            h[j] = squashed[j] * o[j];
        }
        if self.gates.is_some() {
            let state = tape.gate_state[t * 3 * n..][..3 * n].chunks_exact_mut(n);
            for (gate, state) in GATES.into_iter().zip(state) {
                state.copy_from_slice(&act[gate * n..][..n]);
            }
        }
    }

    fn squashes(&self) -> Vec<(char, Squash)> {
        self.wide_squashes()
    }

    fn output(&self) -> Squash {
        if self.variant == Variant::Noaf {
            Squash::Linear
        } else {
            Squash::Tanh
        }
    }

    fn forward_wide(&self, tape: &WideTape, input: Vec<Wide>, t: usize) -> WideStep {
        self.wide_step(tape, input, t)
    }

    #[inline(always)]
    fn backward<const FMA: bool>(
        &self,
        tape: &Tape,
        t: usize,
        cuts: PathSet,
        grad_h: &[f64],
        landed: &[f64],
        grad_c: &mut [f64],
        delta: &mut [f64],
    ) {
        let n = tape.hidden;
        let (delta_i, rest) = delta.split_at_mut(n);
        let (delta_f, rest) = rest.split_at_mut(n);
        let (delta_z, delta_o) = rest.split_at_mut(n);
        let (carry_c, on_gates) = landed.split_at(n);
        product3(delta_o, grad_h, tape.squashed(t), tape.slope(t, O));
        if self.gates.is_some() {
            add_product(delta_o, &on_gates[2 * n..], tape.slope(t, O));
        }
        let gain = &tape.gain[(t - 1) * n..][..n];
        for (((d, &g), &e), &k) in grad_c.iter_mut().zip(grad_h).zip(gain).zip(carry_c) {
            *d = g * e + k;
        }
        if let Some(p_o) = self.peephole(2)
            && !cuts.contains(Path::PeepholeOutput)
        {
            add_product(grad_c, p_o, delta_o);
        }
        product3(delta_f, grad_c, tape.c(t - 1), tape.slope(t, F));
        product3(delta_i, grad_c, tape.activation(t, Z), tape.slope(t, I));
        product3(delta_z, grad_c, tape.activation(t, I), tape.slope(t, Z));
        if self.variant == Variant::Cifg {
            add(delta_i, delta_f);
            delta_f.fill(0.0);
        }
        if self.gates.is_some() {
            add_product(delta_i, &on_gates[..n], tape.slope(t, I));
            add_product(delta_f, &on_gates[n..2 * n], tape.slope(t, F));
        }
    }

    #[inline(always)]
    fn carry<const FMA: bool>(
        &self,
        tape: &Tape,
        t: usize,
        _: &[f64],
        grad_c: &[f64],
        delta: &[f64],
        carry: &mut [f64],
    ) {
        let n = tape.hidden;
        product(&mut carry[..n], tape.activation(t, F), grad_c);
        let fro = t % 2 == 1;
        for k in 0..4 {
            let k = if fro { 3 - k } else { k };
            let gate = [Z, I, F, O][k];
            let out = &mut carry[(k + 1) * n..][..n];
            let delta = &delta[gate * n..][..n];
            self.transposed[gate].times::<FMA>(delta, out, fro);
        }
        if let (Some(p_i), Some(p_f)) = (self.peephole(0), self.peephole(1)) {
            let first = self.carried().len() - 2;
            product(&mut carry[first * n..][..n], p_i, &delta[I * n..][..n]);
            product(
                &mut carry[(first + 1) * n..][..n],
                p_f,
                &delta[F * n..][..n],
            );
        }
        if let Some(gates) = &self.gates {
            let all: Vec<f64> = GATES
                .into_iter()
                .flat_map(|gate| &delta[gate * n..][..n])
                .copied()
                .collect();
            let blocks = carry[5 * n..8 * n].chunks_exact_mut(n);
            for (column, block) in gates.transposed.iter().zip(blocks) {
                column.times::<FMA>(&all, block, fro);
            }
        }
    }

    fn far(&self) -> bool {
        self.far
    }

    fn jacobian(&self, tape: &Tape, t: usize, out: &mut StepJacobian) {
        // ∂c_t/∂h_{t-1} = diag(i z') R_z + diag(z i') R_i + diag(c_{t-1} f') R_f
        // ∂h_t/∂h_{t-1} beside that through c_t = diag(tanh(c) o') R_o
        let [z, i, f, o] = [Z, I, F, O].map(|gate| self.to_gate(tape, t, gate));
        let r = |gate| self.parameters.recurrent(gate);
        if let Some(gates_r) = &self.parameters.gates_r {
            return self.whole_jacobian(tape, t, [z, i, f, o], gates_r, out);
        }
        out.set_direct(&[(r(O), &o)]);
        out.set_into_c(&[(r(Z), &z), (r(I), &i), (r(F), &f)]);
        // ∂c_t/∂c_{t-1} = diag(f + p_i z i' + p_f c_{t-1} f')
        self.keeps(tape, t, [&i, &f], out.keeps_mut());
        // ∂h_t/∂c_t = diag(E + p_o tanh(c) o')
        let shows = out.shows_mut();
        shows.copy_from_slice(tape.gain(t).unwrap_or_default());
        if let Some(p_o) = self.peephole(2) {
            add_product(shows, p_o, &o);
        }
    }

    fn steepest(&self, tape: &Tape, gate: usize) -> f64 {
        let c = vector::largest(&tape.c);
        match (gate, self.variant) {
            (I, Variant::Nig) | (O, Variant::Nog) | (F, Variant::Cifg) => 0.0,
            (F, _) if self.forget.constant().is_some() => 0.0,
            (Z, _) => 1.0,
            // What the gate multiplies is at most 1, unless it is c or z itself.
            (F, _) | (O, Variant::Noaf) => 0.25 * c,
            (I, Variant::Cifg) => 0.25 * (1.0 + c),
            (I, Variant::Niaf) => {
                let z = (1..=tape.steps).map(|t| vector::largest(tape.activation(t, Z)));
                0.25 * z.fold(0.0, f64::max)
            }
            _ => 0.25,
        }
    }

    fn link<'a>(&'a self, path: Path, tape: &'a Tape, t: usize) -> Option<Link<'a>> {
        self.link_of(path, tape, t)
    }

    fn terms<'a>(&'a self, path: Path, tape: &'a Tape, t: usize) -> Vec<Link<'a>> {
        self.terms_of(path, tape, t)
    }

    fn same_step_path(&self) -> Option<Path> {
        self.parameters
            .peepholes
            .as_ref()
            .map(|_| Path::PeepholeOutput)
    }

    #[inline(always)]
    fn same_step_term(&self, delta: &[f64], term: &mut [f64]) {
        if let Some(p_o) = self.peephole(2) {
            product(term, p_o, &delta[O * term.len()..]);
        }
    }

    fn carousel_gain(&self, tape: &Tape, t: usize, out: &mut [f64]) -> bool {
        if self.parameters.peepholes.is_none() {
            return false;
        }
        let [i, f] = [I, F].map(|gate| self.to_gate(tape, t, gate));
        self.keeps(tape, t, [&i, &f], out);
        true
    }

    fn alone_lives_on(&self, path: Path) -> Lands {
        match path {
            Path::Output => Lands::H,
            Path::GateInput => Lands::GateI,
            Path::GateForget => Lands::GateF,
            Path::GateOutput => Lands::GateO,
            _ => Lands::C,
        }
    }

    fn alone_starts_with<'a>(&self, path: Path, tape: &'a Tape) -> Option<Factor<'a>> {
        let gate = match path {
            Path::GateInput => I,
            Path::GateForget => F,
            Path::GateOutput => O,
            _ => return None,
        };
        Some(self.beside(tape, tape.steps, gate))
    }
}

/// Row t − 1 and row t of a flat array of rows of `n`.
#[inline(always)]
fn rows(flat: &mut [f64], t: usize, n: usize) -> (&[f64], &mut [f64]) {
    let (before, now) = flat.split_at_mut(t * n);
    (&before[(t - 1) * n..], &mut now[..n])
}
