//! What a [`Variant`], or a forget gate that is not learned, changes in a step of the LSTM.
//!
//! A gate that is not there is 1 and its slope 0, an activation that is not there is linear, and with
//! coupled gates f = 1 − i has no pre-activation of its own, so that
//!
//! ```text
//! δī_t = δc_t ⊙ (z_t − c_{t-1}) ⊙ i_t(1-i_t)
//! δf̄_t = 0
//! ```

use super::{F, I, Lstm, O, Z};
use crate::cell::Variant;
use crate::num::hadamard::add;

impl Lstm {
    /// Adds R h_{t-1} to the pre-activations and makes the activations of all gates of them.
    #[inline(always)]
    pub(super) fn activate<const FMA: bool>(
        &self,
        h_before: &[f64],
        sums: &mut [f64],
        act: &mut [f64],
        slope: &mut [f64],
        fro: bool,
    ) {
        let n = h_before.len();
        self.recurrent.add_times::<FMA>(h_before, sums, fro);
        let blocks = sums.chunks_exact(n);
        let gates = act.chunks_exact_mut(n).zip(slope.chunks_exact_mut(n));
        for ((gate, x), (act, slope)) in blocks.enumerate().zip(gates) {
            if gate == Z {
                self.semantics.activation.apply::<FMA>(x, act, slope);
            } else {
                self.semantics.gate.apply::<FMA>(x, act, slope);
            }
        }
    }

    /// Input and forget gates that no σ makes.
    #[inline(always)]
    pub(super) fn fix_gates(&self, act: &mut [f64], slope: &mut [f64]) {
        if let Some(f) = self.forget.constant() {
            fix(act, slope, F, f);
        }
        match self.variant {
            Variant::Nig => fix(act, slope, I, 1.0),
            Variant::Cifg => {
                let n = act.len() / 4;
                // f as a function of ī: its slope is −i'.
                for j in 0..n {
                    act[F * n + j] = 1.0 - act[I * n + j];
                    slope[F * n + j] = -slope[I * n + j];
                }
            }
            _ => {}
        }
    }

    /// An output gate that is not there.
    #[inline(always)]
    pub(super) fn fix_output(&self, act: &mut [f64], slope: &mut [f64]) {
        if self.variant == Variant::Nog {
            fix(act, slope, O, 1.0);
        }
    }

    /// With coupled gates what would be δf̄ belongs to δī.
    #[inline(always)]
    pub(super) fn couple_deltas(&self, delta_i: &mut [f64], delta_f: &mut [f64]) {
        if self.variant == Variant::Cifg {
            add(delta_i, delta_f);
            delta_f.fill(0.0);
        }
    }
}

/// Makes a gate a constant.
#[inline(always)]
fn fix(act: &mut [f64], slope: &mut [f64], gate: usize, value: f64) {
    let n = act.len() / 4;
    act[gate * n..][..n].fill(value);
    slope[gate * n..][..n].fill(0.0);
}
