//! The losses, and what each injects directly at h_t.

use ndarray::{Array2, ArrayView1, ArrayView2};

use crate::cell::Tape;
use crate::num::scaled::Scaled;
use crate::num::simd::{self, Kernel};
use crate::num::wides::{self, add, dot, norm, widen};
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

/// Gradients Δ_t to be injected at h_t.
#[derive(Clone, Debug, PartialEq)]
pub struct Injected {
    /// T × H.
    rows: Array2<Wide>,
    /// Δ_t as mantissas with a binary exponent for each step; `None` where it is zero.
    scaled: Vec<Option<Scaled>>,
}

impl Injected {
    /// Rows T × H.
    pub fn new(rows: Array2<Wide>) -> Self {
        let scaled = |row: ArrayView1<Wide>| {
            let row = wides::scaled(&row.to_vec());
            (!row.is_zero()).then_some(row)
        };
        let scaled = rows.rows().into_iter().map(scaled).collect();
        Self { rows, scaled }
    }

    /// T × H.
    pub fn rows(&self) -> ArrayView2<'_, Wide> {
        self.rows.view()
    }

    /// Writes the mantissas of Δ_t; its exponent, or `None` when it is zero.
    #[inline(always)]
    fn write(&self, t: usize, out: &mut [f64]) -> Option<i64> {
        let row = self.scaled[t - 1].as_ref()?;
        out.copy_from_slice(row.mantissas());
        Some(row.exponent())
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

    /// Whether numbers of one Δ_t lie so far apart that its mantissas do not hold them all.
    pub(super) fn is_apart(&self) -> bool {
        let Self::Given(given) = self else {
            return false;
        };
        let rows = given.rows.rows().into_iter().zip(&given.scaled);
        let mut rows = rows.filter_map(|(row, scaled)| Some((row, scaled.as_ref()?)));
        rows.any(|(row, scaled)| {
            let mut pairs = row.into_iter().zip(scaled.mantissas());
            pairs.any(|(x, mantissa)| !x.is_zero() && *mantissa == 0.0)
        })
    }

    /// Δ_t, with an exponent for every number; `None` when it is zero.
    pub(super) fn inject_wide(&self, tape: &Tape, t: usize) -> Option<Vec<Wide>> {
        match self {
            Self::Mse(targets) => return Some(error(tape, t, *targets)),
            Self::Given(given) => {
                let row = given.scaled[t - 1].as_ref();
                return row.map(|_| given.rows.row(t - 1).to_vec());
            }
            Self::Last(_) | Self::Sum(_) => (),
        }
        let mut mantissas = vec![0.0; tape.hidden];
        let exponent = self.inject(tape, t, &mut mantissas)?;
        Some(widen(&mantissas, exponent))
    }

    /// L.
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

/// h_t less its target, with an exponent for every number.
fn error(tape: &Tape, t: usize, targets: Option<&Array2<f64>>) -> Vec<Wide> {
    let mut error = tape.wide_h(t);
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
            Loss::Mse(targets) if tape.wide.is_some() => {
                for t in 1..=tape.steps {
                    let norm = norm(&error(tape, t, targets));
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
                for (t, row) in (1..).zip(given.rows.rows()) {
                    sum = sum.plus(dot(&row.to_vec(), &tape.wide_h(t)));
                }
            }
        }
        sum
    }
}

/// v·h_t.
#[inline(always)]
fn along<const FMA: bool>(v: &[f64], tape: &Tape, t: usize) -> Wide {
    if tape.wide.is_some() {
        return dot(&widen(v, 0), &tape.wide_h(t));
    }
    Wide::new(vector::dot::<FMA>(v, tape.h(t)), tape.exponents[t])
}
