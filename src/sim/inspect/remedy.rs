//! Remedies tried out: r of a layer when its parameters are others.

use ndarray::Array2;

use super::Model;
use crate::cell::Parameters;
use crate::flow::Stack;
use crate::flow::backward::GoOn;
use crate::flow::stack::Stopped;

/// So many sequences are run for a trial.
const SEQUENCES: usize = 3;
/// So many trials look for the value at which r is 1.
const TRIALS: usize = 20;
/// rᵀ within e^±this of 1 is near enough; over a long window r that is 1 in four digits, and neither grows nor dies
/// out.
const NEAR: f64 = 0.01;
const DIGITS: f64 = 5e-5;
const STABLE: f64 = 0.25;

/// The caller ended it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Cancelled;

/// Runs a model with other parameters.
pub(super) struct Trials<'a> {
    pub model: &'a Model,
    pub sequences: &'a [Array2<f64>],
    /// The δh_T that each layer starts from.
    pub starts: &'a [Vec<f64>],
    pub go_on: GoOn<'a>,
}

/// A value tried, and what it makes of ln r.
#[derive(Clone, Copy, Debug)]
pub(super) struct Tried {
    pub value: f64,
    pub log_r: f64,
}

impl Trials<'_> {
    /// ln r of the layer at this place when its parameters are changed: the mean over the first
    /// sequences. `None` within where it has no r.
    pub fn log_r(
        &mut self,
        at: (usize, usize),
        change: &dyn Fn(&mut Parameters),
    ) -> Result<Option<f64>, Cancelled> {
        let mut parameters = self.model.parameters.clone();
        change(&mut parameters.layers[at.0][at.1].cell);
        let stack = Stack::new(parameters, self.model.semantics);
        let (mut sum, mut count) = (0.0, 0.0);
        for sequence in self.sequences.iter().take(SEQUENCES) {
            let tapes = stack.tapes(sequence.nrows());
            let run = match stack.forward(sequence.view(), tapes, &mut *self.go_on) {
                Ok(run) => run,
                Err(Stopped::Cancelled) => return Err(Cancelled),
                Err(Stopped::NotFinite { .. }) => return Ok(None),
            };
            let r = stack.factor(&run, at, &self.starts[at.0], &mut *self.go_on);
            let Some(r) = r.ok_or(Cancelled)? else {
                return Ok(None);
            };
            sum += r.ln();
            count += 1.0;
        }
        Ok((count > 0.0).then(|| sum / count))
    }

    /// The value at which r is 1, between one where r is above 1 and one where it is below, in either order;
    /// where r jumps past 1, the value beside the jump with r nearer to 1. `None` within where r is on the
    /// same side of 1 at both.
    pub fn edge(
        &mut self,
        at: (usize, usize),
        [from, to]: [f64; 2],
        change: &dyn Fn(&mut Parameters, f64),
    ) -> Result<Option<Tried>, Cancelled> {
        let steps = self.sequences.first().map_or(1, Array2::nrows) as f64;
        let mut try_out = |value: f64| {
            let log_r = self.log_r(at, &|parameters| change(parameters, value))?;
            Ok(log_r.map(|log_r| Tried { value, log_r }))
        };
        let (Some(mut a), Some(mut b)) = (try_out(from)?, try_out(to)?) else {
            return Ok(None);
        };
        if (a.log_r > 0.0) == (b.log_r > 0.0) {
            return Ok(None);
        }
        // What the secant sees of each end: one that stays twice is halved in it (Illinois).
        let mut seen = [a.log_r, b.log_r];
        for _ in 0..TRIALS {
            let near = if a.log_r.abs() < b.log_r.abs() { a } else { b };
            let off = near.log_r.abs();
            if off * steps < NEAR || (off < DIGITS && off * steps < STABLE) {
                return Ok(Some(near));
            }
            let part = seen[0] / (seen[0] - seen[1]);
            // Where nothing is left the logarithm is without end.
            let part = if (0.02..=0.98).contains(&part) {
                part
            } else {
                0.5
            };
            let Some(tried) = try_out(a.value + part * (b.value - a.value))? else {
                return Ok(None);
            };
            if (tried.log_r > 0.0) == (a.log_r > 0.0) {
                a = tried;
                seen = [tried.log_r, seen[1] / 2.0];
            } else {
                b = tried;
                seen = [seen[0] / 2.0, tried.log_r];
            }
        }
        // Where r jumps past 1, as where a unit of relu dies, the nearest that there is.
        Ok(Some(if a.log_r.abs() < b.log_r.abs() { a } else { b }))
    }
}
