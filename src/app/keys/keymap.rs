//! Which keys each action has: those of the table, and the user's over them.

use std::collections::HashMap;

use crate::app::action::Action;
use crate::app::keys::context::Context;
use crate::app::keys::key::Key;
use crate::app::keys::row::{Act, Binding};
use crate::app::keys::table::{acts, table};

/// Which keys each action has: those of the table, unless the user has others.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Keymap {
    /// The user's keys by the action's name.
    pub(super) own: HashMap<&'static str, Vec<Key>>,
}

impl Keymap {
    /// The action of a key in a context.
    pub fn act(&self, context: Context, key: Key) -> Option<&'static Act> {
        let rows = table().filter(|row| row.works(context));
        let mut acts = rows.flat_map(|row| row.acts);
        acts.find(|act| self.keys(act).contains(&key))
    }

    /// The keys of an action.
    pub fn keys(&self, act: &'static Act) -> &[Key] {
        self.own.get(act.name).map_or(act.keys, Vec::as_slice)
    }

    /// The keys of a row as they are shown, separated by spaces: the first key of each action, then
    /// the second of each, and so on. Empty when it has none.
    pub fn shown(&self, binding: &'static Binding) -> String {
        let most = binding.acts.iter().map(|act| self.keys(act).len()).max();
        let keys = (0..most.unwrap_or(0)).flat_map(|k| {
            let keys = binding.acts.iter().map(move |act| self.keys(act).get(k));
            keys.flatten().map(|key| key.name())
        });
        keys.collect::<Vec<_>>().join(" ")
    }

    /// The keys of the row whose actions are all of a kind; empty when there is none.
    pub fn shown_on(&self, kind: impl Fn(Action) -> bool) -> String {
        let row = table().find(|row| row.acts.iter().all(|act| kind(act.action)));
        row.map_or_else(String::new, |binding| self.shown(binding))
    }

    /// The keys of an action as they are shown.
    pub fn shown_of(&self, act: &'static Act) -> String {
        let keys = self.keys(act).iter().map(|key| key.name());
        keys.collect::<Vec<_>>().join(" ")
    }

    /// The first key of the action with this name, as it is shown; empty when it has none.
    pub fn first(&self, name: &str) -> String {
        let act = acts().find(|act| act.name == name);
        let key = act.and_then(|act| self.keys(act).first());
        key.map_or_else(String::new, |key| key.name())
    }
}
