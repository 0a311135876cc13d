//! Full gate recurrence.
//!
//! Here i, f and o belong to the state, and every gate sees all three of the
//! step before: R_ii i_{t-1} + R_fi f_{t-1} + R_oi o_{t-1} stands in ī_t, and three such terms in f̄_t and in ō_t.
//! Back, δī_{t+1}, δf̄_{t+1} and δō_{t+1} land on the gates themselves, past h and c:
//!
//! ```text
//! δī_t = (δc_t ⊙ z_t     + R_iiᵀ δī_{t+1} + R_ifᵀ δf̄_{t+1} + R_ioᵀ δō_{t+1}) ⊙ i_t(1-i_t)
//! δf̄_t = (δc_t ⊙ c_{t-1} + R_fiᵀ δī_{t+1} + R_ffᵀ δf̄_{t+1} + R_foᵀ δō_{t+1}) ⊙ f_t(1-f_t)
//! δō_t = (δh_t ⊙ tanh(c_t) + R_oiᵀ δī_{t+1} + R_ofᵀ δf̄_{t+1} + R_ooᵀ δō_{t+1}) ⊙ o_t(1-o_t)
//! ```

use ndarray::{Array1, Array2, ArrayView2, Axis, Slice};

use super::{F, I, Lstm, O, Z};
use crate::cell::{StepJacobian, Tape};
use crate::num::hadamard::{add, add_product};
use crate::num::{Number, Packed};

/// The blocks of the gates that see each other.
pub(super) const GATES: [usize; 3] = [I, F, O];

/// The nine matrices of full gate recurrence.
#[derive(Clone, Debug)]
pub(super) struct Gates {
    /// All of them, 3H × 3H.
    recurrent: Packed,
    /// For each gate of i, f, o the transpose of its column: from all δ of a step to that gate of the
    /// step before.
    transposed: [Packed; 3],
}

impl Gates {
    pub fn new(r: ArrayView2<f64>) -> Self {
        let n = r.ncols() / 3;
        let column = |g: usize| r.slice_axis(Axis(1), Slice::from(g * n..(g + 1) * n));
        Self {
            recurrent: Packed::new(r),
            transposed: [0, 1, 2].map(|g| Packed::new(column(g).reversed_axes())),
        }
    }
}

impl Lstm {
    /// Adds R_ab a_{t-1} to the pre-activations of step t.
    #[inline(always)]
    pub(super) fn add_gates<N: Number, const FMA: bool>(
        &self,
        sums: &mut [N],
        state: &[N],
        t: usize,
    ) {
        let Some(gates) = &self.gates else { return };
        let n = sums.len() / 4;
        let before = &state[(t - 1) * 3 * n..][..3 * n];
        let mut seen = vec![N::default(); 3 * n];
        gates
            .recurrent
            .times::<_, FMA>(before, &mut seen, t % 2 == 1);
        for (gate, seen) in GATES.into_iter().zip(seen.chunks_exact(n)) {
            add(&mut sums[gate * n..][..n], seen);
        }
    }

    /// Keeps the gates of step t as part of the state.
    #[inline(always)]
    pub(super) fn keep_gates<N: Number>(&self, act: &[N], state: &mut [N], t: usize) {
        if self.gates.is_none() {
            return;
        }
        let n = act.len() / 4;
        let state = state[t * 3 * n..][..3 * n].chunks_exact_mut(n);
        for (gate, state) in GATES.into_iter().zip(state) {
            state.copy_from_slice(&act[gate * n..][..n]);
        }
    }

    /// Adds to the δ of a gate's pre-activation what the gates of the step after bring to it; `place` is
    /// that of the gate in i, f, o.
    #[inline(always)]
    pub(super) fn add_to_delta<N: Number>(
        &self,
        delta: &mut [N],
        place: usize,
        to_gates: &[N],
        slope: &[N],
    ) {
        if self.gates.is_some() {
            let n = delta.len();
            add_product(delta, &to_gates[place * n..][..n], slope);
        }
    }

    /// What the gates of a step bring to those of the step before.
    #[inline(always)]
    pub(super) fn bring_to_gates<N: Number, const FMA: bool>(
        &self,
        delta: &[N],
        carry: &mut [N],
        fro: bool,
    ) {
        let Some(gates) = &self.gates else { return };
        let n = delta.len() / 4;
        let all: Vec<N> = GATES
            .into_iter()
            .flat_map(|gate| &delta[gate * n..][..n])
            .copied()
            .collect();
        let blocks = carry[5 * n..8 * n].chunks_exact_mut(n);
        for (column, block) in gates.transposed.iter().zip(blocks) {
            column.times::<_, FMA>(&all, block, fro);
        }
    }

    /// The Jacobian of the state [h, c, i, f, o], row by row, where the gates see each other.
    /// `to_gates` takes δc_t (for o, δh_t) to z, i, f and o.
    pub(super) fn whole_jacobian(
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
}
