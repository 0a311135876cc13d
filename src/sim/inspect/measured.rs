//! What the sequences leave of each layer in each direction, and the diagnosis that is made of it.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;

use super::curves::{self, Band, quantile};
use super::gates::GateCounter;
use super::sequence::{Entered, Padding};
use super::{
    Diagnosis, Drive, JUDGED, LOOK, LayerDiagnosis, Model, VANISHED, fresh, joined, law, matrices,
};
use crate::cell::init::{self, Size};
use crate::cell::{Init, Path, StackParameters};
use crate::flow::backward::GoOn;
use crate::flow::gains::Mean;
use crate::flow::lens::{FORMATS, Truncated};
use crate::flow::stack::{LayerFlow, StackFlow, StackTape, Stopped, Way};
use crate::flow::{Carried, Law, Stack};
use crate::num::Wide;
use crate::num::thread::spawn_in;

/// What a layer carries by itself.
struct PartAlone {
    carried: Carried,
    /// Its largest Lyapunov exponent.
    exponent: f64,
    /// Why it grows or dies out, when that is asked.
    law: Option<Law>,
}

/// What every layer in each direction carries by itself from its start, and its largest Lyapunov
/// exponent: exact without gradients `states` to follow. Once `ended`, the rest is left out.
fn each_alone(
    stack: &Stack,
    run: &StackTape,
    starts: &[Vec<f64>],
    states: Option<&[Vec<f64>]>,
    judged: bool,
    ended: &AtomicBool,
) -> Vec<PartAlone> {
    let layers = run.tapes.iter().enumerate();
    let parts = layers.flat_map(|(layer, tapes)| (0..tapes.len()).map(move |d| (layer, d)));
    let go_on = &mut |_| !ended.load(Ordering::Relaxed);
    parts
        .map_while(|at| {
            let start = &starts[at.0];
            let alone = stack.alone(run, at, start, &mut *go_on)?;
            let law = if judged {
                Some(stack.law(run, at, start, &alone.carried, &mut *go_on)?)
            } else {
                None
            };
            let exponent = match states {
                None => stack.largest_exponent(run, at, &mut *go_on)?,
                Some(states) => stack
                    .rate(run, at, &states[at.0], &mut *go_on)?
                    .max(alone.rate),
            };
            Some(PartAlone {
                carried: alone.carried,
                exponent,
                law,
            })
        })
        .collect()
}

/// Both sweeps at once: what every layer carries by itself, and the whole gradient. `None` when the
/// caller ended them.
fn swept(
    entered: &Entered,
    run: &StackTape,
    index: usize,
    (starts, states): (&[Vec<f64>], Option<&[Vec<f64>]>),
    go_on: GoOn,
) -> Option<(Vec<PartAlone>, StackFlow)> {
    let judged = index < JUDGED;
    let ended = AtomicBool::new(false);
    thread::scope(|scope| {
        let (outbox, done) = mpsc::channel::<()>();
        let (stack, ended) = (entered.stack, &ended);
        let alone = spawn_in(scope, move || {
            // It is dropped when the sweep is done.
            let _outbox = outbox;
            each_alone(stack, run, starts, states, judged, ended)
        });
        let way = Way {
            keep: entered.drive.bptt.is_some() && judged,
            ..Way::default()
        };
        let all = 0..entered.drive.sequences[index].nrows();
        let flow = entered.back(run, (index, &all), way, &mut *go_on);
        let mut wanted = flow.is_some();
        while wanted && done.recv_timeout(LOOK) == Err(RecvTimeoutError::Timeout) {
            wanted = go_on(1.0);
        }
        ended.store(!wanted, Ordering::Relaxed);
        let alone = joined(alone.join());
        flow.filter(|_| wanted).map(|flow| (alone, flow))
    })
}

/// A random gradient of norm 1 of the whole state of each layer.
fn whole_states(parameters: &StackParameters, seed: u64) -> Vec<Vec<f64>> {
    let parts = if parameters.kind.has_c() { 2 } else { 1 };
    // A seed of its own, so that the part for h is not the gradient of h that L injects.
    let seed = seed.wrapping_add(1);
    let state = |hidden| init::unit_vector(hidden * parts, Init::Orthogonal, seed).to_vec();
    parameters.sizes().into_iter().map(state).collect()
}

/// What the sequences left, for each layer in each direction.
#[derive(Default)]
pub(super) struct Measured {
    parts: Vec<MeasuredPart>,
    grad_norms: Vec<Wide>,
    /// The largest number of the gradient of all parameters, for each sequence.
    largest: Vec<Wide>,
    truncated: Vec<Truncated>,
    padding: Option<Padding>,
}

#[derive(Default)]
struct MeasuredPart {
    layer: usize,
    reverse: bool,
    grad_h: Vec<Vec<Wide>>,
    grad_c: Vec<Vec<Wide>>,
    largest: Vec<Vec<Wide>>,
    grad_h0: Vec<Wide>,
    grad_c0: Vec<Wide>,
    /// Σ over the sequences of each path's contribution at every step.
    contributions: Vec<(Path, Vec<f64>)>,
    alone: Vec<Vec<Wide>>,
    means: Vec<Mean>,
    laws: Vec<Law>,
    exponents: Vec<f64>,
    gates: GateCounter,
}

impl Measured {
    pub fn of(
        model: &Model,
        drive: &Drive,
        (v, starts): (&[f64], &[Vec<f64>]),
        seed: u64,
        go_on: GoOn,
    ) -> Result<Self, Stopped> {
        let states = whole_states(&model.parameters, seed);
        let stack = model.stack();
        let entered = Entered {
            stack: &stack,
            drive,
            v,
            initial: [None; 2],
        };
        let mut all = Self::default();
        let count = drive.sequences.len() as f64;
        for (index, sequence) in drive.sequences.iter().enumerate() {
            let mut half =
                |half: f64, part: f64| go_on((index as f64 + f64::midpoint(half, part)) / count);
            let run = entered.forward(sequence.view(), &mut |done| half(0.0, done))?;
            let exact = stack.exact_exponents(&run, drive.sequences.len());
            let followed = (!exact).then_some(&states[..]);
            let with = (starts, followed);
            let mut second = |done| half(1.0, done);
            let (alone, flow) =
                swept(&entered, &run, index, with, &mut second).ok_or(Stopped::Cancelled)?;
            let truncated = entered.truncated(&run, index, &flow, &mut second);
            all.truncated.extend(truncated.ok_or(Stopped::Cancelled)?);
            all.grad_norms.push(flow.grad_norm);
            all.largest.push(flow.largest);
            let flows = flow.layers.into_iter().flatten();
            if all.parts.is_empty() {
                let first = |flow| MeasuredPart::first(flow, model, drive.steps());
                all.parts = flows.map(first).collect();
            } else {
                for (part, flow) in all.parts.iter_mut().zip(flows) {
                    part.add(flow);
                }
            }
            for (part, alone) in all.parts.iter_mut().zip(alone) {
                part.gates
                    .add(&run.tapes[part.layer][usize::from(part.reverse)]);
                part.means.push(Mean::of(&alone.carried));
                part.alone.push(alone.carried.curve);
                part.exponents.push(alone.exponent);
                part.laws.extend(alone.law);
            }
        }
        for part in &mut all.parts {
            let verdict = law::verdict(&part.means, drive.steps());
            let judged = part.laws.iter().any(|law| law.verdict() == verdict);
            // A cause is that of a sequence with the layer's verdict: if none of those that were judged has it,
            // the one whose r is the layer's has.
            let Some(index) = law::median(&part.means).filter(|_| !judged) else {
                continue;
            };
            let mut on = |_| go_on(1.0);
            let run = entered.forward(drive.sequences[index].view(), &mut on)?;
            let at = (part.layer, usize::from(part.reverse));
            let start = &starts[part.layer];
            let alone = stack.alone(&run, at, start, &mut on);
            let alone = alone.ok_or(Stopped::Cancelled)?.carried;
            let law = stack.law(&run, at, start, &alone, &mut on);
            part.laws.push(law.ok_or(Stopped::Cancelled)?);
        }
        all.padding = entered.padding(&mut |_| go_on(1.0))?;
        curves::sort(&mut all.grad_norms);
        curves::sort(&mut all.largest);
        Ok(all)
    }

    pub fn diagnosis(
        self,
        model: &Model,
        drive: &Drive,
        loss_vector: Vec<f64>,
        starts: &[Vec<f64>],
        matrices: Vec<Vec<Size>>,
    ) -> Diagnosis {
        let parameters = &model.parameters;
        let parts = self.parts.into_iter().zip(matrices);
        let directions = parameters.layers.iter().flatten();
        let of_parameters = [&self.largest, &self.grad_norms].map(|all| quantile(all, 0.5));
        let layers: Vec<_> = parts
            .zip(directions)
            .map(|((part, sizes), direction)| {
                let start = starts[part.layer].clone();
                part.diagnosis(&sizes, &direction.cell, start, of_parameters)
            })
            .collect();
        Diagnosis {
            title: model.title.clone(),
            cell: parameters.kind,
            semantics: model.semantics,
            taken: model.taken.clone(),
            depth: parameters.layers.len(),
            hidden: parameters.hidden(),
            units: parameters.units(),
            inputs: parameters.inputs(),
            projection: parameters.layers[0][0]
                .projection
                .as_ref()
                .map(|projection| projection.matrix.nrows()),
            bidirectional: parameters.bidirectional(),
            parameters: parameters.count(),
            source: drive.source.clone(),
            input: drive.input,
            sequences: drive.sequences.len(),
            steps: drive.steps(),
            entering: drive.entering.clone(),
            loss_vector,
            fresh: fresh::find(parameters),
            initial: fresh::is_initial(parameters),
            layers,
            grad_norms: self.grad_norms,
            truncated: Truncated::median(&self.truncated),
            padding: self.padding,
            leading: {
                let with = drive.leading.iter().filter(|&&steps| steps > 0);
                let count = with.clone().count();
                with.max().map(|&most| (count, most))
            },
            advice: Vec::new(),
        }
    }
}

impl MeasuredPart {
    /// From the first sequence, of up to so many steps.
    fn first(flow: LayerFlow, model: &Model, steps: usize) -> Self {
        let zeros = |path: &crate::flow::PathFlow| (path.path, vec![0.0; steps]);
        let mut part = Self {
            layer: flow.layer,
            reverse: flow.reverse,
            contributions: flow.paths.iter().map(zeros).collect(),
            gates: GateCounter::new(model.parameters.kind, model.semantics.activation),
            ..Self::default()
        };
        part.add(flow);
        part
    }

    fn add(&mut self, flow: LayerFlow) {
        for ((_, sums), path) in self.contributions.iter_mut().zip(&flow.paths) {
            // Shorter sequences have the last steps.
            let back = sums.iter_mut().rev().zip(path.contribution.iter().rev());
            back.for_each(|(sum, x)| *sum += x);
        }
        self.largest.push(flow.largest);
        self.grad_h0.push(flow.grad_h0);
        self.grad_c0.extend(flow.grad_c0);
        self.grad_h.push(flow.totals.grad_h);
        if !flow.totals.grad_c.is_empty() {
            self.grad_c.push(flow.totals.grad_c);
        }
    }

    fn diagnosis(
        mut self,
        sizes: &[Size],
        cell: &crate::cell::Parameters,
        start: Vec<f64>,
        [largest, norm]: [Wide; 2],
    ) -> LayerDiagnosis {
        let curve = Band::of(&self.largest).median;
        let written = FORMATS.map(|format| format.written(&curve, largest, norm));
        curves::sort(&mut self.grad_h0);
        curves::sort(&mut self.grad_c0);
        let grad_h = Band::of(&self.grad_h);
        let grad_c = (!self.grad_c.is_empty()).then(|| Band::of(&self.grad_c));
        let whole = grad_c.as_ref().unwrap_or(&grad_h);
        let alone = Band::of(&self.alone);
        let horizon = curves::horizon(&alone.median, VANISHED);
        let steps = alone.median.len();
        // Beyond the horizon there is nothing left to be shared.
        let first = steps - horizon.unwrap_or(steps).clamp(1, steps - 1) - 1;
        let counted = first..steps - 1;
        // The parts of one step add up to 1, where there is a gradient at all.
        let sum = |sums: &[f64]| sums[counted.clone()].iter().sum::<f64>();
        let count: f64 = self.contributions.iter().map(|(_, sums)| sum(sums)).sum();
        let count = if count > 0.5 { count } else { 1.0 };
        let mean = |(path, sums): &(Path, Vec<f64>)| (*path, sum(sums) / count);
        let exponents = &self.exponents;
        let memory = self.gates.memory();
        let matrices = matrices::named(cell.kind, sizes);
        let law = law::of(&self.means, &self.laws, steps, &matrices);
        LayerDiagnosis {
            layer: self.layer,
            reverse: self.reverse,
            hidden: cell.hidden(),
            start,
            grad_h0: quantile(&self.grad_h0, 0.5),
            grad_c0: (!self.grad_c0.is_empty()).then(|| quantile(&self.grad_c0, 0.5)),
            written: written.to_vec(),
            paths: self.contributions.iter().map(mean).collect(),
            horizon,
            whole_horizon: curves::horizon(&whole.median, VANISHED),
            peak: curves::peak(&alone.median),
            law,
            alone,
            exponent: (!exponents.is_empty())
                .then(|| exponents.iter().sum::<f64>() / exponents.len() as f64),
            matrices,
            orthogonal: matrices::orthogonal(cell, sizes),
            keep_bias: memory.as_ref().map(|_| keep_bias(cell)),
            memory,
            gates: self.gates.health(),
            grad_h,
            grad_c,
        }
    }
}

/// The mean over the units of both biases of the gate that keeps: f, or z of a GRU. Either is
/// block 1 of PyTorch's order.
fn keep_bias(cell: &crate::cell::Parameters) -> f64 {
    let n = cell.hidden();
    let biases = cell.biases.iter().flatten();
    biases
        .map(|bias| bias.iter().skip(n).take(n).sum::<f64>() / n as f64)
        .sum()
}
