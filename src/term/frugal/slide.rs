//! What moved to the left by one column.
//!
//! Taking a cell out of a row and putting a space in farther to the right moves what lies between,
//! in some twenty bytes and whatever is written there.

use ratatui::buffer::Cell;

use crate::term::frugal::Change;

/// So many bytes must be saved: two jumps and two sequences are paid for it.
const PRICE: i64 = 24;

/// With fewer changes in a row they cost less than that.
pub(super) const FEWEST: usize = 6;

/// A row on its way.
pub(super) struct Slide {
    /// What it shows now.
    pub(super) old: Vec<Cell>,
    /// What it is to show.
    new: Vec<Cell>,
}

impl Slide {
    /// A row and what changes in it; no change lies beyond it.
    pub(super) fn new(old: Vec<Cell>, changes: &[Change]) -> Self {
        let mut new = old.clone();
        for (x, _, cell) in changes {
            if let Some(place) = new.get_mut(usize::from(*x)) {
                *place = cell.clone();
            }
        }
        Self { old, new }
    }

    /// Moves the part of the row by which most is saved: the column that is taken out, and the one
    /// before which a space is put in.
    pub(super) fn next(&mut self) -> Option<(u16, u16)> {
        let (from, to) = self.best()?;
        self.old.remove(from);
        self.old.insert(to, Cell::new(" "));
        Some((u16::try_from(from).ok()?, u16::try_from(to).ok()?))
    }

    /// The cells that still differ.
    pub(super) fn rest(self, y: u16) -> impl Iterator<Item = Change> {
        let Self { old, new } = self;
        let cells = (0..).zip(old.into_iter().zip(new));
        cells.filter_map(move |(x, (old, new))| (old != new).then_some((x, y, new)))
    }

    fn best(&self) -> Option<(usize, usize)> {
        let (mut best, mut found) = (PRICE, None);
        let (mut sum, mut start) = (0, 0);
        for x in 0..self.old.len().saturating_sub(1) {
            if sum <= 0 {
                (sum, start) = (0, x);
            }
            let worth = i64::try_from(self.new[x].symbol().len()).unwrap_or(1) + 1;
            let comes = self.new[x] == self.old[x + 1];
            let stays = self.new[x] == self.old[x];
            sum += match (comes, stays) {
                (true, false) => worth,
                (false, true) => -worth,
                _ => 0,
            };
            if sum > best {
                (best, found) = (sum, Some((start, x + 1)));
            }
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cells(text: &str) -> Vec<Cell> {
        text.chars()
            .map(|c| {
                Cell::new(if c == '█' {
                    "█"
                } else if c == '⠒' {
                    "⠒"
                } else {
                    "-"
                })
            })
            .collect()
    }

    fn slide(old: &str, new: &str) -> (Vec<(u16, u16)>, usize) {
        let changes: Vec<Change> = (0..)
            .zip(cells(new))
            .map(|(x, cell)| (x, 0, cell))
            .collect();
        let mut slide = Slide::new(cells(old), &changes);
        let moves = std::iter::from_fn(|| slide.next()).collect();
        (moves, slide.rest(0).count())
    }

    #[test]
    fn a_part_that_moved_is_moved() {
        let (moves, rest) = slide("---█⠒█⠒█⠒█⠒██⠒---", "--█⠒█⠒█⠒█⠒██⠒----");
        assert_eq!(moves, [(2, 14)]);
        // Of what came in, the space itself is none of the new cells.
        assert_eq!(rest, 1);
    }

    #[test]
    fn little_is_written_anew() {
        assert_eq!(slide("---█⠒----------", "--█⠒-----------"), (vec![], 3));
        assert_eq!(slide("█⠒█⠒█⠒█⠒█⠒", "█⠒█⠒█⠒█⠒█⠒"), (vec![], 0));
    }
}
