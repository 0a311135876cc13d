//! The state at the start.

use std::sync::Arc;

use crate::app::action::Control;
use crate::app::extents::Extents;
use crate::app::history::History;
use crate::app::keys::keymap::Keymap;
use crate::app::screen::{Screen, States};
use crate::app::state::{App, Appearance, Chosen, Focus, Permissions, Simulated, Studied};
use crate::flow::{PathSet, Question};
use crate::sim::{Budget, Pace, Preset, Settings, Side};
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
                pace: Pace::default(),
                first_pace: Pace::default(),
                title,
                question: Question::Alone,
                cuts: PathSet::EMPTY,
                history: History::default(),
                running: true,
                snapshot: None,
                extents: Extents::default(),
                stopped: None,
                progress: None,
                trained: None,
                has_sequence: false,
                on_data: false,
                data: Arc::default(),
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
                colours: None,
                own_theme: false,
                own_marker: false,
                depth,
                mouse: false,
                still: false,
                front: None,
                axis: None,
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
