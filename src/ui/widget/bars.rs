//! Horizontal bars: a signed part of a whole, a size on the log axis, a value within its range.

use ratatui::layout::Constraint::{Fill, Length};
use ratatui::layout::{Layout, Rect};
use ratatui::style::{Modifier, Style};

use crate::ui::pen::{Pen, row_of};
use crate::ui::theme::Role;
use crate::ui::widget::scale::increasing;
use crate::words::short::Level;

/// Left blocks by eighths.
pub const LEFT: [char; 9] = [' ', '▏', '▎', '▍', '▌', '▋', '▊', '▉', '█'];

/// A signed value on a row: to the right of zero when positive, to the left when negative.
pub struct Bar {
    /// The value.
    pub value: f64,
    /// The value at the left edge, not above 0.
    pub low: f64,
    /// The value at the right edge, above 0.
    pub high: f64,
}

impl Bar {
    /// The column that zero is at the left edge of, and the eighths of a column for a value of 1.
    /// Zero lies between two columns, so that bars of both signs start on one line, and both have
    /// one scale; what is below zero and too short to be drawn moves it nowhere.
    fn scale(&self, width: u16) -> (u16, f64) {
        let (below, above) = (-self.low, self.high);
        let columns = f64::from(width);
        let alone = columns * 8.0 / above;
        if below * alone < 0.5 || width < 2 {
            return (0, alone);
        }
        let share = below / (below + above) * columns;
        let zero = share.ceil().clamp(1.0, columns - 1.0);
        let unit = (zero / below).min((columns - zero) / above) * 8.0;
        (zero as u16, unit)
    }

    /// Draws it on the first row of the area.
    pub fn render(&self, pen: &mut Pen, area: Rect, style: Style) {
        let area = area.intersection(pen.buf.area);
        if area.is_empty() || !self.value.is_finite() || !increasing(self.low, self.high) {
            return;
        }
        let (zero, unit) = self.scale(area.width);
        let negative = self.value < 0.0;
        let length = (self.value.abs() * unit).round() as usize;
        let zero = usize::from(zero) * 8;
        let (start, end) = if negative {
            (zero.saturating_sub(length), zero)
        } else {
            (zero, zero.saturating_add(length))
        };
        for x in 0..area.width {
            let (left, right) = (usize::from(x) * 8, usize::from(x) * 8 + 8);
            let fill = end.min(right).saturating_sub(start.max(left));
            if fill == 0 {
                continue;
            }
            let cell = area.x + x;
            if pen.look.is_ascii() {
                if fill >= 4 {
                    pen.put(cell, area.y, if negative { '-' } else { '#' }, style);
                }
            } else if negative && fill < 8 {
                pen.put(
                    cell,
                    area.y,
                    LEFT[8 - fill],
                    style.add_modifier(Modifier::REVERSED),
                );
            } else {
                pen.put(cell, area.y, LEFT[fill], style);
            }
        }
    }
}

/// A size as a dot on a log axis, at the end of a stalk.
pub struct Stem {
    /// The size; for exactly zero there is no place on a log axis.
    pub level: Level,
    /// The axis.
    pub low: f64,
    /// The axis.
    pub high: f64,
    /// Where the stalk begins: at the lower end for a size, so that what is almost nothing is short,
    /// at 0 for a change, so that none is nothing.
    pub from: f64,
}

impl Stem {
    /// The column of a value on an axis over so many columns, clipped to it.
    pub fn column(v: f64, low: f64, high: f64, width: u16) -> u16 {
        let part = ((v - low) / (high - low)).clamp(0.0, 1.0);
        (part * f64::from(width.saturating_sub(1))).round() as u16
    }

    /// Draws it on the first row of the area.
    pub fn render(&self, pen: &mut Pen, area: Rect, style: Style) {
        let area = area.intersection(pen.buf.area);
        if area.is_empty() || !increasing(self.low, self.high) {
            return;
        }
        let quiet = pen.look.style(Role::Quiet);
        let column = |v| Self::column(v, self.low, self.high, area.width);
        let zero = column(0.0);
        pen.put(area.x + zero, area.y, '│', quiet);
        let Some(v) = self.level.filter(|v| v.is_finite()) else {
            return;
        };
        let x = column(v);
        let from = column(self.from);
        for stalk in from.min(x)..=from.max(x) {
            pen.put(area.x + stalk, area.y, '─', style);
        }
        if from == zero {
            pen.put(area.x + zero, area.y, '│', quiet);
        }
        let dot = match v {
            v if v > self.high => '▲',
            v if v < self.low => '▼',
            _ => '●',
        };
        pen.put(area.x + x, area.y, dot, style.add_modifier(Modifier::BOLD));
    }
}

/// A value within its range, as a line that is heavy up to the value.
pub struct Gauge {
    /// 0 to 1.
    pub fraction: f64,
}

impl Gauge {
    /// Draws it on the first row of the area.
    pub fn render(&self, pen: &mut Pen, area: Rect, style: Style) {
        let area = area.intersection(pen.buf.area);
        if area.is_empty() {
            return;
        }
        let at = Stem::column(self.fraction, 0.0, 1.0, area.width);
        let (heavy, knob) = if pen.look.is_ascii() {
            ('=', 'O')
        } else {
            ('━', '●')
        };
        let [before, here, after] =
            Layout::horizontal([Length(at), Length(1), Fill(1)]).areas(row_of(area, area.y));
        pen.fill(before, heavy, style);
        pen.fill(here, knob, style.add_modifier(Modifier::BOLD));
        pen.fill(after, '─', pen.look.style(Role::Quiet));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ui::look::Marker;
    use crate::ui::pen::Look;
    use proptest::prelude::*;
    use ratatui::buffer::Buffer;
    use unicode_width::UnicodeWidthChar;

    /// The eighths of a row that a bar fills, left and right of each column's left edge.
    fn drawn(bar: &Bar, width: u16, marker: Marker, style: Style) -> Vec<(usize, bool)> {
        let mut buf = Buffer::empty(Rect::new(0, 0, width, 1));
        let look = Look {
            marker,
            ..Look::default()
        };
        let area = buf.area;
        bar.render(&mut Pen::new(&mut buf, look), area, style);
        let cell = |x| {
            let cell = &buf[(x, 0)];
            let c = cell.symbol().chars().next().unwrap_or(' ');
            let eighths = match c {
                '#' | '-' => 8,
                c => LEFT.iter().position(|&l| l == c).unwrap_or(99),
            };
            let from_right = cell.modifier.contains(Modifier::REVERSED);
            let fill = if from_right { 8 - eighths } else { eighths };
            (fill, from_right)
        };
        (0..width).map(cell).collect()
    }

    fn row(width: u16, marker: Marker, f: impl FnOnce(&mut Pen, Rect)) -> String {
        let mut buf = Buffer::empty(Rect::new(0, 0, width, 1));
        let area = buf.area;
        f(
            &mut Pen::new(
                &mut buf,
                Look {
                    marker,
                    ..Look::default()
                },
            ),
            area,
        );
        (0..width).map(|x| buf[(x, 0)].symbol()).collect()
    }

    #[test]
    fn signed_bars_start_at_zero() {
        let bar = |value, marker| {
            row(8, marker, |pen, area| {
                Bar {
                    value,
                    low: -1.0,
                    high: 1.0,
                }
                .render(pen, area, Style::new());
            })
        };
        assert_eq!(bar(1.0, Marker::Braille), "    ████");
        assert_eq!(bar(0.375, Marker::Braille), "    █▌  ");
        assert_eq!(bar(-0.375, Marker::Braille), "  ▌█    ");
        assert_eq!(bar(0.0, Marker::Braille), "        ");
        assert_eq!(bar(9.0, Marker::Ascii), "    ####");
        assert_eq!(bar(-0.5, Marker::Ascii), "  --    ");
        assert_eq!(bar(f64::NAN, Marker::Ascii), "        ");
    }

    #[test]
    fn a_small_negative_part_moves_no_other_bar() {
        let bar = |value, low| {
            row(10, Marker::Braille, |pen, area| {
                let high = 1.0;
                Bar { value, low, high }.render(pen, area, Style::new());
            })
        };
        // Too short for an eighth of a column: zero stays at the edge.
        assert_eq!(bar(0.5, -0.005), "█████     ");
        assert_eq!(bar(-0.005, -0.005), "          ");
        // A column for it, and zero itself draws nothing.
        assert_eq!(bar(0.0, -0.02), "          ");
        assert_eq!(bar(1.0, -0.02), " █████████");
        assert_eq!(bar(-0.02, -0.02), "▉         ");
    }

    proptest! {
        #[test]
        fn bars_start_at_one_line_and_are_as_long_as_they_should(
            values in prop::collection::vec(-3.0..3.0f64, 1..6),
            tiny in prop::collection::vec(-0.01..0.01f64, 0..3),
            width in 4u16..60,
            ascii: bool,
        ) {
            let values: Vec<f64> = values.into_iter().chain(tiny).chain([0.0, -0.0]).collect();
            let low = values.iter().copied().fold(0.0, f64::min);
            let high = values.iter().copied().fold(1.0, f64::max);
            let marker = if ascii { Marker::Ascii } else { Marker::Braille };
            let bar = |value| Bar { value, low, high };
            let (zero, unit) = bar(0.0).scale(width);
            // No side is longer than the row has room for.
            prop_assert!(-low * unit <= f64::from(zero) * 8.0 + 0.5 + 1e-9);
            prop_assert!(high * unit <= f64::from(width - zero) * 8.0 + 1e-9);
            for style in [Style::new(), Style::new().fg(ratatui::style::Color::Blue)] {
                for &value in &values {
                    let cells = drawn(&bar(value), width, marker, style);
                    let (left, right) = cells.split_at(usize::from(zero));
                    let (side, other) = if value < 0.0 { (left, right) } else { (right, left) };
                    prop_assert!(other.iter().all(|c| c.0 == 0), "{} at {:?}", value, cells);
                    // From zero outwards: full columns, a part of one, nothing.
                    let outwards: Vec<usize> = if value < 0.0 {
                        side.iter().rev().map(|c| c.0).collect()
                    } else {
                        side.iter().map(|c| c.0).collect()
                    };
                    prop_assert!(outwards.is_sorted_by(|a, b| a >= b), "{:?}", outwards);
                    let length: usize = outwards.iter().sum();
                    let wanted = value.abs() * unit;
                    let least = if ascii { 4.5 } else { 0.5 };
                    prop_assert!((length as f64 - wanted).abs() <= least + 1e-9);
                }
            }
        }
    }

    #[test]
    fn stems_show_size_and_overflow() {
        let stem = |level, from| {
            row(9, Marker::Braille, |pen, area| {
                Stem {
                    level,
                    low: -4.0,
                    high: 4.0,
                    from,
                }
                .render(pen, area, Style::new());
            })
        };
        let sizes = [
            Some(0.0),
            Some(-3.0),
            Some(2.0),
            Some(9.0),
            Some(-9.0),
            None,
        ];
        assert_eq!(
            sizes.map(|level| stem(level, -4.0)),
            [
                "────●    ",
                "─●  │    ",
                "──────●  ",
                "────────▲",
                "▼   │    ",
                "    │    "
            ]
        );
        assert_eq!(
            sizes.map(|level| stem(level, 0.0)),
            [
                "    ●    ",
                " ●──│    ",
                "    │─●  ",
                "    │───▲",
                "▼───│    ",
                "    │    "
            ]
        );
    }

    #[test]
    fn gauges_mark_the_value() {
        let gauge = |fraction| {
            row(5, Marker::Braille, |pen, area| {
                Gauge { fraction }.render(pen, area, Style::new());
            })
        };
        assert_eq!(gauge(0.0), "●────");
        assert_eq!(gauge(0.5), "━━●──");
        assert_eq!(gauge(7.0), "━━━━●");
        assert_eq!(gauge(f64::NAN), "●────");
    }

    #[test]
    fn glyphs_are_one_column_wide() {
        for c in LEFT.iter().chain(&['●', '─', '━', '│', '▲', '▼']) {
            assert_eq!(c.width(), Some(1), "{c}");
        }
    }
}
