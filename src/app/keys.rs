//! The one table of keys: dispatch, the `?` screen, the hint line, the palette, files of keys and
//! the README come from it. [`Keymap`] lays the user's keys over it.

mod key;
mod keymap;
mod table;

use std::fmt::Write;

use unicode_width::UnicodeWidthStr;

use crate::app::action::Edit;
use crate::app::state::{Popup, Screen};
use crate::app::{Action, App};

pub use key::Key;
pub use keymap::{Keymap, template};
pub use table::table;

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

/// One row of the table: actions that belong together, where they work, and their keys.
#[derive(Debug)]
pub struct Binding {
    /// A word or two for the hint line.
    pub label: &'static str,
    /// What they do, as a part of a sentence.
    pub help: &'static str,
    /// The heading on the `?` screen.
    pub group: &'static str,
    /// Where they work.
    pub contexts: &'static [Context],
    /// The actions.
    pub acts: &'static [Act],
    /// Its place in the hint line.
    pub rank: Rank,
}

/// An action with its name and its keys.
#[derive(Debug)]
pub struct Act {
    /// What it is called in a file of keys, for ever.
    pub name: &'static str,
    /// What it does; empty when its row has only this one and says it.
    pub help: &'static str,
    /// Its keys, unless the user has others.
    pub keys: &'static [Key],
    /// What it does.
    pub action: Action,
}

/// A place in the hint line, the most important first; 0 is never shown there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rank {
    /// On a screen with a time axis and in popups.
    pub charts: u8,
    /// On the lists, and on the screen of layers.
    pub lists: u8,
}

impl Binding {
    /// What one of its actions does.
    #[must_use]
    pub fn help_of(&self, act: &Act) -> &'static str {
        if act.help.is_empty() {
            self.help
        } else {
            act.help
        }
    }
}

impl Context {
    /// Whether characters typed here are text.
    #[must_use]
    pub const fn takes_text(self) -> bool {
        matches!(self, Self::Input | Self::Palette)
    }
}

/// What a key's meaning depends on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Context {
    /// A screen with a time axis: flow, paths, gates, hops.
    Charts,
    /// The parameter list.
    Parameters,
    /// The list of presets.
    Presets,
    /// The page that explains a path.
    Page,
    /// A model's layers.
    Layers,
    /// After `x`: a path's letter is expected.
    Cutting,
    /// The keys are shown.
    Help,
    /// A value is being typed.
    Input,
    /// An action is being looked for.
    Palette,
    /// The search for the edge is shown.
    Edge,
}

impl Context {
    /// All of them.
    pub const ALL: [Self; 10] = [
        Self::Charts,
        Self::Parameters,
        Self::Presets,
        Self::Page,
        Self::Layers,
        Self::Cutting,
        Self::Help,
        Self::Input,
        Self::Palette,
        Self::Edge,
    ];

    /// The context of the present state.
    #[must_use]
    pub const fn of(app: &App) -> Self {
        match (&app.popup, app.cutting, app.screen) {
            (Some(Popup::Help(_)), ..) => Self::Help,
            (Some(Popup::Input { .. }), ..) => Self::Input,
            (Some(Popup::Palette { .. }), ..) => Self::Palette,
            (Some(Popup::Edge(_)), ..) => Self::Edge,
            (None, true, _) => Self::Cutting,
            (None, false, screen) => Self::on(screen),
        }
    }

    /// The context of a screen with nothing over it.
    #[must_use]
    pub const fn on(screen: Screen) -> Self {
        match screen {
            Screen::Flow | Screen::Paths | Screen::Gates | Screen::Hops | Screen::Spectrum => {
                Self::Charts
            }
            Screen::Settings => Self::Parameters,
            Screen::Presets => Self::Presets,
            Screen::Explain => Self::Page,
            Screen::Layers => Self::Layers,
        }
    }
}

/// What a key does in the present state; `None` when nothing.
#[must_use]
pub fn action(app: &App, key: Key) -> Option<Action> {
    let context = Context::of(app);
    match (app.keymap.act(context, key), key) {
        (Some(act), _) => Some(act.action),
        (None, Key::Char(c)) if context.takes_text() => Some(Action::Input(Edit::Insert(c))),
        // A letter that names no path: the user thought better of it.
        (None, _) if context == Context::Cutting => Some(Action::Back),
        _ => None,
    }
}

/// The rows worth showing in the present state, the most important first.
#[must_use]
pub fn hints(app: &App) -> Vec<&'static Binding> {
    let context = Context::of(app);
    let rank = |binding: &Binding| match context {
        Context::Parameters | Context::Presets | Context::Layers => binding.rank.lists,
        _ => binding.rank.charts,
    };
    let useful = |binding: &&Binding| {
        rank(binding) > 0
            && binding.contexts.contains(&context)
            && binding
                .acts
                .iter()
                .any(|act| !app.keymap.keys(act).is_empty())
            && binding.acts.iter().all(|act| match act.action {
                Action::Undo => match &app.popup {
                    Some(Popup::Edge(edge)) => edge.changes(),
                    _ => app.history.can_undo(),
                },
                Action::Redo => app.history.can_redo(),
                Action::FindEdge => app.can_find_edge(),
                Action::ClearCuts => !app.cuts.is_empty(),
                Action::BeginCut => app.shows_cuts(),
                // Without a model there is no layer to select, no axis and nothing to read.
                Action::ToggleWhole
                | Action::Scroll(_)
                | Action::Select(_)
                | Action::MoveCursor(_)
                    if context == Context::Layers =>
                {
                    app.diagnosis().is_some()
                }
                action => app.permits(action) && app.elsewhere(action).is_none(),
            })
    };
    let mut hints: Vec<_> = table().filter(useful).collect();
    hints.sort_by_key(|binding| rank(binding));
    hints
}

/// The rows of the table that this program permits under their headings, for the `?` screen.
#[must_use]
pub fn help(app: &App) -> Vec<(&'static str, Vec<&'static Binding>)> {
    grouped(|binding| binding.acts.iter().all(|act| app.permits(act.action)))
}

/// Lines of the `?` screen: a heading and its rows for each group, a blank line between.
#[must_use]
pub fn help_lines(app: &App) -> usize {
    let groups = help(app);
    let rows: usize = groups.iter().map(|(_, rows)| rows.len()).sum();
    rows + groups.len() + groups.len().saturating_sub(1)
}

fn grouped(wanted: impl Fn(&Binding) -> bool) -> Vec<(&'static str, Vec<&'static Binding>)> {
    let mut groups: Vec<(&str, Vec<&Binding>)> = Vec::new();
    for binding in table().filter(|binding| wanted(binding)) {
        match groups.iter_mut().find(|(group, _)| *group == binding.group) {
            Some((_, bindings)) => bindings.push(binding),
            None => groups.push((binding.group, vec![binding])),
        }
    }
    groups
}

/// The whole table in Markdown, for the README.
#[must_use]
pub fn markdown() -> String {
    let keymap = Keymap::default();
    let mut text = String::from("| | keys | |\n|---|---|---|\n");
    for (group, bindings) in grouped(|_| true) {
        for (row, binding) in bindings.into_iter().enumerate() {
            let group = if row == 0 { group } else { "" };
            let keys = keymap.shown(binding);
            let keys: Vec<_> = keys.split(' ').map(|k| format!("`{k}`")).collect();
            // Writing to a String cannot fail.
            let _ = writeln!(text, "| {group} | {} | {} |", keys.join(" "), binding.help);
        }
    }
    text
}

/// Every action with its name and keys, for people: a line each, under its heading.
#[must_use]
pub fn listing(keymap: &Keymap) -> String {
    let all = table().flat_map(|binding| binding.acts);
    let keys = all.clone().map(|act| keymap.shown_of(act).width()).max();
    let names = all.map(|act| act.name.len()).max();
    let (keys, names) = (keys.unwrap_or(0), names.unwrap_or(0));
    let mut text = String::new();
    for (group, bindings) in grouped(|_| true) {
        let gap = if text.is_empty() { "" } else { "\n" };
        let _ = writeln!(text, "{gap}{group}");
        for binding in bindings {
            for act in binding.acts {
                let shown = keymap.shown_of(act);
                let pad = " ".repeat(keys - shown.width());
                let (name, help) = (act.name, binding.help_of(act));
                let _ = writeln!(text, "  {shown}{pad}  {name:names$}  {help}");
            }
        }
    }
    text
}

#[cfg(test)]
mod tests;
