//! Keys, mouse and pasted text from the terminal, in words of our own.

use std::io;
use std::sync::mpsc::Sender;
use std::thread;

use crossterm::event::{
    Event, KeyCode, KeyEvent, KeyEventKind, KeyModifiers, MouseButton, MouseEvent, MouseEventKind,
    read,
};

use crate::app::keys::{Key, Mouse, MouseKind};
use crate::term::event_loop::Message;

/// Starts the thread that reads the terminal: standard input, or the terminal device when standard
/// input is not one. It ends with the process.
///
/// # Errors
/// When the thread is refused.
pub fn watch(outbox: Sender<Message>) -> io::Result<()> {
    thread::Builder::new().name("input".into()).spawn(move || {
        let mut answers = LateAnswer::default();
        loop {
            let message = match read() {
                Ok(Event::Key(key)) if answers.contains(key) => None,
                Ok(event) => translate(event),
                Err(error) => {
                    let _ = outbox.send(Message::InputLost(error));
                    return;
                }
            };
            if message.is_some_and(|m| outbox.send(m).is_err()) {
                return;
            }
        }
    })?;
    Ok(())
}

/// What an event means; `None` for what nobody asked for.
pub fn translate(event: Event) -> Option<Message> {
    match event {
        Event::Key(event) => key(event).map(Message::Key),
        Event::Mouse(event) => mouse(event).map(Message::Mouse),
        Event::Paste(text) => Some(Message::Paste(text)),
        Event::Resize(..) => Some(Message::Resize),
        Event::FocusGained | Event::FocusLost => None,
    }
}

/// A key going down or repeating; never its release, which some terminals report as well.
fn key(event: KeyEvent) -> Option<Key> {
    if event.kind == KeyEventKind::Release {
        return None;
    }
    let modifiers = event.modifiers;
    let shift = modifiers.contains(KeyModifiers::SHIFT);
    if modifiers.contains(KeyModifiers::CONTROL) {
        return match event.code {
            // What many terminals send for Backspace.
            KeyCode::Char('h') if modifiers == KeyModifiers::CONTROL => Some(Key::Backspace),
            KeyCode::Char(c) if modifiers == KeyModifiers::CONTROL => Some(Key::Ctrl(c)),
            _ => None,
        };
    }
    if modifiers.difference(KeyModifiers::SHIFT) != KeyModifiers::NONE {
        return None;
    }
    Some(match event.code {
        KeyCode::Char(c) if shift && c.is_lowercase() => {
            let mut upper = c.to_uppercase();
            match (upper.next(), upper.next()) {
                (Some(single), None) => Key::Char(single),
                _ => Key::Char(c),
            }
        }
        KeyCode::Char(c) => Key::Char(c),
        KeyCode::Enter => Key::Enter,
        KeyCode::Esc => Key::Esc,
        KeyCode::Tab if shift => Key::BackTab,
        KeyCode::Tab => Key::Tab,
        KeyCode::BackTab => Key::BackTab,
        KeyCode::Backspace => Key::Backspace,
        KeyCode::Delete => Key::Delete,
        KeyCode::Left if shift => Key::ShiftLeft,
        KeyCode::Right if shift => Key::ShiftRight,
        KeyCode::Left => Key::Left,
        KeyCode::Right => Key::Right,
        KeyCode::Up => Key::Up,
        KeyCode::Down => Key::Down,
        KeyCode::Home => Key::Home,
        KeyCode::End => Key::End,
        KeyCode::PageUp => Key::PageUp,
        KeyCode::PageDown => Key::PageDown,
        KeyCode::F(n @ 1..=12) if !shift => Key::F(n),
        _ => return None,
    })
}

fn mouse(event: MouseEvent) -> Option<Mouse> {
    let kind = match event.kind {
        MouseEventKind::Down(MouseButton::Left) => MouseKind::Press,
        MouseEventKind::Drag(MouseButton::Left) => MouseKind::Drag,
        MouseEventKind::ScrollUp => MouseKind::Wheel(1),
        MouseEventKind::ScrollDown => MouseKind::Wheel(-1),
        _ => return None,
    };
    Some(Mouse {
        kind,
        column: event.column,
        row: event.row,
    })
}

/// Recognises a terminal's answer to a question about colours that came after we had stopped
/// waiting: `ESC ] 11 ; rgb:… ESC \`, which the parser takes for Alt-] and typed letters, some of
/// which would change the simulation.
#[derive(Debug, Default)]
struct LateAnswer {
    /// Keys seen since its beginning; `None` outside an answer.
    length: Option<u8>,
}

/// The longest answer is `11;rgba:ffff/ffff/ffff/ffff`.
const LONGEST: u8 = 40;

impl LateAnswer {
    /// Whether this key belongs to an answer.
    fn contains(&mut self, key: KeyEvent) -> bool {
        let alt = key.modifiers.contains(KeyModifiers::ALT);
        let control = key.modifiers.contains(KeyModifiers::CONTROL);
        let Some(length) = self.length else {
            if alt && key.code == KeyCode::Char(']') {
                self.length = Some(0);
            }
            return self.length.is_some();
        };
        let text =
            matches!(key.code, KeyCode::Char(c) if c.is_ascii_hexdigit() || ";:/rgb".contains(c));
        let end = match key.code {
            KeyCode::Char('\\') => alt,
            KeyCode::Char('g') => control,
            _ => false,
        };
        let inside = text && !alt && !control && length < LONGEST;
        self.length = inside.then(|| length + 1);
        inside || end
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn press(code: KeyCode, modifiers: KeyModifiers) -> KeyEvent {
        KeyEvent::new(code, modifiers)
    }

    #[test]
    fn releases_are_no_keys_and_repeats_are() {
        let mut event = press(KeyCode::Char('f'), KeyModifiers::NONE);
        event.kind = KeyEventKind::Release;
        assert_eq!(key(event), None);
        event.kind = KeyEventKind::Repeat;
        assert_eq!(key(event), Some(Key::Char('f')));
    }

    #[test]
    fn modifiers() {
        let (none, shift) = (KeyModifiers::NONE, KeyModifiers::SHIFT);
        let (control, alt) = (KeyModifiers::CONTROL, KeyModifiers::ALT);
        for (code, modifiers, expected) in [
            (KeyCode::Char('F'), shift, Some(Key::Char('F'))),
            (KeyCode::Char('f'), shift, Some(Key::Char('F'))),
            (KeyCode::Char('?'), shift, Some(Key::Char('?'))),
            (KeyCode::Char('z'), control, Some(Key::Ctrl('z'))),
            (KeyCode::Char('h'), control, Some(Key::Backspace)),
            (KeyCode::Char('q'), alt, None),
            (KeyCode::Char('q'), control | alt, None),
            (KeyCode::Char('q'), KeyModifiers::SUPER, None),
            (KeyCode::Left, shift, Some(Key::ShiftLeft)),
            (KeyCode::Left, none, Some(Key::Left)),
            (KeyCode::Tab, shift, Some(Key::BackTab)),
            (KeyCode::BackTab, shift, Some(Key::BackTab)),
            (KeyCode::Up, shift, Some(Key::Up)),
            (KeyCode::F(1), none, Some(Key::F(1))),
            (KeyCode::F(13), none, None),
        ] {
            assert_eq!(
                key(press(code, modifiers)),
                expected,
                "{code:?} {modifiers:?}"
            );
        }
    }

    #[test]
    fn of_the_mouse_only_the_left_button_and_the_wheel() {
        let at = |kind| MouseEvent {
            kind,
            column: 3,
            row: 4,
            modifiers: KeyModifiers::NONE,
        };
        let kind = |kind| mouse(at(kind)).map(|m| m.kind);
        assert_eq!(
            kind(MouseEventKind::Down(MouseButton::Left)),
            Some(MouseKind::Press)
        );
        assert_eq!(
            kind(MouseEventKind::Drag(MouseButton::Left)),
            Some(MouseKind::Drag)
        );
        assert_eq!(kind(MouseEventKind::ScrollDown), Some(MouseKind::Wheel(-1)));
        assert_eq!(kind(MouseEventKind::Moved), None);
        assert_eq!(kind(MouseEventKind::Up(MouseButton::Left)), None);
        assert_eq!(kind(MouseEventKind::Down(MouseButton::Right)), None);
    }

    /// The keys that crossterm makes of an answer.
    fn answer(end: KeyEvent) -> Vec<KeyEvent> {
        let mut keys = vec![press(KeyCode::Char(']'), KeyModifiers::ALT)];
        keys.extend(
            "11;rgb:1e1e/1e1e/2e2e"
                .chars()
                .map(|c| KeyEvent::from(KeyCode::Char(c))),
        );
        keys.push(end);
        keys
    }

    #[test]
    fn a_late_answer_is_no_input() {
        for end in [
            press(KeyCode::Char('\\'), KeyModifiers::ALT),
            press(KeyCode::Char('g'), KeyModifiers::CONTROL),
        ] {
            let mut late = LateAnswer::default();
            assert!(!late.contains(KeyCode::Char('r').into()));
            assert!(answer(end).into_iter().all(|k| late.contains(k)));
            assert!(!late.contains(KeyCode::Char('r').into()));
        }
    }

    #[test]
    fn what_only_begins_like_an_answer_swallows_little() {
        let mut late = LateAnswer::default();
        assert!(late.contains(press(KeyCode::Char(']'), KeyModifiers::ALT)));
        assert!(!late.contains(KeyCode::Char('q').into()));
        assert!(!late.contains(KeyCode::Char('1').into()));
        assert!(late.contains(press(KeyCode::Char(']'), KeyModifiers::ALT)));
        let swallowed = (0..100).filter(|_| late.contains(KeyCode::Char('1').into()));
        assert_eq!(swallowed.count(), usize::from(LONGEST));
    }
}
