//! The state of the screen.

use std::sync::Arc;

use crate::app::action::Control;
use crate::app::history::History;
use crate::cell::CellKind;
use crate::flow::{PathSet, Question};
use crate::sim::{Settings, Snapshot};

/// The screens, by digit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
pub enum Screen {
    /// Both cells side by side, the paths at the cursor, the three controls.
    #[default]
    Flow,
    /// Every path over the window.
    Paths,
    /// Activations of the gates over the window.
    Gates,
    /// The parameter list.
    Settings,
    /// The presets.
    Presets,
}

impl Screen {
    /// In order of their digits, from 1.
    pub const ALL: [Self; 5] = [Self::Flow, Self::Paths, Self::Gates, Self::Settings, Self::Presets];

    /// The word in the title line.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Flow => "flow",
            Self::Paths => "paths",
            Self::Gates => "gates",
            Self::Settings => "settings",
            Self::Presets => "presets",
        }
    }
}

/// What lies over the screen.
#[derive(Clone, Debug, PartialEq)]
pub enum Popup {
    /// The keys, scrolled by so many lines.
    Help(usize),
    /// The input line for a typed value: what was typed so far and the cursor in characters.
    Input {
        /// The text.
        text: String,
        /// The cursor, in characters.
        cursor: usize,
    },
}

/// Which characters draw curves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
pub enum Marker {
    /// Braille lines.
    #[default]
    Braille,
    /// Block elements only.
    Block,
    /// ASCII only.
    Ascii,
}

/// Which palette.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
pub enum ThemeName {
    /// For a dark background.
    #[default]
    Dark,
    /// For a light background.
    Light,
    /// Strong colours only.
    Contrast,
    /// No colours: bold, reverse and signs only.
    Mono,
}

/// How many colours the terminal shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub enum Depth {
    /// None: modifiers only.
    Mono,
    /// The 16 of the terminal's own palette.
    Ansi16,
    /// The 256 of xterm.
    Ansi256,
    /// 24 bits.
    #[default]
    Rgb,
}

/// A line for the user.
#[derive(Clone, Debug, PartialEq)]
pub struct Notice {
    /// One sentence, sanitised.
    pub text: String,
    /// Whether it reports a failure.
    pub error: bool,
}

/// A preset as the screen lists it.
#[derive(Clone, Debug)]
pub struct PresetEntry {
    /// The name on the command line.
    pub name: String,
    /// The title.
    pub title: String,
    /// The idea in two sentences.
    pub idea: String,
    /// What to press.
    pub press: String,
    /// What to watch.
    pub watch: String,
    /// Where it comes from.
    pub source: String,
    /// Its settings.
    pub settings: Settings,
}

/// Everything that a frame is drawn from.
#[derive(Debug)]
pub struct App {
    /// The settings as the user has them now.
    pub settings: Settings,
    /// The settings that reset goes back to.
    pub preset: Settings,
    /// The title of what is shown: a preset's name or a file's (sanitised).
    pub title: String,
    /// All presets.
    pub presets: Vec<PresetEntry>,
    /// The newest window.
    pub snapshot: Option<Arc<Snapshot>>,
    /// Whether the simulation steps by itself.
    pub running: bool,
    /// The screen.
    pub screen: Screen,
    /// What lies over it.
    pub popup: Option<Popup>,
    /// Share, alone or without.
    pub question: Question,
    /// Cut paths.
    pub cuts: PathSet,
    /// The cursor's step t, 1 to T.
    pub cursor: usize,
    /// The control touched last.
    pub selected: Control,
    /// The cell that panels with one cell show.
    pub focus: CellKind,
    /// The row selected in the parameter list.
    pub parameter: usize,
    /// The row selected in the presets.
    pub preset_row: usize,
    /// A path's letter is expected (after `x`).
    pub cutting: bool,
    /// Whether the focused panel fills the screen.
    pub zoom: bool,
    /// The fixed log10 axis (low, high), or `None` when it follows the curves.
    pub axis: Option<(f64, f64)>,
    /// Characters for curves.
    pub marker: Marker,
    /// Palette.
    pub theme: ThemeName,
    /// Colours of the terminal.
    pub depth: Depth,
    /// Whether the mouse is reported.
    pub mouse: bool,
    /// The message line.
    pub notice: Option<Notice>,
    /// Progress of long work, 0 to 1.
    pub progress: Option<f64>,
    /// Undo and redo.
    pub history: History,
}
