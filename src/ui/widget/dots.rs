//! Dots in cells: the smallest pieces that each set of characters can draw.

use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::symbols::pixel::OCTANTS;

use crate::ui::look::Marker;
use crate::ui::pen::Pen;

/// Bits of braille's 2 × 4 dots, by column and row from the top.
const BRAILLE: [[u8; 4]; 2] = [[0x01, 0x02, 0x04, 0x40], [0x08, 0x10, 0x20, 0x80]];

/// Dots per cell of the character set in use.
pub fn grid(marker: Marker) -> (usize, usize) {
    match marker {
        Marker::Octant | Marker::Braille => (2, 4),
        Marker::Block => (1, 2),
        Marker::Ascii => (1, 1),
    }
}

/// The dots set so far, so that curves that meet in a cell keep each other's dots.
pub struct Dots {
    plot: Rect,
    marker: Marker,
    bits: Vec<u8>,
}

impl Dots {
    /// None set yet.
    pub fn new(plot: Rect, marker: Marker) -> Self {
        Self {
            plot,
            marker,
            bits: vec![0; usize::from(plot.width) * usize::from(plot.height)],
        }
    }

    /// Marks where a curve leaves the axis.
    pub fn mark(&mut self, pen: &mut Pen, column: usize, row: usize, sign: char, style: Style) {
        if let Some(bits) = self.at(column, row) {
            *bits = 0;
            self.put(pen, column, row, sign, style);
        }
    }

    /// Sets a dot, counted from the plot's upper left corner; `letter` draws it in ASCII.
    pub fn set(&mut self, pen: &mut Pen, x: usize, y: usize, letter: char, style: Style) {
        let (dx, dy) = grid(self.marker);
        let (column, row) = (x / dx, y / dy);
        let marker = self.marker;
        let Some(bits) = self.at(column, row) else {
            return;
        };
        *bits |= match marker {
            Marker::Octant => 1 << (x % 2 + 2 * (y % 4)),
            Marker::Braille => BRAILLE[x % 2][y % 4],
            Marker::Block => 1 << (y % 2),
            Marker::Ascii => 1,
        };
        let glyph = match (marker, *bits) {
            (Marker::Octant, bits) => OCTANTS[usize::from(bits)],
            (Marker::Braille, bits) => char::from_u32(0x2800 + u32::from(bits)).unwrap_or(' '),
            (Marker::Block, 1) => '▀',
            (Marker::Block, 2) => '▄',
            (Marker::Block, _) => '█',
            (Marker::Ascii, _) => letter,
        };
        self.put(pen, column, row, glyph, style);
    }

    fn at(&mut self, column: usize, row: usize) -> Option<&mut u8> {
        self.bits
            .get_mut(row * usize::from(self.plot.width) + column)
    }

    fn put(&self, pen: &mut Pen, column: usize, row: usize, glyph: char, style: Style) {
        let (x, y) = (self.plot.x + column as u16, self.plot.y + row as u16);
        pen.put(x, y, glyph, style);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use unicode_width::UnicodeWidthChar;

    #[test]
    fn octants_are_in_the_order_of_their_dots_and_one_column_wide() {
        assert_eq!(OCTANTS[0b0101_0101], '▌');
        assert_eq!(OCTANTS[0b0000_1111], '▀');
        assert_eq!(OCTANTS[0b1000_0000 | 0b0010_0000], '▗');
        for glyph in OCTANTS {
            assert_eq!(glyph.width(), Some(1), "{glyph}");
        }
    }
}
