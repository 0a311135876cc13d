//! A key: how it is shown, and how it is written in a file; and what the mouse does.

use unicode_width::UnicodeWidthChar;

use crate::sim::preset::limits::{self, Wrong};

/// A mouse event in cells from the top left, from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mouse {
    /// What happened.
    pub kind: MouseKind,
    /// Column.
    pub column: u16,
    /// Row.
    pub row: u16,
}

/// What the mouse did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MouseKind {
    /// The left button went down.
    Press,
    /// It moved while down.
    Drag,
    /// The wheel turned up (+1) or down (-1).
    Wheel(i32),
}

/// A key as the terminal sends it, free of any terminal library's types.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[allow(missing_docs)]
pub enum Key {
    Char(char),
    Ctrl(char),
    /// F1 to F12.
    F(u8),
    Enter,
    Esc,
    Tab,
    BackTab,
    Backspace,
    Delete,
    Left,
    Right,
    Up,
    Down,
    Home,
    End,
    PageUp,
    PageDown,
    ShiftLeft,
    ShiftRight,
}

/// The keys with a name: the key, its name in a file, and as it is shown.
const NAMED: [(Key, &str, &str); 17] = [
    (Key::Char(' '), "space", "Space"),
    (Key::Enter, "enter", "Enter"),
    (Key::Esc, "esc", "Esc"),
    (Key::Tab, "tab", "Tab"),
    (Key::BackTab, "shift-tab", "Shift-Tab"),
    (Key::Backspace, "backspace", "Backspace"),
    (Key::Delete, "delete", "Delete"),
    (Key::Left, "left", "←"),
    (Key::Right, "right", "→"),
    (Key::Up, "up", "↑"),
    (Key::Down, "down", "↓"),
    (Key::Home, "home", "Home"),
    (Key::End, "end", "End"),
    (Key::PageUp, "pageup", "PageUp"),
    (Key::PageDown, "pagedown", "PageDown"),
    (Key::ShiftLeft, "shift-left", "Shift-←"),
    (Key::ShiftRight, "shift-right", "Shift-→"),
];

/// What terminals send for these is another key.
const SAME: [(char, &str); 3] = [('h', "backspace"), ('i', "tab"), ('m', "enter")];

/// What a key may be, in words.
pub const ALLOWED: &str = "a character, ctrl- with a letter, f1 to f12, or space, enter, esc, tab, shift-tab, backspace, \
     delete, left, right, up, down, home, end, pageup, pagedown, shift-left or shift-right";

impl Key {
    /// The key as it is shown.
    pub fn name(self) -> String {
        let named = NAMED.iter().find(|(key, ..)| *key == self);
        match (named, self) {
            (Some((.., shown)), _) => (*shown).to_owned(),
            (None, Self::Ctrl(c)) => format!("Ctrl-{}", c.to_ascii_uppercase()),
            (None, Self::F(n)) => format!("F{n}"),
            (None, Self::Char(c)) => c.to_string(),
            (None, _) => String::new(),
        }
    }

    /// The key as it is written in a file.
    pub fn spelling(self) -> String {
        let named = NAMED.iter().find(|(key, ..)| *key == self);
        match (named, self) {
            (Some((_, spelling, _)), _) => (*spelling).to_owned(),
            (None, Self::Char(c)) => c.to_string(),
            (None, key) => key.name().to_lowercase(),
        }
    }

    /// The key that is written so; names in capitals or small letters.
    ///
    /// # Errors
    /// What a key may be.
    pub fn parse(text: &str) -> Result<Self, Wrong> {
        let wrong = || Wrong::new(ALLOWED, limits::quoted(text));
        if let Some(c) = single(text) {
            // A character of two columns or of none would break the lines it is shown in.
            let fit = c.is_ascii_graphic() || (c.is_alphanumeric() && c.width() == Some(1));
            return if c == ' ' || fit {
                Ok(Self::Char(c))
            } else {
                Err(wrong())
            };
        }
        let lower = text.to_lowercase();
        if let Some((key, ..)) = NAMED.iter().find(|(_, spelling, _)| *spelling == lower) {
            return Ok(*key);
        }
        if let Some(letter) = lower.strip_prefix("ctrl-").and_then(single) {
            if let Some((_, sent)) = SAME.iter().find(|(c, _)| *c == letter) {
                let allowed = format!("{sent}, which is what terminals send for it");
                return Err(Wrong::new(allowed, limits::quoted(text)));
            }
            if letter.is_ascii_lowercase() {
                return Ok(Self::Ctrl(letter));
            }
        }
        if let Some(letter) = lower.strip_prefix("shift-").and_then(single)
            && letter.is_ascii_lowercase()
        {
            return Ok(Self::Char(letter.to_ascii_uppercase()));
        }
        match lower.strip_prefix('f').map(str::parse) {
            Some(Ok(n @ 1..=12)) => Ok(Self::F(n)),
            _ => Err(wrong()),
        }
    }
}

/// The character of a text that is just one.
fn single(text: &str) -> Option<char> {
    let mut all = text.chars();
    all.next().filter(|_| all.next().is_none())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_read_what_they_write() {
        let named = NAMED.iter().map(|named| named.0);
        let others = [
            Key::Char('n'),
            Key::Char('N'),
            Key::Char('ö'),
            Key::Char('='),
            Key::Ctrl('f'),
            Key::F(1),
            Key::F(12),
        ];
        for key in named.chain(others) {
            assert_eq!(Key::parse(&key.spelling()), Ok(key));
            assert_ne!(key.name(), "");
        }
        assert_eq!(Key::parse("Ctrl-F"), Ok(Key::Ctrl('f')));
        assert_eq!(Key::parse("PageUp"), Ok(Key::PageUp));
        assert_eq!(Key::parse("shift-n"), Ok(Key::Char('N')));
        assert_eq!(Key::parse(" "), Ok(Key::Char(' ')));
    }

    #[test]
    fn what_is_no_key_is_told_so() {
        for text in [
            "", "foo", "f0", "f13", "ctrl-", "ctrl-1", "\u{1b}", "漢", "\u{202e}", "ab",
        ] {
            let said = Key::parse(text).unwrap_err().to_string();
            assert!(
                said.starts_with("expected a character, ctrl- with a letter"),
                "{said}"
            );
        }
        assert_eq!(
            Key::parse("ctrl-i").unwrap_err().to_string(),
            "expected tab, which is what terminals send for it, found 'ctrl-i'"
        );
    }

    #[test]
    fn the_names_that_are_allowed_are_all_of_them() {
        for (_, spelling, _) in NAMED {
            assert!(ALLOWED.contains(spelling), "{spelling}");
        }
    }
}
