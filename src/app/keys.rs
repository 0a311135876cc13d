//! The one table of keys: dispatch, the `?` screen, the hint line and the README come from it.

mod table;

use std::fmt::Write;

use crate::app::action::Edit;
use crate::app::state::{Popup, Screen};
use crate::app::{Action, App};

pub use table::TABLE;

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

/// One row of the table: keys that belong together, where they work, and what they do.
#[derive(Debug)]
pub struct Binding {
    /// The keys as shown, separated by spaces.
    pub keys: &'static str,
    /// A word or two for the hint line.
    pub label: &'static str,
    /// What they do, as a part of a sentence.
    pub help: &'static str,
    /// The heading on the `?` screen.
    pub group: &'static str,
    /// Where they work.
    pub contexts: &'static [Context],
    /// Each key with its action, in the order of `keys`.
    pub does: &'static [(Key, Action)],
    /// Its place in the hint line, the most important first; 0 is never shown there.
    pub rank: u8,
}

/// What a key's meaning depends on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Context {
    /// A screen with a time axis: flow, paths, gates.
    Charts,
    /// The parameter list.
    Parameters,
    /// The list of presets.
    Presets,
    /// After `x`: a path's letter is expected.
    Cutting,
    /// The keys are shown.
    Help,
    /// A value is being typed.
    Input,
}

impl Context {
    /// All of them.
    pub const ALL: [Self; 6] = [
        Self::Charts,
        Self::Parameters,
        Self::Presets,
        Self::Cutting,
        Self::Help,
        Self::Input,
    ];

    /// The context of the present state.
    #[must_use]
    pub const fn of(app: &App) -> Self {
        match (&app.popup, app.cutting, app.screen) {
            (Some(Popup::Help(_)), ..) => Self::Help,
            (Some(Popup::Input { .. }), ..) => Self::Input,
            (None, true, _) => Self::Cutting,
            (None, false, Screen::Flow | Screen::Paths | Screen::Gates) => Self::Charts,
            (None, false, Screen::Settings) => Self::Parameters,
            (None, false, Screen::Presets) => Self::Presets,
        }
    }
}

impl Key {
    /// The key as it is shown.
    #[must_use]
    pub fn name(self) -> String {
        let name = match self {
            Self::Char(' ') => "Space",
            Self::Char(c) => return c.to_string(),
            Self::Ctrl(c) => return format!("Ctrl-{}", c.to_ascii_uppercase()),
            Self::Enter => "Enter",
            Self::Esc => "Esc",
            Self::Tab => "Tab",
            Self::BackTab => "Shift-Tab",
            Self::Backspace => "Backspace",
            Self::Delete => "Delete",
            Self::Left => "←",
            Self::Right => "→",
            Self::Up => "↑",
            Self::Down => "↓",
            Self::Home => "Home",
            Self::End => "End",
            Self::PageUp => "PageUp",
            Self::PageDown => "PageDown",
            Self::ShiftLeft => "Shift-←",
            Self::ShiftRight => "Shift-→",
        };
        name.to_owned()
    }
}

/// What a key does in the present state; `None` when nothing.
#[must_use]
pub fn action(app: &App, key: Key) -> Option<Action> {
    let context = Context::of(app);
    let bound = TABLE
        .iter()
        .filter(|binding| binding.contexts.contains(&context))
        .flat_map(|binding| binding.does)
        .find(|(bound, _)| *bound == key);
    match (bound, context, key) {
        (Some((_, action)), ..) => Some(*action),
        (None, Context::Input, Key::Char(c)) => Some(Action::Input(Edit::Insert(c))),
        // A letter that names no path: the user thought better of it.
        (None, Context::Cutting, _) => Some(Action::Back),
        _ => None,
    }
}

/// The keys worth showing in the present state, the most important first.
#[must_use]
pub fn hints(app: &App) -> Vec<&'static Binding> {
    let context = Context::of(app);
    let useful = |binding: &&Binding| {
        binding.rank > 0
            && binding.contexts.contains(&context)
            && binding.does.iter().all(|(_, action)| match action {
                Action::Undo => app.history.can_undo(),
                Action::Redo => app.history.can_redo(),
                Action::ClearCuts => !app.cuts.is_empty(),
                _ => true,
            })
    };
    let mut hints: Vec<_> = TABLE.iter().filter(useful).collect();
    hints.sort_by_key(|binding| binding.rank);
    hints
}

/// The whole table under its headings, for the `?` screen.
#[must_use]
pub fn help() -> Vec<(&'static str, Vec<&'static Binding>)> {
    let mut groups: Vec<(&str, Vec<&Binding>)> = Vec::new();
    for binding in TABLE {
        match groups.iter_mut().find(|(group, _)| *group == binding.group) {
            Some((_, bindings)) => bindings.push(binding),
            None => groups.push((binding.group, vec![binding])),
        }
    }
    groups
}

/// Lines of the `?` screen: a heading and its bindings for each group, a blank line between.
#[must_use]
pub fn help_lines() -> usize {
    let groups = help().len();
    TABLE.len() + groups + groups.saturating_sub(1)
}

/// The whole table in Markdown, for the README.
#[must_use]
pub fn markdown() -> String {
    let mut text = String::from("| | keys | |\n|---|---|---|\n");
    for (group, bindings) in help() {
        for (row, binding) in bindings.into_iter().enumerate() {
            let group = if row == 0 { group } else { "" };
            let keys: Vec<_> = binding.keys.split(' ').map(|k| format!("`{k}`")).collect();
            // Writing to a String cannot fail.
            let _ = writeln!(text, "| {group} | {} | {} |", keys.join(" "), binding.help);
        }
    }
    text
}

#[cfg(test)]
mod tests;
