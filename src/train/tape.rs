//! What a pass through some sequences leaves behind, for the way back and for the picture.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use super::{Real, Shape};

/// The memory of a few sequences that go through the network together.
#[derive(Clone, Debug)]
pub struct Tape<T> {
    /// Steps T.
    pub(super) steps: usize,
    /// Sequences N.
    pub(super) batch: usize,
    /// Inputs, T × N × D.
    pub(super) x: Vec<T>,
    /// Activations of the blocks of every step, T × N × blocks·H; on the way back the δ of the
    /// pre-activations take their place.
    pub(super) a: Vec<T>,
    /// h_0 … h_T, (T + 1) × N × H.
    pub(super) h: Vec<T>,
    /// c_0 … c_T; empty for a cell without c.
    pub(super) c: Vec<T>,
    /// tanh(c_t), T × N × H; empty for a cell without c.
    pub(super) squashed: Vec<T>,
    /// Whether nobody wants the pass any more.
    pub(super) stop: Arc<AtomicBool>,
}

impl<T: Real> Tape<T> {
    /// Memory for so many sequences of so many steps.
    pub(super) fn new(shape: &Shape, steps: usize, batch: usize) -> Self {
        let row = batch * shape.hidden;
        let zeros = |n: usize| vec![T::default(); n];
        let with_c = |n: usize| zeros(if shape.kind.has_c() { n } else { 0 });
        Self {
            steps,
            batch,
            x: zeros(steps * batch * shape.inputs),
            a: zeros(steps * row * shape.kind.blocks()),
            h: zeros((steps + 1) * row),
            c: with_c((steps + 1) * row),
            squashed: with_c(steps * row),
            stop: Arc::default(),
        }
    }

    /// Whether the pass ends here, its numbers being worth nothing.
    #[inline(always)]
    pub(super) fn is_stopped(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }

    /// h_T of every sequence.
    pub(super) fn last_h(&self) -> &[T] {
        &self.h[self.h.len() / (self.steps + 1) * self.steps..]
    }

    /// The means of an LSTM's gates i, f, o over units, steps and sequences, before the way back.
    pub(super) fn mean_gates(&self, h: usize) -> [f64; 3] {
        let mut sums = [0.0; 3];
        for row in self.a.chunks_exact(4 * h) {
            for (sum, block) in sums.iter_mut().zip([0, 1, 3]) {
                *sum += row[block * h..(block + 1) * h]
                    .iter()
                    .map(|x| x.wide())
                    .sum::<f64>();
            }
        }
        sums.map(|sum| sum / (self.steps * self.batch * h) as f64)
    }
}

/// One step of all sequences on its way forward: rows of H numbers, of blocks·H in `a`.
pub(super) struct StepForward<'a, T> {
    pub a: &'a mut [T],
    pub h_before: &'a [T],
    pub h: &'a mut [T],
    pub c_before: &'a [T],
    pub c: &'a mut [T],
    pub squashed: &'a mut [T],
}

/// One step of all sequences on its way back.
pub(super) struct StepBack<'a, T> {
    /// Activations in, the δ of the pre-activations out.
    pub a: &'a mut [T],
    pub h_before: &'a [T],
    pub c_before: &'a [T],
    pub squashed: &'a [T],
    /// The whole δh_t in; out, what comes to δh_{t-1} past the recurrent matrices.
    pub grad_h: &'a mut [T],
    /// What comes to δc_t from t + 1 in, what goes on to δc_{t-1} out.
    pub grad_c: &'a mut [T],
    /// The whole δc_t, for who wants to see it.
    pub whole_c: &'a mut [T],
}
