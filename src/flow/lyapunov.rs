//! Finite-time Lyapunov exponents: how fast disturbances of the state grow or shrink, a number for
//! each of its coordinates.
//!
//! ```text
//! Q_0 = I,   J_t Q_{t-1} = Q_t R_t,   λ_n = 1/T Σ_t ln |R_t[n, n]|
//! ```
//!
//! They belong to the columns of the recursion. Over a finite window the single ones depend on the
//! frame that it starts from, here h before c; their sum, 1/T Σ ln |det J_t|, does not.

use ndarray::Array2;

use super::backward::GoOn;
use crate::cell::{Cell, StepJacobian, Tape};
use crate::num::matrix;

/// A diagonal element of R below this part of the largest one is zero to rounding.
const NOTHING: f64 = 1e-13;

/// The exponents of a window.
#[derive(Clone, Debug, PartialEq)]
pub struct Lyapunov {
    /// Natural logarithms per step, in the order of the columns; −∞ for those whose disturbance
    /// died out altogether.
    pub exponents: Vec<f64>,
    /// The first step whose Jacobian is singular to rounding. From there on the columns of some
    /// exponents are arbitrary.
    pub singular: Option<Singular>,
}

/// A Jacobian that is singular to rounding.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Singular {
    /// The step.
    pub step: usize,
    /// The smallest and the largest diagonal element of its R.
    pub span: (f64, f64),
}

/// The exponents of the window on `tape`. `None` when the caller ended it.
pub fn lyapunov<C: Cell>(cell: &C, tape: &Tape, go_on: GoOn) -> Option<Lyapunov> {
    let mut step = StepJacobian::zeros(tape);
    let size = step.size();
    let mut frame = Array2::eye(size);
    let mut moved = Array2::zeros((size, size));
    let mut exponents = vec![0.0; size];
    let mut singular = None;
    for t in 1..=tape.steps {
        cell.jacobian(tape, t, &mut step);
        step.times(&frame, &mut moved);
        let (q, r) = matrix::qr(moved.view());
        frame = q;
        let low = r.iter().fold(f64::INFINITY, |low, r| low.min(r.abs()));
        let high = r.iter().fold(0.0f64, |high, r| high.max(r.abs()));
        for (sum, r) in exponents.iter_mut().zip(&r) {
            let dead = r.abs() <= NOTHING * high;
            *sum += if dead {
                f64::NEG_INFINITY
            } else {
                r.abs().ln()
            };
        }
        if singular.is_none() && low <= NOTHING * high {
            singular = Some(Singular {
                step: t,
                span: (low, high),
            });
        }
        if !go_on(t as f64 / tape.steps as f64) {
            return None;
        }
    }
    for sum in &mut exponents {
        *sum /= tape.steps as f64;
    }
    Some(Lyapunov {
        exponents,
        singular,
    })
}
