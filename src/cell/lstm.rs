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
//! This page is one step forward and back, with the functions that PyTorch has; other [`Semantics`] put
//! others in the place of both tanh and of σ. What a [`Variant`] changes stands in `lstm/variant.rs`, full
//! gate recurrence in `lstm/gates.rs`, what a step does to the whole state in `lstm/jacobian.rs`.

mod cell;
mod gates;
mod jacobian;
mod link;
mod spec;
mod variant;

use self::gates::Gates;
pub use self::spec::STEEPEST_FORGET;
use super::tape::rows;
use super::{At, ForgetGate, Parameters, Path, Semantics, Tape, Variant};
use crate::num::hadamard::{add_product, product, product3};
use crate::num::{Number, Packed};

/// Blocks of the pre-activations, in PyTorch's order.
const I: usize = 0;
const F: usize = 1;
const Z: usize = 2;
const O: usize = 3;

/// The gates in the order of the paths that cross their matrices.
const WAYS: [(usize, Path); 4] = [
    (Z, Path::Block),
    (I, Path::Input),
    (F, Path::Forget),
    (O, Path::Output),
];

/// Their letters.
const LETTERS: [char; 4] = ['i', 'f', 'z', 'o'];

/// An LSTM with its weights packed for both directions.
#[derive(Clone, Debug)]
pub struct Lstm {
    parameters: Parameters,
    semantics: Semantics,
    forget: ForgetGate,
    variant: Variant,
    recurrent: Packed,
    /// R_Gᵀ of each gate, in the order of the blocks.
    transposed: [Packed; 4],
    extended: bool,
    /// With full gate recurrence only; in place they would make every LSTM large.
    gates: Option<Box<Gates>>,
}

impl Lstm {
    /// One step forward, from W x_t + b of all gates in `sums`.
    #[inline(always)]
    fn step<N: Number, const FMA: bool>(&self, sums: &mut [N], tape: &mut Tape<N>, t: usize) {
        let n = tape.hidden;
        let (h_before, h) = rows(&mut tape.h, t, n);
        let (c_before, c) = rows(&mut tape.c, t, n);
        let act = &mut tape.activations[(t - 1) * 4 * n..][..4 * n];
        let slope = &mut tape.slopes[(t - 1) * 4 * n..][..4 * n];
        let tanh_c = &mut tape.squashed[(t - 1) * n..][..n];
        let gain = &mut tape.gain[(t - 1) * n..][..n];

        // The pre-activations: W x_t + b + R h_{t-1}, and p ⊙ c_{t-1} for i and f.
        if let (Some(p_i), Some(p_f)) = (self.peephole(0), self.peephole(1)) {
            add_product(&mut sums[I * n..][..n], p_i, c_before);
            add_product(&mut sums[F * n..][..n], p_f, c_before);
        }
        self.add_gates::<_, FMA>(sums, &tape.gate_state, t);
        // z_t, i_t, f_t and, but for its peephole, o_t.
        self.recurrent
            .add_times::<_, FMA>(h_before, sums, t % 2 == 1);
        self.activations::<_, FMA>(sums, act, slope);
        // c_t = z_t ⊙ i_t + c_{t-1} ⊙ f_t
        let (i, f, z) = (&act[I * n..][..n], &act[F * n..][..n], &act[Z * n..][..n]);
        for j in 0..n {
            c[j] = z[j] * i[j] + c_before[j] * f[j];
        }
        // o_t = σ(… + p_o ⊙ c_t)
        if let Some(p_o) = self.peephole(2) {
            let sums = &mut sums[O * n..][..n];
            add_product(sums, p_o, c);
            let gate = self.semantics.gate;
            gate.apply::<_, FMA>(sums, &mut act[O * n..][..n], &mut slope[O * n..][..n]);
        }
        self.fix_output(act, slope);
        // h_t = tanh(c_t) ⊙ o_t, and what takes δh_t to δc_t: o_t ⊙ (1-tanh²c_t)
        self.semantics.state.apply::<_, FMA>(c, tanh_c, gain);
        let o = &act[O * n..][..n];
        for j in 0..n {
            gain[j] *= o[j];
            h[j] = tanh_c[j] * o[j];
        }
        self.keep_gates(act, &mut tape.gate_state, t);
    }

    /// One step back, inside the step: from the whole δh_t and what comes to c_t (and to the gates) from
    /// t + 1 to δc_t and the δ of the pre-activations.
    #[inline(always)]
    fn step_back<N: Number>(&self, at: At<N>, grad_c: &mut [N], delta: &mut [N]) {
        let (tape, t, grad_h) = (at.tape, at.t, at.grad_h);
        let n = tape.hidden;
        let (delta_i, rest) = delta.split_at_mut(n);
        let (delta_f, rest) = rest.split_at_mut(n);
        let (delta_z, delta_o) = rest.split_at_mut(n);
        let (to_c, to_gates) = at.from_next.split_at(n);

        // δō_t = δh_t ⊙ tanh(c_t) ⊙ o_t(1-o_t)
        product3(delta_o, grad_h, tape.squashed(t), at.slope(O));
        self.add_to_delta(delta_o, 2, to_gates, at.slope(O));
        // δc_t = δh_t ⊙ o_t ⊙ (1-tanh²c_t) + what t + 1 brings + p_o ⊙ δō_t
        let gain = &tape.gain[(t - 1) * n..][..n];
        for (((d, &g), &e), &k) in grad_c.iter_mut().zip(grad_h).zip(gain).zip(to_c) {
            *d = g * e + k;
        }
        if let Some(p_o) = self.peephole(2)
            && !at.cuts.contains(Path::PeepholeOutput)
        {
            add_product(grad_c, p_o, delta_o);
        }
        // δf̄_t = δc_t ⊙ c_{t-1} ⊙ f_t(1-f_t)
        product3(delta_f, grad_c, tape.c(t - 1), at.slope(F));
        // δī_t = δc_t ⊙ z_t ⊙ i_t(1-i_t)
        product3(delta_i, grad_c, at.activation(Z), at.slope(I));
        // δz̄_t = δc_t ⊙ i_t ⊙ (1-z_t²)
        product3(delta_z, grad_c, at.activation(I), at.slope(Z));
        self.couple_deltas(delta_i, delta_f);
        self.add_to_delta(delta_i, 0, to_gates, at.slope(I));
        self.add_to_delta(delta_f, 1, to_gates, at.slope(F));
    }

    /// One step back, out of the step: what each path brings to t − 1.
    #[inline(always)]
    fn bring<N: Number, const FMA: bool>(
        &self,
        at: At<N>,
        grad_c: &[N],
        delta: &[N],
        carry: &mut [N],
    ) {
        let n = grad_c.len();
        // The carousel: f_t ⊙ δc_t.
        product(&mut carry[..n], at.activation(F), grad_c);
        // R_Gᵀ δ of each gate; nothing where the path is cut, or f a constant.
        let fro = at.fro();
        for k in 0..4 {
            let k = if fro { 3 - k } else { k };
            let (gate, path) = WAYS[k];
            let out = &mut carry[(k + 1) * n..][..n];
            if at.cuts.contains(path) || gate == F && self.forget.constant().is_some() {
                out.fill(N::default());
                continue;
            }
            let delta = &delta[gate * n..][..n];
            self.transposed[gate].times::<_, FMA>(delta, out, fro);
        }
        self.bring_to_gates::<_, FMA>(delta, carry, fro);
        // p_i ⊙ δī_t and p_f ⊙ δf̄_t.
        if let (Some(p_i), Some(p_f)) = (self.peephole(0), self.peephole(1)) {
            let (of_i, of_f) = (&delta[I * n..][..n], &delta[F * n..][..n]);
            let last = carry.len() - 2 * n;
            product(&mut carry[last..][..n], p_i, of_i);
            product(&mut carry[last + n..], p_f, of_f);
        }
    }
}
