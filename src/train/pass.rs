//! One pass through the network, forward and back, over some sequences at once.
//!
//! Every product is a matrix by a matrix: W and R by a column for each sequence, and at the end
//! dW = Σ δ_t x_tᵀ and dR = Σ δ_t h_{t-1}ᵀ over all steps and sequences as one product each.

use std::ops::Range;

use super::network::{B_HH, B_IH, R, W};
use super::product::{columns, columns_mut, product};
use super::regulariser::Omega;
use super::tape::{StepBack, StepForward};
use super::{Kind, Network, Real, Tape, gru, lstm, rnn};
use crate::num::simd::Kernel;

/// Forward: fills the tape from its inputs and its h_0 and c_0.
pub(super) struct Forward<'a, T> {
    pub network: &'a Network<T>,
    pub tape: &'a mut Tape<T>,
}

/// So many numbers of H each.
fn times(range: &Range<usize>, h: usize) -> Range<usize> {
    range.start * h..range.end * h
}

impl<T: Real> Kernel for Forward<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run<const FMA: bool>(self) {
        let Self { network, tape } = self;
        let shape = network.shape;
        let (kind, n, h, d) = (shape.kind, tape.batch, shape.hidden, shape.inputs);
        let (width, gates) = (kind.blocks() * h, kind.gates() * h);
        let weights = columns(&network.tensors[W], d, 0..d, gates);
        let bias = biases(network);
        // Without c the memory for it is empty.
        let c_row = if kind.has_c() { n * h } else { 0 };
        for t in 0..tape.steps {
            if tape.is_stopped() {
                return;
            }
            let a = &mut tape.a[t * n * width..][..n * width];
            for row in a.chunks_exact_mut(width) {
                row.copy_from_slice(&bias);
            }
            let x = columns(&tape.x[t * n * d..], d, 0..d, n);
            product(
                columns_mut(a, width, 0..gates, n),
                true,
                weights.transpose(),
                x,
            );
            let (before, now) = tape.h.split_at_mut((t + 1) * n * h);
            let h_before = &before[t * n * h..];
            for (rows, to) in kind.recurrent() {
                let r = columns(
                    &network.tensors[R][rows.start * h * h..],
                    h,
                    0..h,
                    rows.len() * h,
                );
                let out = columns_mut(a, width, times(to, h), n);
                product(out, true, r.transpose(), columns(h_before, h, 0..h, n));
            }
            let (c_before, c) = tape.c.split_at_mut((t + 1) * c_row);
            let step = StepForward {
                a,
                h_before,
                h: &mut now[..n * h],
                c_before: &c_before[t * c_row..],
                c: &mut c[..c_row],
                squashed: &mut tape.squashed[t * c_row..][..c_row],
            };
            match kind {
                Kind::Rnn => rnn::forward_tanh::<T, FMA>(step),
                Kind::Irnn => rnn::forward_relu(step),
                Kind::Indrnn => {
                    rnn::add_own(step.a, step.h_before, &network.tensors[R]);
                    rnn::forward_relu(step);
                }
                Kind::Lstm => lstm::forward::<T, FMA>(step, h),
                Kind::Gru => gru::forward::<T, FMA>(step, h),
            }
        }
    }
}

/// What every row of a step starts with: both biases, b_hn of a GRU in a block of its own.
fn biases<T: Real>(network: &Network<T>) -> Vec<T> {
    let (kind, h) = (network.shape.kind, network.shape.hidden);
    let mut row = network.tensors[B_IH].clone();
    row.resize(kind.blocks() * h, T::default());
    for (from, to) in recurrent_biases(kind) {
        let own = &network.tensors[B_HH][times(&from, h)];
        for (b, &own) in row[times(&to, h)].iter_mut().zip(own) {
            *b += own;
        }
    }
    row
}

/// The rows of b_hh that go into each block: as those of R, and all of an IndRNN's.
fn recurrent_biases(kind: Kind) -> Vec<(Range<usize>, Range<usize>)> {
    match kind {
        Kind::Indrnn => vec![(0..1, 0..1)],
        _ => kind.recurrent().to_vec(),
    }
}

/// Back: the gradients of the layer's weights, added up over all steps and sequences.
pub(super) struct Back<'a, T> {
    pub network: &'a Network<T>,
    pub tape: &'a mut Tape<T>,
    /// Δ_t for the last steps of the tape, as many as there are, N × H each.
    pub inject: &'a [T],
    /// After every so many steps (counted from the first) the gradient stops; 0 for never.
    pub truncate: usize,
    /// The gradients of W, R, b_ih and b_hh, overwritten.
    pub gradients: &'a mut [Vec<T>],
    /// Steps at which nothing goes back through h_{t-1}; empty where it does everywhere.
    pub detached: &'a [bool],
    /// Pascanu's term, if it is asked for.
    pub omega: Option<&'a mut Omega<T>>,
    /// Σ |δ_t|² over the sequences for every step, δh or δc as the live screen has it; empty where
    /// nobody looks.
    pub norms: &'a mut [f64],
}

impl<T: Real> Kernel for Back<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run<const FMA: bool>(mut self) {
        let shape = self.network.shape;
        let (kind, n, h) = (shape.kind, self.tape.batch, shape.hidden);
        let (steps, row) = (self.tape.steps, n * h);
        let width = kind.blocks() * h;
        let mut grad_h = vec![T::default(); row];
        let c_row = if kind.has_c() { row } else { 0 };
        let mut grad_c = vec![T::default(); c_row];
        let mut whole_c = grad_c.clone();
        let mut grad_u = vec![T::default(); h];
        let silent = steps - self.inject.len() / row;
        for t in (0..steps).rev() {
            if self.tape.is_stopped() {
                return;
            }
            if self.truncate > 0 && (t + 1).is_multiple_of(self.truncate) {
                grad_h.fill(T::default());
                grad_c.fill(T::default());
            }
            if t >= silent {
                let inject = &self.inject[(t - silent) * row..][..row];
                for (g, &x) in grad_h.iter_mut().zip(inject) {
                    *g += x;
                }
            }
            if let Some(norm) = self.norms.get_mut(t)
                && !kind.has_c()
            {
                *norm = square(&grad_h);
            }
            let tape = &mut *self.tape;
            let a = &mut tape.a[t * n * width..][..n * width];
            let h_before = &tape.h[t * row..][..row];
            let step = StepBack {
                a: &mut *a,
                h_before,
                c_before: &tape.c[t * c_row..][..c_row],
                squashed: &tape.squashed[t * c_row..][..c_row],
                grad_h: &mut grad_h,
                grad_c: &mut grad_c,
                whole_c: &mut whole_c,
            };
            match kind {
                Kind::Rnn => rnn::back_tanh(step),
                Kind::Irnn => rnn::back_relu(step),
                Kind::Indrnn => {
                    rnn::back_relu(step);
                    let u = &self.network.tensors[R];
                    rnn::back_own(a, h_before, u, &mut grad_h, &mut grad_u);
                }
                Kind::Lstm => lstm::back(step, h),
                Kind::Gru => gru::back(step, h),
            }
            if let Some(norm) = self.norms.get_mut(t)
                && kind.has_c()
            {
                *norm = square(&whole_c);
            }
            // Past a GRU's matrices its own state comes back, and it is in `grad_h` already.
            let mut add = kind == Kind::Gru;
            for (rows, from) in kind.recurrent() {
                let r = &self.network.tensors[R][rows.start * h * h..];
                let r = columns(r, h, 0..h, rows.len() * h);
                let delta = columns(a, width, times(from, h), n);
                product(columns_mut(&mut grad_h, h, 0..h, n), add, r, delta);
                add = true;
            }
            if self.detached.get(t) == Some(&true) {
                grad_h.fill(T::default());
            }
            // h_0 is given: nothing arrives there that R could change.
            if let Some(omega) = self.omega.as_deref_mut().filter(|_| t > 0) {
                omega.add(kind, a, h_before, &grad_h, h);
            }
        }
        if kind == Kind::Indrnn {
            self.gradients[R].copy_from_slice(&grad_u);
        }
        self.sums();
    }
}

impl<T: Real> Back<'_, T> {
    /// The sums over all steps and sequences, from the δ of the pre-activations.
    #[inline(always)]
    fn sums(&mut self) {
        let shape = self.network.shape;
        let (kind, h, d) = (shape.kind, shape.hidden, shape.inputs);
        let (width, gates) = (kind.blocks() * h, kind.gates() * h);
        let tape = &*self.tape;
        let count = tape.steps * tape.batch;
        let delta = |part: Range<usize>| columns(&tape.a, width, part, count).transpose();
        let x = columns(&tape.x, d, 0..d, count);
        let out = columns_mut(&mut self.gradients[W], d, 0..d, gates);
        product(out, false, x, delta(0..gates));
        for (rows, from) in kind.recurrent() {
            let before = columns(&tape.h, h, 0..h, count);
            let out = &mut self.gradients[R][rows.start * h * h..];
            let out = columns_mut(out, h, 0..h, rows.len() * h);
            product(out, false, before, delta(times(from, h)));
        }
        let mut sums = vec![T::default(); width];
        for row in tape.a.chunks_exact(width) {
            for (sum, &x) in sums.iter_mut().zip(row) {
                *sum += x;
            }
        }
        self.gradients[B_IH].copy_from_slice(&sums[..gates]);
        for (rows, from) in recurrent_biases(kind) {
            self.gradients[B_HH][times(&rows, h)].copy_from_slice(&sums[times(&from, h)]);
        }
    }
}

/// Σ x².
#[inline(always)]
fn square<T: Real>(x: &[T]) -> f64 {
    let mut sums = [0.0; 8];
    let (chunks, rest) = x.as_chunks::<8>();
    for chunk in chunks {
        for (sum, x) in sums.iter_mut().zip(chunk) {
            let x = x.wide();
            *sum += x * x;
        }
    }
    sums.iter().sum::<f64>() + rest.iter().map(|x| x.wide() * x.wide()).sum::<f64>()
}
