//! `rnntop trace` as a table for people, 80 columns wide.
//!
//! ```text
//! lstm   carousel   H 32   D 8   T 200   loss last
//! r = 0.9900 → 0.9900²⁰⁰ = 0.134   vanishing ▼   (|δc_1| 0.0669, |δc_T| 0.495)
//! carousel 0.990 = 0.990 a step → ×0.134 over 200 ▼
//! carousel keeps too little: f is 0.990 in the mean, half of it is gone after 69.0 steps; …
//!
//! log10 of the total gradients, and of the terms of δc_t by path
//!     t     |δh|     |δc| carousel    block    input   forget   output     loss
//!     1   -0.873   -1.175   -1.175   -2.301    …
//!     …
//! 21 of 200 steps; --format csv and --format json have all of them
//!
//! path                  gain   r without  rᵀ without
//! …
//! path alone               r          rᵀ
//! carousel            0.9900      0.1340   vanishing ▼
//! …
//! matrix                   ρ       σ_max
//! …
//! loss 0.1873
//! clip norm:5   |g| 12.31 → 5.000, turned by 0.00°
//! |dL/dh_0| 0.02111   |dL/dc_0| 0.06625
//! forget pinned:0.99   init orthogonal   signal noise
//!
//! rnntop 0.1.0, preset carousel, seed 7; unlike the defaults: activation linear, …
//! ```

mod extras;

use std::borrow::Cow;
use std::fmt::Write as _;

use crate::cell::Variant;
use crate::cli::configure;
use crate::cli::inspect::{say, wrap};
use crate::cli::provenance::Provenance;
use crate::cli::trace::Trace;
use crate::cli::trace::csv::Column;
use crate::flow::{Flow, Path, Verdict, factor};
use crate::num::Wide;
use crate::sim::preset::{grammar, limits};
use crate::sim::settings::ClipMode;
use crate::words::cause;
use crate::words::decimal;
use crate::words::fit::fit;
use crate::words::{sanitise, superscript, symbol};

/// Longer windows are shown by so many of their steps.
const ROWS: usize = 21;
/// Columns of the terminal that the tables keep to.
const WIDTH: usize = 80;
/// Width of the column t, and of every other one with the gap before it, unless a name is longer.
const T_WIDTH: usize = 5;
const COLUMN: usize = 9;

/// The whole text.
pub fn render(trace: Trace) -> String {
    let mut text = caution(trace.caution().as_deref());
    headline(&mut text, trace);
    steps(&mut text, trace.flow);
    gains(&mut text, trace.flow);
    alone(&mut text, trace.flow, trace.caution().is_none());
    matrices(&mut text, trace.flow);
    extras::render(&mut text, trace);
    summary(&mut text, trace);
    text
}

/// What it is, and the answer.
fn headline(text: &mut String, trace: Trace) {
    let (flow, settings) = (trace.flow, trace.settings);
    let loss = limits::word(limits::LOSSES, &settings.loss);
    let _ = writeln!(
        text,
        "{}   {}   H {}   D {}   T {}   loss {loss}",
        flow.name(),
        shortened(&sanitise(trace.title)),
        flow.hidden,
        settings.inputs,
        flow.steps
    );
    if let Some(subject) = &trace.data.model {
        wrap(text, &subject.model.taken, 3);
    }
    answer(text, flow, trace.caution().is_none());
}

/// The first line of a model that was not run on the user's data.
pub(super) fn caution(said: Option<&str>) -> String {
    let mut text = String::new();
    if let Some(said) = said {
        say(
            &mut text,
            &format!("{said}; --input FILE gives verdict and cause"),
        );
    }
    text
}

/// r, what it makes of the window, and the ends; with verdict and cause where it is judged.
pub(super) fn answer(text: &mut String, flow: &Flow, judged: bool) {
    let curve = flow.main();
    match flow.factor_per_step() {
        None => {
            let _ = writeln!(
                text,
                "r is undefined: |{}_T| is 0, no gradient enters at T",
                symbol(flow.cell)
            );
        }
        Some(r) => {
            let detached = flow.law.as_ref().filter(|_| judged);
            let detached = detached.and_then(cause::detached);
            let detached = detached.map_or(String::new(), |detached| format!("; {detached}"));
            let verdict = verdict(r, flow.steps, judged);
            let answer = format!(
                "r = {} → {}{verdict}{detached}",
                exact(r, flow.steps),
                growth(curve, r)
            );
            let ends = format!("({})", ends(flow));
            let room = answer.chars().count() + ends.chars().count() + 3 <= WIDTH;
            let gap = if room { "   " } else { "\n" };
            let _ = writeln!(text, "{answer}{gap}{ends}");
        }
    }
    if let Some(law) = flow.law.as_ref().filter(|law| law.factor.is_some()) {
        let (sum, without) = if judged {
            (cause::sum(law), cause::without(law))
        } else {
            (cause::product(law), String::new())
        };
        let together = sum.chars().count() + without.chars().count() + 3 <= WIDTH;
        if together && !without.is_empty() {
            let _ = writeln!(text, "{sum}   {without}");
        } else {
            say(text, &sum);
            if !without.is_empty() {
                say(text, &without);
            }
        }
        if judged {
            say(text, &cause::because(law, flow.cell));
        }
    }
    if flow.carried.is_some() {
        say(
            text,
            "r is of what the loss injects at T; what it injects before adds to the totals, and is no growth",
        );
    }
}

/// `|δc_1| 0.0669, |δc_T| 0.495`.
pub(super) fn ends(flow: &Flow) -> String {
    let (symbol, curve) = (symbol(flow.cell), flow.main());
    let end =
        |value: Option<&Wide>| value.map_or_else(String::new, |&value| decimal::text(value, 3));
    let (first, last) = (end(curve.first()), end(curve.last()));
    format!("|{symbol}_1| {first}, |{symbol}_T| {last}")
}

/// `0.990²⁰⁰ = 0.134`.
fn growth(curve: &[Wide], r: Wide) -> String {
    let steps = curve.len();
    let r_to = exact(r, steps);
    format!("{r_to}{} = {}", superscript(steps), total(r, steps))
}

/// r with as many decimals as make rᵀ what [`total`] prints.
fn exact(r: Wide, steps: usize) -> String {
    let shown = plain(r);
    if shown.contains('e') {
        return shown;
    }
    let value = r.saturating_f64();
    let holds = |text: &String| {
        let shown = text.parse().map(Wide::from_f64);
        shown.is_ok_and(|shown| total(shown, steps) == total(r, steps))
    };
    let longer = [6usize, 8, 10].map(|places| format!("{value:.places$}"));
    let found = std::iter::once(shown.clone()).chain(longer).find(holds);
    found.unwrap_or(shown)
}

/// rᵀ with four digits.
pub(super) fn total(r: Wide, steps: usize) -> String {
    cause::power(r, steps, 4)
}

/// The gradients of the steps, in tables that fit the width.
pub(super) fn steps(text: &mut String, flow: &Flow) {
    let (h, c) = (&flow.totals.grad_h, &flow.totals.grad_c);
    let mut columns: Vec<Column> = vec![("|δh|".to_owned(), h.into())];
    if flow.cell.has_c() {
        columns.push(("|δc|".to_owned(), c.into()));
    }
    for path in &flow.paths {
        columns.push((column_name(path.path).to_owned(), (&path.share).into()));
    }
    let symbol = symbol(flow.cell);
    let _ = writeln!(
        text,
        "\nlog10 of the total gradients, and of the terms of {symbol}_t by path"
    );
    // A gap before the longest name.
    let longest = columns.iter().map(|(name, _)| name.chars().count()).max();
    let width = COLUMN.max(longest.unwrap_or(0) + 1);
    for columns in columns.chunks((WIDTH - T_WIDTH) / width) {
        logs(text, columns, width, flow.steps);
    }
    let shown = rows(flow.steps).len();
    if shown < flow.steps {
        let _ = writeln!(
            text,
            "{shown} of {} steps; --format csv and --format json have all of them",
            flow.steps
        );
    }
}

/// A table of the logarithms of curves, at some of so many steps.
fn logs(text: &mut String, columns: &[Column], width: usize, steps: usize) {
    let names = columns.iter().map(|(name, _)| format!("{name:>width$}"));
    let _ = writeln!(text, "{:>T_WIDTH$}{}", "t", names.collect::<String>());
    for t in rows(steps) {
        let values = columns.iter().map(|(_, curve)| {
            let value = curve.get(t - 1).copied().unwrap_or_default();
            format!("{:>width$}", log10(value))
        });
        let _ = writeln!(text, "{t:>T_WIDTH$}{}", values.collect::<String>());
    }
}

/// What each path adds to r, and r without it.
fn gains(text: &mut String, flow: &Flow) {
    let Some(law) = flow.law.as_ref().filter(|law| law.factor.is_some()) else {
        return;
    };
    let _ = writeln!(
        text,
        "\n{:16}{:>10}{:>12}{:>12}",
        "path", "gain", "r without", "rᵀ without"
    );
    for gain in &law.gains {
        let without = gain.without.map_or_else(
            || format!("{:>12}{:>12}", "-", "-"),
            |r| format!("{:>12}{}", plain(r), apart(r, law.steps)),
        );
        let _ = writeln!(
            text,
            "{:16}{:>10}{without}",
            gain.path.name(),
            signed(gain.gain)
        );
    }
}

/// What each path does by itself, and with `--cuts` what is left without it.
fn alone(text: &mut String, flow: &Flow, judged: bool) {
    let paths = || flow.paths.iter().filter(|path| path.path != Path::Loss);
    if paths().any(|path| !path.alone.is_empty()) {
        let _ = writeln!(text, "\n{:16}{:>10}{:>12}", "path alone", "r", "rᵀ");
        for path in paths() {
            curve_line(text, path.path.name(), &path.alone, judged);
        }
    }
    let of_paths = paths().filter_map(|path| Some((path.path.name(), path.without.as_ref()?)));
    let of_sets = flow.cut_sets.iter().map(|(name, totals)| (*name, totals));
    let mut cuts = of_paths.chain(of_sets).peekable();
    if cuts.peek().is_some() {
        let _ = writeln!(text, "\n{:16}{:>10}{:>12}", "total without", "r", "rᵀ");
    }
    for (name, totals) in cuts {
        curve_line(text, name, totals.main(), judged);
    }
}

/// Name, r and rᵀ of a curve; and the verdict, where it is judged.
fn curve_line(text: &mut String, name: &str, curve: &[Wide], judged: bool) {
    let _ = match factor(curve, 1) {
        Some(r) => {
            let total = apart(r, curve.len());
            let verdict = verdict(r, curve.len(), judged);
            writeln!(text, "{name:16}{:>10}{total}{verdict}", plain(r))
        }
        None => writeln!(text, "{name:16}{:>10}", "-"),
    };
}

/// The verdict behind the numbers, where there is to be one.
fn verdict(r: Wide, steps: usize, judged: bool) -> String {
    let verdict = judged.then(|| Verdict::of(r.log10(), steps));
    verdict.map_or(String::new(), |verdict| format!("   {verdict}"))
}

/// rᵀ in its column of twelve, two of them before it however long it is.
fn apart(r: Wide, steps: usize) -> String {
    format!("  {:>10}", total(r, steps))
}

/// The recurrent matrices.
pub(super) fn matrices(text: &mut String, flow: &Flow) {
    let _ = writeln!(text, "\n{:16}{:>10}{:>12}", "matrix", "ρ", "σ_max");
    for matrix in &flow.matrices {
        let _ = writeln!(
            text,
            "{:16}{:>10}{:>12}",
            matrix.name,
            plain(Wide::from_f64(matrix.spectral_radius)),
            plain(Wide::from_f64(matrix.norm))
        );
    }
}

/// Four digits.
pub(super) fn short(value: Wide) -> String {
    decimal::text(value, 4)
}

/// Loss, clipping and initial states.
fn summary(text: &mut String, trace: Trace) {
    let (flow, settings) = (trace.flow, trace.settings);
    let clip = &flow.clipping;
    let _ = writeln!(text, "\nloss {}", short(flow.loss));
    let _ = write!(
        text,
        "clip {}   |g| {}",
        grammar::clip_text(settings),
        short(clip.before)
    );
    if settings.clip != ClipMode::Off {
        let _ = write!(text, " → {}", short(clip.after));
        if let Some(angle) = clip.angle_deg {
            let _ = write!(text, ", turned by {angle:.2}°");
        }
    }
    if settings.clip == ClipMode::Step {
        let clipped = clip.clipped.iter().filter(|&&clipped| clipped).count();
        let _ = write!(text, ", at {clipped} of {} steps", flow.steps);
    }
    text.push('\n');
    let _ = write!(text, "|dL/dh_0| {}", short(flow.grad_h0));
    if let Some(grad_c0) = flow.grad_c0 {
        let _ = write!(text, "   |dL/dc_0| {}", short(grad_c0));
    }
    let spec = flow.cell.spec();
    let cell = if spec.has_activation {
        let activation = limits::word(limits::ACTIVATIONS, &settings.activation);
        format!("φ {activation}   ")
    } else if spec.has_variants && !matches!(flow.variant, Variant::Nfg | Variant::Cifg) {
        format!("forget {}   ", grammar::forget_text(settings.forget))
    } else {
        // Of a variant whose f is 1 or 1 - i the setting says nothing either.
        String::new()
    };
    let init = match &trace.data.parameters {
        Some(weights) => format!("weights {}", of_file(&weights.source)),
        None => format!("init {}", limits::word(limits::INITS, &settings.init)),
    };
    let signal = match &trace.data.sequence {
        Some(sequence) => format!("input {}", of_file(&sequence.source)),
        None => format!("signal {}", limits::word(limits::SIGNALS, &settings.signal)),
    };
    let _ = writeln!(text, "\n{cell}{init}   {signal}");
    provenance(text, trace.provenance());
}

/// Where the numbers come from, as wide as the tables.
pub(super) fn provenance(text: &mut String, provenance: Provenance) {
    text.push('\n');
    say(text, &provenance.to_string());
}

/// A file's own name, sanitised and not too long.
fn of_file(source: &str) -> String {
    shortened(&sanitise(&configure::name(source))).into_owned()
}

/// The path's name where a column is narrow.
fn column_name(path: Path) -> &'static str {
    match path {
        Path::PeepholeInput => "peep inp",
        Path::PeepholeForget => "peep fgt",
        Path::PeepholeOutput => "peep out",
        Path::GateInput => "gate inp",
        Path::GateForget => "gate fgt",
        Path::GateOutput => "gate out",
        other => other.name(),
    }
}

/// All steps of a short window; of a long one the first, the last, and steps evenly between.
fn rows(steps: usize) -> Vec<usize> {
    if steps <= ROWS {
        return (1..=steps).collect();
    }
    (0..ROWS)
        .map(|row| 1 + (row * (steps - 1) + (ROWS - 1) / 2) / (ROWS - 1))
        .collect()
}

/// A logarithm with as many places as its column has room for, or the word that stands for the logarithm of 0.
fn log10(value: Wide) -> String {
    if value.is_zero() {
        return "zero".to_owned();
    }
    let log = value.log10();
    let places = match log.abs() {
        small if small < 999.0 => 3,
        large if large < 9_999.0 => 2,
        _ => 1,
    };
    format!("{log:.places$}")
}

/// A number near 1 with four places; others with four digits.
pub(super) fn plain(value: Wide) -> String {
    decimal::near_one(value, 4)
}

/// A gain, with its sign.
fn signed(value: Wide) -> String {
    let near = value.saturating_f64();
    if near.abs() < 100.0 {
        // Without the sign of what is rounded away.
        return format!("{:.4}", (near * 1e4).round() / 1e4 + 0.0);
    }
    let sign = if near < 0.0 { "-" } else { "" };
    format!("{sign}{}", decimal::text(value, 4))
}

/// A name that leaves room for the rest of its line.
pub(super) fn shortened(name: &str) -> Cow<'_, str> {
    const LONGEST: usize = 24;
    fit(name, LONGEST)
}

#[cfg(test)]
mod tests;
