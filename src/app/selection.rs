//! What is selected: the cursor's step t in the window, a control, a path.

use crate::app::action::Control;
use crate::app::effect::{Effect, changed};
use crate::app::parameters::{Next, Parameter};
use crate::app::scroll::Scroll;
use crate::app::state::{App, Chosen};
use crate::app::{controls, steps};

/// Selects the next (+1) or previous control, in a round.
pub(super) fn select_control(app: &mut App, by: i32) -> Effect {
    let all = Control::ALL;
    let here = all.iter().position(|c| *c == app.focus.control);
    let to = steps::turn(here.unwrap_or(0), by, all.len());
    changed(&mut app.focus.control, all[to])
}

/// Puts the selected control back as the preset has it.
pub(super) fn reset_control(app: &mut App) -> Effect {
    let settings = controls::reset(app, app.focus.control);
    app.put_back(Ok(settings.into()), app.focus.control.name())
}

/// The row of a list that is so many rows further, or its end.
pub(super) fn moved(row: usize, by: i32, count: usize) -> usize {
    steps::moved(row, by, count.saturating_sub(1))
}

impl App {
    /// The T of the window that is shown: the snapshot's, or that of the settings before the first
    /// one has come; on a screen with a time axis of its own, that one's. The cursor is always within
    /// it.
    pub fn window(&self) -> usize {
        let live = self.sim.snapshot.as_ref().map(|s| s.steps());
        let shown = (self.screen.room().window)(self).or(live);
        shown.unwrap_or(self.sim.settings.steps).max(1)
    }

    pub(super) fn put_cursor(&mut self, t: usize) -> Effect {
        let t = t.clamp(1, self.window());
        self.focus.anchor = (t, self.window());
        changed(&mut self.focus.cursor, t)
    }

    /// Puts the cursor where the user had it in a window that may have another T.
    pub(super) fn place_cursor(&mut self) {
        let (t, of) = self.focus.anchor;
        let (steps, window) = (of.max(2) - 1, self.window());
        // (t − 1) / (T − 1) of the new window, rounded to the nearest step.
        let moved = (t.saturating_sub(1) * (window - 1) * 2 + steps) / (steps * 2);
        self.focus.cursor = (1 + moved).clamp(1, window);
    }

    /// Selects a control, on the parameter list its row; whether that moved anything.
    pub(super) fn select_control(&mut self, control: Control) -> bool {
        let row = Parameter::row_of(control);
        let moved = self.focus.control != control || self.screens.settings.row != row;
        self.focus.control = control;
        self.screens.settings.row = row;
        moved
    }

    /// Changes a control, and says what there is to know about its new value.
    pub(super) fn step_control(&mut self, control: Control, n: i32) -> Effect {
        let effect = self.try_next(controls::step(self, control, n).map(Next::from));
        let view = controls::view(self, control);
        if let (None, Some(warning)) = (&self.notice, view.warning) {
            self.say(&format!("{}: {}", view.name, warning.words));
        }
        effect
    }

    /// Sets a value back to the preset's, and says so when it is that already.
    pub(super) fn put_back(&mut self, next: Result<Next, String>, name: &str) -> Effect {
        match self.try_next(next) {
            Effect::Unchanged if self.notice.is_none() => {
                self.say(&format!("{name} is as the preset has it"))
            }
            effect => effect,
        }
    }

    /// Chooses a path for every screen that shows one.
    pub(super) fn choose_path(&mut self, chosen: Chosen) -> Effect {
        if self.focus.path.path() != chosen.path() {
            self.screens.explain.page = Scroll::default();
        }
        changed(&mut self.focus.path, chosen)
    }
}
