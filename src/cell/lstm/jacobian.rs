//! What a step of the LSTM does to the whole state: its Jacobian, and what bounds its factors.

use super::{F, I, Lstm, O, Z};
use crate::cell::{Semantics, StepJacobian, Tape, Variant};
use crate::num::hadamard::{add_product, product};
use crate::num::{Number, vector};

impl Lstm {
    pub(super) fn step_jacobian(&self, tape: &Tape, t: usize, out: &mut StepJacobian) {
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

    /// The factors beside the matrices, in the order of their blocks, and behind them d and g.
    pub(super) fn step_factors(&self, tape: &Tape, t: usize, row: &mut [f64]) -> bool {
        if self.parameters.gates_r.is_some() {
            return false;
        }
        let n = tape.hidden;
        let (gates, diagonals) = row.split_at_mut(4 * n);
        for (gate, out) in gates.chunks_exact_mut(n).enumerate() {
            self.put_to_gate(tape, t, gate, out);
        }
        let (keeps, shows) = diagonals.split_at_mut(n);
        self.keeps(tape, t, [&gates[I * n..][..n], &gates[F * n..][..n]], keeps);
        shows.copy_from_slice(tape.gain(t).unwrap_or_default());
        if let Some(p_o) = self.peephole(2) {
            add_product(shows, p_o, &gates[O * n..]);
        }
        true
    }

    pub(super) fn steepest_slope(&self, tape: &Tape, gate: usize) -> f64 {
        let Semantics {
            activation, state, ..
        } = self.semantics;
        let (c, slope) = (vector::largest(&tape.c), self.semantics.gate.steepest());
        // z is at most 1 where its activation says so.
        let z = || {
            let largest = (1..=tape.steps).map(|t| vector::largest(tape.activation(t, Z)));
            largest.fold(if activation.is_bounded() { 1.0 } else { 0.0 }, f64::max)
        };
        match (gate, self.variant) {
            (I, Variant::Nig) | (O, Variant::Nog) | (F, Variant::Cifg) => 0.0,
            (F, _) if self.forget.constant().is_some() => 0.0,
            (Z, _) => activation.steepest(),
            (F, _) => slope * c,
            (I, Variant::Cifg) => slope * (z() + c),
            (I, _) => slope * z(),
            _ if state.is_bounded() => slope,
            // No value of these exceeds its argument.
            _ => slope * c,
        }
    }

    pub(super) fn gain_of_carousel(&self, tape: &Tape, t: usize, out: &mut [f64]) -> bool {
        if self.parameters.peepholes.is_none() {
            return false;
        }
        let [i, f] = [I, F].map(|gate| self.to_gate(tape, t, gate));
        self.keeps(tape, t, [&i, &f], out);
        true
    }

    /// What takes δc_t (for `output` δh_t) to the pre-activation of a gate.
    fn to_gate(&self, tape: &Tape, t: usize, gate: usize) -> Vec<f64> {
        let mut x = vec![0.0; tape.hidden];
        self.put_to_gate(tape, t, gate, &mut x);
        x
    }

    fn put_to_gate(&self, tape: &Tape, t: usize, gate: usize, x: &mut [f64]) {
        let (other, slope) = Self::factor(tape, t, gate);
        product(x, other, slope);
        // With coupled gates f is a function of ī.
        match (self.variant, gate) {
            (Variant::Cifg, I) => add_product(x, tape.c(t - 1), tape.slope(t, F)),
            (Variant::Cifg, F) => x.fill(0.0),
            _ => {}
        }
    }

    /// out ← f + p_i ⊙ i + p_f ⊙ f, where i and f take δc_t to the gates.
    pub(super) fn keeps(&self, tape: &Tape, t: usize, [i, f]: [&[f64]; 2], out: &mut [f64]) {
        out.copy_from_slice(tape.activation(t, F));
        if let (Some(p_i), Some(p_f)) = (self.peephole(0), self.peephole(1)) {
            add_product(out, p_i, i);
            add_product(out, p_f, f);
        }
    }

    /// The factor that takes the chain of a path alone (δc, for `output` δh) at step t to the
    /// pre-activation of its gate.
    #[inline(always)]
    pub(super) fn factor<N: Number>(tape: &Tape<N>, t: usize, gate: usize) -> (&[N], &[N]) {
        let other = match gate {
            I => tape.activation(t, Z),
            F => tape.c(t - 1),
            Z => tape.activation(t, I),
            _ => tape.squashed(t),
        };
        (other, tape.slope(t, gate))
    }
}
