//! The tables of `--hops`, `--detach`, `--jacobian` and `--lyapunov`.

use std::fmt::Write as _;

use super::{COLUMN, T_WIDTH, WIDTH, logs};
use crate::cli::inspect::say;
use crate::cli::trace::Trace;
use crate::cli::trace::csv::Column;
use crate::cli::trace::extras::{curves, order, reason};
use crate::flow::{Detached, Hops, Lens, Lyapunov};
use crate::num::Wide;
use crate::words::decimal;
use crate::words::symbol;

/// Numbers of a list that are shown of each of its ends.
const SHOWN: usize = 5;

/// Everything that was asked for.
pub fn render(text: &mut String, trace: Trace) {
    let extras = trace.extras;
    if let Some(hops) = &extras.hops {
        self::hops(text, hops, symbol(trace.flow.cell));
    }
    if let Some(detached) = &extras.detach {
        detach(text, detached, symbol(trace.flow.cell));
    }
    if let Some(lens) = &extras.lens {
        self::lens(text, lens, symbol(trace.flow.cell));
    }
    if let Some(padding) = &extras.padding {
        text.push('\n');
        say(text, &padding.says(1));
    }
    if let Some((from, values)) = &extras.jacobian {
        let _ = writeln!(
            text,
            "\nsingular values of ∂s_{}/∂s_{from}\n{}",
            trace.flow.steps,
            ends(values.iter().map(|&value| decimal::text(value, 4)))
        );
    }
    if let Some(exponents) = &extras.lyapunov {
        lyapunov(text, exponents, trace.flow.factor_per_step());
    }
}

/// The orders that fit into the width with the remainder, at the steps of the other tables.
fn hops(text: &mut String, hops: &Hops, symbol: &str) {
    let norms = hops.grad_c.as_ref().unwrap_or(&hops.grad_h);
    let shown = hops.orders.min((WIDTH - T_WIDTH) / COLUMN - 2);
    let _ = writeln!(
        text,
        "\nlog10 of the parts of {symbol}_t that crossed a recurrent matrix k times"
    );
    let of_order = |k| (format!("k = {k}"), order(norms, k).into());
    let mut columns: Vec<Column> = (0..=shown).map(of_order).collect();
    columns.push((format!("k > {}", hops.orders), (&norms.rest).into()));
    logs(text, &columns, COLUMN, hops.residual.len());
    if shown < hops.orders {
        let _ = writeln!(
            text,
            "orders up to {shown} of {}; --format csv and --format json have all of them",
            hops.orders
        );
    }
    let worst = hops.residual.iter().fold(0.0f64, |top, r| top.max(*r));
    let _ = writeln!(text, "the parts add up to {symbol}_t within {worst:.1e}");
}

/// What number formats and truncation make of the gradient.
fn lens(text: &mut String, lens: &Lens, symbol: &str) {
    let _ = writeln!(
        text,
        "\n{:16}{:>14}{:>14}   clip_grad_norm_ leaves",
        format!("{symbol} written in"),
        "is 0 from",
        "infinite from"
    );
    for written in &lens.formats {
        let back = |back: Option<usize>| back.map_or("-".to_owned(), |k| format!("{k} back"));
        let clip = written.clip.says();
        let (zero, overflow) = (back(written.zero_back), back(written.overflow_back));
        let _ = writeln!(
            text,
            "{:16}{zero:>14}{overflow:>14}   {clip}",
            written.format.name
        );
    }
    if let Some(truncated) = &lens.truncated {
        let _ = writeln!(text, "\n{}", truncated.says());
    }
}

/// The gradient over the draws of h-detach, at the steps of the other tables.
fn detach(text: &mut String, detached: &Detached, symbol: &str) {
    let Detached {
        probability, draws, ..
    } = detached;
    let _ = writeln!(
        text,
        "\nlog10 of |{symbol}_t| with h-detach at p = {probability}: mean and range of {draws} draws, and of\n\
         all draws the size of the mean vector"
    );
    let curves = curves(detached).into_iter();
    let columns: Vec<Column> = curves
        .map(|(name, curve)| (name.to_owned(), curve.into()))
        .collect();
    logs(text, &columns, COLUMN, detached.mean.len());
}

/// The exponents, sorted, and the largest.
fn lyapunov(text: &mut String, lyapunov: &Lyapunov, factor: Option<Wide>) {
    let number = |x: f64, digits: usize| match x {
        f64::NEG_INFINITY => "-∞".to_owned(),
        x => decimal::text(Wide::from_f64(x), digits),
    };
    let pairs = lyapunov.exponents.iter().zip(&lyapunov.rounding);
    let (mut finite, gone): (Vec<_>, Vec<_>) = pairs.partition(|(x, _)| x.is_finite());
    finite.sort_by(|(a, _), (b, _)| b.total_cmp(a));
    // No digit that rounding may have changed.
    let true_digits = |x: f64, rounding: f64| {
        let known = (x.abs() / rounding).log10().floor();
        (1..4).find(|&digits| known <= digits as f64).unwrap_or(4)
    };
    let shown = ends(
        finite
            .iter()
            .map(|(x, rounding)| number(**x, true_digits(**x, **rounding))),
    );
    let _ = writeln!(
        text,
        "\nLyapunov exponents per step from the frame Q_0 = 1 (h first), sorted"
    );
    let _ = if gone.is_empty() {
        let sum: f64 = finite.iter().map(|(x, _)| *x).sum();
        let rounding = finite.iter().map(|(_, rounding)| *rounding).sum();
        writeln!(
            text,
            "{shown}   sum {}",
            number(sum, true_digits(sum, rounding))
        )
    } else {
        writeln!(text, "{shown}, and {} at -∞", gone.len())
    };
    let [largest, settled] = [lyapunov.largest(), lyapunov.settled()].map(|x| number(x, 4));
    let _ = writeln!(
        text,
        "λ_1 = 1/T ln σ_1, best placed of all: {largest}, over the second half {settled}"
    );
    if let Some(r) = factor {
        let along = number(r.ln(), 4);
        let _ = writeln!(
            text,
            "ln r, the slope along the gradient of this loss: {along}"
        );
    }
    if let Some(singular) = &lyapunov.singular {
        let reason = reason(singular);
        let (what, span) = reason.split_once(" (").unwrap_or((&reason, ""));
        let _ = writeln!(text, "{what}; JSON has none\n({span}");
    }
}

/// The first and the last few of a list.
fn ends(list: impl Iterator<Item = String>) -> String {
    let list: Vec<String> = list.collect();
    match list.as_slice() {
        short if short.len() <= SHOWN => short.join(" "),
        [first @ .., last] => format!("{} … {last}", first[..SHOWN - 1].join(" ")),
        [] => String::new(),
    }
}
