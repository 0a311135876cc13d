//! The state at the start.

use crate::app::action::Control;
use crate::app::keys::keymap::Keymap;
use crate::app::screen::{Screen, States};
use crate::app::state::{App, Appearance, Chosen, Focus, Permissions, Simulated, Studied};
use crate::flow::Question;
use crate::sim::{Budget, Preset, Settings, Side};
use crate::ui::look::{Depth, Marker, ThemeName};

impl App {
    /// The state at the start: running, on the first screen, the cursor at 0.7 T, where the paths
    /// have already parted (at T itself there is only the loss).
    ///
    /// `settings` are what is computed first, `preset` what reset goes back to; both are within
    /// their ranges ([`Settings::check`]), and `title` is sanitised. `trained`,
    /// `has_sequence`, `data` and `notice` are set by the caller where they apply.
    pub fn new(
        settings: Settings,
        preset: Settings,
        title: String,
        presets: Vec<Preset>,
        depth: Depth,
        theme: ThemeName,
        marker: Marker,
    ) -> Self {
        let steps = settings.steps;
        let cursor = (steps * 7 / 10).max(1);
        let mut screens = States::default();
        screens.presets.row = presets.iter().position(|p| p.name == title).unwrap_or(0);
        Self {
            sim: Simulated {
                settings,
                preset,
                title,
                question: Question::Alone,
                running: true,
                ..Simulated::default()
            },
            focus: Focus {
                cursor,
                anchor: (cursor, steps),
                side: Side::Left,
                control: Control::Forget,
                path: Chosen::default(),
            },
            study: Studied::default(),
            look: Appearance {
                marker,
                theme,
                depth,
                ..Appearance::default()
            },
            may: Permissions {
                suspend: true,
                save: true,
                write: true,
                budget: Budget::default(),
            },
            screen: Screen::default(),
            screens,
            popup: None,
            cutting: false,
            told: true,
            leaving: false,
            notice: None,
            keymap: Keymap::default(),
            presets,
        }
    }
}
