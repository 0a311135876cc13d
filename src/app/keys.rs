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

/// One line of the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Binding {
    /// The keys as shown.
    pub keys: &'static str,
    /// In a word or two, for the hint line.
    pub label: &'static str,
    /// In full.
    pub help: &'static str,
    /// The heading under which it is listed.
    pub group: &'static str,
}

const fn binding(
    keys: &'static str,
    label: &'static str,
    help: &'static str,
    group: &'static str,
) -> Binding {
    Binding {
        keys,
        label,
        help,
        group,
    }
}

/// All keys.
pub const TABLE: &[Binding] = &[
    binding("f F", "forget", "lower, raise the forget gate", "controls"),
    binding(
        "r R",
        "radius",
        "lower, raise the spectral radius",
        "controls",
    ),
    binding(
        "c C",
        "clip",
        "lower, raise the clipping threshold",
        "controls",
    ),
    binding(
        "- +",
        "change",
        "lower, raise the selected control",
        "controls",
    ),
    binding("[ ]", "coarsely", "the same ten times as far", "controls"),
    binding("0", "reset", "put the selected control back", "controls"),
    binding(
        "u",
        "undo",
        "undo the last change; Ctrl-R repeats it",
        "controls",
    ),
    binding("← →", "t", "move the cursor", "time"),
    binding("space", "pause", "run or pause", "time"),
    binding(".", "step", "one step forward", "time"),
    binding(
        "v",
        "share/alone/without",
        "the next question to the paths",
        "paths",
    ),
    binding("x", "cut", "cut or restore a path by its letter", "paths"),
    binding(
        "1 … 5",
        "screens",
        "flow, paths, gates, settings, presets",
        "screen",
    ),
    binding("tab", "cell", "the other cell", "screen"),
    binding("z", "zoom", "enlarge the focused panel", "screen"),
    binding("?", "help", "all keys", "screen"),
    binding("q", "quit", "leave", "screen"),
];

/// What is valid now, most important first.
#[must_use]
pub fn hints(app: &App) -> Vec<&'static Binding> {
    let _ = app;
    TABLE.iter().collect()
}

/// What a key does in the present state; `None` when nothing.
#[must_use]
pub fn action(app: &App, key: Key) -> Option<Action> {
    let _ = (app, key);
    None
}
