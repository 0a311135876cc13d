//! The state of the screen: one struct, grouped by what its parts are about.

use std::sync::Arc;

use crate::app::action::Control;
use crate::app::extents::{Axis, Extents};
use crate::app::history::History;
use crate::app::keys::keymap::Keymap;
use crate::app::popup::Popup;
use crate::app::screen::{Screen, States};
use crate::cell::CellKind;
use crate::flow::{Flow, Path, PathSet, Question};
use crate::sim::preset::limits;
use crate::sim::settings::Signal;
use crate::sim::{
    Budget, Command, Data, Pace, Preset, Settings, Side, Snapshot, Study, StudyRequest,
};
use crate::ui::colours::Colours;
use crate::ui::look::{Depth, Marker, ThemeName};
use crate::ui::pen::Look;
use crate::ui::theme::Theme;

/// What was chosen of a cell's gradient, on the screen of paths or on the page that explains one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Chosen {
    /// Nothing yet: the screen of paths begins with the first one, the page with the largest that
    /// crosses a recurrent matrix.
    #[default]
    Nothing,
    /// The total, of which there is no page.
    Total,
    /// A path, for every cell that has it.
    Path(Path),
}

impl Chosen {
    /// The path.
    pub const fn path(self) -> Option<Path> {
        match self {
            Self::Path(path) => Some(path),
            Self::Nothing | Self::Total => None,
        }
    }
}

/// A line for the user.
#[derive(Clone, Debug, PartialEq)]
pub struct Notice {
    /// One sentence, sanitised.
    pub text: String,
    /// Whether it reports a failure.
    pub error: bool,
}

/// Everything that a frame is drawn from.
#[derive(Debug)]
pub struct App {
    /// What is simulated, and what came of it.
    pub sim: Simulated,
    /// What the user looks at in it.
    pub focus: Focus,
    /// What was asked for beside the window.
    pub study: Studied,
    /// How things are drawn.
    pub look: Appearance,
    /// What this program may do.
    pub may: Permissions,
    /// The screen.
    pub screen: Screen,
    /// What each screen keeps for itself.
    pub screens: States,
    /// What lies over the screen.
    pub popup: Option<Popup>,
    /// A path's letter is expected (after `x`).
    pub cutting: bool,
    /// Whether what to press has been told: it stands on the screen until the first key.
    pub told: bool,
    /// Whether the last key was one that asked to leave changed settings.
    pub leaving: bool,
    /// The message line.
    pub notice: Option<Notice>,
    /// Which keys do what.
    pub keymap: Keymap,
    /// All presets.
    pub presets: Vec<Preset>,
}

/// What is simulated, and what came of it.
#[derive(Debug, Default)]
pub struct Simulated {
    /// The settings as the user has them now.
    pub settings: Settings,
    /// The settings that reset goes back to.
    pub preset: Settings,
    /// How fast it runs.
    pub pace: Pace,
    /// How fast it ran at the start, which reset goes back to.
    pub first_pace: Pace,
    /// The title of what is shown: a preset's name or a file's (sanitised).
    pub title: String,
    /// Share, alone or without.
    pub question: Question,
    /// Cut paths.
    pub cuts: PathSet,
    /// Undo and redo.
    pub history: History,
    /// Whether the simulation steps by itself.
    pub running: bool,
    /// The newest window.
    pub snapshot: Option<Arc<Snapshot>>,
    /// How far the curves have reached lately, which an axis that follows them keeps room for.
    pub extents: Extents,
    /// Why there is no window of the present settings, when the worker could not compute one. It
    /// stays on the message line, below whatever a key has to say.
    pub stopped: Option<Notice>,
    /// Progress of long work, 0 to 1.
    pub progress: Option<f64>,
    /// The kind of cell that trained weights are of, which fix H and D.
    pub trained: Option<CellKind>,
    /// Whether the user brought a sequence, so that the signal may be `File`.
    pub has_sequence: bool,
    /// Whether that sequence comes of the data of the trained weights: the user's, or the task's.
    pub on_data: bool,
    /// What the user brought, for what is computed beside the window.
    pub data: Arc<Data>,
}

/// What the user looks at.
#[derive(Clone, Copy, Debug)]
pub struct Focus {
    /// The cursor's step t, 1 to T.
    pub cursor: usize,
    /// Where the user put the cursor: t and the T of that moment. The cursor keeps this place in
    /// the window when T changes, without drifting by roundings.
    pub anchor: (usize, usize),
    /// The side that panels with one cell show.
    pub side: Side,
    /// The control touched last.
    pub control: Control,
    /// The path chosen on the screen of paths or on the page that explains one.
    pub path: Chosen,
}

/// What the worker is asked to study beside the window, for the screen that is shown.
#[derive(Debug, Default)]
pub struct Studied {
    /// The newest finished study, while the screen shown wants one; `now` and settings in it say of
    /// which window it is.
    pub found: Option<Arc<Study>>,
    /// Progress of the study, 0 to 1, while it takes long.
    pub progress: Option<f64>,
    /// The study that the worker was last asked for.
    pub asked: Option<StudyRequest>,
}

/// How things are drawn.
#[derive(Clone, Debug, Default)]
pub struct Appearance {
    /// Characters for curves.
    pub marker: Marker,
    /// Palette.
    pub theme: ThemeName,
    /// The user's palette, if there is one. It lives as long as the program, so that whatever draws
    /// may hold it.
    pub colours: Option<&'static Colours>,
    /// Whether the user chose the palette, so that it is worth remembering.
    pub own_theme: bool,
    /// Whether the user chose the characters for curves.
    pub own_marker: bool,
    /// Colours of the terminal.
    pub depth: Depth,
    /// Whether the mouse is reported.
    pub mouse: bool,
    /// Whether curves are drawn at once, instead of with the gradient seen to travel back.
    pub still: bool,
    /// How much of the window the gradient has travelled back, 0 to 1; `None` when it has arrived.
    pub front: Option<f64>,
    /// The fixed log10 axis, or `None` when it follows the curves.
    pub axis: Option<Axis>,
}

/// What this program may do.
#[derive(Clone, Copy, Debug)]
pub struct Permissions {
    /// Whether the process may be suspended: not when nothing could continue it.
    pub suspend: bool,
    /// Whether the settings of the screen may be written down.
    pub save: bool,
    /// Whether a file may be written at all.
    pub write: bool,
    /// What may be spent on a window or a search.
    pub budget: Budget,
}

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

    /// What the worker must compute for this state; the first one starts it.
    pub fn start_command(&self) -> Command {
        Command::Set {
            settings: Box::new(self.sim.settings.clone()),
            cuts: self.sim.cuts,
            question: self.sim.question,
        }
    }

    /// Whether the cell in focus has several recurrent matrices, as far as is known.
    pub fn has_matrices(&self) -> bool {
        self.focused_flow()
            .is_none_or(|flow| flow.matrices.len() > 1)
    }

    /// The window of the cell that panels with one cell show.
    pub fn focused_flow(&self) -> Option<&Flow> {
        self.sim
            .snapshot
            .as_deref()
            .map(|s| s.flow(self.focus.side))
    }

    /// The side whose paths and gates are shown where there is room for one cell's: the focused one,
    /// unless that cell has a single path and the other one more.
    pub fn detailed(&self) -> Side {
        let other = self.focus.side.other();
        if !self.has_several_paths(self.focus.side) && self.has_several_paths(other) {
            other
        } else {
            self.focus.side
        }
    }

    /// Whether the gradient of the cell that is shown on a side comes back on more than one path.
    pub fn has_several_paths(&self, side: Side) -> bool {
        let settings = self
            .sim
            .snapshot
            .as_ref()
            .map_or(&self.sim.settings, |s| &s.settings);
        settings.cell(side).kind.paths().count() > 1
    }

    /// Whether the cell on a side has trained weights of the user's.
    pub fn owns(&self, side: Side) -> bool {
        let settings = &self.sim.settings;
        if self.sim.data.against.is_some() {
            return self.sim.data.trained(settings, side).is_some();
        }
        self.sim.trained.and_then(|kind| settings.side_of(kind)) == Some(side)
    }

    /// Whether one of them has, so that each needs a word for whose it is.
    pub fn owns_one(&self) -> bool {
        Side::BOTH.into_iter().any(|side| self.owns(side))
    }

    /// Whether what the cell on a side does to the gradient is a verdict on it: the user's model is judged
    /// on the user's data alone.
    pub fn judges(&self, side: Side) -> bool {
        self.not_on_data().is_none() || !self.owns(side)
    }

    /// What drives trained weights where it is not the user's own data: `noise`, or another signal.
    pub fn not_on_data(&self) -> Option<&'static str> {
        match self.sim.settings.signal {
            _ if self.sim.trained.is_none() => None,
            Signal::File if self.sim.on_data => None,
            Signal::File if self.sim.data.drawn => Some("embedding rows"),
            // What a layer above others sees of noise is a sequence, too.
            Signal::File => Some("noise"),
            signal => Some(limits::word(limits::SIGNALS, &signal)),
        }
    }

    /// Whether H cannot be changed, because trained weights decide it.
    pub const fn hidden_is_fixed(&self) -> bool {
        self.sim.trained.is_some()
    }

    /// Whether D cannot be changed, because trained weights or the user's sequence decide it.
    pub fn inputs_are_fixed(&self) -> bool {
        self.sim.trained.is_some()
            || (self.sim.has_sequence && self.sim.settings.signal == Signal::File)
    }

    /// Colours and characters as the user has chosen them.
    pub fn look(&self) -> Look {
        let Appearance {
            theme,
            depth,
            colours,
            marker,
            ..
        } = self.look;
        Look {
            theme: Theme::new(theme, depth, colours),
            marker,
        }
    }

    /// The state with a change.
    pub fn with(mut self, change: impl FnOnce(&mut Self)) -> Self {
        change(&mut self);
        self
    }
}
