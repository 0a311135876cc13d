//! The state of the screen.

use std::sync::Arc;

use crate::app::action::{Action, Control};
use crate::app::axis::Axis;
use crate::app::colours::Colours;
use crate::app::edge::Edge;
use crate::app::extents::Extents;
use crate::app::history::History;
use crate::app::keys::Keymap;
use crate::app::layers::Layers;
use crate::app::page::Page;
use crate::cell::CellKind;
use crate::flow::{Flow, Path, PathSet, Question};
use crate::sim::settings::Signal;
use crate::sim::{Command, Settings, Side, Snapshot, Study, StudyRequest};

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
    /// How often the gradient crossed a recurrent matrix.
    Hops,
    /// Eigenvalues, singular values and exponents of the focused cell.
    Spectrum,
    /// A path at the cursor, in formulas and numbers.
    Explain,
    /// All layers of the user's model.
    Layers,
}

impl Screen {
    /// In order of their digits, from 1.
    pub const ALL: [Self; 9] = [
        Self::Flow,
        Self::Paths,
        Self::Gates,
        Self::Settings,
        Self::Presets,
        Self::Hops,
        Self::Spectrum,
        Self::Explain,
        Self::Layers,
    ];

    /// The digit of its key.
    #[must_use]
    pub const fn digit(self) -> u8 {
        match self {
            Self::Flow => 1,
            Self::Paths => 2,
            Self::Gates => 3,
            Self::Settings => 4,
            Self::Presets => 5,
            Self::Hops => 6,
            Self::Spectrum => 7,
            Self::Explain => 8,
            Self::Layers => 9,
        }
    }

    /// The word in the title line.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Flow => "flow",
            Self::Paths => "paths",
            Self::Gates => "gates",
            Self::Settings => "settings",
            Self::Presets => "presets",
            Self::Hops => "hops",
            Self::Spectrum => "spectrum",
            Self::Explain => "explain",
            Self::Layers => "layers",
        }
    }
}

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
    #[must_use]
    pub const fn path(self) -> Option<Path> {
        match self {
            Self::Path(path) => Some(path),
            Self::Nothing | Self::Total => None,
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
    /// The search for the edge, and what it found.
    Edge(Edge),
    /// The command palette: what was typed so far, the cursor in characters, and the selected row.
    Palette {
        /// The text.
        text: String,
        /// The cursor, in characters.
        cursor: usize,
        /// The row, from the best one.
        row: usize,
    },
}

/// Which characters draw curves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
pub enum Marker {
    /// Octants: as many dots as braille, without gaps between them. Few fonts have them, so they
    /// are drawn on request only.
    Octant,
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
    /// The user's own.
    Own,
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
#[allow(
    clippy::struct_excessive_bools,
    reason = "switches that have nothing to do with each other"
)]
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
    /// The side that panels with one cell show.
    pub focus: Side,
    /// The path chosen on the screen of paths or on the page that explains one.
    pub chosen: Chosen,
    /// K as the user chose it: the hop orders that stand by themselves. A window has room for
    /// [`App::most_orders`].
    pub hop_orders: usize,
    /// The row selected in the parameter list.
    pub parameter: usize,
    /// Which recurrent matrix the spectrum shows: a counter that goes round, from all to each.
    pub matrix: usize,
    /// The row selected in the presets.
    pub preset_row: usize,
    /// The first line shown of the text on it.
    pub preset_top: usize,
    /// A path's letter is expected (after `x`).
    pub cutting: bool,
    /// Whether the focused panel fills the screen.
    pub zoom: bool,
    /// The fixed log10 axis, or `None` when it follows the curves.
    pub axis: Option<Axis>,
    /// How far the curves have reached lately, which an axis that follows them keeps room for.
    pub extents: Extents,
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
    /// The message line.
    pub notice: Option<Notice>,
    /// Why there is no window of the present settings, when the worker could not compute one. It
    /// stays on the message line, below whatever a key has to say.
    pub stopped: Option<Notice>,
    /// Progress of long work, 0 to 1.
    pub progress: Option<f64>,
    /// The newest finished study, while the screen shown wants one; `now` and settings in it say of
    /// which window it is.
    pub study: Option<Arc<Study>>,
    /// Progress of the study, 0 to 1, while it takes long.
    pub study_progress: Option<f64>,
    /// The study that the worker was last asked for.
    pub studied: Option<StudyRequest>,
    /// Undo and redo.
    pub history: History,
    /// The kind of cell that trained weights are of, which fix H and D.
    pub trained: Option<CellKind>,
    /// Whether the user brought a sequence, so that the signal may be `File`.
    pub has_sequence: bool,
    /// Which keys do what.
    pub keymap: Keymap,
    /// Whether the process may be suspended: not when nothing could continue it.
    pub may_suspend: bool,
    /// Whether the settings of the screen may be written down.
    pub may_save: bool,
    /// Whether a file may be written at all.
    pub may_write: bool,
    /// What the page that explains a path is about.
    pub page: Page,
    /// What is shown of the model's layers.
    pub layers: Layers,
    /// Where the user put the cursor: t and the T of that moment. The cursor keeps this place in
    /// the window when T changes, without drifting by roundings.
    pub anchor: (usize, usize),
}

impl App {
    /// The state at the start: running, on the first screen, the cursor at 0.7 T, where the paths
    /// have already parted (at T itself there is only the loss).
    ///
    /// `settings` are what is computed first, `preset` what reset goes back to; both are within
    /// their ranges ([`Settings::check`]), and `title` is sanitised. `trained`,
    /// `has_sequence` and `notice` are set by the caller where they apply.
    #[must_use]
    pub fn new(
        settings: Settings,
        preset: Settings,
        title: String,
        presets: Vec<PresetEntry>,
        depth: Depth,
        theme: ThemeName,
        marker: Marker,
    ) -> Self {
        let steps = settings.steps;
        let cursor = (steps * 7 / 10).max(1);
        let preset_row = presets.iter().position(|p| p.name == title).unwrap_or(0);
        Self {
            settings,
            preset,
            title,
            presets,
            snapshot: None,
            running: true,
            screen: Screen::Flow,
            popup: None,
            question: Question::Alone,
            cuts: PathSet::EMPTY,
            cursor,
            selected: Control::Forget,
            focus: Side::Left,
            chosen: Chosen::default(),
            hop_orders: Self::ORDERS,
            parameter: 0,
            matrix: 0,
            preset_row,
            preset_top: 0,
            cutting: false,
            zoom: false,
            axis: None,
            extents: Extents::default(),
            marker,
            theme,
            colours: None,
            own_theme: false,
            own_marker: false,
            depth,
            mouse: false,
            notice: None,
            stopped: None,
            progress: None,
            study: None,
            study_progress: None,
            studied: None,
            history: History::default(),
            trained: None,
            has_sequence: false,
            keymap: Keymap::default(),
            may_suspend: true,
            may_save: true,
            may_write: true,
            page: Page::default(),
            layers: Layers::default(),
            anchor: (cursor, steps),
        }
    }

    /// What the worker must compute for this state; the first one starts it.
    #[must_use]
    pub fn start_command(&self) -> Command {
        Command::Set {
            settings: Box::new(self.settings.clone()),
            cuts: self.cuts,
            question: self.question,
        }
    }

    /// What has to be studied beside the window for the screen that is shown; `None` when it needs
    /// nothing more.
    #[must_use]
    pub fn study(&self) -> Option<StudyRequest> {
        let side = self.focus;
        match self.screen {
            Screen::Hops => Some(StudyRequest::Hops {
                side,
                orders: self.orders(),
            }),
            Screen::Paths if self.settings.detach > 0.0 => Some(StudyRequest::Detach { side }),
            Screen::Spectrum => Some(StudyRequest::Spectrum { side }),
            Screen::Explain => Some(StudyRequest::Explain {
                side: self.focus,
                path: self.chosen.path(),
                t: self.cursor,
                units: self.page.units,
            }),
            Screen::Layers => self.layers.steps.map(|_| StudyRequest::Layers),
            Screen::Flow | Screen::Paths | Screen::Gates | Screen::Settings | Screen::Presets => {
                None
            }
        }
    }

    /// Asks for the study that is wanted now, unless the worker knows of it already. What was found
    /// before is kept until something newer comes, and given up with the last wish.
    pub fn study_command(&mut self) -> Option<Command> {
        let wanted = self.study();
        if wanted == self.studied {
            return None;
        }
        self.studied = wanted;
        self.study_progress = None;
        if wanted.is_none() {
            self.study = None;
        }
        Some(Command::Study(wanted))
    }

    /// Whether the cell in focus has several recurrent matrices, as far as is known.
    #[must_use]
    pub fn has_matrices(&self) -> bool {
        self.focused_flow()
            .is_none_or(|flow| flow.matrices.len() > 1)
    }

    /// The T of the window that is shown: the snapshot's, or that of the settings before the first
    /// one has come; on the screen of layers the model's. The cursor is always within it.
    #[must_use]
    pub fn window(&self) -> usize {
        let live = self.snapshot.as_ref().map(|s| s.steps());
        let shown = self.model_window().or(live);
        shown.unwrap_or(self.settings.steps).max(1)
    }

    /// The window of the cell that panels with one cell show.
    #[must_use]
    pub fn focused_flow(&self) -> Option<&Flow> {
        self.snapshot.as_deref().map(|s| s.flow(self.focus))
    }

    /// The paths of the focused cell that have curves, in order: all but the loss.
    fn curves(&self) -> impl Iterator<Item = Path> {
        let paths = self.focused_flow().into_iter().flat_map(|flow| &flow.paths);
        paths.map(|p| p.path).filter(|path| *path != Path::Loss)
    }

    /// The rows on the screen of paths: the total, and every path that has a curve.
    #[must_use]
    pub fn path_rows(&self) -> usize {
        1 + self.curves().count()
    }

    /// The row selected there: 0 is the total, then the paths in their order.
    #[must_use]
    pub fn path_row(&self) -> usize {
        let first = usize::from(self.curves().next().is_some());
        match self.chosen {
            Chosen::Nothing => first,
            Chosen::Total => 0,
            Chosen::Path(path) => {
                let row = self.curves().position(|its| its == path);
                row.map_or(first, |row| row + 1)
            }
        }
    }

    /// What a row there is.
    pub(super) fn of_path_row(&self, row: usize) -> Chosen {
        let path = row.checked_sub(1).and_then(|row| self.curves().nth(row));
        path.map_or(Chosen::Total, Chosen::Path)
    }

    /// The side whose paths and gates are shown where there is room for one cell's: the focused one,
    /// unless that cell has a single path and the other one more.
    #[must_use]
    pub fn detailed(&self) -> Side {
        let other = self.focus.other();
        if !self.has_several_paths(self.focus) && self.has_several_paths(other) {
            other
        } else {
            self.focus
        }
    }

    /// Whether the gradient of the cell that is shown on a side comes back on more than one path.
    #[must_use]
    pub fn has_several_paths(&self, side: Side) -> bool {
        let settings = self
            .snapshot
            .as_ref()
            .map_or(&self.settings, |s| &s.settings);
        settings.cell(side).kind.paths().count() > 1
    }

    /// K of the hop orders at the start.
    pub const ORDERS: usize = 40;

    /// The largest K for the window: its steps, or where the norms of all orders would be too many
    /// to keep (16 MB for two million).
    #[must_use]
    pub fn most_orders(&self) -> usize {
        let steps = self.settings.steps.max(1);
        steps.min(2_000_000 / steps)
    }

    /// K of the hop orders for the window.
    #[must_use]
    pub fn orders(&self) -> usize {
        self.hop_orders.min(self.most_orders())
    }

    /// Whether an action is open to the user of this program at all.
    #[must_use]
    pub const fn permits(&self, action: Action) -> bool {
        match action {
            Action::Suspend => self.may_suspend,
            Action::SaveSettings => self.may_save,
            Action::WritePage => self.may_write,
            _ => true,
        }
    }

    /// Whether H cannot be changed, because trained weights decide it.
    #[must_use]
    pub const fn hidden_is_fixed(&self) -> bool {
        self.trained.is_some()
    }

    /// Whether D cannot be changed, because trained weights or the user's sequence decide it.
    #[must_use]
    pub fn inputs_are_fixed(&self) -> bool {
        self.trained.is_some() || (self.has_sequence && self.settings.signal == Signal::File)
    }
}
