//! Actions that matter on some of the screens with charts only: what they do elsewhere.

use crate::app::action::Action;
use crate::app::has::Has;
use crate::app::screen::{Own, Screen, explain};
use crate::app::state::App;

impl App {
    /// A screen that has what the action is about, when the present one does not, and the sentence
    /// that says so.
    pub fn elsewhere(&self, action: Action) -> Option<(Screen, &'static str)> {
        let (needs, why) = match action {
            Action::Own(own) if own.screen() == self.screen => return None,
            Action::Own(own) => return Some((own.screen(), own.screen().room().only)),
            Action::ToggleAxis => (Has::AXIS, "this axis is that of the screens flow and paths"),
            Action::NextQuestion => (
                Has::QUESTION,
                "share, alone and without are asked on flow, paths and explain",
            ),
            Action::MoveCursor(_) | Action::CursorTenths(_) | Action::CursorTo(_) => (
                Has::TIME,
                "this screen is of the whole window: it has no cursor",
            ),
            _ => return None,
        };
        (!self.has(needs)).then(|| (Screen::default(), why))
    }

    /// Whether the screen has something.
    pub fn has(&self, what: Has) -> bool {
        self.screen.room().has.has(what)
    }

    /// Whether an action is open to the user of this program at all.
    pub const fn permits(&self, action: Action) -> bool {
        match action {
            Action::Suspend => self.may.suspend,
            Action::SaveSettings => self.may.save,
            Action::Own(Own::Explain(explain::state::Action::Write)) => self.may.write,
            _ => true,
        }
    }
}
