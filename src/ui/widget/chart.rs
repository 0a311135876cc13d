//! Several curves over the window on one log axis, each with its name where it ends.

use ratatui::layout::Rect;
use ratatui::style::Style;

use crate::app::state::Marker;
use crate::ui::format::Level;
use crate::ui::pen::Pen;
use crate::ui::span::Span;
use crate::ui::theme::Role;
use crate::ui::widget::scale::{Axis, increasing, tick};

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
    /// Whether names are written at the curves.
    pub names: bool,
}

/// Bits of braille's 2 × 4 dots, by column and row from the top.
const BRAILLE: [[u8; 4]; 2] = [[0x01, 0x02, 0x04, 0x40], [0x08, 0x10, 0x20, 0x80]];

/// The row in which a curve was drawn in each column of cells.
struct Trace {
    rows: Vec<Option<i32>>,
}

/// Dots per cell of the character set in use.
fn grid(marker: Marker) -> (usize, usize) {
    match marker {
        Marker::Braille => (2, 4),
        Marker::Block => (1, 2),
        Marker::Ascii => (1, 1),
    }
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
        let axis = Axis {
            low: self.low,
            high: self.high,
            rows: usize::from(area.height),
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
        if self.names {
            // What is drawn last is on top, and the first to choose a place.
            for (series, trace) in self.series.iter().zip(&traces).rev() {
                if !label(pen, plot, trace, series, &series.name) {
                    label(pen, plot, trace, series, &series.letter.to_string());
                }
            }
        }
        if let Some(t) = self.cursor {
            let x = plot.x + Span::new(self.steps, plot.width).column(t);
            for y in plot.top()..plot.bottom() {
                if is_free(pen, x, y) {
                    pen.put(x, y, '┊', pen.look.style(Role::Cursor));
                }
            }
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
            let joint = if !series.dotted && (joint - v).abs() * rows as f64 > self.high - self.low
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
                        dots.set(pen, x, d, series);
                    }
                }
                let row = if v < joint { bottom } else { top } / dy;
                trace.rows[x / dx] = i32::try_from(row).ok();
            }
            let inside = |v: f64| (self.low..=self.high).contains(&v);
            if !inside(v) && before.is_none_or(inside) {
                let (row, sign) = if v > self.high {
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
            if low > high {
                continue;
            }
            let top = axis.dot(high.min(self.high), 1).unwrap_or(0);
            let bottom = axis.dot(low.max(self.low), 1).unwrap_or(axis.rows - 1);
            let glyph = match pen.look.marker {
                Marker::Braille => '⢕',
                Marker::Block => '░',
                Marker::Ascii => ':',
            };
            for row in top..=bottom {
                let y = plot.y + u16::try_from(row).unwrap_or(u16::MAX);
                pen.put(plot.x + x, y, glyph, band.style);
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

/// Writes a curve's name beside it, as near to its left end as there is a free place; false when
/// there is none.
fn label(pen: &mut Pen, plot: Rect, trace: &Trace, series: &Series, name: &str) -> bool {
    let width = pen.look.width(name);
    if series.name.is_empty() || width + 2 > plot.width {
        return true;
    }
    // A curve of a column or two (a path that is zero before T) is no curve to name.
    if trace.rows.iter().flatten().count() < 3 {
        return true;
    }
    let Some(end) = trace.rows.iter().position(Option::is_some) else {
        return true;
    };
    let row = |x: u16| trace.rows.get(usize::from(x)).copied().flatten();
    let end = u16::try_from(end).unwrap_or(0);
    let mut places: Vec<(u16, i32)> = Vec::new();
    // Where the curve leaves the axis on its way, the name stands before the exit.
    if end > width + 1
        && let Some(y) = row(end)
    {
        places.extend([0, -1, 1].map(|d| (end - width - 1, y + d)));
        places.extend([0, -1, -2, -3].map(|d| (end + 2, y + d)));
    }
    for x in (end.max(1)..plot.width.saturating_sub(width)).step_by(3) {
        let (Some(a), Some(b)) = (row(x), row(x + width)) else {
            continue;
        };
        places.extend([(x, a.min(b) - 1), (x, a.max(b) + 1)]);
    }
    let place = places.into_iter().find(|&(x, y)| {
        let Ok(y) = u16::try_from(y) else {
            return false;
        };
        let (left, right) = (x.saturating_sub(1), (x + width).min(plot.width - 1));
        x + width <= plot.width
            && y < plot.height
            && (left..=right).all(|c| is_free(pen, plot.x + c, plot.y + y))
    });
    if let Some((x, Ok(y))) = place.map(|(x, y)| (x, u16::try_from(y))) {
        pen.text(plot.x + x, plot.y + y, width, name, series.style);
        return true;
    }
    false
}

/// Whether a cell holds nothing but background.
fn is_free(pen: &Pen, x: u16, y: u16) -> bool {
    pen.buf
        .cell((x, y))
        .is_some_and(|c| matches!(c.symbol(), " " | "┈" | "-"))
}

/// The dots set so far, so that curves that meet in a cell keep each other's dots.
struct Dots {
    plot: Rect,
    marker: Marker,
    bits: Vec<u8>,
}

impl Dots {
    fn new(plot: Rect, marker: Marker) -> Self {
        Self {
            plot,
            marker,
            bits: vec![0; usize::from(plot.width) * usize::from(plot.height)],
        }
    }

    /// Marks where a curve leaves the axis.
    fn mark(&mut self, pen: &mut Pen, column: usize, row: usize, sign: char, style: Style) {
        if let Some(bits) = self.at(column, row) {
            *bits = 0;
            #[allow(clippy::cast_possible_truncation)]
            let (x, y) = (self.plot.x + column as u16, self.plot.y + row as u16);
            pen.put(x, y, sign, style);
        }
    }

    fn at(&mut self, column: usize, row: usize) -> Option<&mut u8> {
        self.bits
            .get_mut(row * usize::from(self.plot.width) + column)
    }

    fn set(&mut self, pen: &mut Pen, x: usize, y: usize, series: &Series) {
        let (dx, dy) = grid(self.marker);
        let (column, row) = (x / dx, y / dy);
        let marker = self.marker;
        let Some(bits) = self.at(column, row) else {
            return;
        };
        *bits |= match marker {
            Marker::Braille => BRAILLE[x % 2][y % 4],
            Marker::Block => 1 << (y % 2),
            Marker::Ascii => 1,
        };
        let glyph = match (marker, *bits) {
            (Marker::Braille, bits) => char::from_u32(0x2800 + u32::from(bits)).unwrap_or(' '),
            (Marker::Block, 1) => '▀',
            (Marker::Block, 2) => '▄',
            (Marker::Block, _) => '█',
            (Marker::Ascii, _) => series.letter,
        };
        #[allow(clippy::cast_possible_truncation)]
        pen.put(
            self.plot.x + column as u16,
            self.plot.y + row as u16,
            glyph,
            series.style,
        );
    }
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
            gutter: 0,
            names: true,
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
        let rows = draw(&[series(line, "out")], 24, 5, Marker::Ascii);
        assert!(rows[4].contains("out v"), "{rows:?}");
    }

    #[test]
    fn exact_zeros_leave_a_gap() {
        let line = vec![Some(0.5), None, None, Some(0.5)];
        let rows = draw(&[series(line, "")], 4, 4, Marker::Ascii);
        assert_eq!(rows[1], "*  *");
    }

    #[test]
    fn every_size_and_marker() {
        for marker in [Marker::Braille, Marker::Block, Marker::Ascii] {
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
