//! The error surface of one unit, the way of descent that its wall throws off, and the clipped one.

use ratatui::layout::Rect;

use super::charts::GUTTER;
use crate::app::panel::heat::scale;
use crate::train::surface::{self, NAMES, PAIRS, Point, RANGES, STEPS};
use crate::ui::pen::{Pen, row_of};
use crate::ui::theme::Role;
use crate::ui::widget::heat::glyph;
use crate::ui::widget::map::{Map, per_line};
use crate::words::short;

/// What is shown of it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Surface {
    /// Which two parameters.
    pub pair: usize,
    /// η of both ways.
    pub rate: f64,
    /// θ of the clipped one.
    pub threshold: f64,
}

impl Default for Surface {
    fn default() -> Self {
        Self {
            pair: 0,
            rate: 0.1,
            threshold: 1.0,
        }
    }
}

/// log10 of the error is drawn relative to this.
const MIDDLE: f64 = 0.1;
/// Decades to the outermost colour.
const REACH: f64 = 3.0;

pub(super) fn render(pen: &mut Pen, area: Rect, shown: Surface) {
    let look = pen.look;
    let pair = PAIRS[shown.pair % PAIRS.len()];
    let thrown = surface::descend(pair, shown.rate, None);
    let kept = surface::descend(pair, shown.rate, Some(shown.threshold));
    let names = pair.map(|k| NAMES[k]);
    let unit = format!(
        "  log10 of the error / {MIDDLE} of one unit after {STEPS} steps, by {} and {}",
        names[0], names[1]
    );
    let title = look.title("error surface", unit);
    let answer = format!("η {}  θ {}", shown.rate, shown.threshold);
    let inner = pen.frame(area, title, look.span(answer, Role::Strong));
    let words = words(pair, &thrown, &kept);
    let width = usize::from(inner.width.saturating_sub(2)).max(1);
    let lines: Vec<(String, Role)> = words
        .into_iter()
        .flat_map(|(text, role)| {
            let lines = look.wrap(&text, width);
            lines.into_iter().map(move |line| (line, role))
        })
        .collect();
    let below = u16::try_from(lines.len()).unwrap_or(0);
    let plot = Rect::new(
        inner.x + GUTTER,
        inner.y,
        inner.width.saturating_sub(GUTTER + 1),
        inner.height.saturating_sub(below + 1),
    );
    if plot.is_empty() {
        return;
    }
    map(pen, plot, pair);
    axes(pen, plot, pair);
    way(pen, plot, pair, &kept, '○', Role::Stable);
    way(pen, plot, pair, &thrown, '●', Role::Strong);
    for (y, (text, role)) in (plot.bottom() + 1..inner.bottom()).zip(lines) {
        pen.text(inner.x + 1, y, inner.width, &text, look.style(role));
    }
    scale(pen, area, area.bottom() - 1, 0, REACH, glyph);
}

/// What became of both.
fn words([x, y]: [usize; 2], thrown: &[Point], kept: &[Point]) -> Vec<(String, Role)> {
    let place = |point: &Point| {
        let [a, b] = [x, y].map(|k| format!("{} {}", NAMES[k], short::number(point.unit[k])));
        format!("{a}, {b}, error {}", short::number(point.error))
    };
    let steps = thrown.iter().enumerate();
    let steepest = steps.max_by(|a, b| a.1.norm.total_cmp(&b.1.norm));
    let mut words = Vec::new();
    if let (Some((step, point)), Some(last)) = (steepest, thrown.last()) {
        let inside = |k: usize| (RANGES[k].0..=RANGES[k].1).contains(&last.unit[k]);
        let (went, role) = if inside(x) && inside(y) {
            ("it ends at", Role::Text)
        } else {
            ("it is thrown off to", Role::Explode)
        };
        let norm = short::number(point.norm);
        let text = format!("● plain descent: |g| {norm} at step {step}; {went} ");
        words.push((text + &place(last), role));
    }
    if let Some(last) = kept.last() {
        words.push((format!("○ clipped: it ends at {}", place(last)), Role::Text));
    }
    words
}

/// The value of a parameter in the middle of the n-th of so many parts.
fn value(k: usize, n: usize, parts: usize) -> f64 {
    let (low, high) = RANGES[k];
    low + (high - low) * (n as f64 + 0.5) / parts as f64
}

fn map(pen: &mut Pen, plot: Rect, [x, y]: [usize; 2]) {
    let per = per_line(pen.look);
    let (columns, rows) = (usize::from(plot.width), usize::from(plot.height * per));
    let row = |n: usize| {
        let level = |column: usize| {
            let mut unit = surface::START;
            unit[x] = value(x, column, columns);
            unit[y] = value(y, rows - 1 - n, rows);
            Some((surface::error(unit).0.max(1e-12) / MIDDLE).log10())
        };
        (0..columns).map(level).collect()
    };
    let rows: Vec<Vec<_>> = (0..rows).map(row).collect();
    Map {
        rows: &rows,
        reach: REACH,
        cursor: None,
    }
    .render(pen, plot, per);
}

fn axes(pen: &mut Pen, plot: Rect, [x, y]: [usize; 2]) {
    for row in plot.top()..plot.bottom() {
        pen.put(plot.x - 1, row, '│', pen.look.style(Role::Quiet));
    }
    let left = |y| Rect::new(plot.x - GUTTER, y, GUTTER - 2, 1);
    let (low, high) = RANGES[y];
    pen.write_right(left(plot.y), &high.to_string(), Role::Quiet);
    pen.write_right(left(plot.bottom() - 1), &low.to_string(), Role::Quiet);
    pen.write_right(left(plot.y + plot.height / 2), NAMES[y], Role::Text);
    let below = row_of(plot, plot.bottom());
    let (low, high) = RANGES[x];
    pen.write(below, &low.to_string(), Role::Quiet);
    pen.write_right(below, &high.to_string(), Role::Quiet);
    pen.text(
        plot.x + plot.width / 2,
        below.y,
        8,
        NAMES[x],
        pen.look.style(Role::Text),
    );
}

/// The points of a way, and an arrow where it leaves the picture.
fn way(pen: &mut Pen, plot: Rect, [x, y]: [usize; 2], points: &[Point], sign: char, role: Role) {
    let style = pen.look.style(role);
    let part = |k: usize, value: f64| (value - RANGES[k].0) / (RANGES[k].1 - RANGES[k].0);
    for point in points {
        let (across, up) = (part(x, point.unit[x]), part(y, point.unit[y]));
        let cell =
            |part: f64, cells: u16| (part.clamp(0.0, 1.0) * f64::from(cells - 1)).round() as u16;
        let at = (
            plot.x + cell(across, plot.width),
            plot.bottom() - 1 - cell(up, plot.height),
        );
        let c = match (across, up) {
            (_, up) if up > 1.0 => '▲',
            (_, up) if up < 0.0 => '▼',
            (across, _) if across > 1.0 => '▶',
            (across, _) if across < 0.0 => '◀',
            _ => sign,
        };
        pen.put(at.0, at.1, c, style);
    }
}
