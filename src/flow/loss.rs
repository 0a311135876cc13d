//! The losses, and what each injects directly at h_t.

use ndarray::{Array2, ArrayView2};

use crate::cell::{Tape, WideTape};
use crate::num::simd::{self, Kernel};
use crate::num::wides::{add, dot, norm, widen};
use crate::num::{Wide, vector, wide::scale_by_power_of_two};

/// A loss over a window.
#[derive(Clone, Copy, Debug)]
pub enum Loss<'a> {
    /// L = v·h_T.
    Last(&'a [f64]),
    /// L = Σ_t v·h_t.
    Sum(&'a [f64]),
    /// L = ½ Σ_t |h_t − y_t|²; targets T × H, zero when there are none.
    Mse(Option<&'a Array2<f64>>),
    /// L = Σ_t Δ_t·h_t, whose gradients at the h_t are the given Δ_t: what comes down from the
    /// layer above in a stack.
    Given(&'a Injected),
}

/// Gradients Δ_t to be injected at h_t, as mantissas with a binary exponent for each step.
#[derive(Clone, Debug, PartialEq)]
pub struct Injected {
    rows: Array2<f64>,
    /// `None` where Δ_t is zero.
    exponents: Vec<Option<i64>>,
}

impl Injected {
    /// Rows T × H with a binary exponent each. Every row is brought to a size near 1, so that a row
    /// of very small mantissas does not lose them beside a larger one.
    #[must_use]
    pub fn new(mut rows: Array2<f64>, exponents: &[i64]) -> Self {
        let bring = |(mut row, &exponent): (ndarray::ArrayViewMut1<f64>, &i64)| {
            let top = row.iter().fold(0.0f64, |top, x| top.max(x.abs()));
            let size = vector::exponent_of(top);
            row.mapv_inplace(|x| scale_by_power_of_two(x, -size));
            (top > 0.0).then_some(exponent + size)
        };
        let exponents = rows
            .rows_mut()
            .into_iter()
            .zip(exponents)
            .map(bring)
            .collect();
        Self { rows, exponents }
    }

    /// The mantissas, T × H.
    #[must_use]
    pub fn rows(&self) -> ArrayView2<'_, f64> {
        self.rows.view()
    }

    /// The binary exponents, one for each step; 0 where Δ_t is zero.
    #[must_use]
    pub fn exponents(&self) -> Vec<i64> {
        self.exponents.iter().map(|e| e.unwrap_or(0)).collect()
    }

    /// Writes Δ_t; its exponent, or `None` when it is zero.
    #[inline(always)]
    fn write(&self, t: usize, out: &mut [f64]) -> Option<i64> {
        let exponent = self.exponents[t - 1]?;
        let row = self.rows.row(t - 1);
        out.iter_mut().zip(row).for_each(|(x, &y)| *x = y);
        Some(exponent)
    }
}

impl Loss<'_> {
    /// Writes Δ_t, the gradient that the loss injects directly at h_t, as mantissas; the binary
    /// exponent, or `None` when Δ_t is zero.
    #[inline(always)]
    pub(super) fn inject(&self, tape: &Tape, t: usize, out: &mut [f64]) -> Option<i64> {
        let exponent = match *self {
            Self::Last(_) if t < tape.steps => return None,
            Self::Last(v) | Self::Sum(v) => {
                out.copy_from_slice(v);
                0
            }
            Self::Mse(targets) => difference(tape, t, targets, out)?,
            Self::Given(given) => return given.write(t, out),
        };
        let top = vector::largest(out);
        // Near the ends of float64 the reciprocal of a norm, or one step back, would be beyond them.
        if top > 0.0 && !(1e-60..1e60).contains(&top) {
            let size = vector::exponent_of(top);
            vector::shift(out, -size);
            return Some(exponent + size);
        }
        Some(exponent)
    }

    /// Δ_t, with an exponent for every number; `None` when it is zero.
    pub(super) fn inject_wide(&self, tape: &Tape, wide: &WideTape, t: usize) -> Option<Vec<Wide>> {
        if let Self::Mse(targets) = self {
            return Some(error(wide, t, *targets));
        }
        let mut mantissas = vec![0.0; tape.hidden];
        let exponent = self.inject(tape, t, &mut mantissas)?;
        Some(widen(&mantissas, exponent))
    }

    /// L.
    #[must_use]
    pub fn value(&self, tape: &Tape) -> Wide {
        simd::run(Value { loss: *self, tape })
    }
}

/// h_t − y_t with the exponent of h_t; `None` when it is zero.
fn difference(
    tape: &Tape,
    t: usize,
    targets: Option<&Array2<f64>>,
    out: &mut [f64],
) -> Option<i64> {
    let mut exponent = tape.exponents[t];
    out.copy_from_slice(tape.h(t));
    let target = targets.map(|targets| targets.row(t - 1));
    // A state that dies out is small beside any target but 0.
    let small = exponent < 0;
    if let Some(y) = target.filter(|y| !small || y.iter().any(|&y| y != 0.0)) {
        if small {
            vector::shift(out, exponent);
            exponent = 0;
        }
        let down = scale_by_power_of_two(1.0, -exponent);
        for (x, &y) in out.iter_mut().zip(y) {
            *x -= y * down;
        }
    }
    (vector::largest(out) > 0.0).then_some(exponent)
}

/// The same with an exponent for every number.
fn error(wide: &WideTape, t: usize, targets: Option<&Array2<f64>>) -> Vec<Wide> {
    let mut error = wide.h(t).to_vec();
    if let Some(targets) = targets {
        let negated = targets.row(t - 1).mapv(|y| Wide::from_f64(-y));
        add(&mut error, negated.as_slice().unwrap_or_default());
    }
    error
}

struct Value<'a> {
    loss: Loss<'a>,
    tape: &'a Tape,
}

impl Kernel for Value<'_> {
    type Output = Wide;

    #[inline(always)]
    fn run<const FMA: bool>(self) -> Wide {
        let tape = self.tape;
        let mut sum = Wide::ZERO;
        match self.loss {
            Loss::Last(v) => sum = along::<FMA>(v, tape, tape.steps),
            Loss::Sum(v) => {
                for t in 1..=tape.steps {
                    sum = sum.plus(along::<FMA>(v, tape, t));
                }
            }
            Loss::Mse(targets) if let Some(wide) = &tape.wide => {
                for t in 1..=tape.steps {
                    let norm = norm(&error(wide, t, targets));
                    sum = sum.plus(norm.times(norm).shifted(-1));
                }
            }
            Loss::Mse(targets) => {
                let mut error = vec![0.0; tape.hidden];
                for t in 1..=tape.steps {
                    if let Some(exponent) = difference(tape, t, targets, &mut error) {
                        let norm = vector::wide_norm::<FMA>(&error, exponent);
                        sum = sum.plus(norm.times(norm).shifted(-1));
                    }
                }
            }
            Loss::Given(given) => {
                let mut v = vec![0.0; tape.hidden];
                for t in 1..=tape.steps {
                    if let Some(exponent) = given.write(t, &mut v) {
                        sum = sum.plus(along::<FMA>(&v, tape, t).shifted(exponent));
                    }
                }
            }
        }
        sum
    }
}

/// v·h_t.
#[inline(always)]
fn along<const FMA: bool>(v: &[f64], tape: &Tape, t: usize) -> Wide {
    if let Some(wide) = &tape.wide {
        return dot(&widen(v, 0), wide.h(t));
    }
    Wide::new(vector::dot::<FMA>(v, tape.h(t)), tape.exponents[t])
}
