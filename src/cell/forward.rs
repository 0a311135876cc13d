//! The forward pass over a window.

use ndarray::linalg::general_mat_mul;
use ndarray::{ArrayView2, ArrayViewMut2, Axis, Slice};

use super::{Cell, Tape};
use crate::num::simd::{self, Kernel};
use crate::num::vector;

/// So many steps' input projections are made with one matrix product: enough to pay for it, few
/// enough to leave the weights in the cache. So often a caller is asked whether to go on.
const CHUNK: usize = 32;

/// Why a forward pass ended early.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stopped {
    /// The caller said so.
    Cancelled,
    /// The state at this step (from 1) is no longer a finite number.
    NotFinite(usize),
}

/// Runs the window: fills rows 1 … T of `tape` from its row 0, the initial state.
///
/// `inputs` is T × D. `go_on(done)`, 0 ≤ done ≤ 1, is asked now and then.
///
/// # Errors
/// [`Stopped`], with the tape filled so far.
pub fn forward<C: Cell>(
    cell: &C,
    inputs: ArrayView2<f64>,
    tape: &mut Tape,
    go_on: &mut dyn FnMut(f64) -> bool,
) -> Result<(), Stopped> {
    let steps = tape.steps;
    let parameters = cell.parameters();
    let bias = cell.bias();
    let mut first = 0;
    while first < steps {
        let last = steps.min(first + CHUNK);
        // W x_t + b for the whole chunk: one product before the recurrence instead of T.
        let chunk = inputs.slice_axis(Axis(0), Slice::from(first..last));
        let mut projected = match bias.as_ref().and_then(|b| b.as_slice()) {
            Some(bias) => bias.repeat(chunk.nrows()),
            None => vec![0.0; chunk.nrows() * parameters.w.nrows()],
        };
        let shape = (chunk.nrows(), parameters.w.nrows());
        if let Ok(mut rows) = ArrayViewMut2::from_shape(shape, &mut projected) {
            general_mat_mul(1.0, &chunk, &parameters.w.t(), 1.0, &mut rows);
        }
        simd::run(Steps {
            cell,
            projected: &mut projected,
            tape,
            first,
        });
        if let Some(t) = (first + 1..=last).find(|&t| !finite(tape, t)) {
            return Err(Stopped::NotFinite(t));
        }
        if !go_on(last as f64 / steps as f64) {
            return Err(Stopped::Cancelled);
        }
        first = last;
    }
    Ok(())
}

fn finite(tape: &Tape, t: usize) -> bool {
    (vector::sum(tape.h(t)) + vector::sum(tape.c(t))).is_finite()
}

struct Steps<'a, C> {
    cell: &'a C,
    projected: &'a mut [f64],
    tape: &'a mut Tape,
    first: usize,
}

impl<C: Cell> Kernel for Steps<'_, C> {
    type Output = ();

    #[inline(always)]
    fn run<const FMA: bool>(self) {
        let width = self.tape.gates * self.tape.hidden;
        for (k, input) in self.projected.chunks_exact_mut(width).enumerate() {
            self.cell
                .forward::<FMA>(input, self.tape, self.first + k + 1);
        }
    }
}
