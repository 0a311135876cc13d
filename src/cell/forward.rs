//! The forward pass over a window.

use ndarray::ArrayView2;

use super::exact::{self, Extent, Range};
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
    /// The state at this step (from 1) is no longer a finite number, or a slope is below e^−2^40.
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
    (tape.wide, tape.least) = (None, exact::LEAST);
    let steps = tape.steps;
    let weights = &cell.parameters().w;
    let (rows, inner) = weights.dim();
    // W x_t + b of a whole chunk is one product before the recurrence instead of many.
    let mut projection = Affine::new(weights.view(), cell.bias().as_ref());
    let standard = inputs.as_standard_layout();
    let flat = standard.as_slice().unwrap_or_default();
    let chunk = (NUMBERS / rows).clamp(8, 64);
    let mut projected = Aligned::zeros(chunk.min(steps) * rows);
    let mut first = 0;
    let mut extent = if cell.extended() {
        Extent::States
    } else {
        Extent::Within
    };
    // The pre-activations from the first on that leads out of `f64`.
    let (mut saturated, mut kept, mut kept_from) = (false, Vec::new(), steps + 1);
    while first < steps {
        let last = steps.min(first + chunk);
        let range = simd::run(Steps {
            cell,
            inputs: &flat[first * inner..last * inner],
            projection: &mut projection,
            projected: &mut projected[..(last - first) * rows],
            tape,
            first,
        });
        let [h, c, _] = tape.states(first, last);
        if !finite(h, c)
            && let Some(t) = (first + 1..=last).find(|&t| !finite(tape.h(t), tape.c(t)))
        {
            return Err(Stopped::NotFinite(t));
        }
        let sums = &projected[..(last - first) * rows];
        saturated |= exact::is_saturated(cell, &range);
        extent = extent.max(Extent::of(cell, &range, sums));
        if extent == Extent::Factors {
            kept_from = kept_from.min(first + 1);
            kept.extend_from_slice(sums);
        }
        if !go_on(last as f64 / steps as f64) {
            return Err(Stopped::Cancelled);
        }
        first = last;
    }
    if saturated && extent == Extent::Within {
        match exact::least(cell, tape) {
            Some(least) => tape.least = least,
            None => extent = Extent::Factors,
        }
    }
    let exponents = tape.exponents.iter().any(|e| *e != 0);
    let wide = match extent {
        Extent::Within => return Ok(()),
        Extent::Factors if !exponents => exact::of_sums(cell, tape, kept_from, &kept)?,
        _ => exact::run(cell, inputs, tape, go_on)?,
    };
    tape.wide = Some(Box::new(wide));
    Ok(())
}

fn finite(h: &[f64], c: &[f64]) -> bool {
    (vector::sum(h) + vector::sum(c)).is_finite()
}

/// Steps of one chunk; what lies within the range of their numbers.
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
    type Output = Range;

    #[inline(always)]
    fn run<const FMA: bool>(self) -> Range {
        self.projection.map::<FMA>(self.inputs, self.projected);
        let rows = self.projection.rows();
        let last = self.first + self.projected.len() / rows;
        for (k, input) in self.projected.chunks_exact_mut(rows).enumerate() {
            self.cell
                .forward::<_, FMA>(input, self.tape, self.first + k + 1);
        }
        // The pre-activations stand where the projections were.
        let [h, c, candidate] = self.tape.states(self.first, last);
        // A closure would not be compiled for the instruction set.
        let of_states = vector::smallest(h).min(vector::smallest(c));
        let of_steps = vector::smallest(self.projected).min(vector::smallest(candidate));
        Range {
            largest_sum: vector::largest(self.projected),
            largest_c: vector::largest(c),
            smallest: of_states.min(of_steps).min(vector::smallest(self.inputs)),
        }
    }
}

#[cfg(test)]
mod tests {
    use ndarray::{Array1, Array2};

    use super::*;
    use crate::cell::{CellKind, ForgetGate, Init, Lstm, init};

    /// Widths whose gates share a panel of the packed product, or a piece of it, and others.
    #[test]
    fn the_steps_of_an_lstm_are_its_formulas() {
        for (hidden, peepholes) in [(5, false), (16, false), (16, true), (48, false), (64, true)] {
            let kind = CellKind::Lstm;
            let (p, _) = init::draw(kind, hidden, 3, Init::Gaussian, peepholes, 3).unwrap();
            let cell = Lstm::new(p.clone(), ForgetGate::Learned(None));
            let inputs = Array2::from_shape_fn((6, 3), |(t, j)| ((t * 31 + j * 17) as f64).sin());
            let mut tape = cell.tape(6);
            forward(&cell, inputs.view(), &mut tape, &mut |_| true).unwrap();
            let b = cell.bias().unwrap();
            let (mut h, mut c) = (Array1::zeros(hidden), Array1::zeros(hidden));
            for (t, x) in inputs.rows().into_iter().enumerate() {
                let sums = p.w.dot(&x) + p.r.dot(&h) + &b;
                let peephole = |k: usize, j: usize| p.peepholes.as_ref().map_or(0.0, |p| p[k][j]);
                let sigmoid = |a: f64| 1.0 / (1.0 + (-a).exp());
                for j in 0..hidden {
                    let sum = |gate: usize| sums[gate * hidden + j];
                    let i = sigmoid(sum(0) + peephole(0, j) * c[j]);
                    let f = sigmoid(sum(1) + peephole(1, j) * c[j]);
                    c[j] = f * c[j] + i * sum(2).tanh();
                    h[j] = sigmoid(sum(3) + peephole(2, j) * c[j]) * f64::tanh(c[j]);
                }
                for (got, want) in tape
                    .h(t + 1)
                    .iter()
                    .zip(&h)
                    .chain(tape.c(t + 1).iter().zip(&c))
                {
                    assert!((got - want).abs() < 1e-13, "{hidden} units, step {}", t + 1);
                }
            }
        }
    }
}
