//! Where the state is, as far as keys are concerned, and which rows work there.

use crate::app::keys::key::Key;
use crate::app::keys::keymap::Keymap;
use crate::app::keys::row::{Act, Binding, Context, Place};
use crate::app::popup::Popup;
use crate::app::screen::Screen;
use crate::app::state::App;

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
            (Some(Popup::Help(_) | Popup::Words(_)), _) => Self::Help,
            (Some(Popup::Search { .. }), _) => Self::Search,
            (Some(Popup::Input { .. }), _) => Self::Input,
            (Some(Popup::Palette { .. }), _) => Self::Palette,
            (Some(Popup::Edge(_)), _) => Self::Edge,
            (Some(Popup::Heavy(..)), _) => Self::Heavy,
            (None, true) => Self::Cutting,
            (None, false) => Self::On(app.screen),
        }
    }

    /// Whether characters typed here are text.
    pub const fn takes_text(self) -> bool {
        matches!(self, Self::Input | Self::Palette | Self::Search)
    }
}

impl Binding {
    /// Whether its keys work in a context.
    pub fn works(&self, context: Context) -> bool {
        works(self.places, context)
    }
}

impl Keymap {
    /// The action of a key in a context.
    pub fn act(&self, context: Context, key: Key) -> Option<&'static Act> {
        let mut acts = self
            .rows
            .iter()
            .filter(|row| row.works(context))
            .flat_map(|row| row.acts);
        acts.find(|act| self.keys(act).contains(&key))
    }
}

/// Whether a context is among places.
pub fn works(places: &[Place], context: Context) -> bool {
    places.iter().any(|place| match (*place, context) {
        (Place::In(place), context) => place == context,
        (Place::Screens, Context::On(_)) => true,
        (Place::Having(what), Context::On(screen)) => screen.room().has.has(what),
        (Place::Screens | Place::Having(_), _) => false,
    })
}
