//! Actions that matter on some of the screens with charts only: what they do elsewhere.

use crate::app::Action;
use crate::app::state::{App, Screen};

impl App {
    /// A screen that has what the action is about, when the present one does not, and the sentence
    /// that says so.
    #[must_use]
    pub const fn elsewhere(&self, action: Action) -> Option<(Screen, &'static str)> {
        let (here, home, why) = match action {
            Action::NextMatrix => (
                matches!(self.screen, Screen::Spectrum),
                Screen::Spectrum,
                "the matrices are told apart on the screen spectrum",
            ),
            Action::ToggleZoom => (
                matches!(self.screen, Screen::Flow),
                Screen::Flow,
                "only the screen flow enlarges a panel",
            ),
            Action::ToggleAxis => (
                matches!(self.screen, Screen::Flow | Screen::Paths),
                Screen::Flow,
                "this axis is that of the screens flow and paths",
            ),
            Action::NextQuestion => (
                matches!(self.screen, Screen::Flow | Screen::Paths | Screen::Explain),
                Screen::Flow,
                "share, alone and without are asked on flow, paths and explain",
            ),
            Action::MoveCursor(_)
            | Action::CursorTenths(_)
            | Action::CursorTo(_)
            | Action::CursorStart
            | Action::CursorEnd => (
                !matches!(self.screen, Screen::Spectrum),
                Screen::Flow,
                "the spectrum is of the whole window: it has no cursor",
            ),
            _ => return None,
        };
        if here { None } else { Some((home, why)) }
    }
}
