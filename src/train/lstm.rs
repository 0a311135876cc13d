//! The LSTM over a batch: the equations of [`crate::cell::lstm`], without peepholes, the blocks of a
//! row in PyTorch's order i, f, z, o.

use super::Real;
use super::tape::{StepBack, StepForward};

/// The four blocks of a row.
fn blocks<T>(row: &[T], h: usize) -> [&[T]; 4] {
    [0, 1, 2, 3].map(|k| &row[k * h..(k + 1) * h])
}

#[inline(always)]
pub(super) fn forward<T: Real, const FMA: bool>(step: StepForward<T>, h: usize) {
    for row in step.a.chunks_exact_mut(4 * h) {
        let (i_f, rest) = row.split_at_mut(2 * h);
        let (z, o) = rest.split_at_mut(h);
        squash::<T, FMA>(i_f);
        for z in z {
            *z = Real::tanh::<FMA>(*z);
        }
        squash::<T, FMA>(o);
    }
    let rows = step.a.chunks_exact(4 * h);
    let states = step
        .c_before
        .chunks_exact(h)
        .zip(step.c.chunks_exact_mut(h));
    for (row, (c_before, c)) in rows.zip(states) {
        let [i, f, z, _] = blocks(row, h);
        for (j, c) in c.iter_mut().enumerate() {
            *c = z[j] * i[j] + c_before[j] * f[j];
        }
    }
    for (squashed, &c) in step.squashed.iter_mut().zip(step.c.iter()) {
        *squashed = Real::tanh::<FMA>(c);
    }
    let rows = step.a.chunks_exact(4 * h);
    let states = step
        .squashed
        .chunks_exact(h)
        .zip(step.h.chunks_exact_mut(h));
    for (row, (squashed, out)) in rows.zip(states) {
        let o = &row[3 * h..];
        for ((out, &s), &o) in out.iter_mut().zip(squashed).zip(o) {
            *out = s * o;
        }
    }
}

#[inline(always)]
fn squash<T: Real, const FMA: bool>(gates: &mut [T]) {
    for gate in gates {
        *gate = gate.sigmoid::<FMA>();
    }
}

#[inline(always)]
pub(super) fn back<T: Real>(step: StepBack<T>, h: usize) {
    let rows = step.a.chunks_exact_mut(4 * h);
    let before = step.c_before.chunks_exact(h);
    let squashed = step.squashed.chunks_exact(h);
    let grads = step
        .grad_h
        .chunks_exact(h)
        .zip(step.grad_c.chunks_exact_mut(h));
    let whole = step.whole_c.chunks_exact_mut(h);
    for ((((row, before), squashed), (grad_h, grad_c)), whole) in
        rows.zip(before).zip(squashed).zip(grads).zip(whole)
    {
        let (i, rest) = row.split_at_mut(h);
        let (f, rest) = rest.split_at_mut(h);
        let (z, o) = rest.split_at_mut(h);
        for j in 0..h {
            let (tanh, open) = (squashed[j], o[j]);
            let delta = grad_c[j] + grad_h[j] * open * (T::ONE - tanh * tanh);
            whole[j] = delta;
            o[j] = grad_h[j] * tanh * (open * (T::ONE - open));
        }
        for j in 0..h {
            let (delta, input, forget, block) = (whole[j], i[j], f[j], z[j]);
            i[j] = delta * block * (input * (T::ONE - input));
            f[j] = delta * before[j] * (forget * (T::ONE - forget));
            z[j] = delta * input * (T::ONE - block * block);
            grad_c[j] = delta * forget;
        }
    }
}
