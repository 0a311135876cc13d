//! What a layer carries by itself, and the largest Lyapunov exponent: how fast a disturbance of its
//! state grows or shrinks in the long run.
//!
//! The Jacobian of one step of a stack is block-triangular (a layer's state depends on those below
//! at the same step, never on those above), so the exponents of the stack are those of its layers,
//! each with what it reads held fixed. A vector that goes back through J_Tᵀ … J_1ᵀ turns into the
//! direction that grows the most, and then grows by the largest exponent per step.

use super::{Run, Stack};
use crate::cell::AnyCell;
use crate::flow::backward::{GoOn, Sweep};
use crate::flow::loss::Loss;
use crate::flow::{PathSet, Totals};
use crate::num::Wide;

/// The first 1/this of the steps back are for the vector to turn; they do not count.
const TURNING: usize = 4;

impl Stack {
    /// The gradient of one layer in one direction when L = v·h at its own last step (v: H numbers;
    /// with a projection h is m): what it carries back by itself, with nothing from above. `None`
    /// when the caller ended it.
    pub fn alone(
        &self,
        run: &Run,
        (layer, direction): (usize, usize),
        v: &[f64],
        go_on: GoOn,
    ) -> Option<Totals> {
        let part = self.layers.get(layer)?.get(direction)?;
        let tape = &run.tapes[layer][direction];
        let swept = with_cell!(&part.cell, cell => Sweep {
            cell,
            tape,
            loss: Loss::Last(v),
            cuts: PathSet::EMPTY,
            keep: None,
            hold: 0,
            step_clip: None,
            detail: false,
        }
        .run(Vec::new(), go_on)?);
        Some(swept.totals)
    }
}

/// The largest Lyapunov exponent by the totals of [`Stack::alone`]: ln of the growth per step of the
/// whole state's gradient, after turning; −∞ where it dies out altogether. `None` when the window is
/// too short to say.
#[must_use]
pub fn largest_exponent(totals: &Totals) -> Option<f64> {
    let steps = totals.grad_h.len();
    let from = steps - steps / TURNING;
    let size = |s: usize| {
        let c = totals.grad_c.get(s - 1).copied().unwrap_or(Wide::ZERO);
        totals.grad_h[s - 1].hypot(c)
    };
    if from < 2 {
        return None;
    }
    let growth = size(1).ratio(size(from)).unwrap_or(Wide::ZERO);
    // ln of a number that may be beyond f64.
    Some(growth.log10() * std::f64::consts::LN_10 / (from - 1) as f64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cell::{Activation, CellKind, Direction, Parameters, StackParameters};
    use ndarray::{Array2, array};

    /// h ← R h with eigenvalues 0.9 and 0.5: ln 0.9.
    #[test]
    fn a_linear_network_grows_by_its_largest_eigenvalue() {
        let cell = Parameters {
            kind: CellKind::Rnn,
            w: Array2::zeros((2, 1)),
            r: array![[0.9, 3.0], [0.0, 0.5]],
            biases: None,
            peepholes: None,
            gates_r: None,
            diagonal: None,
        };
        let parameters = StackParameters {
            kind: CellKind::Rnn,
            layers: vec![vec![Direction::from(cell)]],
        };
        let stack = Stack::new(parameters, Activation::Linear);
        let inputs = Array2::zeros((400, 1));
        let run = stack
            .forward(inputs.view(), stack.tapes(400), &mut |_| true)
            .unwrap();
        let alone = stack
            .alone(&run, (0, 0), &[0.6, 0.8], &mut |_| true)
            .unwrap();
        let found = largest_exponent(&alone).unwrap();
        assert!((found - 0.9f64.ln()).abs() < 1e-12, "{found}");
    }
}
