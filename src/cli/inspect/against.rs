//! Two models side by side, as when epochs are compared.

use std::fmt::Write as _;

use super::text::{self, NAME};
use crate::flow::MatrixSize;
use crate::num::Wide;
use crate::sim::inspect::{Diagnosis, LayerDiagnosis, Memory};
use crate::words::decimal;

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
        let name = both
            .iter()
            .flatten()
            .next()
            .map_or(String::new(), |l| text::short_name(l));
        let each = |say: &dyn Fn(&LayerDiagnosis) -> String| {
            both.map(|layer| layer.map_or("-".to_owned(), say))
        };
        if judged {
            pair(&mut text, &name, "gradient", each(&|l| l.reach()));
        }
        pair(
            &mut text,
            if judged { "" } else { &name },
            "horizon, steps back",
            each(&|l| horizon(l, l.horizon)),
        );
        pair(
            &mut text,
            "",
            "r, factor per step",
            each(&|l| {
                l.law
                    .factor
                    .map_or("-".to_owned(), |r| format!("{:.4}", r.saturating_f64()))
            }),
        );
        pair(&mut text, "", "λ_max, ln per step", each(&exponent));
        if judged {
            pair(&mut text, "", "cause", each(&cause));
        }
        pair(
            &mut text,
            "",
            "carries most",
            each(&|l| {
                l.dominant().map_or("-".to_owned(), |(path, part)| {
                    format!("{} {:.0} %", path.name(), part * 100.0)
                })
            }),
        );
        if both.iter().flatten().any(|layer| layer.memory.is_some()) {
            pair(
                &mut text,
                "",
                "half-life, median",
                each(&|l| l.memory.as_ref().map_or("-".to_owned(), half_life)),
            );
            pair(
                &mut text,
                "",
                "half-life, longest",
                each(&|l| {
                    l.memory
                        .as_ref()
                        .map_or("-".to_owned(), |m| steps(m.quantile(1.0)))
                }),
            );
        }
        pair(
            &mut text,
            "",
            "ρ, largest",
            each(&|l| largest(l, |m| m.spectral_radius)),
        );
        pair(
            &mut text,
            "",
            "σ_max, largest",
            each(&|l| largest(l, |m| m.norm)),
        );
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
        Some(exponent) if exponent.is_finite() => format!("{exponent:.3}"),
        Some(_) => "-∞".to_owned(),
    }
}

/// The median half-life.
pub(super) fn half_life(memory: &Memory) -> String {
    steps(memory.quantile(0.5))
}

/// A number of steps that may be without end.
fn steps(steps: f64) -> String {
    if steps.is_finite() && steps < 1e5 {
        format!("{steps:.1}")
    } else {
        "> 1e5".to_owned()
    }
}
