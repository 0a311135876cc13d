//! Where the user is, as far as keys are concerned, and what is there.

use crate::app::has::Has;
use crate::app::popup::{Page, Popup};
use crate::app::screen::Screen;
use crate::app::state::App;

/// What a key's meaning depends on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Context {
    /// A screen with nothing over it.
    On(Screen),
    /// After `x`: a path's letter is expected.
    Cutting,
    /// The keys are shown.
    Help,
    /// The keys or the words are searched.
    Search,
    /// A value is being typed.
    Input,
    /// An action is being looked for.
    Palette,
    /// The search for the edge is shown.
    Edge,
    /// A window that takes much is asked for.
    Heavy,
}

impl Context {
    /// All of them.
    pub fn all() -> impl Iterator<Item = Self> {
        let screens = Screen::ALL.iter().map(|screen| Self::On(*screen));
        screens.chain([
            Self::Cutting,
            Self::Help,
            Self::Search,
            Self::Input,
            Self::Palette,
            Self::Edge,
            Self::Heavy,
        ])
    }

    /// The context of the present state.
    pub const fn of(app: &App) -> Self {
        match (&app.popup, app.cutting) {
            (Some(Popup::Page(Page { search: None, .. })), _) => Self::Help,
            (Some(Popup::Page(_)), _) => Self::Search,
            (Some(Popup::Input { .. }), _) => Self::Input,
            (Some(Popup::Palette { .. }), _) => Self::Palette,
            (Some(Popup::Edge(_)), _) => Self::Edge,
            (Some(Popup::Heavy(..)), _) => Self::Heavy,
            (None, true) => Self::Cutting,
            (None, false) => Self::On(app.screen),
        }
    }

    /// What is there, which decides which keys work.
    pub fn has(self) -> Has {
        match self {
            Self::On(screen) => screen.room().has.and(Has::SCREEN).and(Has::only(screen)),
            Self::Cutting => Has::CUTTING,
            Self::Help => Has::PAGE,
            Self::Search => Has::SEARCH,
            Self::Input => Has::INPUT,
            Self::Palette => Has::PALETTE,
            Self::Edge => Has::EDGE,
            Self::Heavy => Has::HEAVY,
        }
    }

    /// Whether characters typed here are text.
    pub fn takes_text(self) -> bool {
        self.has().meets(Has::TEXT)
    }
}
