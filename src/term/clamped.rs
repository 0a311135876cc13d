//! A backend whose terminal is no larger than a screen.
//!
//! The size of a terminal is what the other end of the line says; every cell takes memory twice.

use std::io::{self, Write};

use ratatui::backend::{Backend, ClearType, CrosstermBackend, WindowSize};
use ratatui::buffer::Cell;
use ratatui::layout::{Position, Size};

/// Nothing is drawn beyond this many columns and rows.
pub const LARGEST: Size = Size {
    width: 500,
    height: 200,
};

/// Draws on the terminal's upper left part of at most [`LARGEST`].
#[derive(Debug)]
pub struct Clamped<W: Write>(pub CrosstermBackend<W>);

/// As much of the terminal as is drawn on.
pub fn clamped(size: Size) -> Size {
    Size {
        width: size.width.min(LARGEST.width),
        height: size.height.min(LARGEST.height),
    }
}

impl<W: Write> Backend for Clamped<W> {
    type Error = io::Error;

    fn draw<'a, I>(&mut self, content: I) -> io::Result<()>
    where
        I: Iterator<Item = (u16, u16, &'a Cell)>,
    {
        self.0.draw(content)
    }

    fn hide_cursor(&mut self) -> io::Result<()> {
        self.0.hide_cursor()
    }

    fn show_cursor(&mut self) -> io::Result<()> {
        self.0.show_cursor()
    }

    fn get_cursor_position(&mut self) -> io::Result<Position> {
        self.0.get_cursor_position()
    }

    fn set_cursor_position<P: Into<Position>>(&mut self, position: P) -> io::Result<()> {
        self.0.set_cursor_position(position)
    }

    fn clear(&mut self) -> io::Result<()> {
        self.0.clear()
    }

    fn clear_region(&mut self, clear_type: ClearType) -> io::Result<()> {
        self.0.clear_region(clear_type)
    }

    fn size(&self) -> io::Result<Size> {
        self.0.size().map(clamped)
    }

    fn window_size(&mut self) -> io::Result<WindowSize> {
        let mut size = self.0.window_size()?;
        size.columns_rows = clamped(size.columns_rows);
        Ok(size)
    }

    fn flush(&mut self) -> io::Result<()> {
        Backend::flush(&mut self.0)
    }
}
