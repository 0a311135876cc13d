//! A sparkline that goes both ways from a zero line: how large each step's gradient is, as log10 of
//! its size relative to the last one.

use ratatui::layout::Rect;
use ratatui::style::{Modifier, Style};

use crate::ui::pen::Pen;
use crate::ui::span::Span;
use crate::ui::theme::Role;
use crate::ui::widget::chart::BITE;
use crate::ui::widget::scale::{Steps, tick};
use crate::words::short::Level;

/// Lower blocks by eighths.
pub const EIGHTHS: [char; 9] = [' ', '▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
const ASCII_UP: [char; 9] = [' ', '.', '.', '.', ':', ':', '|', '|', '#'];
const ASCII_DOWN: [char; 9] = [' ', '\'', '\'', '\'', '"', '"', '|', '|', '#'];

/// log10 2: the band of the verdict, beyond which a bar is coloured.
pub const BAND: f64 = std::f64::consts::LOG10_2;

/// A diverging sparkline.
pub struct Ladder<'a> {
    /// One level per step; a column shows the largest of its steps, so that no explosion is lost.
    pub levels: &'a [Level],
    /// The axis.
    pub low: f64,
    /// The axis.
    pub high: f64,
    /// The cursor's step.
    pub cursor: Option<usize>,
    /// The style of the bars; by size when `None`.
    pub style: Option<Style>,
    /// Columns left of the plot for tick labels and the axis line; none are drawn below 2.
    pub gutter: u16,
    /// Other curves, drawn as lines beside and across the bars.
    pub beside: &'a [(&'a [Level], Style)],
    /// `[t - 1]`: where clipping bit.
    pub bitten: &'a [bool],
}

impl Ladder<'_> {
    /// Draws it; the plot is what the gutter leaves.
    pub fn render(&self, pen: &mut Pen, area: Rect) {
        let area = area.intersection(pen.buf.area);
        if area.is_empty() || area.width <= self.gutter {
            return;
        }
        let steps = Steps::new(self.low, self.high, usize::from(area.height));
        let plot = Rect {
            x: area.x + self.gutter,
            width: area.width - self.gutter,
            ..area
        };
        if self.gutter >= 2 {
            self.labels(pen, area, steps);
        }
        let span = Span::new(self.levels.len(), plot.width);
        let cursor = self.cursor.map(|t| span.column(t));
        let mut beyond = 0;
        let mut zeros = 0u16;
        for x in 0..plot.width {
            let levels = self
                .levels
                .get(span.indices(usize::from(x)))
                .unwrap_or_default();
            let top = levels
                .iter()
                .flatten()
                .copied()
                .fold(f64::NEG_INFINITY, f64::max);
            let here = cursor == Some(x);
            let level = (!levels.is_empty()).then_some((top > f64::NEG_INFINITY).then_some(top));
            let out = if top > steps.up as f64 * steps.unit + 1e-9 {
                1
            } else if top.is_finite() && top < -(steps.down as f64 * steps.unit + 1e-9) {
                -1
            } else {
                0
            };
            // Of a run that leaves the axis, its start and every fourth column are marked.
            // An exact zero has no logarithm: of a run, its start and every sixth column say so.
            let zero = level == Some(None);
            zeros = if zero { zeros + 1 } else { 0 };
            let mark = zeros % 6 == 1 || out != 0 && (out != beyond || x % 4 == 0);
            beyond = out;
            self.column(pen, plot, x, steps, level, here, mark);
            if let Some(Some(level)) = level {
                self.bite(pen, plot, x, steps, level);
            }
        }
        for (levels, style) in self.beside {
            line(pen, plot, steps, levels, *style);
        }
    }

    /// Marks the tip of a bar where clipping bit: of a run, its start and every fourth column.
    fn bite(&self, pen: &mut Pen, plot: Rect, x: u16, steps: Steps, level: f64) {
        let span = Span::new(self.levels.len(), plot.width);
        let bit = |x: u16| {
            let inside = self.bitten.get(span.indices(usize::from(x)));
            inside.is_some_and(|b| b.contains(&true))
        };
        if bit(x) && (x.is_multiple_of(4) || x == 0 || !bit(x - 1)) {
            let (row, _) = place(level, steps, plot.height);
            let style = pen.look.style(Role::Explode);
            pen.put(plot.x + x, plot.y + row, BITE, style);
        }
    }

    fn labels(&self, pen: &mut Pen, area: Rect, steps: Steps) {
        let quiet = pen.look.style(Role::Quiet);
        let axis = area.x + self.gutter - 1;
        for y in area.top()..area.bottom() {
            pen.put(axis, y, '│', quiet);
        }
        if area.height < 2 {
            return;
        }
        // A label above zero names its row's upper edge, one below its lower edge: the bar that
        // fills the row reaches the number. Zero is the edge between both sides.
        let spacing = if steps.up.max(steps.down) > 4 { 2 } else { 1 };
        let mut label = |row: usize, v: f64, role: Role| {
            let y = area.y + u16::try_from(row).unwrap_or(u16::MAX);
            let style = pen.look.style(role);
            let text = tick(v);
            // A number that does not fit beside the axis touches it; a cut one would be wrong.
            let room = axis - area.x;
            match pen.look.width(&text) {
                w if w < room => pen.text_right(area.x, axis - 1, y, &text, style),
                w if w == room => pen.text_right(area.x, axis, y, &text, style),
                _ => 0,
            };
            pen.put(axis, y, '┤', quiet);
        };
        for k in 1..=steps.up {
            if (k == steps.up || k % spacing == 0 && steps.up - k >= spacing) && k > 1 {
                label(steps.up - k, k as f64 * steps.unit, Role::Quiet);
            }
        }
        for k in 1..=steps.down {
            // The row below zero stays free, as the row above it, which zero's own label takes:
            // labels at even distances are read at once.
            if k == steps.down || k > 1 && k % spacing == 0 && steps.down - k >= spacing {
                label(steps.up + k - 1, -(k as f64) * steps.unit, Role::Quiet);
            }
        }
        label(steps.up - 1, 0.0, Role::Text);
    }

    #[allow(clippy::too_many_arguments)]
    fn column(
        &self,
        pen: &mut Pen,
        plot: Rect,
        x: u16,
        steps: Steps,
        level: Option<Level>,
        here: bool,
        mark: bool,
    ) {
        let look = pen.look;
        let (up, down) = if look.is_ascii() {
            (ASCII_UP, ASCII_DOWN)
        } else {
            (EIGHTHS, EIGHTHS)
        };
        let at = plot.x + x;
        let rows = usize::from(plot.height);
        let base = steps.up - 1;
        let row = |i: usize| plot.y + u16::try_from(i).unwrap_or(u16::MAX);
        let cursor = look.style(Role::Cursor);
        if here {
            for i in 0..rows {
                pen.put(at, row(i), '┊', cursor);
            }
        } else if level.is_some() {
            pen.put(
                at,
                row(base),
                if look.is_ascii() { '_' } else { '▁' },
                look.style(Role::Quiet),
            );
        }
        let v = match level {
            None => return,
            Some(None) if !here && !mark => {
                return pen.put(at, row(base), '·', look.style(Role::Quiet));
            }
            Some(None) => {
                return pen.put(
                    at,
                    row(base),
                    '0',
                    if here {
                        cursor
                    } else {
                        look.style(Role::Quiet)
                    },
                );
            }
            Some(Some(v)) => v,
        };
        let role = if v > BAND {
            Role::Explode
        } else if v < -BAND {
            Role::Vanish
        } else {
            Role::Stable
        };
        let style = self.style.unwrap_or_else(|| look.style(role));
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
        let eighths = (v.abs() / steps.unit * 8.0).round().min(8.0 * rows as f64) as usize;
        let side = if v >= 0.0 { steps.up } else { steps.down };
        // Exactly as large as |δ_T|: the zero line itself is the bar.
        if eighths == 0 && !here {
            pen.put(
                at,
                row(base),
                if look.is_ascii() { '_' } else { '▁' },
                style,
            );
        }
        for i in 0..side {
            let fill = eighths.saturating_sub(8 * i).min(8);
            if fill == 0 {
                break;
            }
            let beyond = mark && i + 1 == side;
            // The cursor goes through bars as a dotted gap; only their tip, the value, stays whole.
            let (glyph_up, style) = if here && fill == 8 && !beyond {
                ('┊', style.add_modifier(Modifier::REVERSED))
            } else {
                (up[fill], style)
            };
            if v >= 0.0 {
                pen.put(
                    at,
                    row(base - i),
                    if beyond { '▲' } else { glyph_up },
                    style,
                );
            } else if rows == 1 || i < steps.down {
                let y = if rows == 1 { row(0) } else { row(steps.up + i) };
                let (glyph, style) = match fill {
                    _ if beyond => ('▼', style),
                    8 if here => ('┊', style),
                    8 => (down[8], style),
                    _ if look.is_ascii() => (down[fill], style),
                    // The empty part of the cell is what is drawn, in the background's colour.
                    _ => (down[8 - fill], style.add_modifier(Modifier::REVERSED)),
                };
                pen.put(at, y, glyph, style);
            }
        }
    }
}

/// The row, from the top, that a level lies in, and the eighths of it below (above zero) or above
/// (below zero) the level.
fn place(level: f64, steps: Steps, rows: u16) -> (u16, usize) {
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    let eighths = (level.abs() / steps.unit * 8.0).round().min(1e6) as usize;
    let (side, back) = (
        eighths.saturating_sub(1) / 8,
        eighths.saturating_sub(1) % 8 + 1,
    );
    let base = steps.up.saturating_sub(1);
    let row = if level >= 0.0 {
        base.saturating_sub(side)
    } else if rows == 1 {
        0
    } else {
        steps.up + side.min(steps.down.saturating_sub(1))
    };
    let eighth = if eighths == 0 { 0 } else { back };
    (
        u16::try_from(row)
            .unwrap_or(u16::MAX)
            .min(rows.saturating_sub(1)),
        eighth,
    )
}

/// Draws a curve as a line: in free cells as it is, in bars as a gap.
fn line(pen: &mut Pen, plot: Rect, steps: Steps, levels: &[Level], style: Style) {
    let span = Span::new(levels.len(), plot.width);
    for x in 0..plot.width {
        let inside = levels.get(span.indices(usize::from(x))).unwrap_or_default();
        let Some(v) = inside.iter().flatten().copied().reduce(f64::max) else {
            continue;
        };
        let (high, low) = (
            steps.up as f64 * steps.unit,
            -(steps.down as f64) * steps.unit,
        );
        if !(low..=high).contains(&v) {
            continue;
        }
        let (row, eighth) = place(v, steps, plot.height);
        let glyph = match (v < 0.0, eighth) {
            _ if pen.look.is_ascii() => '~',
            (false, 0..=2) | (true, 7..) => '▁',
            (false, 7..) | (true, 0..=2) => '▔',
            _ => '─',
        };
        let (x, y) = (plot.x + x, plot.y + row);
        let Some(cell) = pen.buf.cell((x, y)) else {
            continue;
        };
        match cell.symbol() {
            // The tip of a bar below zero, which is drawn by what is free of it, stays.
            _ if cell.modifier.contains(Modifier::REVERSED) => {}
            " " | "▁" | "_" | "#" => pen.put(x, y, glyph, style),
            "█" => {
                let bar = cell.style();
                pen.put(x, y, glyph, bar.add_modifier(Modifier::REVERSED));
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ui::look::Marker;
    use crate::ui::pen::Look;
    use ratatui::buffer::Buffer;
    use unicode_width::UnicodeWidthChar;

    fn draw(levels: &[Level], width: u16, height: u16, look: Look) -> Buffer {
        let mut buf = Buffer::empty(Rect::new(0, 0, width, height));
        let area = buf.area;
        let ladder = Ladder {
            levels,
            low: -2.0,
            high: 2.0,
            cursor: None,
            style: None,
            gutter: 0,
            beside: &[],
            bitten: &[],
        };
        ladder.render(&mut Pen::new(&mut buf, look), area);
        buf
    }

    fn rows(buf: &Buffer) -> Vec<String> {
        let a = buf.area;
        (0..a.height)
            .map(|y| (0..a.width).map(|x| buf[(x, y)].symbol()).collect())
            .collect()
    }

    #[test]
    fn up_and_down() {
        let levels = [
            Some(2.0),
            Some(1.0),
            Some(0.5),
            Some(0.0),
            Some(-0.5),
            Some(-1.0),
            Some(-2.0),
            None,
        ];
        let buf = draw(&levels, 8, 4, Look::default());
        assert_eq!(rows(&buf), ["█       ", "██▄▁▁▁▁0", "    ▄██ ", "      █ "]);
        assert!(buf[(4, 2)].modifier.contains(Modifier::REVERSED));
        assert!(!buf[(5, 2)].modifier.contains(Modifier::REVERSED));
        let ascii = draw(
            &levels,
            8,
            4,
            Look {
                marker: Marker::Ascii,
                ..Look::default()
            },
        );
        assert_eq!(
            rows(&ascii),
            ["#       ", "##:____0", "    \"## ", "      # "]
        );
    }

    #[test]
    fn an_explosion_does_not_vanish_between_columns() {
        let mut levels = vec![Some(-1.0); 1000];
        levels[437] = Some(2.0);
        let picture = rows(&draw(&levels, 20, 4, Look::default()));
        assert_eq!(picture[0].matches('█').count(), 1);
    }

    #[test]
    fn beyond_the_axis_is_marked() {
        let buf = draw(&[Some(9.0), Some(-9.0)], 2, 4, Look::default());
        assert_eq!(rows(&buf), ["▲ ", "█▁", " █", " ▼"]);
        let one = draw(&[Some(9.0), Some(-9.0)], 2, 1, Look::default());
        assert_eq!(rows(&one), ["▲▼"]);
    }

    #[test]
    fn every_glyph_is_one_column_wide() {
        for c in EIGHTHS
            .iter()
            .chain(&ASCII_UP)
            .chain(&ASCII_DOWN)
            .chain(&['▲', '▼', '┊', '┤', '│'])
        {
            assert_eq!(c.width(), Some(1), "{c}");
        }
    }

    #[test]
    fn every_size() {
        for width in 0..=20 {
            for height in 0..=8 {
                draw(
                    &[Some(1.0), None, Some(-3.0)],
                    width,
                    height,
                    Look::default(),
                );
                draw(&[], width, height, Look::default());
            }
        }
    }
}
