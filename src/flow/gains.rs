//! What makes a step grow: the gain of every path, and r, the factor per step of a window.
//!
//! With δ_t = Σ_p term_p, where the loss injects nothing, the factor of a step splits exactly:
//!
//! ```text
//! s_t = |δ_t| / |δ_{t+1}| = Σ_p g_{p,t},     g_{p,t} = ⟨term_p, δ_t⟩ / (|δ_t| |δ_{t+1}|)
//! ```
//!
//! The factor of a window is the slope of ln |δ_t| between the mean of its first and the mean of its last
//! m = ⌈T/25⌉ steps, which is a weighted mean of the steps:
//!
//! ```text
//! ln r = Σ_t w_t ln s_t,     w_t = min(t, m, T − t) / (m (T − m)),     t = 1 … T − 1
//! ```
//!
//! Neither the first step out of h into c nor one step at the far end decides it alone, and what happens
//! anywhere else in the window counts in full; where every step has the same factor, r is that factor.
//! The mean gain of a path is
//!
//! ```text
//! g_p = r Σ_t w_t g_{p,t} / Σ_t w_t s_t
//! ```
//!
//! so that the mean gains add up to r, as those of a step add up to its factor.
//!
//! Injected loss is not growth: under the losses `sum` and `mse` all this is measured on what the loss
//! injects at T ([`Carried`]), and what it injects before is left out.

use super::backward::{GoOn, Sweep};
use super::loss::Loss;
use super::{Flow, Path, PathFlow};
use crate::cell::{Cell, Tape};
use crate::num::{Wide, wides};

/// What is carried back of the gradient that the loss injects at T, with what each path
/// contributes to it.
#[derive(Clone, Debug, Default)]
pub struct Carried {
    /// |δc_t| of an LSTM, |δh_t| of others, `[t - 1]`.
    pub curve: Vec<Wide>,
    /// The paths through time with their contributions ⟨term, δ_t⟩ / |δ_t|².
    pub paths: Vec<(Path, Vec<f64>)>,
}

impl Carried {
    /// From a curve and its paths, of which those that inject are left out.
    pub fn new(curve: &[Wide], paths: &[PathFlow]) -> Self {
        let through_time = paths.iter().filter(|flow| !injects(flow.path));
        let contribution = |flow: &PathFlow| (flow.path, flow.contribution.clone());
        Self {
            curve: curve.to_vec(),
            paths: through_time.map(contribution).collect(),
        }
    }

    /// s_t, 1 ≤ t < T; `None` where there is no gradient at t + 1.
    pub fn factor_at(&self, t: usize) -> Option<Wide> {
        let pair = self.curve.get(t.checked_sub(1)?..=t)?;
        pair[0].ratio(pair[1]).filter(|_| !pair[1].is_zero())
    }

    /// g_{p,t} of every path at 1 ≤ t < T; empty where there is no gradient at t + 1.
    pub fn gains_at(&self, t: usize) -> Vec<(Path, Wide)> {
        let Some(factor) = self.factor_at(t) else {
            return Vec::new();
        };
        let gain = |(path, parts): &(Path, Vec<f64>)| {
            let part = parts.get(t - 1).copied().unwrap_or(0.0);
            (*path, factor.times(Wide::from_f64(part)))
        };
        self.paths.iter().map(gain).collect()
    }
}

impl Flow {
    /// What is carried back of the gradient that the loss injects at T.
    pub fn carried(&self) -> Carried {
        let whole = || Carried::new(self.main(), &self.paths);
        self.carried.clone().unwrap_or_else(whole)
    }

    /// Its curve: that of the total where the loss injects at T alone.
    pub fn carried_curve(&self) -> &[Wide] {
        self.carried
            .as_ref()
            .map_or_else(|| self.main(), |carried| &carried.curve)
    }
}

/// Whether a path injects, rather than carry from step to step.
pub const fn injects(path: Path) -> bool {
    matches!(path, Path::Loss | Path::Above)
}

/// w_t for a curve of so many steps.
fn weight(t: usize, steps: usize) -> f64 {
    let end = steps.div_ceil(25);
    t.min(end).min(steps - t) as f64 / (end * (steps - end)) as f64
}

/// The factor per step of a curve from step t on, by the slope of ln |δ| between its ends. 0 where
/// nothing is left at t; `None` at t = T and where there is no gradient at T.
pub fn factor(curve: &[Wide], t: usize) -> Option<Wide> {
    let curve = curve.get(t.checked_sub(1)?..)?;
    let (first, last) = (*curve.first()?, *curve.last()?);
    let steps = curve.len();
    if steps < 2 || last.is_zero() {
        return None;
    }
    if first.is_zero() {
        return Some(Wide::ZERO);
    }
    let mut slope = 0.0;
    for (t, pair) in (1..).zip(curve.windows(2)) {
        match pair[0].ratio(pair[1]).filter(|s| !s.is_zero()) {
            Some(s) if !pair[1].is_zero() => slope += weight(t, steps) * s.ln(),
            // The slope of a curve that is 0 on its way is known from its very ends alone.
            _ => return first.ratio(last).map(|ratio| ratio.root(steps - 1)),
        }
    }
    Some(Wide::exp(slope))
}

/// r and the mean gains of a window.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Mean {
    /// r; `None` when no gradient enters the window at T.
    pub factor: Option<Wide>,
    /// The mean gain of every path; they add up to r.
    pub gains: Vec<(Path, Wide)>,
}

impl Mean {
    /// Of what is carried back.
    pub fn of(carried: &Carried) -> Self {
        let factor = factor(&carried.curve, 1);
        let paths = carried.paths.iter();
        let mut gains: Vec<_> = paths.map(|(path, _)| (*path, Wide::ZERO)).collect();
        let steps = carried.curve.len();
        for t in 1..steps {
            let weight = Wide::from_f64(weight(t, steps));
            for ((_, sum), (_, gain)) in gains.iter_mut().zip(carried.gains_at(t)) {
                *sum = sum.plus(gain.times(weight));
            }
        }
        let all = gains
            .iter()
            .fold(Wide::ZERO, |sum, (_, gain)| sum.plus(*gain));
        let scale = factor.unwrap_or(Wide::ZERO).over(all);
        for (_, gain) in &mut gains {
            *gain = gain.times(scale);
        }
        Self { factor, gains }
    }
}

/// What the loss injects at T, as numbers of one size: how large they are is no matter of how they are
/// carried. Empty where it injects nothing.
pub(super) fn injected_last(loss: Loss, tape: &Tape) -> Vec<f64> {
    match loss {
        Loss::Last(v) | Loss::Sum(v) => v.to_vec(),
        Loss::Mse(_) | Loss::Given(_) => {
            let injected = match &tape.wide {
                Some(tape) => loss.inject_wide(tape, tape.steps),
                None => loss.inject_wide(tape, tape.steps),
            };
            let injected = injected.unwrap_or_default();
            let plain: Option<Vec<f64>> = injected.iter().map(|x| x.to_f64()).collect();
            plain.unwrap_or_else(|| wides::scaled(&injected).mantissas().to_vec())
        }
    }
}

/// What is carried back of what the loss injects at T, when it injects before T, too. `None` when the
/// caller ended it.
pub(super) fn carried<C: Cell>(whole: Sweep<C>, go_on: GoOn) -> Option<Carried> {
    let v = injected_last(whole.loss, whole.tape);
    if v.is_empty() {
        return Some(Carried {
            curve: vec![Wide::ZERO; whole.tape.steps],
            paths: Vec::new(),
        });
    }
    let sweep = Sweep {
        loss: Loss::Last(&v),
        ..whole
    };
    let swept = sweep.run(go_on)?;
    Some(Carried::new(swept.totals.main(), &swept.paths))
}
