//! All finite-time Lyapunov exponents of the frame that begins with the coordinates, how they settled
//! over the window, and with them λ_1 = 1/T ln σ_1, that of the best placed disturbance. ln r, the
//! slope along the gradient of this loss, stands beside it where there is room: that it can be below 0 where
//! λ_1 is above is no contradiction.

use std::f64::consts::LOG10_E;

use ratatui::layout::Rect;
use ratatui::text::Line;

use super::signed;
use crate::app::view::View;
use crate::flow::{Lyapunov, Spectrum, Verdict};
use crate::ui::pen::{Look, Pen};
use crate::ui::theme::Role;
use crate::ui::widget::fan::{Fan, Station};

/// Columns left of the points.
const GUTTER: u16 = 8;
/// From so many columns on, the title has room for two numbers and what they are.
const ROOM_FOR_BOTH: u16 = 64;

pub(super) fn render(pen: &mut Pen, area: Rect, view: &View, spectrum: &Spectrum, title: &Line) {
    let look = view.look;
    let lyapunov = &spectrum.lyapunov;
    let steps = lyapunov.course.last().map_or(1, |last| last.steps);
    let sorted = lyapunov.sorted();
    let top = lyapunov.largest();
    let judged = view.app.judges(view.app.focus.side);
    let role = |x: f64| match Verdict::of(x * LOG10_E, steps) {
        verdict if judged => Role::from(verdict),
        _ => Role::Text,
    };
    let number = |words: &str, x: f64| {
        let role = role(x);
        look.span(format!("{words} {}", signed(x)), role)
    };
    // The signs of the two may differ: without their words neither stands beside the other.
    let mut answer = vec![number("best placed λ_1", top)];
    let both = area.width >= ROOM_FOR_BOTH;
    if let Some(r) = spectrum.factor.filter(|_| both) {
        answer.push(number("  along δ ln r", r.ln()));
    }
    let mut inner = pen.frame(area, title.clone(), answer);
    // How the largest one settled, in a line below the picture.
    if inner.height >= 3 {
        inner.height -= 1;
        let room = inner.width.saturating_sub(2);
        let line = settled(look, lyapunov, steps, room);
        pen.line(inner.x + 1, inner.bottom(), room, &line);
    }
    let stations = lyapunov.course.iter().map(|estimate| Station {
        steps: estimate.steps,
        // λ_1 belongs to no column of the frame.
        values: [vec![estimate.largest], estimate.sorted()].concat(),
    });
    let stations: Vec<Station> = stations.collect();
    let (low, high) = axis(&stations, steps);
    let style = |value: f64| look.style(role(value));
    Fan {
        stations: &stations,
        steps,
        low,
        high,
        style: &style,
        gutter: GUTTER,
    }
    .render(pen, inner);
    let gone = sorted.iter().filter(|x| !x.is_finite()).count();
    let all = sorted.len();
    let count = match gone {
        0 => format!("{all} exponents"),
        _ => format!("{all} exponents, {gone} gone"),
    };
    let sum: f64 = sorted.iter().sum();
    let right = match &lyapunov.singular {
        Some(at) => format!("J singular at t {}", at.step),
        None if gone > 0 => String::new(),
        None => format!("sum {}", signed(sum)),
    };
    pen.lower(
        area,
        look.span(count, Role::Quiet),
        look.span(right, Role::Quiet),
    );
}

/// λ_1 of the first quarter, half and three quarters of the window, and of all.
fn settled(look: Look, lyapunov: &Lyapunov, steps: usize, room: u16) -> Line<'static> {
    let at = |quarters: usize| {
        let until = steps * quarters / 4;
        let kept = lyapunov.course.partition_point(|e| e.steps <= until);
        let estimate = kept.checked_sub(1).and_then(|k| lyapunov.course.get(k));
        estimate.map(|e| e.largest)
    };
    let parts = [("T/4", 1), ("T/2", 2), ("3T/4", 3), ("T", 4)];
    let mut line = Line::from(look.span("λ_1 at", Role::Quiet));
    for (name, quarters) in parts {
        let Some(value) = at(quarters) else { continue };
        let spans = [
            look.span(format!(" {name}"), Role::Quiet),
            look.span(format!(" {}", signed(value)), Role::Text),
        ];
        let more: u16 = spans.iter().map(|s| look.width(&s.content)).sum();
        if look.line_width(&line) + more <= room {
            line.spans.extend(spans);
        }
    }
    line
}

/// An axis around 0 and all that lies behind the first eighth of the window, where the single
/// exponents still jump.
fn axis(stations: &[Station], steps: usize) -> (f64, f64) {
    let settled = stations.iter().filter(|s| 8 * s.steps >= steps);
    let values = settled.flat_map(|s| s.values.iter().copied());
    let (low, high) = values
        .filter(|v| v.is_finite())
        .fold((0.0f64, 0.0f64), |(low, high), v| (low.min(v), high.max(v)));
    let room = (0.06 * (high - low)).max(0.002);
    (low - room, high + room)
}
