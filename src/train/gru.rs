//! The GRU over a batch, as in PyTorch: h_t = (1 − z_t) ⊙ n_t + z_t ⊙ h_{t-1} with
//! n_t = tanh(W_n x_t + b_in + r_t ⊙ (R_n h_{t-1} + b_hn)).
//!
//! A row has the blocks r, z, n and q = R_n h_{t-1} + b_hn; on the way back δ of the pre-activations of
//! r, z and n, and r ⊙ that of n.

use super::Real;
use super::tape::{StepBack, StepForward};

#[inline(always)]
pub(super) fn forward<T: Real, const FMA: bool>(step: StepForward<T>, h: usize) {
    let rows = step.a.chunks_exact_mut(4 * h);
    let states = step
        .h_before
        .chunks_exact(h)
        .zip(step.h.chunks_exact_mut(h));
    for (row, (before, out)) in rows.zip(states) {
        let (gates, rest) = row.split_at_mut(2 * h);
        let (n, q) = rest.split_at_mut(h);
        for gate in gates.iter_mut() {
            *gate = gate.sigmoid::<FMA>();
        }
        let (r, z) = gates.split_at(h);
        for ((n, &q), &r) in n.iter_mut().zip(q.iter()).zip(r) {
            *n += r * q;
        }
        for n in n.iter_mut() {
            *n = Real::tanh::<FMA>(*n);
        }
        for (j, out) in out.iter_mut().enumerate() {
            *out = (T::ONE - z[j]) * n[j] + z[j] * before[j];
        }
    }
}

#[inline(always)]
pub(super) fn back<T: Real>(step: StepBack<T>, h: usize) {
    let rows = step.a.chunks_exact_mut(4 * h);
    let states = step
        .h_before
        .chunks_exact(h)
        .zip(step.grad_h.chunks_exact_mut(h));
    for (row, (before, grad_h)) in rows.zip(states) {
        let (r, rest) = row.split_at_mut(h);
        let (z, rest) = rest.split_at_mut(h);
        let (n, q) = rest.split_at_mut(h);
        for j in 0..h {
            let (g, reset, update, candidate) = (grad_h[j], r[j], z[j], n[j]);
            let delta = g * (T::ONE - update) * (T::ONE - candidate * candidate);
            z[j] = g * (before[j] - candidate) * (update * (T::ONE - update));
            r[j] = delta * q[j] * (reset * (T::ONE - reset));
            n[j] = delta;
            q[j] = delta * reset;
            grad_h[j] = g * update;
        }
    }
}
