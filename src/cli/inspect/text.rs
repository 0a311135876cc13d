//! `rnntop inspect` for people, 80 columns wide: the answer in sentences, then the numbers.
//!
//! ```text
//! model.safetensors, encoder.lstm
//! nn.LSTM   2 layers   H 32   D 8   13824 parameters
//! noise, 1 sequence of 200 steps, loss v·h_n, |v| = 1
//!
//! Freshly initialised: … f is 0.50, so the carousel alone keeps 9.4e-7 of δc …
//! Layer 0: vanishing ▼: |δc| is below 1 % of its start 7 of 200 steps back, …
//!
//! layer        horizon    whole         r    λ_max     largest   main path
//! …
//! ```

use std::fmt::{Display, Write as _};

use crate::cli::inspect::against;
use crate::cli::inspect::written::{self, Arriving};
use crate::flow::{MatrixSize, Path};
use crate::num::Wide;
use crate::sim::inspect::{Diagnosis, LayerDiagnosis};
use crate::words::list::counted;
use crate::words::short::unsigned_zero;
use crate::words::{decimal, fit, symbol};

/// Columns of the terminal that everything keeps to.
const WIDTH: usize = 80;
/// Columns of the layer's name.
pub(super) const NAME: usize = 11;
/// Columns of a strip over time.
const STRIP: usize = WIDTH - NAME;

/// The whole text.
pub fn render(found: &Diagnosis) -> String {
    let mut text = caution([found]);
    head(&mut text, found);
    findings(&mut text, found);
    layers(&mut text, found);
    strips(&mut text, found);
    paths(&mut text, found);
    memory(&mut text, found);
    gates(&mut text, found);
    matrices(&mut text, found);
    written(&mut text, found);
    norms(&mut text, found);
    advice(&mut text, found);
    text
}

/// The first line where the models were not measured on the user's data.
pub(super) fn caution<'a>(all: impl IntoIterator<Item = &'a Diagnosis>) -> String {
    let mut text = String::new();
    let said = all.into_iter().find_map(Diagnosis::caution);
    if let Some(said) = said {
        let line = format!("{said}; --input FILE gives verdict and remedy");
        say(&mut text, &line);
    }
    text
}

/// What it is, and what it was driven by.
pub(super) fn head(text: &mut String, found: &Diagnosis) {
    let layers = counted(found.depth, "layer");
    let both = if found.bidirectional {
        " in both directions"
    } else {
        ""
    };
    let size = found
        .projection
        .map_or(String::new(), |p| format!("   projected to {p}"));
    wrap(text, &found.title, 3);
    let _ = writeln!(
        text,
        "{}   {layers}{both}   H {}{size}   D {}   {} parameters",
        found.cell.spec().class(),
        found.units,
        found.inputs,
        found.parameters
    );
    wrap(text, &found.taken, 3);
    let sequences = counted(found.sequences, "sequence");
    let driven = format!("{}, {sequences} of {} steps", found.source, found.steps);
    let loss = found.entering.formula();
    wrap(text, &format!("{driven}, loss {loss}, |v| = 1"), 3);
}

pub(super) fn findings(text: &mut String, found: &Diagnosis) {
    text.push('\n');
    for sentence in found.findings() {
        say(text, &sentence);
    }
}

/// One line for each layer and direction.
fn layers(text: &mut String, found: &Diagnosis) {
    let symbol = symbol(found.cell);
    let _ = writeln!(
        text,
        "\n{:NAME$}{:>9}{:>9}{:>10}{:>9}{:>12}   carries",
        "layer", "horizon", "whole", "r", "λ_max", "largest"
    );
    for layer in &found.layers {
        let _ = writeln!(
            text,
            "{:NAME$}{:>9}{:>9}{:>10}{:>9}{:>12}   {}",
            layer.name(),
            against::horizon(layer, layer.horizon),
            against::horizon(layer, layer.whole_horizon),
            against::factor(layer),
            against::exponent(layer),
            optional(layer.peak.as_ref().map(|peak| peak.growth)),
            against::carrier(layer),
        );
    }
    say(
        text,
        &format!(
            "horizon: steps back until the |{symbol}| that a layer carries by itself stays below 1 % of \
             its start; whole: the same with what comes from above; r: factor per step; λ_max: \
             largest Lyapunov exponent over the window, ln per step; largest: max |{symbol}_t|/|{symbol}_T|"
        ),
    );
}

/// The gradient over time and layers, one scale for all.
fn strips(text: &mut String, found: &Diagnosis) {
    let logs: Vec<Vec<f64>> = found
        .layers
        .iter()
        .map(|layer| binned(&layer.main().median, STRIP, layer.reverse))
        .collect();
    let finite = || logs.iter().flatten().copied().filter(|x| x.is_finite());
    let (low, high) = (
        finite().fold(f64::INFINITY, f64::min),
        finite().fold(f64::NEG_INFINITY, f64::max),
    );
    if low > high {
        return;
    }
    let _ = writeln!(
        text,
        "\nlog10 |{}| over t = 1…{} ({}), the top layer first",
        symbol(found.cell),
        found.steps,
        range(low, high)
    );
    for (layer, logs) in found.layers.iter().zip(&logs).rev() {
        let strip = strip(logs, low, high);
        let _ = writeln!(text, "{:NAME$}{strip}", layer.name());
    }
    if found.sequences > 1 {
        let _ = writeln!(
            text,
            "\n{:NAME$}{:>16}{:>16}{:>16}   steps back",
            "layer", "5 %", "median", "95 %"
        );
        for layer in found.layers.iter().rev() {
            let band = layer.main();
            for back in backs(found.steps) {
                let at = found.steps - 1 - back;
                let sizes = [&band.low, &band.median, &band.high];
                let sizes = sizes.map(|curve| decimal::text(curve[at], 3));
                row(text, &first(layer, back), 16, sizes, &format!("   {back}"));
            }
        }
    }
}

/// Whether the labels of a range do not tell its ends apart: what is between them is no slope.
fn flat(low: f64, high: f64) -> bool {
    high - low < 0.1
}

/// What the lowest and the highest block stand for.
fn range(low: f64, high: f64) -> String {
    let label = |log: f64| unsigned_zero(format!("{log:.1}"));
    if flat(low, high) {
        format!("{} throughout", label(f64::midpoint(low, high)))
    } else {
        format!("▁ {}, █ {}", label(low), label(high))
    }
}

/// A block for each number; a space for none.
fn strip(logs: &[f64], low: f64, high: f64) -> String {
    const BLOCKS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
    let mark = |&log: &f64| {
        if !log.is_finite() {
            return ' ';
        }
        let part = if flat(low, high) {
            0.5
        } else {
            (log - low) / (high - low)
        };
        BLOCKS[((part * 8.0) as usize).min(7)]
    };
    logs.iter().map(mark).collect()
}

/// A few distances from T, doubling twice each time.
fn backs(steps: usize) -> Vec<usize> {
    let mut backs = vec![0];
    let mut back = 5;
    while back < steps - 1 {
        backs.push(back);
        back *= 4;
    }
    backs.push(steps - 1);
    backs
}

/// log10 in the order of time, the largest of each bin; −∞ for zeros.
fn binned(curve: &[Wide], bins: usize, reverse: bool) -> Vec<f64> {
    let mut logs: Vec<f64> = curve.iter().map(|size| size.log10()).collect();
    if reverse {
        logs.reverse();
    }
    let bins = bins.min(logs.len());
    let bin = |k: usize| {
        let range = k * logs.len() / bins..(k + 1) * logs.len() / bins;
        logs[range]
            .iter()
            .copied()
            .fold(f64::NEG_INFINITY, f64::max)
    };
    (0..bins).map(bin).collect()
}

/// What each path contributes.
fn paths(text: &mut String, found: &Diagnosis) {
    let Some(first) = found.layers.first() else {
        return;
    };
    let through_time = |path: &&(Path, f64)| !matches!(path.0, Path::Loss | Path::Above);
    let ways = first.paths.iter().filter(through_time);
    let names = ways.map(|(path, _)| column(path.name()));
    text.push('\n');
    row(
        text,
        "paths, in %",
        10,
        names.chain(["injected".to_owned()]),
        "",
    );
    for layer in &found.layers {
        let (ways, ends): (Vec<_>, Vec<_>) = layer.paths.iter().partition(through_time);
        let injected: f64 = ends.iter().map(|(_, part)| part).sum();
        let parts = ways.iter().map(|(_, part)| *part).chain([injected]);
        let parts = parts.map(|part| unsigned_zero(format!("{:.1}", part * 100.0)));
        row(text, &layer.name(), 10, parts, "");
    }
    say(
        text,
        "what each path adds to the gradient between T and the horizon, along its direction; \
         injected: by the loss, or from the layer above",
    );
}

/// The histogram of half-lives.
fn memory(text: &mut String, found: &Diagnosis) {
    let layers = found.layers.iter();
    let with_memory: Vec<_> = layers
        .filter_map(|layer| Some((layer, layer.memory.as_ref()?)))
        .collect();
    if with_memory.is_empty() {
        return;
    }
    let keeper = found.cell.spec().keeper();
    let gate = match keeper.map(|(gate, _)| gate.name) {
        Some("forget") => "forget gate",
        _ => "update gate (z means keep)",
    };
    let title = format!("effective memory: units by the half-life of their {gate}, in steps");
    text.push('\n');
    say(text, &title);
    let edges = [
        "≤1", "≤2", "≤4", "≤8", "≤16", "≤32", "≤64", "≤128", "≤256", "≤512", ">512",
    ];
    row(text, "", 5, edges, &format!("{:>7}{:>6}", "median", "gate"));
    for (layer, memory) in with_memory {
        let counts = memory.histogram().into_iter().map(|count| match count {
            0 => "·".to_owned(),
            count => count.to_string(),
        });
        let half_life = against::half_life(layer, 0.5);
        let ends = format!("{half_life:>8}{:>6.3}", memory.gate);
        row(text, &layer.name(), 5, counts, &ends);
    }
}

/// Means, and how much is at an end.
fn gates(text: &mut String, found: &Diagnosis) {
    let _ = writeln!(
        text,
        "\n{:NAME$}{:12}{:>8}{:>10}{:>10}{:>14}{:>14}",
        "gates", "", "mean", "shut", "open", "always shut", "always open"
    );
    for layer in &found.layers {
        for (index, gate) in layer.gates.iter().enumerate() {
            let units = |n: usize| match n {
                0 => "-".to_owned(),
                n => format!("{n} of {}", layer.hidden),
            };
            let _ = writeln!(
                text,
                "{:NAME$}{:12}{:>8.3}{:>10}{:>10}{:>14}{:>14}",
                first(layer, index),
                gate.name,
                gate.mean,
                format!("{:.1} %", gate.shut * 100.0),
                format!("{:.1} %", gate.open * 100.0),
                units(gate.stuck_shut),
                units(gate.stuck_open)
            );
        }
    }
    say(
        text,
        "shut and open: below 0.1 and above 0.9; of an activation between -1 and 1, below -0.9 and \
         above 0.9; of a relu, at 0",
    );
}

fn matrices(text: &mut String, found: &Diagnosis) {
    let Some(first_layer) = found.layers.first() else {
        return;
    };
    let title = if found.projection.is_some() {
        "R_G W_hr"
    } else {
        "matrices"
    };
    let names = first_layer.matrices.iter().map(|matrix| matrix.name);
    row(text, &format!("\n{title:NAME$}{:8}", ""), 12, names, "");
    for layer in &found.layers {
        let sizes: [fn(&MatrixSize) -> f64; 2] = [|m| m.spectral_radius, |m| m.norm];
        for (place, (name, size)) in ["ρ", "σ_max"].into_iter().zip(sizes).enumerate() {
            let name = format!("{:NAME$}{name:8}", first(layer, place));
            let sizes = layer
                .matrices
                .iter()
                .map(|matrix| Wide::from_f64(size(matrix)));
            row(
                text,
                &name,
                12,
                sizes.map(|size| decimal::text(size, 4)),
                "",
            );
        }
    }
}

/// In smaller number formats, and into the initial state.
fn written(text: &mut String, found: &Diagnosis) {
    let rows = found.layers.iter().map(|layer| Arriving {
        name: layer.name(),
        written: &layer.written,
        grad_h0: layer.grad_h0,
        grad_c0: layer.grad_c0,
    });
    written::render(text, symbol(found.cell), &rows.collect::<Vec<_>>());
}

fn norms(text: &mut String, found: &Diagnosis) {
    let [median, low, high] = found.norm_spread().map(|norm| decimal::text(norm, 3));
    let _ = if found.sequences == 1 {
        writeln!(text, "\n|g| {median}, all parameters together")
    } else {
        writeln!(
            text,
            "\n|g| {median} in the median, 5 to 95 % {low} to {high}, all parameters together"
        )
    };
}

pub(super) fn advice(text: &mut String, found: &Diagnosis) {
    if let Some(why) = found.unadvised() {
        text.push('\n');
        wrap(text, why, 0);
    }
    if found.advice.is_empty() {
        return;
    }
    let _ = writeln!(text, "\nwhat would help");
    for (index, advice) in found.advice.iter().enumerate() {
        wrap(text, &format!("{}. {}", index + 1, advice.remedy), 3);
        if let Some(outcome) = advice.outcome() {
            wrap(text, &format!("   {outcome}"), 3);
        }
        wrap(text, &format!("   because {}", advice.cause), 3);
        wrap(text, &format!("   {}", advice.source), 3);
    }
}

/// A row of a table: its name, the cells to the right in as many columns each, and what stands behind them.
pub(super) fn row<C: Display>(
    text: &mut String,
    name: &str,
    width: usize,
    cells: impl IntoIterator<Item = C>,
    end: &str,
) {
    let cells = cells.into_iter().map(|cell| format!("{cell:>width$}"));
    let _ = writeln!(text, "{name:NAME$}{}{end}", cells.collect::<String>());
}

/// A layer's name in the first of its rows, and in the others nothing.
fn first(layer: &LayerDiagnosis, row: usize) -> String {
    if row == 0 {
        layer.name()
    } else {
        String::new()
    }
}

pub(super) fn optional(value: Option<Wide>) -> String {
    value.map_or("-".to_owned(), |value| decimal::text(value, 3))
}

/// The path's name where a column is narrow.
fn column(name: &str) -> String {
    name.replace("peephole_", "p_")
}

/// A paragraph of at most [`WIDTH`] columns.
pub(in crate::cli) fn say(text: &mut String, paragraph: &str) {
    wrap(text, paragraph, 0);
}

/// A paragraph of at most [`WIDTH`] columns, its further lines indented.
pub(in crate::cli) fn wrap(text: &mut String, paragraph: &str, indent: usize) {
    text.push_str(&fit::paragraph(paragraph, WIDTH, indent));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_back_reach_from_end_to_end() {
        assert_eq!(backs(200), [0, 5, 20, 80, 199]);
        assert_eq!(backs(2), [0, 1]);
    }

    /// Rounding makes no ramp, and a gradient of 1 no "-0.0".
    #[test]
    fn a_constant_gradient_is_drawn_flat() {
        let noise = [-0.9, -0.9 + 1e-9, f64::NEG_INFINITY, -0.9 + 2e-9];
        assert_eq!(strip(&noise, -0.9, -0.9 + 2e-9), "▅▅ ▅");
        assert_eq!(range(-0.9, -0.9 + 2e-9), "-0.9 throughout");
        assert_eq!(range(-1e-17, 1e-17), "0.0 throughout");
        assert_eq!(range(-2.0, -1e-17), "▁ -2.0, █ 0.0");
        assert_eq!(strip(&[-2.0, -1.0, 0.0], -2.0, 0.0), "▁▅█");
    }

    #[test]
    fn bins_follow_time_in_either_direction() {
        let curve: Vec<Wide> = [1.0, 10.0, 100.0, 0.0].map(Wide::from_f64).to_vec();
        assert_eq!(binned(&curve, 2, false), [1.0, 2.0]);
        assert_eq!(binned(&curve, 4, true), [f64::NEG_INFINITY, 2.0, 1.0, 0.0]);
    }
}
