//! Writing into the picture: everything is clipped to it, and in ASCII mode everything is ASCII.

use std::borrow::Cow;

use ratatui::buffer::Buffer;
use ratatui::layout::{Margin, Position, Rect};
use ratatui::style::Style;
use ratatui::text::{Line, Span};
use ratatui::widgets::{Clear, Widget};
use unicode_width::UnicodeWidthStr;

use crate::ui::look::Marker;
use crate::ui::theme::{Role, Theme};
use crate::words::ascii;
use crate::words::fit;

/// The row of `area` at this y of the screen.
pub fn row_of(area: Rect, y: u16) -> Rect {
    Rect {
        y,
        height: 1,
        ..area
    }
}

/// How things are drawn: colours and characters.
#[derive(Clone, Copy, Debug, Default)]
pub struct Look {
    /// Colours.
    pub theme: Theme,
    /// Characters.
    pub marker: Marker,
}

impl Look {
    /// Whether only ASCII may be drawn.
    pub fn is_ascii(self) -> bool {
        self.marker == Marker::Ascii
    }

    /// The style of a role.
    pub fn style(self, role: Role) -> Style {
        self.theme.style(role)
    }

    /// A piece of text in a role.
    pub fn span(self, text: impl Into<String>, role: Role) -> Span<'static> {
        Span::styled(text.into(), self.style(role))
    }

    /// The title of a panel: its name, and in what unit or from where it is.
    pub fn title(self, name: impl Into<String>, unit: impl Into<String>) -> Line<'static> {
        Line::from(vec![
            self.span(name, Role::Strong),
            self.span(unit, Role::Quiet),
        ])
    }

    /// A text as it is drawn.
    pub fn drawn(self, text: &str) -> Cow<'_, str> {
        if self.is_ascii() {
            ascii::ascii(text)
        } else {
            text.into()
        }
    }

    /// Lines of at most `width` columns, as they are drawn.
    pub fn wrap(self, text: &str, width: usize) -> Vec<String> {
        fit::wrap(&self.drawn(text), width)
    }

    /// The columns that a text takes when drawn.
    pub fn width(self, text: &str) -> u16 {
        u16::try_from(self.drawn(text).width()).unwrap_or(u16::MAX)
    }

    /// The long text where it has room, else the short one.
    pub fn fitting<T: AsRef<str>>(self, room: u16, long: T, short: T) -> T {
        if self.width(long.as_ref()) <= room {
            long
        } else {
            short
        }
    }

    /// The columns that a line takes when drawn.
    pub fn line_width(self, line: &Line) -> u16 {
        line.spans
            .iter()
            .fold(0u16, |w, s| w.saturating_add(self.width(&s.content)))
    }
}

/// A picture and how to draw on it.
pub struct Pen<'a> {
    /// The picture.
    pub buf: &'a mut Buffer,
    /// Colours and characters.
    pub look: Look,
    /// Nothing is drawn outside.
    clip: Rect,
}

impl<'a> Pen<'a> {
    /// A pen for the whole picture.
    pub fn new(buf: &'a mut Buffer, look: Look) -> Self {
        let clip = buf.area;
        Self { buf, look, clip }
    }

    /// Draws within an area only.
    pub fn within(&mut self, area: Rect, draw: impl FnOnce(&mut Self)) {
        let before = self.clip;
        self.clip = area.intersection(before);
        draw(self);
        self.clip = before;
    }

    /// Writes text in at most `max` columns; returns how many it took.
    pub fn text(&mut self, x: u16, y: u16, max: u16, text: &str, style: Style) -> u16 {
        let area = self.clip;
        if y < area.top() || y >= area.bottom() || x < area.left() || x >= area.right() {
            return 0;
        }
        let text = self.look.drawn(text);
        // What was there before must not shine through: styles are set, not added.
        let width = self.look.width(&text).min(max).min(area.right() - x);
        for column in x..x + width {
            self.buf[(column, y)].reset();
        }
        let (end, _) = self.buf.set_stringn(x, y, text, usize::from(width), style);
        end - x
    }

    /// Writes text that ends at column `end` (exclusive), if it has room from `start` on; returns
    /// the column where it begins.
    pub fn text_right(&mut self, start: u16, end: u16, y: u16, text: &str, style: Style) -> u16 {
        let w = self.look.width(text);
        let x = end.saturating_sub(w).max(start);
        self.text(x, y, end.saturating_sub(x), text, style);
        x
    }

    /// Writes text on the first row of an area; returns how many columns it took.
    pub fn write(&mut self, area: Rect, text: &str, role: Role) -> u16 {
        self.text(area.x, area.y, area.width, text, self.look.style(role))
    }

    /// Writes text at the right of the first row of an area; returns the column where it begins.
    pub fn write_right(&mut self, area: Rect, text: &str, role: Role) -> u16 {
        self.text_right(area.x, area.right(), area.y, text, self.look.style(role))
    }

    /// Writes text over the rows of an area, as many as it takes and as there are.
    pub fn wrapped(&mut self, area: Rect, text: &str, role: Role) {
        let lines = self.look.wrap(text, usize::from(area.width.max(1)));
        for (row, line) in area.rows().zip(lines) {
            self.write(row, &line, role);
        }
    }

    /// Writes text in the middle of an area, in lines of at most so many columns.
    pub fn centred(&mut self, area: Rect, most: u16, text: &str, role: Role) {
        let lines = self.look.wrap(text, usize::from(most.max(1)));
        let above = usize::from(area.height).saturating_sub(lines.len()) / 2;
        for (row, line) in area.rows().skip(above).zip(&lines) {
            let x = row.x + row.width.saturating_sub(self.look.width(line)) / 2;
            self.text(x, row.y, row.width, line, self.look.style(role));
        }
    }

    /// Writes a line of several styles; returns the column after it.
    pub fn line(&mut self, x: u16, y: u16, max: u16, line: &Line) -> u16 {
        let mut at = x;
        for span in &line.spans {
            let left = max.saturating_sub(at - x);
            if left == 0 {
                break;
            }
            at += self.text(at, y, left, &span.content, span.style);
        }
        at
    }

    /// Puts one character into a cell; outside the picture nothing happens.
    pub fn put(&mut self, x: u16, y: u16, c: char, style: Style) {
        let ascii = self.look.is_ascii();
        if !self.clip.contains((x, y).into()) {
            return;
        }
        if let Some(cell) = self.buf.cell_mut((x, y)) {
            cell.reset();
            if ascii && !c.is_ascii() {
                cell.set_symbol(ascii::ascii_sign(c).get(..1).unwrap_or("?"));
            } else {
                cell.set_char(c);
            }
            cell.set_style(style);
        }
    }

    /// Puts one character into every cell of an area.
    pub fn fill(&mut self, area: Rect, c: char, style: Style) {
        for Position { x, y } in area.positions() {
            self.put(x, y, c, style);
        }
    }

    /// Whether nothing is drawn in a cell.
    pub fn is_blank(&self, x: u16, y: u16) -> bool {
        self.buf.cell((x, y)).is_some_and(|c| c.symbol() == " ")
    }

    /// [`Pen::frame`] around a list of so many rows, with the place of the selected one as its answer.
    pub fn list<'l>(
        &mut self,
        area: Rect,
        title: impl Into<Line<'l>>,
        selected: usize,
        rows: usize,
    ) -> Rect {
        let place = match rows {
            0 => String::new(),
            _ => format!("{} of {rows}", selected + 1),
        };
        self.frame(area, title, self.look.span(place, Role::Quiet))
    }

    /// Begins a row of a list, with its mark where it is the selected one; the style of its text.
    pub fn item(&mut self, area: Rect, selected: bool) -> Style {
        let role = if selected { Role::Selected } else { Role::Text };
        let style = self.look.style(role);
        if selected {
            self.fill(row_of(area, area.y), ' ', style);
        }
        self.put(area.x, area.y, if selected { '▸' } else { ' ' }, style);
        style
    }

    /// Clears an area to the terminal's own background.
    pub fn clear(&mut self, area: Rect) {
        Clear.render(area, self.buf);
    }

    /// Draws the line around a panel, with its title at the left and its answer at the right of
    /// the upper border; returns what is inside.
    pub fn frame<'l>(
        &mut self,
        area: Rect,
        title: impl Into<Line<'l>>,
        answer: impl Into<Line<'l>>,
    ) -> Rect {
        let (title, answer) = (title.into(), answer.into());
        let area = area.intersection(self.buf.area);
        if area.width < 2 || area.height < 2 {
            return Rect {
                width: 0,
                height: 0,
                ..area
            };
        }
        let style = self.look.style(Role::Border);
        let (left, right) = (area.left(), area.right() - 1);
        let (top, bottom) = (area.top(), area.bottom() - 1);
        for side in [left, right] {
            self.fill(Rect::new(side, top, 1, area.height), '│', style);
        }
        for edge in [top, bottom] {
            self.fill(row_of(area, edge), '─', style);
        }
        for (x, y, c) in [
            (left, top, '╭'),
            (right, top, '╮'),
            (left, bottom, '╰'),
            (right, bottom, '╯'),
        ] {
            self.put(x, y, c, style);
        }
        // The answer goes first: it is what the panel is for. The title takes what is left.
        let room = area.width.saturating_sub(4);
        let answer = &self.shortened(&answer, room);
        let answer_width = self.look.line_width(answer);
        if answer_width > 0 {
            let x = right - 1 - answer_width;
            self.put(x - 1, top, ' ', style);
            self.line(x, top, answer_width, answer);
            self.put(right - 1, top, ' ', style);
        }
        let room = if answer_width == 0 {
            room
        } else {
            room.saturating_sub(answer_width + 2)
        };
        // Of the title, parts that do not fit are left out whole; of its first, the end.
        let mut title_width = 0;
        let parts = title.spans.iter().take_while(|span| {
            let w = self.look.width(&span.content);
            let fits = title_width + w <= room;
            title_width += if fits { w } else { 0 };
            fits
        });
        let parts = parts.count().max(1);
        let title = Line::from(title.spans.iter().take(parts).cloned().collect::<Vec<_>>());
        let title = self.shortened(&title, room);
        let title_width = self.look.line_width(&title);
        if title_width > 0 {
            self.put(left + 1, top, ' ', style);
            self.line(left + 2, top, title_width, &title);
            self.put(left + 2 + title_width, top, ' ', style);
        }
        area.inner(Margin::new(1, 1))
    }

    /// A line that is cut between words where it is too long, its parts from the last one on: a
    /// number that lost digits would be another number.
    fn shortened(&self, line: &Line, room: u16) -> Line<'static> {
        let mut left = room;
        let mut spans = Vec::new();
        for span in &line.spans {
            let width = self.look.width(&span.content);
            if width <= left {
                spans.push(Span::styled(span.content.to_string(), span.style));
                left -= width;
                continue;
            }
            if left < 2 {
                break;
            }
            let drawn = self.look.drawn(&span.content);
            let cut = fit::fit_words(&drawn, usize::from(left));
            spans.push(Span::styled(cut.into_owned(), span.style));
            break;
        }
        Line::from(spans)
    }

    /// Writes into the lower border of a frame: one line at its left, if there is room
    /// beside the other one, which stands at its right and goes first.
    pub fn lower<'l>(&mut self, area: Rect, left: impl Into<Line<'l>>, right: impl Into<Line<'l>>) {
        if area.width < 6 || area.height < 2 {
            return;
        }
        let y = area.bottom() - 1;
        let mut end = area.right() - 2;
        let start = area.left() + 2;
        for (line, at_right) in [(right.into(), true), (left.into(), false)] {
            let width = self.look.line_width(&line);
            if width == 0 || width + 2 > end.saturating_sub(start) {
                continue;
            }
            let x = if at_right { end - width } else { start };
            self.put(x - 1, y, ' ', Style::new());
            self.line(x, y, width, &line);
            self.put(x + width, y, ' ', Style::new());
            if at_right {
                end = x - 1;
            }
        }
    }

    /// Writes lines from the top of an area, as many as fit.
    pub fn lines(&mut self, area: Rect, lines: &[Line]) {
        for (y, line) in (area.top()..area.bottom()).zip(lines) {
            self.line(area.x, y, area.width, line);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn draw(width: u16, height: u16, look: Look, f: impl FnOnce(&mut Pen)) -> Vec<String> {
        let mut buf = Buffer::empty(Rect::new(0, 0, width, height));
        f(&mut Pen::new(&mut buf, look));
        (0..height)
            .map(|y| (0..width).map(|x| buf[(x, y)].symbol()).collect())
            .collect()
    }

    #[test]
    fn the_answer_survives_the_title() {
        let frame = |width| {
            draw(width, 2, Look::default(), |pen| {
                pen.frame(Rect::new(0, 0, width, 2), "a long title", "0.134");
            })
            .remove(0)
        };
        assert_eq!(
            frame(30),
            "╭ a long title ────── 0.134 ─╮"
                .replace(" ─╮", "─ ╮")
                .replace("─ 0.134─ ╮", "── 0.134 ╮")
        );
        assert_eq!(frame(14), "╭ a… ─ 0.134 ╮");
        assert_eq!(frame(8), "╭─── … ╮");
    }

    #[test]
    fn nothing_is_drawn_outside() {
        draw(3, 2, Look::default(), |pen| {
            pen.put(5, 5, 'x', Style::new());
            assert_eq!(pen.text(9, 0, 5, "abc", Style::new()), 0);
            assert_eq!(pen.text(1, 1, 99, "abcdef", Style::new()), 2);
            pen.frame(Rect::new(0, 0, 90, 90), "t", "");
        });
    }

    #[test]
    fn ascii_mode_draws_ascii() {
        let look = Look {
            marker: Marker::Ascii,
            ..Look::default()
        };
        let rows = draw(16, 3, look, |pen| {
            pen.frame(Rect::new(0, 0, 16, 3), "ρ → σ", "");
            pen.text(1, 1, 9, "环δ", Style::new());
        });
        assert_eq!(
            rows,
            ["+ rho -> sigma +", "|?d            |", "+--------------+"]
        );
    }
}
