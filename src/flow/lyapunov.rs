//! Finite-time Lyapunov exponents: how fast disturbances of the state grow or shrink, a number for
//! each of its coordinates.
//!
//! ```text
//! Q_0 = I,   J_t Q_{t-1} = Q_t R_t,   λ_n = 1/T Σ_t ln |R_t[n, n]|
//! ```
//!
//! They belong to the columns of the recursion. Over a finite window the single ones depend on the
//! frame that it starts from, here h before c; their sum, 1/T Σ ln |det J_t|, does not. How they
//! settle is kept as well: the same means over the first t steps, for some t on the way.

use ndarray::Array2;

use super::backward::GoOn;
use crate::cell::{Cell, StepJacobian, Tape};
use crate::num::{householder, matrix, vector, wide::scale_by_power_of_two};

/// A diagonal element of R below this part of the largest number is zero to rounding.
const NOTHING: f64 = 1e-13;

/// A matrix is brought near 1 when its largest number passes 2^±this.
const ROOM: i64 = 200;

/// At so many steps of the window, spread evenly, the exponents so far are kept.
pub const STATIONS: usize = 64;

/// The exponents of a window.
#[derive(Clone, Debug, PartialEq)]
pub struct Lyapunov {
    /// Natural logarithms per step, in the order of the columns; −∞ for those whose disturbance
    /// died out altogether.
    pub exponents: Vec<f64>,
    /// The first step whose Jacobian is singular to rounding. From there on the columns of some
    /// exponents are arbitrary.
    pub singular: Option<Singular>,
    /// The exponents over the first t steps, for at most [`STATIONS`] t, the last of them T.
    pub course: Vec<Estimate>,
}

/// The exponents over the first steps of a window.
#[derive(Clone, Debug, PartialEq)]
pub struct Estimate {
    /// So many steps.
    pub steps: usize,
    /// As [`Lyapunov::exponents`], over them.
    pub exponents: Vec<f64>,
}

impl Lyapunov {
    /// The exponents, the largest first.
    #[must_use]
    pub fn sorted(&self) -> Vec<f64> {
        sorted(&self.exponents)
    }

    /// The exponents of the second half of the window alone, the largest first. What the first steps
    /// take to turn the frame, a constant, is not in them, so that the largest is how fast a
    /// disturbance goes on to grow.
    #[must_use]
    pub fn settled(&self) -> Vec<f64> {
        let steps = self.course.last().map_or(0, |last| last.steps);
        let half = self
            .course
            .partition_point(|early| 2 * early.steps <= steps);
        let Some(half) = half.checked_sub(1).map(|k| &self.course[k]) else {
            return self.sorted();
        };
        let (all, early) = (steps as f64, half.steps as f64);
        let later = |(whole, first): (&f64, &f64)| {
            if first.is_finite() {
                (whole * all - first * early) / (all - early)
            } else {
                *whole
            }
        };
        let later: Vec<f64> = self
            .exponents
            .iter()
            .zip(&half.exponents)
            .map(later)
            .collect();
        sorted(&later)
    }
}

impl Estimate {
    /// The exponents, the largest first.
    #[must_use]
    pub fn sorted(&self) -> Vec<f64> {
        sorted(&self.exponents)
    }
}

fn sorted(exponents: &[f64]) -> Vec<f64> {
    let mut sorted = exponents.to_vec();
    sorted.sort_by(|a, b| b.total_cmp(a));
    sorted
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
    let mut sums = vec![0.0; size];
    let mut singular = None;
    let mut course = Vec::with_capacity(STATIONS.min(tape.steps));
    for t in 1..=tape.steps {
        cell.jacobian(tape, t, &mut step);
        let largest = step.times(
            frame.as_slice().unwrap_or_default(),
            moved.as_slice_mut().unwrap_or_default(),
        );
        let size = vector::exponent_of(largest);
        let taken = if largest == 0.0 || (-ROOM..=ROOM).contains(&size) {
            0
        } else {
            vector::shift(moved.as_slice_mut().unwrap_or_default(), -size);
            size
        };
        let (mut q, mut r) = matrix::qr(moved.view());
        let [low, high] = span(&r);
        if low <= NOTHING * high {
            let scale = moved.iter().fold(high, |top, x| top.max(x.abs()));
            (q, r) = householder::qr(moved.view(), NOTHING * scale);
            singular = singular.or(Some(Singular {
                step: t,
                span: span(&r).map(|r| scale_by_power_of_two(r, taken)).into(),
            }));
        }
        frame = q;
        for (sum, r) in sums.iter_mut().zip(&r) {
            *sum += r.abs().ln() + taken as f64 * std::f64::consts::LN_2;
        }
        if station(t, tape.steps) {
            course.push(Estimate {
                steps: t,
                exponents: sums.iter().map(|sum| sum / t as f64).collect(),
            });
        }
        if !go_on(t as f64 / tape.steps as f64) {
            return None;
        }
    }
    let exponents = course.last().map_or(sums, |last| last.exponents.clone());
    Some(Lyapunov {
        exponents,
        singular,
        course,
    })
}

/// Whether the exponents so far are kept at step t of a window of `steps`: where another part of
/// the window is complete.
fn station(t: usize, steps: usize) -> bool {
    let part = |t: usize| t * STATIONS / steps;
    part(t) > part(t - 1)
}

/// The smallest and the largest absolute value.
fn span(diagonal: &[f64]) -> [f64; 2] {
    let sizes = || diagonal.iter().map(|r| r.abs());
    [
        sizes().fold(f64::INFINITY, f64::min),
        sizes().fold(0.0, f64::max),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cell::forward::forward;
    use crate::cell::{CellKind, ForgetGate, Init, Lstm, init};

    /// f = 1 and R = 0: what is in c stays, what is in h is gone after one step.
    #[test]
    fn half_of_a_carousel_stays_for_ever_and_half_is_gone() {
        let (mut parameters, _) =
            init::draw(CellKind::Lstm, 3, 2, Init::Orthogonal, false, 4).unwrap();
        parameters.r.fill(0.0);
        let cell = Lstm::new(parameters, ForgetGate::None);
        let mut tape = cell.tape(20);
        let inputs = Array2::from_shape_fn((20, 2), |(t, j)| ((t * 3 + j) as f64).sin());
        forward(&cell, inputs.view(), &mut tape, &mut |_| true).unwrap();
        let found = lyapunov(&cell, &tape, &mut |_| true).unwrap();
        assert_eq!(found.singular.unwrap().step, 1);
        assert_eq!(found.course.len(), 20);
        assert_eq!(found.course[19].exponents, found.exponents);
        for (n, exponent) in found.exponents.iter().enumerate() {
            if n < 3 {
                assert_eq!(*exponent, f64::NEG_INFINITY);
            } else {
                assert!(exponent.abs() < 1e-12, "{:?}", found.exponents);
            }
        }
    }

    #[test]
    fn the_course_ends_at_the_end_whatever_the_length() {
        for steps in [1, 2, 63, 64, 65, 200, 1000, 20_000] {
            let kept: Vec<usize> = (1..=steps).filter(|&t| station(t, steps)).collect();
            assert_eq!(kept.len(), steps.min(STATIONS), "{steps}");
            assert_eq!(kept.last(), Some(&steps));
        }
    }

    /// Squares of the numbers of these matrices are no numbers of float64.
    #[test]
    fn matrices_near_the_ends_of_float64_have_exponents() {
        use crate::cell::{Activation, Rnn};
        for (size, log2) in [(2f64.powi(700), 700.0), (2f64.powi(-700), -700.0)] {
            let (mut parameters, _) =
                init::draw(CellKind::Rnn, 5, 2, Init::Orthogonal, false, 9).unwrap();
            parameters.r *= size;
            let cell = Rnn::new(parameters, Activation::Linear);
            let mut tape = cell.tape(50);
            let inputs = Array2::zeros((50, 2));
            forward(&cell, inputs.view(), &mut tape, &mut |_| true).unwrap();
            let found = lyapunov(&cell, &tape, &mut |_| true).unwrap();
            assert!(found.singular.is_none());
            for exponent in found.exponents {
                assert!((exponent - log2 * 2f64.ln()).abs() < 1e-11, "{exponent}");
            }
        }
    }

    /// An orthogonal linear network forgets nothing of where it began: every exponent is ln ρ from
    /// the first step on.
    #[test]
    fn an_orthogonal_network_settles_at_once() {
        use crate::cell::{Activation, Rnn};
        let (mut parameters, _) =
            init::draw(CellKind::Rnn, 5, 2, Init::Orthogonal, false, 9).unwrap();
        parameters.r *= 1.01;
        let cell = Rnn::new(parameters, Activation::Linear);
        let mut tape = cell.tape(200);
        forward(
            &cell,
            Array2::zeros((200, 2)).view(),
            &mut tape,
            &mut |_| true,
        )
        .unwrap();
        let found = lyapunov(&cell, &tape, &mut |_| true).unwrap();
        for estimate in &found.course {
            for exponent in estimate.sorted() {
                assert!((exponent - 1.01f64.ln()).abs() < 1e-13);
            }
        }
    }
}
