//! What the bytes of a terminal mean: keys, the mouse, pasted text.
//!
//! Whoever is at the other end may send anything, so that nothing is kept that could go on without an
//! end: a sequence is at most `SEQUENCE` bytes, a pasted text `PASTE` of them, and what is longer is
//! read over. A Ctrl-C is one wherever it stands.

use crate::app::keys::{Key, Mouse, MouseKind};
use crate::term::event_loop::Message;

/// Longer than any sequence that means something.
const SEQUENCE: usize = 32;
/// So many bytes of a pasted text are kept.
const PASTE: usize = 4096;
/// The longest answer to a question about colours is `11;rgba:ffff/ffff/ffff/ffff`.
const ANSWER: usize = 40;

const ESC: u8 = 0x1b;
const CTRL_C: u8 = 3;
const END_OF_PASTE: &[u8] = b"\x1b[201~";

/// Where in a sequence the next byte stands.
#[derive(Debug, Default)]
enum State {
    /// Between two keys.
    #[default]
    Ground,
    /// After ESC.
    Escape,
    /// After `ESC O`.
    Single,
    /// After `ESC [`.
    Sequence,
    /// In a report of the mouse in the old form, `ESC [ M` and three bytes.
    OldMouse,
    /// In a terminal's answer `ESC ] 11 ; rgb:… ESC \`, which came after we had stopped waiting: typed,
    /// its letters would change the simulation.
    Answer(usize),
    /// Between `ESC [ 200 ~` and `ESC [ 201 ~`, with how much of the latter stands there.
    Paste(usize),
    /// In a character of several bytes.
    Character,
}

/// Takes bytes, gives messages.
#[derive(Debug, Default)]
pub struct Keyboard {
    state: State,
    /// What has come of the sequence, the character or the pasted text.
    held: Vec<u8>,
}

impl Keyboard {
    /// Whether the last byte was an ESC, which is the key if nothing follows.
    pub fn undecided(&self) -> bool {
        matches!(self.state, State::Escape)
    }

    /// Nothing follows.
    pub fn decide(&mut self) -> Option<Message> {
        let was = self.undecided();
        if was {
            self.state = State::Ground;
        }
        was.then_some(Message::Key(Key::Esc))
    }

    /// The next byte.
    pub fn take(&mut self, byte: u8) -> Option<Message> {
        if byte == CTRL_C {
            *self = Self::default();
            return Some(Message::Key(Key::Ctrl('c')));
        }
        match self.state {
            State::Ground => self.ground(byte),
            State::Escape => self.escape(byte),
            State::Single => {
                self.state = State::Ground;
                ended(byte, NO_MODIFIER).map(Message::Key)
            }
            State::Sequence => self.sequence(byte),
            State::OldMouse => {
                self.held.push(byte);
                (self.held.len() == 3).then(|| self.old_mouse()).flatten()
            }
            State::Answer(length) => self.answer(byte, length),
            State::Paste(seen) => self.paste(byte, seen),
            State::Character => self.character(byte),
        }
    }

    fn begin(&mut self, state: State) -> Option<Message> {
        self.state = state;
        self.held.clear();
        None
    }

    fn ground(&mut self, byte: u8) -> Option<Message> {
        let key = match byte {
            ESC => return self.begin(State::Escape),
            b'\r' => Key::Enter,
            b'\t' => Key::Tab,
            // What many terminals send for Backspace.
            0x7f | 0x08 => Key::Backspace,
            0 => Key::Ctrl(' '),
            1..=0x1a => Key::Ctrl(char::from(byte - 1 + b'a')),
            0x1c..=0x1f => Key::Ctrl(char::from(byte - 0x1c + b'4')),
            b' '..=b'~' => Key::Char(char::from(byte)),
            _ => {
                self.begin(State::Character);
                return self.character(byte);
            }
        };
        Some(Message::Key(key))
    }

    /// A character in UTF-8; what is none is left out.
    fn character(&mut self, byte: u8) -> Option<Message> {
        self.held.push(byte);
        match std::str::from_utf8(&self.held) {
            Ok(text) => {
                let c = text.chars().next();
                self.state = State::Ground;
                c.filter(|c| !c.is_control())
                    .map(|c| Message::Key(Key::Char(c)))
            }
            Err(error) if error.error_len().is_none() => None,
            Err(_) => {
                self.state = State::Ground;
                // What broke the character off may begin something itself.
                (self.held.len() > 1).then(|| self.ground(byte)).flatten()
            }
        }
    }

    fn escape(&mut self, byte: u8) -> Option<Message> {
        match byte {
            b'[' => self.begin(State::Sequence),
            b'O' => self.begin(State::Single),
            b']' => self.begin(State::Answer(0)),
            ESC => Some(Message::Key(Key::Esc)),
            // With Alt no key means anything.
            _ => self.begin(State::Ground),
        }
    }

    fn answer(&mut self, byte: u8, length: usize) -> Option<Message> {
        match byte {
            7 => self.begin(State::Ground),
            _ if length < ANSWER && (byte.is_ascii_hexdigit() || b";:/rgb".contains(&byte)) => {
                self.state = State::Answer(length + 1);
                None
            }
            // What only begins like an answer swallows little.
            _ => {
                self.state = State::Ground;
                self.ground(byte)
            }
        }
    }

    fn paste(&mut self, byte: u8, seen: usize) -> Option<Message> {
        let seen = match (END_OF_PASTE[seen] == byte, byte) {
            (true, _) => seen + 1,
            (false, ESC) => 1,
            (false, _) => 0,
        };
        self.state = State::Paste(seen);
        if seen == END_OF_PASTE.len() {
            self.state = State::Ground;
            let kept = self.held.len().saturating_sub(seen - 1).min(PASTE);
            let text = String::from_utf8_lossy(&self.held[..kept]).into_owned();
            self.held = Vec::new();
            return Some(Message::Paste(text));
        }
        if self.held.len() < PASTE + END_OF_PASTE.len() {
            self.held.push(byte);
        }
        None
    }

    fn sequence(&mut self, byte: u8) -> Option<Message> {
        match byte {
            // The function keys of the Linux console are `ESC [ [ A` to `E`.
            b'[' if self.held.is_empty() => self.held.push(byte),
            b'M' if self.held.is_empty() => return self.begin(State::OldMouse),
            b'@'..=b'~' => {
                self.state = State::Ground;
                let held = std::mem::take(&mut self.held);
                return self.end_of_sequence(&held, byte);
            }
            ESC => return self.begin(State::Escape),
            // A sequence that is too long means nothing at its end either.
            _ if self.held.len() < SEQUENCE => self.held.push(byte),
            _ => {}
        }
        None
    }

    fn end_of_sequence(&mut self, held: &[u8], last: u8) -> Option<Message> {
        if held.len() >= SEQUENCE {
            return None;
        }
        if held == b"[" {
            let n = last.checked_sub(b'A').filter(|n| *n < 5)?;
            return Some(Message::Key(Key::F(n + 1)));
        }
        let text = std::str::from_utf8(held).ok()?;
        if let Some(text) = text.strip_prefix('<') {
            let [button, column, row] = numbers(text);
            let pressed = last == b'M';
            return pressed.then(|| mouse(button?, column?, row?)).flatten();
        }
        let [first, modifiers, third] = numbers(text);
        if last == b'~' && first == Some(200) {
            return self.begin(State::Paste(0));
        }
        // Of a key that is let go, `modifiers:3`, some terminals tell as well.
        if text.split(';').nth(1).is_some_and(|m| m.ends_with(":3")) {
            return None;
        }
        let modifiers = modifiers.unwrap_or(1).saturating_sub(1) as u8;
        let key = match (last, first) {
            // Where the cursor is, and not F3.
            (b'R', _) => None,
            (b'~', Some(27)) => typed(third?, modifiers),
            (b'~', Some(n)) => numbered(n).and_then(|key| with(key, modifiers)),
            (b'u', Some(n)) => typed(n, modifiers),
            (last, _) => ended(last, modifiers),
        };
        key.map(Message::Key)
    }

    fn old_mouse(&mut self) -> Option<Message> {
        self.state = State::Ground;
        let at = |i: usize| u32::from(self.held[i]).saturating_sub(32);
        mouse(at(0), at(1), at(2))
    }
}

/// The first three numbers between semicolons, each without what stands after a colon.
fn numbers(text: &str) -> [Option<u32>; 3] {
    let mut parts = text.split(';').map(|part| {
        let part = part.split(':').next().unwrap_or_default();
        part.parse().ok()
    });
    std::array::from_fn(|_| parts.next().flatten())
}

const NO_MODIFIER: u8 = 0;
const SHIFT: u8 = 1;
const CONTROL: u8 = 4;

/// Only Shift means something with a key that types nothing.
fn with(key: Key, modifiers: u8) -> Option<Key> {
    match (modifiers, key) {
        (SHIFT, Key::Left) => Some(Key::ShiftLeft),
        (SHIFT, Key::Right) => Some(Key::ShiftRight),
        (SHIFT, Key::F(_)) => None,
        (NO_MODIFIER | SHIFT, key) => Some(key),
        _ => None,
    }
}

/// The key of `ESC O x` or `ESC [ … x`.
fn ended(last: u8, modifiers: u8) -> Option<Key> {
    let key = match last {
        b'A' => Key::Up,
        b'B' => Key::Down,
        b'C' => Key::Right,
        b'D' => Key::Left,
        b'H' => Key::Home,
        b'F' => Key::End,
        b'P'..=b'S' => Key::F(last - b'P' + 1),
        b'Z' => return Some(Key::BackTab),
        _ => return None,
    };
    with(key, modifiers)
}

/// The key of `ESC [ n ~`.
fn numbered(n: u32) -> Option<Key> {
    Some(match n {
        1 | 7 => Key::Home,
        3 => Key::Delete,
        4 | 8 => Key::End,
        5 => Key::PageUp,
        6 => Key::PageDown,
        11..=15 => Key::F((n - 10) as u8),
        17..=21 => Key::F((n - 11) as u8),
        23 | 24 => Key::F((n - 12) as u8),
        _ => return None,
    })
}

/// The key that types this character.
fn typed(code: u32, modifiers: u8) -> Option<Key> {
    let c = char::from_u32(code)?;
    match (modifiers, c) {
        (NO_MODIFIER | SHIFT, '\u{1b}') => Some(Key::Esc),
        (NO_MODIFIER | SHIFT, '\r') => Some(Key::Enter),
        (NO_MODIFIER | SHIFT, '\u{7f}') => Some(Key::Backspace),
        (NO_MODIFIER, '\t') => Some(Key::Tab),
        (SHIFT, '\t') => Some(Key::BackTab),
        (_, c) if c.is_control() => None,
        (NO_MODIFIER, c) => Some(Key::Char(c)),
        (SHIFT, c) => {
            let mut upper = c.to_uppercase();
            Some(Key::Char(match (upper.next(), upper.next()) {
                (Some(single), None) => single,
                _ => c,
            }))
        }
        (CONTROL, 'h') => Some(Key::Backspace),
        (CONTROL, c) => Some(Key::Ctrl(c)),
        _ => None,
    }
}

/// The left button, and the wheel; columns and rows are counted from 1.
fn mouse(button: u32, column: u32, row: u32) -> Option<Message> {
    // Shift, Alt and Ctrl mean nothing here.
    let kind = match button & !0b1_1100 {
        0 => MouseKind::Press,
        32 => MouseKind::Drag,
        64 => MouseKind::Wheel(1),
        65 => MouseKind::Wheel(-1),
        _ => return None,
    };
    let cell = |n: u32| u16::try_from(n.saturating_sub(1)).unwrap_or(u16::MAX);
    Some(Message::Mouse(Mouse {
        kind,
        column: cell(column),
        row: cell(row),
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What these bytes are, a word each.
    fn typed(bytes: &[u8]) -> String {
        let mut keyboard = Keyboard::default();
        let taken: Vec<_> = bytes.iter().filter_map(|b| keyboard.take(*b)).collect();
        let all = taken.into_iter().chain(keyboard.decide());
        let words = all.map(|message| match message {
            Message::Key(key) => format!("{key:?}"),
            Message::Mouse(mouse) => format!("{:?}@{},{}", mouse.kind, mouse.column, mouse.row),
            Message::Paste(text) => format!("{text:?}"),
            other => format!("{other:?}"),
        });
        words.collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn keys_as_terminals_send_them() {
        for (bytes, expected) in [
            (&b"fF?"[..], "Char('f') Char('F') Char('?')"),
            ("λ梯😀".as_bytes(), "Char('λ') Char('梯') Char('😀')"),
            (
                b"\r\t\x7f\x08\x1a",
                "Enter Tab Backspace Backspace Ctrl('z')",
            ),
            (b"\x1b", "Esc"),
            (b"\x1b\x1b[A", "Esc Up"),
            (
                b"\x1b[A\x1bOB\x1b[1;2C\x1b[1;2D\x1b[1;5D",
                "Up Down ShiftRight ShiftLeft",
            ),
            (
                b"\x1b[Z\x1b[1;2A\x1b[H\x1b[4~\x1b[5~\x1b[6~\x1b[3~",
                "BackTab Up Home End PageUp PageDown Delete",
            ),
            (
                b"\x1bOP\x1b[15~\x1b[24~\x1b[[B\x1b[25~",
                "F(1) F(5) F(12) F(2)",
            ),
            // Alt means nothing, neither do releases and reports that nobody asked for.
            (b"\x1bq\x1b[113;1:3u\x1b[1;0R\x1b[?62c\x1b[I", ""),
            (
                b"\x1b[113;5u\x1b[113;2u\x1b[27;5;122~",
                "Ctrl('q') Char('Q') Ctrl('z')",
            ),
            (
                b"\x1b[<0;5;3M\x1b[<0;5;3m\x1b[<32;6;3M\x1b[<64;1;1M\x1b[<35;1;1M",
                "Press@4,2 Drag@5,2 Wheel(1)@0,0",
            ),
            (b"\x1b[M !\"", "Press@0,1"),
            (b"\x1b[<0;0;0M", "Press@0,0"),
            (
                b"\xffa\xe2\x28b\xc2\x9b31m",
                "Char('a') Char('(') Char('b') Char('3') Char('1') Char('m')",
            ),
        ] {
            assert_eq!(
                typed(bytes),
                expected,
                "{:?}",
                String::from_utf8_lossy(bytes)
            );
        }
    }

    #[test]
    fn a_late_answer_is_no_input() {
        assert_eq!(
            typed(b"r\x1b]11;rgb:1e1e/1e1e/2e2e\x1b\\r"),
            "Char('r') Char('r')"
        );
        assert_eq!(typed(b"\x1b]11;rgb:1e1e/1e1e/2e2e\x07r"), "Char('r')");
        assert_eq!(typed(b"\x1b]q1"), "Char('q') Char('1')");
        let long = [&b"\x1b]"[..], &[b'1'; 100]].concat();
        assert_eq!(typed(&long).matches('1').count(), 100 - ANSWER);
    }

    #[test]
    fn pasted_text_is_no_keys() {
        assert_eq!(typed(b"\x1b[200~1.5\x1b[201~r"), "\"1.5\" Char('r')");
        assert_eq!(typed(b"\x1b[200~a\x1b[20b\x1b[201~"), "\"a\\u{1b}[20b\"");
        let long = [&b"\x1b[200~"[..], &[b'x'; 3 * PASTE], END_OF_PASTE].concat();
        assert_eq!(typed(&long).len(), PASTE + 2);
    }

    /// A megabyte of each is taken without keeping it, and Ctrl-C ends it.
    #[test]
    fn what_has_no_end_is_not_kept() {
        for begin in [
            &b"\x1b[200~"[..],
            b"\x1b[",
            b"\x1b]",
            b"\x1b[<",
            b"\x1b[M",
            b"\x1bO",
            b"\xf0",
        ] {
            for body in [&b"1;"[..], b"\x1b[20", b"0", b"\x80", b"~", b"\x1b"] {
                let mut keyboard = Keyboard::default();
                let body = body.iter().cycle().take(1 << 17);
                for byte in begin.iter().chain(body) {
                    keyboard.take(*byte);
                    assert!(keyboard.held.capacity() <= 2 * (PASTE + END_OF_PASTE.len()));
                }
                let ended = keyboard.take(CTRL_C);
                assert!(matches!(ended, Some(Message::Key(Key::Ctrl('c')))));
                assert!(matches!(
                    keyboard.take(b'q'),
                    Some(Message::Key(Key::Char('q')))
                ));
            }
        }
    }
}
