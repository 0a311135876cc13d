//! The losses, and what each injects directly at h_t.

use ndarray::Array2;

use crate::cell::Tape;
use crate::num::simd::{self, Kernel};
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
}

impl Loss<'_> {
    /// Writes Δ_t, the gradient that the loss injects directly at h_t, as mantissas; the binary
    /// exponent, or `None` when Δ_t is zero.
    #[inline(always)]
    pub(super) fn inject(&self, tape: &Tape, t: usize, out: &mut [f64]) -> Option<i64> {
        match *self {
            Self::Last(_) if t < tape.steps => return None,
            Self::Last(v) | Self::Sum(v) => out.copy_from_slice(v),
            Self::Mse(targets) => return difference(tape, t, targets, out),
        }
        Some(0)
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
    let exponent = tape.exponents[t];
    out.copy_from_slice(tape.h(t));
    if let Some(targets) = targets {
        let down = scale_by_power_of_two(1.0, -exponent);
        for (x, &y) in out.iter_mut().zip(targets.row(t - 1)) {
            *x -= y * down;
        }
    }
    (vector::largest(out) > 0.0).then_some(exponent)
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
            Loss::Mse(targets) => {
                let mut error = vec![0.0; tape.hidden];
                for t in 1..=tape.steps {
                    if let Some(exponent) = difference(tape, t, targets, &mut error) {
                        let norm = vector::wide_norm::<FMA>(&error, exponent);
                        sum = sum.plus(norm.times(norm).shifted(-1));
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
    Wide::new(vector::dot::<FMA>(v, tape.h(t)), tape.exponents[t])
}
