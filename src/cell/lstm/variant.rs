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
use crate::cell::{Activation, Semantics, Variant};
use crate::num::Number;
use crate::num::hadamard::add;

impl Lstm {
    /// The functions that make activations of the pre-activations, by blocks.
    pub(super) fn functions_of_gates(&self) -> [Option<Activation>; 4] {
        let Semantics {
            activation, gate, ..
        } = self.semantics;
        [I, F, Z, O].map(|block| match (block, self.variant) {
            (I, Variant::Nig) | (O, Variant::Nog) | (F, Variant::Cifg) => None,
            (F, _) if self.forget.constant().is_some() => None,
            (Z, _) => Some(activation),
            _ => Some(gate),
        })
    }

    /// The activations of all gates, from their pre-activations.
    #[inline(always)]
    pub(super) fn activations<N: Number, const FMA: bool>(
        &self,
        sums: &[N],
        act: &mut [N],
        slope: &mut [N],
    ) {
        let n = self.parameters.hidden();
        let gates = act.chunks_exact_mut(n).zip(slope.chunks_exact_mut(n));
        for ((gate, x), (act, slope)) in sums.chunks_exact(n).enumerate().zip(gates) {
            if gate == Z {
                self.semantics.activation.apply::<_, FMA>(x, act, slope);
            } else {
                self.semantics.gate.apply::<_, FMA>(x, act, slope);
            }
        }
        self.fix_gates(act, slope);
    }

    /// Input and forget gates that no σ makes.
    #[inline(always)]
    fn fix_gates<N: Number>(&self, act: &mut [N], slope: &mut [N]) {
        if let Some(f) = self.forget.constant() {
            fix(act, slope, F, f);
        }
        match self.variant {
            Variant::Nig => fix(act, slope, I, 1.0),
            Variant::Cifg => {
                let n = act.len() / 4;
                // f as a function of ī: its slope is −i'.
                for j in 0..n {
                    act[F * n + j] = N::ONE - act[I * n + j];
                    slope[F * n + j] = -slope[I * n + j];
                }
            }
            _ => {}
        }
    }

    /// An output gate that is not there.
    #[inline(always)]
    pub(super) fn fix_output<N: Number>(&self, act: &mut [N], slope: &mut [N]) {
        if self.variant == Variant::Nog {
            fix(act, slope, O, 1.0);
        }
    }

    /// With coupled gates what would be δf̄ belongs to δī.
    #[inline(always)]
    pub(super) fn couple_deltas<N: Number>(&self, delta_i: &mut [N], delta_f: &mut [N]) {
        if self.variant == Variant::Cifg {
            add(delta_i, delta_f);
            delta_f.fill(N::default());
        }
    }
}

/// Makes a gate a constant.
#[inline(always)]
fn fix<N: Number>(act: &mut [N], slope: &mut [N], gate: usize, value: f64) {
    let n = act.len() / 4;
    act[gate * n..][..n].fill(N::from(value));
    slope[gate * n..][..n].fill(N::default());
}
