//! The sums of the parameter gradients that grow while a sweep goes back.

use crate::cell::Tape;
use crate::num::growing::{BLOCK, Growing};
use crate::num::outer::Rows;

/// The sums, and the inputs of the window (T × D), row by row.
pub(in crate::flow) struct Beside<'a> {
    growing: &'a mut Growing,
    inputs: Rows<'a>,
}

impl<'a> Beside<'a> {
    /// Begins the sums for a window.
    pub fn new(growing: &'a mut Growing, inputs: Rows<'a>, tape: &Tape) -> Self {
        growing.begin(tape.gates * tape.hidden, [inputs.width, tape.hidden]);
        Self { growing, inputs }
    }

    /// The sums themselves, for what streams by.
    #[inline(always)]
    pub(super) fn growing(&mut self) -> &mut Growing {
        self.growing
    }

    /// After step t: perhaps it makes a block complete. The first block is what the number of steps
    /// leaves of one, so that the last one, beside which nothing streams any more, ends with step 1.
    #[inline(always)]
    pub(super) fn step<const FMA: bool>(&mut self, tape: &Tape, deltas: &[f64], t: usize) {
        let first = t - 1;
        if first.is_multiple_of(BLOCK) {
            let count = BLOCK.min(tape.steps - first);
            let rows = |flat, width| Rows { flat, width }.steps(first, count);
            let delta = rows(deltas, tape.gates * tape.hidden);
            let x = rows(self.inputs.flat, self.inputs.width);
            let h = rows(&tape.h, tape.hidden);
            self.growing.steps::<FMA>(delta, [x, h]);
        }
    }
}

#[cfg(test)]
mod tests {
    use ndarray::Array2;
    use proptest::prelude::*;

    use super::*;
    use crate::cell::forward::forward;
    use crate::cell::{Activation, Cell, CellKind, ForgetGate, Init, Lstm, Rnn, init};
    use crate::flow::Loss;
    use crate::flow::backward::Sweep;
    use crate::flow::gradients::{self, Memory};
    use crate::num::aligned::Aligned;
    use crate::num::simd;

    /// The gradients of a sweep that lets them grow are those that one product at the end gives.
    fn the_same<C: Cell>(cell: &C, steps: usize, memory: &mut Memory) {
        let hidden = cell.parameters().hidden();
        let inputs = Array2::from_shape_fn((steps, 5), |(t, j)| ((t * 31 + j * 17) as f64).sin());
        let mut tape = cell.tape(steps);
        forward(cell, inputs.view(), &mut tape, &mut |_| true).unwrap();
        let v = init::unit_vector(hidden, Init::Orthogonal, 7);
        let sweep = Sweep::new(cell, &tape, Loss::Sum(v.as_slice().unwrap()));
        let plain = sweep.run(&mut |_| true).unwrap();
        let want = gradients::gradients(cell, &tape, inputs.view(), &plain, memory);
        assert_eq!(cell.grows(), simd::wide());
        let rows = Rows {
            flat: inputs.as_slice().unwrap(),
            width: 5,
        };
        let beside = Beside::new(&mut memory.growing, rows, &tape);
        let grown = sweep
            .run_beside(Aligned::default(), Some(beside), &mut |_| true)
            .unwrap();
        assert!(grown.grown && !plain.grown);
        let got = gradients::gradients(cell, &tape, inputs.view(), &grown, memory);
        assert_eq!(grown.totals.grad_h, plain.totals.grad_h);
        assert_eq!(grown.totals.grad_c, plain.totals.grad_c);
        for (got, want) in got.iter().zip(&want) {
            assert_eq!((got.name, got.exponent), (want.name, want.exponent));
            let top = want.mantissas.iter().fold(0.0, |m: f64, x| m.max(x.abs()));
            for (got, want) in got.mantissas.iter().zip(&want.mantissas) {
                assert!((got - want).abs() <= 1e-13 * top, "{got} for {want}");
            }
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(24))]
        #[test]
        fn what_grows_is_what_one_product_gives(hidden in 64usize..140, steps in 1usize..110, peepholes: bool, rho in 0.5..1.6f64) {
            let mut memory = Memory::default();
            // The second window finds what the first has left.
            for steps in [steps, 64] {
                let (parameters, _) = init::draw(CellKind::Lstm, hidden, 5, Init::Gaussian, peepholes, 3).unwrap();
                the_same(&Lstm::new(parameters, ForgetGate::Learned(None)), steps, &mut memory);
                let (mut parameters, _) = init::draw(CellKind::Rnn, hidden, 5, Init::Orthogonal, false, 3).unwrap();
                // Growth beyond the room of the mantissas gives exponents, and the product its turn.
                parameters.r *= rho * 10.0;
                the_same(&Rnn::new(parameters, Activation::Linear), steps, &mut memory);
            }
        }
    }
}
