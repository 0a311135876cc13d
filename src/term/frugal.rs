//! A backend that says a frame in few bytes.
//!
//! crossterm's backend sends each changed cell where ratatui names it: a jump by row and column
//! for every gap, and both colours for every change of style. Over a slow line these are most of a
//! frame. Here the changed cells are gathered first. What moved to the left by a column, as a window
//! that slides does, is moved by the terminal itself (`slide`). The rest is written in the order
//! that takes fewest bytes, row by row or one style after the other, with the shortest way from
//! each cell to the next (`travel`) and the shortest change of style (`sgr`). Besides colours,
//! only sequences are used that every terminal since the VT102 knows.

mod sgr;
mod slide;
mod travel;

use std::io::{self, Write};

use crossterm::terminal;
use ratatui::backend::{Backend, ClearType, WindowSize};
use ratatui::buffer::Cell;
use ratatui::layout::{Position, Size};
use unicode_width::UnicodeWidthChar;

use crate::term::frugal::sgr::{Style, is_blank};
use crate::term::frugal::slide::Slide;
use crate::term::frugal::travel::travel;

/// Hides the cursor.
const HIDE: &[u8] = b"\x1b[?25l";
/// Shows it.
const SHOW: &[u8] = b"\x1b[?25h";
/// Clears the whole screen.
const CLEAR: &[u8] = b"\x1b[2J";

/// Takes the cell at the cursor out; what follows in the row moves to the left.
const DELETE: &[u8] = b"\x1b[P";
/// Puts a space in before the cursor; what follows in the row moves to the right.
const INSERT: &[u8] = b"\x1b[@";

/// A backend for a writer that nobody else draws through.
#[derive(Debug)]
pub struct FrugalBackend<W> {
    writer: W,
    /// Where the cursor is, if that is known.
    at: Option<Position>,
    /// Whether the cursor is visible, if that is known.
    cursor: Option<bool>,
    shown: Shown,
}

/// What is on the screen, as far as that is known.
#[derive(Debug)]
struct Shown {
    /// `None` is not known, or perhaps the second half of a wide character.
    rows: Vec<Vec<Option<Cell>>>,
    /// What is beyond these rows.
    elsewhere: Option<Cell>,
    /// Columns that are certainly on the screen.
    width: usize,
}

/// Column, row, and what a cell shows from now on.
type Change = (u16, u16, Cell);

/// Neighbouring cells that are written in one style.
#[derive(Clone, Debug)]
struct Run<'a> {
    at: Position,
    style: Style,
    cells: Vec<&'a Cell>,
    /// Whether any style with the same background would do.
    blank: bool,
}

impl<W: Write> FrugalBackend<W> {
    /// A backend that knows nothing of what is on the screen.
    pub const fn new(writer: W) -> Self {
        Self {
            writer,
            at: None,
            cursor: None,
            shown: Shown {
                rows: Vec::new(),
                elsewhere: None,
                width: 0,
            },
        }
    }

    fn show(&mut self, visible: bool) -> io::Result<()> {
        if self.cursor == Some(visible) {
            return Ok(());
        }
        self.cursor = Some(visible);
        self.writer.write_all(if visible { SHOW } else { HIDE })
    }
}

impl<W: Write> Backend for FrugalBackend<W> {
    type Error = io::Error;

    fn draw<'a, I>(&mut self, content: I) -> io::Result<()>
    where
        I: Iterator<Item = (u16, u16, &'a Cell)>,
    {
        let mut changes: Vec<_> = content.map(|(x, y, c)| (x, y, c.clone())).collect();
        // Cells of other widths push their neighbours about: then the order is kept.
        let even = changes.iter().all(|(_, _, cell)| is_narrow(cell));
        let mut slides = Vec::new();
        if even {
            changes = self.slide(changes, &mut slides);
        }
        for (x, y, cell) in &changes {
            self.shown.set(*x, *y, cell);
        }
        let rows = runs(&changes);
        let mut best = self.write(&rows);
        if even {
            for order in [by_row_and_style(&rows), by_style(rows)] {
                let other = self.write(&order);
                if other.0.len() < best.0.len() {
                    best = other;
                }
            }
        }
        self.writer.write_all(&slides)?;
        self.at = best.1;
        self.writer.write_all(&best.0)
    }

    fn hide_cursor(&mut self) -> io::Result<()> {
        self.show(false)
    }

    fn show_cursor(&mut self) -> io::Result<()> {
        self.show(true)
    }

    fn get_cursor_position(&mut self) -> io::Result<Position> {
        let (x, y) = crossterm::cursor::position()?;
        Ok(Position { x, y })
    }

    fn set_cursor_position<P: Into<Position>>(&mut self, position: P) -> io::Result<()> {
        let to = position.into();
        let mut out = Vec::new();
        travel(self.at, to, &mut out);
        self.at = Some(to);
        self.writer.write_all(&out)
    }

    fn clear(&mut self) -> io::Result<()> {
        self.clear_region(ClearType::All)
    }

    fn clear_region(&mut self, region: ClearType) -> io::Result<()> {
        self.shown.forget(region == ClearType::All);
        self.writer.write_all(match region {
            ClearType::All => CLEAR,
            ClearType::AfterCursor => b"\x1b[J",
            ClearType::BeforeCursor => b"\x1b[1J",
            ClearType::CurrentLine => b"\x1b[2K",
            ClearType::UntilNewLine => b"\x1b[K",
        })
    }

    fn append_lines(&mut self, n: u16) -> io::Result<()> {
        self.shown.forget(false);
        self.at = None;
        self.writer.write_all(&vec![b'\n'; usize::from(n)])
    }

    fn size(&self) -> io::Result<Size> {
        let (width, height) = terminal::size()?;
        Ok(Size { width, height })
    }

    fn window_size(&mut self) -> io::Result<WindowSize> {
        let size = terminal::window_size()?;
        Ok(WindowSize {
            columns_rows: Size {
                width: size.columns,
                height: size.rows,
            },
            pixels: Size {
                width: size.width,
                height: size.height,
            },
        })
    }

    fn flush(&mut self) -> io::Result<()> {
        self.writer.flush()
    }
}

impl<W> FrugalBackend<W> {
    /// Appends what moves parts of rows, in the plain style; what is left to change.
    fn slide(&mut self, changes: Vec<Change>, out: &mut Vec<u8>) -> Vec<Change> {
        let mut left = Vec::with_capacity(changes.len());
        for row in changes.chunk_by(|a, b| a.1 == b.1) {
            let y = row[0].1;
            let inside = |(x, _, _): &Change| usize::from(*x) < self.shown.width;
            let may_pay = row.len() >= slide::FEWEST && row.iter().all(inside);
            let slide = may_pay.then(|| self.shown.row(y)).flatten();
            let mut slide = slide.map(|old| Slide::new(old, row));
            let mut moved = false;
            while let Some((from, to)) = slide.as_mut().and_then(Slide::next) {
                travel(self.at, Position { x: from, y }, out);
                out.extend_from_slice(DELETE);
                travel(Some(Position { x: from, y }), Position { x: to, y }, out);
                out.extend_from_slice(INSERT);
                self.at = Some(Position { x: to, y });
                moved = true;
            }
            match slide.filter(|_| moved) {
                None => left.extend_from_slice(row),
                Some(slide) => {
                    for (x, cell) in (0..).zip(&slide.old) {
                        self.shown.set(x, y, cell);
                    }
                    left.extend(slide.rest(y));
                }
            }
        }
        left
    }

    /// The bytes of these runs in this order, from the plain style and back to it, and where the
    /// cursor is then.
    fn write(&self, runs: &[Run]) -> (Vec<u8>, Option<Position>) {
        let mut out = Vec::with_capacity(4096);
        let mut at = self.at;
        let mut behind = None;
        let mut style = Style::default();
        for run in runs {
            // What lies between may be printed again, in the old style or in the new one.
            if let Some(gap) = self.gap(at, run.at, style) {
                out.extend_from_slice(&gap);
                at = Some(run.at);
            }
            let suits = run.blank && run.cells.iter().all(|cell| style.suits(cell));
            if !suits {
                style.change(run.style, &mut out);
                style = run.style;
            }
            if behind != Some(run.at) {
                match self.gap(at, run.at, style) {
                    Some(gap) => out.extend_from_slice(&gap),
                    None => travel(at, run.at, &mut out),
                }
            }
            for cell in &run.cells {
                out.extend_from_slice(cell.symbol().as_bytes());
            }
            let x = run.at.x.saturating_add(run.width());
            let next = Position { x, ..run.at };
            // About the width of some characters terminals differ; what ratatui wants written
            // right behind them follows without a jump, as in its own backends.
            behind = Some(next);
            // Behind the last column the cursor hangs between two rows, and terminals differ, too.
            let sure = usize::from(x) < self.shown.width && run.cells.iter().all(|c| is_narrow(c));
            at = sure.then_some(next);
        }
        style.change(Style::default(), &mut out);
        (out, at)
    }

    /// The cells from one position up to another one in the same row, if printing them again in
    /// this style changes nothing and is shorter than a jump.
    fn gap(&self, from: Option<Position>, to: Position, style: Style) -> Option<Vec<u8>> {
        let from = from.filter(|from| from.y == to.y && from.x < to.x && to.x - from.x < 6)?;
        let mut jump = Vec::new();
        travel(Some(from), to, &mut jump);
        let mut out = Vec::new();
        for x in from.x..to.x {
            let cell = self.shown.get(x, to.y)?;
            if !style.suits(cell) || !is_narrow(cell) {
                return None;
            }
            out.extend_from_slice(cell.symbol().as_bytes());
            if out.len() > jump.len() {
                return None;
            }
        }
        Some(out)
    }
}

impl Run<'_> {
    fn width(&self) -> u16 {
        u16::try_from(self.cells.len()).unwrap_or(u16::MAX)
    }
}

impl Shown {
    fn set(&mut self, x: u16, y: u16, cell: &Cell) {
        let (x, y) = (usize::from(x), usize::from(y));
        if self.rows.len() <= y {
            self.rows.resize_with(y + 1, Vec::new);
        }
        self.width = self.width.max(x + 1);
        let row = &mut self.rows[y];
        if row.len() < x + 2 {
            row.resize(x + 2, self.elsewhere.clone());
        }
        let half = x > 0 && row[x - 1].as_ref().is_some_and(|left| !is_narrow(left));
        row[x] = (!half).then(|| cell.clone());
        if !is_narrow(cell) {
            row[x + 1] = None;
        }
    }

    fn get(&self, x: u16, y: u16) -> Option<&Cell> {
        let (x, y) = (usize::from(x), usize::from(y));
        if x >= self.width {
            return None;
        }
        match self.rows.get(y).and_then(|row| row.get(x)) {
            Some(known) => known.as_ref(),
            None => self.elsewhere.as_ref(),
        }
    }

    /// A row, if all of it is known and each of its cells takes one column.
    fn row(&self, y: u16) -> Option<Vec<Cell>> {
        let cells = (0..u16::try_from(self.width).unwrap_or(u16::MAX)).map(|x| self.get(x, y));
        cells
            .map(|cell| cell.filter(|c| is_narrow(c)).cloned())
            .collect()
    }

    /// Forgets everything; `blank` when the whole screen is.
    fn forget(&mut self, blank: bool) {
        self.rows.clear();
        self.width = 0;
        self.elsewhere = blank.then(|| Cell::new(" "));
    }
}

/// Whether a cell takes one column on every terminal.
fn is_narrow(cell: &Cell) -> bool {
    let symbol = cell.symbol();
    if symbol.len() == 1 {
        return true;
    }
    let mut signs = symbol.chars();
    signs.next().and_then(UnicodeWidthChar::width) == Some(1) && signs.next().is_none()
}

/// The changed cells as runs, in reading order.
fn runs(changes: &[Change]) -> Vec<Run<'_>> {
    let mut runs: Vec<Run> = Vec::new();
    for (x, y, cell) in changes {
        let (x, y) = (*x, *y);
        let blank = is_blank(cell);
        if let Some(run) = runs.last_mut() {
            let follows = run.at.y == y && run.at.x.checked_add(run.width()) == Some(x);
            let own = Style::of(cell);
            if follows && run.style.suits(cell) {
                run.cells.push(cell);
                run.blank &= blank;
                continue;
            }
            // Spaces take the style of what comes after them.
            if follows && run.blank && run.cells.iter().all(|cell| own.suits(cell)) {
                run.cells.push(cell);
                run.style = own;
                run.blank = false;
                continue;
            }
        }
        runs.push(Run {
            at: Position { x, y },
            style: Style::of(cell),
            cells: vec![cell],
            blank,
        });
    }
    runs
}

/// Row after row, and in each row one style after the other.
fn by_row_and_style<'a>(runs: &[Run<'a>]) -> Vec<Run<'a>> {
    let mut sorted = runs.to_vec();
    for row in sorted.chunk_by_mut(|a, b| a.at.y == b.at.y) {
        let first = |style: Style, row: &[Run]| row.iter().position(|run| run.style == style);
        let ranks: Vec<_> = row.iter().map(|run| first(run.style, row)).collect();
        let mut ranked: Vec<_> = ranks.into_iter().zip(row.to_vec()).collect();
        ranked.sort_by_key(|(rank, _)| *rank);
        for (place, (_, run)) in row.iter_mut().zip(ranked) {
            *place = run;
        }
    }
    sorted
}

/// One style after the other over the whole screen. Spaces are written with what is beside them.
fn by_style(mut runs: Vec<Run>) -> Vec<Run> {
    for i in 0..runs.len() {
        if !runs[i].blank {
            continue;
        }
        let at = runs[i].at;
        let near = [i.checked_sub(1), Some(i + 1)].into_iter().flatten();
        let near = near
            .filter_map(|k| runs.get(k))
            .filter(|run| run.at.y == at.y && runs[i].cells.iter().all(|c| run.style.suits(c)))
            .min_by_key(|run| run.at.x.abs_diff(at.x));
        if let Some(style) = near.map(|run| run.style) {
            runs[i].style = style;
            runs[i].blank = false;
        }
    }
    let mut styles: Vec<Style> = Vec::new();
    for run in &runs {
        if !styles.contains(&run.style) {
            styles.push(run.style);
        }
    }
    runs.sort_by_key(|run| styles.iter().position(|style| *style == run.style));
    runs
}

#[cfg(test)]
mod tests;
