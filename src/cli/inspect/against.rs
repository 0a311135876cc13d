//! Two models side by side, as when epochs are compared.

use std::fmt::Write as _;

use super::text::{self, NAME};
use crate::flow::MatrixSize;
use crate::num::Wide;
use crate::sim::inspect::{Diagnosis, LayerDiagnosis};
use crate::words::decimal;
use crate::words::short::unsigned_zero;

/// Columns of what is measured, and of each model.
const WHAT: usize = 22;
const COLUMN: usize = 20;

/// Both models.
pub fn render(one: &Diagnosis, other: &Diagnosis) -> String {
    let mut text = text::caution([one, other]);
    let judged = text.is_empty();
    for (mark, found) in [("A", one), ("B", other)] {
        let _ = write!(text, "{mark}  ");
        text::head(&mut text, found);
    }
    let _ = writeln!(
        text,
        "\n{:NAME$}{:WHAT$}{:>COLUMN$}{:>COLUMN$}",
        "", "", "A", "B"
    );
    let pair = |text: &mut String, name: &str, what: &str, values: [String; 2]| {
        let [a, b] = values;
        let _ = writeln!(text, "{name:NAME$}{what:WHAT$}{a:>COLUMN$}{b:>COLUMN$}");
    };
    let layers = one.layers.len().max(other.layers.len());
    for index in 0..layers {
        let both = [one, other].map(|found| found.layers.get(index));
        let there = || both.iter().flatten();
        // The first row alone has the name.
        let mut name = there().next().map_or(String::new(), |layer| layer.name());
        let mut row = |what: &str, say: &dyn Fn(&LayerDiagnosis) -> String| {
            let values = both.map(|layer| layer.map_or("-".to_owned(), say));
            pair(&mut text, &std::mem::take(&mut name), what, values);
        };
        if judged {
            row("gradient", &LayerDiagnosis::reach);
        }
        row("horizon, steps back", &|layer| {
            horizon(layer, layer.horizon)
        });
        row("r, factor per step", &factor);
        row("λ_max, ln per step", &exponent);
        if judged {
            row("cause", &cause);
        }
        row("carries most", &carrier);
        if there().any(|layer| layer.memory.is_some()) {
            row("half-life, median", &|layer| half_life(layer, 0.5));
            row("half-life, longest", &|layer| half_life(layer, 1.0));
        }
        row("ρ, largest", &|layer| {
            largest(layer, |matrix| matrix.spectral_radius)
        });
        row("σ_max, largest", &|layer| {
            largest(layer, |matrix| matrix.norm)
        });
    }
    let norms = [one, other].map(|found| decimal::text(found.norm_spread()[0], 3));
    pair(&mut text, "|g|", "median", norms);
    for (mark, found) in [("A", one), ("B", other)] {
        let _ = write!(text, "\n{mark}");
        text::findings(&mut text, found);
        text::advice(&mut text, found);
    }
    text
}

/// The largest of a size of its matrices.
fn largest(layer: &LayerDiagnosis, of: fn(&MatrixSize) -> f64) -> String {
    let sizes = layer.matrices.iter().map(of);
    decimal::text(Wide::from_f64(sizes.fold(0.0, f64::max)), 4)
}

/// The paths that make it grow or die out.
fn cause(layer: &LayerDiagnosis) -> String {
    let paths = layer.law.cause.paths().iter();
    let names: Vec<_> = paths.map(|path| path.name()).collect();
    if names.is_empty() {
        return "-".to_owned();
    }
    names.join("+")
}

/// Steps back, or that the window is not long enough to say.
pub(super) fn horizon(layer: &LayerDiagnosis, steps: Option<usize>) -> String {
    steps.map_or_else(
        || format!("> {}", layer.main().median.len() - 1),
        |horizon| horizon.to_string(),
    )
}

/// λ_max.
pub(super) fn exponent(layer: &LayerDiagnosis) -> String {
    match layer.exponent {
        None => "-".to_owned(),
        Some(exponent) if exponent.is_finite() => unsigned_zero(format!("{exponent:.3}")),
        Some(_) => "-∞".to_owned(),
    }
}

/// r.
pub(super) fn factor(layer: &LayerDiagnosis) -> String {
    let factor = layer.law.factor;
    factor.map_or("-".to_owned(), |r| format!("{:.4}", r.saturating_f64()))
}

/// The path that carries most, and how much.
pub(super) fn carrier(layer: &LayerDiagnosis) -> String {
    layer.dominant().map_or("-".to_owned(), |(path, part)| {
        format!("{} {:.0} %", path.name(), part * 100.0)
    })
}

/// The half-life that such a part of the units does not exceed.
pub(super) fn half_life(layer: &LayerDiagnosis, part: f64) -> String {
    let memory = layer.memory.as_ref();
    memory.map_or("-".to_owned(), |memory| steps(memory.quantile(part)))
}

/// A number of steps that may be without end.
fn steps(steps: f64) -> String {
    if steps.is_finite() && steps < 1e5 {
        format!("{steps:.1}")
    } else {
        "> 1e5".to_owned()
    }
}
