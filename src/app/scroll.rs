//! How far a text is scrolled. Only what draws it knows how many lines it has and how many fit, so
//! that drawing says where the end is, and scrolling never goes beyond it.

use std::cell::Cell;
use std::ops::Range;

use crate::app::steps::moved;

/// The first line shown of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scroll {
    top: Cell<usize>,
    /// The first line that is shown at the end of the text.
    last: Cell<usize>,
}

impl Default for Scroll {
    fn default() -> Self {
        Self::at(0)
    }
}

impl Scroll {
    /// A text not drawn yet, from this line on.
    pub const fn at(top: usize) -> Self {
        Self {
            top: Cell::new(top),
            last: Cell::new(usize::MAX),
        }
    }

    /// The first line.
    pub fn top(&self) -> usize {
        self.top.get()
    }

    /// Moves by so many lines as far as the text goes; whether that is anywhere else.
    pub fn by(&mut self, lines: i32) -> bool {
        let to = moved(self.top.get(), lines, self.last.get());
        self.top.replace(to) != to
    }

    /// [`Scroll::drawn`], with all lines that are shown, and where those are if they are not all.
    pub fn shown(&self, lines: usize, room: usize) -> (Range<usize>, String) {
        let first = self.drawn(lines, room);
        let last = (first + room).min(lines);
        let place = if lines > room {
            format!("{}-{last} of {lines}", first + 1)
        } else {
            String::new()
        };
        (first..last, place)
    }

    /// Drawing a text of so many lines where so many have room: the first line that is shown.
    pub fn drawn(&self, lines: usize, room: usize) -> usize {
        let last = lines.saturating_sub(room);
        self.last.set(last);
        self.top.set(self.top.get().min(last));
        self.top.get()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_ends_where_the_text_does() {
        let mut scroll = Scroll::default();
        assert!(!scroll.by(-1));
        assert_eq!(scroll.drawn(10, 4), 0);
        assert!(scroll.by(100));
        assert_eq!(scroll.drawn(10, 4), 6);
        assert!(!scroll.by(1));
        assert!(scroll.by(-1));
        assert_eq!(scroll.top(), 5);
        // More room, or a shorter text: the end stays at the lower edge.
        assert_eq!(scroll.drawn(10, 8), 2);
        assert_eq!(scroll.drawn(3, 8), 0);
    }

    #[test]
    fn what_is_scrolled_before_it_is_drawn_is_not_lost() {
        let mut scroll = Scroll::default();
        assert!(scroll.by(3));
        assert_eq!(scroll.drawn(10, 4), 3);
    }
}
