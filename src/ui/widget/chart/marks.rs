//! What stands on the curves and at their ends: names and numbers, bites, the cursor, letters.

use ratatui::layout::Rect;
use ratatui::style::Style;

use super::curve::Trace;
use super::{CLIPPED, Chart, Series};
use crate::ui::pen::Pen;
use crate::ui::span::Span;
use crate::ui::theme::Role;
use crate::ui::widget::names::spread;
use crate::ui::widget::scale::Axis;
use crate::words::short::power_of_ten;

/// The columns of the gutter that no name takes: the axis, and room beside it.
const AXIS: u16 = 3;

impl Chart<'_> {
    /// Names in the gutter, each in the row in which its curve ends, or as near as there is room.
    pub(super) fn write_names(&self, pen: &mut Pen, area: Rect, range: Axis, traces: &[Trace]) {
        // What is drawn last is on top, and the last to go where there is no room.
        let mut named: Vec<(u16, &Series, Option<char>)> = Vec::new();
        for (series, trace) in self.series.iter().zip(traces).rev() {
            // A curve of a column or two (a path that is zero before T) is no curve to name.
            let drawn = trace.rows.iter().flatten().count();
            let Some(row) = trace.rows.iter().flatten().next() else {
                continue;
            };
            let first = series.levels.first().copied().flatten();
            let sign = match first {
                Some(v) if v > range.high => Some('▲'),
                Some(v) if v < range.low => Some('▼'),
                _ => None,
            };
            if series.name.is_empty() || drawn < 3 && sign.is_none() {
                continue;
            }
            named.push((*row, series, sign));
        }
        named.truncate(usize::from(area.height));
        named.sort_by_key(|&(row, ..)| row);
        let wanted: Vec<i32> = named.iter().map(|&(row, ..)| row.into()).collect();
        for (y, (_, series, sign)) in spread(&wanted, area.height).into_iter().zip(named) {
            let (x, y) = (area.x + 1, area.y + y);
            // What the window makes of it.
            let number = series.end.map(|end| format!(" ×{}", power_of_ten(end)));
            let number = number.unwrap_or_default();
            let with = format!("{}{number}", series.name);
            let room = self.gutter.saturating_sub(AXIS);
            let text = if pen.look.width(&with) < room {
                &with
            } else {
                &series.name
            };
            let mut end = x + pen.text(x, y, room, text, series.style);
            if let Some(sign) = sign {
                pen.put(end, y, sign, series.style);
                end += 1;
            }
            // A number that is touched would be another number.
            let axis = area.x + self.gutter - 1;
            if !pen.is_blank(end, y) {
                for x in end..axis {
                    pen.put(x, y, ' ', Style::new());
                }
            }
        }
    }

    /// Marks on the last curve where clipping bit: of a run, its start and every fourth column.
    pub(super) fn mark_clipped(&self, pen: &mut Pen, plot: Rect, trace: &Trace) {
        let span = Span::sliding(self.clipped.len(), plot.width, self.last);
        let style = pen.look.style(Role::Explode);
        for (x, row) in (0..plot.width).zip(&trace.rows) {
            if let Some(row) = row.filter(|_| span.is_marked(self.clipped, x)) {
                pen.put(plot.x + x, plot.y + row, CLIPPED, style);
            }
        }
    }

    /// The cursor's line, with a point on every curve that it crosses.
    pub(super) fn read_off(&self, pen: &mut Pen, plot: Rect, t: usize, traces: &[Trace]) {
        let column = Span::new(self.steps, plot.width).column(t);
        let x = plot.x + column;
        for (series, trace) in self.series.iter().zip(traces) {
            let Some(row) = trace.rows.get(usize::from(column)).copied().flatten() else {
                continue;
            };
            let y = plot.y + row;
            // What says that a curve leaves the axis, or that clipping bit, says more.
            let says = |sign: char| {
                let sign = sign.to_string();
                let cell = pen.buf.cell((x, y));
                cell.is_some_and(|c| c.symbol() == pen.look.drawn(&sign))
            };
            if !['▲', '▼', CLIPPED].into_iter().any(says) {
                // In ASCII the usual letter would be the output gate's.
                let point = if pen.look.is_ascii() { '@' } else { '●' };
                pen.put(x, y, point, series.style);
            }
        }
        for y in plot.top()..plot.bottom() {
            if is_free(pen, x, y) {
                pen.put(x, y, '┊', pen.look.style(Role::Cursor));
            }
        }
    }

    /// Letters on the curves, for eyes and terminals without colour.
    pub(super) fn letters(&self, pen: &mut Pen, plot: Rect, axis: Axis) {
        for (k, series) in self.series.iter().enumerate() {
            let values = self.values(&series.levels, plot.width, 1);
            for x in (0..plot.width).skip(4 + 3 * k).step_by(20) {
                let level = values.get(usize::from(x)).copied().flatten();
                if let Some(Ok(row)) = level.map(|v| axis.dot(v, 1)) {
                    let y = plot.y + u16::try_from(row).unwrap_or(u16::MAX);
                    pen.put(plot.x + x, y, series.letter, pen.look.style(Role::Strong));
                }
            }
        }
    }
}

/// Whether a cell holds nothing but background.
fn is_free(pen: &Pen, x: u16, y: u16) -> bool {
    pen.buf
        .cell((x, y))
        .is_some_and(|c| matches!(c.symbol(), " " | "┈" | "-"))
}
