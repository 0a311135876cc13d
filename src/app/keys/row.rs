//! What a line of the table of keys is.

use crate::app::action::Action;
use crate::app::has::Has;
use crate::app::keys::context::Context;
use crate::app::keys::key::Key;

/// One row of the table: actions that belong together, where they work, and their keys.
#[derive(Debug)]
pub struct Binding {
    /// The heading on the `?` screen.
    pub group: &'static str,
    /// A word or two for the hint line.
    pub label: &'static str,
    /// What they do, as a part of a sentence.
    pub help: &'static str,
    /// What one of must be there for them to work.
    pub places: Has,
    /// Its place in the hint line.
    pub rank: Rank,
    /// The actions.
    pub acts: &'static [Act],
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
    /// Whether its keys work in a context.
    pub fn works(&self, context: Context) -> bool {
        context.has().meets(self.places)
    }

    /// What one of its actions does.
    pub fn help_of(&self, act: &Act) -> &'static str {
        if act.help.is_empty() {
            self.help
        } else {
            act.help
        }
    }
}

/// A row: heading, label, help, where it works, its rank among the hints of charts and of lists, and
/// its actions.
pub const fn row(
    group: &'static str,
    label: &'static str,
    help: &'static str,
    places: Has,
    (charts, lists): (u8, u8),
    acts: &'static [Act],
) -> Binding {
    Binding {
        group,
        label,
        help,
        places,
        rank: Rank { charts, lists },
        acts,
    }
}

/// An action with words of its own, where the row's help describes several or leans on another row.
pub const fn act(
    name: &'static str,
    help: &'static str,
    keys: &'static [Key],
    action: Action,
) -> Act {
    Act {
        name,
        help,
        keys,
        action,
    }
}

/// The only action of its row, which the row's help describes.
pub const fn one(name: &'static str, keys: &'static [Key], action: Action) -> Act {
    act(name, "", keys, action)
}

/// Farther than any list or text is long.
pub const FAR: i32 = 1_000_000;
