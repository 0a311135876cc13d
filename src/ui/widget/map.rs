//! A picture of many rows over the window, in the colours of [`super::heat`]: two rows in a cell
//! where the terminal has colours enough.

use ratatui::layout::Rect;
use ratatui::style::{Color, Style};

use crate::ui::pen::{Look, Pen};
use crate::ui::theme::{HEAT_STEPS, Role};
use crate::ui::widget::heat::{glyph, step};
use crate::words::short::Level;

/// The rows, from the top, each with one level for every column.
pub struct Map<'a> {
    /// The levels: one row for each line of the area, or [`per_line`] of them.
    pub rows: &'a [Vec<Level>],
    /// The level of the outermost step, in either direction.
    pub reach: f64,
    /// The cursor's column.
    pub cursor: Option<u16>,
}

/// How many rows a line can hold: two by half blocks, one where shades must tell the steps.
pub fn per_line(look: Look) -> u16 {
    if look.is_ascii() || look.theme.needs_shades() {
        1
    } else {
        2
    }
}

impl Map<'_> {
    /// Draws it from the top of the area, `per` rows in a line.
    pub fn render(&self, pen: &mut Pen, area: Rect, per: u16) {
        let area = area.intersection(pen.buf.area);
        for (y, rows) in (area.top()..area.bottom()).zip(self.rows.chunks(usize::from(per.max(1))))
        {
            for x in 0..area.width {
                let at = |row: Option<&Vec<Level>>| {
                    row.and_then(|r| r.get(usize::from(x)).copied().flatten())
                };
                if self.cursor == Some(x) {
                    pen.put(area.x + x, y, '┊', pen.look.style(Role::Cursor));
                    continue;
                }
                let (c, style) = match rows {
                    [one] => sign(pen, step(at(Some(one)), self.reach)),
                    rows => self.halves(pen, at(rows.first()), at(rows.get(1))),
                };
                pen.put(area.x + x, y, c, style);
            }
        }
    }

    fn halves(&self, pen: &Pen, upper: Level, lower: Level) -> (char, Style) {
        let style = Style::new();
        let colour = |level: Level| -> Option<Color> {
            // What is beyond the outermost step has its colour.
            let step = step(level, self.reach)?.clamp(-HEAT_STEPS, HEAT_STEPS);
            Some(pen.look.theme.heat(step).fg.unwrap_or_default())
        };
        match (colour(upper), colour(lower)) {
            (None, None) => (' ', style),
            (Some(both), Some(lower)) if both == lower => (' ', style.bg(both)),
            (Some(upper), Some(lower)) => ('▀', style.fg(upper).bg(lower)),
            (Some(upper), None) => ('▀', style.fg(upper)),
            (None, Some(lower)) => ('▄', style.fg(lower)),
        }
    }
}

/// Glyph and style of a row that has its line to itself. In ASCII the digits say how far above the
/// reference a level is, and dots that it is below.
pub fn sign(pen: &Pen, step: Option<i8>) -> (char, Style) {
    let Some(above) = step.filter(|_| pen.look.is_ascii()) else {
        return glyph(pen, step);
    };
    let style = pen.look.theme.heat(above);
    match above.clamp(-HEAT_STEPS, HEAT_STEPS) {
        digit @ 0.. => (char::from(b'0' + digit.unsigned_abs()), style),
        -3..=-1 => (':', style),
        _ => ('.', style),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ui::look::{Depth, Marker, ThemeName};
    use crate::ui::theme::Theme;
    use ratatui::buffer::Buffer;

    fn draw(rows: &[Vec<Level>], per: u16, look: Look, cursor: Option<u16>) -> Vec<String> {
        let mut buf = Buffer::empty(Rect::new(0, 0, 4, 2));
        let area = buf.area;
        let map = Map {
            rows,
            reach: 8.0,
            cursor,
        };
        map.render(&mut Pen::new(&mut buf, look), area, per);
        (0..2)
            .map(|y| (0..4).map(|x| buf[(x, y)].symbol()).collect())
            .collect()
    }

    #[test]
    fn two_rows_share_a_line_where_there_are_colours() {
        let look = Look::default();
        assert_eq!(per_line(look), 2);
        let (some, none) = (Some(1.0), None);
        let rows = [
            vec![some, some, none, none],
            vec![Some(-8.0), some, some, none],
            vec![none; 4],
        ];
        assert_eq!(draw(&rows, 2, look, None), ["▀ ▄ ", "    "]);
        assert_eq!(draw(&rows, 2, look, Some(0)), ["┊ ▄ ", "┊   "]);
    }

    #[test]
    fn without_colours_every_row_has_its_own_line() {
        let mono = Look {
            theme: Theme::new(ThemeName::Mono, Depth::Mono, None),
            marker: Marker::Braille,
        };
        let ascii = Look {
            marker: Marker::Ascii,
            ..Look::default()
        };
        assert_eq!((per_line(mono), per_line(ascii)), (1, 1));
        let rows = [vec![Some(0.0), Some(-8.0), Some(8.0), None]];
        assert_eq!(draw(&rows, 1, mono, None)[0], "█░▲ ");
        let rows = [vec![Some(-8.0), Some(0.0), Some(8.0), None]];
        assert_eq!(draw(&rows, 1, ascii, None)[0], ".07 ");
    }
}
