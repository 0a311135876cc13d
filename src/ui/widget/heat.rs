//! Rows of levels over the window, each cell one of fifteen steps between vanished and exploded.

use ratatui::layout::Rect;
use ratatui::style::Style;

use crate::ui::pen::Pen;
use crate::ui::span::Span;
use crate::ui::theme::{HEAT_STEPS, Role};
use crate::words::short::Level;

/// From faint to full.
const SHADES: [char; 4] = ['░', '▒', '▓', '█'];
const ASCII: [char; 8] = [' ', '.', ':', '-', '=', '+', '*', '#'];

/// One row of a heat map.
pub struct Heat<'a> {
    /// One level per step; a column shows the largest of its steps.
    pub levels: &'a [Level],
    /// The level of the outermost step, in either direction.
    pub reach: f64,
    /// The number of the window's last step since the start.
    pub last: Option<u64>,
    /// The cursor's step.
    pub cursor: Option<usize>,
}

/// Glyph and style of one step; `None` is exactly zero, and beyond ±7 the axis is left.
pub fn glyph(pen: &Pen, step: Option<i8>) -> (char, Style) {
    let look = pen.look;
    let Some(step) = step else {
        return (' ', Style::new());
    };
    let style = look.theme.heat(step);
    let (most, size) = (HEAT_STEPS.unsigned_abs(), step.unsigned_abs());
    match step > 0 {
        true if size > most => ('▲', look.style(Role::Explode)),
        true if look.is_ascii() => ('^', style),
        false if look.is_ascii() => (ASCII[usize::from(most.saturating_sub(size))], style),
        false if size > most => ('·', look.style(Role::Vanish)),
        // A space in the colour is whole in every font, and a third of the bytes of a block.
        _ if !look.theme.needs_shades() => (' ', Style::new().bg(style.fg.unwrap_or_default())),
        // Few colours: the shade says how far from |δ_T|, the sign says where to.
        false => (SHADES[usize::from((most - size) / 2)], style),
        true if look.theme.is_mono() => {
            (if size > 3 { '▲' } else { '+' }, look.style(Role::Explode))
        }
        true => (SHADES[usize::from(size.div_ceil(2) - 1)], style),
    }
}

/// The step of a level.
pub fn step(level: Level, reach: f64) -> Option<i8> {
    let v = level?;
    let scaled = (v / reach * f64::from(HEAT_STEPS)).round();
    Some(scaled.clamp(f64::from(-HEAT_STEPS - 1), f64::from(HEAT_STEPS + 1)) as i8)
}

impl Heat<'_> {
    /// Draws it over the whole height of the area.
    pub fn render(&self, pen: &mut Pen, area: Rect) {
        let area = area.intersection(pen.buf.area);
        let span = Span::sliding(self.levels.len(), area.width, self.last);
        let cursor = self.cursor.map(|t| span.column(t));
        for x in 0..area.width {
            let (c, style) = if cursor == Some(x) {
                ('┊', pen.look.style(Role::Cursor))
            } else {
                glyph(pen, step(span.largest(self.levels, x), self.reach))
            };
            let column = Rect::new(area.x + x, area.y, 1, area.height);
            pen.fill(column, c, style);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ui::look::{Depth, Marker, ThemeName};
    use crate::ui::pen::Look;
    use crate::ui::theme::Theme;
    use ratatui::buffer::Buffer;
    use unicode_width::UnicodeWidthChar;

    #[test]
    fn steps_are_few_and_signed() {
        assert_eq!(
            [
                Some(0.0),
                Some(-8.0),
                Some(8.0),
                Some(-99.0),
                Some(99.0),
                Some(1.2),
                None
            ]
            .map(|v| step(v, 8.0)),
            [Some(0), Some(-7), Some(7), Some(-8), Some(8), Some(1), None]
        );
    }

    #[test]
    fn glyphs_are_one_column_wide_and_tell_signs_without_colour() {
        let mut buf = Buffer::empty(Rect::new(0, 0, 1, 1));
        for marker in [Marker::Braille, Marker::Block, Marker::Ascii] {
            for depth in [Depth::Mono, Depth::Ansi16, Depth::Ansi256, Depth::Rgb] {
                let look = Look {
                    theme: Theme::new(ThemeName::Dark, depth, None),
                    marker,
                };
                let pen = Pen::new(&mut buf, look);
                for s in -8..=8 {
                    assert_eq!(glyph(&pen, Some(s)).0.width(), Some(1));
                }
                let signs_differ = (1..=7).all(|s| glyph(&pen, Some(s)) != glyph(&pen, Some(-s)));
                assert!(signs_differ, "{marker:?} {depth:?}");
            }
        }
    }
}
