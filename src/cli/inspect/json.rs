//! The JSON of `rnntop inspect`: a stable contract.
//!
//! One object, `{"models": […]}`, with one entry, or two with `--against`; beside it `version` and `seed`, and
//! `arguments` and `files` as of `rnntop trace`. An entry:
//!
//! | field | |
//! |---|---|
//! | `model` | the file, and the module where it has a name |
//! | `cell`, `activation` | `"rnn"`, `"lstm"` or `"gru"`; φ of an rnn, of z, of n |
//! | `state_activation`, `gate`, `reset` | φ of c of an lstm; what makes a gate; `"after"` or `"before"` of a gru; else null |
//! | `taken` | what the cell was taken for, in words |
//! | `depth`, `hidden`, `inputs`, `projection`, `bidirectional`, `parameters` | its size; `projection` is null or P |
//! | `input`, `sequences`, `steps` | what drove it: `"noise"` for noise N(0,1), else in words, or the file |
//! | `on_data` | whether that is the user's data; where it is not, nothing is a verdict on the model: `verdict` and `exploding` are null, `cause` and `advice` are empty |
//! | `loss`, `loss_vector` | what L = v·(…) sees: `"last"`, `"out"`, `"mean"`, `"max"` or `"masked"`; v, the forward direction's part first |
//! | `alone_vector` | that of the first layer |
//! | `fresh` | whether it is as PyTorch initialises it |
//! | `findings` | the diagnosis in sentences |
//! | `layers` | one object for each layer and direction, see below |
//! | `grad_norms`, `log10_grad_norms` | the norm of all parameter gradients for each sequence, ascending; a norm is null where it leaves float64 |
//! | `bptt` | with `--bptt` as of `rnntop trace`, the medians over the first five sequences; else null |
//! | `padding` | what it costs: `sequences` that have some and, of the one with the median cost, the `real` steps, those `left` and `right` of them, and by how many `decades` the gradient of the real inputs is smaller than without (null where none arrives); null where there is none |
//! | `leading_padding` | padding before the real steps, which is left out of everything: how many `sequences` have some, and the most `steps`; null where there is none |
//! | `advice` | objects with `kind`, `layer` and `reverse` (the layer that it is for; null of clipping), `remedy`, `cause`, `r_after` (r of that layer, when it is followed; null of clipping a tail), `verdict_after`, `source` |
//!
//! A layer has `layer` (from 0), `reverse`, `hidden`; `grad_h0`, `grad_c0` (null without c), and `formats`, the gradient in smaller
//! formats, as of `rnntop trace`; `alone_vector`, a δh_T of H numbers; `alone`, what it carries by itself from `alone_vector` at
//! its own last step (|δc| of an LSTM, |δh| of others); of that curve `horizon` (steps back until it stays below 1 % of its
//! start, null when it does not within the window; `whole_horizon` counts them for the whole gradient), `factor_per_step`, `gains`,
//! `without`, `verdict` and `cause` as of `rnntop trace`, of the sequence with the median r; `exploding`, whether that is the verdict;
//! `peak_back` and `peak_growth` with its twin `log10_peak_growth` (where it is largest relative to its start);
//! `lyapunov_max` (the largest finite-time exponent, ln per step, a mean over the sequences; null where it
//! is −∞); `dominant_path` and `paths`,
//! what each contributes, adding up to 1; `spectral_radius` and `norm` for each recurrent matrix;
//! `memory`, null for an rnn, with `half_lives` of all units (null, longer than any number, where the
//! gate is 1 throughout), their `histogram` by doublings (up to 1, 2, 4, … 512 steps, and above), `gate` (of the unit with the
//! median half-life, the lower of two), `after_20` (its `gate`²⁰) and the mean `bias`; `gates`, a list of
//! `name`, `mean`, `shut`, `open`, `always_shut`, `always_open`; and `grad_h`, `grad_c` (LSTM): for
//! each the lists `log10_median`, `log10_low` (5 %) and `log10_high` (95 %), by steps as the
//! direction reads, null for an exact 0. Fields may be added; none will change its name or meaning.
//!
//! With `--list` it is `{"modules": […]}`, an object with `name` (as `--module` takes it), `cell` (null where
//! the shapes are of none), `hidden`, `inputs` (null where the first layer lacks the matrix), `dtype`, `layers`, `bidirectional` and `projection` for each.

use std::fmt::Write as _;

use serde_json::{Map, Value, json};

use crate::cell::CellKind;
use crate::cli::json::Object;
use crate::cli::provenance::{Origin, VERSION};
use crate::cli::trace::json::extras::{bptt, formats};
use crate::cli::trace::json::judgement;
use crate::cli::trace::number::{Plain, twin};
use crate::flow::cause::Gain;
use crate::flow::{Law, Verdict};
use crate::io::weights::ModuleSummary;
use crate::num::Wide;
use crate::sim::inspect::{Band, Diagnosis, GateHealth, Input, LayerDiagnosis, Memory, Padding};
use crate::sim::preset::limits;
use crate::words::sanitise::is_hidden;

/// The whole object, with a line end after it.
pub fn render(all: &[Diagnosis], seed: u64, origin: &Origin) -> serde_json::Result<Vec<u8>> {
    let models: Vec<Value> = all.iter().map(model).collect();
    let object = Object::default()
        .with("models", models)
        .with("version", VERSION)
        .with("seed", seed)
        .and(origin.object());
    let mut bytes = serde_json::to_vec(&object)?;
    bytes.push(b'\n');
    Ok(bytes)
}

/// The recurrent modules of a file, with a line end after them.
pub fn list(modules: &[ModuleSummary]) -> serde_json::Result<Vec<u8>> {
    let module = |module: &ModuleSummary| {
        json!({
            "name": module.name,
            "cell": module.cell.map(CellKind::name),
            "hidden": module.hidden,
            "inputs": module.inputs,
            "dtype": module.dtype,
            "layers": module.layers,
            "bidirectional": module.bidirectional,
            "projection": module.projection,
        })
    };
    let modules: Vec<Value> = modules.iter().map(module).collect();
    let text = serde_json::to_string(&json!({ "modules": modules }))?;
    Ok((escaped(&text) + "\n").into_bytes())
}

/// JSON in which what cannot be shown is written as \u…: a name stays as the file has it, and does
/// nothing to a terminal.
fn escaped(json: &str) -> String {
    let mut text = String::with_capacity(json.len());
    for c in json.chars() {
        if is_hidden(c) {
            for unit in c.encode_utf16(&mut [0; 2]) {
                let _ = write!(text, "\\u{unit:04x}");
            }
        } else {
            text.push(c);
        }
    }
    text
}

fn model(found: &Diagnosis) -> Value {
    let advice = |advice: &crate::sim::inspect::Advice| {
        json!({
            "kind": advice.kind,
            "layer": advice.layer.map(|id| id.layer),
            "reverse": advice.layer.map(|id| id.reverse),
            "remedy": advice.remedy,
            "cause": advice.cause,
            "r_after": advice.r_after.filter(|r| r.is_finite()),
            "verdict_after": advice.verdict_after().map(Verdict::word),
            "source": advice.source,
        })
    };
    let semantics = found.semantics;
    let gated = found.cell != CellKind::Rnn;
    let reset = limits::word(limits::RESETS, &semantics.reset);
    json!({
        "model": found.title,
        "cell": found.cell.name(),
        "taken": found.taken,
        "activation": semantics.activation.name(),
        "state_activation": found.cell.has_c().then(|| semantics.state.name()),
        "gate": gated.then(|| semantics.gate.name()),
        "reset": (found.cell == CellKind::Gru).then_some(reset),
        "depth": found.depth,
        "hidden": found.hidden,
        "inputs": found.inputs,
        "projection": found.projection,
        "bidirectional": found.bidirectional,
        "parameters": found.parameters,
        "input": found.source,
        "on_data": found.input == Input::Own,
        "sequences": found.sequences,
        "steps": found.steps,
        "loss": found.entering.word(),
        "loss_vector": found.loss_vector,
        "alone_vector": found.layers.first().map(|layer| &layer.start),
        "fresh": found.fresh.is_some(),
        "findings": found.findings(),
        "layers": found.layers.iter().map(|l| layer(l, found.input == Input::Own)).collect::<Vec<_>>(),
        "grad_norms": found.grad_norms.iter().map(|norm| norm.to_f64()).collect::<Vec<_>>(),
        "log10_grad_norms": logs(&found.grad_norms),
        "bptt": found.truncated.as_ref().map(|truncated| json!(bptt(truncated))),
        "padding": found.padding.as_ref().map(padding),
        "leading_padding": found.leading.map(|(sequences, steps)| json!({
            "sequences": sequences,
            "steps": steps,
        })),
        "advice": found.advice.iter().map(advice).collect::<Vec<_>>(),
    })
}

pub(in crate::cli) fn padding(padding: &Padding) -> Value {
    json!({
        "sequences": padding.sequences,
        "left": padding.left,
        "real": padding.real,
        "right": padding.right,
        "decades": padding.decades,
    })
}

fn layer(layer: &LayerDiagnosis, judged: bool) -> Value {
    let named = |pairs: Vec<(&str, f64)>| -> Map<String, Value> {
        pairs
            .into_iter()
            .map(|(name, value)| (name.to_owned(), json!(value)))
            .collect()
    };
    let paths = layer.paths.iter().map(|(path, part)| (path.name(), *part));
    let matrices = || layer.matrices.iter();
    let peak = layer.peak.as_ref();
    let finite = |x: f64| x.is_finite().then_some(x);
    let (verdict, cause) = judgement(&layer.law, judged);
    json!({
        "layer": layer.layer,
        "reverse": layer.reverse,
        "hidden": layer.hidden,
        "alone_vector": layer.start,
        "grad_h0": Plain(layer.grad_h0),
        "log10_grad_h0": twin(layer.grad_h0),
        "grad_c0": layer.grad_c0.map(Plain),
        "log10_grad_c0": layer.grad_c0.and_then(twin),
        "formats": formats(Object::default(), &layer.written),
        "horizon": layer.horizon,
        "whole_horizon": layer.whole_horizon,
        "factor_per_step": layer.law.factor.and_then(Wide::to_f64),
        "gains": gains(&layer.law, |gain| Some(gain.gain)),
        "without": gains(&layer.law, |gain| gain.without),
        "verdict": verdict.map(Verdict::word),
        "cause": cause,
        "exploding": judged.then(|| layer.explodes()),
        "peak_back": peak.map(|peak| peak.back),
        "peak_growth": peak.and_then(|peak| peak.growth.to_f64()),
        "log10_peak_growth": peak.map(|peak| peak.growth.log10()),
        "lyapunov_max": layer.exponent.and_then(finite),
        "dominant_path": layer.dominant().map(|(path, _)| path.name()),
        "paths": named(paths.collect()),
        "spectral_radius": named(matrices().map(|m| (m.name, m.spectral_radius)).collect()),
        "norm": named(matrices().map(|m| (m.name, m.norm)).collect()),
        "memory": layer.memory.as_ref().map(|m| memory(m, layer.keep_bias)),
        "gates": layer.gates.iter().map(gate).collect::<Vec<_>>(),
        "alone": band(&layer.alone),
        "grad_h": band(&layer.grad_h),
        "grad_c": layer.grad_c.as_ref().map(band),
    })
}

/// A number for each path; null beyond float64.
fn gains(law: &Law, of: impl Fn(&Gain) -> Option<Wide>) -> Map<String, Value> {
    let named = |gain: &Gain| {
        let number = of(gain).and_then(Wide::to_f64);
        (gain.path.name().to_owned(), json!(number))
    };
    law.gains.iter().map(named).collect()
}

fn memory(memory: &Memory, bias: Option<f64>) -> Value {
    json!({
        "half_lives": memory.half_lives,
        "histogram": memory.histogram(),
        "gate": memory.gate,
        "after_20": memory.after_20,
        "bias": bias,
    })
}

fn gate(gate: &GateHealth) -> Value {
    json!({
        "name": gate.name,
        "mean": gate.mean,
        "shut": gate.shut,
        "open": gate.open,
        "always_shut": gate.stuck_shut,
        "always_open": gate.stuck_open,
    })
}

fn band(band: &Band) -> Value {
    json!({
        "log10_median": logs(&band.median),
        "log10_low": logs(&band.low),
        "log10_high": logs(&band.high),
    })
}

/// Logarithms; null for an exact 0.
fn logs(values: &[Wide]) -> Vec<Option<f64>> {
    values.iter().copied().map(twin).collect()
}
