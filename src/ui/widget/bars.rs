//! Horizontal bars: a signed part of a whole, a size on the log axis, a value within its range.

use ratatui::layout::Rect;
use ratatui::style::{Modifier, Style};

use crate::ui::format::Level;
use crate::ui::pen::Pen;
use crate::ui::theme::Role;
use crate::ui::widget::scale::increasing;

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
    /// Draws it on the first row of the area.
    pub fn render(&self, pen: &mut Pen, area: Rect, style: Style) {
        let area = area.intersection(pen.buf.area);
        if area.is_empty() || !self.value.is_finite() || !increasing(self.low, self.high) {
            return;
        }
        let width = f64::from(area.width) * 8.0;
        let at = |v: f64| ((v - self.low) / (self.high - self.low) * width).clamp(0.0, width);
        // Zero lies between two cells, so that bars of both signs start on the same line.
        let zero = (at(0.0) / 8.0).round() * 8.0;
        let end = at(self.value);
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
        let (start, end) = (
            zero.min(end).round() as usize,
            zero.max(end).round() as usize,
        );
        let negative = self.value < 0.0;
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

/// A size as a dot on a stalk from the zero of a log axis.
pub struct Lolly {
    /// The size; for exactly zero there is no place on a log axis.
    pub level: Level,
    /// The axis.
    pub low: f64,
    /// The axis.
    pub high: f64,
}

impl Lolly {
    /// The column of a value on an axis over so many columns, clipped to it.
    #[must_use]
    pub fn column(v: f64, low: f64, high: f64, width: u16) -> u16 {
        let part = ((v - low) / (high - low)).clamp(0.0, 1.0);
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
        let x = (part * f64::from(width.saturating_sub(1))).round() as u16;
        x
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
        for stalk in zero.min(x)..=zero.max(x) {
            if stalk != zero {
                pen.put(area.x + stalk, area.y, '─', style);
            }
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
        let part = if self.fraction.is_finite() {
            self.fraction.clamp(0.0, 1.0)
        } else {
            0.0
        };
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
        let at = (part * f64::from(area.width - 1)).round() as u16;
        let (heavy, knob) = if pen.look.is_ascii() {
            ('=', 'O')
        } else {
            ('━', '●')
        };
        for x in 0..area.width {
            let (c, s) = match x {
                x if x < at => (heavy, style),
                x if x == at => (knob, style.add_modifier(Modifier::BOLD)),
                _ => ('─', pen.look.style(Role::Quiet)),
            };
            pen.put(area.x + x, area.y, c, s);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::state::Marker;
    use crate::ui::pen::Look;
    use ratatui::buffer::Buffer;
    use unicode_width::UnicodeWidthChar;

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
    fn lollies_show_direction_and_overflow() {
        let lolly = |level| {
            row(9, Marker::Braille, |pen, area| {
                Lolly {
                    level,
                    low: -4.0,
                    high: 4.0,
                }
                .render(pen, area, Style::new());
            })
        };
        assert_eq!(lolly(Some(0.0)), "    ●    ");
        assert_eq!(lolly(Some(-3.0)), " ●──│    ");
        assert_eq!(lolly(Some(2.0)), "    │─●  ");
        assert_eq!(lolly(Some(9.0)), "    │───▲");
        assert_eq!(lolly(Some(-9.0)), "▼───│    ");
        assert_eq!(lolly(None), "    │    ");
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
