//! What the table says: a key's action, the hints, the `?` screen, and the whole of it for people.

use std::fmt::Write;

use unicode_width::UnicodeWidthStr;

use super::context::Context;
use super::key::Key;
use super::keymap::Keymap;
use super::row::Binding;
use super::table::{acts, table};
use crate::app::action::{Action, Edit};
use crate::app::has::Has;
use crate::app::popup::Popup;
use crate::app::state::App;

/// What a key does in the present state; `None` when nothing.
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
pub fn hints(app: &App) -> Vec<&'static Binding> {
    let context = Context::of(app);
    let lists = matches!(context, Context::On(screen) if screen.room().has.has(Has::LIST_HINTS));
    let rank = |binding: &Binding| {
        if lists {
            binding.rank.lists
        } else {
            binding.rank.charts
        }
    };
    let useful = |binding: &&Binding| {
        rank(binding) > 0
            && binding.works(context)
            && binding
                .acts
                .iter()
                .any(|act| !app.keymap.keys(act).is_empty())
            && binding.acts.iter().all(|act| match act.action {
                Action::Undo => match &app.popup {
                    Some(Popup::Edge(edge)) => edge.changes(),
                    _ => app.sim.history.before().is_some(),
                },
                Action::Redo => app.sim.history.after().is_some(),
                Action::FindEdge => (app.screen.room().knob)(app).is_some(),
                Action::ClearCuts => !app.sim.cuts.is_empty(),
                Action::BeginCut => app.has(Has::CUTS),
                action => {
                    let here = matches!(context, Context::On(_));
                    app.permits(action)
                        && app.elsewhere(action).is_none()
                        && (!here || (app.screen.room().hinted)(app, action))
                }
            })
    };
    let mut hints: Vec<_> = table().filter(useful).collect();
    hints.sort_by_key(|binding| rank(binding));
    hints
}

/// The rows of the table that this program permits under their headings, for the `?` screen: first those that
/// work on the screen that is shown and not on all of them.
pub fn help(app: &App) -> Vec<(&'static str, Vec<&'static Binding>)> {
    let permitted = |binding: &Binding| binding.acts.iter().all(|act| app.permits(act.action));
    let own = |binding: &Binding| {
        let everywhere = binding.places.has(Has::SCREEN);
        !everywhere && binding.works(Context::On(app.screen))
    };
    let here = table().filter(|binding| permitted(binding) && own(binding));
    let mut groups = vec![(app.screen.heading(), here.collect::<Vec<_>>())];
    groups.extend(grouped(|binding| permitted(binding) && !own(binding)));
    groups.retain(|(_, bindings)| !bindings.is_empty());
    groups
}

/// The rows under their headings.
pub(super) fn grouped(
    wanted: impl Fn(&Binding) -> bool,
) -> Vec<(&'static str, Vec<&'static Binding>)> {
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
pub fn listing(keymap: &Keymap) -> String {
    let keys = acts().map(|act| keymap.shown_of(act).width()).max();
    let names = acts().map(|act| act.name.len()).max();
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
