//! A filled curve over the window: how large each step's gradient is, as log10 of its size relative to
//! the last one. Bars stand on the floor of the axis, so that what is almost nothing is almost nothing
//! to see, and what explodes is high; what a cut changes stands on zero instead, so that no change is
//! none to see.

use ratatui::layout::Constraint::{Fill, Length};
use ratatui::layout::{Layout, Rect};
use ratatui::style::{Modifier, Style};

use crate::ui::pen::Pen;
use crate::ui::span::Span;
use crate::ui::theme::Role;
use crate::ui::widget::chart::CLIPPED;
use crate::ui::widget::scale::{Steps, tick};
use crate::words::short::Level;

/// Lower blocks by eighths.
pub const EIGHTHS: [char; 9] = [' ', '▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
const ASCII_UP: [char; 9] = [' ', '.', '.', '.', ':', ':', '|', '|', '#'];
const ASCII_DOWN: [char; 9] = [' ', '\'', '\'', '\'', '"', '"', '|', '|', '#'];

/// log10 2: the band of the verdict, beyond which a bar is coloured.
pub const BAND: f64 = std::f64::consts::LOG10_2;

/// A filled curve.
#[derive(Default)]
pub struct Ladder<'a> {
    /// One level per step; a column shows the largest of its steps, so that no explosion is lost.
    pub levels: &'a [Level],
    /// The axis.
    pub low: f64,
    /// The axis.
    pub high: f64,
    /// Whether bars stand on zero, up and down, rather than on the floor.
    pub changes: bool,
    /// The cursor's step.
    pub cursor: Option<usize>,
    /// The style of the bars; by size when `None`.
    pub style: Option<Style>,
    /// Columns left of the plot for tick labels and the axis line; none are drawn below 2.
    pub gutter: u16,
    /// Other curves, drawn as lines beside and across the bars.
    pub beside: &'a [(&'a [Level], Style)],
    /// `[t - 1]`: where clipping bit.
    pub clipped: &'a [bool],
}

/// Where levels lie in the rows of a plot, in eighths of a row from the floor.
#[derive(Clone, Copy)]
struct Eighths {
    steps: Steps,
    rows: u16,
}

impl Eighths {
    fn new(ladder: &Ladder, rows: u16) -> Self {
        let steps = Steps::new(ladder.low, ladder.high, usize::from(rows));
        Self { steps, rows }
    }

    fn top(self) -> f64 {
        self.steps.up as f64 * self.steps.unit
    }

    fn floor(self) -> f64 {
        -(self.steps.down as f64) * self.steps.unit
    }

    fn all(self) -> usize {
        8 * usize::from(self.rows)
    }

    /// The eighths below a level.
    fn below(self, level: f64) -> usize {
        let part = (level - self.floor()) / (self.top() - self.floor());
        let eighths = (part * self.all() as f64).round().max(0.0) as usize;
        eighths.min(self.all())
    }

    /// Whether a level lies above the axis (1), below it (-1) or on it.
    fn beyond(self, level: f64) -> i8 {
        if level > self.top() + 1e-9 {
            1
        } else if level < self.floor() - 1e-9 {
            -1
        } else {
            0
        }
    }

    /// The line of a row, from 0 at the floor.
    fn line(plot: Rect, row: usize) -> u16 {
        let row = u16::try_from(row).unwrap_or(u16::MAX);
        plot.bottom().saturating_sub(row.saturating_add(1))
    }

    /// The row of a level's tip, and the eighths of that row below it.
    fn tip(self, level: f64) -> (usize, usize) {
        let eighths = self.below(level);
        let row = eighths.saturating_sub(1) / 8;
        (row, eighths - 8 * row)
    }
}

impl Ladder<'_> {
    /// Draws it; the plot is what the gutter leaves.
    pub fn render(&self, pen: &mut Pen, area: Rect) {
        let area = area.intersection(pen.buf.area);
        if area.is_empty() || area.width <= self.gutter {
            return;
        }
        let [labels, plot] = Layout::horizontal([Length(self.gutter), Fill(1)]).areas(area);
        let scale = Eighths::new(self, plot.height);
        if self.gutter >= 2 {
            Self::labels(pen, labels, scale.steps);
        }
        let span = Span::new(self.levels.len(), plot.width);
        let cursor = self.cursor.map(|t| span.column(t));
        let mut beyond = 0;
        let mut zeros = 0u16;
        // From T to 1, as the gradient flows: where it leaves the axis is marked.
        for x in (0..plot.width).rev() {
            if span.steps == 0 {
                continue;
            }
            let level = span.largest(self.levels, x);
            let out = level.map_or(0, |v| scale.beyond(v));
            // An exact zero has no logarithm: of a run, its start and every sixth column say so.
            zeros = if level.is_none() { zeros + 1 } else { 0 };
            let mark = zeros % 6 == 1 || out != 0 && out != beyond;
            beyond = out;
            let place = Column {
                x: plot.x + x,
                plot,
                here: cursor == Some(x),
                mark,
            };
            self.column(pen, scale, &place, level);
            if let Some(level) = level.filter(|_| span.is_marked(self.clipped, x)) {
                let tip = Eighths::line(plot, scale.tip(level).0);
                pen.put(place.x, tip, CLIPPED, pen.look.style(Role::Explode));
            }
        }
        for (levels, style) in self.beside {
            line(pen, plot, scale, levels, *style);
        }
    }

    fn labels(pen: &mut Pen, area: Rect, steps: Steps) {
        let quiet = pen.look.style(Role::Quiet);
        let axis = area.right() - 1;
        pen.fill(Rect::new(axis, area.y, 1, area.height), '│', quiet);
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
            // The arrow says which way the gradient flows: from T at the right.
            pen.put(axis, y, if v == 0.0 { '◂' } else { '┤' }, quiet);
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

    /// One column: the line at |δ_T|, and the bar.
    fn column(&self, pen: &mut Pen, scale: Eighths, place: &Column, level: Level) {
        let &Column {
            x,
            plot,
            here,
            mark,
        } = place;
        let look = pen.look;
        let (quiet, cursor) = (look.style(Role::Quiet), look.style(Role::Cursor));
        let zero_row = scale.steps.down.min(usize::from(plot.height) - 1);
        let zero = Eighths::line(plot, zero_row);
        if here {
            pen.fill(Rect::new(x, plot.y, 1, plot.height), '┊', cursor);
        } else if plot.height > 1 {
            pen.put(x, zero, if look.is_ascii() { '_' } else { '▁' }, quiet);
        }
        let Some(level) = level else {
            let style = if here { cursor } else { quiet };
            let y = if self.changes {
                zero
            } else {
                plot.bottom() - 1
            };
            return pen.put(x, y, if here || mark { '0' } else { '·' }, style);
        };
        let base = if self.changes { scale.below(0.0) } else { 0 };
        let tip = match scale.below(level) {
            // What is on the axis is seen; on zero, no change is none.
            0 if !self.changes && scale.beyond(level) == 0 => 1,
            tip => tip,
        };
        for row in 0..usize::from(plot.height) {
            let (low, high) = (tip.min(base), tip.max(base));
            let fill = high.min(8 * row + 8).saturating_sub(low.max(8 * row));
            if fill == 0 {
                continue;
            }
            let style = self
                .style
                .unwrap_or_else(|| look.style(role(level, row, scale)));
            let (glyph, style) = match (look.is_ascii(), low <= 8 * row) {
                // The cursor goes through bars as a dotted gap.
                _ if here && fill == 8 => ('┊', style.add_modifier(Modifier::REVERSED)),
                (true, true) => (ASCII_UP[fill], style),
                (true, false) => (ASCII_DOWN[fill], style),
                (false, true) => (EIGHTHS[fill], style),
                // The empty part of the cell is what is drawn, in the background's colour.
                (false, false) => (EIGHTHS[8 - fill], style.add_modifier(Modifier::REVERSED)),
            };
            pen.put(x, Eighths::line(plot, row), glyph, style);
        }
        if mark {
            let style = self
                .style
                .unwrap_or_else(|| look.style(role(level, zero_row, scale)));
            let (y, sign) = if level > 0.0 {
                (plot.top(), '▲')
            } else {
                (plot.bottom() - 1, '▼')
            };
            pen.put(x, y, sign, style);
        }
    }
}

/// A column of the plot.
struct Column {
    x: u16,
    plot: Rect,
    /// Whether the cursor is here.
    here: bool,
    /// Whether it is to say that it leaves the axis, or that it is exactly zero.
    mark: bool,
}

/// What a row of a bar says: of an exploding one, what is above |δ_T|; the rest is ground.
fn role(level: f64, row: usize, scale: Eighths) -> Role {
    if level > BAND && (row >= scale.steps.down || scale.rows == 1) {
        Role::Explode
    } else if level < -BAND {
        Role::Vanish
    } else {
        Role::Quiet
    }
}

/// Draws a curve as a line: in free cells as it is, in bars as a gap.
fn line(pen: &mut Pen, plot: Rect, scale: Eighths, levels: &[Level], style: Style) {
    let span = Span::new(levels.len(), plot.width);
    for x in 0..plot.width {
        let level = span.largest(levels, x);
        let Some(v) = level.filter(|v| scale.beyond(*v) == 0) else {
            continue;
        };
        let (row, eighth) = scale.tip(v);
        let glyph = match eighth {
            _ if pen.look.is_ascii() => '~',
            0..=2 => '▁',
            7.. => '▔',
            _ => '─',
        };
        let (x, y) = (plot.x + x, Eighths::line(plot, row));
        let Some(cell) = pen.buf.cell((x, y)) else {
            continue;
        };
        match cell.symbol() {
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
        draw_as(false, levels, width, height, look)
    }

    fn draw_as(changes: bool, levels: &[Level], width: u16, height: u16, look: Look) -> Buffer {
        let mut buf = Buffer::empty(Rect::new(0, 0, width, height));
        let area = buf.area;
        let ladder = Ladder {
            levels,
            low: -2.0,
            high: 2.0,
            changes,
            ..Ladder::default()
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

    const LEVELS: [Level; 8] = [
        Some(2.0),
        Some(1.0),
        Some(0.5),
        Some(0.0),
        Some(-0.5),
        Some(-1.0),
        Some(-2.0),
        None,
    ];

    #[test]
    fn bars_stand_on_the_floor() {
        let buf = draw(&LEVELS, 8, 4, Look::default());
        assert_eq!(rows(&buf), ["█       ", "██▄▁▁▁▁▁", "████▄   ", "██████▁0"]);
        let look = Look {
            marker: Marker::Ascii,
            ..Look::default()
        };
        let ascii = draw(&LEVELS, 8, 4, look);
        assert_eq!(
            rows(&ascii),
            ["#       ", "##:_____", "####:   ", "######.0"]
        );
    }

    #[test]
    fn changes_stand_on_zero_and_none_is_nothing() {
        let buf = draw_as(true, &LEVELS, 8, 4, Look::default());
        assert_eq!(rows(&buf), ["█       ", "██▄▁▁▁▁0", "    ▄██ ", "      █ "]);
        assert!(buf[(4, 2)].modifier.contains(Modifier::REVERSED));
        assert!(!buf[(5, 2)].modifier.contains(Modifier::REVERSED));
    }

    #[test]
    fn what_is_almost_nothing_is_almost_nothing_to_see() {
        let levels: Vec<Level> = (0..40).map(|t| Some(f64::from(t - 39))).collect();
        let picture = rows(&draw(&levels, 40, 4, Look::default()));
        // Thirty-seven steps are below the axis: one sign says so, and nothing else is drawn.
        let drawn = |c: char| {
            picture
                .iter()
                .map(|row| row.matches(c).count())
                .sum::<usize>()
        };
        assert_eq!(drawn('▼'), 1, "{picture:?}");
        assert_eq!(drawn('█'), 3, "{picture:?}");
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
        assert_eq!(rows(&buf), ["▲ ", "█▁", "█ ", "█▼"]);
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
