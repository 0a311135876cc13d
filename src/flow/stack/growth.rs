//! What a layer carries by itself, and the largest Lyapunov exponent: how fast a disturbance of its
//! state grows or shrinks.
//!
//! The Jacobian of one step of a stack is block-triangular (a layer's state depends on those below
//! at the same step, never on those above), so the exponents of the stack are those of its layers,
//! each with what it reads held fixed.

use super::{Stack, StackTape};
use crate::cell::{PathSet, Tape, with_cell};
use crate::flow::backward::{GoOn, Sweep, Swept};
use crate::flow::cause::{Keeping, Search};
use crate::flow::gains::{self, Mean};
use crate::flow::loss::Loss;
use crate::flow::{Carried, Law, largest};
use crate::num::Wide;

/// As much work as the products of a window's Jacobians may be, in T s³ for a state of s numbers: that of
/// 8000 steps of an LSTM with 32 units.
const EXACT: usize = 8000 * 64 * 64 * 64;

/// What a layer carries by itself.
#[derive(Clone, Debug)]
pub struct Alone {
    /// Its gradients at every step, and what the paths contribute to them.
    pub carried: Carried,
    /// [`Stack::rate`] of the v that it began with.
    pub rate: f64,
}

impl Stack {
    /// The gradient of one layer in one direction when L = v·h at its own last step (v: H numbers;
    /// with a projection h is m): what it carries back by itself, with nothing from above. `None`
    /// when the caller ended it.
    pub fn alone(
        &self,
        run: &StackTape,
        at: (usize, usize),
        v: &[f64],
        go_on: GoOn,
    ) -> Option<Alone> {
        let swept = self.swept(run, at, (v, &[]), PathSet::EMPTY, true, go_on)?;
        Some(Alone {
            rate: rate(&swept, v),
            carried: Carried::new(swept.totals.main(), &swept.paths),
        })
    }

    /// What makes that gradient grow or die out. `None` when the caller ended it.
    pub fn law(
        &self,
        run: &StackTape,
        at: (usize, usize),
        v: &[f64],
        carried: &Carried,
        go_on: GoOn,
    ) -> Option<Law> {
        let (part, tape) = (self.layers.get(at.0)?.get(at.1)?, &run.tapes[at.0][at.1]);
        let mean = Mean::of(carried);
        let silent = |path| {
            let parts = carried.paths.iter().find(|(of, _)| *of == path);
            // What lands on a gate is no term of δc.
            parts.is_some_and(|(_, parts)| parts.iter().all(|x| *x == 0.0)) && tape.parts() < 3
        };
        with_cell!(&part.cell, cell => Search {
            cell,
            tape,
            cuts: PathSet::EMPTY,
            measure: &mut |cuts| self.swept(run, at, (v, &[]), cuts, false, &mut *go_on),
            known: Vec::new(),
        }
        .law(&mean, Keeping::of(cell, tape), silent))
    }

    /// r of that gradient. `None` within where nothing enters, and without when the caller ended it.
    pub fn factor(
        &self,
        run: &StackTape,
        at: (usize, usize),
        v: &[f64],
        go_on: GoOn,
    ) -> Option<Option<Wide>> {
        let swept = self.swept(run, at, (v, &[]), PathSet::EMPTY, false, go_on)?;
        Some(gains::factor(swept.totals.main(), 1))
    }

    /// How a gradient u of the whole state [h; c] of one layer at T grows on its way to the
    /// beginning of the window, ln per step:
    ///
    /// ```text
    /// 1/T ln |J_1ᵀ … J_Tᵀ u| / |u|
    /// ```
    ///
    /// Never more than for the best placed u; a random one is by about ln √s / T below that, for a
    /// state of s numbers. −∞ where nothing is left. `None` when the caller ended it.
    pub fn rate(&self, run: &StackTape, at: (usize, usize), u: &[f64], go_on: GoOn) -> Option<f64> {
        let hidden = run.tapes[at.0][at.1].hidden;
        let swept = self.swept(run, at, u.split_at(hidden), PathSet::EMPTY, false, go_on)?;
        Some(rate(&swept, u))
    }

    /// The largest finite-time Lyapunov exponent of one layer in one direction
    /// ([`largest::exponent`]), ln per step; −∞ where every disturbance dies out. `None` when the
    /// caller ended it.
    pub fn largest_exponent(
        &self,
        run: &StackTape,
        at: (usize, usize),
        go_on: GoOn,
    ) -> Option<f64> {
        let (part, tape) = (self.layers.get(at.0)?.get(at.1)?, &run.tapes[at.0][at.1]);
        with_cell!(&part.cell, cell => largest::exponent(cell, tape, &mut Vec::new(), go_on))
    }

    /// Whether so many runs of this length leave time for [`Stack::largest_exponent`] of all
    /// layers.
    pub fn exact_exponents(&self, run: &StackTape, runs: usize) -> bool {
        let tapes = run.tapes.iter().flatten();
        let work = tapes.map(|tape| tape.steps.saturating_mul(state(tape).saturating_pow(3)));
        work.fold(0, usize::saturating_add).saturating_mul(runs) <= EXACT
    }

    /// Sweeps back through one layer from a gradient of its last state.
    fn swept(
        &self,
        run: &StackTape,
        (layer, direction): (usize, usize),
        (onto_h, onto_c): (&[f64], &[f64]),
        cuts: PathSet,
        detail: bool,
        go_on: GoOn,
    ) -> Option<Swept> {
        let part = self.layers.get(layer)?.get(direction)?;
        let tape = &run.tapes[layer][direction];
        with_cell!(&part.cell, cell => Sweep {
            cuts,
            detail,
            hold: 1,
            onto_c,
            ..Sweep::new(cell, tape, Loss::Last(onto_h))
        }
        .run(go_on))
    }
}

/// ln per step of the growth from u to what a sweep brought to the state before its first step.
fn rate(swept: &Swept, u: &[f64]) -> f64 {
    let begun = u
        .iter()
        .fold(Wide::ZERO, |sum, &x| sum.hypot(Wide::from_f64(x)));
    let left = swept.grad_h0.hypot(swept.grad_c0.unwrap_or(Wide::ZERO));
    let growth = left.ratio(begun).unwrap_or(Wide::ZERO);
    // ln of a number that may be beyond f64.
    growth.ln() / swept.totals.grad_h.len() as f64
}

/// The size s of the state: H, or 2H with c.
fn state(tape: &Tape) -> usize {
    tape.parts() * tape.hidden
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cell::{Activation, CellKind, Direction, Parameters, Semantics, StackParameters};
    use ndarray::{Array2, array};

    /// A stack of this one cell, run on so many steps of zeros.
    fn run(cell: Parameters, steps: usize) -> (Stack, StackTape) {
        let inputs = Array2::zeros((steps, cell.inputs()));
        let parameters = StackParameters {
            kind: cell.kind,
            layers: vec![vec![Direction::from(cell)]],
        };
        let stack = Stack::new(parameters, Semantics::of(Activation::Linear));
        let tapes = stack.tapes(steps);
        let run = stack.forward(inputs.view(), tapes, &mut |_| true).unwrap();
        (stack, run)
    }

    /// The largest exponent, and the growth of u.
    fn both(stack: &Stack, run: &StackTape, u: &[f64]) -> [f64; 2] {
        let exact = stack.largest_exponent(run, (0, 0), &mut |_| true);
        let followed = stack.rate(run, (0, 0), u, &mut |_| true);
        [exact.unwrap(), followed.unwrap()]
    }

    /// h ← R h with eigenvalues 0.9 and 0.5: ln 0.9 in the long run, and a constant over T.
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
        let [exact, followed] = both(&stack, &run, &[0.6, 0.8]);
        // R^400 = 0.9^400 (1, 7.5; 0, 0), and R^400ᵀ (0.6, 0.8) = 0.9^400 · 0.6 (1, 7.5)
        let largest = 0.9f64.ln() + 7.5f64.hypot(1.0).ln() / 400.0;
        assert!((exact - largest).abs() < 1e-12, "{exact}");
        let expected = 0.9f64.ln() + (0.6 * 7.5f64.hypot(1.0)).ln() / 400.0;
        assert!((followed - expected).abs() < 1e-12, "{followed}");
    }

    /// f = σ(40) is 1 to rounding and R = 0: what comes to c alone is kept, which no gradient from
    /// h alone tells.
    #[test]
    fn what_stays_in_c_counts() {
        let n = 3;
        let mut forget = ndarray::Array1::zeros(4 * n);
        forget.iter_mut().skip(n).take(n).for_each(|b| *b = 40.0);
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
        let [exact, followed] = both(&stack, &run, &[0.0, 0.0, 0.0, 0.6, 0.0, 0.8]);
        assert!(followed.abs() < 1e-12, "{followed}");
        // c_T shows in h_T, too, by E = o = ½.
        let largest = 1.25f64.sqrt().ln() / 30.0;
        assert!((exact - largest).abs() < 1e-12, "{exact}");
        assert!(stack.exact_exponents(&run, 10));
        assert!(!stack.exact_exponents(&run, 1_000_000));
    }
}
