//! The diagnosis in sentences, the most important first.

use super::{Diagnosis, LayerDiagnosis, Reach, VANISHED, quantile};
use crate::cell::Activation;
use crate::num::Wide;
use crate::words::decimal;
use crate::words::list::capital;
use crate::words::symbol;

/// A part of all activations above which a gate is called saturated.
const MUCH: f64 = 0.5;

/// A number with three digits.
pub(super) fn short(number: Wide) -> String {
    decimal::text(number, 3)
}

/// "below 1 % of its start 7 of 200 steps back".
pub(super) fn gone(found: &Diagnosis, horizon: usize) -> String {
    let part = VANISHED * 100.0;
    let symbol = symbol(found.cell);
    let steps = found.steps;
    format!("|{symbol}| is below {part} % of its start {horizon} of {steps} steps back")
}

impl Diagnosis {
    /// What was found, in sentences.
    #[must_use]
    pub fn findings(&self) -> Vec<String> {
        let mut sentences = Vec::new();
        sentences.extend(self.freshness());
        for layer in &self.layers {
            sentences.push(self.reach(layer));
        }
        for layer in &self.layers {
            sentences.extend(self.stuck(layer));
        }
        sentences
    }

    /// What was found of one layer, in sentences.
    #[must_use]
    pub fn findings_of(&self, layer: &LayerDiagnosis) -> Vec<String> {
        let mut sentences = vec![self.reach(layer)];
        sentences.extend(self.stuck(layer));
        sentences
    }

    /// That it is as `PyTorch` initialises it, when so.
    #[must_use]
    pub fn freshness(&self) -> Option<String> {
        let range = self.fresh?.range;
        let first = format!(
            "Freshly initialised: every number lies within ±1/√H = ±{range:.3} and is spread as PyTorch draws it."
        );
        let memory = self.layers.first().and_then(|layer| layer.memory.as_ref());
        let Some(memory) = memory else {
            return Some(first);
        };
        let kept = short(Wide::from_f64(memory.after_20));
        let spec = self.cell.spec();
        let (gate, path) = spec.keeper()?;
        Some(format!(
            "{first} {} is {:.2}, so the {} alone keeps {kept} of {} after 20 steps.",
            gate.letter,
            memory.gate,
            path.name(),
            spec.gradient()
        ))
    }

    /// How far back the gradient of a layer reaches, or where it explodes.
    fn reach(&self, layer: &LayerDiagnosis) -> String {
        let symbol = symbol(self.cell);
        let name = capital(&layer.name());
        let by = layer.dominant().map_or(String::new(), |(path, part)| {
            format!(", mostly by {} ({:.0} %)", path.name(), part * 100.0)
        });
        let reach = layer.reach();
        let words = reach.words();
        match reach {
            Reach::Nothing => format!("{name}: no gradient arrives at its last step."),
            Reach::Exploding => {
                let peak = layer.peak.as_ref();
                let (size, back) = peak.map_or((Wide::ONE, 0), |peak| (peak.growth, peak.back));
                let (size, steps) = (short(size), self.steps);
                format!(
                    "{name}: {words}: |{symbol}| is {size} times its start {back} of {steps} steps back{by}."
                )
            }
            Reach::Vanishing => {
                let gone = gone(self, layer.horizon.unwrap_or(self.steps));
                format!("{name}: {words}: {gone}{by}.")
            }
            Reach::Whole { kept, .. } => {
                let (kept, steps) = (short(kept), self.steps - 1);
                format!(
                    "{name}: {words}: |{symbol}_1| is {kept} of its start {steps} steps back{by}."
                )
            }
        }
    }

    /// Gates that no longer move.
    fn stuck(&self, layer: &LayerDiagnosis) -> Vec<String> {
        let (name, n) = (layer.name(), self.hidden);
        let relu = self.cell.spec().has_activation && self.activation != Activation::Tanh;
        let mut sentences = Vec::new();
        for gate in &layer.gates {
            let what = match (gate.name, gate.gate) {
                ("input", true) => {
                    "their input gate is always below 0.1, nothing is written to them"
                }
                ("output", true) => {
                    "their output gate is always below 0.1, nothing is read from them"
                }
                (_, false) if relu => "their relu is always 0",
                _ => "",
            };
            if gate.stuck_shut > 0 && !what.is_empty() {
                sentences.push(format!(
                    "Dead units in {name}: {} of {n}: {what}.",
                    gate.stuck_shut
                ));
            }
            // A gate that keeps is open where the unit remembers.
            let keeps = matches!(gate.name, "forget" | "update");
            let ends = gate.shut + if keeps { 0.0 } else { gate.open };
            if ends > MUCH && (gate.gate || !relu) {
                let (low, high) = if gate.gate {
                    ("below 0.1", "above 0.9")
                } else {
                    ("below -0.9", "above 0.9")
                };
                let kind = if gate.gate { "gate" } else { "activation" };
                sentences.push(format!(
                    "Saturated in {name}: the {} {kind} is {low} for {:.0} % of the time and {high} for {:.0} %; there its slope is small.",
                    gate.name,
                    gate.shut * 100.0,
                    gate.open * 100.0
                ));
            }
        }
        sentences
    }

    /// The spread of ‖g‖ over the sequences: median, 5 and 95 %.
    #[must_use]
    pub fn norm_spread(&self) -> [Wide; 3] {
        [0.5, 0.05, 0.95].map(|q| quantile(&self.grad_norms, q))
    }
}
