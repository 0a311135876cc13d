//! Lists that are longer than their place.

use ratatui::layout::Rect;

use crate::app::action::Action;
use crate::app::panel::select;

/// The first row shown, so that the selected one is in sight.
pub fn first(selected: usize, rows: usize, room: usize) -> usize {
    if room == 0 || rows <= room {
        return 0;
    }
    selected.saturating_sub(room / 2).min(rows - room)
}

/// A list in its place: which of its rows is on which line.
#[derive(Clone, Copy, Debug)]
pub struct List {
    /// Its place.
    pub area: Rect,
    /// The selected row.
    pub selected: usize,
    /// How many rows it has.
    pub rows: usize,
}

impl List {
    /// The lines that are taken, each with its row and whether that is the selected one.
    pub fn lines(self) -> impl Iterator<Item = (Rect, usize, bool)> {
        let selected = self.selected.min(self.rows.saturating_sub(1));
        let lines = self.area.rows().zip(self.first()..self.rows);
        lines.map(move |(line, row)| (line, row, row == selected))
    }

    /// Selects the row at a line of the screen.
    pub fn press(self, y: u16) -> Option<Action> {
        let mut lines = self.lines();
        let (_, row, _) = lines.find(|(line, ..)| line.y == y)?;
        select(Some(row), self.selected)
    }

    fn first(self) -> usize {
        first(self.selected, self.rows, usize::from(self.area.height))
    }
}
