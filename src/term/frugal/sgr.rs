//! Colours and modifiers: the shortest sequence from one style to the next.

use std::io::Write;

use ratatui::buffer::Cell;
use ratatui::style::{Color, Modifier};

/// What can be seen of a cell in which nothing is written.
const VISIBLE_ON_BLANK: Modifier = Modifier::REVERSED
    .union(Modifier::UNDERLINED)
    .union(Modifier::SLOW_BLINK)
    .union(Modifier::RAPID_BLINK)
    .union(Modifier::CROSSED_OUT);

/// Modifiers with the parameters that turn them on and off.
const MODIFIERS: [(Modifier, u8, u8); 9] = [
    (Modifier::BOLD, 1, 22),
    (Modifier::DIM, 2, 22),
    (Modifier::ITALIC, 3, 23),
    (Modifier::UNDERLINED, 4, 24),
    (Modifier::SLOW_BLINK, 5, 25),
    (Modifier::RAPID_BLINK, 6, 25),
    (Modifier::REVERSED, 7, 27),
    (Modifier::HIDDEN, 8, 28),
    (Modifier::CROSSED_OUT, 9, 29),
];

/// What the terminal writes with.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Style {
    fg: Color,
    bg: Color,
    modifier: Modifier,
}

impl Style {
    /// The style of a cell.
    pub(super) fn of(cell: &Cell) -> Self {
        Self {
            fg: short(cell.fg),
            bg: short(cell.bg),
            modifier: cell.modifier,
        }
    }

    /// Whether a cell looks the same when it is written in this style: a space shows no colour of
    /// its own, so that it need not be changed to.
    pub(super) fn suits(self, cell: &Cell) -> bool {
        let own = Self::of(cell);
        if is_blank(cell) {
            return own.bg == self.bg && !self.modifier.intersects(VISIBLE_ON_BLANK);
        }
        own == self
    }

    /// Appends what goes over from this style to another one.
    pub(super) fn change(self, to: Self, out: &mut Vec<u8>) {
        if self == to {
            return;
        }
        let start = out.len();
        self.step(to, out);
        let anew = Self::default().after_reset(to);
        if anew.len() < out.len() - start {
            out.truncate(start);
            out.extend_from_slice(&anew);
        }
    }

    /// Only what differs.
    fn step(self, to: Self, out: &mut Vec<u8>) {
        let mut list = List::new(out);
        let removed = self.modifier - to.modifier;
        let mut off = 0;
        // Bold and dim go off together, and so do both ways to blink; what stays is said again.
        let mut kept = self.modifier & to.modifier;
        for (modifier, _, end) in MODIFIERS {
            if removed.contains(modifier) && end != off {
                list.number(end);
                off = end;
                for (other, _, same) in MODIFIERS {
                    if same == end {
                        kept -= other;
                    }
                }
            }
        }
        list.modifiers(to.modifier - kept);
        if self.fg != to.fg {
            list.colour(to.fg, false);
        }
        if self.bg != to.bg {
            list.colour(to.bg, true);
        }
        list.end();
    }

    /// Everything from the beginning.
    fn after_reset(self, to: Self) -> Vec<u8> {
        let mut out = Vec::with_capacity(24);
        if to == self {
            out.extend_from_slice(b"\x1b[0m");
            return out;
        }
        let mut list = List::new(&mut out);
        list.number(0);
        list.modifiers(to.modifier);
        if to.fg != Color::Reset {
            list.colour(to.fg, false);
        }
        if to.bg != Color::Reset {
            list.colour(to.bg, true);
        }
        list.end();
        out
    }
}

/// Whether nothing is written in a cell and nothing is drawn through it.
pub(super) fn is_blank(cell: &Cell) -> bool {
    cell.symbol() == " " && !cell.modifier.intersects(VISIBLE_ON_BLANK)
}

/// A 24-bit colour that is exactly one of the cube or the greys of the 256 is said in fewer bytes.
/// The first 16 are not used for it: users give them other colours.
fn short(colour: Color) -> Color {
    let Color::Rgb(r, g, b) = colour else {
        return colour;
    };
    let level = |v: u8| match v {
        0 => Some(0),
        95 | 135 | 175 | 215 | 255 => Some((v - 55) / 40),
        _ => None,
    };
    if let (Some(r), Some(g), Some(b)) = (level(r), level(g), level(b)) {
        return Color::Indexed(16 + 36 * r + 6 * g + b);
    }
    if r == g && g == b && (8..=238).contains(&r) && (r - 8).is_multiple_of(10) {
        return Color::Indexed(232 + (r - 8) / 10);
    }
    colour
}

/// A sequence of parameters that is being written.
struct List<'a> {
    out: &'a mut Vec<u8>,
    empty: bool,
}

impl<'a> List<'a> {
    fn new(out: &'a mut Vec<u8>) -> Self {
        out.extend_from_slice(b"\x1b[");
        Self { out, empty: true }
    }

    fn number(&mut self, n: u8) {
        if !self.empty {
            self.out.push(b';');
        }
        self.empty = false;
        // Writing to a vector does not fail.
        let _ = write!(self.out, "{n}");
    }

    fn numbers(&mut self, list: &[u8]) {
        for n in list {
            self.number(*n);
        }
    }

    fn modifiers(&mut self, modifiers: Modifier) {
        for (modifier, on, _) in MODIFIERS {
            if modifiers.contains(modifier) {
                self.number(on);
            }
        }
    }

    fn colour(&mut self, colour: Color, background: bool) {
        let shift = if background { 10 } else { 0 };
        let named = |n: u8| n + shift;
        match colour {
            Color::Reset => self.number(named(39)),
            Color::Black => self.number(named(30)),
            Color::Red => self.number(named(31)),
            Color::Green => self.number(named(32)),
            Color::Yellow => self.number(named(33)),
            Color::Blue => self.number(named(34)),
            Color::Magenta => self.number(named(35)),
            Color::Cyan => self.number(named(36)),
            Color::Gray => self.number(named(37)),
            Color::DarkGray => self.number(named(90)),
            Color::LightRed => self.number(named(91)),
            Color::LightGreen => self.number(named(92)),
            Color::LightYellow => self.number(named(93)),
            Color::LightBlue => self.number(named(94)),
            Color::LightMagenta => self.number(named(95)),
            Color::LightCyan => self.number(named(96)),
            Color::White => self.number(named(97)),
            Color::Indexed(n) => self.numbers(&[named(38), 5, n]),
            Color::Rgb(r, g, b) => self.numbers(&[named(38), 2, r, g, b]),
        }
    }

    fn end(self) {
        self.out.push(b'm');
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn change(from: Style, to: Style) -> String {
        let mut out = Vec::new();
        from.change(to, &mut out);
        String::from_utf8(out).unwrap().replace('\x1b', "^")
    }

    fn style(fg: Color, modifier: Modifier) -> Style {
        let mut cell = Cell::new("x");
        cell.fg = fg;
        cell.modifier = modifier;
        Style::of(&cell)
    }

    #[test]
    fn only_what_differs_is_said() {
        let plain = Style::default();
        let bold = style(Color::Reset, Modifier::BOLD);
        let dim = style(Color::Reset, Modifier::DIM);
        let blue = style(Color::LightBlue, Modifier::empty());
        let strong_blue = style(Color::LightBlue, Modifier::BOLD);
        assert_eq!(change(plain, plain), "");
        assert_eq!(change(plain, strong_blue), "^[1;94m");
        assert_eq!(change(strong_blue, blue), "^[22m");
        assert_eq!(change(strong_blue, plain), "^[0m");
        assert_eq!(change(blue, strong_blue), "^[1m");
        assert_eq!(change(bold, dim), "^[0;2m");
        let both = style(Color::LightBlue, Modifier::BOLD | Modifier::DIM);
        assert_eq!(change(both, strong_blue), "^[22;1m");
    }

    #[test]
    fn exact_palette_colours_are_said_by_number() {
        assert_eq!(short(Color::Rgb(95, 175, 255)), Color::Indexed(75));
        assert_eq!(short(Color::Rgb(0, 0, 0)), Color::Indexed(16));
        assert_eq!(short(Color::Rgb(88, 88, 88)), Color::Indexed(240));
        assert_eq!(short(Color::Rgb(96, 175, 255)), Color::Rgb(96, 175, 255));
    }
}
