//! Finite-time Lyapunov exponents: how fast disturbances of the state grow or shrink, a number for
//! each of its coordinates, and how fast the best placed disturbance does.
//!
//! ```text
//! Q_0 = I,   J_t Q_{t-1} = Q_t R_t,   exponent n = 1/T Σ_t ln |R_t[n, n]|
//! ```
//!
//! They belong to the columns of the recursion (Benettin et al. 1980). Over a finite window the
//! single ones depend on the frame that it starts from, here the coordinates, h before c: what it
//! takes to turn the frame, a constant, counts for 1/T of itself. Their sum, 1/T Σ_t ln |det J_t|,
//! depends on no frame. Nor does the largest exponent, which is a number of its own here,
//!
//! ```text
//! λ_1 = 1/T ln σ_1,   σ_1 the largest singular value of J_T … J_1 = ∂s_T/∂s_0
//! ```
//!
//! that of the best placed disturbance: no gradient of the whole state grows faster,
//! λ_1 ≥ 1/T ln |δs_0|/|δs_T|.
//!
//! A direction in which a Jacobian is singular to rounding has the exponent −∞ and is no longer followed.
//! How the exponents settle is kept as well: the same numbers over the first t steps, for some t on the way.

use ndarray::{Array2, Axis};

use super::backward::GoOn;
use super::jacobian::Product;
use crate::cell::{Cell, StepJacobian, Tape};
use crate::num::{Wide, householder, matrix, vector, wide::scale_by_power_of_two};

/// A diagonal element of R below this part of the largest number is zero to rounding.
const NOTHING: f64 = 1e-13;

/// A matrix is brought near 1 when its largest number passes 2^±this.
const ROOM: i64 = 200;

/// At so many steps of the window, spread evenly, the exponents so far are kept.
pub const STATIONS: usize = 64;

/// The exponents of a window.
#[derive(Clone, Debug, PartialEq)]
pub struct Lyapunov {
    /// Natural logarithms per step, in the order of the columns; −∞ for directions in which nothing
    /// is left.
    pub exponents: Vec<f64>,
    /// About what rounding has changed in each of them: a direction that shrinks by 1e-12 beside one
    /// that does not in the same step keeps four digits of its factor.
    pub rounding: Vec<f64>,
    /// The first step whose Jacobian is singular to rounding.
    pub singular: Option<Singular>,
    /// The exponents over the first t steps, for at most [`STATIONS`] t, the last of them T.
    pub course: Vec<Estimate>,
}

/// The exponents over the first steps of a window.
#[derive(Clone, Debug, PartialEq)]
pub struct Estimate {
    /// So many steps.
    pub steps: usize,
    /// λ_1 over them ([`largest`]).
    pub largest: f64,
    /// As [`Lyapunov::exponents`], over them.
    pub exponents: Vec<f64>,
}

impl Lyapunov {
    /// The exponents, the largest first.
    pub fn sorted(&self) -> Vec<f64> {
        sorted(&self.exponents)
    }

    /// λ_1, the largest exponent ([`largest`]).
    pub fn largest(&self) -> f64 {
        self.course.last().map_or(0.0, |last| last.largest)
    }

    /// How fast σ_1 grows over the second half of the window. What the first steps make of a
    /// disturbance beyond that, a constant, is not in it.
    pub fn settled(&self) -> f64 {
        let steps = self.course.last().map_or(0, |last| last.steps);
        let early = self
            .course
            .partition_point(|early| 2 * early.steps <= steps);
        match early.checked_sub(1).map(|k| &self.course[k]) {
            Some(half) if half.largest.is_finite() => {
                let (all, early) = (steps as f64, half.steps as f64);
                (self.largest() * all - half.largest * early) / (all - early)
            }
            _ => self.largest(),
        }
    }
}

impl Estimate {
    /// The exponents, the largest first.
    pub fn sorted(&self) -> Vec<f64> {
        sorted(&self.exponents)
    }
}

/// λ_1 = 1/T ln σ_1 of a product of T Jacobians; −∞ where nothing is left of any disturbance, and no
/// number where the iteration for σ_1 does not converge.
pub fn largest(product: &Product, steps: usize) -> f64 {
    product.largest_singular_value().map_or(f64::NAN, Wide::ln) / steps as f64
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
    let mut product = Product::identity(size);
    let mut frame = Array2::eye(size);
    // The columns that the frame still has.
    let mut alive: Vec<usize> = (0..size).collect();
    let mut sums = vec![0.0; size];
    let mut rounding = vec![0.0; size];
    let mut singular = None;
    let mut course = Vec::with_capacity(STATIONS.min(tape.steps));
    for t in 1..=tape.steps {
        cell.jacobian(tape, t, &mut step);
        product.extend(&step);
        let (mut moved, taken) = moved(&step, &frame);
        let (mut q, mut r) = matrix::qr(moved.view());
        let [low, high] = span(&r);
        if !alive.is_empty() && low <= NOTHING * high {
            let scale = moved.iter().fold(high, |top, x| top.max(x.abs()));
            let sizes = householder::diagonal(moved.view(), NOTHING * scale);
            singular = singular.or(Some(Singular {
                step: t,
                span: span(&sizes).map(|r| scale_by_power_of_two(r, taken)).into(),
            }));
            let kept: Vec<usize> = (0..sizes.len()).filter(|&n| sizes[n] > 0.0).collect();
            for (&n, _) in alive.iter().zip(&sizes).filter(|(_, size)| **size == 0.0) {
                sums[n] = f64::NEG_INFINITY;
            }
            if kept.len() < sizes.len() {
                alive = kept.iter().map(|&n| alive[n]).collect();
                moved = moved.select(Axis(1), &kept);
                (q, r) = matrix::qr(moved.view());
            }
        }
        frame = q;
        let [_, high] = span(&r);
        for (&n, r) in alive.iter().zip(&r) {
            sums[n] += r.abs().ln() + taken as f64 * std::f64::consts::LN_2;
            rounding[n] += (size as f64).sqrt() * f64::EPSILON * high / r.abs();
        }
        if station(t, tape.steps) {
            course.push(Estimate {
                steps: t,
                largest: largest(&product, t),
                exponents: sums.iter().map(|sum| sum / t as f64).collect(),
            });
        }
        if !go_on(t as f64 / tape.steps as f64) {
            return None;
        }
    }
    let exponents = course.last().map_or(sums, |last| last.exponents.clone());
    let steps = tape.steps.max(1) as f64;
    Some(Lyapunov {
        exponents,
        rounding: rounding.into_iter().map(|sum| sum / steps).collect(),
        singular,
        course,
    })
}

/// J · frame, near 1, and the binary exponent that was taken out of it.
fn moved(step: &StepJacobian, frame: &Array2<f64>) -> (Array2<f64>, i64) {
    let mut moved = Array2::zeros(frame.dim());
    if frame.is_empty() {
        return (moved, 0);
    }
    let flat = moved.as_slice_mut().unwrap_or_default();
    let largest = step.times(frame.as_slice().unwrap_or_default(), flat);
    let exponent = vector::near_one(flat, largest, ROOM);
    (moved, exponent)
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
    use crate::flow::jacobian;

    /// f = 1 and R = 0: what is in c stays and shows in h, what is in h is gone after one step.
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
        // A disturbance of c_0 is itself in c_T, and E_T times itself in h_T.
        let mut want: Vec<f64> = tape
            .gain(20)
            .unwrap()
            .iter()
            .map(|e| e.hypot(1.0).ln() / 20.0)
            .collect();
        want.sort_by(|a, b| b.total_cmp(a));
        let sorted = found.sorted();
        for (got, want) in sorted[..3].iter().zip(want) {
            assert!((got - want).abs() < 1e-14, "{sorted:?}");
        }
        assert!(sorted[3..].iter().all(|&x| x == f64::NEG_INFINITY));
    }

    /// One unit whose c keeps 0.9991 a step, and whose h brings a thousandth to c: the best placed
    /// disturbance is that of c, whatever the coordinates stand first.
    #[test]
    fn the_largest_exponent_is_that_of_the_best_placed_disturbance() {
        let (mut parameters, _) = init::draw(CellKind::Lstm, 1, 1, Init::Scalar, false, 4).unwrap();
        parameters.r.fill(0.0);
        parameters.r[[2, 0]] = 0.001;
        let cell = Lstm::new(parameters, ForgetGate::Pinned(0.9991));
        let mut tape = cell.tape(140);
        let inputs = Array2::zeros((140, 1));
        forward(&cell, inputs.view(), &mut tape, &mut |_| true).unwrap();
        let found = lyapunov(&cell, &tape, &mut |_| true).unwrap();
        let product = jacobian::product(&cell, &tape, 0, &mut |_| true).unwrap();
        let largest = product.singular_values().unwrap()[0].log10() * std::f64::consts::LN_10;
        assert!((found.largest() - largest / 140.0).abs() < 1e-14);
        // f + i o R_z a step, and what h_T shows of c_T.
        let rest = 0.99935f64.ln();
        assert!(found.largest() > rest && found.largest() < rest + 0.001);
        // The frame of the coordinates begins with h, which it takes long to turn from.
        assert!(found.sorted()[0] < rest - 0.001);
    }

    /// Q D U with a triangular U of ones: of a column that is 1e-12 beside those before it, four
    /// digits are left, and `rounding` says so.
    #[test]
    fn what_rounding_may_have_changed_is_known() {
        use crate::cell::{Activation, Rnn};
        let (mut parameters, _) =
            init::draw(CellKind::Rnn, 4, 1, Init::Orthogonal, false, 4).unwrap();
        let sizes = [1.0f64, 1e-4, 1e-8, 1e-12];
        let u = Array2::from_shape_fn((4, 4), |(i, j)| if i <= j { sizes[i] } else { 0.0 });
        parameters.r = parameters.r.dot(&u);
        let cell = Rnn::new(parameters, Activation::Linear);
        let mut tape = cell.tape(1);
        forward(&cell, Array2::zeros((1, 1)).view(), &mut tape, &mut |_| {
            true
        })
        .unwrap();
        let found = lyapunov(&cell, &tape, &mut |_| true).unwrap();
        assert!(found.singular.is_none());
        for (n, size) in sizes.iter().enumerate() {
            let error = (found.exponents[n] - size.ln()).abs();
            let known = found.rounding[n];
            assert!(
                error <= 4.0 * known && known < 1e-15 / size * 10.0,
                "{n}: {error} of {known}"
            );
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
