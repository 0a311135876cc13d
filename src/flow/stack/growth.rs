//! What a layer carries by itself, and the largest Lyapunov exponent: how fast a disturbance of its
//! state grows or shrinks.
//!
//! The Jacobian of one step of a stack is block-triangular (a layer's state depends on those below
//! at the same step, never on those above), so the exponents of the stack are those of its layers,
//! each with what it reads held fixed.

use super::{Run, Stack};
use crate::cell::{AnyCell, Tape};
use crate::flow::backward::{GoOn, Sweep, Swept};
use crate::flow::loss::Loss;
use crate::flow::lyapunov::lyapunov;
use crate::flow::{PathSet, Totals};
use crate::num::Wide;

/// As much work as all exponents of a window may be, in T s³ for a state of s numbers: those of
/// 2000 steps of an LSTM with 32 units.
const EXACT: usize = 2000 * 64 * 64 * 64;

impl Stack {
    /// The gradient of one layer in one direction when L = v·h at its own last step (v: H numbers;
    /// with a projection h is m): what it carries back by itself, with nothing from above. `None`
    /// when the caller ended it.
    pub fn alone(
        &self,
        run: &Run,
        at: (usize, usize),
        v: &[f64],
        go_on: GoOn,
    ) -> Option<Totals> {
        Some(self.swept(run, at, (v, &[]), go_on)?.totals)
    }

    /// Whether [`Stack::largest_exponent`] is exact for so many runs of this length: their
    /// exponents are not too much work.
    #[must_use]
    pub fn exact_exponents(&self, run: &Run, runs: usize) -> bool {
        let tapes = run.tapes.iter().flatten();
        let work = tapes.map(|tape| tape.steps.saturating_mul(state(tape).saturating_pow(3)));
        work.fold(0, usize::saturating_add).saturating_mul(runs) <= EXACT
    }

    /// The largest finite-time Lyapunov exponent of one layer in one direction, ln per step; −∞
    /// where every disturbance dies out. `None` when the caller ended it.
    ///
    /// Exact, it is the largest of those of [`lyapunov`]. Otherwise gradients of the whole state at
    /// T are followed to its beginning, and it is the largest growth among them,
    ///
    /// ```text
    /// 1/T max_k ln |J_1ᵀ … J_Tᵀ u_k| / |u_k|
    /// ```
    ///
    /// for random u_k (`starts`, as many numbers as the state has): never more than the growth of
    /// the best placed disturbance, and by about ln √s / T less for a state of s numbers.
    pub fn largest_exponent(
        &self,
        run: &Run,
        at: (usize, usize),
        exponents: Exponents,
        go_on: GoOn,
    ) -> Option<f64> {
        let (part, tape) = (self.layers.get(at.0)?.get(at.1)?, &run.tapes[at.0][at.1]);
        let starts = match exponents {
            Exponents::Exact => {
                let found = with_cell!(&part.cell, cell => lyapunov(cell, tape, go_on))?;
                return found.sorted().first().copied();
            }
            Exponents::Followed(starts) => starts,
        };
        let size = |h: Wide, c: Option<Wide>| h.hypot(c.unwrap_or(Wide::ZERO));
        let mut largest = f64::NEG_INFINITY;
        for start in starts {
            let (h, c) = start.split_at(tape.hidden);
            let c = c.get(..state(tape) - tape.hidden).unwrap_or_default();
            let swept = self.swept(run, at, (h, c), &mut *go_on)?;
            let [begun, left] = [
                h.iter().chain(c).fold(Wide::ZERO, |sum, &x| sum.hypot(Wide::from_f64(x))),
                size(swept.grad_h0, swept.grad_c0),
            ];
            let growth = left.ratio(begun).unwrap_or(Wide::ZERO);
            // ln of a number that may be beyond f64.
            let rate = growth.log10() * std::f64::consts::LN_10 / tape.steps as f64;
            largest = largest.max(rate);
        }
        Some(largest)
    }

    /// Sweeps back through one layer from a gradient of its last state.
    fn swept(
        &self,
        run: &Run,
        (layer, direction): (usize, usize),
        (onto_h, onto_c): (&[f64], &[f64]),
        go_on: GoOn,
    ) -> Option<Swept> {
        let part = self.layers.get(layer)?.get(direction)?;
        let tape = &run.tapes[layer][direction];
        with_cell!(&part.cell, cell => Sweep {
            cell,
            tape,
            loss: Loss::Last(onto_h),
            cuts: PathSet::EMPTY,
            keep: None,
            hold: 0,
            onto_c,
            step_clip: None,
            detail: false,
        }
        .run(Vec::new(), go_on))
    }
}

/// How the largest exponent is found.
#[derive(Clone, Copy, Debug)]
pub enum Exponents<'a> {
    /// From all exponents of the window.
    Exact,
    /// From the growth of these vectors, which have at least as many numbers as the state.
    Followed(&'a [Vec<f64>]),
}

/// The size s of the state: H, or 2H with c.
fn state(tape: &Tape) -> usize {
    tape.parts() * tape.hidden
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cell::{Activation, CellKind, Direction, Parameters, StackParameters};
    use ndarray::{Array2, array};

    /// A stack of this one cell, run on so many steps of zeros.
    fn run(cell: Parameters, steps: usize) -> (Stack, Run) {
        let inputs = Array2::zeros((steps, cell.inputs()));
        let parameters = StackParameters {
            kind: cell.kind,
            layers: vec![vec![Direction::from(cell)]],
        };
        let stack = Stack::new(parameters, Activation::Linear);
        let tapes = stack.tapes(steps);
        let run = stack.forward(inputs.view(), tapes, &mut |_| true).unwrap();
        (stack, run)
    }

    fn both(stack: &Stack, run: &Run, starts: &[Vec<f64>]) -> [f64; 2] {
        [Exponents::Exact, Exponents::Followed(starts)].map(|how| {
            let found = stack.largest_exponent(run, (0, 0), how, &mut |_| true);
            found.unwrap()
        })
    }

    /// h ← R h with eigenvalues 0.9 and 0.5: ln 0.9 in the long run.
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
        let (stack, run) = run(cell, 400);
        let [exact, followed] = both(&stack, &run, &[vec![0.6, 0.8]]);
        assert!((exact - 0.9f64.ln()).abs() < 1e-12, "{exact}");
        // R^400ᵀ (0.6, 0.8) = 0.9^400 · 0.6 (1, 7.5)
        let expected = 0.9f64.ln() + (0.6 * 7.5f64.hypot(1.0)).ln() / 400.0;
        assert!((followed - expected).abs() < 1e-12, "{followed}");
    }

    /// f = σ(40) is 1 to rounding and R = 0: what comes to c alone is kept, which no gradient from
    /// h alone tells.
    #[test]
    fn what_stays_in_c_counts() {
        let n = 3;
        let mut forget = ndarray::Array1::zeros(4 * n);
        forget.slice_mut(ndarray::s![n..2 * n]).fill(40.0);
        let cell = Parameters {
            kind: CellKind::Lstm,
            w: Array2::zeros((4 * n, 1)),
            r: Array2::zeros((4 * n, n)),
            biases: Some([forget, ndarray::Array1::zeros(4 * n)]),
            peepholes: None,
            gates_r: None,
            diagonal: None,
        };
        let (stack, run) = run(cell, 30);
        let c = [0.0, 0.0, 0.0, 0.6, 0.0, 0.8].to_vec();
        for found in both(&stack, &run, &[c]) {
            assert!(found.abs() < 1e-12, "{found}");
        }
        assert!(stack.exact_exponents(&run, 10));
        assert!(!stack.exact_exponents(&run, 1_000_000));
    }
}
