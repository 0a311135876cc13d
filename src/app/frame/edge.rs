//! The search for the edge: the answer first, then every trial, the newest at the bottom.
//!
//! ```text
//! ╭ edge of rnn along spectral radius ρ ─────────────── r = 1 at 1.0000000 ◆ ─╮
//! │  trial  spectral radius ρ           r   -4  r²⁰⁰ over the window   +4     │
//! │      1          0.9000000   0.9000000         ▼────────│                  │
//! │      2          0.9460000   0.9460000            ●─────│                  │
//! │ r is 1 here: the gradient of the window neither grows nor shrinks.        │
//! ╰───────────────────────────────────────────────────────────────────────────╯
//! ```

use ratatui::layout::Rect;
use ratatui::text::Line;

use crate::app::frame::popup::at_the_edge;
use crate::app::popup::Edge;
use crate::app::view::View;
use crate::flow::Verdict;
use crate::sim::edge::{Outcome, Search, Spread, Trial};
use crate::ui::pen::{Look, Pen, row_of};
use crate::ui::theme::Role;
use crate::ui::widget::bars::Stem;
use crate::words::fit::fit;
use crate::words::short::wide;
use crate::words::superscript;

/// The widest popup.
const WIDTH: u16 = 78;
/// So many trials are in sight where there is room.
const TRIALS: u16 = 9;
/// Decades of the window's factor that the picture reaches in both directions.
const REACH: f64 = 4.0;
/// Columns of the numbers: trial, value, r.
const COLUMNS: [u16; 3] = [6, 14, 13];

/// Draws it, at the lower edge: the curves that it moves stay in sight.
pub fn render(pen: &mut Pen, area: Rect, view: &View, edge: &Edge) {
    let look = view.look;
    let width = WIDTH.min(area.width);
    let room = usize::from(width.saturating_sub(4)).max(1);
    let words = look.wrap(&sentence(view, edge), room);
    // Always the height of its longest sentence, so that it stays where it is as trials come.
    let below = u16::try_from(words.len()).unwrap_or(3).max(3);
    let rows = TRIALS
        .min((area.height / 2).saturating_sub(below + 3))
        .max(1);
    let place = at_the_edge(area, width, rows + below + 3);
    pen.clear(place);
    let name = edge.request.knob.name();
    let title = Line::from(vec![
        look.span(
            format!("edge of {}", view.name(edge.request.side)),
            Role::Strong,
        ),
        look.span(format!(" along {name}"), Role::Text),
    ]);
    let inner = pen.frame(place, title, answer(look, edge));
    let steps = view.steps();
    pen.within(inner, |pen| {
        head(pen, inner, name, steps);
        let trials = edge.search.as_deref().map_or(&[][..], |s| &s.trials);
        let shown = trials.len().min(usize::from(rows));
        let first = trials.len() - shown;
        let places = inner.y + 1..inner.y + 1 + rows;
        for ((y, trial), number) in places.zip(&trials[first..]).zip(first + 1..) {
            let row = row_of(inner, y);
            line(pen, row, number, *trial, steps);
        }
        for (y, text) in (inner.y + 1 + rows..inner.bottom()).zip(&words) {
            pen.text(inner.x + 1, y, inner.width, text, look.style(Role::Text));
        }
    });
    let key = |name, word: &str| {
        let key = look.span(view.app.keymap.first(name), Role::Key);
        [key, look.span(format!(" {word}"), Role::Quiet)]
    };
    let keys = match edge.outcome() {
        None => vec![key("edge_leave", "cancel")],
        Some(_) if edge.changes() => {
            vec![key("undo", "take it back"), key("edge_leave", "close")]
        }
        Some(_) => vec![key("edge_leave", "close")],
    };
    let keys = keys.join(&look.span("  ", Role::Quiet));
    let count = edge.search.as_ref().map_or(0, |search| search.trials.len());
    let plural = if count == 1 { "" } else { "s" };
    let count = look.span(format!("{count} trial{plural}"), Role::Quiet);
    pen.lower(place, count, keys);
}

/// The answer in the border.
fn answer(look: Look, edge: &Edge) -> Line<'static> {
    match edge.outcome() {
        None => look.span("searching …", Role::Strong),
        Some(Outcome::Found(trial)) => {
            let spread = edge.search.as_ref().and_then(|search| search.spread);
            let at = spread.map_or_else(|| digits(trial.value), about);
            look.span(format!("r = 1 at {at} ◆"), Role::Stable)
        }
        Some(Outcome::Jump(trial, _)) => {
            look.span(format!("r jumps at {}", digits(trial.value)), Role::Strong)
        }
        Some(Outcome::NoCrossing(..)) => look.span("no edge in the range", Role::Strong),
        Some(Outcome::NoBeginning) => look.span("no r to begin with", Role::Error),
    }
    .into()
}

/// What the search does, or how it ended.
fn sentence(view: &View, edge: &Edge) -> String {
    let name = edge.request.knob.name();
    let Some(search) = edge.search.as_deref() else {
        return "The first trial is being computed.".to_owned();
    };
    let r = |trial: Trial| trial.log_r.map_or_else(|| "none".to_owned(), factor);
    match search.outcome {
        None => search.bracket.map_or_else(
            || {
                format!(
                    "From {} in both directions until r passes 1.",
                    digits(edge.request.start)
                )
            },
            |(low, high)| {
                let (low, high) = (digits(low.value), digits(high.value));
                format!("r passes 1 between {low} and {high}.")
            },
        ),
        Some(Outcome::Found(trial)) => {
            let first = search.trials.first().copied();
            let first = first.map_or_else(String::new, |trial| match (search.spread, trial.r()) {
                // r of one of several windows that differ has no more digits than the strip says.
                (Some(_), Some(size)) if (0.1..100.0).contains(&size) => format!("{size:.3}"),
                _ => r(trial),
            });
            let value = |value: f64| match search.spread {
                Some(spread) => format!("{value:.*}", decimals(spread)),
                None => digits(value),
            };
            let before = if edge.changes() {
                format!("at {} r was {first}", value(edge.request.start))
            } else {
                "nothing was changed".to_owned()
            };
            let others = search.spread.map_or_else(String::new, |spread| {
                let windows = spread.windows;
                format!(
                    " Over {windows} windows in a row the edge is at {}.",
                    about(spread)
                )
            });
            format!(
                "At {name} {} the gradient of this window has r = 1; {before}.{others}{}",
                value(trial.value),
                transient(search)
            )
        }
        Some(Outcome::Jump(near, far)) => format!(
            "No value makes r 1 here: it jumps from {} to {} between two neighbouring numbers. The nearer one is taken.",
            r(near),
            r(far)
        ),
        Some(Outcome::NoCrossing(low, high)) => {
            let range = search.knob.range();
            let whole = low.value <= *range.start() && high.value >= *range.end();
            let what = if whole {
                "all that is allowed"
            } else {
                "all that can be measured"
            };
            format!(
                "r of {} does not pass 1 from {} to {}, {what}: it is {} at the one end and {} at the other. Nothing \
                 was changed.",
                view.name(edge.request.side),
                digits(low.value),
                digits(high.value),
                r(low),
                r(high)
            )
        }
        Some(Outcome::NoBeginning) => format!(
            "At {} there is no factor per step: the gradient at T is zero, or the state leaves the range of numbers.",
            digits(edge.request.start)
        ),
    }
}

/// What the steps at the ends of the window do beside a factor per step of 1, where that is much.
fn transient(search: &Search) -> String {
    let Some([last, first]) = search.ends else {
        return String::new();
    };
    let Some(ratio) = first.ratio(last) else {
        return String::new();
    };
    if Verdict::of(ratio.log10(), 1) == Verdict::Stable {
        return String::new();
    }
    format!(
        " |δ| goes from {} at T to {} at t = 1 all the same: a transient, no growth by a factor per step.",
        wide(last),
        wide(first)
    )
}

/// Edges of several windows with their standard deviation, in the digits that are true: `0.50 ± 0.12`.
fn about(spread: Spread) -> String {
    let decimals = decimals(spread);
    format!(
        "{:.decimals$} ± {:.decimals$}",
        spread.mean, spread.deviation
    )
}

/// Decimals in which edges of several windows are told: two digits of their deviation.
fn decimals(spread: Spread) -> usize {
    let first = 1.0 - spread.deviation.log10().floor();
    first.clamp(0.0, 9.0) as usize
}

fn head(pen: &mut Pen, area: Rect, name: &str, steps: usize) {
    let quiet = pen.look.style(Role::Quiet);
    let mut end = area.x;
    for (text, width) in ["trial", symbol(name), "r"].into_iter().zip(COLUMNS) {
        end += width;
        pen.text_right(area.x, end, area.y, text, quiet);
    }
    let plot = picture(area);
    if plot.width < 12 {
        return;
    }
    pen.text(plot.x, area.y, 2, "-4", quiet);
    pen.text_right(plot.x, plot.right(), area.y, "+4", quiet);
    let text = format!("log10 r{}", superscript(steps));
    let text = fit(&text, usize::from(plot.width.saturating_sub(6)));
    let x = plot.x + (plot.width.saturating_sub(pen.look.width(&text))) / 2;
    pen.text(x, area.y, plot.right() - x, &text, quiet);
}

/// The last word of a knob's name: its symbol where it has one.
fn symbol(name: &str) -> &str {
    name.rsplit(' ').next().unwrap_or(name)
}

/// Where sizes are drawn.
fn picture(row: Rect) -> Rect {
    let left: u16 = COLUMNS.iter().sum::<u16>() + 2;
    Rect {
        x: row.x + left,
        width: row.width.saturating_sub(left + 2),
        ..row
    }
}

fn line(pen: &mut Pen, row: Rect, number: usize, trial: Trial, steps: usize) {
    let look = pen.look;
    let role = trial
        .r()
        .map_or(Role::Quiet, |r| Role::from(Verdict::of(r.log10(), steps)));
    let r = trial.log_r.map_or_else(|| "none".to_owned(), factor);
    let texts = [
        (number.to_string(), Role::Quiet),
        (digits(trial.value), Role::Text),
        (r, role),
    ];
    let mut end = row.x;
    for ((text, role), width) in texts.into_iter().zip(COLUMNS) {
        end += width;
        pen.text_right(end - width, end, row.y, &text, look.style(role));
    }
    let Some(log_r) = trial.log_r else {
        return;
    };
    let decades = log_r / std::f64::consts::LN_10 * steps as f64;
    Stem {
        level: Some(decades.max(-1e9)),
        low: -REACH,
        high: REACH,
        from: 0.0,
    }
    .render(pen, picture(row), look.style(role));
}

/// Ten digits of a setting's value.
fn digits(value: f64) -> String {
    let decimals = match value.abs() {
        v if v >= 10.0 => 8,
        _ => 9,
    };
    let text = format!("{value:.decimals$}");
    let point = text.find('.').unwrap_or(text.len());
    let short = text.trim_end_matches('0');
    // At least two decimals, so that a column of values has its points in one place at its ends.
    text.get(..short.len().max(point + 3))
        .unwrap_or(&text)
        .to_owned()
}

/// r with the digits in which it differs from 1, from its logarithm.
fn factor(log_r: f64) -> String {
    let r = log_r.exp();
    if r == 0.0 {
        "0".to_owned()
    } else if (1e-4..1e4).contains(&r) {
        format!("{r:.9}")
    } else {
        format!("{r:.3e}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_have_the_digits_they_need() {
        assert_eq!(digits(1.0), "1.00");
        assert_eq!(digits(0.93), "0.93");
        assert_eq!(digits(1.000_000_001), "1.000000001");
        assert_eq!(digits(-20.0), "-20.00");
        assert_eq!(digits(100.0), "100.00");
        let spread = |mean, deviation| {
            about(Spread {
                windows: 9,
                mean,
                deviation,
            })
        };
        assert_eq!(spread(0.5012, 0.1234), "0.50 ± 0.12");
        assert_eq!(spread(-3.98768, 0.00456), "-3.9877 ± 0.0046");
        assert_eq!(spread(1.0, 0.0), "1.000000000 ± 0.000000000");
        assert_eq!(factor(0.0), "1.000000000");
        assert_eq!(factor(f64::NEG_INFINITY), "0");
        assert_eq!(symbol("spectral radius ρ"), "ρ");
    }
}
