//! The one table of keys: dispatch, the `?` screen, the hint line and the README come from it.

use crate::app::{Action, App};

/// A key as the terminal sends it, free of any terminal library's types.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[allow(missing_docs)]
pub enum Key {
    Char(char),
    Ctrl(char),
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

/// What a key does in the present state; `None` when nothing.
#[must_use]
pub fn action(app: &App, key: Key) -> Option<Action> {
    let _ = (app, key);
    None
}
