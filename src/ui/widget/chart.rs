//! Several curves over the window on one log axis, each with its name where it ends: at the left,
//! since a gradient flows from T to 1.

use ratatui::layout::Rect;
use ratatui::style::Style;

use crate::ui::look::Marker;
use crate::ui::pen::Pen;
use crate::ui::span::Span;
use crate::ui::theme::Role;
use crate::ui::widget::dots::{Dots, grid};
use crate::ui::widget::names::spread;
use crate::ui::widget::scale::{Axis, increasing, tick};
use crate::words::ascii;
use crate::words::short::Level;

/// One curve.
pub struct Series {
    /// One level per step; exact zeros leave a gap.
    pub levels: Vec<Level>,
    /// Its colour.
    pub style: Style,
    /// What is written at its end.
    pub name: String,
    /// What marks it where there is neither colour nor braille.
    pub letter: char,
    /// Whether it is a row of points, beside a curve that matters more: points that are not joined
    /// leave it free where many curves go up and down.
    pub dotted: bool,
}

/// A range over the window that is filled with a quiet pattern, such as lowest to highest unit.
pub struct Band<'a> {
    /// Lower edge per step.
    pub low: &'a [f64],
    /// Upper edge per step.
    pub high: &'a [f64],
    /// Its colour.
    pub style: Style,
}

/// A line chart.
pub struct Chart<'a> {
    /// The curves; later ones are drawn over earlier ones.
    pub series: &'a [Series],
    /// A filled range.
    pub band: Option<Band<'a>>,
    /// Steps T of the window.
    pub steps: usize,
    /// The number of the window's last step since the start, for what moves with the window; `None`
    /// for curves that are measured from its end, and keep their places in it.
    pub last: Option<u64>,
    /// The axis.
    pub low: f64,
    /// The axis.
    pub high: f64,
    /// The value of the reference line.
    pub zero: f64,
    /// The cursor's step.
    pub cursor: Option<usize>,
    /// Columns left of the plot for tick labels and the axis line.
    pub gutter: u16,
    /// Whether the curves' names are written left of the axis, where they end, if the gutter has
    /// [`NAMES`] columns.
    pub names: bool,
    /// `[t - 1]`: where clipping bit the last curve.
    pub bitten: &'a [bool],
}

/// Where clipping bit.
pub const BITE: char = '×';

/// The columns of a gutter with names and tick labels: a name of eight and a sign, a number of
/// four, the axis.
pub const NAMES: u16 = 16;

/// The row in which a curve was drawn in each column of cells.
struct Trace {
    rows: Vec<Option<i32>>,
}

impl Chart<'_> {
    /// Draws it; the plot is what the gutter leaves.
    pub fn render(&self, pen: &mut Pen, area: Rect) {
        let area = area.intersection(pen.buf.area);
        if area.is_empty() || area.width <= self.gutter || !increasing(self.low, self.high) {
            return;
        }
        let plot = Rect {
            x: area.x + self.gutter,
            width: area.width - self.gutter,
            ..area
        };
        let rows = usize::from(area.height);
        let axis = if self.zero.is_finite() {
            Axis::through_zero(self.low, self.high, rows)
        } else {
            Axis::between(self.low, self.high, rows)
        };
        self.background(pen, area, plot, axis);
        let mut dots = Dots::new(plot, pen.look.marker);
        if let Some(band) = &self.band {
            self.fill(pen, plot, axis, band);
        }
        let traces: Vec<Trace> = self
            .series
            .iter()
            .map(|s| self.draw(pen, plot, axis, &mut dots, s))
            .collect();
        if pen.look.theme.is_mono() && !pen.look.is_ascii() && self.series.len() > 1 {
            self.letters(pen, plot, axis);
        }
        if self.names && self.gutter >= NAMES {
            self.write_names(pen, area, axis, &traces);
        }
        if let Some(trace) = traces.last() {
            self.mark_bites(pen, plot, trace);
        }
        if let Some(t) = self.cursor {
            self.read_off(pen, plot, t, &traces);
        }
    }

    fn background(&self, pen: &mut Pen, area: Rect, plot: Rect, axis: Axis) {
        let quiet = pen.look.style(Role::Quiet);
        let y_of = |row: usize| area.y + u16::try_from(row).unwrap_or(u16::MAX);
        if let Ok(row) = axis.dot(self.zero, 1) {
            for x in plot.left()..plot.right() {
                pen.put(x, y_of(row), '┈', quiet);
            }
        }
        if self.gutter < 2 {
            return;
        }
        let line = plot.x - 1;
        for y in area.top()..area.bottom() {
            pen.put(line, y, '│', quiet);
        }
        for (row, v) in axis.ticks() {
            pen.put(line, y_of(row), '┤', quiet);
            let style = if v.abs() < 1e-9 {
                pen.look.style(Role::Text)
            } else {
                quiet
            };
            pen.text_right(area.x, line.saturating_sub(1), y_of(row), &tick(v), style);
        }
    }

    /// The values that columns of dots show, `per` of them in a cell; `None` where there is nothing.
    fn values(&self, levels: &[Level], width: u16, per: usize) -> Vec<Option<f64>> {
        let dots = usize::from(width) * per;
        if levels.len() < usize::from(width) {
            let span = Span::new(levels.len(), u16::try_from(dots).unwrap_or(u16::MAX));
            return (0..dots).map(|x| between(levels, span, x)).collect();
        }
        // A cell shows the largest of its steps, and half of the way to the next cell.
        let span = Span::sliding(levels.len(), width, self.last);
        let cells: Vec<_> = (0..usize::from(width))
            .map(|x| largest(levels, span, x))
            .collect();
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

    fn draw(
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
                trace.rows[x / dx] = i32::try_from(row).ok();
            }
            let inside = |v: f64| (axis.low..=axis.high).contains(&v);
            if !inside(v) && before.is_none_or(inside) {
                let (row, sign) = if v > axis.high {
                    (0, '▲')
                } else {
                    (axis.rows - 1, '▼')
                };
                dots.mark(pen, x / dx, row, sign, series.style);
                trace.rows[x / dx] = i32::try_from(row).ok();
            }
            before = Some(v);
        }
        trace
    }

    fn fill(&self, pen: &mut Pen, plot: Rect, axis: Axis, band: &Band) {
        let span = Span::sliding(band.low.len().min(band.high.len()), plot.width, self.last);
        for x in 0..plot.width {
            let range = span.indices(usize::from(x));
            let low = band
                .low
                .get(range.clone())
                .unwrap_or_default()
                .iter()
                .copied()
                .fold(f64::INFINITY, f64::min);
            let high = band
                .high
                .get(range)
                .unwrap_or_default()
                .iter()
                .copied()
                .fold(f64::NEG_INFINITY, f64::max);
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

    /// Names in the gutter, each in the row in which its curve ends, or as near as there is room.
    fn write_names(&self, pen: &mut Pen, area: Rect, range: Axis, traces: &[Trace]) {
        // What is drawn last is on top, and the last to go where there is no room.
        let mut named: Vec<(i32, &Series, Option<char>)> = Vec::new();
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
        let wanted: Vec<i32> = named.iter().map(|&(row, ..)| row).collect();
        for (y, (_, series, sign)) in spread(&wanted, area.height).into_iter().zip(named) {
            let (x, y) = (area.x + 1, area.y + y);
            let mut end = x + pen.text(x, y, NAMES - 3, &series.name, series.style);
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
    fn mark_bites(&self, pen: &mut Pen, plot: Rect, trace: &Trace) {
        if self.bitten.is_empty() {
            return;
        }
        let span = Span::sliding(self.bitten.len(), plot.width, self.last);
        let bit = |x: u16| {
            let inside = self.bitten.get(span.indices(usize::from(x)));
            inside.is_some_and(|b| b.contains(&true))
        };
        for x in 0..plot.width {
            let row = trace.rows.get(usize::from(x)).copied().flatten();
            let Some(row) = row.and_then(|row| u16::try_from(row).ok()) else {
                continue;
            };
            if bit(x) && (x.is_multiple_of(4) || x == 0 || !bit(x - 1)) {
                let style = pen.look.style(Role::Explode);
                pen.put(plot.x + x, plot.y + row, BITE, style);
            }
        }
    }

    /// The cursor's line, with a point on every curve that it crosses.
    fn read_off(&self, pen: &mut Pen, plot: Rect, t: usize, traces: &[Trace]) {
        let column = Span::new(self.steps, plot.width).column(t);
        let x = plot.x + column;
        for (series, trace) in self.series.iter().zip(traces) {
            let row = trace.rows.get(usize::from(column)).copied().flatten();
            let Some(row) = row.and_then(|row| u16::try_from(row).ok()) else {
                continue;
            };
            let y = plot.y + row;
            // What says that a curve leaves the axis, or that clipping bit, says more.
            let says = |sign: char| {
                let sign = if pen.look.is_ascii() {
                    ascii::ascii_sign(sign).to_owned()
                } else {
                    sign.to_string()
                };
                pen.buf.cell((x, y)).is_some_and(|c| c.symbol() == sign)
            };
            if !['▲', '▼', BITE].into_iter().any(says) {
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
    fn letters(&self, pen: &mut Pen, plot: Rect, axis: Axis) {
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

/// The largest of the steps in a column.
fn largest(levels: &[Level], span: Span, x: usize) -> Option<f64> {
    let inside = levels.get(span.indices(x))?;
    inside.iter().flatten().copied().reduce(f64::max)
}

/// Where there are more columns than steps, a point of the straight line between neighbours.
fn between(levels: &[Level], span: Span, x: usize) -> Option<f64> {
    let end = levels.len().checked_sub(1)?;
    let at = (x as f64 + 0.5) * levels.len() as f64 / span.width as f64 - 0.5;
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
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

/// Whether a cell holds nothing but background.
fn is_free(pen: &Pen, x: u16, y: u16) -> bool {
    pen.buf
        .cell((x, y))
        .is_some_and(|c| matches!(c.symbol(), " " | "┈" | "-"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ui::pen::Look;
    use ratatui::buffer::Buffer;

    fn series(levels: Vec<Level>, name: &str) -> Series {
        Series {
            levels,
            style: Style::new(),
            name: name.into(),
            letter: '*',
            dotted: false,
        }
    }

    fn draw(series: &[Series], width: u16, height: u16, marker: Marker) -> Vec<String> {
        draw_with(series, (width, height), marker, 0, &[])
    }

    fn draw_with(
        series: &[Series],
        (width, height): (u16, u16),
        marker: Marker,
        gutter: u16,
        bitten: &[bool],
    ) -> Vec<String> {
        let mut buf = Buffer::empty(Rect::new(0, 0, width, height));
        let area = buf.area;
        let chart = Chart {
            series,
            band: None,
            steps: series.first().map_or(0, |s| s.levels.len()),
            last: None,
            low: -2.0,
            high: 2.0,
            zero: 0.0,
            cursor: None,
            gutter,
            names: true,
            bitten,
        };
        chart.render(
            &mut Pen::new(
                &mut buf,
                Look {
                    marker,
                    ..Look::default()
                },
            ),
            area,
        );
        (0..height)
            .map(|y| (0..width).map(|x| buf[(x, y)].symbol()).collect())
            .collect()
    }

    #[test]
    fn a_straight_line_in_every_character_set() {
        let line: Vec<Level> = (0..8).map(|k| Some(-1.75 + 0.5 * f64::from(k))).collect();
        let ascii = draw(&[series(line.clone(), "")], 8, 4, Marker::Ascii);
        assert_eq!(ascii, ["      **", "    **  ", "--**----", "**      "]);
        let block = draw(&[series(line.clone(), "")], 8, 4, Marker::Block);
        assert_eq!(block, ["      ▄▀", "    ▄▀  ", "┈┈▄▀┈┈┈┈", "▄▀      "]);
        let braille = draw(&[series(line, "")], 4, 4, Marker::Braille);
        assert!(
            braille
                .iter()
                .all(|row| row.chars().any(|c| ('\u{2801}'..='\u{28ff}').contains(&c)))
        );
    }

    #[test]
    fn what_leaves_the_axis_says_where_and_its_name() {
        let line: Vec<Level> = (0..24).map(|k| Some(-6.0 + 0.25 * f64::from(k))).collect();
        let rows = draw_with(&[series(line, "out")], (40, 5), Marker::Ascii, NAMES, &[]);
        assert!(rows[4].starts_with(" outv       -2 +"), "{rows:?}");
        assert!(rows[4].ends_with(" v*****     "), "{rows:?}");
    }

    #[test]
    fn names_stand_in_rows_of_their_own_and_touch_no_number() {
        let flat = |v: f64, name| series(vec![Some(v); 9], name);
        let all = [flat(-2.0, "eight888"), flat(1.9, "b"), flat(1.9, "a")];
        let rows = draw_with(&all, (40, 5), Marker::Ascii, NAMES, &[]);
        assert!(rows[0].starts_with(" a          +2 +"), "{rows:?}");
        assert!(rows[1].starts_with(" b "), "{rows:?}");
        assert!(rows[4].starts_with(" eight888   -2 +"), "{rows:?}");
    }

    #[test]
    fn where_clipping_bit_is_marked_on_the_last_curve() {
        let line = vec![Some(0.5); 8];
        let bitten = [false, true, false, false, true, true, true, false];
        let rows = draw_with(&[series(line, "")], (8, 4), Marker::Ascii, 0, &bitten);
        assert_eq!(rows[1], "*x**x***");
    }

    #[test]
    fn exact_zeros_leave_a_gap() {
        let line = vec![Some(0.5), None, None, Some(0.5)];
        let rows = draw(&[series(line, "")], 4, 4, Marker::Ascii);
        assert_eq!(rows[1], "*  *");
    }

    #[test]
    fn every_size_and_marker() {
        for marker in [
            Marker::Octant,
            Marker::Braille,
            Marker::Block,
            Marker::Ascii,
        ] {
            for width in 0..=20 {
                for height in 0..=8 {
                    let curves = [
                        series(vec![Some(1.0), None, Some(-9.0)], "one"),
                        series(vec![], "two"),
                        series(vec![None], "three"),
                    ];
                    draw(&curves, width, height, marker);
                }
            }
        }
    }
}
