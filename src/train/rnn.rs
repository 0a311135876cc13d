//! The RNN over a batch: h_t = φ(W x_t + R h_{t-1} + b), δā_t = φ'_t ⊙ δh_t; and the IndRNN, where
//! u ⊙ h_{t-1} stands in place of the product.

use super::Real;
use super::tape::{StepBack, StepForward};

#[inline(always)]
pub(super) fn forward_tanh<T: Real, const FMA: bool>(step: StepForward<T>) {
    for (a, h) in step.a.iter_mut().zip(step.h) {
        *a = Real::tanh::<FMA>(*a);
        *h = *a;
    }
}

#[inline(always)]
pub(super) fn back_tanh<T: Real>(step: StepBack<T>) {
    for (a, g) in step.a.iter_mut().zip(step.grad_h) {
        *a = *g * (T::ONE - *a * *a);
    }
}

#[inline(always)]
pub(super) fn forward_relu<T: Real>(step: StepForward<T>) {
    for (a, h) in step.a.iter_mut().zip(step.h) {
        // A NaN is not to be hidden as 0.
        *a = if *a <= T::default() { T::default() } else { *a };
        *h = *a;
    }
}

#[inline(always)]
pub(super) fn back_relu<T: Real>(step: StepBack<T>) {
    for (a, g) in step.a.iter_mut().zip(step.grad_h) {
        *a = if *a > T::default() { *g } else { T::default() };
    }
}

/// a + u ⊙ h_{t-1} before the activation of an IndRNN; `u` has H numbers.
#[inline(always)]
pub(super) fn add_own<T: Real>(a: &mut [T], h_before: &[T], u: &[T]) {
    let rows = a
        .chunks_exact_mut(u.len())
        .zip(h_before.chunks_exact(u.len()));
    for (a, h) in rows {
        for ((a, &h), &u) in a.iter_mut().zip(h).zip(u) {
            *a += u * h;
        }
    }
}

/// u ⊙ δ, what an IndRNN brings to δh_{t-1}, and δ ⊙ h_{t-1} for the gradient of u.
#[inline(always)]
pub(super) fn back_own<T: Real>(
    delta: &[T],
    h_before: &[T],
    u: &[T],
    grad_h: &mut [T],
    grad_u: &mut [T],
) {
    let n = u.len();
    let rows = delta.chunks_exact(n).zip(h_before.chunks_exact(n));
    for ((delta, h), grad_h) in rows.zip(grad_h.chunks_exact_mut(n)) {
        for j in 0..n {
            grad_h[j] = u[j] * delta[j];
            grad_u[j] += delta[j] * h[j];
        }
    }
}
