//! Everything measured on one window: the sweep, the paths, the parameter gradients, clipping.

use ndarray::ArrayView2;

use super::backward::{GoOn, Sweep};
use super::clip::{self, ClipMode, Clipping};
use super::gains;
use super::gradients::{self, Gradient};
use super::loss::Loss;
use super::{Flow, MatrixSize, PathFlow, paths};
use crate::cell::{Cell, PathSet, Tape};
use crate::num::aligned::Aligned;
use crate::num::vector;

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

/// Memory that one window leaves for the next.
#[derive(Debug, Default)]
pub struct Scratch {
    deltas: Aligned,
    gradients: gradients::Memory,
}

/// Measures the window on `tape`, which `inputs` (T × D) has driven. `None` when the caller ended
/// it.
pub fn analyse<C: Cell>(
    cell: &C,
    tape: &Tape,
    inputs: ArrayView2<f64>,
    request: &Request,
    matrices: Vec<MatrixSize>,
    scratch: &mut Scratch,
    go_on: GoOn,
) -> Option<Flow> {
    let (mode, threshold) = request.clip;
    let step_clip = (mode == ClipMode::Step).then_some(threshold);
    let Request { loss, cuts, .. } = *request;
    let sweep = Sweep {
        cuts,
        step_clip,
        // Every element is clipped by itself.
        watch: mode == ClipMode::Value || cell.mixes(),
        ..Sweep::new(cell, tape, loss)
    };
    let deltas = std::mem::take(&mut scratch.deltas);
    let mut swept = sweep.run_into(deltas, &mut *go_on)?;
    let memory = &mut scratch.gradients;
    let gradients = if mode == ClipMode::Value {
        gradients::each(cell, tape, inputs, &swept, memory)
    } else {
        gradients::gradients(cell, tape, inputs, &swept, memory)
    };
    let mut unclipped = None;
    if step_clip.is_some() {
        let raw = Sweep {
            step_clip: None,
            ..sweep
        }
        .run(&mut *go_on)?;
        unclipped = Some(gradients::gradients(
            cell,
            tape,
            inputs,
            &raw,
            &mut scratch.gradients,
        ));
    }
    let cut = |flow: &PathFlow| cuts.contains(flow.path);
    let uncut = if swept.paths.iter().any(cut) {
        let whole = Sweep {
            cuts: PathSet::EMPTY,
            detail: false,
            ..sweep
        };
        Some(whole.run(&mut *go_on)?.totals)
    } else {
        None
    };
    let carried = match loss {
        Loss::Last(_) => None,
        _ => Some(gains::carried(sweep, &mut *go_on)?),
    };
    scratch.deltas = std::mem::take(&mut swept.deltas);
    let clipped = std::mem::take(&mut swept.clipped);
    let clipping = clipping(mode, threshold, &gradients, unclipped.as_deref(), clipped);
    scratch.gradients.keep(gradients);
    if request.alone {
        paths::each_alone(cell, tape, &mut swept);
    }
    let mut cut_sets = Vec::new();
    if request.without {
        cut_sets = paths::without(sweep, &mut swept.paths, go_on)?;
    }
    Some(Flow {
        cell: cell.kind(),
        variant: cell.variant(),
        hidden: tape.hidden,
        steps: tape.steps,
        totals: swept.totals,
        uncut,
        grad_h0: swept.grad_h0,
        grad_c0: swept.grad_c0,
        paths: swept.paths,
        residual: swept.residual,
        cut_sets,
        loss: request.loss.value(tape),
        clipping,
        matrices,
        gates: swept.gates,
        carousel_gain: carousel_gain(cell, tape),
        carried,
        law: None,
    })
}

/// The carousel's largest own gain at every step; empty without peepholes.
fn carousel_gain<C: Cell>(cell: &C, tape: &Tape) -> Vec<f64> {
    let mut gain = vec![0.0; tape.hidden];
    let mut steps = Vec::new();
    for t in 1..=tape.steps {
        if !cell.carousel_gain(tape, t, &mut gain) {
            break;
        }
        steps.push(vector::largest(&gain));
    }
    steps
}

/// The gradients of all parameter tensors, unclipped, of the window on `tape`, which `inputs`
/// (T × D) has driven; no element is lost beside a larger one. `None` when the caller ended it.
pub fn parameter_gradients<C: Cell>(
    cell: &C,
    tape: &Tape,
    inputs: ArrayView2<f64>,
    loss: Loss,
    go_on: GoOn,
) -> Option<Vec<Gradient>> {
    let sweep = Sweep {
        watch: true,
        ..Sweep::new(cell, tape, loss)
    };
    let swept = sweep.run(go_on)?;
    Some(gradients::each(
        cell,
        tape,
        inputs,
        &swept,
        &mut gradients::Memory::default(),
    ))
}

fn clipping(
    mode: ClipMode,
    threshold: f64,
    gradients: &[Gradient],
    unclipped: Option<&[Gradient]>,
    clipped: Vec<bool>,
) -> Clipping {
    let norm = gradients::norm(gradients);
    let kept = (!norm.is_zero()).then_some(0.0);
    let (before, after, angle_deg) = match (mode, unclipped) {
        (ClipMode::Off, _) => (norm, norm, kept),
        (ClipMode::Norm, _) => (norm, clip::clipped_norm(norm, threshold), kept),
        (ClipMode::Value, _) => {
            let clipped = clip::clip_values(gradients, threshold);
            (
                norm,
                gradients::norm(&clipped),
                clip::angle_deg(gradients, &clipped),
            )
        }
        (ClipMode::Step, raw) => {
            let raw = raw.unwrap_or(gradients);
            (gradients::norm(raw), norm, clip::angle_deg(raw, gradients))
        }
    };
    Clipping {
        before,
        after,
        angle_deg,
        clipped,
    }
}
