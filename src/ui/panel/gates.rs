//! Activations over the window: mean over the units as a line, lowest to highest unit as a band.

use ratatui::layout::Rect;
use ratatui::style::{Modifier, Style};
use ratatui::text::Line;

use crate::cell::CellKind;
use crate::flow::{GateTrack, Path};
use crate::sim::Side;
use crate::ui::layout::{Panel, plot};
use crate::ui::pen::Pen;
use crate::ui::theme::Role;
use crate::ui::view::View;
use crate::ui::widget::chart::{Band, Chart, Series};
use crate::ui::widget::scale::nice;

/// The symbol, the colour and the range of a gate.
fn identity(view: &View, name: &str) -> (&'static str, Style, f64) {
    let theme = view.look.theme;
    match name {
        "block" => ("z", theme.path(Path::Block), -1.0),
        "input" => ("i", theme.path(Path::Input), 0.0),
        "forget" => ("f", theme.path(Path::Forget), 0.0),
        "output" => ("o", theme.path(Path::Output), 0.0),
        "update" => ("z", theme.path(Path::Update), 0.0),
        "reset" => ("r", theme.path(Path::Reset), 0.0),
        "candidate" => ("n", theme.path(Path::Candidate), -1.0),
        _ => ("h", theme.path(Path::Recurrent), -1.0),
    }
}

/// Whether it is gates that are shown, or the state of a cell that has none.
fn what(view: &View, side: Side) -> &'static str {
    match view.kind(side) {
        CellKind::Rnn | CellKind::Lru => "state h",
        _ => "gates",
    }
}

/// The word under the symbol.
fn title_of(name: &str) -> &str {
    if name == "recurrent" { "state" } else { name }
}

/// Draws the panel.
pub fn render(pen: &mut Pen, area: Rect, view: &View, side: Side, gutter: u16) {
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
    let (Some(flow), Some(plot)) = (view.flow(side), plot(Panel::Gates(side), area, gutter)) else {
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
        let (symbol, style, least) = identity(view, gate.name);
        names(
            pen,
            row,
            plot.x.saturating_sub(inner.x),
            gate,
            t,
            symbol,
            style,
        );
        let (low, high) = range(gate, least);
        if height > 1 {
            let edge = plot.x.saturating_sub(1);
            for (y, v) in [(row.y, high), (row.bottom() - 1, low)] {
                let text = format!("{v:.0}");
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

/// The range that is drawn: the activation's own, wider where the values leave it (a linear RNN),
/// and then with room, so that it does not change with every step.
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
            nice(edge.abs()).copysign(edge)
        } else {
            edge
        }
    };
    (roomy(low), roomy(top))
}

/// Name and values at the cursor, left of the plot.
fn names(
    pen: &mut Pen,
    row: Rect,
    room: u16,
    gate: &GateTrack,
    t: usize,
    symbol: &str,
    style: Style,
) {
    let look = pen.look;
    let room = room.saturating_sub(3);
    let mean = gate.mean.get(t - 1).copied().unwrap_or(f64::NAN);
    let value = |v: f64| {
        if v.is_finite() && v.abs() < 100.0 {
            format!("{v:.3}")
        } else {
            crate::ui::format::number(v)
        }
    };
    let lines = [
        (
            format!("{symbol} {}", value(mean)),
            style.add_modifier(Modifier::BOLD),
        ),
        (title_of(gate.name).to_owned(), look.style(Role::Quiet)),
        (
            format!(
                "▲ {}",
                value(gate.high.get(t - 1).copied().unwrap_or(f64::NAN))
            ),
            look.style(Role::Quiet),
        ),
        (
            format!(
                "▼ {}",
                value(gate.low.get(t - 1).copied().unwrap_or(f64::NAN))
            ),
            look.style(Role::Quiet),
        ),
    ];
    for (k, (y, (text, style))) in (row.top()..row.bottom()).zip(lines).enumerate() {
        // Between the ends of the axis there is a column more.
        let between = k == 1 && row.height > 2;
        pen.text(row.x, y, room + u16::from(between), &text, style);
    }
}
