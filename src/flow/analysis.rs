//! Everything measured on one window: the sweep, the paths, the parameter gradients, clipping.

use ndarray::ArrayView2;

use super::backward::{GoOn, Sweep};
use super::clip::{self, ClipMode, Clipping};
use super::gradients::{self, Gradient};
use super::loss::Loss;
use super::{Flow, GateTrack, MatrixSize, paths};
use crate::cell::{Cell, PathSet, Tape};
use crate::num::wide::scale_by_power_of_two;

/// What to measure.
#[derive(Clone, Copy, Debug)]
pub struct Request<'a> {
    /// The loss.
    pub loss: Loss<'a>,
    /// Paths cut in the backward pass.
    pub cuts: PathSet,
    /// Each path alone.
    pub alone: bool,
    /// The totals without each path, and without sets of paths.
    pub without: bool,
    /// The clipping mode and its threshold θ.
    pub clip: (ClipMode, f64),
}

/// Measures the window on `tape`, which `inputs` (T × D) has driven. `None` when the caller ended
/// it.
pub fn analyse<C: Cell>(
    cell: &C,
    tape: &Tape,
    inputs: ArrayView2<f64>,
    request: &Request,
    matrices: Vec<MatrixSize>,
    go_on: GoOn,
) -> Option<Flow> {
    let (mode, threshold) = request.clip;
    let step_clip = (mode == ClipMode::Step).then_some(threshold);
    let Request { loss, cuts, .. } = *request;
    let sweep = Sweep { cell, tape, loss, cuts, step_clip, detail: true };
    let mut swept = sweep.run(&mut *go_on)?;
    let gradients = gradients::gradients(cell, tape, inputs, &swept);
    let unclipped = match step_clip {
        None => None,
        Some(_) => {
            let raw = Sweep { step_clip: None, ..sweep }.run(&mut *go_on)?;
            Some(gradients::gradients(cell, tape, inputs, &raw))
        }
    };
    let bitten = std::mem::take(&mut swept.bitten);
    let clipping = clipping(mode, threshold, &gradients, unclipped.as_deref(), bitten);
    if request.alone {
        paths::each_alone(cell, tape, &mut swept);
    }
    let mut cut_sets = Vec::new();
    if request.without {
        cut_sets = paths::without(sweep, &mut swept.paths, go_on)?;
    }
    Some(Flow {
        cell: cell.kind(),
        hidden: tape.hidden,
        steps: tape.steps,
        totals: swept.totals,
        grad_h0: swept.grad_h0,
        grad_c0: swept.grad_c0,
        paths: swept.paths,
        residual: swept.residual,
        cut_sets,
        loss: request.loss.value(tape),
        clipping,
        matrices,
        gates: cell.gate_names().iter().enumerate().map(|(g, name)| track(tape, g, name)).collect(),
    })
}

fn clipping(
    mode: ClipMode,
    threshold: f64,
    gradients: &[Gradient],
    unclipped: Option<&[Gradient]>,
    bitten: Vec<bool>,
) -> Clipping {
    let norm = gradients::norm(gradients);
    let (before, after, angle_deg) = match (mode, unclipped) {
        (ClipMode::Off, _) => (norm, norm, 0.0),
        (ClipMode::Norm, _) => (norm, clip::clipped_norm(norm, threshold), 0.0),
        (ClipMode::Value, _) => {
            let clipped = clip::clip_values(gradients, threshold);
            (norm, gradients::norm(&clipped), clip::angle_deg(gradients, &clipped))
        }
        (ClipMode::Step, raw) => {
            let raw = raw.unwrap_or(gradients);
            (gradients::norm(raw), norm, clip::angle_deg(raw, gradients))
        }
    };
    Clipping { before, after, angle_deg, bitten }
}

/// Mean, smallest and largest activation of gate `g` at every step.
fn track(tape: &Tape, g: usize, name: &'static str) -> GateTrack {
    let mut track = GateTrack { name, mean: Vec::new(), low: Vec::new(), high: Vec::new() };
    for t in 1..=tape.steps {
        let row = tape.activation(t, g);
        let exponent = tape.exponents[t];
        let plain = |x: f64| if exponent == 0 { x } else { scale_by_power_of_two(x, exponent) };
        track.mean.push(plain(row.iter().sum::<f64>() / row.len() as f64));
        track.low.push(plain(row.iter().copied().fold(f64::INFINITY, f64::min)));
        track.high.push(plain(row.iter().copied().fold(f64::NEG_INFINITY, f64::max)));
    }
    track
}
