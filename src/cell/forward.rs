//! The forward pass over a window.

use ndarray::ArrayView2;

use super::{Cell, Tape};
use crate::num::affine::Affine;
use crate::num::aligned::Aligned;
use crate::num::simd::{self, Kernel};
use crate::num::vector;

/// The input projections of some steps are made with one matrix product: of as many as make so many
/// numbers, few enough to leave the weights in the cache. So often a caller is asked whether to go on.
const NUMBERS: usize = 4096;

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
    let weights = &cell.parameters().w;
    let (rows, inner) = weights.dim();
    // W x_t + b of a whole chunk is one product before the recurrence instead of many.
    let mut projection = Affine::new(weights.view(), cell.bias().as_ref());
    let inputs = inputs.as_standard_layout();
    let inputs = inputs.as_slice().unwrap_or_default();
    let chunk = (NUMBERS / rows).clamp(8, 64);
    let mut projected = Aligned::zeros(chunk.min(steps) * rows);
    let mut first = 0;
    while first < steps {
        let last = steps.min(first + chunk);
        simd::run(Steps {
            cell,
            inputs: &inputs[first * inner..last * inner],
            projection: &mut projection,
            projected: &mut projected[..(last - first) * rows],
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

/// Steps of one chunk.
struct Steps<'a, C> {
    cell: &'a C,
    /// Rows x_t of D numbers.
    inputs: &'a [f64],
    /// W and b.
    projection: &'a mut Affine,
    projected: &'a mut [f64],
    tape: &'a mut Tape,
    first: usize,
}

impl<C: Cell> Kernel for Steps<'_, C> {
    type Output = ();

    #[inline(always)]
    fn run<const FMA: bool>(self) {
        self.projection.map::<FMA>(self.inputs, self.projected);
        let rows = self.projection.rows();
        for (k, input) in self.projected.chunks_exact_mut(rows).enumerate() {
            self.cell
                .forward::<FMA>(input, self.tape, self.first + k + 1);
        }
    }
}
