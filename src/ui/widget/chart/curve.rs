//! The curves themselves, from T to 1, and the range that is filled.

use ratatui::layout::Rect;

use super::{Band, Chart, Series};
use crate::ui::look::Marker;
use crate::ui::pen::Pen;
use crate::ui::span::Span;
use crate::ui::widget::dots::{Dots, grid};
use crate::ui::widget::scale::Axis;
use crate::words::short::Level;

/// The row in which a curve was drawn in each column of cells.
pub(super) struct Trace {
    pub rows: Vec<Option<u16>>,
}

impl Chart<'_> {
    /// The values that columns of dots show, `per` of them in a cell; `None` where there is nothing.
    pub(super) fn values(&self, levels: &[Level], width: u16, per: usize) -> Vec<Option<f64>> {
        let dots = usize::from(width) * per;
        if levels.len() < usize::from(width) {
            let span = Span::new(levels.len(), u16::try_from(dots).unwrap_or(u16::MAX));
            return (0..dots).map(|x| between(levels, span, x)).collect();
        }
        // A cell shows the largest of its steps, and half of the way to the next cell.
        let span = Span::sliding(levels.len(), width, self.last);
        let cells: Vec<_> = (0..width).map(|x| span.largest(levels, x)).collect();
        (0..dots)
            .map(|x| {
                let (cell, part) = (x / per, (x % per) as f64 / per as f64);
                match (cells[cell], cells.get(cell + 1).copied().flatten()) {
                    (Some(a), Some(b)) => Some(a + (b - a) * part),
                    (a, _) => a,
                }
            })
            .collect()
    }

    pub(super) fn draw(
        &self,
        pen: &mut Pen,
        plot: Rect,
        axis: Axis,
        dots: &mut Dots,
        series: &Series,
    ) -> Trace {
        let mut trace = Trace {
            rows: vec![None; usize::from(plot.width)],
        };
        if series.levels.is_empty() {
            return trace;
        }
        let (dx, dy) = grid(pen.look.marker);
        let values = self.values(&series.levels, plot.width, dx);
        let rows = axis.rows * dy;
        let mut before: Option<f64> = None;
        for (x, value) in values.into_iter().enumerate().rev() {
            let Some(v) = value else {
                before = None;
                continue;
            };
            // Joined with its neighbour, so that steep parts stay a line.
            let joint = before.unwrap_or(v);
            let joint = if !series.dotted && (joint - v).abs() * rows as f64 > axis.high - axis.low
            {
                joint
            } else {
                v
            };
            let (low, high) = (v.min(joint), v.max(joint));
            let (top, bottom) = (axis.dot(high, dy), axis.dot(low, dy));
            if top != Err(false) && bottom != Err(true) {
                let (top, bottom) = (top.unwrap_or(0), bottom.unwrap_or(rows - 1));
                if !series.dotted || (x / dx).is_multiple_of(2) {
                    for d in top..=bottom {
                        dots.set(pen, x, d, series.letter, series.style);
                    }
                }
                let row = if v < joint { bottom } else { top } / dy;
                trace.rows[x / dx] = u16::try_from(row).ok();
            }
            let inside = |v: f64| (axis.low..=axis.high).contains(&v);
            if !inside(v) && before.is_none_or(inside) {
                let (row, sign) = if v > axis.high {
                    (0, '▲')
                } else {
                    (axis.rows - 1, '▼')
                };
                dots.mark(pen, x / dx, row, sign, series.style);
                trace.rows[x / dx] = u16::try_from(row).ok();
            }
            before = Some(v);
        }
        trace
    }

    pub(super) fn fill(&self, pen: &mut Pen, plot: Rect, axis: Axis, band: &Band) {
        let span = Span::sliding(band.low.len().min(band.high.len()), plot.width, self.last);
        for x in 0..plot.width {
            let range = span.indices(usize::from(x));
            let (low, high) = (band.low.get(range.clone()), band.high.get(range));
            let low = low.into_iter().flatten().copied();
            let low = low.fold(f64::INFINITY, f64::min);
            let high = high.into_iter().flatten().copied();
            let high = high.fold(f64::NEG_INFINITY, f64::max);
            // Nothing, or nothing that the axis holds.
            if low > high || low > axis.high || high < axis.low {
                continue;
            }
            let top = axis.dot(high.min(axis.high), 1).unwrap_or(0);
            let bottom = axis.dot(low.max(axis.low), 1).unwrap_or(axis.rows - 1);
            let glyph = match pen.look.marker {
                Marker::Octant | Marker::Braille => '⢕',
                Marker::Block => '░',
                Marker::Ascii => ':',
            };
            for row in top..=bottom {
                let y = plot.y + u16::try_from(row).unwrap_or(u16::MAX);
                pen.put(plot.x + x, y, glyph, band.style);
            }
        }
    }
}

/// Where there are more columns than steps, a point of the straight line between neighbours.
fn between(levels: &[Level], span: Span, x: usize) -> Option<f64> {
    let end = levels.len().checked_sub(1)?;
    let at = (x as f64 + 0.5) * levels.len() as f64 / span.width as f64 - 0.5;
    let left = at.max(0.0).floor() as usize;
    let (left, right) = (left.min(end), (left + 1).min(end));
    let part = (at - left as f64).clamp(0.0, 1.0);
    match (levels[left], levels[right]) {
        (Some(a), Some(b)) => Some(a + (b - a) * part),
        (Some(a), None) if part < 0.5 => Some(a),
        (None, Some(b)) if part >= 0.5 => Some(b),
        _ => None,
    }
}
