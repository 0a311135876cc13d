//! Activations over the window: mean over the units as a line, lowest to highest unit as a band.

use ratatui::layout::Rect;
use ratatui::style::{Modifier, Style};
use ratatui::text::Line;
use unicode_width::UnicodeWidthStr;

use crate::app::panel::{Panel, framed_plot};
use crate::app::view::View;
use crate::cell::Activation;
use crate::flow::{GateTrack, Path};
use crate::sim::Side;
use crate::ui::pen::Pen;
use crate::ui::theme::Role;
use crate::ui::widget::chart::{Band, Chart, Series};
use crate::words::short::number;

/// The symbol, the colour and the range of a gate.
fn identity(view: &View, side: Side, name: &str) -> (&'static str, Style, f64) {
    let theme = view.look.theme;
    match name {
        "block" => ("z", theme.path(Path::Block), -1.0),
        "input" => ("i", theme.path(Path::Input), 0.0),
        "forget" => ("f", theme.path(Path::Forget), 0.0),
        "output" => ("o", theme.path(Path::Output), 0.0),
        "update" => ("z", theme.path(Path::Update), 0.0),
        "reset" => ("r", theme.path(Path::Reset), 0.0),
        "candidate" => ("n", theme.path(Path::Candidate), -1.0),
        _ => {
            let settings = view.snapshot.map(|s| &s.settings);
            let relu = settings.is_some_and(|s| s.activation == Activation::Relu);
            let least = if relu && view.kind(side).spec().has_activation {
                0.0
            } else {
                -1.0
            };
            ("h", theme.path(Path::Recurrent), least)
        }
    }
}

/// Whether it is gates that are shown, or the state of a cell that has none.
fn what(view: &View, side: Side) -> &'static str {
    if view.kind(side).spec().gates.iter().any(|gate| gate.closes) {
        "gates"
    } else {
        "state h"
    }
}

/// The word under the symbol.
fn title_of(name: &str) -> &str {
    if name == "recurrent" { "state" } else { name }
}

/// Gates of a cell over the window.
#[derive(Clone, Copy, Debug)]
pub struct Gates(pub Side);

impl Panel for Gates {
    fn render(&self, pen: &mut Pen, area: Rect, view: &View) {
        let side = self.0;
        let gutter = view.gutter;
        let look = view.look;
        let title = Line::from(vec![
            look.span(
                format!("{} {} over t", view.name(side), what(view, side)),
                Role::Strong,
            ),
            look.span("  mean of the units, lowest to highest", Role::Quiet),
        ]);
        let t = view.cursor();
        let inner = pen.frame(area, &title, &Line::default());
        let (Some(flow), Some(plot)) = (view.flow(side), framed_plot(area, gutter)) else {
            return;
        };
        let tracks = u16::try_from(flow.gates.len().max(1)).unwrap_or(1);
        let each = (inner.height / tracks).max(1);
        let mut extra = inner.height.saturating_sub(each * tracks);
        let mut y = inner.y;
        for gate in &flow.gates {
            let height = (each + u16::from(extra > 0)).min(inner.bottom().saturating_sub(y));
            extra = extra.saturating_sub(1);
            if height == 0 {
                break;
            }
            let row = Rect { y, height, ..inner };
            y += height;
            let (symbol, style, least) = identity(view, side, gate.name);
            let (low, high) = range(gate, least);
            let edge = plot.x.saturating_sub(1);
            let ends = [(row.y, high), (row.bottom() - 1, low)];
            // What the numbers of the axis leave of each line.
            let room = |y| {
                let end = ends.iter().find(|(at, _)| height > 1 && *at == y);
                let taken = end.map_or(0, |(_, v)| look.width(&end_of_axis(*v)));
                edge.saturating_sub(inner.x + taken + 1)
            };
            names(pen, row, room, gate, t, symbol, style);
            if height > 1 {
                for (y, v) in ends {
                    let text = end_of_axis(v);
                    let w = look.width(&text);
                    pen.text(edge.saturating_sub(w), y, w, &text, look.style(Role::Quiet));
                }
            }
            let series = [Series {
                levels: gate
                    .mean
                    .iter()
                    .map(|&v| v.is_finite().then_some(v))
                    .collect(),
                style: style.add_modifier(Modifier::BOLD),
                name: String::new(),
                letter: '*',
                end: None,
                dotted: false,
            }];
            let band = Band {
                low: &gate.low,
                high: &gate.high,
                style: style.add_modifier(Modifier::DIM),
            };
            Chart {
                series: &series,
                band: Some(band),
                steps: flow.steps,
                low,
                high,
                zero: f64::INFINITY,
                last: view.last(),
                cursor: Some(t),
                gutter: 1,
                names: false,
                bitten: &[],
            }
            .render(
                pen,
                Rect {
                    x: plot.x - 1,
                    width: plot.width + 1,
                    ..row
                },
            );
        }
    }

    fn plot(&self, area: Rect, gutter: u16) -> Option<Rect> {
        framed_plot(area, gutter)
    }
}

/// The range that is drawn: the activation's own, wider where the values leave it (a linear RNN),
/// and then with room, so that it does not change with every step. Its ends are written as whole
/// numbers, and are.
fn range(gate: &GateTrack, least: f64) -> (f64, f64) {
    let finite = |v: &&f64| v.is_finite();
    let top = gate
        .high
        .iter()
        .filter(finite)
        .fold(1.0f64, |a, &b| a.max(b));
    let low = gate.low.iter().filter(finite).fold(least, |a, &b| a.min(b));
    let roomy = |edge: f64| {
        if edge.abs() > 1.0 {
            let unit = 10f64.powf(edge.abs().log10().floor());
            let mut units = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 8.0].into_iter();
            let reached = |n: &f64| n * unit >= edge.abs() * (1.0 - 1e-9);
            (units.find(reached).unwrap_or(10.0) * unit).copysign(edge)
        } else {
            edge
        }
    };
    (roomy(low), roomy(top))
}

/// An end of the range, of a state that grows without bound as a power of ten.
fn end_of_axis(v: f64) -> String {
    if v.abs() < 1e4 {
        format!("{v:.0}")
    } else {
        format!("{v:.0e}")
    }
}

/// Name and values at the cursor, left of the plot, in the room that each line has.
fn names(
    pen: &mut Pen,
    row: Rect,
    room: impl Fn(u16) -> u16,
    gate: &GateTrack,
    t: usize,
    symbol: &str,
    style: Style,
) {
    let look = pen.look;
    let quiet = look.style(Role::Quiet);
    let at = |track: &[f64]| track.get(t - 1).copied().unwrap_or(f64::NAN);
    let values = [
        Some((symbol, at(&gate.mean))),
        None,
        Some(("▲", at(&gate.high))),
        Some(("▼", at(&gate.low))),
    ];
    for (k, (y, value)) in (row.top()..row.bottom()).zip(values).enumerate() {
        let room = room(y);
        let text = match value {
            Some((mark, v)) => numbered(mark, v, usize::from(room)),
            None => title_of(gate.name).to_owned(),
        };
        let style = if k == 0 {
            style.add_modifier(Modifier::BOLD)
        } else {
            quiet
        };
        pen.text(row.x, y, room, &text, style);
    }
}

/// A value behind its mark, with three decimals, or fewer where there is no room for them; the mark
/// alone where the value would be cut.
fn numbered(mark: &str, v: f64, room: usize) -> String {
    let texts = if !v.is_finite() || v.abs() >= 100.0 {
        vec![number(v), format!("{v:.0e}")]
    } else {
        let decimals = [3, 2, 1].into_iter();
        decimals.map(|decimals| format!("{v:.decimals$}")).collect()
    };
    let mut texts = texts.into_iter().map(|text| format!("{mark} {text}"));
    let fitting = texts.find(|text| text.width() <= room);
    fitting.unwrap_or_else(|| mark.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_large_is_written_short_and_never_cut() {
        assert_eq!(end_of_axis(-3.0), "-3");
        assert_eq!(end_of_axis(2e95), "2e95");
        assert_eq!(numbered("h", 0.98765, 9), "h 0.988");
        assert_eq!(numbered("h", 0.98765, 6), "h 0.99");
        assert_eq!(numbered("h", 9e73, 9), "h 9.0e+73");
        assert_eq!(numbered("h", 9e73, 7), "h 9e73");
        assert_eq!(numbered("h", 9e73, 4), "h");
    }

    #[test]
    fn the_range_is_near_the_values_and_ends_in_whole_numbers() {
        let ends = |low, high, least| {
            let gate = GateTrack {
                name: "recurrent",
                mean: Vec::new(),
                low: vec![low],
                high: vec![high],
            };
            range(&gate, least)
        };
        for ((low, high, least), expected) in [
            ((0.0, 0.3, 0.0), [0.0, 1.0]),
            ((0.0, 5.2, 0.0), [0.0, 6.0]),
            ((-2.1, 1.0, -1.0), [-3.0, 1.0]),
            ((-1.0, 70.0, -1.0), [-1.0, 80.0]),
            ((-9.0, 100.0, -1.0), [-10.0, 100.0]),
            ((0.0, 101.0, 0.0), [0.0, 200.0]),
        ] {
            let (low, high) = ends(low, high, least);
            for (end, expected) in [low, high].into_iter().zip(expected) {
                assert!((end - expected).abs() < 1e-9, "{end} {expected}");
            }
        }
    }
}
