//! The waterfall: how much of the gradient is left at each step back from T, update by update. What falls
//! farther down is credit that reaches farther back.

use ratatui::layout::{Margin, Rect};

use super::Subject;
use super::charts::{self, GUTTER};
use crate::app::panel::heat::scale;
use crate::ui::pen::Pen;
use crate::ui::span::Span;
use crate::ui::theme::Role;
use crate::ui::widget::heat::glyph;
use crate::ui::widget::map::{Map, per_line};
use crate::ui::widget::scale::nice;
use crate::words::short::Level;

/// The deepest level that is told apart from those below it, where nothing grows as far.
const DEEPEST: f64 = 8.0;

pub(super) fn render(pen: &mut Pen, area: Rect, subject: &Subject) {
    let look = pen.look;
    let symbol = subject.trained.settings.cell.cell().spec().gradient();
    let columns = &subject.trained.history.columns;
    let inner = area.inner(Margin::new(1, 1));
    let plot = Rect {
        x: inner.x + GUTTER,
        width: inner.width.saturating_sub(GUTTER + 1),
        ..inner
    };
    if plot.is_empty() {
        return;
    }
    let per = per_line(look);
    let rows = usize::from(plot.height * per);
    let span = Span::new(subject.width(), plot.width);
    let picture = rows_of(subject, plot.width, rows);
    // Two runs have one scale.
    let all = subject.all().map(|run| rows_of(&run, plot.width, rows));
    let levels = all.flatten().flatten().flatten();
    let (low, high) = levels.fold((-1.0, 1.0), |(low, high): (f64, f64), x| {
        (low.min(x), high.max(x))
    });
    let reach = nice(high.max(-low.max(-(2.0 * high).max(DEEPEST))));
    let newest = columns.iter().rev().find_map(|c| c.horizon.top());
    let answer = newest.map_or_else(String::new, |back| left(back, length(subject)));
    let title = subject.title(
        pen,
        &format!("waterfall ±{reach}"),
        &format!("log10 |{symbol}_t|/|{symbol}_T|"),
    );
    pen.frame(area, title, look.span(answer, Role::Strong));
    let cursor = subject.cursor.map(|column| span.column(column + 1));
    Map {
        rows: &picture,
        reach,
        cursor,
    }
    .render(pen, plot, per);
    steps(pen, plot, subject);
    charts::time(pen, area, subject, GUTTER);
    // Between the first update and the last, where there is room for it.
    let left = Rect {
        width: area.width.saturating_sub(10),
        ..area
    };
    scale(pen, left, area.bottom() - 1, GUTTER + 4, reach, glyph);
}

/// How far back 1 % is left, of T steps: T steps back is before the first.
fn left(back: f64, steps: usize) -> String {
    if back < steps as f64 {
        format!("1 % left {back:.0} back")
    } else {
        format!("1 % left beyond {} back", steps.saturating_sub(1))
    }
}

/// T of the sequences.
fn length(subject: &Subject) -> usize {
    let record = subject.trained.last.as_ref();
    let seen = record.and_then(|record| record.seen.as_ref());
    seen.map_or(subject.trained.settings.length, |seen| seen.deltas.len())
}

/// log10 |δ_t| / |δ_T| in so many columns and rows, T above.
fn rows_of(subject: &Subject, width: u16, rows: usize) -> Vec<Vec<Level>> {
    let columns = &subject.trained.history.columns;
    let span = Span::new(subject.width(), width);
    let mut picture = vec![vec![None; usize::from(width)]; rows];
    for x in 0..usize::from(width) {
        let range = span.indices(x);
        let range = range.start.min(columns.len())..range.end.min(columns.len());
        let mut seen = columns[range].iter().rev();
        let Some(column) = seen.find(|column| !column.deltas.is_empty()) else {
            continue;
        };
        let Some(last) = column.deltas.last().copied().filter(|x| *x > 0.0) else {
            continue;
        };
        let steps = column.deltas.len();
        for (y, row) in picture.iter_mut().enumerate() {
            let from = y * steps / rows;
            let to = ((y + 1) * steps / rows).clamp(from + 1, steps.max(from + 1));
            let part = column.deltas.iter().rev().skip(from).take(to - from);
            row[x] = charts::log(Some(part.copied().fold(0.0, f64::max) / last));
        }
    }
    picture
}

/// T, the middle and 1 at the left.
fn steps(pen: &mut Pen, plot: Rect, subject: &Subject) {
    let quiet = pen.look.style(Role::Quiet);
    let length = length(subject);
    for y in plot.top()..plot.bottom() {
        pen.put(plot.x - 1, y, '│', quiet);
    }
    let mut label = |y: u16, text: String| {
        pen.put(plot.x - 1, y, '┤', quiet);
        pen.text_right(plot.x - GUTTER, plot.x - 2, y, &text, quiet);
    };
    label(plot.y, format!("t {length}"));
    if plot.height >= 5 {
        label(plot.y + plot.height / 2, (length / 2).to_string());
    }
    if plot.height >= 2 {
        label(plot.bottom() - 1, "1".to_owned());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::train::Seen;

    #[test]
    fn what_never_falls_to_a_hundredth_is_not_said_to_have() {
        let horizon = |deltas: Vec<f64>| {
            let seen = Seen {
                deltas,
                at_end: true,
                ..Seen::default()
            };
            left(seen.horizon().unwrap_or(0) as f64, seen.deltas.len())
        };
        // From t = 1 to T = 100: growing on its way back, and falling below 1 % 57 steps back.
        let grows = (1..=100).map(|t| 1.06f64.powi(100 - t));
        assert_eq!(horizon(grows.collect()), "1 % left beyond 99 back");
        let falls = (1..=100).map(|t| if t <= 43 { 0.005 } else { 1.0 });
        assert_eq!(horizon(falls.collect()), "1 % left 57 back");
    }
}
