//! What a screen is: everything that the program asks of one.

use ratatui::layout::Rect;

use crate::app::action::Action;
use crate::app::effect::Effect;
use crate::app::entry::{self, Entry};
use crate::app::frame::title;
use crate::app::has::Has;
use crate::app::keys::row::Binding;
use crate::app::layout::Plan;
use crate::app::scroll::Scroll;
use crate::app::size;
use crate::app::state::App;
use crate::app::{edge, selection};
use crate::sim::edge::Knob;
use crate::sim::{Command, StudyRequest};

/// A screen: what it has, and functions of the state. Its file names what differs from
/// [`Room::CHART`].
#[derive(Debug)]
pub struct Room {
    /// What it has of the things that several screens have, which decides which of their keys work.
    pub has: Has,
    /// The keys of its own actions.
    pub keys: &'static [Binding],
    /// What is said where one of its own actions is asked for on another screen.
    pub only: &'static str,
    /// The smallest screen that it needs; on a smaller one, both totals stand in for it.
    pub least: (u16, u16),
    /// Which panels lie where, on what title and hints leave.
    pub plan: fn(&App, &mut Plan, Rect),
    /// What the worker studies for it beside the window.
    pub study: fn(&App) -> Option<StudyRequest>,
    /// The T of its time axis, where that is not the live window's.
    pub window: fn(&App) -> Option<usize>,
    /// The text that scrolls.
    pub scroll: fn(&mut App) -> Option<&mut Scroll>,
    /// Selects the next (+1) or previous of what is selected here.
    pub select: fn(&mut App, i32) -> Effect,
    /// Changes what is selected by so many fine steps.
    pub adjust: fn(&mut App, i32) -> Effect,
    /// Puts what is selected back as the preset has it.
    pub reset: fn(&mut App) -> Effect,
    /// Chooses the selected row.
    pub choose: fn(&mut App) -> Effect,
    /// Pauses what runs on it, or has it run.
    pub pause: fn(&mut App) -> Effect,
    /// Pauses it and has it go one step forward.
    pub step: fn(&mut App) -> Effect,
    /// Whether it runs.
    pub runs: fn(&App) -> bool,
    /// What stands at the right of the title line, longest version first; each fits where the one before
    /// does not.
    pub state: fn(&App) -> Vec<String>,
    /// Leaves what can be left on it, one thing at a time; whether there was anything.
    pub leave: fn(&mut App) -> bool,
    /// What is typed here, when a value is; `None` where nothing can be typed.
    pub entry: fn(&App) -> Option<Entry>,
    /// What the search for the edge tunes, and its present value.
    pub knob: fn(&App) -> Option<(Knob, f64)>,
    /// Whether a key is worth a hint at the moment, of those that work here.
    pub hinted: fn(&App, Action) -> bool,
}

impl Room {
    /// A chart of the live cells with the controls below it.
    pub const CHART: Self = Self {
        has: Has::CHARTED,
        keys: &[],
        only: "",
        least: size::SMALL,
        plan: |_, _, _| {},
        study: |_| None,
        window: |_| None,
        scroll: |_| None,
        select: selection::select_control,
        adjust: |app, n| app.step_control(app.focus.control, n),
        reset: selection::reset_control,
        choose: |_| Effect::Unchanged,
        pause: App::toggle_pause,
        step: |app| app.pause_and(Command::Forward),
        runs: |app| app.sim.running,
        state: title::states,
        leave: |_| false,
        entry: |app| Some(entry::of_control(app)),
        knob: edge::knob_of_control,
        hinted: |_, _| true,
    };

    /// A list of rows, as large as the screen.
    pub const LIST: Self = Self {
        has: Has::LISTED,
        least: size::TINY,
        ..Self::CHART
    };
}
