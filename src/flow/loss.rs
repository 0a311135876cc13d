//! The losses, and what each injects directly at h_t.

use ndarray::{Array2, ArrayView1, ArrayView2};

use crate::cell::Tape;
use crate::num::scaled::Scaled;
use crate::num::simd::{self, Kernel};
use crate::num::wides::{self, dot, widen};
use crate::num::{Number, Wide, vector, wide::scale_by_power_of_two};

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
    fn write<N: Number>(&self, t: usize, out: &mut [N]) -> Option<i64> {
        let scaled = self.scaled[t - 1].as_ref()?;
        if N::EXACT {
            for (out, &x) in out.iter_mut().zip(self.rows.row(t - 1)) {
                *out = N::of(x);
            }
            return Some(0);
        }
        put(out, scaled.mantissas());
        Some(scaled.exponent())
    }
}

/// x ← y.
#[inline(always)]
fn put<N: Number>(x: &mut [N], y: &[f64]) {
    for (x, &y) in x.iter_mut().zip(y) {
        *x = N::from(y);
    }
}

impl Loss<'_> {
    /// Writes Δ_t, the gradient that the loss injects directly at h_t, as mantissas; the binary
    /// exponent, or `None` when Δ_t is zero.
    #[inline(always)]
    pub(super) fn inject<N: Number>(&self, tape: &Tape<N>, t: usize, out: &mut [N]) -> Option<i64> {
        let exponent = match *self {
            Self::Last(_) if t < tape.steps => return None,
            Self::Last(v) | Self::Sum(v) => {
                put(out, v);
                0
            }
            Self::Mse(targets) => difference(tape, t, targets, out)?,
            Self::Given(given) => return given.write(t, out),
        };
        let top = N::largest(out).plain();
        // Near the ends of float64 the reciprocal of a norm, or one step back, would be beyond them.
        if !N::EXACT && top > 0.0 && !(1e-60..1e60).contains(&top) {
            let size = vector::exponent_of(top);
            N::shift(out, -size);
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
    pub(super) fn inject_wide<N: Number>(&self, tape: &Tape<N>, t: usize) -> Option<Vec<Wide>> {
        let mut mantissas = vec![N::default(); tape.hidden];
        let exponent = self.inject(tape, t, &mut mantissas)?;
        Some(widen(&mantissas, exponent))
    }

    /// L.
    pub fn value(&self, tape: &Tape) -> Wide {
        let loss = *self;
        match &tape.wide {
            Some(tape) => Value { loss, tape }.run::<false>(),
            None => simd::run(Value { loss, tape }),
        }
    }
}

/// h_t − y_t with the exponent of h_t; `None` when it is zero.
#[inline(always)]
fn difference<N: Number>(
    tape: &Tape<N>,
    t: usize,
    targets: Option<&Array2<f64>>,
    out: &mut [N],
) -> Option<i64> {
    let mut exponent = tape.exponents[t];
    out.copy_from_slice(tape.h(t));
    let target = targets.map(|targets| targets.row(t - 1));
    // A state that dies out is small beside any target but 0.
    let small = exponent < 0;
    if let Some(y) = target.filter(|y| !small || y.iter().any(|&y| y != 0.0)) {
        if small {
            N::shift(out, exponent);
            exponent = 0;
        }
        let down = scale_by_power_of_two(1.0, -exponent);
        for (x, &y) in out.iter_mut().zip(y) {
            *x += N::from(-(y * down));
        }
    }
    (N::largest(out) > N::default()).then_some(exponent)
}

struct Value<'a, N: Number> {
    loss: Loss<'a>,
    tape: &'a Tape<N>,
}

impl<N: Number> Kernel for Value<'_, N> {
    type Output = Wide;

    #[inline(always)]
    fn run<const FMA: bool>(self) -> Wide {
        let tape = self.tape;
        let mut sum = Wide::ZERO;
        match self.loss {
            Loss::Last(v) | Loss::Sum(v) => {
                let v: Vec<N> = v.iter().map(|&x| N::from(x)).collect();
                let first = match self.loss {
                    Loss::Last(_) => tape.steps,
                    _ => 1,
                };
                for t in first..=tape.steps {
                    sum += N::dot::<FMA>(&v, tape.h(t)).widened(tape.exponents[t]);
                }
            }
            Loss::Mse(targets) => {
                let mut error = vec![N::default(); tape.hidden];
                for t in 1..=tape.steps {
                    if let Some(exponent) = difference(tape, t, targets, &mut error) {
                        let norm = N::norm::<FMA>(&error).widened(exponent);
                        sum += norm.times(norm).shifted(-1);
                    }
                }
            }
            Loss::Given(given) => {
                for (t, row) in (1..).zip(given.rows.rows()) {
                    sum += dot(&row.to_vec(), &widen(tape.h(t), tape.exponents[t]));
                }
            }
        }
        sum
    }
}
