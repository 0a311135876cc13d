//! Several curves over the window on one log axis, each with its name where it ends: at the left,
//! since a gradient flows from T to 1.

mod curve;
mod marks;

use ratatui::layout::Constraint::{Fill, Length};
use ratatui::layout::{Layout, Rect};
use ratatui::style::Style;

use crate::ui::pen::Pen;
use crate::ui::theme::Role;
use crate::ui::widget::dots::Dots;
use crate::ui::widget::scale::{Axis, increasing, tick};
use crate::words::short::Level;

/// One curve.
#[derive(Default)]
pub struct Series {
    /// One level per step; exact zeros leave a gap.
    pub levels: Vec<Level>,
    /// Its colour.
    pub style: Style,
    /// What is written at its end.
    pub name: String,
    /// What marks it where there is neither colour nor braille.
    pub letter: char,
    /// log10 of the number that stands at its end, where it has one.
    pub end: Level,
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
#[derive(Default)]
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
    /// Whether the axis is one of shares, in percent; else its numbers have a sign.
    pub percent: bool,
    /// The value of the reference line.
    pub zero: f64,
    /// The cursor's step.
    pub cursor: Option<usize>,
    /// Columns left of the plot for tick labels and the axis line; from [`NAMES`] columns on, also for
    /// the curves' names where they end.
    pub gutter: u16,
    /// `[t - 1]`: where clipping bit the last curve.
    pub clipped: &'a [bool],
}

/// Draws the line at zero, in the row that has it, and the axis left of a plot, where there is a gutter
/// for it.
pub(super) fn lines(pen: &mut Pen, plot: Rect, zero: Option<usize>, gutter: u16) {
    let quiet = pen.look.style(Role::Quiet);
    if let Some(row) = zero.and_then(|row| plot.rows().nth(row)) {
        pen.fill(row, '┈', quiet);
    }
    if gutter >= 2 {
        let axis = Rect::new(plot.x - 1, plot.y, 1, plot.height);
        pen.fill(axis, '│', quiet);
    }
}

/// Where clipping bit.
pub const CLIPPED: char = '×';

/// The columns of a gutter with names and tick labels: a name of eight and a sign, a number of
/// four, the axis.
pub const NAMES: u16 = 16;

/// The columns of a gutter in which the number of each curve's end has room behind its name.
const NUMBERS: u16 = 22;

/// The gutter of charts with names on a screen so wide.
pub const fn gutter(width: u16) -> u16 {
    if width < 100 { NAMES } else { NUMBERS }
}

impl Chart<'_> {
    /// Draws it; the plot is what the gutter leaves.
    pub fn render(&self, pen: &mut Pen, area: Rect) {
        let area = area.intersection(pen.buf.area);
        if area.is_empty() || area.width <= self.gutter || !increasing(self.low, self.high) {
            return;
        }
        let [_, plot] = Layout::horizontal([Length(self.gutter), Fill(1)]).areas(area);
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
        let traces: Vec<_> = self
            .series
            .iter()
            .map(|s| self.draw(pen, plot, axis, &mut dots, s))
            .collect();
        if pen.look.theme.is_mono() && !pen.look.is_ascii() && self.series.len() > 1 {
            self.letters(pen, plot, axis);
        }
        if self.gutter >= NAMES {
            self.write_names(pen, area, axis, &traces);
        }
        if let Some(trace) = traces.last() {
            self.mark_clipped(pen, plot, trace);
        }
        if let Some(t) = self.cursor {
            self.read_off(pen, plot, t, &traces);
        }
    }

    fn background(&self, pen: &mut Pen, area: Rect, plot: Rect, axis: Axis) {
        let quiet = pen.look.style(Role::Quiet);
        let y_of = |row: usize| area.y + u16::try_from(row).unwrap_or(u16::MAX);
        let zero = axis.dot(self.zero, 1).ok();
        lines(pen, plot, zero, self.gutter);
        if self.gutter < 2 {
            return;
        }
        let line = plot.x - 1;
        for (row, v) in axis.ticks() {
            pen.put(line, y_of(row), '┤', quiet);
            let style = if v.abs() < 1e-9 {
                pen.look.style(Role::Text)
            } else {
                quiet
            };
            let text = if self.percent {
                format!("{v:.0} %")
            } else {
                tick(v)
            };
            pen.text_right(area.x, line.saturating_sub(1), y_of(row), &text, style);
        }
        if let Some(row) = zero {
            // The arrow says which way the gradient flows: from T at the right.
            pen.put(line, y_of(row), '◂', quiet);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ui::look::Marker;
    use crate::ui::pen::Look;
    use ratatui::buffer::Buffer;

    fn series(levels: Vec<Level>, name: &str) -> Series {
        Series {
            levels,
            style: Style::new(),
            name: name.into(),
            letter: '*',
            ..Series::default()
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
        clipped: &[bool],
    ) -> Vec<String> {
        let mut buf = Buffer::empty(Rect::new(0, 0, width, height));
        let area = buf.area;
        let chart = Chart {
            series,
            steps: series.first().map_or(0, |s| s.levels.len()),
            low: -2.0,
            high: 2.0,
            gutter,
            clipped,
            ..Chart::default()
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
        let clipped = [false, true, false, false, true, true, true, false];
        let rows = draw_with(&[series(line, "")], (8, 4), Marker::Ascii, 0, &clipped);
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
