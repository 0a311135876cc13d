//! The diagnosis in sentences, the most important first.

use super::{Diagnosis, Input, LayerDiagnosis, Padding, VANISHED, quantile};
use crate::cell::Activation;
use crate::flow::Verdict;
use crate::flow::lens::Written;
use crate::num::Wide;
use crate::words::cause;
use crate::words::decimal;
use crate::words::list::capital;
use crate::words::symbol;

/// A part of all activations above which a gate is called saturated.
const MUCH: f64 = 0.5;

/// Fewer decades are not worth a word.
const FELT: f64 = 0.05;

/// A number with three digits.
pub(super) fn short(number: Wide) -> String {
    decimal::text(number, 3)
}

impl Input {
    /// That this is not the user's data, where so.
    pub fn caution(self, source: &str) -> Option<String> {
        match self {
            Self::Own => None,
            Self::Noise => Some("on noise N(0,1), not on your data".to_owned()),
            Self::Rows | Self::Drawn => Some(format!("on {source}, not on your data")),
        }
    }
}

impl LayerDiagnosis {
    /// The verdict on what the layer carries by itself, with its mark: the one source of every verdict on it.
    pub fn reach(&self) -> String {
        let verdict = self.law.verdict();
        verdict.map_or_else(|| "no gradient".to_owned(), |verdict| verdict.to_string())
    }

    /// Where the gradient ends in smaller number formats, and what arrives at the initial state.
    pub fn of_formats(&self) -> String {
        let end = |written: &Written| {
            let (back, what) = written.end()?;
            let what = if what == "inf" { "infinite" } else { what };
            Some(format!(
                "{what} in {} from {back} steps back on",
                written.format.name
            ))
        };
        let ends: Vec<String> = self.written.iter().filter_map(end).collect();
        let ends = if ends.is_empty() {
            "holds in float16, bfloat16 and float32".to_owned()
        } else {
            format!("is {}", ends.join(", "))
        };
        let h = short(self.grad_h0);
        let c = self
            .grad_c0
            .map_or(String::new(), |c| format!(", |dL/dc_0| {}", short(c)));
        format!("The gradient {ends}. |dL/dh_0| {h}{c}.")
    }
}

/// "below 1 % of its start 7 of 200 steps back".
pub(super) fn gone(found: &Diagnosis, horizon: usize) -> String {
    let part = VANISHED * 100.0;
    let symbol = symbol(found.cell);
    let steps = found.steps;
    format!("|{symbol}| is below {part} % of its start {horizon} of {steps} steps back")
}

impl Padding {
    /// Of so many sequences.
    pub fn says(&self, of: usize) -> String {
        let part = |steps: usize, what: &str| (steps > 0).then(|| format!("{steps} {what}"));
        let parts = [
            part(self.left, "steps of padding"),
            part(self.real, "real steps"),
            part(self.right, "of padding"),
        ];
        let parts: Vec<String> = parts.into_iter().flatten().collect();
        let cost = if self.decades.is_infinite() {
            "none of the gradient arrives at the real steps".to_owned()
        } else if self.decades <= -FELT {
            format!(
                "the gradient that arrives at the real steps is {:.1} decades larger than without",
                -self.decades
            )
        } else if self.decades < FELT {
            "it costs the gradient of the real steps nothing".to_owned()
        } else {
            format!(
                "the gradient that arrives at the real steps is {:.1} decades smaller than without",
                self.decades
            )
        };
        let (some, parts) = (self.sequences, parts.join(", then "));
        let some = match of {
            1 => String::new(),
            of => format!(" in {some} of {of} sequences"),
        };
        format!("Padding{some}: {parts}: {cost}.")
    }
}

impl Diagnosis {
    /// That it was not measured on the user's data, where so: `on noise N(0,1), not on your data`.
    pub fn caution(&self) -> Option<String> {
        self.input.caution(&self.source)
    }

    /// What was found, in sentences.
    pub fn findings(&self) -> Vec<String> {
        let mut sentences = Vec::new();
        sentences.extend(self.freshness());
        sentences.extend(self.of_sequence());
        for layer in &self.layers {
            sentences.push(self.reach(layer));
        }
        for layer in &self.layers {
            sentences.extend(self.stuck(layer));
        }
        sentences
    }

    /// What padding and cutting the way back cost.
    pub fn of_sequence(&self) -> Vec<String> {
        let leading = self.leading.map(|(count, most)| {
            let (some, most) = match self.sequences {
                1 => (String::new(), most.to_string()),
                of => (format!(" in {count} of {of} sequences"), format!("up to {most}")),
            };
            format!(
                "Padding{some} before the real steps, {most} steps, is left out: all of this is of the real steps."
            )
        });
        let padding = self
            .padding
            .as_ref()
            .map(|padding| padding.says(self.sequences));
        let truncated = self.truncated.as_ref();
        let truncated = truncated.map(|truncated| format!("{}.", capital(&truncated.says())));
        leading
            .into_iter()
            .chain(padding)
            .chain(truncated)
            .collect()
    }

    /// What was found of one layer, in sentences.
    pub fn findings_of(&self, layer: &LayerDiagnosis) -> Vec<String> {
        let mut sentences = vec![self.reach(layer)];
        sentences.extend(self.stuck(layer));
        sentences
    }

    /// That it is as `PyTorch` initialises it, when so.
    pub fn freshness(&self) -> Option<String> {
        let range = self.fresh?.range;
        let limit = if self.layers.iter().all(|layer| layer.hidden == self.hidden) {
            format!("±1/√H = ±{range:.3}")
        } else {
            "±1/√H of its layer".to_owned()
        };
        let first = format!(
            "Freshly initialised: every number lies within {limit} and is spread as PyTorch draws it."
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

    /// What becomes of the gradient of a layer, and by which path.
    fn reach(&self, layer: &LayerDiagnosis) -> String {
        let (symbol, name, reach) = (symbol(self.cell), capital(&layer.name()), layer.reach());
        let Some(verdict) = layer.law.verdict() else {
            return format!("{name}: no gradient arrives at its last step.");
        };
        let steps = self.steps;
        let how_far = match (verdict, layer.horizon, &layer.peak) {
            (Verdict::Exploding, _, Some(peak)) => format!(
                "|{symbol}| is {} times its start {} of {steps} steps back",
                short(peak.growth),
                peak.back
            ),
            (_, Some(horizon), _) => gone(self, horizon),
            _ => {
                let ends = layer.alone.median.first().zip(layer.alone.median.last());
                let kept = ends.and_then(|(first, last)| first.ratio(*last));
                format!(
                    "|{symbol}_1| is {} of its start {} steps back",
                    short(kept.unwrap_or_default()),
                    steps - 1
                )
            }
        };
        if self.input != Input::Own {
            // What another input does to the gradient is no verdict on the model.
            return format!("{name}: {how_far}: {}.", cause::product(&layer.law));
        }
        let (sum, because) = (
            cause::sum(&layer.law),
            cause::because(&layer.law, self.cell),
        );
        format!("{name}: {reach}: {how_far}: {sum}. {}.", capital(&because))
    }

    /// Gates that no longer move.
    fn stuck(&self, layer: &LayerDiagnosis) -> Vec<String> {
        let (name, n) = (layer.name(), layer.hidden);
        let activation = self.semantics.activation;
        let (low, high) = activation.range();
        let relu = activation == Activation::Relu;
        let mut sentences = Vec::new();
        for gate in &layer.gates {
            if relu && !gate.gate && gate.stuck_shut > 0 {
                sentences.push(format!(
                    "Dead units in {name}: {} of {n}: their relu is always 0.",
                    gate.stuck_shut
                ));
            }
            // A gate that keeps is open where the unit remembers.
            let keeps = matches!(gate.name, "forget" | "update");
            let ends = gate.shut + if keeps { 0.0 } else { gate.open };
            if ends > MUCH && (gate.gate || high.is_some()) {
                let (low, high) = if gate.gate || low == Some(0.0) {
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
    pub fn norm_spread(&self) -> [Wide; 3] {
        [0.5, 0.05, 0.95].map(|q| quantile(&self.grad_norms, q))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn padding_costs_nothing_or_what_is_said() {
        let says = |decades| {
            let padding = Padding {
                sequences: 2,
                real: 30,
                left: 0,
                right: 70,
                decades,
            };
            padding.says(8)
        };
        let head = "Padding in 2 of 8 sequences: 30 real steps, then 70 of padding:";
        for (decades, cost) in [
            (
                13.04,
                "the gradient that arrives at the real steps is 13.0 decades smaller than without.",
            ),
            (0.01, "it costs the gradient of the real steps nothing."),
            (-0.01, "it costs the gradient of the real steps nothing."),
            // An explosion goes on through padding.
            (
                -2.5,
                "the gradient that arrives at the real steps is 2.5 decades larger than without.",
            ),
            (
                f64::INFINITY,
                "none of the gradient arrives at the real steps.",
            ),
        ] {
            assert_eq!(says(decades), format!("{head} {cost}"));
        }
    }
}
